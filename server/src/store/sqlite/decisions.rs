//! Decisions: records with their versions, revisions with their inputs, and the audit log, whose rows are chained by hash.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};
use sha2::{Digest, Sha256};
use shared::ids::Scope;
use shared::time::Month;

use super::super::decision::{AuditEntry, AuditRow, Decision, Record, RecordKind, RecordWrite, StoredInput, StoredRevision};
use super::super::{Result, StoreError};
use super::reference;

pub fn decide(tx: &Transaction<'_>, decision: &Decision) -> Result<BTreeMap<Scope, u64>> {
    decision.records.iter().try_for_each(|record| write_record(tx, record))?;
    for StoredInput { hash, body } in &decision.inputs {
        tx.prepare_cached("INSERT INTO inputs (hash, body) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING")?.execute(params![hash, body])?;
    }
    decision.revision.iter().try_for_each(|revision| write_revision(tx, revision))?;
    decision.audit.iter().try_for_each(|entry| append(tx, entry))?;
    if decision.reference.is_empty() { Ok(BTreeMap::new()) } else { reference::write(tx, &decision.reference) }
}

fn write_record(tx: &Transaction<'_>, RecordWrite { kind, key, seen, body }: &RecordWrite) -> Result<()> {
    let written = if *seen == 0 {
        let sql = "INSERT INTO records (kind, key, version, body) VALUES (?1, ?2, 1, ?3) ON CONFLICT (kind, key) DO NOTHING";
        tx.prepare_cached(sql)?.execute(params![kind.as_str(), key, body])?
    } else {
        let sql = "UPDATE records SET version = version + 1, body = ?3 WHERE kind = ?1 AND key = ?2 AND version = ?4";
        tx.prepare_cached(sql)?.execute(params![kind.as_str(), key, body, *seen as i64])?
    };
    if written == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn write_revision(tx: &Transaction<'_>, revision: &StoredRevision) -> Result<()> {
    let sql = "SELECT coalesce(max(revision), 0) FROM revisions WHERE month = ?1";
    let last: u32 = tx.prepare_cached(sql)?.query_row([revision.month.to_string()], |row| row.get(0))?;
    if last + 1 != revision.revision {
        return Err(StoreError::Stale);
    }
    let sql = "INSERT INTO revisions (month, revision, header, signature, scores, leaves, inputs) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let StoredRevision { month, revision, header, signature, scores, leaves, inputs } = revision;
    let inputs = minicbor::to_vec(inputs).map_err(|e| StoreError::Damaged(e.to_string()))?;
    tx.prepare_cached(sql)?.execute(params![month.to_string(), revision, header, signature, scores, leaves, inputs])?;
    Ok(())
}

/// Over the hash before and every field, each behind its length, so that no two rows hash alike.
fn link(before: &[u8], id: i64, entry: &AuditEntry, action: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(id.to_le_bytes());
    hash.update(entry.at_ms.to_le_bytes());
    for text in [Some(entry.who.as_str()), Some(action), Some(&entry.subject), entry.before.as_deref(), entry.after.as_deref()] {
        hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default());
    }
    hash.finalize().into()
}

pub fn append(tx: &Transaction<'_>, entry: &AuditEntry) -> Result<()> {
    let last = tx
        .prepare_cached("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (id, before) = last.map_or((1, Vec::new()), |(id, hash)| (id + 1, hash));
    let hash = link(&before, id, entry, entry.action);
    let AuditEntry { at_ms, who, action, subject, before, after } = entry;
    tx.prepare_cached("INSERT INTO audit (id, at_ms, who, action, subject, before, after, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![id, at_ms, who, action, subject, before, after, hash])?;
    Ok(())
}

pub fn audit_log(c: &Connection, after: u64, most: usize) -> Result<Vec<AuditRow>> {
    let mut statement =
        c.prepare_cached("SELECT id, at_ms, who, action, subject, before, after, hash FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map(params![after as i64, most as i64], |row| {
        Ok(AuditRow {
            id: row.get::<_, i64>(0)? as u64,
            at_ms: row.get(1)?,
            who: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            before: row.get(5)?,
            after: row.get(6)?,
            hash: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// The first row of the audit log that is not what was written, or follows on another; none: all is as it was.
pub fn audit_broken(c: &Connection) -> Result<Option<u64>> {
    let mut statement = c.prepare("SELECT id, at_ms, who, action, subject, before, after, hash FROM audit ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut last, mut before) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let (id, action): (i64, String) = (row.get(0)?, row.get(3)?);
        let entry =
            AuditEntry { at_ms: row.get(1)?, who: row.get(2)?, action: "", subject: row.get(4)?, before: row.get(5)?, after: row.get(6)? };
        let hash: Vec<u8> = row.get(7)?;
        if id != last + 1 || link(&before, id, &entry, &action)[..] != hash[..] {
            return Ok(Some(id as u64));
        }
        (last, before) = (id, hash);
    }
    Ok(None)
}

fn record_of(row: &SqlRow<'_>, kind: RecordKind) -> rusqlite::Result<Record> {
    Ok(Record { kind, key: row.get(0)?, version: row.get::<_, i64>(1)? as u64, body: row.get(2)? })
}

pub fn record(c: &Connection, kind: RecordKind, key: &str) -> Result<Option<Record>> {
    let mut statement = c.prepare_cached("SELECT key, version, body FROM records WHERE kind = ?1 AND key = ?2")?;
    Ok(statement.query_row([kind.as_str(), key], |row| record_of(row, kind)).optional()?)
}

pub fn records(c: &Connection, kind: RecordKind) -> Result<Vec<Record>> {
    let mut statement = c.prepare_cached("SELECT key, version, body FROM records WHERE kind = ?1 ORDER BY key")?;
    let rows = statement.query_map([kind.as_str()], |row| record_of(row, kind))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

const REVISION: &str = "SELECT revision, header, signature, scores, leaves, inputs FROM revisions WHERE month = ?1";

pub fn revisions(c: &Connection, month: Month) -> Result<Vec<StoredRevision>> {
    let mut statement = c.prepare_cached(&format!("{REVISION} ORDER BY revision"))?;
    let rows = statement.query_map([month.to_string()], |row| revision_of(row, month))?;
    rows.map(|row| opened(row?)).collect()
}

/// The one with a number, or the latest.
pub fn revision(c: &Connection, month: Month, number: Option<u32>) -> Result<Option<StoredRevision>> {
    let mut statement = c.prepare_cached(&format!("{REVISION} AND revision = coalesce(?2, revision) ORDER BY revision DESC LIMIT 1"))?;
    let found = statement.query_row(params![month.to_string(), number], |row| revision_of(row, month)).optional()?;
    found.map(opened).transpose()
}

/// A revision without its inputs, and these as they are stored.
fn revision_of(row: &SqlRow<'_>, month: Month) -> rusqlite::Result<(StoredRevision, Vec<u8>)> {
    let revision = StoredRevision {
        month,
        revision: row.get(0)?,
        header: row.get(1)?,
        signature: row.get(2)?,
        scores: row.get(3)?,
        leaves: row.get(4)?,
        inputs: Vec::new(),
    };
    Ok((revision, row.get(5)?))
}

fn opened((revision, inputs): (StoredRevision, Vec<u8>)) -> Result<StoredRevision> {
    let inputs = minicbor::decode(&inputs).map_err(|e| StoreError::Damaged(format!("a revision of {}: {e}", revision.month)))?;
    Ok(StoredRevision { inputs, ..revision })
}

pub fn published_months(c: &Connection) -> Result<BTreeMap<Month, u32>> {
    let mut statement = c.prepare_cached("SELECT month, max(revision) FROM revisions GROUP BY month")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (month, revision): (String, u32) = row?;
        Ok((month.parse().map_err(|_| StoreError::Damaged(format!("a revision of {month}")))?, revision))
    })
    .collect()
}

pub fn input(c: &Connection, hash: &[u8; 32]) -> Result<Option<Vec<u8>>> {
    Ok(c.prepare_cached("SELECT body FROM inputs WHERE hash = ?1")?.query_row([&hash[..]], |row| row.get(0)).optional()?)
}
