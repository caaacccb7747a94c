//! Devices: enrolment by a one-time code, and the check of what they sign.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::hex::hex;
use shared::ids::{DeviceId, PersonId};
use shared::limits;
use shared::problem::Code;
use shared::reference::Role;
use shared::wire::DeviceClaims;

use super::keys::{claimed_device, read_device_claims};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::Device;
use crate::store::decision::Decision;

/// Letters and digits that are not taken for each other.
const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH: usize = 16;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct EnrolRequest {
    /// The one-time code.
    pub code: String,
    /// The device's Ed25519 public key, 32 bytes as base64url.
    pub public_key: String,
    /// What people call the device.
    pub name: String,
    pub device_time_ms: i64,
    /// Whose work the device holds, if it was enrolled before: only their code is taken.
    #[serde(default)]
    pub person: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EnrolAnswer {
    pub device: String,
    pub person: String,
    pub epoch: u64,
    pub server_time_ms: i64,
    /// 15 minutes.
    pub access_token: String,
    /// The server's Ed25519 public key, base64url.
    pub server_key: String,
    /// IANA.
    pub timezone: String,
}

/// Revokes a device, by `who`. False: there is no such device.
pub fn revoke(app: &App, device: &DeviceId, who: &str) -> ApiResult<bool> {
    let found = app.store.revoke(device, app.clock.now_ms())?;
    app.presence.note_devices();
    if found {
        let audit = decisions::entry(app, who, "device.revoke", format!("device/{device}"), &true)?;
        decisions::decide(app, Decision { audit: vec![audit], ..Decision::default() })?;
    }
    Ok(found)
}

/// A new one-time code for a manager's device, in groups of four; it is good for [`limits::CODE_DAYS`] days.
pub fn new_code(app: &App, person: &PersonId) -> ApiResult<String> {
    if app.directory().role_of(person) != Some(Role::Manager) {
        return Err(ApiError::with(Code::Invalid, format!("{person} is not a manager of this district")));
    }
    let code: Vec<u8> = app.random::<CODE_LENGTH>().iter().map(|byte| CODE_ALPHABET[usize::from(byte % 32)]).collect();
    let code = String::from_utf8_lossy(&code).into_owned();
    app.store.add_code(&code_hash(&code), person, app.clock.now_ms() + limits::CODE_DAYS * 86_400_000)?;
    Ok(code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"))
}

/// Codes are read as people type them: case and dashes don't matter.
fn code_hash(code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    Sha256::digest(plain.to_ascii_uppercase()).into()
}

pub fn enrol(app: &App, request: &EnrolRequest) -> ApiResult<EnrolAnswer> {
    let invalid = |what: &str| ApiError::with(Code::Invalid, what);
    let key = URL_SAFE_NO_PAD.decode(&request.public_key).map_err(|_| invalid("public_key: no base64url"))?;
    let key: [u8; 32] = key.try_into().map_err(|_| invalid("public_key: not 32 bytes"))?;
    ed25519_dalek::VerifyingKey::from_bytes(&key).map_err(|_| invalid("public_key: no Ed25519 key"))?;
    if request.name.is_empty() || request.name.len() > limits::NAME_BYTES_MAX {
        return Err(invalid(&format!("name: 1 to {} bytes", limits::NAME_BYTES_MAX)));
    }
    let now_ms = app.clock.now_ms();
    let device = app.store.redeem(&code_hash(&request.code), &key, &request.name, request.person.as_deref(), now_ms)?;
    let device = device.ok_or_else(|| ApiError::new(Code::WrongCode))?;
    app.presence.note_devices();
    // After a restore others may have brought its work before head office knew it again.
    crate::quarantine::reconsider(app)?;
    Ok(EnrolAnswer {
        access_token: app.keys.access_token(&device.person, &device.device, now_ms)?,
        device: device.device.to_string(),
        person: device.person.to_string(),
        epoch: app.epoch(),
        server_time_ms: now_ms,
        server_key: app.keys.public(),
        timezone: app.directory().timezone(),
    })
}

/// Whose a device is; none: it is not known.
pub fn person_of(app: &App, device: &DeviceId) -> Option<PersonId> {
    app.store.signer(device).ok().flatten().map(|known| known.person.clone())
}

/// As [`claimed_by`], without waiting; none where the store has to be asked.
pub fn known_by(app: &App, token: &str) -> Option<Arc<Device>> {
    app.store.known_signer(&claimed_device(token)?)
}

/// The device of ours, revoked or not, that a signed request says it is from; whether it is, [`signed_by`] finds out.
pub fn claimed_by(app: &App, token: &str) -> ApiResult<Arc<Device>> {
    let claimed = claimed_device(token).ok_or_else(|| ApiError::new(Code::BadSignature))?;
    app.store.signer(&claimed)?.ok_or_else(|| ApiError::new(Code::UnknownDevice))
}

/// Whether a sync's token is the device's own; over which body it signed, [`signed_by`] finds out.
pub fn proven(device: &Device, token: &str) -> ApiResult<()> {
    read_device_claims(token, &device.public_key, shared::wire::SYNC_AUDIENCE).map(drop)
}

/// What the device signed with `token` over `body` for `audience`.
pub fn signed_by(app: &App, device: &Device, token: &str, audience: &str, body: &[u8]) -> ApiResult<DeviceClaims> {
    let claims = read_device_claims(token, &device.public_key, audience)?;
    if (app.clock.now_ms() / 1000).abs_diff(claims.iat) > limits::SIGNATURE_SKEW_S.unsigned_abs() {
        return Err(ApiError::new(Code::ClockTooFar));
    }
    let expected = if body.is_empty() { String::new() } else { hex(&Sha256::digest(body)) };
    if claims.sha256 != expected || claims.jti.is_empty() || claims.jti.len() > limits::ID_BYTES_MAX {
        return Err(ApiError::new(Code::BadSignature));
    }
    Ok(claims)
}

/// What the device signed, whenever that was: a rescue file may lie about.
pub fn signed_once_by(device: &Device, token: &str, audience: &str, body: &[u8]) -> ApiResult<()> {
    let claims = read_device_claims(token, &device.public_key, audience)?;
    if claims.sha256 == hex(&Sha256::digest(body)) { Ok(()) } else { Err(ApiError::new(Code::BadSignature)) }
}

/// A fresh access token for a device that proves its key.
pub fn token(app: &App, proof: &str) -> ApiResult<String> {
    let device = claimed_by(app, proof)?;
    let claims = signed_by(app, &device, proof, shared::wire::TOKEN_AUDIENCE, &[])?;
    if device.revoked_ms.is_some() {
        return Err(ApiError::new(Code::BadToken));
    }
    app.store.remember(&device.device, &claims.jti, app.clock.now_ms())?;
    app.keys.access_token(&device.person, &device.device, app.clock.now_ms())
}
