//! Facts: what materialising the documents gave, by date, and which documents are still to be materialised.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rusqlite::{Connection, Row, Transaction, params};
use shared::doc::Complaint;
use shared::facts::{Names, SheetFacts};
use shared::ids::{ChangeHash, DocumentId, RouteId, Scope};
use shared::wire::{Reason, Verdict};

use super::super::{Batch, Dirty, FiledComplaint, Materialised, Replaced, Result, StoreError, Uncounted};
use super::documents::{self, hash_bytes, hashes};
use super::log::Origin;
use super::seal::Seals;
use super::{neighbours, quarantine, reference};
use crate::ingest::guard;

pub fn dirty(c: &Connection, limit: usize) -> Result<Vec<Dirty>> {
    let sql = "SELECT id, document, changes FROM documents WHERE materialised <> changes ORDER BY document LIMIT ?1";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([limit as i64], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?;
    rows.map(|row| {
        let (id, document, version) = row?;
        let document = document.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
        Ok(Dirty { id, document, version: version as u64, batches: batches(c, id)? })
    })
    .collect()
}

pub fn dirty_count(c: &Connection) -> Result<u64> {
    let count: i64 = c.prepare_cached("SELECT count(*) FROM documents WHERE materialised <> changes")?.query_row([], |row| row.get(0))?;
    Ok(count as u64)
}

pub fn uncounted(c: &Connection) -> Result<Uncounted> {
    let sql = "SELECT document FROM documents WHERE materialised <> changes AND document >= 'day/' AND document < 'day0'";
    let mut out = Uncounted { documents: dirty_count(c)?, ..Uncounted::default() };
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    for row in rows {
        if let DocumentId::Day { route, date } = row?.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))? {
            out.sheets.insert((route, date));
        }
    }
    Ok(out)
}

pub fn batches(c: &Connection, document: i64) -> Result<Vec<Batch>> {
    let sql = "SELECT id, hashes, body, received_ms, skew_ms, sealed FROM changes WHERE document = ?1 ORDER BY id";
    let mut statement = c.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        let (received_ms, skew_ms) = (row.get(3)?, row.get(4)?);
        let batch = Batch { row: row.get(0)?, hashes: hashes(&row.get::<_, Vec<u8>>(1)?), body: row.get(2)?, received_ms, skew_ms };
        Ok((batch, row.get(5)?))
    };
    let mut seals = Seals::of(c);
    let rows = statement.query_map([document], read)?;
    rows.map(|row| {
        let (batch, sealed) = row?;
        Ok(Batch { body: seals.body(document, batch.body, sealed, &batch.hashes)?, ..batch })
    })
    .collect()
}

pub fn batches_of(c: &Connection, document: &DocumentId) -> Result<Vec<Batch>> {
    match documents::load(c, &document.to_string())?.id {
        Some(id) => batches(c, id),
        None => Ok(Vec::new()),
    }
}

pub fn sheets(c: &Connection, first: Date, last: Date) -> Result<Vec<SheetFacts>> {
    let mut statement = c.prepare_cached("SELECT facts FROM facts WHERE date >= ?1 AND date <= ?2 ORDER BY date, document")?;
    let rows = statement.query_map([first.to_string(), last.to_string()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut names = Names::default();
    rows.map(|row| SheetFacts::from_bytes(&row?, &mut names).map_err(|e| StoreError::Damaged(e.to_string()))).collect()
}

/// Replaces the facts of each document, with the position reached, and files new clock evidence.
pub fn put(tx: &Transaction<'_>, results: &[Materialised]) -> Result<Replaced> {
    let mut evidence = Vec::new();
    let mut concerned = BTreeSet::new();
    for result in results {
        if !result.breaking.is_empty() {
            withdraw(tx, result)?;
            continue;
        }
        let day = day_of(tx, result.id)?;
        if let Some((route, date)) = &day {
            let before = neighbours::concerned(tx, result.id, route, *date)?;
            neighbours::replace(tx, result.id, *date, &result.about)?;
            let after = if result.about.is_empty() { BTreeSet::new() } else { neighbours::concerned(tx, result.id, route, *date)? };
            concerned.extend(before.into_iter().chain(after).map(|route| (route, *date)));
        }
        match &result.facts {
            Some(facts) => {
                tx.prepare_cached(
                    "INSERT INTO facts (document, date, facts) VALUES (?1, ?2, ?3)
                     ON CONFLICT (document) DO UPDATE SET facts = excluded.facts, sealed = 0",
                )?
                .execute(params![result.id, facts.date.to_string(), facts.to_bytes()])?;
            }
            None => drop(tx.prepare_cached("DELETE FROM facts WHERE document = ?1")?.execute([result.id])?),
        }
        if day.is_none() {
            put_complaints(tx, result)?;
        }
        tx.prepare_cached("UPDATE documents SET materialised = ?2, fault = ?3 WHERE id = ?1")?.execute(params![
            result.id,
            result.version as i64,
            result.fault
        ])?;
        evidence.extend(new_evidence(tx, &result.evidence)?);
    }
    let moved = if evidence.is_empty() { BTreeMap::new() } else { reference::write(tx, &evidence)? };
    Ok(Replaced { moved, concerned })
}

fn put_complaints(tx: &Transaction<'_>, result: &Materialised) -> Result<()> {
    tx.prepare_cached("DELETE FROM complaints WHERE document = ?1")?.execute([result.id])?;
    let sql = "INSERT INTO complaints (document, complaint, at_ms, text, severity) VALUES (?1, ?2, ?3, ?4, ?5)";
    for (id, Complaint { at_ms, text, severity }) in &result.complaints {
        tx.prepare_cached(sql)?.execute(params![result.id, id, at_ms, text, severity])?;
    }
    Ok(())
}

pub fn complaints(c: &Connection, from_ms: i64, to_ms: i64) -> Result<Vec<FiledComplaint>> {
    let mut statement = c.prepare_cached(
        "SELECT d.document, c.complaint, c.at_ms, c.text, c.severity FROM complaints c JOIN documents d ON d.id = c.document
         WHERE c.at_ms >= ?1 AND c.at_ms < ?2 ORDER BY c.at_ms, c.complaint",
    )?;
    let rows = statement.query_map([from_ms, to_ms], |row| {
        let complaint = Complaint { at_ms: row.get(2)?, text: row.get(3)?, severity: row.get(4)? };
        Ok((row.get::<_, String>(0)?, row.get(1)?, complaint))
    })?;
    rows.map(|row| {
        let (document, id, complaint) = row?;
        let document = document.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
        Ok(FiledComplaint { document, id, complaint })
    })
    .collect()
}

/// The route and the date of a day sheet; none: it is another document.
fn day_of(tx: &Transaction<'_>, document: i64) -> Result<Option<(RouteId, Date)>> {
    let id: String = tx.prepare_cached("SELECT document FROM documents WHERE id = ?1")?.query_row([document], |row| row.get(0))?;
    match id.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))? {
        DocumentId::Day { route, date } => Ok(Some((route, date))),
        _ => Ok(None),
    }
}

/// Evidence is recorded once: what is there already stays as it is.
fn new_evidence(tx: &Transaction<'_>, rows: &[(Scope, shared::reference::Row)]) -> Result<Vec<(Scope, shared::reference::Row)>> {
    let mut out = Vec::new();
    for (scope, row) in rows {
        let known: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM reference WHERE kind = ?1 AND key = ?2)")?
            .query_row(params![row.kind.number(), row.key], |row| row.get(0))?;
        if !known {
            out.push((scope.clone(), row.clone()));
        }
    }
    Ok(out)
}

/// Takes log rows that break their document out of the log, with all that builds on them, into quarantine; what remains
/// is materialised next.
fn withdraw(tx: &Transaction<'_>, result: &Materialised) -> Result<()> {
    let document: String = tx.query_row("SELECT document FROM documents WHERE id = ?1", [result.id], |row| row.get(0))?;
    let id: DocumentId = document.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
    let broken: BTreeSet<i64> = result.breaking.iter().copied().collect();
    let mut gone: BTreeSet<ChangeHash> = BTreeSet::new();
    let mut frontier = crate::ingest::plan::Frontier { waiting: documents::load(tx, &document)?.frontier.waiting, ..Default::default() };
    for batch in batches(tx, result.id)? {
        let checked: Vec<_> = guard::split(&batch.body).into_iter().filter_map(|chunk| guard::check(chunk, &id).ok()).collect();
        let because = checked.iter().any(|change| change.deps.iter().any(|dep| gone.contains(dep)));
        if !broken.contains(&batch.row) && !because {
            for change in &checked {
                frontier.heads.retain(|head| !change.deps.contains(head));
                frontier.heads.insert(change.hash);
                let clock = crate::ingest::plan::Clock { seq: change.seq, max_op: change.max_op };
                frontier.clocks.insert(change.actor, clock);
                frontier.count += 1;
                frontier.bytes += change.bytes.len() as u64;
            }
            continue;
        }
        let reason = if because { Reason::BecauseOf } else { Reason::BrokenDocument };
        let device: String = tx.query_row("SELECT device FROM changes WHERE id = ?1", [batch.row], |row| row.get(0))?;
        let device = device.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
        let origin = Origin { device, received_ms: batch.received_ms, skew_ms: batch.skew_ms };
        for change in &checked {
            gone.insert(change.hash);
            quarantine::add(tx, &document, change, reason, &origin)?;
            let tells = [origin.device.clone(), change.actor.device()];
            quarantine::settle_all(tx, &tells, &change.hash, Verdict::Quarantined, Some(reason))?;
        }
        tx.execute("DELETE FROM changes WHERE id = ?1", [batch.row])?;
    }
    let row = documents::DocumentRow { id: Some(result.id), scope: None, frontier };
    documents::save(tx, &document, &row, 0)?;
    // Whatever number of changes is left, the facts are not of it.
    tx.execute("UPDATE documents SET materialised = -1, fault = ?2 WHERE id = ?1", params![result.id, result.fault])?;
    tracing::error!(
        document,
        fault = result.fault,
        heads = hash_bytes(&row.frontier.heads).len() / 32,
        "changes that break a document were taken out of the log"
    );
    Ok(())
}
