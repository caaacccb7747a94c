//! Document rows: the frontier of each, and the scope that it is filed under.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use shared::ids::{Actor, ChangeHash, DocumentId, Scope};

use super::super::{Result, StoreError};
use super::meta::{scope_id, scope_of, take_positions};
use crate::ingest::plan::{Clock, Frontier};

/// A document's row; `id` is none until it is stored.
pub struct DocumentRow {
    pub id: Option<i64>,
    pub scope: Option<i64>,
    pub frontier: Frontier,
}

pub fn hashes(bytes: &[u8]) -> Vec<ChangeHash> {
    bytes.chunks_exact(32).filter_map(ChangeHash::from_slice).collect()
}

pub fn hash_bytes<'a>(hashes: impl IntoIterator<Item = &'a ChangeHash>) -> Vec<u8> {
    hashes.into_iter().flat_map(|hash| hash.0).collect()
}

pub fn load(c: &Connection, document: &str) -> Result<DocumentRow> {
    let mut statement = c.prepare_cached("SELECT id, scope, heads, clocks, changes, waiting, bytes FROM documents WHERE document = ?1")?;
    let found = statement
        .query_row([document], |row| {
            let numbers = (row.get::<_, i64>(4)?, row.get::<_, i64>(5)?, row.get::<_, i64>(6)?);
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, Vec<u8>>(3)?, numbers))
        })
        .optional()?;
    let Some((id, scope, heads, clocks, (count, waiting, bytes))) = found else {
        return Ok(DocumentRow { id: None, scope: None, frontier: Frontier::default() });
    };
    let clocks: Vec<(Actor, u64, u64)> = minicbor::decode(&clocks).map_err(|e| StoreError::Damaged(format!("{document}: {e}")))?;
    let frontier = Frontier {
        heads: hashes(&heads).into_iter().collect(),
        clocks: clocks.into_iter().map(|(actor, seq, max_op)| (actor, Clock { seq, max_op })).collect(),
        count: count as u64,
        bytes: bytes as u64,
        waiting: waiting as usize,
    };
    Ok(DocumentRow { id: Some(id), scope: Some(scope), frontier })
}

/// Writes the frontier; a new document is filed under `scope`. The row's id is returned.
pub fn save(tx: &Transaction<'_>, document: &str, row: &DocumentRow, scope: i64) -> Result<i64> {
    let frontier = &row.frontier;
    let clocks: Vec<(Actor, u64, u64)> = frontier.clocks.iter().map(|(actor, clock)| (*actor, clock.seq, clock.max_op)).collect();
    let clocks = minicbor::to_vec(clocks).expect("encoding into memory does not fail");
    let (heads, count, waiting) = (hash_bytes(&frontier.heads), frontier.count as i64, frontier.waiting as i64);
    if let Some(id) = row.id {
        tx.prepare_cached("UPDATE documents SET heads = ?2, clocks = ?3, changes = ?4, waiting = ?5, bytes = ?6 WHERE id = ?1")?
            .execute(params![id, heads, clocks, count, waiting, frontier.bytes as i64])?;
        return Ok(id);
    }
    tx.prepare_cached(
        "INSERT INTO documents (document, scope, heads, clocks, changes, waiting, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![document, scope, heads, clocks, count, waiting, frontier.bytes as i64])?;
    Ok(tx.last_insert_rowid())
}

pub fn heads(c: &Connection, document: &DocumentId) -> Result<Option<Vec<ChangeHash>>> {
    let mut statement = c.prepare_cached("SELECT heads FROM documents WHERE document = ?1 AND changes > 0")?;
    let found: Option<Vec<u8>> = statement.query_row([document.to_string()], |row| row.get(0)).optional()?;
    Ok(found.map(|bytes| hashes(&bytes)))
}

pub fn lacks(c: &Connection, document: &DocumentId, wanted: &[ChangeHash]) -> Result<bool> {
    let Some(id) = load(c, &document.to_string())?.id else {
        return Ok(wanted.iter().any(|hash| *hash != shared::doc::genesis_hash(document)));
    };
    // Mostly the heads are the same, and nothing else has to be read.
    if let Some(heads) = heads(c, document)?
        && wanted.iter().all(|hash| heads.contains(hash))
    {
        return Ok(false);
    }
    let mut here = all_hashes(c, id)?;
    here.insert(shared::doc::genesis_hash(document));
    Ok(!wanted.iter().all(|hash| here.contains(hash)))
}

fn all_hashes(c: &Connection, document: i64) -> Result<BTreeSet<ChangeHash>> {
    let mut statement = c.prepare_cached("SELECT hashes FROM changes WHERE document = ?1")?;
    let rows = statement.query_map([document], |row| row.get::<_, Vec<u8>>(0))?;
    let mut all = BTreeSet::new();
    for row in rows {
        all.extend(hashes(&row?));
    }
    Ok(all)
}

pub fn filed(c: &Connection, kind: &str, after: Option<&DocumentId>, most: usize) -> Result<Vec<(DocumentId, Scope)>> {
    let sql = "SELECT d.document, s.scope FROM documents d JOIN scopes s ON s.id = d.scope
               WHERE d.document > ?1 AND d.document < ?2 ORDER BY d.document LIMIT ?3";
    let mut statement = c.prepare_cached(sql)?;
    let after = after.map_or_else(|| format!("{kind}/"), DocumentId::to_string);
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let rows = statement.query_map(params![after, format!("{kind}0"), most as i64], read)?;
    rows.map(|row| {
        let (document, scope) = row?;
        let document = document.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
        Ok((document, scope_of(&scope)?))
    })
    .collect()
}

pub fn refile(tx: &Transaction<'_>, moves: &[(DocumentId, Scope)]) -> Result<BTreeMap<Scope, u64>> {
    let mut moved = BTreeMap::new();
    for (document, scope) in moves {
        let row = load(tx, &document.to_string())?;
        if let Some(id) = row.id {
            let to = scope_id(tx, scope)?;
            if row.scope != Some(to) {
                moved.insert(scope.clone(), refile_one(tx, id, to)?);
            }
        }
    }
    Ok(moved)
}

/// Gives every log row of a document a new position in another scope, in its order; answers the last one.
pub fn refile_one(tx: &Transaction<'_>, document: i64, to: i64) -> Result<u64> {
    let mut statement = tx.prepare_cached("SELECT id FROM changes WHERE document = ?1 ORDER BY id")?;
    let rows = statement.query_map([document], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let first = take_positions(tx, to, rows.len() as u64)?;
    for (at, row) in rows.iter().enumerate() {
        tx.prepare_cached("UPDATE changes SET scope = ?2, position = ?3 WHERE id = ?1")?.execute(params![
            row,
            to,
            (first + at as u64) as i64
        ])?;
    }
    tx.prepare_cached("UPDATE documents SET scope = ?2 WHERE id = ?1")?.execute(params![document, to])?;
    Ok(first + rows.len() as u64 - 1)
}

/// What the log knows of one document, read as far as a question needs it.
pub struct SqlHistory<'a> {
    tx: &'a Transaction<'a>,
    document: &'a str,
    id: Option<i64>,
    /// Computed when it is first asked for: mostly a change builds on the heads.
    genesis: OnceCell<Option<ChangeHash>>,
    all: Option<BTreeSet<ChangeHash>>,
    held: Option<BTreeMap<ChangeHash, (shared::wire::Verdict, shared::wire::Reason)>>,
    pub failure: Option<StoreError>,
}

impl<'a> SqlHistory<'a> {
    pub fn new(tx: &'a Transaction<'a>, document: &'a str, id: Option<i64>) -> Self {
        Self { tx, document, id, genesis: OnceCell::new(), all: None, held: None, failure: None }
    }

    fn all(&mut self) -> &BTreeSet<ChangeHash> {
        if self.all.is_none() {
            let all = self.id.map_or(Ok(BTreeSet::new()), |id| all_hashes(self.tx, id)).unwrap_or_else(|e| {
                self.failure = Some(e);
                BTreeSet::new()
            });
            self.all = Some(all);
        }
        self.all.as_ref().expect("it was just read")
    }
}

impl SqlHistory<'_> {
    /// Whether anything of the document is held back, and was asked about.
    pub fn has_held(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.is_empty())
    }

    pub fn is_held(&self, hash: &ChangeHash) -> bool {
        self.held.as_ref().is_some_and(|held| held.contains_key(hash))
    }

    /// A change that was held back goes in after all; whether it was.
    pub fn admit(&mut self, hash: &ChangeHash) -> bool {
        self.held.as_mut().is_some_and(|held| held.remove(hash).is_some())
    }

    /// A change has just been held back.
    pub fn hold(&mut self, hash: ChangeHash, reason: shared::wire::Reason) {
        if let Some(held) = &mut self.held {
            held.insert(hash, (shared::wire::Verdict::Quarantined, reason));
        }
    }
}

impl crate::ingest::plan::History for SqlHistory<'_> {
    fn holds(&mut self, hash: &ChangeHash) -> bool {
        let genesis = || self.document.parse::<DocumentId>().ok().map(|id| shared::doc::genesis_hash(&id));
        self.genesis.get_or_init(genesis).as_ref() == Some(hash) || (self.id.is_some() && self.all().contains(hash))
    }

    fn at(&mut self, actor: &Actor, seq: u64) -> Option<ChangeHash> {
        let id = self.id?;
        let sql =
            "SELECT first_seq, hashes FROM changes WHERE document = ?1 AND actor = ?2 AND first_seq <= ?3 ORDER BY first_seq DESC LIMIT 1";
        let found = self.tx.prepare_cached(sql).and_then(|mut statement| {
            statement
                .query_row(params![id, actor.as_bytes(), seq as i64], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
                .optional()
        });
        match found {
            Ok(found) => found.and_then(|(first, bytes)| hashes(&bytes).get((seq - first as u64) as usize).copied()),
            Err(e) => {
                self.failure = Some(e.into());
                None
            }
        }
    }

    fn held_back(&mut self, hash: &ChangeHash) -> Option<(shared::wire::Verdict, shared::wire::Reason)> {
        if self.held.is_none() {
            let held = super::quarantine::of_document(self.tx, self.document).unwrap_or_else(|e| {
                self.failure = Some(e);
                BTreeMap::new()
            });
            self.held = Some(held);
        }
        self.held.as_ref().and_then(|held| held.get(hash).copied())
    }
}
