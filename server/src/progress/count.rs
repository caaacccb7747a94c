//! What head office knows of some routes on a day: counted per route, and each stop's state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::SheetFacts;
use shared::facts::flags::{Flag, Flagged, flag_visits};
use shared::ids::{PersonId, RetailerId, RouteId};
use shared::limits;
use shared::reference::{Reference, Retailer};
use shared::scheme::scheme_of;
use shared::time::Month;

use super::Counts;
use super::money::Money;
use crate::directory::{Directory, load_scoped};
use crate::error::{ApiError, ApiResult};
use crate::scores::slice::{Slice, Wanted, calendar};
use crate::state::App;
use crate::store::ScopedKind;

/// One route on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteDay {
    pub name: String,
    pub counts: Counts,
    /// The planned stops in their order, then other shops that were visited.
    pub stops: Vec<Stop>,
}

/// A shop on a route's day.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Stop {
    #[schema(value_type = String)]
    pub retailer_id: RetailerId,
    pub name: String,
    /// Microdegrees.
    pub lat_e6: Option<i32>,
    pub lon_e6: Option<i32>,
    pub planned: bool,
    pub state: StopState,
    /// The visit that counts, else the first.
    pub visit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopState {
    /// Nothing is known of it.
    Open,
    /// Visited, but no visit is effective.
    Visited,
    Effective,
    /// Reported as missed.
    Missed,
}

/// The routes that are planned on the day or have a sheet, and that somebody is responsible for.
pub fn routes_of_day(app: &App, directory: &Directory, date: Date) -> ApiResult<BTreeSet<RouteId>> {
    of_day(app, directory, date, |_| true)
}

/// Those of some routes that belong to a day: facts of a day may concern a route that is neither planned nor worked on it.
pub fn among(app: &App, directory: &Directory, date: Date, routes: &BTreeSet<RouteId>) -> ApiResult<BTreeSet<RouteId>> {
    of_day(app, directory, date, |route| routes.contains(route))
}

fn of_day(app: &App, directory: &Directory, date: Date, wanted: impl Fn(&RouteId) -> bool) -> ApiResult<BTreeSet<RouteId>> {
    let (district, month) = (&directory.reference, Month::of(date));
    let asked = |route: &RouteId| wanted(route) && district.responsible(route.as_str(), date).is_some();
    let mut all: BTreeSet<RouteId> = app.store.routes_with_sheets(date, date)?;
    let mut planned = Reference::default();
    let calendars: Vec<ScopedKind> = district.routes.keys().filter(|route| asked(route)).map(|route| calendar(route, month)).collect();
    load_scoped(app.store.as_ref(), &mut planned, &calendars)?;
    all.extend(planned.calendar.into_iter().filter(|(_, dates)| dates.contains(&date)).map(|((route, _), _)| route));
    all.retain(asked);
    Ok(all)
}

/// Counts routes, each under whoever is responsible for it that day; one that nobody is responsible for is left out. Whoever
/// calls has made sure that the sheets' neighbours are noted ([`crate::materialise::neighbours::ensure`]), holding nothing that materialising
/// waits for.
pub fn count(
    app: &App,
    directory: &Directory,
    date: Date,
    routes: &BTreeSet<RouteId>,
) -> ApiResult<BTreeMap<RouteId, (PersonId, RouteDay)>> {
    let (district, month) = (&directory.reference, Month::of(date));
    let scheme = scheme_of(district, month).map_err(ApiError::internal)?;
    let mut out = BTreeMap::new();
    for routes in routes.iter().collect::<Vec<_>>().chunks(limits::SCORE_ROUTES) {
        let routes: BTreeSet<RouteId> = routes.iter().map(|route| (*route).clone()).collect();
        let wanted = Wanted { routes: routes.clone(), people: BTreeSet::new(), month, first: date, last: date };
        let Slice { reference, visits, sheets } = Slice::read(app.store.as_ref(), directory, &wanted)?;
        let flagged = scheme.as_ref().map_or_else(Vec::new, |scheme| flag_visits(&visits, &reference, &directory.zone, &scheme.visits));
        let mut by_route: BTreeMap<&RouteId, Vec<&Flagged<'_>>> = BTreeMap::new();
        flagged.iter().for_each(|visit| by_route.entry(&visit.visit.route).or_default().push(visit));
        let mut stops = stops_by_route(&reference, date);
        for route in &routes {
            let Some(person) = district.responsible(route.as_str(), date) else { continue };
            let stops = stops.remove(route).filter(|_| reference.planned(route, date)).unwrap_or_default();
            let of_route = OfRoute {
                reference: &reference,
                date,
                stops,
                visits: by_route.remove(route).unwrap_or_default(),
                sheet: sheets.iter().find(|sheet| sheet.route == *route),
            };
            let name = district.routes.get(route).cloned().unwrap_or_default();
            out.insert(route.clone(), (person.clone(), RouteDay { name, counts: of_route.counts(), stops: of_route.stops() }));
        }
    }
    Ok(out)
}

type Stops<'a> = Vec<(&'a RetailerId, &'a Retailer)>;

/// As [`Reference::stops`], of all routes at once.
fn stops_by_route(reference: &Reference, date: Date) -> BTreeMap<RouteId, Stops<'_>> {
    let mut out: BTreeMap<RouteId, Stops<'_>> = BTreeMap::new();
    for id in reference.retailers.keys() {
        if let Some(shop) = reference.retailer_on(id.as_str(), date)
            && let Some(route) = &shop.route
        {
            out.entry(route.clone()).or_default().push((id, shop));
        }
    }
    out.values_mut().for_each(|stops| stops.sort_by_key(|(id, shop)| (shop.sequence, (*id).clone())));
    out
}

struct OfRoute<'a> {
    reference: &'a Reference,
    date: Date,
    /// Planned.
    stops: Stops<'a>,
    visits: Vec<&'a Flagged<'a>>,
    sheet: Option<&'a SheetFacts>,
}

impl OfRoute<'_> {
    fn counts(&self) -> Counts {
        let mut counts = Counts { planned: self.stops.len() as u64, ..Counts::default() };
        let (mut visited, mut effective, mut checked) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for flagged in &self.visits {
            let visit = flagged.visit;
            counts.visits += 1;
            visited.insert(&visit.retailer);
            flagged.flags.iter().for_each(|flag| *counts.flags.entry(flag).or_default() += 1);
            if flagged.effective {
                effective.insert(&visit.retailer);
                counts.order_cartons += visit.order.values().sum::<i64>();
                counts.orders += u64::from(visit.order.values().any(|cartons| cartons > 0));
                for (sku, cartons) in visit.order.iter() {
                    match self.reference.skus.get(sku) {
                        Some(info) => counts.order_value.add(Money::of(cartons, info.wholesale_price)),
                        None => counts.unpriced_cartons += cartons,
                    }
                }
                if !visit.stock.is_empty() {
                    checked.insert(&visit.retailer);
                }
            }
        }
        let missed: BTreeSet<&RetailerId> = self.sheet.iter().flat_map(|sheet| &sheet.missed).map(|stop| &stop.retailer).collect();
        counts.missed = missed.difference(&visited).count() as u64;
        counts.faults = self.sheet.map(|sheet| sheet.faults.clone()).unwrap_or_default();
        counts.visited = visited.len() as u64;
        counts.effective = effective.len() as u64;
        counts.stock_checked = checked.len() as u64;
        counts
    }

    fn stops(&self) -> Vec<Stop> {
        let planned: BTreeSet<&RetailerId> = self.stops.iter().map(|(id, _)| *id).collect();
        let mut others: Vec<&RetailerId> =
            self.visits.iter().map(|visit| &visit.visit.retailer).filter(|id| !planned.contains(id)).collect();
        others.dedup();
        let shop = |id: &RetailerId| self.reference.retailer_on(id.as_str(), self.date);
        let stops = self.stops.iter().map(|(id, row)| self.stop(id, Some(row), true));
        stops.chain(others.into_iter().map(|id| self.stop(id, shop(id), false))).collect()
    }

    fn stop(&self, id: &RetailerId, shop: Option<&Retailer>, planned: bool) -> Stop {
        let of_shop = || self.visits.iter().filter(|visit| visit.visit.retailer == *id);
        let visit = of_shop().find(|visit| visit.effective).or_else(|| of_shop().next());
        let missed = || self.sheet.is_some_and(|sheet| sheet.missed.iter().any(|stop| stop.retailer == *id));
        let state = match visit {
            Some(visit) if visit.effective => StopState::Effective,
            Some(_) => StopState::Visited,
            None if missed() => StopState::Missed,
            None => StopState::Open,
        };
        let position = shop.and_then(|shop| shop.position);
        Stop {
            retailer_id: id.clone(),
            name: shop.map_or_else(|| id.to_string(), |shop| shop.name.clone()),
            lat_e6: position.map(|position| position.lat_e6),
            lon_e6: position.map(|position| position.lon_e6),
            planned,
            state,
            visit: visit.map(|visit| visit.visit.visit.to_string()),
        }
    }
}

/// How many visits have a conflict.
pub fn conflicts(counts: &Counts) -> u64 {
    counts.flags.get(&Flag::Conflict).copied().unwrap_or(0)
}
