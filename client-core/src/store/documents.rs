//! Documents: a snapshot and the changes since, folded together now and then.

use rusqlite::params;
use sha2::{Digest, Sha256};
use shared::doc::{Document, ShopFile};
use shared::ids::{DocumentId, RetailerId};

use super::{Db, Stored, damaged};

/// Changes beside a snapshot from which they are folded into it: few enough to load fast, enough to write seldom.
const FOLD_AT: u64 = 48;

impl Db<'_> {
    /// A document; none if nothing of it is here.
    pub fn document(&self, id: &DocumentId) -> Stored<Option<Document>> {
        let key = id.to_string();
        let snapshot: Option<Option<Vec<u8>>> = self.one("SELECT snapshot FROM documents WHERE id = ?1", [&key])?;
        let Some(snapshot) = snapshot else { return Ok(None) };
        let mut document = match snapshot {
            Some(saved) => Document::load(id.clone(), &saved).map_err(|e| damaged(&key, e))?,
            None => Document::new(id.clone()),
        };
        let changes = self.changes_of(id)?;
        if !changes.is_empty() {
            document.apply(changes.iter().map(Vec::as_slice)).map_err(|e| damaged(&key, e))?;
        }
        Ok(Some(document))
    }

    /// Adds changes that `document` holds already; folds them into its snapshot when there are many.
    pub fn add_changes<'a>(&self, document: &Document, changes: impl IntoIterator<Item = &'a [u8]>) -> Stored<()> {
        self.put_changes(document.id(), changes)?;
        self.fold(document)
    }

    /// Adds changes beside the snapshot.
    pub fn put_changes<'a>(&self, id: &DocumentId, changes: impl IntoIterator<Item = &'a [u8]>) -> Stored<()> {
        let key = id.to_string();
        self.run("INSERT OR IGNORE INTO documents (id) VALUES (?1)", [&key])?;
        for bytes in changes {
            self.run("INSERT INTO changes (document, bytes) VALUES (?1, ?2)", params![key, bytes])?;
        }
        Ok(())
    }

    /// Folds the changes beside the snapshot into it if there are many.
    pub fn fold(&self, document: &Document) -> Stored<()> {
        match self.count("SELECT count(*) FROM changes WHERE document = ?1", [document.id().to_string()])? >= FOLD_AT {
            true => self.put_document(document),
            false => Ok(()),
        }
    }

    /// Whether anything of a document is here.
    pub fn has_document(&self, id: &DocumentId) -> Stored<bool> {
        Ok(self.count("SELECT count(*) FROM documents WHERE id = ?1", [id.to_string()])? > 0)
    }

    /// Writes the whole document as its snapshot.
    pub fn put_document(&self, document: &Document) -> Stored<()> {
        let key = document.id().to_string();
        let sql = "INSERT INTO documents (id, snapshot) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET snapshot = excluded.snapshot";
        self.run(sql, params![key, document.save()])?;
        self.run("DELETE FROM changes WHERE document = ?1", [&key]).map(drop)
    }

    /// Forgets a document and everything that was read from it; the user's actions stay listed.
    pub fn drop_document(&self, id: &DocumentId) -> Stored<()> {
        let key = id.to_string();
        for sql in [
            "DELETE FROM documents WHERE id = ?1",
            "DELETE FROM changes WHERE document = ?1",
            "DELETE FROM strays WHERE document = ?1",
            "DELETE FROM outbox WHERE document = ?1",
            "DELETE FROM sheets WHERE document = ?1",
            "DELETE FROM visits WHERE document = ?1",
        ] {
            self.run(sql, [&key])?;
        }
        Ok(())
    }

    /// The documents that are here, after `after`, at most `most`.
    pub fn document_ids(&self, after: &str, most: usize) -> Stored<Vec<DocumentId>> {
        let sql = "SELECT id FROM documents WHERE id > ?1 ORDER BY id LIMIT ?2";
        let ids: Vec<String> = self.all(sql, params![after, most as i64], |row| row.get(0))?;
        ids.into_iter().map(|id| id.parse().map_err(|e| damaged("document", e))).collect()
    }

    /// What is known about a shop, over the years. Most files are read without making documents of them.
    pub fn shop_file(&self, retailer: &RetailerId) -> Stored<ShopFile> {
        let mut file = ShopFile::default();
        for id in self.shop_years(retailer)? {
            let whole = self.one::<i64>("SELECT count(*) FROM documents WHERE id = ?1 AND snapshot IS NULL", [id.to_string()])? == Some(1);
            if whole && file.lay_in_line(&id, self.changes_of(&id)?.iter().map(Vec::as_slice)) {
                continue;
            }
            if let Some(year) = self.document(&id)? {
                file.lay(&year);
            }
        }
        Ok(file)
    }

    /// The years' files of a shop, oldest first.
    pub fn shop_files(&self, retailer: &RetailerId) -> Stored<Vec<Document>> {
        let years = self.shop_years(retailer)?;
        years.iter().filter_map(|id| self.document(id).transpose()).collect()
    }

    fn shop_years(&self, retailer: &RetailerId) -> Stored<Vec<DocumentId>> {
        // `0` follows `/` in ASCII, so that the range holds exactly what begins with the shop's name and a slash.
        let sql = "SELECT id FROM documents WHERE id > ?1 AND id < ?2 ORDER BY id";
        let range = [format!("shop/{retailer}/"), format!("shop/{retailer}0")];
        let ids: Vec<String> = self.all(sql, range, |row| row.get(0))?;
        ids.into_iter().map(|id| id.parse().map_err(|e| damaged("document", e))).collect()
    }

    /// The changes of a document since its snapshot, dependencies first.
    fn changes_of(&self, id: &DocumentId) -> Stored<Vec<Vec<u8>>> {
        self.all("SELECT bytes FROM changes WHERE document = ?1 ORDER BY ord", [id.to_string()], |row| row.get(0))
    }

    pub fn set_damaged(&self, id: &DocumentId, why: Option<&str>) -> Stored<()> {
        let sql = "INSERT INTO documents (id, damaged) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET damaged = excluded.damaged";
        self.run(sql, params![id.to_string(), why]).map(drop)
    }

    /// Documents of which not everything that arrived could be applied, and why.
    pub fn damaged_documents(&self) -> Stored<Vec<(String, String)>> {
        self.all("SELECT id, damaged FROM documents WHERE damaged IS NOT NULL ORDER BY id", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    pub fn strays(&self, id: &DocumentId) -> Stored<Vec<Vec<u8>>> {
        self.all("SELECT bytes FROM strays WHERE document = ?1 ORDER BY rowid", [id.to_string()], |row| row.get(0))
    }

    /// Replaces the changes of a document that are kept until they can be applied.
    pub fn put_strays<'a>(&self, id: &DocumentId, strays: impl IntoIterator<Item = &'a [u8]>) -> Stored<()> {
        let key = id.to_string();
        self.run("DELETE FROM strays WHERE document = ?1", [&key])?;
        for bytes in strays {
            let digest = Sha256::digest(bytes);
            let values = params![key, digest.as_slice(), bytes];
            self.run("INSERT OR IGNORE INTO strays (document, digest, bytes) VALUES (?1, ?2, ?3)", values)?;
        }
        Ok(())
    }
}
