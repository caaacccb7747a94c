//! Shops: the list to search, one shop's file with its past, and the week.

use jiff::civil::Date;
use serde::Serialize;
use shared::doc::ShopFile;
use shared::facts::{Lines, Position};
use shared::ids::{RetailerId, RouteId, VisitId};
use shared::reference::Reference;
use shared::time::{days, days_before, monday_of};
use shared::week::{kept, route_note};

use super::brief::{Brief, Past, rows_of};
use super::{Named, SALES_DAYS, named, person_name, route_name, shop_row};
use crate::Error;
use crate::device::{Begun, Device};
use crate::store::Db;

/// How many of the route's sheets a shop's history reads.
const HISTORY_SHEETS: usize = 30;

/// A shop as every screen about it is headed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShopHeader {
    pub retailer: RetailerId,
    pub name: String,
    pub route: Option<RouteId>,
    pub route_name: String,
    pub sequence: Option<u32>,
    pub grade: Option<u8>,
    pub area: Option<shared::reference::Area>,
    pub format: String,
    pub position: Option<Position>,
}

impl ShopHeader {
    pub(super) fn of(reference: &Reference, retailer: &RetailerId, date: Date) -> Self {
        let row = shop_row(reference, retailer, date);
        let route = row.and_then(|row| row.route.clone());
        Self {
            name: row.map_or_else(|| retailer.to_string(), |row| row.name.clone()),
            route_name: route.as_ref().map(|route| route_name(reference, route)).unwrap_or_default(),
            sequence: row.map(|row| row.sequence),
            grade: row.map(|row| row.grade),
            area: row.map(|row| row.area),
            format: row.map(|row| row.format.clone()).unwrap_or_default(),
            position: row.and_then(|row| row.position),
            retailer: retailer.clone(),
            route,
        }
    }
}

/// A shop in the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShopListed {
    pub retailer: RetailerId,
    pub name: String,
    pub route: RouteId,
    pub route_name: String,
    pub sequence: u32,
    pub grade: u8,
}

/// One visit of a shop's past.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastVisit {
    pub visit: VisitId,
    pub date: Date,
    pub person: String,
    pub in_ms: i64,
    pub out_ms: Option<i64>,
    /// Packs on the shelf and in the back, all SKUs; none: not counted.
    pub packs: Option<i64>,
    pub out: Vec<Named>,
    pub cartons: i64,
    pub order: Lines,
    pub note: String,
}

/// Packs invoiced in a week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekSold {
    /// Its Monday.
    pub monday: Date,
    pub packs: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShopScreen {
    pub shop: ShopHeader,
    pub file: ShopFile,
    pub brief: Brief,
    /// The latest first.
    pub visits: Vec<PastVisit>,
    /// Oldest first.
    pub sold: Vec<WeekSold>,
}

/// One day of a week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekDay {
    pub date: Date,
    pub route: RouteId,
    pub route_name: String,
    pub planned: usize,
    pub visited: usize,
    pub missed: usize,
    /// The day's own words.
    pub diary: String,
    /// For whoever stands in on the route.
    pub note: String,
    /// What was typed of the two and not written.
    pub diary_typed: Option<String>,
    pub note_typed: Option<String>,
}

/// The diary of a week, by day and route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Week {
    pub monday: Date,
    pub days: Vec<WeekDay>,
}

impl Device {
    /// Every open shop of the routes that this phone holds, by route and sequence.
    pub fn shops(&mut self) -> Result<Vec<ShopListed>, Error> {
        let (reference, date) = (self.reference()?, self.date()?);
        let listed = |route: &RouteId| {
            let stops = reference.stops(route.as_str(), date).into_iter();
            stops
                .map(|(retailer, row)| ShopListed {
                    retailer: retailer.clone(),
                    name: row.name.clone(),
                    route: route.clone(),
                    route_name: route_name(&reference, route),
                    sequence: row.sequence,
                    grade: row.grade,
                })
                .collect::<Vec<_>>()
        };
        Ok(reference.routes.keys().flat_map(listed).collect())
    }

    pub fn shop_screen(&mut self, retailer: &RetailerId) -> Result<ShopScreen, Error> {
        let (reference, date) = (self.reference()?, self.date()?);
        let (file, db) = (self.shop_file(retailer)?, self.store.db());
        let shop = ShopHeader::of(&reference, retailer, date);
        let (mut brief, mut visits, mut sold) = (Brief::default(), Vec::new(), Vec::new());
        if let Some(route) = &shop.route {
            brief = Past::of(db, route, date)?.brief(&reference, &file, retailer);
            visits = past_visits(db, &reference, route, retailer, date)?;
            sold = weeks_sold(db, route, retailer, date)?;
        }
        Ok(ShopScreen { shop, file, brief, visits, sold })
    }

    /// The week of a date: what was planned and done each day, and its diary.
    pub fn week_days(&mut self, date: Date) -> Result<Week, Error> {
        let (reference, person) = (self.reference()?, self.person()?);
        let (monday, of) = (monday_of(date), shared::time::Week::of(date));
        let mut out = Vec::new();
        for day in days(monday, days_before(monday, -6)) {
            for route in self.today(day)?.routes {
                let mine = reference.responsible(route.route.as_str(), day) == Some(&person);
                if !mine && route.stops.iter().all(|stop| stop.visits.is_empty()) {
                    continue;
                }
                let typed = |begun: Begun| self.store.db().draft(&begun.step());
                out.push(WeekDay {
                    diary_typed: typed(Begun::Diary(route.route.clone(), day))?,
                    note_typed: typed(Begun::RouteNote(route.route.clone(), day))?,
                    date: day,
                    route_name: route.name.clone(),
                    planned: if route.planned { route.stops.iter().filter(|stop| stop.sequence.is_some()).count() } else { 0 },
                    visited: route.stops.iter().filter(|stop| !stop.visits.is_empty()).count(),
                    missed: route.stops.iter().filter(|stop| stop.visits.is_empty() && stop.missed.is_some()).count(),
                    diary: route_note::without(kept::own_words(&route.diary, of, &person)),
                    note: route_note::find(&route.diary).unwrap_or_default().into(),
                    route: route.route,
                });
            }
        }
        Ok(Week { monday, days: out })
    }
}

fn past_visits(db: Db<'_>, reference: &Reference, route: &RouteId, retailer: &RetailerId, date: Date) -> Result<Vec<PastVisit>, Error> {
    let sheets = db.sheets_before(route, days_before(date, -1), HISTORY_SHEETS)?;
    let visits = sheets.into_iter().flat_map(|sheet| sheet.visits).filter(|visit| visit.retailer == *retailer);
    let past = |visit: shared::facts::Visit| PastVisit {
        person: person_name(reference, &visit.person),
        packs: (!visit.stock.is_empty()).then(|| visit.stock.values().sum()),
        out: visit.stock.iter().filter(|(_, packs)| *packs == 0).map(|(sku, _)| named(reference, sku)).collect(),
        cartons: visit.order.values().sum(),
        visit: visit.visit,
        date: visit.date,
        in_ms: visit.in_ms,
        out_ms: visit.out_ms,
        order: visit.order,
        note: visit.note,
    };
    Ok(visits.map(past).collect())
}

/// Each of the last eight weeks, also those in which nothing was sold.
fn weeks_sold(db: Db<'_>, route: &RouteId, retailer: &RetailerId, date: Date) -> Result<Vec<WeekSold>, Error> {
    let first = monday_of(days_before(date, SALES_DAYS - 7));
    let mut weeks: Vec<WeekSold> = (0..SALES_DAYS / 7).map(|week| WeekSold { monday: days_before(first, -7 * week), packs: 0 }).collect();
    for (day, block) in db.sales_of(route, first, date)? {
        let packs: i64 = rows_of(&block, retailer).map(|(_, packs)| packs).sum();
        if let Some(week) = weeks.iter_mut().find(|week| week.monday == monday_of(day)) {
            week.packs += packs;
        }
    }
    Ok(weeks)
}
