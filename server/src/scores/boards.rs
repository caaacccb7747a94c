//! Which boards are kept, and how they hear of what changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::limits;
use shared::reference::Role;
use shared::time::Month;

use super::board::Board;
use crate::error::ApiResult;
use crate::progress::DayBoards;
use crate::state::App;
use crate::store::Replaced;

#[derive(Default)]
pub struct Boards {
    /// Who was asked for longest ago comes first.
    kept: Mutex<Vec<Arc<Board>>>,
    pub days: DayBoards,
    /// Written to while facts are stored and the boards hear of it: whoever reads sees both or neither.
    hearing: RwLock<()>,
}

impl Boards {
    /// Stores facts, and lets the boards hear what that concerns.
    pub fn replacing(&self, store: impl FnOnce() -> ApiResult<Replaced>) -> ApiResult<Replaced> {
        let _hearing = self.hearing.write().unwrap_or_else(PoisonError::into_inner);
        let replaced = store()?;
        self.all().iter().for_each(|board| board.note(&replaced.concerned));
        self.days.note(&replaced.concerned);
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

    /// Day sheets that are not materialised.
    pub fn sheets_behind(&self, app: &App) -> ApiResult<BTreeSet<(RouteId, Date)>> {
        let _hearing = self.hearing.read().unwrap_or_else(PoisonError::into_inner);
        Ok(app.store.dirty_sheets()?)
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
