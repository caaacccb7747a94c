//! Reference rows: one a scope, kind and key; a change moves the row to a new position of its scope.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use shared::ids::Scope;
use shared::reference::{Kind, Row};

use super::super::{KeyRange, Result, StoreError};
use super::meta::{scope_id, scope_of, take_positions};

pub fn write(tx: &Transaction<'_>, rows: &[(Scope, Row)]) -> Result<BTreeMap<Scope, u64>> {
    let mut by_scope: BTreeMap<&Scope, Vec<&Row>> = BTreeMap::new();
    for (scope, row) in rows {
        by_scope.entry(scope).or_default().push(row);
    }
    let mut moved = BTreeMap::new();
    for (scope, rows) in by_scope {
        let id = scope_id(tx, scope)?;
        let first = take_positions(tx, id, rows.len() as u64)?;
        let mut statement = tx.prepare_cached(
            "INSERT INTO reference (scope, kind, key, value, position) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (scope, kind, key) DO UPDATE SET value = excluded.value, position = excluded.position",
        )?;
        for (at, row) in rows.iter().enumerate() {
            statement.execute(params![id, row.kind.number(), row.key, row.value, (first + at as u64) as i64])?;
        }
        moved.insert(scope.clone(), first + rows.len() as u64 - 1);
    }
    Ok(moved)
}

pub fn read(c: &Connection, kind: Kind, keys: Option<KeyRange<'_>>) -> Result<Vec<(Scope, Row)>> {
    // Every key is text, and no text is before the empty one or behind U+10FFFF.
    let (from, to) = keys.unwrap_or(("", "\u{10ffff}"));
    let mut statement = c.prepare_cached(
        "SELECT s.scope, r.key, r.value FROM reference r JOIN scopes s ON s.id = r.scope
         WHERE r.kind = ?1 AND r.key >= ?2 AND r.key < ?3 AND r.value IS NOT NULL ORDER BY r.key, s.scope",
    )?;
    let rows = statement.query_map(params![kind.number(), from, to], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    rows.map(|row| {
        let (scope, key, value) = row?;
        Ok((scope_of(&scope)?, Row { kind, key, value: Some(value) }))
    })
    .collect()
}

pub fn kind_of(number: u8) -> Result<Kind> {
    Kind::from_number(number).ok_or_else(|| StoreError::Damaged(format!("reference kind {number}")))
}
