//! The outbox: the changes that head office has not judged yet, in an order in which dependencies come first.

use rusqlite::params;
use shared::ids::{ChangeHash, DocumentId};

use super::{Db, Stored, damaged};

/// A change to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub document: DocumentId,
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

impl Db<'_> {
    pub fn post(&self, document: &DocumentId, hash: &ChangeHash, bytes: &[u8]) -> Stored<()> {
        let values = params![document.to_string(), hash.as_bytes(), bytes];
        self.run("INSERT OR IGNORE INTO outbox (document, hash, bytes) VALUES (?1, ?2, ?3)", values).map(drop)
    }

    pub fn unpost(&self, hash: &ChangeHash) -> Stored<()> {
        self.run("DELETE FROM outbox WHERE hash = ?1", params![hash.as_bytes()]).map(drop)
    }

    pub fn unpost_document(&self, document: &DocumentId) -> Stored<()> {
        self.run("DELETE FROM outbox WHERE document = ?1", [document.to_string()]).map(drop)
    }

    pub fn has_outgoing(&self, document: &DocumentId) -> Stored<bool> {
        Ok(self.count("SELECT count(*) FROM outbox WHERE document = ?1", [document.to_string()])? > 0)
    }

    pub fn outbox_len(&self) -> Stored<u64> {
        self.count("SELECT count(*) FROM outbox", [])
    }

    /// The oldest changes, as long as `takes` says yes.
    pub fn outbox(&self, mut takes: impl FnMut(&Outgoing) -> bool) -> Stored<Vec<Outgoing>> {
        let mut statement = self.connection.prepare_cached("SELECT document, hash, bytes FROM outbox ORDER BY ord")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let document: String = row.get(0)?;
            let document = document.parse().map_err(|e| damaged("outbox", e))?;
            let hash = ChangeHash(row.get(1)?);
            let next = Outgoing { document, hash, bytes: row.get(2)? };
            if !takes(&next) {
                break;
            }
            out.push(next);
        }
        Ok(out)
    }
}
