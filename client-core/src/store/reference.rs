//! Reference rows as they came, each with the scope that it came by.

use jiff::civil::Date;
use rusqlite::params;
use shared::ids::{RetailerId, RouteId, Scope};
use shared::reference::{Kind, Reference, Row, SalesBlock};
use shared::wire::ScopedRow;

use super::{Db, Stored};

/// What only the scorer reads: a quarter of sales is most of what a phone holds.
const FOR_THE_SCORER: [Kind; 1] = [Kind::Sales];

impl Db<'_> {
    /// Takes a row in, or out if it has no value.
    pub fn put_row(&self, scoped: &ScopedRow) -> Stored<()> {
        let ScopedRow { scope, row } = scoped;
        let scope = scope.to_string();
        let kind = row.kind.number();
        self.run("DELETE FROM doubted WHERE scope = ?1 AND kind = ?2 AND key = ?3", params![scope, kind, row.key])?;
        match &row.value {
            Some(value) => {
                let sql = "INSERT OR REPLACE INTO reference (scope, kind, key, value) VALUES (?1, ?2, ?3, ?4)";
                self.run(sql, params![scope, kind, row.key, value])
            }
            None => self.run("DELETE FROM reference WHERE scope = ?1 AND kind = ?2 AND key = ?3", params![scope, kind, row.key]),
        }
        .map(drop)
    }

    /// Every row is in doubt until it comes again.
    pub fn doubt_rows(&self) -> Stored<()> {
        self.run("INSERT OR IGNORE INTO doubted (scope, kind, key) SELECT scope, kind, key FROM reference", []).map(drop)
    }

    /// Everything has come: what has not come again is gone. Whether there was any.
    pub fn drop_doubted_rows(&self) -> Stored<bool> {
        let dropped = self.run("DELETE FROM reference WHERE (scope, kind, key) IN (SELECT scope, kind, key FROM doubted)", [])?;
        self.run("DELETE FROM doubted", [])?;
        Ok(dropped > 0)
    }

    /// The reference data of the scopes that are held: all of it, or without what only the scorer reads. Also the rows
    /// that this version can't read.
    pub fn reference(&self, for_scorer: bool) -> Stored<(Reference, Vec<String>)> {
        let (mut reference, mut faults) = (Reference::default(), Vec::new());
        for kind in Kind::ALL.into_iter().filter(|kind| for_scorer || !FOR_THE_SCORER.contains(kind)) {
            let sql = "SELECT key, value FROM reference WHERE kind = ?1 AND scope NOT IN (SELECT scope FROM scopes WHERE gone = 1)";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([kind.number()])?;
            while let Some(row) = rows.next()? {
                let row = Row { kind, key: row.get(0)?, value: Some(row.get(1)?) };
                faults.extend(reference.apply(&row).err().map(|fault| fault.to_string()));
            }
        }
        Ok((reference, faults))
    }

    /// What was invoiced to the shops of a route on the dates from `first` to `last`, by date.
    pub fn sales_of(&self, route: &RouteId, first: Date, last: Date) -> Stored<Vec<(Date, SalesBlock)>> {
        // A key is the date, a slash, the route: `0` follows the slash.
        let sql = "SELECT DISTINCT key, value FROM reference WHERE kind = ?1 AND key >= ?2 AND key < ?3 AND substr(key, 12) = ?4
                   AND scope NOT IN (SELECT scope FROM scopes WHERE gone = 1)";
        let values = params![Kind::Sales.number(), first.to_string(), format!("{last}0"), route.as_str()];
        let rows: Vec<(String, Vec<u8>)> = self.all(sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut reference = Reference::default();
        for (key, value) in rows {
            let row = Row { kind: Kind::Sales, key, value: Some(value) };
            reference.apply(&row).map_err(|e| super::damaged("sales", e))?;
        }
        Ok(reference.sales.into_iter().map(|((date, _), block)| (date, block)).collect())
    }

    /// The scopes, gone ones included, that a shop's row came by.
    pub fn scopes_of_shop(&self, retailer: &RetailerId) -> Stored<Vec<Scope>> {
        let sql = "SELECT scope FROM reference WHERE kind = ?1 AND key = ?2";
        let scopes: Vec<String> = self.all(sql, params![Kind::Retailer.number(), retailer.as_str()], |row| row.get(0))?;
        Ok(scopes.iter().filter_map(|scope| scope.parse().ok()).collect())
    }
}
