//! Rescue files: a phone's unsynced work, carried by hand. Each request in one passes as if the phone had sent it: guard,
//! author, authorise, append. Taken in twice it changes nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use shared::ids::{DeviceId, PersonId};
use shared::problem::Code;
use shared::wire::{RESCUE_AUDIENCE, RESCUE_VERSION, Rescue, Verdict};

use crate::auth::device::{claimed_by, signed_once_by};
use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

/// What became of a rescue file's changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rescued {
    #[schema(value_type = String)]
    pub device: DeviceId,
    #[schema(value_type = String)]
    pub person: PersonId,
    /// New at head office.
    pub durable: u64,
    /// There already.
    pub known: u64,
    /// Kept until what they build on is here.
    pub waiting: u64,
    /// Kept apart, until staff rule.
    pub held_back: u64,
    /// Disputes that head office has now, and those that it refused.
    pub disputes: usize,
    pub disputes_refused: usize,
    /// Unfinished entries in the file, which only a person can read.
    pub drafts: usize,
}

/// Takes a file in. What is wrong with it is said before anything of it is filed.
pub fn take_in(app: &SharedApp, file: &[u8]) -> ApiResult<Rescued> {
    let faulty = |what: String| ApiError::with(Code::Invalid, format!("this is no rescue file: {what}"));
    let rescue: Rescue = serde_json::from_slice(file).map_err(|e| faulty(e.to_string()))?;
    if rescue.roundsman_rescue != RESCUE_VERSION {
        return Err(faulty(format!("version {}, this server reads {RESCUE_VERSION}", rescue.roundsman_rescue)));
    }
    let mut rounds = Vec::new();
    for (at, round) in rescue.rounds.iter().enumerate() {
        let body = STANDARD.decode(&round.body).map_err(|e| faulty(format!("round {}: body: {e}", at + 1)))?;
        let device = claimed_by(app, &round.token)?;
        if device.device != rescue.device {
            return Err(faulty(format!("round {} is of another device", at + 1)));
        }
        signed_once_by(&device, &round.token, RESCUE_AUDIENCE, &body)?;
        rounds.push((device, body));
    }
    let drafts = rescue.drafts.len();
    let (device, person) = (rescue.device, rescue.person);
    let mut done = Rescued { device, person, durable: 0, known: 0, waiting: 0, held_back: 0, disputes: 0, disputes_refused: 0, drafts };
    for (device, body) in rounds {
        // Remembered as a request of its own: the file may come again.
        let jti: String = shared::hex::hex(&app.random::<16>());
        let (appended, filed) = crate::sync::rescued(app, device, jti, &body)?;
        let refused = filed.iter().filter(|filed| filed.refused.is_some()).count();
        done.disputes += filed.len() - refused;
        done.disputes_refused += refused;
        for (_, verdict, _) in appended.verdicts {
            match verdict {
                Verdict::Durable => done.durable += 1,
                Verdict::Duplicate => done.known += 1,
                Verdict::Waiting => done.waiting += 1,
                Verdict::Quarantined | Verdict::Rejected => done.held_back += 1,
            }
        }
    }
    Ok(done)
}
