//! The phone's one store, and the only place with SQL. Plain SQLite without extensions, so that the same statements run
//! natively and over a browser's file system. The device's secret key lies in `meta`: who holds the file is the device,
//! which is why head office can revoke one.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

mod documents;
mod drafts;
mod filings;
mod intents;
mod meta;
mod outbox;
mod reference;
mod scopes;
mod sheets;

pub use drafts::Draft;
pub use filings::{Filed, FilingState};
pub use intents::{Intent, State};
pub(crate) use meta::{Meta, StoreMark};
pub(crate) use outbox::Outgoing;

/// How long a second process waits for the first one to let go of the store.
const BUSY: Duration = Duration::from_secs(2);

/// One script a version; `user_version` says how many have run. A released script never changes.
const MIGRATIONS: &[&str] =
    &[include_str!("schema.sql"), include_str!("doubted.sql"), include_str!("facts.sql"), include_str!("filings.sql")];
/// The version from which on facts have the form that they have now.
const FACTS_FORM_SINCE: usize = 3;

/// Why the store can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    #[error("another process is using this device's data")]
    InUse,
    #[error("this device's data was written by a newer version ({found}, known are {known}): update the app")]
    Newer { found: usize, known: usize },
    #[error("this device's data is damaged: {0}")]
    Damaged(String),
    #[error("this device's storage is full: nothing of this was kept")]
    Full,
    #[error("this device's data can't be read or written: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

pub(crate) type Stored<T> = Result<T, StoreFault>;

/// The open store of one device; nobody else can open it meanwhile.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens or creates the store in a file.
    pub fn open(path: &Path) -> Result<Self, StoreFault> {
        Self::prepare(Connection::open(path)?)
    }

    /// A store that is gone with the process.
    pub fn in_memory() -> Result<Self, StoreFault> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Self, StoreFault> {
        connection.busy_timeout(BUSY)?;
        // Exclusive before WAL: no shared memory is needed, and a second process is turned away instead of interleaving.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // In a browser's file system, too. One flush makes a commit durable.
        let _mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let mut store = Self { connection };
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&mut self) -> Stored<()> {
        // Immediate, so that the exclusive lock is taken now and not at the first action.
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: usize = tx.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?.try_into().unwrap_or(usize::MAX);
        let known = MIGRATIONS.len();
        if found > known {
            return Err(StoreFault::Newer { found, known });
        }
        for script in &MIGRATIONS[found..] {
            tx.execute_batch(script)?;
        }
        if (1..FACTS_FORM_SINCE).contains(&found) {
            Db { connection: &tx }.derive_facts()?;
        }
        tx.pragma_update(None, "user_version", known as i64)?;
        Ok(tx.commit()?)
    }

    /// Reads.
    pub(crate) fn db(&self) -> Db<'_> {
        Db { connection: &self.connection }
    }

    /// All of `work`, or nothing of it.
    pub(crate) fn write<T, E: From<StoreFault>>(&mut self, work: impl FnOnce(Db<'_>) -> Result<T, E>) -> Result<T, E> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreFault::from)?;
        let done = work(Db { connection: &tx })?;
        tx.commit().map_err(StoreFault::from)?;
        Ok(done)
    }

    /// Writes, and takes all of it back.
    pub(crate) fn undone<T>(&mut self, work: impl FnOnce(Db<'_>) -> Stored<T>) -> Stored<T> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(Db { connection: &tx })?;
        tx.rollback()?;
        Ok(done)
    }
}

/// The store's tables, within a transaction or for reading. Each module of `store` adds the methods of its tables.
#[derive(Clone, Copy)]
pub(crate) struct Db<'c> {
    connection: &'c Connection,
}

impl Db<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Stored<usize> {
        Ok(self.connection.prepare_cached(sql)?.execute(values)?)
    }

    fn one<T: rusqlite::types::FromSql>(&self, sql: &str, values: impl rusqlite::Params) -> Stored<Option<T>> {
        Ok(self.connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn count(&self, sql: &str, values: impl rusqlite::Params) -> Stored<u64> {
        Ok(self.one::<i64>(sql, values)?.unwrap_or(0).unsigned_abs())
    }

    pub fn meta(&self, key: Meta) -> Stored<Option<Vec<u8>>> {
        self.one("SELECT value FROM meta WHERE key = ?1", [key.as_str()])
    }

    pub fn set_meta(&self, key: Meta, value: &[u8]) -> Stored<()> {
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", params![key.as_str(), value]).map(drop)
    }

    pub fn clear_meta(&self, key: Meta) -> Stored<()> {
        self.run("DELETE FROM meta WHERE key = ?1", [key.as_str()]).map(drop)
    }
}

/// What the store holds in another form than it was written in.
fn damaged(what: &str, error: impl std::fmt::Display) -> StoreFault {
    StoreFault::Damaged(format!("{what}: {error}"))
}
