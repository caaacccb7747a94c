//! Backups made and listed by staff: in the folder `backups` beside the data.

use std::path::PathBuf;

use serde::Serialize;
use shared::problem::Code;

use crate::error::{ApiError, ApiResult};
use crate::state::App;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BackupRow {
    pub name: String,
    pub bytes: u64,
    pub made_ms: i64,
}

fn folder(app: &App) -> ApiResult<&PathBuf> {
    app.backups.get().ok_or_else(|| ApiError::with(Code::Invalid, "the data is in no folder"))
}

/// Newest first. None yet: an empty list.
pub fn list(app: &App) -> ApiResult<Vec<BackupRow>> {
    let entries = match std::fs::read_dir(folder(app)?) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(ApiError::internal(fault)),
    };
    let mut rows = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let made = name.strip_prefix("roundsman-").and_then(|rest| rest.strip_suffix(".db")).and_then(|ms| ms.parse().ok());
        if let (Some(made_ms), Ok(meta)) = (made, entry.metadata()) {
            rows.push(BackupRow { name, bytes: meta.len(), made_ms });
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.made_ms));
    Ok(rows)
}

/// A consistent copy while the server runs, read through.
pub fn make(app: &App) -> ApiResult<BackupRow> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = folder(app)?;
    // For its owner alone, as the data.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(ApiError::internal)?;
    let made_ms = app.clock.now_ms();
    let name = format!("roundsman-{made_ms}.db");
    let file = folder.join(&name);
    if file.exists() {
        return Err(ApiError::with(Code::Exists, format!("{name} exists; a backup never overwrites")));
    }
    app.store.backup(&file).inspect_err(|_| drop(std::fs::remove_file(&file)))?;
    crate::store::sqlite::check_backup(&file)?;
    let bytes = std::fs::metadata(&file).map_or(0, |meta| meta.len());
    Ok(BackupRow { name, bytes, made_ms })
}
