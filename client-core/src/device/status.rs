//! What the user sees of their work: what is on this phone, what is at head office, what was refused, and why.

use serde::Serialize;
use shared::ids::{DeviceId, PersonId};
use shared::wire::Grant;

use super::Device;
use crate::Error;
use crate::store::{Intent, Meta, State};

/// How many actions there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// On this phone, and nowhere else.
    pub pending: u64,
    pub waiting: u64,
    pub durable: u64,
    pub quarantined: u64,
    pub rejected: u64,
}

/// The state of a phone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    pub device: Option<DeviceId>,
    pub person: Option<PersonId>,
    pub server: Option<String>,
    pub counts: Counts,
    /// Every action that is not at head office for good, in order, with why.
    pub open: Vec<Intent>,
    /// By the device's clock.
    pub last_sync_ms: Option<i64>,
    /// Until when head office has all work of this person's devices, by its clock.
    pub complete_up_to_ms: Option<i64>,
    /// Head office is busy; syncing goes on after this, by the device's clock.
    pub queued_until_ms: Option<i64>,
    pub scopes: Vec<ScopeStatus>,
    /// Documents of which not everything that arrived could be applied, and why. It is kept.
    pub damaged: Vec<Damage>,
    /// Reference rows that this version can't read.
    pub unreadable: Vec<String>,
}

/// A scope that the device holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScopeStatus {
    pub scope: String,
    /// Whether the person works it today; otherwise it is for reading.
    pub current: bool,
}

/// A document that is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    pub document: String,
    pub why: String,
}

impl Device {
    /// The state of this phone.
    pub fn status(&mut self) -> Result<Status, Error> {
        let enrolled = self.enrolled()?;
        let unreadable = self.unreadable()?.to_vec();
        let db = self.store.db();
        let now = self.surroundings.now_ms();
        let scope = |grant: Grant| ScopeStatus { scope: grant.scope.to_string(), current: grant.current };
        Ok(Status {
            device: enrolled.as_ref().map(|enrolled| enrolled.device.clone()),
            person: enrolled.map(|enrolled| enrolled.person),
            server: db.meta_text(Meta::Server)?,
            counts: self.counts()?,
            open: db.open_intents()?,
            last_sync_ms: db.meta_number(Meta::LastSync)?,
            complete_up_to_ms: db.meta_number(Meta::CompleteUpTo)?,
            queued_until_ms: db.meta_number(Meta::QueuedUntil)?.filter(|until| *until > now),
            scopes: db.grants()?.into_iter().map(scope).collect(),
            damaged: db.damaged_documents()?.into_iter().map(|(document, why)| Damage { document, why }).collect(),
            unreadable,
        })
    }

    /// How many actions there are in each state.
    pub fn counts(&self) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for (state, count) in self.store.db().intent_counts()? {
            match state {
                State::Pending => counts.pending = count,
                State::Waiting => counts.waiting = count,
                State::Durable => counts.durable = count,
                State::Quarantined => counts.quarantined = count,
                State::Rejected => counts.rejected = count,
            }
        }
        Ok(counts)
    }

    /// The latest actions, the newest first, whatever became of them.
    pub fn actions(&self, most: usize) -> Result<Vec<Intent>, Error> {
        Ok(self.store.db().latest_intents(most)?)
    }
}
