//! The board as head-office staff see it: every manager of a day, live. What is not known is said to be unknown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use serde::Serialize;
use shared::ids::{PersonId, RouteId};
use shared::limits;
use shared::reference::Role;
use shared::time::next_day;

use super::Counts;
use super::board::{Row, Rows};
use super::count::{Stop, conflicts};
use super::presence::{Arrival, Present, Seen};
use crate::directory::Directory;
use crate::error::ApiResult;
use crate::state::App;

/// A day's board: all of it, or what is new since a version.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Board {
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// By the server's clock, in ms since 1970.
    pub now_ms: i64,
    /// To be sent back as `since`.
    pub version: String,
    /// Whether `managers` are all managers; otherwise those that are new since `since`.
    pub whole: bool,
    pub managers: Vec<ManagerDay>,
    pub totals: Totals,
    /// The latest syncs that brought something, newest first.
    pub arrivals: Vec<ArrivalRow>,
    /// Documents with changes that are not counted yet.
    pub documents_behind: u64,
}

/// How much of a manager's day is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// All work up to a quarter of an hour ago, or to the day's end, is here.
    Live,
    /// Some of the day is here; the counts may still grow.
    Stale,
    /// Nothing since before the day: nothing is known.
    Silent,
    /// No route is planned, and none was worked.
    NoPlan,
    /// The day has not begun.
    Ahead,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ManagerDay {
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub name: String,
    pub state: RowState,
    pub routes: Vec<RouteRow>,
    /// Sums over the routes, as far as head office knows.
    pub counts: Counts,
    /// At most so many shops have an effective visit, counting what may not be here yet; at least `counts.effective`.
    pub effective_max: u64,
    /// Visits with values that differ.
    pub conflicts: u64,
    pub last_sync_ms: Option<i64>,
    /// Until when all work of all of this manager's devices is here; none: not known to be.
    pub complete_up_to_ms: Option<i64>,
    /// Changes of this manager's devices that are held back, and so not counted.
    pub held_back: u64,
    /// What is here is being counted: in a moment there is more.
    pub counting: bool,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RouteRow {
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub name: String,
    pub counts: Counts,
    pub stops: Vec<Stop>,
}

/// Sums over everybody; with `exact` false they can only grow.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Totals {
    pub managers: u64,
    pub routes: u64,
    pub counts: Counts,
    pub effective_max: u64,
    pub exact: bool,
    /// The least of all managers with a plan; none: of somebody nothing is known.
    pub complete_up_to_ms: Option<i64>,
    /// Managers with a plan by what is known of them.
    pub live: u64,
    pub stale: u64,
    pub silent: u64,
    pub conflicts: u64,
    pub held_back: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ArrivalRow {
    pub at_ms: i64,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub name: String,
    pub routes: Vec<String>,
    pub changes: u64,
}

/// What is known of people, at one moment.
struct Known {
    seen: BTreeMap<PersonId, Seen>,
    recent: Vec<(PersonId, Arrival)>,
    held: BTreeMap<PersonId, u64>,
    /// Routes that are being counted.
    counting: BTreeSet<RouteId>,
    now_ms: i64,
    /// When the day begins and ends.
    day: (i64, i64),
    date: Date,
}

/// The board of a day; with `since` only managers whose row may have changed since that version. `stops`: with every stop.
pub fn board(app: &App, date: Date, since: Option<&str>, stops: bool) -> ApiResult<Board> {
    let board = app.boards.days.board(date);
    // In this order, so that what is said to be here is here: a sync in between only adds.
    let Present { seen, recent, held, reads } = app.presence.read(app)?;
    board.look(app)?;
    let uncounted = app.boards.uncounted(app)?;
    let (mut counting, rows) = board.read();
    counting.extend(uncounted.sheets.into_iter().filter(|(_, day)| *day == date).map(|(route, _)| route));
    let directory = rows.directory.clone().unwrap_or_else(|| app.directory());
    let now_ms = app.clock.now_ms();
    let midnight = |date| directory.zone.instant(date, Time::midnight());
    let day = (midnight(date), midnight(next_day(date)));
    let known = Known { seen, recent, held, counting, now_ms, day, date };
    let managers = known.managers(&directory, &rows);
    let totals = totals(&managers);
    // What a newer row does not tell: another life of the server, other devices, other rulings.
    let ground = format!("{:x}-{reads}-{}", app.boards.days.life(), totals.held_back);
    let version = format!("{ground}.{}.{}", rows.version, known.now_ms);
    let since = since.and_then(|since| Since::read(since, &ground)).filter(|since| since.version >= rows.base);
    let whole = since.is_none();
    let changed = |manager: &ManagerDay| {
        let Some(since) = &since else { return true };
        let routes = manager.routes.iter().filter_map(|route| rows.routes.get(&route.route_id));
        // A row that time alone has made stale, and one that is still being counted, are told again.
        manager.counting
            || manager.last_sync_ms.is_some_and(|at| at >= since.at_ms - limits::BOARD_OVERLAP_MS)
            || known.state(manager.complete_up_to_ms, since.at_ms, &manager.routes) != manager.state
            || routes.map(|row| row.version).max() > Some(since.version)
    };
    // Stops are many: only those that are told are copied.
    let told = |mut manager: ManagerDay| {
        for route in &mut manager.routes {
            route.stops = rows.routes.get(&route.route_id).filter(|_| stops).map_or_else(Vec::new, |row| row.day.stops.clone());
        }
        manager
    };
    Ok(Board {
        date,
        now_ms,
        version,
        whole,
        arrivals: known.arrivals(&directory),
        managers: managers.into_iter().filter(changed).map(told).collect(),
        totals,
        documents_behind: uncounted.documents,
    })
}

/// What somebody has seen of a board.
struct Since {
    version: u64,
    at_ms: i64,
}

impl Since {
    /// None: on another ground, or no version at all.
    fn read(text: &str, ground: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let same = parts.next()? == ground;
        let since = Self { version: parts.next()?.parse().ok()?, at_ms: parts.next()?.parse().ok()? };
        same.then_some(since)
    }
}

impl Known {
    fn managers(&self, directory: &Directory, rows: &Rows) -> Vec<ManagerDay> {
        let mut routes: BTreeMap<&PersonId, Vec<RouteRow>> = BTreeMap::new();
        for (route, row) in &rows.routes {
            routes.entry(&row.person).or_default().push(route_row(route, row));
        }
        let managers = directory.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
        managers.map(|(id, person)| self.manager(id, &person.name, routes.remove(id).unwrap_or_default())).collect()
    }

    fn manager(&self, id: &PersonId, name: &str, routes: Vec<RouteRow>) -> ManagerDay {
        let mut counts = Counts::default();
        routes.iter().for_each(|route| counts.add(&route.counts));
        let seen = self.seen.get(id).copied().unwrap_or_default();
        let state = self.state(seen.complete_up_to_ms, self.now_ms, &routes);
        let counting = routes.iter().any(|route| self.counting.contains(&route.route_id));
        let open = matches!(state, RowState::Stale | RowState::Silent) || counting;
        let effective_max = if open { counts.planned.max(counts.effective) } else { counts.effective };
        ManagerDay {
            person_id: id.clone(),
            name: name.to_string(),
            state,
            routes,
            effective_max,
            conflicts: conflicts(&counts),
            counts,
            last_sync_ms: seen.last_sync_ms,
            complete_up_to_ms: seen.complete_up_to_ms,
            held_back: self.held.get(id).copied().unwrap_or(0),
            counting,
        }
    }

    fn state(&self, complete_up_to_ms: Option<i64>, now_ms: i64, routes: &[RouteRow]) -> RowState {
        let (begins, ends) = self.day;
        let enough = (now_ms - limits::BOARD_LIVE_MS).min(ends);
        match complete_up_to_ms {
            _ if routes.is_empty() => RowState::NoPlan,
            _ if now_ms < begins => RowState::Ahead,
            Some(at) if at >= enough => RowState::Live,
            Some(at) if at > begins => RowState::Stale,
            // A device that was never complete may have brought some of the day all the same.
            _ if routes.iter().any(|route| route.counts.visits > 0) => RowState::Stale,
            _ => RowState::Silent,
        }
    }

    fn arrivals(&self, directory: &Directory) -> Vec<ArrivalRow> {
        let day = |at: i64| directory.zone.date_of(at) == self.date;
        let recent = self.recent.iter().filter(|(_, arrival)| day(arrival.at_ms));
        recent
            .map(|(person, arrival)| ArrivalRow {
                at_ms: arrival.at_ms,
                person_id: person.clone(),
                name: directory.reference.people.get(person).map_or_else(|| person.to_string(), |known| known.name.clone()),
                routes: arrival.routes.iter().filter_map(|route| directory.reference.routes.get(route).cloned()).collect(),
                changes: arrival.changes,
            })
            .collect()
    }
}

/// Without its stops.
fn route_row(route: &RouteId, row: &Row) -> RouteRow {
    RouteRow { route_id: route.clone(), name: row.day.name.clone(), counts: row.day.counts.clone(), stops: Vec::new() }
}

fn totals(managers: &[ManagerDay]) -> Totals {
    let mut totals = Totals { exact: true, ..Totals::default() };
    let with_plan = || managers.iter().filter(|manager| manager.state != RowState::NoPlan);
    for manager in managers {
        totals.managers += 1;
        totals.routes += manager.routes.len() as u64;
        totals.counts.add(&manager.counts);
        totals.effective_max += manager.effective_max;
        totals.conflicts += manager.conflicts;
        totals.held_back += manager.held_back;
        totals.exact &= !manager.counting;
        match manager.state {
            RowState::Live => totals.live += 1,
            RowState::Stale => totals.stale += 1,
            RowState::Silent => totals.silent += 1,
            RowState::NoPlan | RowState::Ahead => {}
        }
    }
    totals.exact &= totals.stale + totals.silent == 0;
    totals.complete_up_to_ms = with_plan().map(|manager| manager.complete_up_to_ms).min().flatten();
    totals
}
