//! Intents: every user action as a row, with what became of it.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use shared::doc::Action;
use shared::ids::{ActionId, ChangeHash, DocumentId};
use shared::wire::Reason;

use super::{Db, StoreFault, Stored, damaged};

/// What became of a user action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On this phone, and nowhere else.
    Pending,
    /// Kept at head office until what it builds on has arrived there.
    Waiting,
    /// At head office, for good.
    Durable,
    /// Kept apart at head office, with a reason, until staff release or reject it.
    Quarantined,
    /// Refused by staff, with a reason.
    Rejected,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Pending, Self::Waiting, Self::Durable, Self::Quarantined, Self::Rejected];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Durable => "durable",
            Self::Quarantined => "quarantined",
            Self::Rejected => "rejected",
        }
    }

    /// What a user reads.
    pub fn sentence(self, zh: bool) -> &'static str {
        match (self, zh) {
            (Self::Pending, false) => "on this phone",
            (Self::Pending, true) => "仅在本机",
            (Self::Waiting, false) => "at head office, waiting for what it builds on",
            (Self::Waiting, true) => "已到总部，等待前序更改",
            (Self::Durable, false) => "at head office",
            (Self::Durable, true) => "已到总部",
            (Self::Quarantined, false) => "held back at head office",
            (Self::Quarantined, true) => "被总部扣留",
            (Self::Rejected, false) => "refused",
            (Self::Rejected, true) => "被拒绝",
        }
    }

    /// Whether nothing more will become of it by itself.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Durable | Self::Rejected)
    }
}

/// A user action and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intent {
    pub id: ActionId,
    pub document: DocumentId,
    pub action: Action,
    pub at_ms: i64,
    /// The change that it rests on: its own, or, if it changed nothing, the one before. None: nothing was to be sent.
    pub hash: Option<ChangeHash>,
    pub state: State,
    pub reason: Option<Reason>,
}

const COLUMNS: &str = "action, document, command, at_ms, hash, state, reason";

impl Db<'_> {
    pub fn add_intent(&self, intent: &Intent) -> Stored<()> {
        let command = serde_json::to_string(&intent.action).map_err(|e| damaged("action", e))?;
        let sql = "INSERT INTO intents (action, document, command, at_ms, hash, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = params![
            intent.id.as_bytes(),
            intent.document.to_string(),
            command,
            intent.at_ms,
            intent.hash.as_ref().map(|hash| hash.as_bytes().to_vec()),
            intent.state.as_str(),
            intent.reason.map(Reason::code),
        ];
        self.run(sql, values).map(drop)
    }

    pub fn intent(&self, id: &ActionId) -> Stored<Option<Intent>> {
        Ok(self.intents_where("action = ?1", params![id.as_bytes()])?.pop())
    }

    /// Every action that rests on a change.
    pub fn intents_on(&self, hash: &ChangeHash) -> Stored<Vec<Intent>> {
        self.intents_where("hash = ?1 ORDER BY ord", params![hash.as_bytes()])
    }

    /// A document's actions of which something may still become, in order.
    pub fn unsettled_intents_of(&self, document: &DocumentId) -> Stored<Vec<Intent>> {
        self.intents_where("document = ?1 AND state NOT IN ('durable', 'rejected') ORDER BY ord", [document.to_string()])
    }

    /// Every action that is not at head office for good, in order.
    pub fn open_intents(&self) -> Stored<Vec<Intent>> {
        self.intents_where("state <> 'durable' ORDER BY ord", [])
    }

    /// The latest actions, the newest first.
    pub fn latest_intents(&self, most: usize) -> Stored<Vec<Intent>> {
        self.intents_where("1 ORDER BY ord DESC LIMIT ?1", [most as i64])
    }

    fn intents_where(&self, condition: &str, values: impl rusqlite::Params) -> Stored<Vec<Intent>> {
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE {condition}");
        let rows = self.all(&sql, values, |row| Ok(read(row)))?;
        rows.into_iter().collect()
    }

    pub fn set_state(&self, id: &ActionId, state: State, reason: Option<Reason>) -> Stored<()> {
        let values = params![id.as_bytes(), state.as_str(), reason.map(Reason::code)];
        self.run("UPDATE intents SET state = ?2, reason = ?3 WHERE action = ?1", values).map(drop)
    }

    /// The action rests on another change now, which has yet to be sent or judged.
    pub fn set_hash(&self, id: &ActionId, hash: Option<&ChangeHash>, state: State) -> Stored<()> {
        let values = params![id.as_bytes(), hash.map(|hash| hash.as_bytes().to_vec()), state.as_str()];
        self.run("UPDATE intents SET hash = ?2, state = ?3, reason = NULL WHERE action = ?1", values).map(drop)
    }

    /// What rests on a change is to be sent again.
    pub fn back_to_pending(&self, hash: &ChangeHash) -> Stored<()> {
        let sql = "UPDATE intents SET state = 'pending', reason = NULL WHERE hash = ?1 AND state <> 'rejected'";
        self.run(sql, params![hash.as_bytes()]).map(drop)
    }

    pub fn intent_counts(&self) -> Stored<Vec<(State, u64)>> {
        let count = |state: State| Ok((state, self.count("SELECT count(*) FROM intents WHERE state = ?1", [state.as_str()])?));
        State::ALL.into_iter().map(count).collect()
    }
}

fn read(row: &Row<'_>) -> Stored<Intent> {
    let text = |at: usize| row.get::<_, String>(at).map_err(StoreFault::from);
    let state = text(5)?;
    let reason: Option<String> = row.get(6)?;
    Ok(Intent {
        id: ActionId(row.get(0)?),
        document: text(1)?.parse().map_err(|e| damaged("action", e))?,
        action: serde_json::from_str(&text(2)?).map_err(|e| damaged("action", e))?,
        at_ms: row.get(3)?,
        hash: row.get::<_, Option<[u8; 32]>>(4)?.map(ChangeHash),
        state: State::ALL.into_iter().find(|s| s.as_str() == state).ok_or_else(|| damaged("action", "unknown state"))?,
        reason: reason.as_deref().and_then(Reason::from_code),
    })
}
