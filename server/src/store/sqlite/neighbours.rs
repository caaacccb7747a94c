//! Which sheets concern others than who has their route, and what else a replaced sheet therefore concerns.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, Transaction, params};
use shared::ids::{DocumentId, IdFault, RouteId, Scope};
use shared::reference::{Kind, Row};

use super::super::{Result, SheetNeighbours, StoreError};
use super::meta;

/// How often shops or assignments were written, and of which of these times the rows are: numbers in `meta`.
const WRITTEN: &str = "grounds_written";
const INDEXED: &str = "grounds_indexed";

fn count(c: &Connection, key: &str) -> Result<u64> {
    let bytes = meta::get(c, key)?.unwrap_or_default();
    Ok(bytes.try_into().map_or(0, u64::from_be_bytes))
}

pub fn grounds(c: &Connection) -> Result<(u64, u64)> {
    Ok((count(c, WRITTEN)?, count(c, INDEXED)?))
}

/// Notes that the rows may be of other shops or assignments than these.
pub fn note_written(tx: &Transaction<'_>, rows: &[&Row]) -> Result<()> {
    if !rows.iter().any(|row| matches!(row.kind, Kind::Retailer | Kind::Assignments)) {
        return Ok(());
    }
    meta::set(tx, WRITTEN, &(count(tx, WRITTEN)? + 1).to_be_bytes())
}

pub fn put(tx: &Transaction<'_>, sheets: &[SheetNeighbours], indexed: Option<u64>) -> Result<()> {
    sheets.iter().try_for_each(|sheet| replace(tx, sheet.id, sheet.date, &sheet.about))?;
    indexed.map_or(Ok(()), |grounds| meta::set(tx, INDEXED, &grounds.to_be_bytes()))
}

pub fn replace(tx: &Transaction<'_>, document: i64, date: Date, about: &BTreeSet<String>) -> Result<()> {
    tx.prepare_cached("DELETE FROM neighbours WHERE document = ?1")?.execute([document])?;
    let mut insert = tx.prepare_cached("INSERT INTO neighbours (about, date, document) VALUES (?1, ?2, ?3)")?;
    for about in about {
        insert.execute(params![about, date.to_string(), document])?;
    }
    Ok(())
}

/// What a sheet concerns, beside who has its route.
pub fn about(c: &Connection, document: i64) -> Result<Vec<String>> {
    let mut statement = c.prepare_cached("SELECT about FROM neighbours WHERE document = ?1")?;
    Ok(statement.query_map([document], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The sheets of some days that concern somebody, beside whose route they are of.
pub fn concerning(c: &Connection, about: &str, first: Date, last: Date) -> Result<Vec<i64>> {
    let mut statement = c.prepare_cached("SELECT document FROM neighbours WHERE about = ?1 AND date >= ?2 AND date <= ?3")?;
    let rows = statement.query_map(params![about, first.to_string(), last.to_string()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The routes whose scores a sheet has a part in, by the rows as they are: of its shops, and of the other sheets of the day
/// that visited the same.
pub fn concerned(c: &Connection, document: i64, route: &RouteId, date: Date) -> Result<BTreeSet<RouteId>> {
    let mut routes = BTreeSet::from([route.clone()]);
    let mut sheets = concerning(c, &Scope::Route(route.clone()).to_string(), date, date)?;
    for about in about(c, document)? {
        match about.split_once('/') {
            Some(("route", route)) => drop(routes.insert(RouteId::new(route).map_err(damaged)?)),
            Some(("retailer", _)) => sheets.extend(concerning(c, &about, date, date)?),
            _ => {}
        }
    }
    for sheet in sheets {
        let id: String = c.prepare_cached("SELECT document FROM documents WHERE id = ?1")?.query_row([sheet], |row| row.get(0))?;
        if let DocumentId::Day { route, .. } = id.parse().map_err(damaged)? {
            routes.insert(route);
        }
    }
    Ok(routes)
}

fn damaged(fault: IdFault) -> StoreError {
    StoreError::Damaged(fault.to_string())
}
