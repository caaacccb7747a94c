//! samod's storage over one SQLite file, as durable as Roundsman's own: WAL, `synchronous=FULL`, and one commit for all writes that
//! wait together.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, params};
use samod::storage::{Storage, StorageKey};
use tokio::sync::oneshot;

/// As many writes as one commit takes.
const BATCH: usize = 256;

pub const FILE: &str = "store.db";
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID;";
pub const PUT: &str = "INSERT INTO kv (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = excluded.v";

type Rows = Vec<(String, Vec<u8>)>;

enum Job {
    Load(String, oneshot::Sender<Option<Vec<u8>>>),
    Range(String, oneshot::Sender<Rows>),
    Write(Write, oneshot::Sender<()>),
}

enum Write {
    Put(String, Vec<u8>),
    Delete(String),
}

#[derive(Clone)]
pub struct Sqlite(mpsc::Sender<Job>);

pub fn connect(dir: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(dir.join(FILE))?;
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// A key is its parts with slashes between them; samod's parts have none.
pub fn key(parts: &StorageKey) -> String {
    parts.into_iter().map(String::as_str).collect::<Vec<_>>().join("/")
}

pub fn parts(key: &str) -> Option<StorageKey> {
    StorageKey::from_parts(key.split('/').collect::<Vec<_>>()).ok()
}

impl Sqlite {
    /// Opens the store; the receiver hears why its thread ended, if it ever does.
    pub fn open(dir: &Path) -> Result<(Self, oneshot::Receiver<anyhow::Error>)> {
        let connection = connect(dir).with_context(|| format!("{FILE} in {}", dir.display()))?;
        let (jobs, waiting) = mpsc::channel();
        let (ended, why) = oneshot::channel();
        thread::spawn(move || {
            if let Err(error) = work(connection, &waiting) {
                // Nobody listens only when the server is ending anyway.
                drop(ended.send(error.into()));
            }
        });
        Ok((Self(jobs), why))
    }

    /// samod's storage cannot fail. What the thread could not do must not look done, so it stays undone until the process ends.
    async fn ask<T>(self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> T {
        let (answer, answered) = oneshot::channel();
        if self.0.send(job(answer)).is_ok()
            && let Ok(answer) = answered.await
        {
            return answer;
        }
        pending().await
    }
}

impl Storage for Sqlite {
    fn load(&self, at: StorageKey) -> impl Future<Output = Option<Vec<u8>>> + Send {
        self.clone().ask(move |answer| Job::Load(key(&at), answer))
    }

    fn load_range(&self, prefix: StorageKey) -> impl Future<Output = HashMap<StorageKey, Vec<u8>>> + Send {
        let rows = self.clone().ask(move |answer| Job::Range(key(&prefix), answer));
        async { rows.await.into_iter().filter_map(|(key, value)| Some((parts(&key)?, value))).collect() }
    }

    fn put(&self, at: StorageKey, data: Vec<u8>) -> impl Future<Output = ()> + Send {
        self.clone().ask(move |answer| Job::Write(Write::Put(key(&at), data), answer))
    }

    fn delete(&self, at: StorageKey) -> impl Future<Output = ()> + Send {
        self.clone().ask(move |answer| Job::Write(Write::Delete(key(&at)), answer))
    }
}

fn work(mut connection: Connection, waiting: &mpsc::Receiver<Job>) -> rusqlite::Result<()> {
    while let Ok(first) = waiting.recv() {
        let mut writes = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Load(key, answer) => reply(answer, load(&connection, &key)?),
                Job::Range(prefix, answer) => reply(answer, range(&connection, &prefix)?),
                Job::Write(write, answer) => writes.push((write, answer)),
            }
            next = if writes.len() < BATCH { waiting.try_recv().ok() } else { None };
        }
        if !writes.is_empty() {
            commit(&mut connection, writes)?;
        }
    }
    Ok(())
}

fn load(connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection.prepare_cached("SELECT v FROM kv WHERE k = ?1")?.query_row(params![key], |row| row.get(0)).optional()
}

fn range(connection: &Connection, prefix: &str) -> rusqlite::Result<Rows> {
    // '0' is the character after '/'.
    let mut rows = connection.prepare_cached("SELECT k, v FROM kv WHERE k >= ?1 || '/' AND k < ?1 || '0'")?;
    rows.query_map(params![prefix], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn commit(connection: &mut Connection, writes: Vec<(Write, oneshot::Sender<()>)>) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for (write, _) in &writes {
        match write {
            Write::Put(key, value) => transaction.prepare_cached(PUT)?.execute(params![key, value])?,
            Write::Delete(key) => transaction.prepare_cached("DELETE FROM kv WHERE k = ?1")?.execute(params![key])?,
        };
    }
    transaction.commit()?;
    for (_, answer) in writes {
        reply(answer, ());
    }
    Ok(())
}

/// Whoever asked may be gone by now: its connection was closed.
fn reply<T>(to: oneshot::Sender<T>, answer: T) {
    drop(to.send(answer));
}
