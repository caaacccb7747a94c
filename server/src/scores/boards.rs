//! Which boards are kept, and how they hear of what changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::limits;
use shared::reference::Role;
use shared::time::Month;

use super::board::Board;
use crate::error::ApiResult;
use crate::progress::DayBoards;
use crate::state::App;
use crate::store::{Replaced, Uncounted};

#[derive(Default)]
pub struct Boards {
    /// Who was asked for longest ago comes first.
    kept: Mutex<Vec<Arc<Board>>>,
    pub days: DayBoards,
    /// Written to while facts are stored and the boards hear of it: whoever reads sees both or neither.
    hearing: RwLock<()>,
    /// The day sheets of facts that are being stored, until the boards have heard: for those who don't wait to read.
    storing: Mutex<BTreeSet<(RouteId, Date)>>,
}

impl Boards {
    /// Stores facts of these sheets, and lets the boards hear what that concerns.
    pub fn replacing(&self, sheets: BTreeSet<(RouteId, Date)>, store: impl FnOnce() -> ApiResult<Replaced>) -> ApiResult<Replaced> {
        let _hearing = self.hearing.write().unwrap_or_else(PoisonError::into_inner);
        *self.storing() = sheets;
        let replaced = store().inspect_err(|_| self.storing().clear())?;
        self.all().iter().for_each(|board| board.note(&replaced.concerned));
        self.days.note(&replaced.concerned);
        self.storing().clear();
        Ok(replaced)
    }

    /// The reference data changed: all scores are of before.
    pub fn note_upheaval(&self) {
        self.all().iter().for_each(|board| board.note_upheaval());
        self.days.note_upheaval();
    }

    /// How many documents are not materialised, and how many managers' scores of the current month are older than their
    /// facts, at one moment.
    pub fn behind(&self, app: &App) -> ApiResult<(u64, u64)> {
        let _hearing = self.hearing.read().unwrap_or_else(PoisonError::into_inner);
        let month = current(app);
        let current = self.all().into_iter().find(|board| (board.month, board.as_of) == (month, None));
        let directory = app.directory();
        let managers = || directory.reference.people.values().filter(|person| person.role == Role::Manager).count() as u64;
        Ok((app.store.dirty_count()?, current.and_then(|board| board.behind()).unwrap_or_else(managers)))
    }

    /// Documents that are not materialised, and so in no score.
    pub fn documents_behind(&self, app: &App) -> ApiResult<u64> {
        let _hearing = self.hearing.read().unwrap_or_else(PoisonError::into_inner);
        Ok(app.store.dirty_count()?)
    }

    /// What a day's board doesn't count yet, but for what it has heard of: to be asked before the board is. It waits for
    /// nobody who stores: in a burst that would take longer than all else.
    pub fn uncounted(&self, app: &App) -> ApiResult<Uncounted> {
        let mut uncounted = app.store.uncounted()?;
        // After the store: what is stored in between is still here, or the boards have heard of it.
        for sheet in self.storing().iter() {
            uncounted.documents += u64::from(uncounted.sheets.insert(sheet.clone()));
        }
        Ok(uncounted)
    }

    fn storing(&self) -> MutexGuard<'_, BTreeSet<(RouteId, Date)>> {
        self.storing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The board of a month to a last day; it is kept from now on, and the one that nobody asked for longest goes.
    pub fn board(&self, app: &App, month: Month, as_of: Option<Date>) -> Arc<Board> {
        // To the month's end or later is the whole month.
        let as_of = as_of.filter(|day| *day < month.last_day());
        let current = current(app);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|board| (board.month, board.as_of) == (month, as_of));
        let board = known.map_or_else(|| Arc::new(Board::new(month, as_of)), |at| kept.remove(at));
        kept.push(board.clone());
        if kept.len() > limits::BOARDS_MAX {
            let goes = kept.iter().position(|board| (board.month, board.as_of) != (current, None));
            goes.map(|at| kept.remove(at));
        }
        board
    }

    /// Brings the current month and all that was asked for up to date.
    pub fn refresh(&self, app: &App) -> ApiResult<()> {
        self.board(app, current(app), None).refresh(app)?;
        self.all().iter().try_for_each(|board| board.refresh(app))
    }

    fn all(&self) -> Vec<Arc<Board>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn current(app: &App) -> Month {
    Month::of(app.directory().today(app.clock.now_ms()))
}
