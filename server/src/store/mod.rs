//! The store: the only place with SQL. [`Store`] says what head office keeps and promises; SQLite is the first to keep it.
//!
//! A store never makes a position visible before a smaller one of its scope, never acknowledges before its fsync, and
//! writes each call's effects whole or not at all. Calls block; callers bring a thread that may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use shared::doc::Complaint;
use shared::facts::SheetFacts;
use shared::ids::{Actor, ChangeHash, DeviceId, DocumentId, PersonId, RouteId, Scope};
use shared::reference::{Kind, Row};
use shared::time::Month;
use shared::wire::{Cursor, DocumentChanges, Reason, ScopedRow, Settled, Verdict};

use crate::ingest::CheckedChange;

pub mod decision;
pub mod sqlite;

use decision::{AuditEntry, AuditRow, Decision, Record, RecordKind, StoredRevision};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request's `jti` was used before.
    #[error("the request has been used before")]
    Replayed,
    /// A change of head office's own can't be filed.
    #[error("the document takes no more changes ({0:?})")]
    NotFiled(Option<Reason>),
    /// The device has more changes held back than [`shared::limits::HELD_PER_DEVICE_MAX`], or more bytes of them than
    /// [`shared::limits::HELD_BYTES_PER_DEVICE_MAX`].
    #[error("too many changes of this device are held back")]
    TooManyHeld,
    /// Somebody else has changed it since it was read.
    #[error("it has changed since it was read")]
    Stale,
    #[error("the store is closed")]
    Closed,
    #[error("the store was written by a newer version ({found}, this one knows {known})")]
    Newer { found: u32, known: u32 },
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// A signed request that is to be remembered, and what the device reports with it.
#[derive(Clone, Debug)]
pub struct Upload {
    pub device: DeviceId,
    pub jti: String,
    pub received_ms: i64,
    /// Device clock minus server clock.
    pub skew_ms: i64,
    /// Whether the device has nothing more to send.
    pub complete: bool,
    /// Its version, as the device says.
    pub app: Option<String>,
    pub documents: Vec<UploadDocument>,
}

/// One document's changes, in the order in which the device sent them.
#[derive(Clone, Debug)]
pub struct UploadDocument {
    /// As sent; where it is no document id, every change of it is [`Incoming::Unreadable`].
    pub document: String,
    pub changes: Vec<Incoming>,
}

#[derive(Clone, Debug)]
pub enum Incoming {
    Checked {
        change: CheckedChange,
        /// Where it is filed, or why it may not go in.
        allowed: std::result::Result<Scope, Reason>,
        /// Sent by another device than the one that wrote it, after a restore.
        relayed: bool,
    },
    Unreadable {
        hash: ChangeHash,
        reason: Reason,
        bytes: Vec<u8>,
    },
}

/// A change by head office itself.
#[derive(Clone, Debug)]
pub struct Authored {
    pub change: CheckedChange,
    /// Where it is filed.
    pub scope: Scope,
    pub audit: Vec<AuditEntry>,
}

/// What became of an upload: one verdict a change, in order.
#[derive(Clone, Debug, Default)]
pub struct Appended {
    pub verdicts: Vec<(ChangeHash, Verdict, Option<Reason>)>,
    /// Scopes with news, and how far they are now.
    pub moved: BTreeMap<Scope, u64>,
}

/// What a device may be given.
#[derive(Clone, Debug)]
pub struct PageQuery {
    pub device: DeviceId,
    /// Changes of this actor are left out.
    pub actor: Actor,
    pub scopes: Vec<Scope>,
    pub cursor: Cursor,
    /// Day sheets and sales before this day are left out.
    pub visible_from: Date,
    /// Stop after so many uncompressed bytes.
    pub max_bytes: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Page {
    pub documents: Vec<DocumentChanges>,
    pub reference: Vec<ScopedRow>,
    pub settled: Vec<Settled>,
    pub cursor: Cursor,
    pub more: bool,
}

/// A change that is held back.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: i64,
    pub document: String,
    pub hash: ChangeHash,
    pub reason: Reason,
    pub rejected: bool,
    pub device: DeviceId,
    pub received_ms: i64,
    /// None: its bytes can't be read, and it can't be released.
    pub change: Option<CheckedChange>,
}

/// What staff, or a new assignment, say of a held change.
#[derive(Clone, Debug)]
pub enum Ruling {
    /// Judge it again: it may be filed here.
    Admit(Scope),
    /// It stays, for this reason.
    Keep(Reason),
    Reject,
}

/// What is here and in no count yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncounted {
    pub documents: u64,
    /// The day sheets among them.
    pub sheets: BTreeSet<(RouteId, Date)>,
}

/// A document whose facts are older than its changes.
#[derive(Clone, Debug)]
pub struct Dirty {
    pub id: i64,
    pub document: DocumentId,
    /// Changes in the log when it was read.
    pub version: u64,
    pub batches: Vec<Batch>,
}

/// One row of the log.
#[derive(Clone, Debug)]
pub struct Batch {
    pub row: i64,
    pub hashes: Vec<ChangeHash>,
    /// The chunks, one behind the other.
    pub body: Vec<u8>,
    pub received_ms: i64,
    pub skew_ms: Option<i64>,
}

/// What materialising a document gave.
#[derive(Clone, Debug)]
pub struct Materialised {
    pub id: i64,
    pub version: u64,
    /// None: a document without facts of its own (a shop file, goals).
    pub facts: Option<SheetFacts>,
    /// What the sheet concerns beside who has its route; see [`SheetNeighbours`].
    pub about: BTreeSet<String>,
    /// Of a shop file, by id.
    pub complaints: BTreeMap<String, Complaint>,
    /// New clock evidence, as reference rows.
    pub evidence: Vec<(Scope, Row)>,
    /// Log rows that break the document: their changes go into quarantine.
    pub breaking: Vec<i64>,
    pub fault: Option<String>,
}

/// A complaint and the shop file that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct FiledComplaint {
    pub document: DocumentId,
    pub id: String,
    pub complaint: Complaint,
}

/// What storing facts changed.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    /// Scopes with new clock evidence, and how far they are now.
    pub moved: BTreeMap<Scope, u64>,
    /// Whose scores may have changed: routes, each on a day.
    pub concerned: BTreeSet<(RouteId, Date)>,
}

/// What a sheet concerns beside who has its route: `route/…` of a shop that is or was on another, `retailer/…` for that
/// shop, `person/…` of who visited without having the route that month.
#[derive(Clone, Debug)]
pub struct SheetNeighbours {
    /// Of the document.
    pub id: i64,
    pub date: Date,
    pub about: BTreeSet<String>,
}

/// The facts that scores are made from: of these routes, and of these people's visits wherever they are.
#[derive(Clone, Debug)]
pub struct FactsQuery {
    pub routes: BTreeSet<RouteId>,
    pub people: BTreeSet<PersonId>,
    pub first: Date,
    pub last: Date,
}

/// Of each shop and day that `own` is about, every visit is in one of the two.
#[derive(Clone, Debug, Default)]
pub struct FactsSlice {
    pub own: Vec<SheetFacts>,
    /// Sheets of other routes, some of whose visits are to the same shops.
    pub beside: Vec<SheetFacts>,
}

/// Rows of a kind that a scope receives, of keys from the first (included) to the second (excluded).
#[derive(Clone, Debug)]
pub struct ScopedKind {
    pub scope: Scope,
    pub kind: Kind,
    pub from: String,
    pub to: String,
}

impl ScopedKind {
    /// Of every key.
    pub fn every(scope: Scope, kind: Kind) -> Self {
        // Every key is text, and no text is before the empty one or behind U+10FFFF.
        Self { scope, kind, from: String::new(), to: "\u{10ffff}".into() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub device: DeviceId,
    pub public_key: [u8; 32],
    pub person: PersonId,
    pub name: String,
    pub enrolled_ms: i64,
    pub revoked_ms: Option<i64>,
    pub last_sync_ms: Option<i64>,
    pub complete_ms: Option<i64>,
    /// With its last sync: device clock minus server clock, and its version.
    pub skew_ms: Option<i64>,
    pub app: Option<String>,
}

/// One life of the server between restores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub epoch: u64,
    pub began_ms: i64,
    pub positions: BTreeMap<Scope, u64>,
}

/// Keys from the first (included) to the second (excluded).
pub type KeyRange<'a> = (&'a str, &'a str);

pub trait Store: Send + Sync + 'static {
    fn meta(&self, key: &str) -> Result<Option<Vec<u8>>>;
    fn set_meta(&self, key: &str, value: &[u8]) -> Result<()>;
    /// Oldest first; there is always one.
    fn epochs(&self) -> Result<Vec<Epoch>>;
    /// Begins an epoch, as a restore does, with the scopes' present positions.
    fn begin_epoch(&self, epoch: u64, now_ms: i64) -> Result<()>;

    /// Remembers the request, judges and files its changes, in one transaction.
    fn append(&self, upload: Upload) -> Result<Appended>;
    /// As [`Self::append`], without a thread that waits: `done` is called when it is committed, and must not wait either.
    fn submit(&self, upload: Upload, done: Box<dyn FnOnce(Result<Appended>) + Send>);
    /// Files a change that head office has written, with the audit log's rows of it. Error: it can't be filed, and nothing was.
    fn author(&self, document: &DocumentId, authored: Authored) -> Result<Appended>;
    /// Remembers a request that has nothing to file. Error: it was used before.
    fn remember(&self, device: &DeviceId, jti: &str, now_ms: i64) -> Result<()>;
    fn page(&self, query: &PageQuery) -> Result<Page>;
    /// The heads of each document; none where the log has nothing of it.
    fn heads(&self, documents: &[DocumentId]) -> Result<Vec<Option<Vec<ChangeHash>>>>;
    /// Whether the log lacks any of these changes of a document.
    fn lacks(&self, document: &DocumentId, hashes: &[ChangeHash]) -> Result<bool>;
    /// Where each scope stands.
    fn positions(&self) -> Result<BTreeMap<Scope, u64>>;
    /// Where these scopes stand; one that has had nothing yet is left out.
    fn positions_of(&self, scopes: &BTreeSet<Scope>) -> Result<BTreeMap<Scope, u64>>;
    /// The documents of a kind (`day`, `shop`, `goals`) with the scope that they are filed under: by name, behind `after`, at
    /// most `most`.
    fn filed(&self, kind: &str, after: Option<&DocumentId>, most: usize) -> Result<Vec<(DocumentId, Scope)>>;
    /// Files documents elsewhere, whole, at new positions.
    fn refile(&self, moves: &[(DocumentId, Scope)]) -> Result<BTreeMap<Scope, u64>>;

    /// Held changes, oldest first; rejected ones too if `rejected`.
    fn held(&self, rejected: bool) -> Result<Vec<Held>>;
    /// How many changes of each device are held back.
    fn held_counts(&self) -> Result<BTreeMap<DeviceId, u64>>;
    /// Rules on held changes, in order; each is settled with its device.
    fn rule(&self, rulings: &[(i64, Ruling)]) -> Result<Appended>;

    /// The rows of a kind, all or those of a range of keys; rows that are gone are left out.
    fn reference(&self, kind: Kind, keys: Option<KeyRange<'_>>) -> Result<Vec<(Scope, Row)>>;

    /// The rows of some scopes and kinds.
    fn scoped(&self, wanted: &[ScopedKind]) -> Result<Vec<Row>>;
    /// Shows every row of a kind, by key; a row of several scopes several times.
    fn each_reference(&self, kind: Kind, see: &mut dyn FnMut(&str, &[u8])) -> Result<()>;

    /// Complaints made from one instant (included) to another (excluded), oldest first.
    fn complaints(&self, from_ms: i64, to_ms: i64) -> Result<Vec<FiledComplaint>>;

    /// Writes a decision. Error: one of its records, or its month, is no longer as the one who decides has seen it.
    fn decide(&self, decision: Decision) -> Result<BTreeMap<Scope, u64>>;
    fn record(&self, kind: RecordKind, key: &str) -> Result<Option<Record>>;
    /// By key.
    fn records(&self, kind: RecordKind) -> Result<Vec<Record>>;
    /// Behind a row, at most `most`.
    fn audit_log(&self, after: u64, most: usize) -> Result<Vec<AuditRow>>;
    /// The first row of the audit log that is not as it was written; none: all are.
    fn audit_broken(&self) -> Result<Option<u64>>;
    /// What was published of a month, oldest first.
    fn revisions(&self, month: Month) -> Result<Vec<StoredRevision>>;
    /// One of them: with this number, or the latest.
    fn revision(&self, month: Month, number: Option<u32>) -> Result<Option<StoredRevision>>;
    /// Months with the number of their latest revision.
    fn published_months(&self) -> Result<BTreeMap<Month, u32>>;
    /// The envelope of one of a revision's inputs.
    fn input(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>>;

    /// Documents to materialise, at most `limit`.
    fn dirty(&self, limit: usize) -> Result<Vec<Dirty>>;
    fn dirty_count(&self) -> Result<u64>;
    /// What is to be materialised, at one moment.
    fn uncounted(&self) -> Result<Uncounted>;
    fn materialised(&self, results: &[Materialised]) -> Result<Replaced>;
    /// The facts of all sheets dated from one day to another, both included.
    fn sheets(&self, first: Date, last: Date) -> Result<Vec<SheetFacts>>;
    fn facts(&self, query: &FactsQuery) -> Result<FactsSlice>;
    /// The sheets behind a document, at most `limit`, by document.
    fn facts_after(&self, document: i64, limit: usize) -> Result<Vec<(i64, SheetFacts)>>;
    fn routes_with_sheets(&self, first: Date, last: Date) -> Result<BTreeSet<RouteId>>;
    /// How often shops or assignments were written, and of which of these times every sheet's neighbours are noted.
    fn grounds(&self) -> Result<(u64, u64)>;
    /// Notes sheets' neighbours anew; `indexed`: now those of all sheets are of these grounds.
    fn put_neighbours(&self, sheets: &[SheetNeighbours], indexed: Option<u64>) -> Result<()>;
    /// The log rows of a document, dependencies first.
    fn batches(&self, document: &DocumentId) -> Result<Vec<Batch>>;

    /// Puts the log rows of sheets dated before a day, at most `limit` sheets, into one compressed chunk a sheet; answers how
    /// many. Nothing else of them changes: not a row, a hash or a position.
    fn seal(&self, before: Date, limit: usize) -> Result<usize>;

    fn add_code(&self, code_hash: &[u8; 32], person: &PersonId, expires_ms: i64) -> Result<()>;
    /// Uses a code for a device: its person, or none if the code is unknown, expired or another device's. The same device
    /// may use it again.
    /// `holds`: whose work is on the device already, if anybody's is.
    fn redeem(&self, code_hash: &[u8; 32], public_key: &[u8; 32], name: &str, holds: Option<&str>, now_ms: i64) -> Result<Option<Device>>;
    fn device(&self, device: &DeviceId) -> Result<Option<Device>>;
    /// As [`Self::signer`], if it is in memory. Never waits.
    fn known_signer(&self, device: &DeviceId) -> Option<Arc<Device>>;
    /// The same, from memory where it can: as [`Self::device`], but when it last synced may be of long ago.
    fn signer(&self, device: &DeviceId) -> Result<Option<Arc<Device>>>;
    fn devices(&self) -> Result<Vec<Device>>;
    fn devices_of(&self, person: &PersonId) -> Result<Vec<Device>>;
    /// False: there is no such device.
    fn revoke(&self, device: &DeviceId, now_ms: i64) -> Result<bool>;

    fn password(&self, login: &str) -> Result<Option<String>>;
    fn set_password(&self, login: &str, hash: &str, now_ms: i64) -> Result<()>;
    fn has_passwords(&self) -> Result<bool>;
    fn add_session(&self, token_hash: &[u8; 32], login: &str, expires_ms: i64) -> Result<()>;
    fn session(&self, token_hash: &[u8; 32], now_ms: i64) -> Result<Option<String>>;
    fn end_session(&self, token_hash: &[u8; 32]) -> Result<()>;
    /// Forgets what has expired: requests seen before `seen_before_ms`, sessions, codes.
    fn sweep(&self, now_ms: i64, seen_before_ms: i64) -> Result<()>;

    /// A consistent copy into a new file, checked.
    fn backup(&self, file: &std::path::Path) -> Result<()>;
}
