//! The scopes that the device holds, and those that it is about to let go.

use rusqlite::params;
use shared::ids::Scope;
use shared::wire::Grant;

use super::{Db, Stored, damaged};

impl Db<'_> {
    /// Everything that the device holds now; what it held before and no longer does is marked as gone.
    pub fn put_grants(&self, grants: &[Grant]) -> Stored<()> {
        self.run("UPDATE scopes SET gone = 1, current = 0", [])?;
        for grant in grants {
            let values = params![grant.scope.to_string(), grant.current];
            self.run("INSERT OR REPLACE INTO scopes (scope, current, gone) VALUES (?1, ?2, 0)", values)?;
        }
        Ok(())
    }

    /// The scopes that are held, and whether they are for writing too.
    pub fn grants(&self) -> Stored<Vec<Grant>> {
        let rows = self.all("SELECT scope, current FROM scopes WHERE gone = 0 ORDER BY scope", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
        })?;
        let grant = |(scope, current): (String, bool)| Ok(Grant { scope: scope.parse().map_err(|e| damaged("scope", e))?, current });
        rows.into_iter().map(grant).collect()
    }

    pub fn gone_scopes(&self) -> Stored<Vec<Scope>> {
        let rows: Vec<String> = self.all("SELECT scope FROM scopes WHERE gone = 1 ORDER BY scope", [], |row| row.get(0))?;
        rows.into_iter().map(|scope| scope.parse().map_err(|e| damaged("scope", e))).collect()
    }

    /// Forgets a scope and its reference rows. Its documents are dropped one by one, by whoever knows which they are.
    pub fn forget_scope(&self, scope: &Scope) -> Stored<()> {
        let scope = scope.to_string();
        self.run("DELETE FROM reference WHERE scope = ?1", [&scope])?;
        self.run("DELETE FROM scopes WHERE scope = ?1", [&scope]).map(drop)
    }
}
