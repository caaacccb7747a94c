//! The store on SQLite: WAL, `synchronous=FULL`, one writer with group commit, readers apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};
use shared::facts::SheetFacts;
use shared::ids::{ChangeHash, DeviceId, DocumentId, PersonId, RouteId, Scope};
use shared::reference::{Kind, Row};
use shared::time::Month;

use super::decision::{AuditRow, Decision, Record, RecordKind, StoredRevision};
use super::{
    Appended, Authored, Batch, Device, Dirty, Epoch, FactsQuery, FactsSlice, FiledComplaint, Held, KeyRange, Materialised, Page, PageQuery,
    Replaced, Result, Ruling, ScopedKind, SheetNeighbours, Store, StoreError, Uncounted, Upload,
};

mod decisions;
mod documents;
mod download;
mod facts;
mod log;
mod meta;
mod neighbours;
mod people;
mod quarantine;
mod readers;
mod reference;
mod seal;
mod signers;
mod slice;
mod writer;

use readers::Readers;
use signers::Signers;
use writer::Writer;

/// The version of the schema.
pub const SCHEMA: usize = MIGRATIONS.len();

const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/0001_first.sql"),
    include_str!("../../../migrations/0002_seals.sql"),
    include_str!("../../../migrations/0003_neighbours.sql"),
    include_str!("../../../migrations/0004_decisions.sql"),
    include_str!("../../../migrations/0005_device_report.sql"),
];

/// Pages that the WAL gathers before they are folded into the file: 32 MiB.
const WAL_PAGES: i64 = 8_192;

/// Memory for pages of the writer, which writes the same ones again and again. What is not in it, the system mostly has.
const WRITER_CACHE_KIB: i64 = 8_192;

/// Memory for pages of each reader: the inner pages of the tables. There are several, and each reads something else each time.
const READER_CACHE_KIB: i64 = 1_024;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

pub struct SqliteStore {
    path: PathBuf,
    // Dropped in this order: the writer closes last, folds the WAL into the file and takes it away.
    readers: Readers,
    writer: Writer,
    signers: Signers,
}

impl SqliteStore {
    /// Opens or creates the database file and brings it up to date. `now_ms` dates the first epoch.
    pub fn open(path: &Path, now_ms: i64) -> Result<Self> {
        create_private(path)?;
        let mut connection = Connection::open(path)?;
        configure(&connection, WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Pages that a burst writes again and again go into the file once.
        connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        migrate(&mut connection, now_ms)?;
        let writer = Writer::start(connection)?;
        let readers = Readers::new(path.to_path_buf());
        Ok(Self { path: path.to_path_buf(), readers, writer, signers: Signers::default() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the file if it is not there, for its owner alone: it holds keys and password hashes. SQLite gives the files
/// beside it the same permissions.
fn create_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
    opened.map(drop).map_err(|e| StoreError::Damaged(format!("{}: {e}", path.display())))
}

/// Reads a backup through, and answers its newest epoch.
pub fn check_backup(file: &Path) -> Result<u64> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    let newest = meta::epochs(&connection)?.last().map(|epoch| epoch.epoch);
    newest.ok_or_else(|| StoreError::Damaged("it is no backup of Roundsman".into()))
}

/// The audit log's rows of a database that another does not have, at most so many; and how many there are.
pub fn decided_elsewhere(here: &Path, there: &Path, most: usize) -> Result<(Vec<AuditRow>, u64)> {
    let open = |file: &Path| Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let (here, there) = (open(here)?, open(there)?);
    let last = |c: &Connection| c.query_row("SELECT coalesce(max(id), 0) FROM audit", [], |row| row.get::<_, i64>(0));
    let hash = |c: &Connection, id: i64| c.query_row("SELECT hash FROM audit WHERE id = ?1", [id], |row| row.get::<_, Vec<u8>>(0));
    // After an earlier restore the two have gone on apart under the same numbers. A row's hash says all that was before it.
    let (mut common, mut apart) = (0, last(&here)?.min(last(&there)?) + 1);
    while common + 1 < apart {
        let middle = (common + apart) / 2;
        if hash(&here, middle)? == hash(&there, middle)? { common = middle } else { apart = middle }
    }
    Ok((decisions::audit_log(&there, common.unsigned_abs(), most)?, (last(&there)? - common).unsigned_abs()))
}

fn configure(connection: &Connection, cache_kib: i64) -> Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan that depended on the values would be made anew for each of them.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&connection, READER_CACHE_KIB)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, now_ms: i64) -> Result<()> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let tx = connection.transaction()?;
        tx.execute_batch(sql)?;
        if at == 0 {
            meta::begin_epoch(&tx, 1, now_ms)?;
        }
        tx.pragma_update(None, "user_version", at as u32 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

impl Store for SqliteStore {
    fn meta(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.readers.read(|c| meta::get(c, key))
    }
    fn set_meta(&self, key: &str, value: &[u8]) -> Result<()> {
        let (key, value) = (key.to_string(), value.to_vec());
        self.writer.write(move |tx| meta::set(tx, &key, &value))
    }
    fn epochs(&self) -> Result<Vec<Epoch>> {
        self.readers.read(meta::epochs)
    }
    fn begin_epoch(&self, epoch: u64, now_ms: i64) -> Result<()> {
        self.writer.write(move |tx| meta::begin_epoch(tx, epoch, now_ms))
    }
    fn append(&self, upload: Upload) -> Result<Appended> {
        self.writer.write(move |tx| log::append(tx, upload))
    }
    fn submit(&self, upload: Upload, done: Box<dyn FnOnce(Result<Appended>) + Send>) {
        self.writer.submit(move |tx| log::append(tx, upload), done);
    }
    fn author(&self, document: &DocumentId, authored: Authored) -> Result<Appended> {
        let document = document.to_string();
        self.writer.write(move |tx| log::author(tx, &document, authored))
    }
    fn remember(&self, device: &DeviceId, jti: &str, now_ms: i64) -> Result<()> {
        let (device, jti) = (device.clone(), jti.to_string());
        self.writer.write(move |tx| people::remember_request(tx, &device, &jti, now_ms))
    }
    fn page(&self, query: &PageQuery) -> Result<Page> {
        self.readers.read(|c| download::page(c, query))
    }
    fn heads(&self, documents: &[DocumentId]) -> Result<Vec<Option<Vec<ChangeHash>>>> {
        self.readers.read(|c| documents.iter().map(|document| documents::heads(c, document)).collect())
    }
    fn lacks(&self, document: &DocumentId, hashes: &[ChangeHash]) -> Result<bool> {
        self.readers.read(|c| documents::lacks(c, document, hashes))
    }
    fn positions(&self) -> Result<BTreeMap<Scope, u64>> {
        self.readers.read(meta::positions)
    }
    fn positions_of(&self, scopes: &BTreeSet<Scope>) -> Result<BTreeMap<Scope, u64>> {
        self.readers.read(|c| meta::positions_of(c, scopes))
    }
    fn filed(&self, kind: &str, after: Option<&DocumentId>, most: usize) -> Result<Vec<(DocumentId, Scope)>> {
        self.readers.read(|c| documents::filed(c, kind, after, most))
    }
    fn refile(&self, moves: &[(DocumentId, Scope)]) -> Result<BTreeMap<Scope, u64>> {
        let moves = moves.to_vec();
        self.writer.write(move |tx| documents::refile(tx, &moves))
    }
    fn held(&self, rejected: bool) -> Result<Vec<Held>> {
        self.readers.read(|c| quarantine::held(c, rejected))
    }
    fn held_counts(&self) -> Result<BTreeMap<DeviceId, u64>> {
        self.readers.read(quarantine::counts)
    }
    fn rule(&self, rulings: &[(i64, Ruling)]) -> Result<Appended> {
        let rulings = rulings.to_vec();
        self.writer.write(move |tx| quarantine::rule(tx, &rulings))
    }
    fn reference(&self, kind: Kind, keys: Option<KeyRange<'_>>) -> Result<Vec<(Scope, Row)>> {
        self.readers.read(|c| reference::read(c, kind, keys))
    }
    fn scoped(&self, wanted: &[ScopedKind]) -> Result<Vec<Row>> {
        self.readers.read(|c| reference::read_scoped(c, wanted))
    }
    fn each_reference(&self, kind: Kind, see: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        self.readers.read(|c| reference::each(c, kind, see))
    }
    fn complaints(&self, from_ms: i64, to_ms: i64) -> Result<Vec<FiledComplaint>> {
        self.readers.read(|c| facts::complaints(c, from_ms, to_ms))
    }
    fn decide(&self, decision: Decision) -> Result<BTreeMap<Scope, u64>> {
        self.writer.write(move |tx| decisions::decide(tx, &decision))
    }
    fn record(&self, kind: RecordKind, key: &str) -> Result<Option<Record>> {
        self.readers.read(|c| decisions::record(c, kind, key))
    }
    fn records(&self, kind: RecordKind) -> Result<Vec<Record>> {
        self.readers.read(|c| decisions::records(c, kind))
    }
    fn audit_log(&self, after: u64, most: usize) -> Result<Vec<AuditRow>> {
        self.readers.read(|c| decisions::audit_log(c, after, most))
    }
    fn audit_broken(&self) -> Result<Option<u64>> {
        self.readers.read(decisions::audit_broken)
    }
    fn revisions(&self, month: Month) -> Result<Vec<StoredRevision>> {
        self.readers.read(|c| decisions::revisions(c, month))
    }
    fn revision(&self, month: Month, number: Option<u32>) -> Result<Option<StoredRevision>> {
        self.readers.read(|c| decisions::revision(c, month, number))
    }
    fn published_months(&self) -> Result<BTreeMap<Month, u32>> {
        self.readers.read(decisions::published_months)
    }
    fn input(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        self.readers.read(|c| decisions::input(c, hash))
    }
    fn dirty(&self, limit: usize) -> Result<Vec<Dirty>> {
        self.readers.read(|c| facts::dirty(c, limit))
    }
    fn dirty_count(&self) -> Result<u64> {
        self.readers.read(facts::dirty_count)
    }
    fn uncounted(&self) -> Result<Uncounted> {
        self.readers.read(facts::uncounted)
    }
    fn materialised(&self, results: &[Materialised]) -> Result<Replaced> {
        let results = results.to_vec();
        self.writer.write(move |tx| facts::put(tx, &results))
    }
    fn sheets(&self, first: Date, last: Date) -> Result<Vec<SheetFacts>> {
        self.readers.read(|c| facts::sheets(c, first, last))
    }
    fn facts(&self, query: &FactsQuery) -> Result<FactsSlice> {
        self.readers.read(|c| slice::facts(c, query))
    }
    fn facts_after(&self, document: i64, limit: usize) -> Result<Vec<(i64, SheetFacts)>> {
        self.readers.read(|c| slice::facts_after(c, document, limit))
    }
    fn routes_with_sheets(&self, first: Date, last: Date) -> Result<BTreeSet<RouteId>> {
        self.readers.read(|c| slice::routes_with_sheets(c, first, last))
    }
    fn grounds(&self) -> Result<(u64, u64)> {
        self.readers.read(neighbours::grounds)
    }
    fn put_neighbours(&self, sheets: &[SheetNeighbours], indexed: Option<u64>) -> Result<()> {
        let sheets = sheets.to_vec();
        self.writer.write(move |tx| neighbours::put(tx, &sheets, indexed))
    }
    fn batches(&self, document: &DocumentId) -> Result<Vec<Batch>> {
        self.readers.read(|c| facts::batches_of(c, document))
    }
    fn seal(&self, before: Date, limit: usize) -> Result<usize> {
        self.writer.write(move |tx| seal::seal(tx, before, limit))
    }
    fn add_code(&self, code_hash: &[u8; 32], person: &PersonId, expires_ms: i64) -> Result<()> {
        let (code_hash, person) = (*code_hash, person.clone());
        self.writer.write(move |tx| people::add_code(tx, &code_hash, &person, expires_ms))
    }
    fn redeem(&self, code_hash: &[u8; 32], public_key: &[u8; 32], name: &str, holds: Option<&str>, now_ms: i64) -> Result<Option<Device>> {
        let (code_hash, public_key, name, holds) = (*code_hash, *public_key, name.to_string(), holds.map(str::to_string));
        self.writer.write(move |tx| people::redeem(tx, &code_hash, &public_key, (&name, holds.as_deref()), now_ms))
    }
    fn device(&self, device: &DeviceId) -> Result<Option<Device>> {
        self.readers.read(|c| people::device(c, device))
    }
    fn known_signer(&self, device: &DeviceId) -> Option<Arc<Device>> {
        self.signers.known(device)
    }
    fn signer(&self, device: &DeviceId) -> Result<Option<Arc<Device>>> {
        self.signers.get(device, || self.device(device))
    }
    fn devices(&self) -> Result<Vec<Device>> {
        self.readers.read(people::devices)
    }
    fn devices_of(&self, person: &PersonId) -> Result<Vec<Device>> {
        self.readers.read(|c| people::devices_of(c, person))
    }
    fn revoke(&self, device: &DeviceId, now_ms: i64) -> Result<bool> {
        let revoked = device.clone();
        let known = self.writer.write(move |tx| people::revoke(tx, &revoked, now_ms))?;
        self.signers.forget(device);
        Ok(known)
    }
    fn password(&self, login: &str) -> Result<Option<String>> {
        self.readers.read(|c| people::password(c, login))
    }
    fn set_password(&self, login: &str, hash: &str, now_ms: i64) -> Result<()> {
        let (login, hash) = (login.to_string(), hash.to_string());
        self.writer.write(move |tx| people::set_password(tx, &login, &hash, now_ms))
    }
    fn has_passwords(&self) -> Result<bool> {
        self.readers.read(people::has_passwords)
    }
    fn add_session(&self, token_hash: &[u8; 32], login: &str, expires_ms: i64) -> Result<()> {
        let (token_hash, login) = (*token_hash, login.to_string());
        self.writer.write(move |tx| people::add_session(tx, &token_hash, &login, expires_ms))
    }
    fn session(&self, token_hash: &[u8; 32], now_ms: i64) -> Result<Option<String>> {
        self.readers.read(|c| people::session(c, token_hash, now_ms))
    }
    fn end_session(&self, token_hash: &[u8; 32]) -> Result<()> {
        let token_hash = *token_hash;
        self.writer.write(move |tx| people::end_session(tx, &token_hash))
    }
    fn sweep(&self, now_ms: i64, seen_before_ms: i64) -> Result<()> {
        self.writer.write(move |tx| people::sweep(tx, now_ms, seen_before_ms))
    }
    fn backup(&self, file: &Path) -> Result<()> {
        create_private(file)?;
        self.readers.read(|c| meta::backup(c, file))
    }
}
