//! The download: an index range scan for each scope with news, in order of position, up to a number of bytes.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use rusqlite::{Connection, OptionalExtension, params};
use shared::ids::{ChangeHash, DocumentId, Scope};
use shared::reference::{Kind, Row};
use shared::time::parse_date;
use shared::wire::{Cursor, DocumentChanges, Reason, ScopedRow, Settled, Verdict};

use super::super::{Page, PageQuery, Result, StoreError};
use super::documents::hashes;
use super::reference::kind_of;
use super::seal::Seals;
use crate::ingest::guard::split;

/// Bytes that an item costs beside its content.
const ITEM_BYTES: usize = 32;

pub fn page(c: &Connection, query: &PageQuery) -> Result<Page> {
    let mut page = Page { cursor: Cursor { scopes: BTreeMap::new(), settled: query.cursor.settled }, ..Page::default() };
    let mut gathered = Gathered { documents: Vec::new(), index: BTreeMap::new(), bytes: 0 };
    read_settled(c, query, &mut page)?;
    let scopes: BTreeSet<&Scope> = query.scopes.iter().collect();
    for scope in scopes {
        let from = query.cursor.position(scope);
        let to = if page.more { from } else { read_scope(c, query, scope, from, &mut page, &mut gathered)? };
        page.cursor.scopes.insert(scope.clone(), to);
    }
    page.documents = gathered.documents;
    Ok(page)
}

fn read_settled(c: &Connection, query: &PageQuery, page: &mut Page) -> Result<()> {
    let sql = "SELECT n, hash, verdict, reason FROM settled WHERE device = ?1 AND n > ?2 ORDER BY n";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(params![query.device.as_str(), query.cursor.settled as i64], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?, row.get::<_, Option<String>>(3)?))
    })?;
    for row in rows {
        let (n, hash, verdict, reason) = row?;
        let verdict = Verdict::ALL.get(verdict as usize).copied();
        let (Some(hash), Some(verdict)) = (ChangeHash::from_slice(&hash), verdict) else {
            return Err(StoreError::Damaged(format!("settled {n}")));
        };
        page.settled.push(Settled { hash, verdict, reason: reason.as_deref().and_then(Reason::from_code) });
        page.cursor.settled = n as u64;
    }
    Ok(())
}

/// The page's documents, each once, in order of first appearance.
struct Gathered {
    documents: Vec<DocumentChanges>,
    index: BTreeMap<String, usize>,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, document: String, body: &[u8]) {
        let at = *self.index.entry(document.clone()).or_insert(self.documents.len());
        if at == self.documents.len() {
            self.documents.push(DocumentChanges { document, chunks: Vec::new() });
        }
        self.documents[at].chunks.extend(split(body).into_iter().map(|chunk| ByteVec::from(chunk.to_vec())));
    }
}

enum Item {
    Changes { document: String, body: Vec<u8> },
    Reference(Row),
}

/// Reads a scope from a position on; answers the position up to which it was read.
fn read_scope(c: &Connection, query: &PageQuery, scope: &Scope, from: u64, page: &mut Page, gathered: &mut Gathered) -> Result<u64> {
    let head = c
        .prepare_cached("SELECT id, head FROM scopes WHERE scope = ?1")?
        .query_row([scope.to_string()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((id, head)) = head else { return Ok(0) };
    let (mut at, head) = (from, head as u64);
    while at < head {
        // Positions are given out by the scope for changes and reference rows alike, so a window of them bounds both.
        let window = (at + shared::limits::DOWNLOAD_WINDOW).min(head);
        for (position, item) in read_window(c, query, id, at, window)? {
            let bytes = item_bytes(&item);
            let begun = gathered.bytes > 0;
            if begun && gathered.bytes + bytes > query.max_bytes {
                page.more = true;
                return Ok(at);
            }
            if deliver(query, scope, item, page, gathered) {
                gathered.bytes += bytes;
            }
            at = position;
        }
        at = window;
    }
    Ok(head.max(from.min(head)))
}

/// Without the device's own changes, which it has: most of them it has just sent, and they are not read again.
fn read_window(c: &Connection, query: &PageQuery, scope: i64, after: u64, to: u64) -> Result<BTreeMap<u64, Item>> {
    let mut items = BTreeMap::new();
    let mut changes = c.prepare_cached(
        "SELECT c.position, d.document, c.body, c.document, c.sealed, c.hashes FROM changes c
         JOIN documents d ON d.id = c.document WHERE c.scope = ?1 AND c.position > ?2 AND c.position <= ?3 AND c.actor <> ?4",
    )?;
    let mut seals = Seals::of(c);
    let mut rows = changes.query(params![scope, after as i64, to as i64, query.actor.as_bytes()])?;
    while let Some(row) = rows.next()? {
        let hashes = hashes(&row.get::<_, Vec<u8>>(5)?);
        let body = seals.body(row.get(3)?, row.get(2)?, row.get(4)?, &hashes)?;
        items.insert(row.get::<_, i64>(0)? as u64, Item::Changes { document: row.get(1)?, body });
    }
    let mut reference =
        c.prepare_cached("SELECT position, kind, key, value FROM reference WHERE scope = ?1 AND position > ?2 AND position <= ?3")?;
    let rows = reference.query_map(params![scope, after as i64, to as i64], |row| {
        Ok((row.get::<_, i64>(0)? as u64, row.get::<_, u8>(1)?, row.get::<_, String>(2)?, row.get::<_, Option<Vec<u8>>>(3)?))
    })?;
    for row in rows {
        let (position, kind, key, value) = row?;
        items.insert(position, Item::Reference(Row { kind: kind_of(kind)?, key, value }));
    }
    Ok(items)
}

fn item_bytes(item: &Item) -> usize {
    ITEM_BYTES
        + match item {
            Item::Changes { document, body, .. } => document.len() + body.len(),
            Item::Reference(row) => row.key.len() + row.value.as_ref().map_or(0, Vec::len),
        }
}

/// False: it is too old for devices.
fn deliver(query: &PageQuery, scope: &Scope, item: Item, page: &mut Page, gathered: &mut Gathered) -> bool {
    match item {
        Item::Changes { document, body } => {
            if let Ok(DocumentId::Day { date, .. }) = document.parse()
                && date < query.visible_from
            {
                return false;
            }
            gathered.add(document, &body);
            true
        }
        Item::Reference(row) => {
            if matches!(row.kind, Kind::Sales | Kind::OrderRuling)
                && let Some(date) = row.key.split('/').next().and_then(|date| parse_date(date).ok())
                && date < query.visible_from
            {
                return false;
            }
            page.reference.push(ScopedRow { scope: scope.clone(), row });
            true
        }
    }
}
