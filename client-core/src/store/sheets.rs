//! The facts of each day sheet, replaced in the transaction of the change that they follow from.

use jiff::civil::Date;
use rusqlite::params;
use shared::doc::{Action, Document};
use shared::facts::{Names, SheetFacts, Visit};
use shared::ids::{DocumentId, RouteId, VisitId};

use super::{Db, Stored, damaged};

impl Db<'_> {
    /// Replaces the facts of a document; nothing for one that is no day sheet.
    pub fn put_facts(&self, document: &Document) -> Stored<()> {
        document.sheet_facts().map_or(Ok(()), |facts| self.put_sheet(&facts))
    }

    /// Replaces the facts of a document that an action has just been done on: of those that are here, one visit's.
    pub fn put_facts_after(&self, document: &Document, action: &Action) -> Stored<()> {
        let DocumentId::Day { route, date } = document.id() else { return Ok(()) };
        let Some(before) = self.sheet(route, *date)? else { return self.put_facts(document) };
        let visits: Vec<VisitId> = before.visits.iter().map(|visit| visit.visit).collect();
        let Some(facts) = document.sheet_facts_after(action, before) else { return Ok(()) };
        match facts.visits.iter().map(|visit| visit.visit).eq(visits) {
            true => self.put_sheet_row(&facts).map(drop),
            false => self.put_sheet(&facts),
        }
    }

    /// Answers the document's name.
    fn put_sheet_row(&self, facts: &SheetFacts) -> Stored<String> {
        let key = DocumentId::Day { route: facts.route.clone(), date: facts.date }.to_string();
        let values = params![key, facts.route.as_str(), facts.date.to_string(), facts.to_bytes()];
        self.run("INSERT OR REPLACE INTO sheets (document, route, date, facts) VALUES (?1, ?2, ?3, ?4)", values)?;
        Ok(key)
    }

    /// Replaces the facts of a day sheet.
    pub fn put_sheet(&self, facts: &SheetFacts) -> Stored<()> {
        let key = self.put_sheet_row(facts)?;
        self.run("DELETE FROM visits WHERE document = ?1", [&key])?;
        for visit in &facts.visits {
            self.run("INSERT OR IGNORE INTO visits (visit, document) VALUES (?1, ?2)", params![visit.visit.as_bytes(), key])?;
        }
        Ok(())
    }

    /// The facts of every sheet anew. A document that can't be read stays without, and is shown as damaged when it is used.
    pub fn derive_facts(&self) -> Stored<()> {
        for id in self.document_ids("", usize::MAX >> 1)? {
            if let Ok(Some(document)) = self.document(&id) {
                self.put_facts(&document)?;
            }
        }
        Ok(())
    }

    pub fn sheet(&self, route: &RouteId, date: Date) -> Stored<Option<SheetFacts>> {
        let key = DocumentId::Day { route: route.clone(), date }.to_string();
        let bytes: Option<Vec<u8>> = self.one("SELECT facts FROM sheets WHERE document = ?1", [key])?;
        bytes.map(|bytes| read(&bytes, &mut Names::default())).transpose()
    }

    /// The sheets of the dates from `first` to `last`, by date and route, without those of scopes that are gone.
    pub fn sheets(&self, first: Date, last: Date) -> Stored<Vec<SheetFacts>> {
        let sql = "SELECT facts FROM sheets WHERE date BETWEEN ?1 AND ?2
                   AND 'route/' || route NOT IN (SELECT scope FROM scopes WHERE gone = 1) ORDER BY date, route";
        let rows: Vec<Vec<u8>> = self.all(sql, [first.to_string(), last.to_string()], |row| row.get(0))?;
        let mut names = Names::default();
        rows.iter().map(|bytes| read(bytes, &mut names)).collect()
    }

    /// The latest sheets of a route before a date, the latest first.
    pub fn sheets_before(&self, route: &RouteId, date: Date, most: usize) -> Stored<Vec<SheetFacts>> {
        // A document's name ends with its date, so that the table's own order is the dates'.
        let sql = "SELECT facts FROM sheets WHERE document < ?1 AND document > ?2 ORDER BY document DESC LIMIT ?3";
        let end = DocumentId::Day { route: route.clone(), date }.to_string();
        let rows: Vec<Vec<u8>> = self.all(sql, params![end, format!("day/{route}/"), most as i64], |row| row.get(0))?;
        let mut names = Names::default();
        rows.iter().map(|bytes| read(bytes, &mut names)).collect()
    }

    /// The sheet that holds a visit: by the facts, or by the check-in if it is not a fact (any more).
    pub fn sheet_of(&self, visit: &VisitId) -> Stored<Option<DocumentId>> {
        let sql = "SELECT document FROM visits WHERE visit = ?1 UNION ALL SELECT document FROM intents WHERE action = ?1 LIMIT 1";
        let id: Option<String> = self.one(sql, params![visit.as_bytes()])?;
        id.map(|id| id.parse().map_err(|e| damaged("visit", e))).transpose()
    }

    /// A visit, if it is known here and not removed.
    pub fn visit(&self, visit: &VisitId) -> Stored<Option<Visit>> {
        let Some(DocumentId::Day { route, date }) = self.sheet_of(visit)? else { return Ok(None) };
        let sheet = self.sheet(&route, date)?;
        Ok(sheet.and_then(|sheet| sheet.visits.into_iter().find(|found| found.visit == *visit)))
    }
}

fn read(bytes: &[u8], names: &mut Names) -> Stored<SheetFacts> {
    SheetFacts::from_bytes(bytes, names).map_err(|e| damaged("facts", e))
}
