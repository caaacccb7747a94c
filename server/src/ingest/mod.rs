//! What devices send: limit → guard → author → authorise → append → acknowledge. No document is loaded to accept a change.

pub mod authorise;
pub mod guard;
pub mod plan;
mod shape;
pub mod staff;

use shared::ids::{Actor, ChangeHash};

/// A change that the guard has read: its bytes are sound, its hash is computed from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedChange {
    pub hash: ChangeHash,
    pub actor: Actor,
    pub seq: u64,
    pub start_op: u64,
    pub max_op: u64,
    pub deps: Vec<ChangeHash>,
    /// When the device says that it was written, in ms since 1970.
    pub at_ms: i64,
    /// The uncompressed chunk.
    pub bytes: Vec<u8>,
}
