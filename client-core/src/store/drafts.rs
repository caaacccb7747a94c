//! Drafts: what was begun, kept tap by tap until the step is left and becomes an action.

use rusqlite::params;
use serde::Serialize;

use super::{Db, Stored};

/// An unfinished step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The step's name, as `stock/<visit>`.
    pub step: String,
    /// As it was typed; of a visit that is under way, nothing.
    pub content: String,
    pub at_ms: i64,
}

impl Db<'_> {
    pub fn put_draft(&self, draft: &Draft) -> Stored<()> {
        let values = params![draft.step, draft.content, draft.at_ms];
        self.run("INSERT OR REPLACE INTO drafts (step, content, at_ms) VALUES (?1, ?2, ?3)", values).map(drop)
    }

    pub fn drop_draft(&self, step: &str) -> Stored<()> {
        self.run("DELETE FROM drafts WHERE step = ?1", [step]).map(drop)
    }

    pub fn draft(&self, step: &str) -> Stored<Option<String>> {
        self.one("SELECT content FROM drafts WHERE step = ?1", [step])
    }

    /// All drafts, the oldest first.
    pub fn drafts(&self) -> Stored<Vec<Draft>> {
        self.all("SELECT step, content, at_ms FROM drafts ORDER BY at_ms, step", [], |row| {
            Ok(Draft { step: row.get(0)?, content: row.get(1)?, at_ms: row.get(2)? })
        })
    }
}
