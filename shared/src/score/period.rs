//! What one run reads, indexed: the days of the period, the flagged visits, the shops and sales of each route, the
//! routes of each person. Everything that is credited to a person is listed here, by iterators that the score adds up
//! and the receipt prints, so that both rest on the same rows.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Inputs;
use crate::facts::Visit;
use crate::facts::flags::{Flagged, flag_visits};
use crate::ids::{EventId, PersonId, RetailerId, RouteId, Sku};
use crate::reference::{Event, Reference, Retailer, SalesBlock, SkuInfo, Target};
use crate::scheme::Scheme;
use crate::time::{Month, Zone};

/// The period of a run with its indices.
pub(super) struct Period<'a> {
    pub reference: &'a Reference,
    pub scheme: &'a Scheme,
    pub month: Month,
    /// min(`as_of`, month end): the last day that counts.
    pub cut: Date,
    /// The month's visits up to the cut, by date, then retailer.
    pub visits: Vec<Flagged<'a>>,
    /// SKUs of the district, ascending; everything else names them by their index here.
    pub skus: Vec<(&'a Sku, &'a SkuInfo)>,
    /// False: the district or its zone is unknown, and days were taken in UTC.
    pub zone_known: bool,
    /// Retailer → its latest effective stock check.
    checks: BTreeMap<&'a RetailerId, &'a Visit>,
    /// Route → shops that are or were on it.
    shops: BTreeMap<&'a RouteId, Vec<&'a RetailerId>>,
    sales: BTreeMap<&'a RouteId, Vec<(Date, &'a SalesBlock)>>,
    /// Person → routes that they own or stand in for on a day of the month.
    routes: BTreeMap<&'a PersonId, Vec<&'a RouteId>>,
    events: BTreeMap<&'a PersonId, Vec<(&'a EventId, &'a Event)>>,
}

/// A sales row that is credited to somebody.
#[derive(Clone, Copy)]
pub(super) struct Sale<'a> {
    pub date: Date,
    pub route: &'a RouteId,
    pub retailer: &'a RetailerId,
    pub sku: &'a Sku,
    /// None: the district doesn't know the SKU.
    pub index: Option<usize>,
    pub packs: i64,
    /// × 10^-`scale`.
    pub value: i64,
    pub scale: u32,
}

/// A shop that was to be visited on a day.
#[derive(Clone, Copy)]
pub(super) struct Stop<'a> {
    pub date: Date,
    pub route: &'a RouteId,
    pub retailer: &'a RetailerId,
}

impl<'a> Period<'a> {
    pub fn new(inputs: &Inputs<'a>) -> Self {
        let Inputs { reference, scheme, visits, month, as_of, .. } = *inputs;
        let cut = as_of.map_or(month.last_day(), |as_of| as_of.min(month.last_day()));
        let counts = |date: Date| Month::of(date) == month && date <= cut;
        let zone = reference.org.as_ref().and_then(|org| Zone::named(&org.timezone).ok());
        let zone_known = zone.is_some();
        let zone = zone.unwrap_or_else(|| Zone::named("UTC").expect("every zone table has UTC"));
        let visits = flag_visits(visits.iter().filter(|visit| counts(visit.date)), reference, &zone, &scheme.visits);
        let mut sales: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((date, route), block) in reference.sales.iter().filter(|((date, _), _)| counts(*date)) {
            sales.entry(route).or_default().push((*date, block));
        }
        let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, event) in reference.events.iter().filter(|(_, event)| counts(event.date)) {
            events.entry(&event.person).or_default().push((id, event));
        }
        Self {
            checks: latest_checks(&visits),
            skus: reference.skus.iter().collect(),
            shops: shops_by_route(reference),
            routes: routes_by_person(reference, month.first_day().min(cut), month.last_day()),
            reference,
            scheme,
            month,
            cut,
            visits,
            zone_known,
            sales,
            events,
        }
    }

    /// Routes with shops, ascending.
    pub fn routes_with_shops(&self) -> impl Iterator<Item = &'a RouteId> {
        self.shops.keys().copied()
    }

    /// The routes that a person owns or stands in for on a day of the month, ascending.
    pub fn routes_of(&self, person: &PersonId) -> &[&'a RouteId] {
        self.routes.get(person).map_or(&[], Vec::as_slice)
    }

    pub fn targets_of(&self, person: &PersonId) -> &'a [Target] {
        self.reference.targets.get(&(person.clone(), self.month)).map_or(&[], Vec::as_slice)
    }

    /// Events of a person up to the cut, by id.
    pub fn events_of(&self, person: &PersonId) -> &[(&'a EventId, &'a Event)] {
        self.events.get(person).map_or(&[], Vec::as_slice)
    }

    pub fn sku_index(&self, sku: &Sku) -> Option<usize> {
        self.skus.binary_search_by(|(known, _)| (*known).cmp(sku)).ok()
    }

    /// The shops on a route on a day, with their rows.
    pub fn shops_on(&self, route: &'a RouteId, day: Date) -> impl Iterator<Item = (&'a RetailerId, &'a Retailer)> {
        let shops = self.shops.get(route).map_or(&[][..], Vec::as_slice);
        let with_row = shops.iter().filter_map(move |id| Some((*id, self.reference.retailer_on(id.as_str(), day)?)));
        with_row.filter(move |(_, row)| row.route.as_ref() == Some(route))
    }

    /// Sales credited to a person: to the owner of the shop's route on the day of the sale.
    pub fn sales_of(&self, person: &PersonId) -> impl Iterator<Item = Sale<'a>> {
        let owned = move |route: &RouteId, date| self.reference.owner(route.as_str(), date) == Some(person);
        self.routes_of(person).iter().flat_map(move |route| {
            let blocks = self.blocks(route).filter(move |(date, _)| owned(route, *date));
            blocks.flat_map(move |(date, block)| {
                self.rows(route, date, block, move |shop| self.reference.route_on(shop.as_str(), date) == Some(*route))
            })
        })
    }

    /// Sales of the period filed with a route whose shop is closed or on another route that day: nobody's.
    pub fn stray_sales(&self, route: &'a RouteId) -> impl Iterator<Item = Sale<'a>> {
        self.blocks(route).flat_map(move |(date, block)| {
            self.rows(route, date, block, move |shop| self.reference.route_on(shop.as_str(), date) != Some(route))
        })
    }

    /// Sales of the period to any of the shops (ascending), whoever owned their route then.
    pub fn sales_to<'s>(&'s self, shops: &'s [&'a RetailerId]) -> impl Iterator<Item = Sale<'a>> + 's {
        let rows = shops.iter().filter_map(|shop| self.reference.retailers.get(*shop)).flatten();
        let mut routes: Vec<&'a RouteId> = rows.filter_map(|row| row.route.as_ref()).collect();
        routes.sort_unstable();
        routes.dedup();
        routes.into_iter().flat_map(move |route| {
            self.blocks(route).flat_map(move |(date, block)| self.rows(route, date, block, |shop| shops.binary_search(&shop).is_ok()))
        })
    }

    fn blocks(&self, route: &RouteId) -> impl Iterator<Item = (Date, &'a SalesBlock)> {
        self.sales.get(route).into_iter().flatten().copied()
    }

    /// The rows of a block whose shop `counts`.
    fn rows<F: Fn(&RetailerId) -> bool>(
        &self,
        route: &'a RouteId,
        date: Date,
        block: &'a SalesBlock,
        counts: F,
    ) -> impl Iterator<Item = Sale<'a>> + use<'a, F> {
        let shops: Vec<bool> = block.retailers.iter().map(counts).collect();
        let skus: Vec<Option<usize>> = block.skus.iter().map(|sku| self.sku_index(sku)).collect();
        block.rows.iter().filter_map(move |row| {
            let (shop, sku) = (usize::from(row.retailer), usize::from(row.sku));
            shops.get(shop).copied().unwrap_or(false).then_some(())?;
            Some(Sale {
                date,
                route,
                retailer: &block.retailers[shop],
                sku: block.skus.get(sku)?,
                index: skus[sku],
                packs: row.packs,
                value: row.value,
                scale: block.scale,
            })
        })
    }

    /// Planned stops of the days from the month's first to `last` that a person answers for: the substitute of the
    /// day, else the owner.
    pub fn stops_of(&self, person: &PersonId, last: Date) -> impl Iterator<Item = Stop<'a>> {
        self.routes_of(person).iter().flat_map(move |route| {
            let dates = self.reference.calendar.get(&((*route).clone(), self.month)).into_iter().flatten().copied();
            let theirs = dates.filter(move |date| *date <= last && self.reference.responsible(route.as_str(), *date) == Some(person));
            theirs.flat_map(move |date| self.shops_on(route, date).map(move |(retailer, _)| Stop { date, route, retailer }))
        })
    }

    /// The visits to a shop on a day, by check-in.
    pub fn visits_to(&self, retailer: &RetailerId, date: Date) -> &[Flagged<'a>] {
        let from = self.visits.partition_point(|f| (f.visit.date, &f.visit.retailer) < (date, retailer));
        let rest = &self.visits[from..];
        &rest[..rest.partition_point(|f| (f.visit.date, &f.visit.retailer) == (date, retailer))]
    }

    /// The latest effective visit of the period to a shop that has a stock line.
    pub fn latest_check(&self, retailer: &RetailerId) -> Option<&'a Visit> {
        self.checks.get(retailer).copied()
    }
}

fn latest_checks<'a>(visits: &[Flagged<'a>]) -> BTreeMap<&'a RetailerId, &'a Visit> {
    let mut out: BTreeMap<&RetailerId, &Visit> = BTreeMap::new();
    // Sorted by date, then check-in and visit id within a shop: a later one takes the place.
    for flagged in visits.iter().filter(|f| f.effective && !f.visit.stock.is_empty()) {
        out.insert(&flagged.visit.retailer, flagged.visit);
    }
    out
}

fn shops_by_route(reference: &Reference) -> BTreeMap<&RouteId, Vec<&RetailerId>> {
    let mut out: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (retailer, rows) in &reference.retailers {
        for route in rows.iter().filter_map(|row| row.route.as_ref()) {
            let shops = out.entry(route).or_default();
            if shops.last() != Some(&retailer) {
                shops.push(retailer);
            }
        }
    }
    out
}

fn routes_by_person(reference: &Reference, first: Date, last: Date) -> BTreeMap<&PersonId, Vec<&RouteId>> {
    let mut out: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (route, assignments) in &reference.assignments {
        for assignment in assignments.iter().filter(|a| a.touches(first, last)) {
            let routes = out.entry(&assignment.person).or_default();
            if routes.last() != Some(&route) {
                routes.push(route);
            }
        }
    }
    out
}
