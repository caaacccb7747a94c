//! The sync messages: one request, one answer, each an envelope around CBOR. Fields have numbers, so that a later
//! protocol may add some; what an older side doesn't know, it skips.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ids::{Actor, ChangeHash, DeviceId, DisputeId, Scope};
use crate::reference::{Dispute, Row};

mod ack;
mod cursor;
mod envelope;
mod linked;
mod rescue;

pub use ack::{Acknowledgement, Reason, Run, Settled, Verdict, accepted_digest};
pub use cursor::Cursor;
pub use envelope::{EnvelopeFault, open, pack};
pub use rescue::{RESCUE_AUDIENCE, RESCUE_VERSION, Rescue, RescueDraft, RescueRound};

/// The version of these messages.
pub const PROTOCOL: u32 = 2;

/// The `aud` of a signed sync request.
pub const SYNC_AUDIENCE: &str = "roundsman:sync";
/// The `aud` of a device's proof that it holds its key, for an access token.
pub const TOKEN_AUDIENCE: &str = "roundsman:token";
/// The `aud` of an access token.
pub const ACCESS_AUDIENCE: &str = "roundsman:api";

/// What a device signs, as a compact EdDSA JWT: with a sync request, or as proof of its key for a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceClaims {
    /// The device id.
    pub iss: String,
    pub aud: String,
    /// Seconds since 1970 by the device's clock.
    pub iat: i64,
    /// Fresh for every request.
    pub jti: String,
    /// SHA-256 of the body, hexadecimal; empty where there is none.
    pub sha256: String,
}

/// The changes of one document, dependencies before dependants. `document` stays text, so that one crooked id does not
/// spoil the request.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct DocumentChanges {
    #[n(0)]
    pub document: String,
    /// Uncompressed Automerge change chunks. They travel linked where one builds on the one before.
    #[cbor(n(1), with = "linked")]
    pub chunks: Vec<ByteVec>,
}

/// A document's heads, ascending.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct DocumentHeads {
    #[n(0)]
    pub document: String,
    #[n(1)]
    pub heads: Vec<ChangeHash>,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SyncRequest {
    #[n(0)]
    pub protocol: u32,
    #[n(1)]
    pub device: DeviceId,
    /// The actor of this store generation: its own changes are not sent back.
    #[n(2)]
    pub actor: Actor,
    #[n(3)]
    pub device_time_ms: i64,
    /// The server's epoch that the device last saw; 0: none yet.
    #[n(4)]
    pub epoch: u64,
    /// As the server gave it; empty: from the beginning.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
    #[n(6)]
    pub changes: Vec<DocumentChanges>,
    /// Heads of documents to compare, after a restore of the server or on repair.
    #[n(7)]
    pub heads: Vec<DocumentHeads>,
    /// Changes that the device has yet to send after this request; 0: head office then has all of its work.
    #[n(8)]
    pub remaining: u32,
    /// Uncompressed bytes that the device wants back at most.
    #[n(9)]
    pub max_bytes: u32,
    /// Disputes that the person files.
    #[cbor(n(10), default)]
    pub filings: Vec<Filing>,
    /// The device's version; an older one says nothing.
    #[n(11)]
    pub app: Option<String>,
}

/// A dispute, under the id that the device has made for it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Filing {
    #[n(0)]
    pub id: DisputeId,
    #[n(1)]
    pub dispute: Dispute,
}

/// What became of a filing.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct FilingVerdict {
    #[n(0)]
    pub id: DisputeId,
    /// Why it was refused, for people; none: head office has it.
    #[n(1)]
    pub refused: Option<String>,
}

/// One reference row and the scope that it came by.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ScopedRow {
    #[n(0)]
    pub scope: Scope,
    #[n(1)]
    pub row: Row,
}

/// One of the scopes that a device holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    #[n(0)]
    pub scope: Scope,
    /// Whether its person works the route today; otherwise the scope is for reading.
    #[n(1)]
    pub current: bool,
}

#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SyncAnswer {
    #[n(0)]
    pub epoch: u64,
    #[n(1)]
    pub acknowledgement: Acknowledgement,
    /// Verdicts of earlier requests that have changed since: what waited has landed, staff have released or rejected.
    #[n(2)]
    pub settled: Vec<Settled>,
    #[n(3)]
    pub documents: Vec<DocumentChanges>,
    #[n(4)]
    pub reference: Vec<ScopedRow>,
    /// Everything that the device holds now.
    #[n(5)]
    pub scopes: Vec<Grant>,
    /// Scopes of the cursor that are no longer the device's.
    #[n(6)]
    pub left: Vec<Scope>,
    #[cbor(n(7), with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
    /// Whether there is more to fetch: sync again with the new cursor.
    #[n(8)]
    pub more: bool,
    /// After a restore: documents of `heads` of which head office lacks changes, with the heads that it has.
    #[n(9)]
    pub wanted: Vec<DocumentHeads>,
    /// Whether the device must write under a fresh store generation from now on.
    #[n(10)]
    pub fresh_generation: bool,
    #[n(11)]
    pub server_time_ms: i64,
    /// Until when head office has all work of all of this person's devices, in server time; none: not since a device
    /// was enrolled.
    #[n(12)]
    pub complete_up_to_ms: Option<i64>,
    /// For the rest of the API; 15 minutes.
    #[n(13)]
    pub access_token: String,
    /// After a restore: the positions to which the device's cursor is to be lowered were applied to `cursor`, and the
    /// intents that were durable beyond them are to be sent again.
    #[n(14)]
    pub restored: bool,
    /// In the order of the request's filings.
    #[cbor(n(15), default)]
    pub filed: Vec<FilingVerdict>,
}
