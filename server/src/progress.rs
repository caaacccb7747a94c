//! A day's progress: per manager and route what was planned, and what head office knows to have been done.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::SheetFacts;
use shared::facts::flags::{Flag, Flagged, flag_visits};
use shared::ids::{PersonId, RetailerId, RouteId};
use shared::limits;
use shared::reference::{Reference, Role};
use shared::scheme::scheme_of;
use shared::time::Month;

use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::materialise::neighbours;
use crate::scores::slice::{Slice, Wanted, calendar};
use crate::scores::{completeness, held_by_person};
use crate::state::App;
use crate::store::ScopedKind;

/// A day as head office knows it. Silence is not zero: see `complete_up_to_ms`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Progress {
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    pub managers: Vec<ManagerProgress>,
    /// Documents with changes that are not counted yet.
    pub documents_behind: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManagerProgress {
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub name: String,
    pub routes: Vec<RouteProgress>,
    /// Sums over the routes.
    pub total: Counts,
    pub last_sync_ms: Option<i64>,
    /// Until when all work of all of this manager's devices is here; none: not known to be.
    pub complete_up_to_ms: Option<i64>,
    /// Changes of this manager's devices that are held back, and so not counted.
    pub held_back: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RouteProgress {
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub name: String,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Shops to be visited by the beat plan.
    pub planned: u64,
    /// Shops with a visit.
    pub visited: u64,
    /// Shops with an effective visit.
    pub effective: u64,
    /// Shops reported as missed, and not visited.
    pub missed: u64,
    /// Shops with a stock check in an effective visit.
    pub stock_checked: u64,
    /// Cartons drafted in effective visits.
    pub order_cartons: i64,
    /// Visits, all of them.
    pub visits: u64,
    /// What in the route's sheet could not be read, and so is not counted.
    pub faults: Vec<String>,
    /// How many visits have which flag.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub flags: BTreeMap<Flag, u64>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.visited += other.visited;
        self.effective += other.effective;
        self.missed += other.missed;
        self.stock_checked += other.stock_checked;
        self.order_cartons += other.order_cartons;
        self.visits += other.visits;
        self.faults.extend(other.faults.iter().cloned());
        for (flag, count) in &other.flags {
            *self.flags.entry(*flag).or_default() += count;
        }
    }
}

/// The progress of a day, of everybody or of one manager.
pub fn progress(app: &App, date: Date, person: Option<&PersonId>) -> ApiResult<Progress> {
    // In this order, so that what is said to be here is here: a sync in between only adds.
    let (complete, held) = (completeness(app)?, held_by_person(app)?);
    let documents_behind = app.boards.documents_behind(app)?;
    let directory = app.directory();
    let last_sync = last_syncs(app)?;
    let mut routes = routes(app, &directory, date, person)?;
    let managers = directory.reference.people.iter().filter(|(id, p)| p.role == Role::Manager && person.is_none_or(|only| only == *id));
    let managers = managers.map(|(id, known)| {
        let routes = routes.remove(id).unwrap_or_default();
        let mut total = Counts::default();
        routes.iter().for_each(|route| total.add(&route.counts));
        ManagerProgress {
            person_id: id.clone(),
            name: known.name.clone(),
            routes,
            total,
            last_sync_ms: last_sync.get(id).copied(),
            complete_up_to_ms: complete.get(id).copied().flatten(),
            held_back: held.get(id).copied().unwrap_or(0),
        }
    });
    Ok(Progress { date, managers: managers.collect(), documents_behind })
}

fn last_syncs(app: &App) -> ApiResult<BTreeMap<PersonId, i64>> {
    let mut out = BTreeMap::new();
    for device in app.store.devices()? {
        if let Some(at) = device.last_sync_ms {
            let latest = out.entry(device.person).or_insert(at);
            *latest = at.max(*latest);
        }
    }
    Ok(out)
}

/// The routes that are planned on the day or have a sheet, under whoever is responsible for them that day.
fn routes(app: &App, directory: &Directory, date: Date, person: Option<&PersonId>) -> ApiResult<BTreeMap<PersonId, Vec<RouteProgress>>> {
    let store = app.store.as_ref();
    neighbours::ensure(app, directory.grounds)?;
    let (district, month) = (&directory.reference, Month::of(date));
    let scheme = scheme_of(district, month).map_err(ApiError::internal)?;
    let asked = |route: &RouteId| district.responsible(route.as_str(), date).is_some_and(|one| person.is_none_or(|only| only == one));
    let mut all: BTreeSet<RouteId> = store.routes_with_sheets(date, date)?;
    let mut planned = Reference::default();
    let calendars: Vec<ScopedKind> = district.routes.keys().filter(|route| asked(route)).map(|route| calendar(route, month)).collect();
    for row in store.scoped(&calendars)? {
        planned.apply(&row).map_err(ApiError::internal)?;
    }
    all.extend(planned.calendar.into_iter().filter(|(_, dates)| dates.contains(&date)).map(|((route, _), _)| route));
    all.retain(|route| asked(route));
    let mut out: BTreeMap<PersonId, Vec<RouteProgress>> = BTreeMap::new();
    for routes in all.into_iter().collect::<Vec<_>>().chunks(limits::SCORE_ROUTES) {
        let wanted = Wanted { routes: routes.iter().cloned().collect(), people: BTreeSet::new(), month, first: date, last: date };
        let Slice { reference, visits, sheets } = Slice::read(store, directory, &wanted)?;
        let flagged = scheme.as_ref().map_or_else(Vec::new, |scheme| flag_visits(&visits, &reference, &directory.zone, &scheme.visits));
        for route in routes {
            let Some(person) = district.responsible(route.as_str(), date) else { continue };
            let name = district.routes.get(route).cloned().unwrap_or_default();
            let counts = counts(&reference, route, date, &flagged, sheets.iter().find(|sheet| sheet.route == *route));
            out.entry(person.clone()).or_default().push(RouteProgress { route_id: route.clone(), name, counts });
        }
    }
    Ok(out)
}

fn counts(reference: &Reference, route: &RouteId, date: Date, flagged: &[Flagged<'_>], sheet: Option<&SheetFacts>) -> Counts {
    let mut counts = Counts::default();
    if reference.planned(route, date) {
        counts.planned = reference.stops(route.as_str(), date).len() as u64;
    }
    let (mut visited, mut effective, mut checked) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for flagged in flagged.iter().filter(|flagged| flagged.visit.route == *route) {
        let visit = flagged.visit;
        counts.visits += 1;
        visited.insert(&visit.retailer);
        flagged.flags.iter().for_each(|flag| *counts.flags.entry(flag).or_default() += 1);
        if flagged.effective {
            effective.insert(&visit.retailer);
            counts.order_cartons += visit.order.values().sum::<i64>();
            if !visit.stock.is_empty() {
                checked.insert(&visit.retailer);
            }
        }
    }
    let missed: BTreeSet<&RetailerId> = sheet.iter().flat_map(|sheet| &sheet.missed).map(|stop| &stop.retailer).collect();
    counts.missed = missed.difference(&visited).count() as u64;
    counts.faults = sheet.map(|sheet| sheet.faults.clone()).unwrap_or_default();
    counts.visited = visited.len() as u64;
    counts.effective = effective.len() as u64;
    counts.stock_checked = checked.len() as u64;
    counts
}
