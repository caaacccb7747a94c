//! Seals: an old sheet's changes in one compressed chunk, in the form in which they travel. It moves bytes, never rows,
//! hashes or positions, so that cursors, duplicates and receipts don't notice. What is read from a seal is checked against
//! the hashes that stayed in the rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minicbor::bytes::ByteVec;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use shared::ids::ChangeHash;
use shared::limits;
use shared::wire::{self, DocumentChanges};

use super::super::{Result, StoreError};
use super::facts::batches;
use crate::ingest::guard::split;

/// Opened seals, each read once.
pub struct Seals<'c> {
    connection: &'c Connection,
    open: BTreeMap<i64, Vec<ByteVec>>,
}

impl<'c> Seals<'c> {
    pub fn of(connection: &'c Connection) -> Self {
        Self { connection, open: BTreeMap::new() }
    }

    /// The chunks of a log row, one behind the other: its own body, or the changes with these hashes from the `sealed`th of
    /// its document's seal on.
    pub fn body(&mut self, document: i64, own: Vec<u8>, sealed: Option<i64>, hashes: &[ChangeHash]) -> Result<Vec<u8>> {
        let Some(first) = sealed else { return Ok(own) };
        let damaged = |what: &str| StoreError::Damaged(format!("the seal of document {document}: {what}"));
        let chunks = match self.open.entry(document) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let mut statement = self.connection.prepare_cached("SELECT body FROM seals WHERE document = ?1")?;
                let body: Option<Vec<u8>> = statement.query_row([document], |row| row.get(0)).optional()?;
                new.insert(opened(&body.ok_or_else(|| damaged("it is gone"))?)?)
            }
        };
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let chunks = chunks.get(first..).and_then(|rest| rest.get(..hashes.len())).ok_or_else(|| damaged("it is too short"))?;
        if !chunks.iter().zip(hashes).all(|(chunk, hash)| chunk.len() > 8 && Sha256::digest(&chunk[8..])[..] == hash.0) {
            return Err(damaged("a change has another hash"));
        }
        Ok(chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect())
    }
}

fn opened(body: &[u8]) -> Result<Vec<ByteVec>> {
    // A document has at most so many bytes of changes, and each takes a few more on the way.
    let cap = 2 * limits::DOCUMENT_BYTES_MAX as usize;
    let message: DocumentChanges = wire::open(body, cap).map_err(|e| StoreError::Damaged(format!("a seal: {e}")))?;
    Ok(message.chunks)
}

/// Seals sheets dated before a day that are materialised and wait for nothing, at most `limit`; answers how many.
pub fn seal(tx: &Transaction<'_>, before: Date, limit: usize) -> Result<usize> {
    let mut statement = tx.prepare_cached(
        "SELECT f.document, d.document FROM facts f JOIN documents d ON d.id = f.document
         WHERE f.sealed = 0 AND f.date < ?1 AND d.materialised = d.changes AND d.waiting = 0 LIMIT ?2",
    )?;
    let rows = statement.query_map(params![before.to_string(), limit as i64], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let old = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    for (id, document) in &old {
        seal_one(tx, *id, document)?;
    }
    Ok(old.len())
}

fn seal_one(tx: &Transaction<'_>, id: i64, document: &str) -> Result<()> {
    let mut chunks: Vec<ByteVec> = Vec::new();
    for batch in batches(tx, id)? {
        tx.prepare_cached("UPDATE changes SET body = x'', sealed = ?2 WHERE id = ?1")?.execute(params![batch.row, chunks.len() as i64])?;
        chunks.extend(split(&batch.body).into_iter().map(|chunk| ByteVec::from(chunk.to_vec())));
    }
    let message = DocumentChanges { document: document.into(), chunks };
    let body = wire::pack(&message);
    // The only copy of somebody's day: it is read back before the rows let go of theirs.
    if opened(&body)? != message.chunks {
        return Err(StoreError::Damaged(format!("{document} can't be sealed: it reads back otherwise")));
    }
    tx.prepare_cached("INSERT INTO seals (document, body) VALUES (?1, ?2) ON CONFLICT (document) DO UPDATE SET body = excluded.body")?
        .execute(params![id, body])?;
    tx.prepare_cached("UPDATE facts SET sealed = 1 WHERE document = ?1")?.execute([id])?;
    Ok(())
}
