//! Reference rows: one a scope, kind and key; a change moves the row to a new position of its scope.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use shared::ids::Scope;
use shared::reference::{Kind, Row};

use super::super::{KeyRange, Result, ScopedKind, StoreError};
use super::meta::{scope_id, scope_of, take_positions};
use super::neighbours;

pub fn write(tx: &Transaction<'_>, rows: &[(Scope, Row)]) -> Result<BTreeMap<Scope, u64>> {
    let mut by_scope: BTreeMap<&Scope, Vec<&Row>> = BTreeMap::new();
    for (scope, row) in rows {
        by_scope.entry(scope).or_default().push(row);
    }
    neighbours::note_written(tx, &rows.iter().map(|(_, row)| row).collect::<Vec<_>>())?;
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

/// The rows of some scopes and kinds, by index.
pub fn read_scoped(c: &Connection, wanted: &[ScopedKind]) -> Result<Vec<Row>> {
    let mut scope_id = c.prepare_cached("SELECT id FROM scopes WHERE scope = ?1")?;
    let mut statement = c.prepare_cached(
        "SELECT key, value FROM reference WHERE scope = ?1 AND kind = ?2 AND key >= ?3 AND key < ?4 AND value IS NOT NULL ORDER BY key",
    )?;
    let mut out = Vec::new();
    let mut known: Option<(&Scope, Option<i64>)> = None;
    for ScopedKind { scope, kind, from, to } in wanted {
        let id = match known {
            Some((last, id)) if last == scope => id,
            _ => scope_id.query_row([scope.to_string()], |row| row.get(0)).optional()?,
        };
        known = Some((scope, id));
        let Some(id) = id else { continue };
        let rows = statement
            .query_map(params![id, kind.number(), from, to], |row| Ok(Row { kind: *kind, key: row.get(0)?, value: Some(row.get(1)?) }))?;
        for row in rows {
            out.push(row?);
        }
    }
    Ok(out)
}

/// Shows every row of a kind, by key; a row of several scopes several times.
pub fn each(c: &Connection, kind: Kind, see: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
    let mut statement = c.prepare_cached("SELECT key, value FROM reference WHERE kind = ?1 AND value IS NOT NULL ORDER BY key")?;
    let mut rows = statement.query([kind.number()])?;
    while let Some(row) = rows.next()? {
        let key = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        see(key, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(())
}

pub fn kind_of(number: u8) -> Result<Kind> {
    Kind::from_number(number).ok_or_else(|| StoreError::Damaged(format!("reference kind {number}")))
}
