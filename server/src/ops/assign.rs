//! A substitution or a hand-over by hand: it becomes rows of `assignments.csv` and goes through the import's own checks.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::{PersonId, RouteId};
use shared::problem::Code;
use shared::reference::{Assignment, AssignmentKind};
use shared::time::days_before;

use super::import::{Author, check, take_in};
use crate::district::kind_name;
use crate::error::{ApiError, ApiResult};
use crate::import::{Folder, Report};
use crate::state::SharedApp;

/// Routes change hands, for some days or from a day on.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: AssignmentKind,
    pub routes: Vec<RouteId>,
    pub person: PersonId,
    pub from: Date,
    /// The last day; none: open.
    pub to: Option<Date>,
}

/// Checks a change, and makes it unless `dry_run`. Err: every fault, and nothing changed.
pub fn assign(app: &SharedApp, change: &Change, who: &str, dry_run: bool) -> ApiResult<Result<Report, Report>> {
    if change.routes.is_empty() {
        return Err(ApiError::with(Code::Invalid, "routes: at least one"));
    }
    let folder = Folder { files: BTreeMap::from([("assignments.csv".to_string(), rows(app, change)?)]), ..Folder::default() };
    let author = Author { who, action: "assignment.change" };
    if dry_run { check(app, &folder, &[]) } else { take_in(app, &folder, &[], author, &mut |_, _, _| {}) }
}

/// The change's own rows, and for a hand-over those of who had the route until the day before.
fn rows(app: &SharedApp, change: &Change) -> ApiResult<Vec<u8>> {
    let directory = app.directory();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["route_id", "person_id", "kind", "from", "to"]).map_err(ApiError::internal)?;
    let mut write = |route: &RouteId, person: &PersonId, kind, from: Date, to: Option<Date>| {
        let to = to.map_or_else(String::new, |to| to.to_string());
        csv.write_record([route.as_str(), person.as_str(), kind_name(kind), &from.to_string(), &to]).map_err(ApiError::internal)
    };
    for route in &change.routes {
        if change.kind == AssignmentKind::Owner {
            let known = directory.reference.assignments.get(route).map_or(&[][..], Vec::as_slice);
            if let Some(before) = known.iter().find(|row| ends_by(row, change)) {
                write(route, &before.person, before.kind, before.from, Some(days_before(change.from, 1)))?;
            }
        }
        write(route, &change.person, change.kind, change.from, change.to)?;
    }
    csv.into_inner().map_err(ApiError::internal)
}

/// The owner whose time the hand-over cuts off.
fn ends_by(row: &Assignment, change: &Change) -> bool {
    row.kind == AssignmentKind::Owner && row.from < change.from && row.to.is_none_or(|to| to >= change.from)
}
