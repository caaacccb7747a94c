//! What staff decide, as the store takes it: records, reference rows and a revision, written whole or not at all with the
//! audit log's rows that say so.

use minicbor::{Decode, Encode};
use shared::ids::{PersonId, Scope};
use shared::reference::Row;
use shared::time::Month;

/// What a record is about; its name is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// A manager's objection to an indicator of a revision, and the ruling. Key: its id.
    Dispute,
    /// Points that staff record, with a complaint or without; another approves them. Key: its event id.
    Event,
    /// A part of a plan that one manager takes over from another. Key: its id.
    Transfer,
    /// A manager's restatement that is held back. Key: `{month}/{person}`.
    HeldBack,
    /// What staff ruled on a visit's order plan. Key: the visit.
    OrderRuling,
}

impl RecordKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Event => "event",
            Self::Transfer => "transfer",
            Self::HeldBack => "held_back",
            Self::OrderRuling => "order_ruling",
        }
    }
}

/// One case as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: RecordKind,
    pub key: String,
    /// From 1; each write makes it one more.
    pub version: u64,
    /// JSON.
    pub body: String,
}

/// A case is written by who has seen it as it is.
#[derive(Clone, Debug)]
pub struct RecordWrite {
    pub kind: RecordKind,
    pub key: String,
    /// The version that the writer has seen; 0: it is new.
    pub seen: u64,
    pub body: String,
}

/// What the audit log is to say.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub at_ms: i64,
    /// A person id, or `operator`: whoever runs commands on the data folder.
    pub who: String,
    /// A stable name, as `dispute.rule`.
    pub action: &'static str,
    /// What it is about, as `dispute/…` or `month/2026-08`.
    pub subject: String,
    /// JSON.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: u64,
    pub at_ms: i64,
    pub who: String,
    pub action: String,
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub hash: [u8; 32],
}

/// A month as it was published, and what it was scored from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRevision {
    pub month: Month,
    /// From 1.
    pub revision: u32,
    /// CBOR.
    pub header: Vec<u8>,
    pub signature: Vec<u8>,
    /// JSON.
    pub scores: String,
    /// CBOR.
    pub leaves: Vec<u8>,
    /// First what all have in common, then a part a share.
    pub inputs: Vec<InputRef>,
}

/// One of a revision's inputs: whom it is about, and the key of its [`StoredInput`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct InputRef {
    #[n(0)]
    pub person: Option<PersonId>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

/// An envelope and the hash of what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInput {
    pub hash: [u8; 32],
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub records: Vec<RecordWrite>,
    pub reference: Vec<(Scope, Row)>,
    pub inputs: Vec<StoredInput>,
    /// The month's next one.
    pub revision: Option<StoredRevision>,
    pub audit: Vec<AuditEntry>,
}
