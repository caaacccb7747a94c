//! Settings, epochs, scope positions, and the backup.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use shared::ids::Scope;

use super::super::{Epoch, Result, StoreError};

pub fn get(c: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    Ok(c.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

pub fn set(tx: &Transaction<'_>, key: &str, value: &[u8]) -> Result<()> {
    tx.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute(params![key, value])?;
    Ok(())
}

pub fn epochs(c: &Connection) -> Result<Vec<Epoch>> {
    let mut statement = c.prepare_cached("SELECT epoch, began_ms, positions FROM epochs ORDER BY epoch")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)))?;
    rows.map(|row| {
        let (epoch, began_ms, positions) = row?;
        let positions = minicbor::decode(&positions).map_err(|e| StoreError::Damaged(e.to_string()))?;
        Ok(Epoch { epoch: epoch as u64, began_ms, positions })
    })
    .collect()
}

pub fn begin_epoch(tx: &Transaction<'_>, epoch: u64, now_ms: i64) -> Result<()> {
    let positions = minicbor::to_vec(positions(tx)?).expect("encoding into memory does not fail");
    tx.execute("INSERT INTO epochs (epoch, began_ms, positions) VALUES (?1, ?2, ?3)", params![epoch as i64, now_ms, positions])?;
    Ok(())
}

pub fn positions(c: &Connection) -> Result<BTreeMap<Scope, u64>> {
    let mut statement = c.prepare_cached("SELECT scope, head FROM scopes")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| {
        let (scope, head) = row?;
        Ok((scope_of(&scope)?, head as u64))
    })
    .collect()
}

pub fn positions_of(c: &Connection, scopes: &BTreeSet<Scope>) -> Result<BTreeMap<Scope, u64>> {
    let mut statement = c.prepare_cached("SELECT head FROM scopes WHERE scope = ?1")?;
    let mut out = BTreeMap::new();
    for scope in scopes {
        if let Some(head) = statement.query_row([scope.to_string()], |row| row.get::<_, i64>(0)).optional()? {
            out.insert(scope.clone(), head as u64);
        }
    }
    Ok(out)
}

pub fn scope_of(text: &str) -> Result<Scope> {
    text.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))
}

/// The row id of a scope, made if it is new.
pub fn scope_id(tx: &Transaction<'_>, scope: &Scope) -> Result<i64> {
    let text = scope.to_string();
    let found = tx.prepare_cached("SELECT id FROM scopes WHERE scope = ?1")?.query_row([&text], |row| row.get(0)).optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    tx.prepare_cached("INSERT INTO scopes (scope, head) VALUES (?1, 0)")?.execute([&text])?;
    Ok(tx.last_insert_rowid())
}

/// Gives out `count` positions of a scope; the first of them is returned.
pub fn take_positions(tx: &Transaction<'_>, scope: i64, count: u64) -> Result<u64> {
    let head: i64 = tx
        .prepare_cached("UPDATE scopes SET head = head + ?2 WHERE id = ?1 RETURNING head")?
        .query_row(params![scope, count as i64], |row| row.get(0))?;
    Ok(head as u64 - count + 1)
}

/// Copies the database, page by page, while others go on; then reads the copy through.
pub fn backup(from: &Connection, file: &Path) -> Result<()> {
    // The first read fixes the moment that is copied; without it every commit of the writer would begin the copy anew.
    from.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
    let mut copy = Connection::open(file)?;
    {
        let backup = Backup::new(from, &mut copy)?;
        backup.run_to_completion(1024, std::time::Duration::ZERO, None)?;
    }
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let verdict: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}
