//! Disputes that were filed on this phone.

use rusqlite::params;
use shared::ids::DisputeId;
use shared::reference::Dispute;

use super::{Db, Stored, damaged};

/// Where a filed dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingState {
    /// Only on this phone.
    Pending,
    AtHeadOffice,
    Refused,
}

impl FilingState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AtHeadOffice => "at_head_office",
            Self::Refused => "refused",
        }
    }
    fn named(name: &str) -> Option<Self> {
        [Self::Pending, Self::AtHeadOffice, Self::Refused].into_iter().find(|state| state.as_str() == name)
    }
}

/// A filed dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct Filed {
    pub id: DisputeId,
    pub dispute: Dispute,
    pub state: FilingState,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Db<'_> {
    pub fn put_filing(&self, id: &DisputeId, dispute: &Dispute) -> Stored<()> {
        let bytes = minicbor::to_vec(dispute).map_err(|e| damaged("a dispute", e))?;
        let sql = "INSERT INTO filings (id, dispute, state) VALUES (?1, ?2, ?3)";
        self.run(sql, params![id.as_str(), bytes, FilingState::Pending.as_str()]).map(drop)
    }

    pub fn set_filing(&self, id: &DisputeId, state: FilingState, reason: Option<&str>) -> Stored<()> {
        self.run("UPDATE filings SET state = ?2, reason = ?3 WHERE id = ?1", params![id.as_str(), state.as_str(), reason]).map(drop)
    }

    /// After a restore of head office: it may have lost them.
    pub fn file_again(&self) -> Stored<()> {
        let values = params![FilingState::Pending.as_str(), FilingState::AtHeadOffice.as_str()];
        self.run("UPDATE filings SET state = ?1 WHERE state = ?2", values).map(drop)
    }

    /// All, or those in a state, by id.
    pub fn filings(&self, state: Option<FilingState>) -> Stored<Vec<Filed>> {
        let sql = "SELECT id, dispute, state, reason FROM filings WHERE ?1 IS NULL OR state = ?1 ORDER BY id";
        let rows = self.all(sql, params![state.map(FilingState::as_str)], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(2)?, row.get(3)?))
        })?;
        let read = |(id, dispute, state, reason): (String, Vec<u8>, String, Option<String>)| {
            Ok(Filed {
                id: id.parse().map_err(|e| damaged("a dispute", e))?,
                dispute: minicbor::decode(&dispute).map_err(|e| damaged("a dispute", e))?,
                state: FilingState::named(&state).ok_or_else(|| damaged("a dispute", state))?,
                reason,
            })
        };
        rows.into_iter().map(read).collect()
    }
}
