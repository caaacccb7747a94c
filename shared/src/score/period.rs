//! What one run reads, indexed: the days of the period, the flagged visits, the shops and sales of each route, the
//! routes of each person. Everything that is credited to a person is listed here, by iterators that the score adds up
//! and the receipt prints, so that both rest on the same rows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Inputs;
pub(super) use super::sales::Sale;
use super::sales::{Block, Skus};
use crate::facts::Visit;
use crate::facts::flags::{Flagged, flag_visits};
use crate::ids::{DisputeId, EventId, IndicatorId, PersonId, RetailerId, RouteId};
use crate::reference::{Dispute, Event, Reference, Retailer, Ruling, Target, Transfer};
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
    pub skus: Skus<'a>,
    /// False: the district or its zone is unknown, and days were taken in UTC.
    pub zone_known: bool,
    /// Retailer → its latest effective stock check.
    checks: BTreeMap<&'a RetailerId, &'a Visit>,
    /// Route → shops that are or were on it, ascending, with their rows.
    shops: BTreeMap<&'a RouteId, Vec<(&'a RetailerId, &'a [Retailer])>>,
    /// Route → its sales of the period, by date.
    sales: BTreeMap<&'a RouteId, Vec<Block<'a>>>,
    /// Person → routes that they own or stand in for on a day of the month.
    routes: BTreeMap<&'a PersonId, Vec<&'a RouteId>>,
    events: BTreeMap<&'a PersonId, Vec<(&'a EventId, &'a Event)>>,
    /// The plans of those with confirmed transfers.
    moved_targets: BTreeMap<&'a PersonId, Vec<Target>>,
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
        let cut = cut(month, as_of);
        let counts = |date: Date| Month::of(date) == month && date <= cut;
        let zone = zone(reference);
        let zone_known = zone.is_some();
        let zone = zone.unwrap_or_else(|| Zone::named("UTC").expect("every zone table has UTC"));
        let visits = flag_visits(visits.iter().filter(|visit| counts(visit.date)), reference, &zone, &scheme.visits);
        let skus = Skus::new(&reference.skus);
        let shops = shops_by_route(reference);
        let mut sales: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((date, route), lines) in reference.sales.iter().filter(|((date, _), _)| counts(*date)) {
            let here = shops.get(route).map_or(&[][..], Vec::as_slice);
            sales.entry(route).or_default().push(Block::new(*date, route, lines, here, &skus));
        }
        let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, event) in reference.events.iter().filter(|(_, event)| counts(event.date)) {
            events.entry(&event.person).or_default().push((id, event));
        }
        Self {
            checks: latest_checks(&visits),
            routes: routes_by_person(reference, month, cut),
            reference,
            scheme,
            month,
            cut,
            visits,
            zone_known,
            moved_targets: moved_targets(reference, month),
            skus,
            shops,
            sales,
            events,
        }
    }

    /// Routes with shops, ascending.
    pub fn routes_with_shops(&self) -> impl Iterator<Item = &'a RouteId> {
        self.shops.keys().copied()
    }

    pub fn has_shops(&self, route: &RouteId) -> bool {
        self.shops.contains_key(route)
    }

    /// The routes that a person owns or stands in for on a day of the month, ascending.
    pub fn routes_of(&self, person: &PersonId) -> &[&'a RouteId] {
        self.routes.get(person).map_or(&[], Vec::as_slice)
    }

    /// A person's plans as they count: as imported, with what was transferred.
    pub fn targets_of(&self, person: &PersonId) -> &[Target] {
        let imported = || self.reference.targets.get(&(person.clone(), self.month)).map_or(&[][..], Vec::as_slice);
        self.moved_targets.get(person).map_or_else(imported, Vec::as_slice)
    }

    /// A person's plans as they were imported.
    pub fn imported_targets_of(&self, person: &PersonId) -> &'a [Target] {
        self.reference.targets.get(&(person.clone(), self.month)).map_or(&[], Vec::as_slice)
    }

    /// Events of a person up to the cut, by id.
    pub fn events_of(&self, person: &PersonId) -> &[(&'a EventId, &'a Event)] {
        self.events.get(person).map_or(&[], Vec::as_slice)
    }

    /// Rulings in force on an indicator of a person's month.
    pub fn rulings_of<'p>(
        &self,
        person: &'p PersonId,
        indicator: &'p IndicatorId,
    ) -> impl Iterator<Item = (&'a DisputeId, &'a Dispute, &'a Ruling)> + use<'a, 'p> {
        self.reference.rulings_of(person, self.month).filter(move |(_, dispute, _)| dispute.indicator == *indicator)
    }

    /// The shops on a route on a day.
    pub fn shops_on(&self, route: &'a RouteId, day: Date) -> impl Iterator<Item = &'a RetailerId> {
        let shops = self.shops.get(route).into_iter().flatten();
        shops.filter(move |(_, rows)| Retailer::route_on(rows, day) == Some(route)).map(|(id, _)| *id)
    }

    /// Sales credited to a person: to the owner of the shop's route on the day of the sale.
    pub fn sales_of(&self, person: &PersonId) -> impl Iterator<Item = Sale<'a>> {
        self.routes_of(person).iter().flat_map(move |route| {
            let owned = self.blocks(route).filter(move |b| self.reference.owner(route.as_str(), b.date) == Some(person));
            owned.flat_map(|block| block.sales(true))
        })
    }

    /// Sales of the period filed with a route whose shop is closed or on another route that day: nobody's.
    pub fn stray_sales(&self, route: &RouteId) -> impl Iterator<Item = Sale<'a>> {
        self.blocks(route).flat_map(|block| block.sales(false))
    }

    /// Sales of the period to any of the shops (ascending), whoever owned their route then, each with its shop's index.
    pub fn sales_to<'s>(&'s self, shops: &'s [&'a RetailerId]) -> impl Iterator<Item = (usize, Sale<'a>)> + 's {
        let rows = shops.iter().filter_map(|shop| self.reference.retailers.get(*shop)).flatten();
        let routes: BTreeSet<&'a RouteId> = rows.filter_map(|row| row.route.as_ref()).collect();
        routes.into_iter().flat_map(|route| self.blocks(route)).flat_map(move |block| {
            let indices: Vec<Option<usize>> = block.lines.retailers.iter().map(|shop| shops.binary_search(&shop).ok()).collect();
            block.sales_as(move |shop| indices[shop])
        })
    }

    fn blocks(&self, route: &RouteId) -> impl Iterator<Item = &Block<'a>> {
        self.sales.get(route).into_iter().flatten()
    }

    /// Planned stops of the days from the month's first to `last` that a person answers for: the substitute of the
    /// day, else the owner.
    pub fn stops_of(&self, person: &PersonId, last: Date) -> impl Iterator<Item = Stop<'a>> {
        self.routes_of(person).iter().flat_map(move |route| {
            let dates = self.reference.calendar.get(&((*route).clone(), self.month)).into_iter().flatten().copied();
            let theirs = dates.filter(move |date| *date <= last && self.reference.responsible(route.as_str(), *date) == Some(person));
            theirs.flat_map(move |date| self.shops_on(route, date).map(move |retailer| Stop { date, route, retailer }))
        })
    }

    /// The visits to a shop on a day, by check-in.
    pub fn visits_to(&self, retailer: &RetailerId, date: Date) -> &[Flagged<'a>] {
        let from = self.visits.partition_point(|f| (f.visit.date, &f.visit.retailer) < (date, retailer));
        let rest = &self.visits[from..];
        &rest[..rest.partition_point(|f| (f.visit.date, &f.visit.retailer) == (date, retailer))]
    }

    /// Visits to a shop with a stock line, later than its latest effective one, that are not effective.
    pub fn passed_over(&self, retailer: &RetailerId) -> impl Iterator<Item = &Flagged<'a>> {
        let used = self.latest_check(retailer).map(|check| check.date);
        let days = used.unwrap_or(self.month.first_day().min(self.cut));
        let later = crate::time::days(days, self.cut).flat_map(|day| self.visits_to(retailer, day));
        let after = move |flagged: &&Flagged<'a>| {
            used.is_none()
                || self.latest_check(retailer).is_some_and(|check| (flagged.visit.date, flagged.visit.in_ms) > (check.date, check.in_ms))
        };
        later.filter(|flagged| !flagged.effective && !flagged.visit.stock.is_empty()).filter(after)
    }

    /// The latest effective visit of the period to a shop that has a stock line.
    pub fn latest_check(&self, retailer: &RetailerId) -> Option<&'a Visit> {
        self.checks.get(retailer).copied()
    }
}

fn moved_targets(reference: &Reference, month: Month) -> BTreeMap<&PersonId, Vec<Target>> {
    let moved = reference.transfers.iter().filter(|((_, of), transfers)| *of == month && transfers.values().any(Transfer::confirmed));
    moved.map(|((person, _), _)| (person, reference.effective_targets(person, month))).collect()
}

/// The last day that counts.
pub(super) fn cut(month: Month, as_of: Option<Date>) -> Date {
    as_of.map_or(month.last_day(), |as_of| as_of.min(month.last_day()))
}

/// None: the district or its zone is unknown.
pub(super) fn zone(reference: &Reference) -> Option<Zone> {
    Zone::named(&reference.org.as_ref()?.timezone).ok()
}

fn latest_checks<'a>(visits: &[Flagged<'a>]) -> BTreeMap<&'a RetailerId, &'a Visit> {
    let mut out: BTreeMap<&RetailerId, &Visit> = BTreeMap::new();
    // Sorted by date, then check-in and visit id within a shop: a later one takes the place.
    for flagged in visits.iter().filter(|f| f.effective && !f.visit.stock.is_empty()) {
        out.insert(&flagged.visit.retailer, flagged.visit);
    }
    out
}

fn shops_by_route(reference: &Reference) -> BTreeMap<&RouteId, Vec<(&RetailerId, &[Retailer])>> {
    let mut out: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (retailer, rows) in &reference.retailers {
        for route in rows.iter().filter_map(|row| row.route.as_ref()) {
            let shops = out.entry(route).or_default();
            if shops.last().is_none_or(|(last, _)| *last != retailer) {
                shops.push((retailer, rows.as_slice()));
            }
        }
    }
    out
}

/// Person → the routes that they own or stand in for on a day that a score of the month reads, ascending.
pub(super) fn routes_by_person(reference: &Reference, month: Month, cut: Date) -> BTreeMap<&PersonId, Vec<&RouteId>> {
    let (first, last) = (month.first_day().min(cut), month.last_day());
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
