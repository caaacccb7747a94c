//! Scores that are kept: a board is a month to a last day, in parts, of which only those are made again whose facts were
//! replaced. What it answers is what scoring everything anew would.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use shared::ids::{PersonId, RouteId};
use shared::limits;
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Inputs, Share, score_parts, shares};
use shared::time::Month;

use super::kept::{Kept, KeptPart};
use super::slice::{Slice, Wanted};
use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::state::App;

pub struct Board {
    pub month: Month,
    pub as_of: Option<Date>,
    marks: Mutex<Marks>,
    /// Of the plan's shares. Held while parts are made; whoever notes what changed never waits for it.
    parts: Mutex<Vec<KeptPart>>,
}

/// What is to be made again.
#[derive(Default)]
struct Marks {
    /// None: everything, from the reference data as it will be then.
    plan: Option<Arc<Plan>>,
    /// Shares of the plan, by index.
    due: BTreeSet<usize>,
    /// Those that are being made, of what was there before.
    doing: BTreeSet<usize>,
    /// How often everything has changed.
    upheavals: u64,
    /// Routes whose sheets were replaced while there was no plan.
    unplanned: BTreeSet<RouteId>,
}

/// Who and what the parts are about, by the reference data of one moment.
pub(super) struct Plan {
    pub directory: Arc<Directory>,
    /// None: no scheme is valid in the month; then there are no shares.
    pub scheme: Option<Scheme>,
    shares: Vec<Share>,
    /// Routes and the shares that read them, ascending.
    readers: Vec<(RouteId, u32)>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    pub fn new(month: Month, as_of: Option<Date>) -> Self {
        Self { month, as_of, marks: Mutex::default(), parts: Mutex::default() }
    }

    /// The reference data changed.
    pub fn note_upheaval(&self) {
        let mut marks = locked(&self.marks);
        marks.plan = None;
        marks.upheavals += 1;
        marks.due.clear();
        marks.unplanned.clear();
    }

    /// Sheets were replaced.
    pub fn note(&self, concerned: &BTreeSet<(RouteId, Date)>) {
        let routes = concerned.iter().filter(|(_, date)| Month::of(*date) == self.month).map(|(route, _)| route);
        locked(&self.marks).note(routes);
    }

    /// How many managers' scores are older than their facts; none: all.
    pub fn behind(&self) -> Option<u64> {
        let marks = locked(&self.marks);
        let plan = marks.plan.as_ref()?;
        Some(marks.due.union(&marks.doing).filter(|at| plan.shares[**at].person.is_some()).count() as u64)
    }

    /// Makes what is due, and answers the score as it is then; none: no scheme is valid in the month.
    pub fn score(&self, app: &App) -> ApiResult<Option<Kept>> {
        let mut parts = locked(&self.parts);
        let plan = self.catch_up(app, &mut parts)?;
        let now = parts.clone();
        drop(parts);
        Kept::new(plan, self.month, self.as_of, now)
    }

    /// Makes what is due.
    pub fn refresh(&self, app: &App) -> ApiResult<()> {
        self.catch_up(app, &mut locked(&self.parts)).map(drop)
    }

    fn catch_up(&self, app: &App, parts: &mut Vec<KeptPart>) -> ApiResult<Arc<Plan>> {
        loop {
            let Some(plan) = locked(&self.marks).plan.clone() else {
                self.plan(app, parts)?;
                continue;
            };
            let batch = locked(&self.marks).next(&plan);
            if batch.is_empty() {
                if locked(&self.marks).follows(&plan) {
                    return Ok(plan);
                }
                continue;
            }
            let made = self.make(app, &plan, &batch);
            locked(&self.marks).done(&plan, made.is_ok());
            batch.into_iter().zip(made?).for_each(|(at, part)| parts[at] = part);
        }
    }

    /// Shares the month out anew; everything is due.
    fn plan(&self, app: &App, parts: &mut Vec<KeptPart>) -> ApiResult<()> {
        let upheavals = locked(&self.marks).upheavals;
        let plan = Arc::new(Plan::new(app, self.month, self.as_of)?);
        parts.clear();
        parts.resize(plan.shares.len(), KeptPart::default());
        locked(&self.marks).begin(plan, upheavals);
        Ok(())
    }

    fn make(&self, app: &App, plan: &Plan, batch: &[usize]) -> ApiResult<Vec<KeptPart>> {
        let Some(scheme) = &plan.scheme else { return Ok(Vec::new()) };
        let shares: Vec<Share> = batch.iter().map(|at| plan.shares[*at].clone()).collect();
        let slice = slice_of(app, &plan.directory, &shares, self.month)?;
        let inputs =
            Inputs { reference: &slice.reference, scheme, visits: &slice.visits, month: self.month, as_of: self.as_of, person: None };
        Ok(score_parts(&inputs, &shares).into_iter().map(KeptPart::of).collect())
    }
}

impl Marks {
    fn note<'a>(&mut self, routes: impl Iterator<Item = &'a RouteId>) {
        let Some(plan) = self.plan.clone() else {
            self.unplanned.extend(routes.cloned());
            return;
        };
        for route in routes {
            let mut readers = plan.readers(route).peekable();
            // A route that nobody knew: it is shared out again.
            if readers.peek().is_none() {
                self.plan = None;
                self.due.clear();
                return;
            }
            self.due.extend(readers);
        }
    }

    /// Takes a plan that was made after `upheavals`, unless it is outdated already.
    fn begin(&mut self, plan: Arc<Plan>, upheavals: u64) {
        if self.upheavals != upheavals {
            return;
        }
        self.due = (0..plan.shares.len()).collect();
        self.plan = Some(plan);
        let unplanned = std::mem::take(&mut self.unplanned);
        self.note(unplanned.iter());
    }

    fn follows(&self, plan: &Arc<Plan>) -> bool {
        self.plan.as_ref().is_some_and(|current| Arc::ptr_eq(current, plan))
    }

    /// The next shares to make: some managers, and no more routes than are read at a time.
    fn next(&mut self, plan: &Arc<Plan>) -> Vec<usize> {
        if !self.follows(plan) {
            return Vec::new();
        }
        let mut routes = 0;
        let fits = |at: &usize| {
            let first = routes == 0;
            routes += plan.shares[*at].reads.len().max(1);
            first || routes <= limits::SCORE_ROUTES
        };
        let batch: Vec<usize> = self.due.iter().copied().take(limits::SCORE_MANAGERS).take_while(fits).collect();
        for at in &batch {
            self.due.remove(at);
        }
        self.doing = batch.iter().copied().collect();
        batch
    }

    fn done(&mut self, plan: &Arc<Plan>, well: bool) {
        let doing = std::mem::take(&mut self.doing);
        if !well && self.follows(plan) {
            self.due.extend(doing);
        }
    }
}

/// How a month is shared out, by the reference data of one moment.
pub fn shares_of(app: &App, directory: &Directory, month: Month, as_of: Option<Date>) -> ApiResult<Vec<Share>> {
    let with_sheets = app.store.routes_with_sheets(month.first_day(), month.last_day())?;
    let others = with_sheets.into_iter().chain(directory.shops.routes().iter().cloned());
    Ok(shares(&directory.reference, others, month, as_of))
}

/// What some shares of a month are made from.
pub fn slice_of(app: &App, directory: &Directory, shares: &[Share], month: Month) -> ApiResult<Slice> {
    crate::materialise::neighbours::ensure(app, directory.grounds)?;
    let wanted = Wanted {
        routes: shares.iter().flat_map(|share| &share.reads).cloned().collect(),
        people: shares.iter().filter_map(|share| share.person.clone()).collect(),
        month,
        first: month.first_day(),
        last: month.last_day(),
    };
    Slice::read(app.store.as_ref(), directory, &wanted)
}

impl Plan {
    fn new(app: &App, month: Month, as_of: Option<Date>) -> ApiResult<Self> {
        let directory = app.directory();
        let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
        let shares = if scheme.is_some() { shares_of(app, &directory, month, as_of)? } else { Vec::new() };
        let read = |(at, share): (usize, &Share)| share.reads.iter().map(move |route| (route.clone(), at as u32)).collect::<Vec<_>>();
        let mut readers: Vec<(RouteId, u32)> = shares.iter().enumerate().flat_map(read).collect();
        readers.sort_unstable();
        readers.shrink_to_fit();
        Ok(Self { directory, scheme, shares, readers })
    }

    /// The shares that read a route.
    fn readers(&self, route: &RouteId) -> impl Iterator<Item = usize> {
        let first = self.readers.partition_point(|(read, _)| read < route);
        self.readers[first..].iter().take_while(move |(read, _)| read == route).map(|(_, share)| *share as usize)
    }

    /// The managers that are scored, by id.
    pub fn managers(&self) -> impl Iterator<Item = &PersonId> + Clone {
        self.shares.iter().filter_map(|share| share.person.as_ref())
    }
}
