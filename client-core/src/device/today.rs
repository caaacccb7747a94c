//! A day's stops: of the routes that the person is to visit, or that somebody worked, on that date.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::flags::{FlagSet, flag_visits};
use shared::facts::{MissedStop, SheetFacts, Visit};
use shared::ids::{PersonId, RetailerId, RouteId};
use shared::reference::Reference;
use shared::scheme::{VisitRules, scheme_of};
use shared::time::{Month, Zone};

use super::Device;
use crate::Error;

/// A day as the manager sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Today {
    pub date: Date,
    pub routes: Vec<RouteDay>,
}

/// One route on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteDay {
    pub route: RouteId,
    pub name: String,
    /// Whether the beat plan has it.
    pub planned: bool,
    /// In the order of their sequence; shops that are none of the route's come last.
    pub stops: Vec<Stop>,
    pub diary: String,
}

/// One shop of a route, and what was done there on the day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stop {
    pub retailer: RetailerId,
    /// Empty: a shop that this phone has not heard of.
    pub name: String,
    pub sequence: Option<u32>,
    pub visits: Vec<VisitView>,
    pub missed: Option<MissedStop>,
}

/// A visit with what the scheme says about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitView {
    #[serde(flatten)]
    pub visit: Visit,
    pub flags: FlagSet,
    /// Whether it counts; unknown while no scheme has reached this phone.
    pub effective: Option<bool>,
}

impl Device {
    /// The stops of a date.
    pub fn today(&mut self, date: Date) -> Result<Today, Error> {
        let reference = self.reference()?;
        let identity = self.identity()?;
        let (person, zone) = (identity.person.clone(), identity.zone.clone());
        let sheets = self.store.db().sheets(date, date)?;
        let views = judged(&sheets, &reference, &zone, date);
        let worked = sheets.iter().map(|sheet| sheet.route.clone());
        let routes: BTreeSet<RouteId> = planned_routes(&reference, &person, date).chain(worked).collect();
        let routes = routes
            .into_iter()
            .map(|route| {
                let sheet = sheets.iter().find(|sheet| sheet.route == route);
                route_day(&reference, route, date, sheet, &views)
            })
            .collect();
        Ok(Today { date, routes })
    }
}

/// The routes that the beat plan has on the date and that the person is responsible for.
fn planned_routes<'a>(reference: &'a Reference, person: &'a PersonId, date: Date) -> impl Iterator<Item = RouteId> + 'a {
    let mine = move |route: &&RouteId| reference.planned(route, date) && reference.responsible(route.as_str(), date) == Some(person);
    reference.routes.keys().filter(mine).cloned()
}

/// Every visit of the day with its flags; without a readable scheme, those that need none of its rules.
fn judged(sheets: &[SheetFacts], reference: &Reference, zone: &Zone, date: Date) -> Vec<VisitView> {
    // Reading a scheme takes long enough to be noticed when the app is opened in the morning.
    if sheets.iter().all(|sheet| sheet.visits.is_empty()) {
        return Vec::new();
    }
    let scheme = scheme_of(reference, Month::of(date)).ok().flatten();
    let no_rules = VisitRules { min_dwell_s: 0, geofence_m: u32::MAX, exclude: FlagSet::default() };
    let rules = scheme.as_ref().map_or(&no_rules, |scheme| &scheme.visits);
    let visits = sheets.iter().flat_map(|sheet| &sheet.visits);
    let view = |flagged: shared::facts::flags::Flagged<'_>| VisitView {
        visit: flagged.visit.clone(),
        flags: if scheme.is_some() { flagged.flags } else { without_duplicates(flagged.flags) },
        effective: scheme.is_some().then_some(flagged.effective),
    };
    flag_visits(visits, reference, zone, rules).into_iter().map(view).collect()
}

/// Which visit is a duplicate depends on which are effective, and so on the scheme.
fn without_duplicates(flags: FlagSet) -> FlagSet {
    flags.iter().filter(|flag| *flag != shared::facts::flags::Flag::Duplicate).collect()
}

fn route_day(reference: &Reference, route: RouteId, date: Date, sheet: Option<&SheetFacts>, views: &[VisitView]) -> RouteDay {
    let of_route: Vec<&VisitView> = views.iter().filter(|view| view.visit.route == route).collect();
    let stop = |retailer: &RetailerId, name: &str, sequence: Option<u32>| Stop {
        retailer: retailer.clone(),
        name: name.to_string(),
        sequence,
        visits: of_route.iter().filter(|view| view.visit.retailer == *retailer).map(|view| (*view).clone()).collect(),
        missed: sheet.and_then(|sheet| sheet.missed.iter().find(|missed| missed.retailer == *retailer)).cloned(),
    };
    let mut stops: Vec<Stop> =
        reference.stops(route.as_str(), date).into_iter().map(|(id, shop)| stop(id, &shop.name, Some(shop.sequence))).collect();
    let known: BTreeSet<&RetailerId> = stops.iter().map(|stop| &stop.retailer).collect();
    let visited = of_route.iter().map(|view| &view.visit.retailer);
    let missed = sheet.into_iter().flat_map(|sheet| sheet.missed.iter().map(|missed| &missed.retailer));
    let strangers: BTreeSet<RetailerId> = visited.chain(missed).filter(|id| !known.contains(id)).cloned().collect();
    for id in &strangers {
        let name = reference.retailer_on(id.as_str(), date).map_or("", |shop| shop.name.as_str());
        stops.push(stop(id, name, None));
    }
    RouteDay {
        name: reference.routes.get(&route).cloned().unwrap_or_default(),
        planned: reference.planned(&route, date),
        diary: sheet.map(|sheet| sheet.diary.clone()).unwrap_or_default(),
        stops,
        route,
    }
}
