//! The data folder: one database, one lock, one socket. Whoever holds the lock is the only one to write.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shared::limits;
use shared::problem::Code;
use shared::time::Zone;

use super::people::local_time;
use super::{DONE, Report};
use crate::clock::Clock;
use crate::error::{ApiError, ApiResult};
use crate::state::{App, SharedApp};
use crate::store::Store;
use crate::store::decision::AuditRow;
use crate::store::sqlite::{self, SqliteStore};

pub struct DataFolder {
    path: PathBuf,
    /// Held for as long as this lives.
    _lock: File,
}

impl DataFolder {
    /// Takes the folder, making it if need be; none if another process holds it.
    pub fn take(path: &Path) -> ApiResult<Option<Self>> {
        let fail = |e: std::io::Error| ApiError::with(Code::Invalid, format!("{}: {e}", path.display()));
        // For its owner alone: it holds keys and password hashes.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock")).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path: path.to_path_buf(), _lock: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(fail(e)),
        }
    }

    pub fn database(&self) -> PathBuf {
        database(&self.path)
    }

    pub fn open(&self, clock: Arc<dyn Clock>) -> ApiResult<SharedApp> {
        if !self.database().exists() && self.database().with_extension("restoring").exists() {
            return Err(ApiError::with(Code::Invalid, format!("a restore of {} was cut off: do it again", self.path.display())));
        }
        let store = SqliteStore::open(&self.database(), clock.now_ms()).map_err(|e| ApiError::with(Code::Invalid, e))?;
        let app = App::open(Arc::new(store), clock)?;
        app.backups.get_or_init(|| self.path.join("backups"));
        Ok(app)
    }
}

/// The database of a data folder.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("roundsman.db")
}

/// The socket by which commands reach a running server.
pub fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

pub fn backup(app: &SharedApp, file: &Path, report: &mut dyn Report) -> ApiResult<u8> {
    if file.exists() {
        return Err(ApiError::with(Code::Exists, format!("{} exists; a backup never overwrites", file.display())));
    }
    report.progress("backup", 0, 1);
    app.store.backup(file).inspect_err(|_| drop(std::fs::remove_file(file)))?;
    report.progress("backup", 1, 1);
    let bytes = std::fs::metadata(file).map_or(0, |meta| meta.len());
    report.out(&format!("{}: {bytes} bytes, checked\n", file.display()));
    Ok(DONE)
}

/// Puts a backup in the place of the folder's data and begins a new epoch, so that devices send again what the backup
/// does not have. The data that it replaces is kept beside it.
pub fn restore(folder: &DataFolder, file: &Path, clock: &dyn Clock, report: &mut dyn Report) -> ApiResult<u8> {
    let invalid = |what: String| ApiError::with(Code::Invalid, format!("{}: {what}", file.display()));
    sqlite::check_backup(file).map_err(|e| invalid(e.to_string()))?;
    let (database, now_ms) = (folder.database(), clock.now_ms());
    // What is replaced may be damaged: then its epoch is not known, and the time alone makes the new one greater.
    let newest = sqlite::check_backup(&database).unwrap_or(0);
    let staged = database.with_extension("restoring");
    for suffix in SUFFIXES {
        let left_over = with_suffix(&staged, suffix);
        if left_over.exists() {
            std::fs::remove_file(left_over).map_err(ApiError::internal)?;
        }
    }
    std::fs::copy(file, &staged).map_err(|e| invalid(e.to_string()))?;
    {
        let store = SqliteStore::open(&staged, now_ms)?;
        let known = store.epochs()?.last().map_or(0, |epoch| epoch.epoch);
        // Greater than any epoch that a device may have seen, of this data or of what it replaces.
        let epoch = (known.max(newest) + 1).max(u64::try_from(now_ms).unwrap_or(0));
        store.begin_epoch(epoch, now_ms)?;
    }
    let lacks = if database.exists() { sqlite::decided_elsewhere(file, &database, limits::AUDIT_PAGE).ok() } else { None };
    let aside = database.with_extension(format!("before-restore-{now_ms}.db"));
    // Its closing folds the WAL in; a file that is renamed without its WAL would lack what is in it.
    if with_suffix(&staged, "-wal").exists() {
        return Err(ApiError::internal("the staged copy was not folded into one file"));
    }
    for suffix in SUFFIXES {
        let old = with_suffix(&database, suffix);
        if old.exists() {
            std::fs::rename(&old, with_suffix(&aside, suffix)).map_err(ApiError::internal)?;
        }
    }
    std::fs::rename(&staged, &database).map_err(ApiError::internal)?;
    File::open(&folder.path).and_then(|dir| dir.sync_all()).map_err(ApiError::internal)?;
    report.out(&format!("{} is restored; a new epoch has begun: devices bring again what it lacks\n", file.display()));
    if aside.exists() {
        report.out(&format!("the data before it is kept as {}\n", aside.display()));
    }
    report.out(&undecided(lacks)?);
    Ok(DONE)
}

/// Devices bring field work again; what staff decided they don't have.
fn undecided(lacks: Option<(Vec<AuditRow>, u64)>) -> ApiResult<String> {
    let Some((rows, count)) = lacks else {
        return Ok("what staff decided since the backup is not in it: publications, rulings, imports, passwords, revocations\n".into());
    };
    if count == 0 {
        return Ok(String::new());
    }
    let utc = Zone::named("UTC").map_err(ApiError::internal)?;
    let mut text = format!("what staff decided since the backup is not in it, and is to be done again ({count}):\n");
    for row in &rows {
        text += &format!("  {} UTC  {}  {}  {}\n", local_time(&utc, row.at_ms), row.who, row.action, row.subject);
    }
    if count > rows.len() as u64 {
        text += &format!("  and {} more\n", count - rows.len() as u64);
    }
    Ok(text)
}

/// A database file, and what SQLite keeps beside it.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}
