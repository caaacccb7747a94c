//! The day's board, kept: the routes of a day with their stops, of which only those are counted again whose facts were
//! replaced. The materialiser does the counting, so that whoever looks only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use shared::ids::{PersonId, RouteId};
use shared::limits;

use super::count::{RouteDay, among, count};
use crate::directory::Directory;
use crate::error::ApiResult;
use crate::materialise::neighbours;
use crate::state::App;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The boards that are kept.
pub struct DayBoards {
    /// Who was asked for longest ago comes first.
    kept: Mutex<Vec<Arc<DayBoard>>>,
    /// See [`Self::life`].
    life: u64,
}

pub struct DayBoard {
    pub date: Date,
    asked_ms: AtomicI64,
    marks: Mutex<Marks>,
    /// Held while routes are counted; whoever reads takes the snapshot instead.
    counting: Mutex<()>,
    rows: Mutex<Arc<Rows>>,
}

/// What is to be counted again.
#[derive(Default)]
struct Marks {
    /// False: everything, from the reference data as it will be then.
    planned: bool,
    due: BTreeSet<RouteId>,
    doing: BTreeSet<RouteId>,
    upheavals: u64,
}

/// The routes of the day, as they were counted last.
#[derive(Default, Clone)]
pub struct Rows {
    pub directory: Option<Arc<Directory>>,
    pub routes: BTreeMap<RouteId, Arc<Row>>,
    /// Counts up with everything that changes; see [`Row::version`].
    pub version: u64,
    /// The version with which everything was counted anew: who knows an older one has to look at all of it.
    pub base: u64,
}

pub struct Row {
    /// Responsible that day.
    pub person: PersonId,
    pub day: RouteDay,
    /// Of the board, when this last changed.
    pub version: u64,
}

impl Default for DayBoards {
    fn default() -> Self {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the system has randomness");
        Self { kept: Mutex::default(), life: u64::from_be_bytes(bytes) }
    }
}

impl DayBoards {
    /// Different after every start: versions of another life say nothing.
    pub fn life(&self) -> u64 {
        self.life
    }

    /// Sheets were replaced.
    pub fn note(&self, concerned: &BTreeSet<(RouteId, Date)>) {
        for board in self.all() {
            let routes = concerned.iter().filter(|(_, date)| *date == board.date).map(|(route, _)| route.clone());
            locked(&board.marks).due.extend(routes);
        }
    }

    /// The reference data changed.
    pub fn note_upheaval(&self) {
        for board in self.all() {
            let mut marks = locked(&board.marks);
            *marks = Marks { upheavals: marks.upheavals + 1, ..Marks::default() };
        }
    }

    /// Counts what is due on the boards that somebody looks at.
    pub fn refresh(&self, app: &App) -> ApiResult<()> {
        let now = app.clock.now_ms();
        self.all().iter().filter(|board| board.is_watched(now)).try_for_each(|board| board.catch_up(app))
    }

    /// A day's board; it is kept from now on, and the one that nobody asked for longest goes.
    pub fn board(&self, date: Date) -> Arc<DayBoard> {
        let mut kept = locked(&self.kept);
        let known = kept.iter().position(|board| board.date == date);
        let board = known.map_or_else(|| Arc::new(DayBoard::new(date)), |at| kept.remove(at));
        kept.push(board.clone());
        if kept.len() > limits::DAY_BOARDS_MAX {
            kept.remove(0);
        }
        board
    }

    fn all(&self) -> Vec<Arc<DayBoard>> {
        locked(&self.kept).clone()
    }
}

impl DayBoard {
    fn new(date: Date) -> Self {
        Self { date, asked_ms: AtomicI64::new(0), marks: Mutex::default(), counting: Mutex::default(), rows: Mutex::default() }
    }

    fn is_watched(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.asked_ms.load(Ordering::Relaxed)) <= limits::DAY_BOARD_WATCHED_MS
    }

    /// Makes sure that the board is counted, or will be in a moment by the materialiser.
    pub fn look(&self, app: &App) -> ApiResult<()> {
        let now = app.clock.now_ms();
        let watched = self.is_watched(now);
        self.asked_ms.store(now, Ordering::Relaxed);
        if watched && locked(&self.marks).planned {
            return Ok(());
        }
        // Before anything is locked: the materialiser counts, too, and holds what this may wait for.
        neighbours::ensure(app, app.directory().grounds)?;
        self.catch_up(app)
    }

    /// Routes whose rows are older than their facts, and then the rows: what the first doesn't name is of its facts.
    pub fn read(&self) -> (BTreeSet<RouteId>, Arc<Rows>) {
        let marks = locked(&self.marks);
        let behind = marks.due.union(&marks.doing).cloned().collect();
        drop(marks);
        (behind, locked(&self.rows).clone())
    }

    fn catch_up(&self, app: &App) -> ApiResult<()> {
        let _alone = locked(&self.counting);
        loop {
            let (planned, upheavals) = {
                let marks = locked(&self.marks);
                (marks.planned, marks.upheavals)
            };
            if !planned {
                self.begin(app, upheavals)?;
                continue;
            }
            let rows = locked(&self.rows).clone();
            let Some(directory) = rows.directory.clone() else { return Ok(()) };
            let batch: BTreeSet<RouteId> = locked(&self.marks).next();
            if batch.is_empty() {
                return Ok(());
            }
            let counted = among(app, &directory, self.date, &batch).and_then(|routes| count(app, &directory, self.date, &routes));
            // Before anything is locked: whoever reads should not wait for it.
            let next = counted.map(|counted| Arc::new(rows.with(&batch, counted)));
            let mut marks = locked(&self.marks);
            let doing = std::mem::take(&mut marks.doing);
            if marks.upheavals != upheavals {
                continue;
            }
            match next {
                Ok(next) => *locked(&self.rows) = next,
                Err(error) => {
                    marks.due.extend(doing);
                    return Err(error);
                }
            }
        }
    }

    /// All routes are due, by the reference data as it is now.
    fn begin(&self, app: &App, upheavals: u64) -> ApiResult<()> {
        let directory = app.directory();
        let routes = super::count::routes_of_day(app, &directory, self.date)?;
        let counted = count(app, &directory, self.date, &routes)?;
        let mut marks = locked(&self.marks);
        if marks.upheavals != upheavals {
            return Ok(());
        }
        marks.planned = true;
        let mut rows = locked(&self.rows);
        let base = rows.version + 1;
        let fresh = Rows { directory: Some(directory), routes: BTreeMap::new(), version: base, base };
        *rows = Arc::new(fresh.with(&routes, counted));
        Ok(())
    }
}

impl Marks {
    fn next(&mut self) -> BTreeSet<RouteId> {
        let batch: BTreeSet<RouteId> = self.due.iter().take(limits::SCORE_ROUTES).cloned().collect();
        self.due.retain(|route| !batch.contains(route));
        self.doing = batch.clone();
        batch
    }
}

impl Rows {
    /// With some routes counted again; those that nobody is responsible for have no row.
    fn with(&self, routes: &BTreeSet<RouteId>, mut counted: BTreeMap<RouteId, (PersonId, RouteDay)>) -> Self {
        let mut next = self.clone();
        next.version += 1;
        for route in routes {
            match counted.remove(route) {
                Some((person, day)) => drop(next.routes.insert(route.clone(), Arc::new(Row { person, day, version: next.version }))),
                None => drop(next.routes.remove(route)),
            }
        }
        next
    }
}
