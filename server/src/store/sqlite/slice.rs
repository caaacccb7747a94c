//! The facts that a part of a score is made from, found by index: what is read follows what is scored, not what is stored.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};
use shared::facts::{Names, SheetFacts};
use shared::ids::{DocumentId, IdFault, RouteId, Scope};

use super::super::{FactsQuery, FactsSlice, Result, StoreError};
use super::neighbours::{about, concerning};

pub fn facts(c: &Connection, query: &FactsQuery) -> Result<FactsSlice> {
    let FactsQuery { routes, people, first, last } = query;
    let mut own = BTreeSet::new();
    for route in routes {
        own.extend(sheets_of(c, route, *first, *last)?);
    }
    for person in people {
        own.extend(concerning(c, &Scope::Person(person.clone()).to_string(), *first, *last)?);
    }
    let mut beside = BTreeSet::new();
    for route in routes {
        beside.extend(concerning(c, &Scope::Route(route.clone()).to_string(), *first, *last)?);
    }
    for document in &own {
        beside.extend(of_the_same_shops(c, *document)?);
    }
    beside.retain(|document| !own.contains(document));
    Ok(FactsSlice { own: read(c, &own)?, beside: read(c, &beside)? })
}

fn sheets_of(c: &Connection, route: &RouteId, first: Date, last: Date) -> Result<Vec<i64>> {
    let key = |date| DocumentId::Day { route: route.clone(), date }.to_string();
    let mut statement = c.prepare_cached("SELECT id FROM documents WHERE document >= ?1 AND document <= ?2")?;
    let rows = statement.query_map(params![key(first), key(last)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The other sheets of its day that may have visits to the same shops.
fn of_the_same_shops(c: &Connection, document: i64) -> Result<Vec<i64>> {
    let id: String = c.prepare_cached("SELECT document FROM documents WHERE id = ?1")?.query_row([document], |row| row.get(0))?;
    let id: DocumentId = id.parse().map_err(|e: IdFault| StoreError::Damaged(e.to_string()))?;
    let DocumentId::Day { route, date } = id else { return Ok(Vec::new()) };
    let mut sheets = concerning(c, &Scope::Route(route).to_string(), date, date)?;
    for about in about(c, document)? {
        match about.split_once('/') {
            Some(("route", route)) => sheets.extend(sheet(c, route, date)?),
            Some(("retailer", _)) => sheets.extend(concerning(c, &about, date, date)?),
            _ => {}
        }
    }
    Ok(sheets)
}

fn sheet(c: &Connection, route: &str, date: Date) -> Result<Option<i64>> {
    let mut statement = c.prepare_cached("SELECT id FROM documents WHERE document = ?1")?;
    Ok(statement.query_row([format!("day/{route}/{date}")], |row| row.get(0)).optional()?)
}

fn read(c: &Connection, documents: &BTreeSet<i64>) -> Result<Vec<SheetFacts>> {
    let mut names = Names::default();
    let mut statement = c.prepare_cached("SELECT facts FROM facts WHERE document = ?1")?;
    let mut out = Vec::with_capacity(documents.len());
    for document in documents {
        let mut rows = statement.query([document])?;
        if let Some(row) = rows.next()? {
            let facts = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            out.push(SheetFacts::from_bytes(facts, &mut names).map_err(|e| StoreError::Damaged(e.to_string()))?);
        }
    }
    Ok(out)
}

/// The sheets behind a document, at most `limit`, with the id of each.
pub fn facts_after(c: &Connection, document: i64, limit: usize) -> Result<Vec<(i64, SheetFacts)>> {
    let mut names = Names::default();
    let mut statement = c.prepare_cached("SELECT document, facts FROM facts WHERE document > ?1 ORDER BY document LIMIT ?2")?;
    let rows = statement.query_map(params![document, limit as i64], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (id, bytes) = row?;
        Ok((id, SheetFacts::from_bytes(&bytes, &mut names).map_err(|e| StoreError::Damaged(e.to_string()))?))
    })
    .collect()
}

/// The routes that have a sheet on some days. A sheet's document is `day/{route}/{date}`.
pub fn routes_with_sheets(c: &Connection, first: Date, last: Date) -> Result<BTreeSet<RouteId>> {
    let mut statement = c.prepare_cached(
        "SELECT DISTINCT substr(d.document, 5, length(d.document) - 15) FROM facts f JOIN documents d ON d.id = f.document
         WHERE f.date >= ?1 AND f.date <= ?2",
    )?;
    let rows = statement.query_map(params![first.to_string(), last.to_string()], |row| row.get::<_, String>(0))?;
    rows.map(|row| RouteId::new(&row?).map_err(|e| StoreError::Damaged(e.to_string()))).collect()
}
