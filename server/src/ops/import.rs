//! The import: stage and check first, then commit briefly; acknowledgements don't wait for it.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::PersonId;
use shared::problem::Code;
use shared::reference::{Kind, Reference};

use super::{DONE, Format, REFUSED, Report};
use crate::decisions;
use crate::directory::{load_sales, whole};
use crate::error::{ApiError, ApiResult};
use crate::import::{self, Change, FileReport, Folder, OnProgress, Report as FolderReport, Told};
use crate::months::events::recorded;
use crate::state::SharedApp;
use crate::store::decision::Decision;

/// Who brings data in, and what the audit log calls it.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    pub who: &'a str,
    pub action: &'static str,
}

impl<'a> Author<'a> {
    /// Of a folder or a workbook with the district's files.
    pub fn of_files(who: &'a str) -> Self {
        Self { who, action: "import" }
    }
}

pub fn import(
    app: &SharedApp,
    path: &Path,
    replace: &[String],
    by: Option<&PersonId>,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    let who = decisions::by(app, by)?;
    let folder = import::read_folder(path).map_err(|e| ApiError::with(Code::Invalid, e))?;
    let taken = take_in(app, &folder, replace, Author::of_files(&who), &mut |file, done, total| report.progress(file, done, total))?;
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

/// Imports a folder that has been read: the report of what came in, or of every fault, and then nothing did.
pub fn take_in(
    app: &SharedApp,
    folder: &Folder,
    replace: &[String],
    author: Author<'_>,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    // One import at a time: two would each overlay what the other does not know.
    let _alone = app.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lay_over(app, folder, replace, author, progress)
}

/// As [`take_in`], of a folder that is made from what is stored: no other import comes between.
pub fn take_in_as(
    app: &SharedApp,
    folder: &dyn Fn() -> ApiResult<Folder>,
    replace: &[String],
    author: Author<'_>,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    let _alone = app.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lay_over(app, &folder()?, replace, author, progress)
}

fn lay_over(
    app: &SharedApp,
    folder: &Folder,
    replace: &[String],
    author: Author<'_>,
    progress: OnProgress<'_>,
) -> ApiResult<Result<FolderReport, FolderReport>> {
    let replace: BTreeSet<String> = replace.iter().cloned().collect();
    let current = current(app, folder, &replace)?;
    match import::plan(&current, &recorded(app)?, folder, &replace, progress) {
        Ok(planned) => {
            commit(app, import::difference(&current, &planned.next), author, &planned.report)?;
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

/// What the audit log has of an import: what each file did, and the rows that changed.
#[derive(Serialize)]
struct Said<'a> {
    files: &'a [FileReport],
    #[serde(flatten)]
    told: Told,
}

/// Writes what has changed, and the audit log's row of it, in one transaction; then what follows from new assignments and shops that have moved.
fn commit(app: &SharedApp, changes: Vec<Change>, author: Author<'_>, report: &FolderReport) -> ApiResult<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let moves = changes.iter().any(|change| matches!(change.kind, Kind::Assignments | Kind::Retailer));
    let said = Said { files: &report.files, told: import::told(&changes).map_err(ApiError::internal)? };
    let audit = decisions::entry(app, author.who, author.action, "district".into(), &said)?;
    let reference = changes.into_iter().map(Change::into_row).collect();
    let moved = app.store.decide(Decision { reference, audit: vec![audit], ..Decision::default() })?;
    app.refresh_directory()?;
    app.poke(&moved);
    if moves {
        crate::housekeeping::refile_shops(app)?;
        crate::quarantine::reconsider(app)?;
    }
    Ok(())
}
