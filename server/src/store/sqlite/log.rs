//! The append: one request's changes, decided by the planner and filed in one transaction.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};
use shared::ids::{Actor, ChangeHash, DeviceId, Scope};
use shared::limits;
use shared::wire::{Reason, Verdict};

use super::super::{Appended, Authored, Incoming, Result, StoreError, Upload, UploadDocument};
use super::documents::{self, DocumentRow, SqlHistory, hash_bytes, refile_one};
use super::meta::{scope_id, take_positions};
use super::{decisions, people, quarantine};
use crate::ingest::CheckedChange;
use crate::ingest::plan::{Decision, Planner};

/// Who brought a change, and when.
#[derive(Clone, Debug)]
pub struct Origin {
    pub device: DeviceId,
    pub received_ms: i64,
    pub skew_ms: Option<i64>,
}

pub fn append(tx: &Transaction<'_>, upload: Upload) -> Result<Appended> {
    people::remember_request(tx, &upload.device, &upload.jti, upload.received_ms)?;
    people::touch(tx, &upload)?;
    let mut out = Appended::default();
    let Upload { device, received_ms, skew_ms, documents, .. } = upload;
    let bringer = Origin { device, received_ms, skew_ms: Some(skew_ms) };
    for document in documents {
        append_document(tx, &bringer, document, &mut out)?;
    }
    let held_now = out.verdicts.iter().any(|(_, verdict, _)| *verdict == Verdict::Quarantined);
    if held_now {
        let (changes, bytes) = quarantine::bulk_of(tx, &bringer.device)?;
        if changes > limits::HELD_PER_DEVICE_MAX || bytes > limits::HELD_BYTES_PER_DEVICE_MAX {
            return Err(StoreError::TooManyHeld);
        }
    }
    Ok(out)
}

/// A change of head office's own, with the audit log's rows.
pub fn author(tx: &Transaction<'_>, document: &str, authored: Authored) -> Result<Appended> {
    let Authored { change, scope, audit } = authored;
    // Head office's clock is the one that others are measured by.
    let origin = Origin { device: change.actor.device(), received_ms: change.at_ms, skew_ms: None };
    let hash = change.hash;
    let mut filing = Filing::open(tx, document)?;
    let decision = filing.take(change, Ok(scope), origin)?;
    if decision.verdict != Verdict::Durable {
        return Err(StoreError::NotFiled(decision.reason));
    }
    let mut out = Appended { verdicts: vec![(hash, decision.verdict, None)], ..Appended::default() };
    filing.close(&mut out.moved)?;
    audit.iter().try_for_each(|entry| decisions::append(tx, entry))?;
    Ok(out)
}

fn append_document(tx: &Transaction<'_>, bringer: &Origin, document: UploadDocument, out: &mut Appended) -> Result<()> {
    let mut filing = Filing::open(tx, &document.document)?;
    for incoming in document.changes {
        // The clock of who relays a change says nothing of the clock of who wrote it.
        let origin = |relayed: bool| Origin { skew_ms: if relayed { None } else { bringer.skew_ms }, ..bringer.clone() };
        let (hash, decision) = match incoming {
            Incoming::Checked { change, allowed, relayed } => (change.hash, filing.take(change, allowed, origin(relayed))?),
            Incoming::Unreadable { hash, reason, bytes } => {
                filing.hold(hash, reason);
                (hash, quarantine::add_unreadable(tx, &document.document, &hash, reason, &bytes, &origin(true))?)
            }
        };
        out.verdicts.push((hash, decision.verdict, decision.reason));
    }
    filing.close(&mut out.moved)
}

/// One document being written to: its planner, and what was accepted so far.
pub struct Filing<'a> {
    tx: &'a Transaction<'a>,
    document: &'a str,
    id: Option<i64>,
    scope: Option<i64>,
    planner: Planner,
    history: SqlHistory<'a>,
    accepted: Vec<(CheckedChange, Origin)>,
    /// Where the last accepted change says that the document is filed.
    filed: Option<Scope>,
    /// Whether something waiting may have to be judged again.
    stirred: bool,
    touched: bool,
}

impl<'a> Filing<'a> {
    pub fn open(tx: &'a Transaction<'a>, document: &'a str) -> Result<Self> {
        let row = documents::load(tx, document)?;
        let history = SqlHistory::new(tx, document, row.id);
        let (id, scope, planner) = (row.id, row.scope, Planner::new(row.frontier));
        Ok(Self { tx, document, id, scope, planner, history, accepted: vec![], filed: None, stirred: false, touched: false })
    }

    /// Decides a change, new or taken out of waiting or quarantine, and files it.
    pub fn take(&mut self, change: CheckedChange, allowed: std::result::Result<Scope, Reason>, origin: Origin) -> Result<Decision> {
        let refused = allowed.as_ref().err().copied();
        let decision = self.planner.decide(&mut self.history, &change, refused);
        if let Some(failure) = self.history.failure.take() {
            return Err(failure);
        }
        if decision.known {
            if decision.verdict == Verdict::Quarantined && origin.device == change.actor.device() {
                quarantine::brought_by_author(self.tx, self.document, &change.hash, &origin.device)?;
            }
            return Ok(decision);
        }
        self.touched = true;
        if decision.verdict != Verdict::Quarantined && self.history.admit(&change.hash) {
            quarantine::remove(self.tx, self.document, &change.hash)?;
        }
        match (decision.verdict, allowed) {
            (Verdict::Durable, Ok(scope)) => {
                self.filed = Some(scope);
                self.accepted.push((change, origin));
                self.stirred = true;
            }
            (Verdict::Waiting, Ok(scope)) => {
                let id = self.stored(&scope)?;
                if !quarantine::add_waiting(self.tx, id, &scope, &change, &origin)? {
                    self.planner.frontier.waiting -= 1;
                }
            }
            (_, _) => {
                let reason = decision.reason.unwrap_or(Reason::Malformed);
                quarantine::add(self.tx, self.document, &change, reason, &origin)?;
                self.hold(change.hash, reason);
            }
        }
        Ok(decision)
    }

    /// Something of the document is held back, and what builds on it has to be, too.
    fn hold(&mut self, hash: ChangeHash, reason: Reason) {
        self.history.hold(hash, reason);
        self.stirred = true;
    }

    /// The document's row id, stored now if it is new: what waits must refer to it.
    fn stored(&mut self, scope: &Scope) -> Result<i64> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let scope = scope_id(self.tx, scope)?;
        let empty = DocumentRow { id: None, scope: None, frontier: Default::default() };
        let id = documents::save(self.tx, self.document, &empty, scope)?;
        (self.id, self.scope) = (Some(id), Some(scope));
        Ok(id)
    }

    /// Judges what waits again, then writes the log rows and the frontier.
    pub fn close(mut self, moved: &mut BTreeMap<Scope, u64>) -> Result<()> {
        while self.stirred {
            self.stirred = false;
            if self.planner.frontier.waiting > 0 {
                self.promote()?;
            }
            self.admit_followers()?;
        }
        if !self.touched {
            return Ok(());
        }
        let Some(filed) = self.filed.clone() else {
            if let (Some(id), Some(scope)) = (self.id, self.scope) {
                documents::save(
                    self.tx,
                    self.document,
                    &DocumentRow { id: Some(id), scope: Some(scope), frontier: self.planner.frontier.clone() },
                    scope,
                )?;
            }
            return Ok(());
        };
        let scope = scope_id(self.tx, &filed)?;
        let row = DocumentRow { id: self.id, scope: self.scope, frontier: std::mem::take(&mut self.planner.frontier) };
        let id = documents::save(self.tx, self.document, &row, scope)?;
        if self.scope.is_some_and(|old| old != scope) {
            refile_one(self.tx, id, scope)?;
        }
        let last = self.write_log(id, scope)?;
        moved.insert(filed, last);
        Ok(())
    }

    fn promote(&mut self) -> Result<()> {
        let Some(id) = self.id else { return Ok(()) };
        self.planner.frontier.waiting = 0;
        for (change, scope, origin) in quarantine::take_waiting(self.tx, id)? {
            let (hash, tells) = (change.hash, [origin.device.clone(), change.actor.device()]);
            let decision = self.take(change, Ok(scope), origin)?;
            if decision.verdict != Verdict::Waiting {
                quarantine::settle_all(self.tx, &tells, &hash, decision.settled(), decision.reason)?;
            }
        }
        Ok(())
    }

    /// Takes in what was held back only because of something that has gone in now.
    fn admit_followers(&mut self) -> Result<()> {
        let Some(filed) = self.filed.clone() else { return Ok(()) };
        if !self.history.has_held() {
            return Ok(());
        }
        for (change, origin) in quarantine::followers(self.tx, self.document)? {
            if change.deps.iter().any(|dep| self.history.is_held(dep)) {
                continue;
            }
            let (hash, tells) = (change.hash, [origin.device.clone(), change.actor.device()]);
            let decision = self.take(change, Ok(filed.clone()), origin)?;
            if decision.verdict != Verdict::Quarantined {
                quarantine::settle_all(self.tx, &tells, &hash, decision.settled(), decision.reason)?;
            }
        }
        Ok(())
    }

    /// One row for each run of changes of one actor and origin.
    fn write_log(&mut self, document: i64, scope: i64) -> Result<u64> {
        let same = |a: &(CheckedChange, Origin), b: &(CheckedChange, Origin)| {
            a.0.actor == b.0.actor && a.1.device == b.1.device && a.1.received_ms == b.1.received_ms
        };
        let runs: Vec<&[(CheckedChange, Origin)]> = self.accepted.chunk_by(same).collect();
        let first = take_positions(self.tx, scope, runs.len() as u64)?;
        for (at, run) in runs.iter().enumerate() {
            insert_run(self.tx, document, scope, first + at as u64, run)?;
        }
        Ok(first + runs.len() as u64 - 1)
    }
}

fn insert_run(tx: &Transaction<'_>, document: i64, scope: i64, position: u64, run: &[(CheckedChange, Origin)]) -> Result<()> {
    let (head, origin) = &run[0];
    let hashes: Vec<ChangeHash> = run.iter().map(|(change, _)| change.hash).collect();
    let body = run.iter().map(|(change, _)| change.bytes.as_slice()).collect::<Vec<_>>().concat();
    let actor: &Actor = &head.actor;
    tx.prepare_cached(
        "INSERT INTO changes (scope, position, document, actor, first_seq, hashes, body, device, received_ms, skew_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        scope,
        position as i64,
        document,
        actor.as_bytes(),
        head.seq as i64,
        hash_bytes(&hashes),
        body,
        origin.device.as_str(),
        origin.received_ms,
        origin.skew_ms
    ])?;
    Ok(())
}
