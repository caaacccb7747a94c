//! The import: stage and check first, then commit briefly; acknowledgements don't wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use shared::ids::Scope;
use shared::problem::Code;
use shared::reference::{Kind, Reference, Row};

use super::{DONE, Format, REFUSED, Report};
use crate::decisions::{self, OPERATOR};
use crate::directory::{load_sales, whole};
use crate::error::{ApiError, ApiResult};
use crate::import::{self, Folder, OnProgress, Report as FolderReport};
use crate::months::events::recorded;
use crate::state::SharedApp;
use crate::store::decision::Decision;

pub fn import(app: &SharedApp, path: &Path, replace: &[String], format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let folder = import::read_folder(path).map_err(|e| ApiError::with(Code::Invalid, e))?;
    let taken = take_in(app, &folder, replace, OPERATOR, &mut |file, done, total| report.progress(file, done, total))?;
    let (code, found) = match taken {
        Ok(found) => (DONE, found),
        Err(found) => (REFUSED, found),
    };
    match format {
        Format::Json => report.out(&found.to_json()),
        Format::Text if code == DONE => report.out(&found.to_text()),
        Format::Text => report.err(&found.to_text()),
    }
    Ok(code)
}

/// Imports a folder that has been read, for `who`: the report of what came in, or of every fault, and then nothing did.
pub fn take_in(
    app: &SharedApp,
    folder: &Folder,
    replace: &[String],
    who: &str,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    // One import at a time: two would each overlay what the other does not know.
    let _alone = app.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lay_over(app, folder, replace, who, progress)
}

/// As [`take_in`], of a folder that is made from what is stored: no other import comes between.
pub fn take_in_as(
    app: &SharedApp,
    folder: &dyn Fn() -> ApiResult<Folder>,
    replace: &[String],
    who: &str,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    let _alone = app.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lay_over(app, &folder()?, replace, who, progress)
}

fn lay_over(
    app: &SharedApp,
    folder: &Folder,
    replace: &[String],
    who: &str,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    let replace: BTreeSet<String> = replace.iter().cloned().collect();
    let current = current(app, folder, &replace)?;
    match import::plan(&current, &recorded(app)?, folder, &replace, progress) {
        Ok(planned) => {
            commit(app, difference(&current, &planned.next), who, &planned.report)?;
            Ok(Ok(planned.report))
        }
        Err(found) => Ok(Err(found)),
    }
}

/// What an import would do: the report, or every fault. Nothing changes.
pub fn check(app: &SharedApp, folder: &Folder, replace: &[String]) -> ApiResult<Result<FolderReport, FolderReport>> {
    let replace: BTreeSet<String> = replace.iter().cloned().collect();
    let current = current(app, folder, &replace)?;
    Ok(import::plan(&current, &recorded(app)?, folder, &replace, &mut |_, _, _| {}).map(|planned| planned.report))
}

/// What is stored, with those sales that the folder may touch.
fn current(app: &SharedApp, folder: &Folder, replace: &BTreeSet<String>) -> ApiResult<Reference> {
    let store = app.store.as_ref();
    let mut current = whole(store)?;
    let needed = import::sales_needed(&current, folder, replace);
    if let Some(since) = needed.since {
        load_sales(store, &mut current, since, Date::MAX)?;
    }
    for date in needed.dates.into_iter().filter(|date| needed.since.is_none_or(|since| *date < since)) {
        load_sales(store, &mut current, date, date)?;
    }
    Ok(current)
}

/// Writes what has changed, and the audit log's row of it, in one transaction; then what follows from new assignments and shops that have moved.
fn commit(app: &SharedApp, rows: Vec<(Scope, Row)>, who: &str, report: &FolderReport) -> ApiResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let moves = rows.iter().any(|(_, row)| matches!(row.kind, Kind::Assignments | Kind::Retailer));
    let said: serde_json::Value = serde_json::from_str(&report.to_json()).map_err(ApiError::internal)?;
    let audit = decisions::entry(app, who, "import", "district".into(), &said["files"])?;
    let moved = app.store.decide(Decision { reference: rows, audit: vec![audit], ..Decision::default() })?;
    app.refresh_directory()?;
    app.poke(&moved);
    if moves {
        crate::housekeeping::refile_shops(app)?;
        crate::quarantine::reconsider(app)?;
    }
    Ok(())
}

/// The rows that are new, changed or gone.
fn difference(current: &Reference, next: &Reference) -> Vec<(Scope, Row)> {
    let key = |(scope, row): (Scope, Row)| ((scope, row.kind, row.key), row.value);
    let mut before: BTreeMap<_, _> = current.rows().into_iter().map(key).collect();
    let mut out = Vec::new();
    for ((scope, kind, key), value) in next.rows().into_iter().map(key) {
        let known = before.remove(&(scope.clone(), kind, key.clone()));
        if known.as_ref() != Some(&value) {
            out.push((scope, Row { kind, key, value }));
        }
    }
    out.extend(before.into_keys().map(|(scope, kind, key)| (scope, Row { kind, key, value: None })));
    out
}
