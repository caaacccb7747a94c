//! A day's progress: per manager and route what was planned, and what head office knows to have been done.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::flags::Flag;
use shared::ids::{PersonId, RouteId};
use shared::reference::Role;

use crate::error::ApiResult;
use crate::materialise::neighbours;
use crate::scores::{completeness, held_by_person};
use crate::state::App;

mod board;
mod count;
mod money;
mod presence;
pub mod today;

pub use board::DayBoards;
pub use count::{Stop, StopState};
pub use money::Money;
pub use presence::{Arrival, Presence};

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
    /// What they are worth at wholesale prices.
    #[schema(value_type = String, format = "decimal")]
    pub order_value: Money,
    /// Those of them whose SKU has no price here, and so are in no value.
    pub unpriced_cartons: i64,
    /// Effective visits with an order.
    pub orders: u64,
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
        self.order_value.add(other.order_value);
        self.unpriced_cartons += other.unpriced_cartons;
        self.orders += other.orders;
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
    neighbours::ensure(app, directory.grounds)?;
    let mut all = count::routes_of_day(app, &directory, date)?;
    all.retain(|route| person.is_none_or(|only| directory.reference.responsible(route.as_str(), date) == Some(only)));
    let mut routes: BTreeMap<PersonId, Vec<RouteProgress>> = BTreeMap::new();
    for (route_id, (person, day)) in count::count(app, &directory, date, &all)? {
        routes.entry(person).or_default().push(RouteProgress { route_id, name: day.name, counts: day.counts });
    }
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
