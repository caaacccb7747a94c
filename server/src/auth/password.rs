//! Staff sign in with a password (argon2) and hold a session for a working day.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::limits;
use shared::problem::Code;
use shared::reference::Role;

use super::Principal;
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::Decision;

/// The account that gets a district going before its people are imported.
pub const FIRST_LOGIN: &str = "admin";

/// Sessions are stored by the hash of their token.
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whose login it is. `admin` is an admin unless a person has that login.
pub fn account(app: &App, login: &str) -> Option<Principal> {
    let directory = app.directory();
    if let Some((person, role)) = directory.person_by_login(login) {
        return Some(Principal { person, role, device: None });
    }
    (login == FIRST_LOGIN).then(|| Principal { person: FIRST_LOGIN.parse().expect("it is an id"), role: Role::Admin, device: None })
}

/// Gives a login a new password and answers it. Whoever has the old one is signed out, and the audit log says who gave the new one:
/// it opens that login's approvals to whoever read it.
pub fn reset(app: &App, login: &str, who: &str) -> ApiResult<String> {
    if account(app, login).is_none() {
        return Err(ApiError::with(Code::NotFound, format!("nobody has the login {login}")));
    }
    let password = URL_SAFE_NO_PAD.encode(app.random::<12>());
    set(app, login, &password)?;
    let audit = decisions::entry(app, who, "password.reset", format!("login/{login}"), &serde_json::Value::Null)?;
    app.store.decide(Decision { audit: vec![audit], ..Decision::default() })?;
    Ok(password)
}

pub fn set(app: &App, login: &str, password: &str) -> ApiResult<()> {
    if password.chars().count() < limits::PASSWORD_CHARS_MIN || password.len() > limits::PASSWORD_BYTES_MAX {
        let bound =
            format!("a password has at least {} characters and at most {} bytes", limits::PASSWORD_CHARS_MIN, limits::PASSWORD_BYTES_MAX);
        return Err(ApiError::with(Code::Invalid, bound));
    }
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(ApiError::internal)?.to_string();
    Ok(app.store.set_password(login, &hash, app.clock.now_ms())?)
}

/// A session's token, for the right login and password.
pub fn sign_in(app: &App, login: &str, password: &str) -> ApiResult<(String, Principal)> {
    let wrong = || ApiError::new(Code::WrongPassword);
    if login.len() > limits::ID_BYTES_MAX || password.len() > limits::PASSWORD_BYTES_MAX {
        return Err(wrong());
    }
    app.attempts.admit(login, app.clock.now_ms())?;
    // An unknown login costs as much as a known one.
    let stored = app.store.password(login)?;
    let hash = stored.as_deref().unwrap_or(app.decoy_hash());
    let parsed = PasswordHash::new(hash).map_err(ApiError::internal)?;
    let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    let principal = account(app, login).filter(|_| right && stored.is_some()).ok_or_else(wrong)?;
    app.attempts.forget(login);
    let token = URL_SAFE_NO_PAD.encode(app.random::<32>());
    app.store.add_session(&token_hash(&token), login, app.clock.now_ms() + limits::SESSION_MS)?;
    Ok((token, principal))
}

/// A hash that no password has.
pub fn decoy(random: [u8; 32]) -> String {
    Argon2::default().hash_password(&random).map(|hash| hash.to_string()).unwrap_or_default()
}
