//! A rescue file: a phone's unsynced work as a file, for when the phone can't bring it itself. It holds sync requests, each
//! signed by the device for this purpose alone, so that whoever carries the file can neither change it nor use it otherwise.

use serde::{Deserialize, Serialize};

use crate::ids::{DeviceId, PersonId};

/// The `aud` of a signed request within a rescue file. Its age says nothing: a file may lie about.
pub const RESCUE_AUDIENCE: &str = "roundsman:rescue";
/// The version of the file's form.
pub const RESCUE_VERSION: u32 = 1;

/// The file, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescue {
    pub roundsman_rescue: u32,
    pub device: DeviceId,
    pub person: PersonId,
    /// By the device's clock.
    pub made_ms: i64,
    pub rounds: Vec<RescueRound>,
    /// What was being typed: for a person to read, as no action came of it.
    pub drafts: Vec<RescueDraft>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueRound {
    /// The device's JWT over the body.
    pub token: String,
    /// The envelope, as base64.
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueDraft {
    pub step: String,
    pub content: String,
    pub at_ms: i64,
}
