//! The beat plan changed by hand: a route's day moves to another, and the plan as it will be goes through the import's own
//! checks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::problem::Code;
use shared::reference::{Kind, Reference};

use super::import::{Author, check, take_in_as};
use crate::error::{ApiError, ApiResult};
use crate::import::{Folder, Report};
use crate::state::SharedApp;

const FILE: &str = "calendar.csv";

/// A route is to be visited on another day.
#[derive(Clone, Debug)]
pub struct Move {
    pub route: RouteId,
    pub from: Date,
    pub to: Date,
}

/// Checks a move, and makes it unless `dry_run`. Err: every fault, and nothing changed. What was planned for a day that is
/// over stays: work has been judged by it.
pub fn shift(app: &SharedApp, change: &Move, who: &str, dry_run: bool) -> ApiResult<Result<Report, Report>> {
    let today = app.directory().today(app.clock.now_ms());
    if change.from < today || change.to < today {
        return Err(ApiError::with(Code::Invalid, "from, to: what was planned for a day that is over stays"));
    }
    let replace = [FILE.to_string()];
    if dry_run {
        check(app, &plan(app, change)?, &replace)
    } else {
        let author = Author { who, action: "calendar.move" };
        take_in_as(app, &|| plan(app, change), &replace, author, &mut |_, _, _| {})
    }
}

/// The whole beat plan with the move made.
fn plan(app: &SharedApp, change: &Move) -> ApiResult<Folder> {
    let Move { route, from, to } = change;
    let mut reference = Reference::default();
    crate::directory::load(app.store.as_ref(), &mut reference, Kind::Calendar, None)?;
    let mut planned: BTreeSet<(Date, RouteId)> =
        reference.calendar.iter().flat_map(|((route, _), dates)| dates.iter().map(|date| (*date, route.clone()))).collect();
    if !planned.remove(&(*from, route.clone())) {
        return Err(ApiError::with(Code::ChangedMeanwhile, format!("{route} is not planned on {from} any more")));
    }
    if !planned.insert((*to, route.clone())) {
        return Err(ApiError::with(Code::Invalid, format!("to: {route} is planned on {to} already")));
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["date", "route_id"]).map_err(ApiError::internal)?;
    for (date, route) in &planned {
        csv.write_record([&date.to_string(), route.as_str()]).map_err(ApiError::internal)?;
    }
    let bytes = csv.into_inner().map_err(ApiError::internal)?;
    Ok(Folder { files: BTreeMap::from([(FILE.to_string(), bytes)]), ..Folder::default() })
}
