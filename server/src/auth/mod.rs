//! Who asks: devices by their key, people by an access token or a session; and what their role lets them do.

use shared::ids::{DeviceId, PersonId};
use shared::problem::Code;
use shared::reference::Role;

use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

pub mod device;
pub mod keys;
pub mod password;

/// Who a request is from.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    pub person: PersonId,
    pub role: Role,
    /// The device whose token it is; none for a session.
    pub device: Option<DeviceId>,
}

impl Principal {
    pub fn staff(&self) -> ApiResult<()> {
        if self.role.is_staff() { Ok(()) } else { Err(ApiError::with(Code::Forbidden, "this is for staff")) }
    }
    pub fn one_of(&self, roles: &[Role]) -> ApiResult<()> {
        if roles.contains(&self.role) {
            return Ok(());
        }
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        Err(ApiError::with(Code::Forbidden, format!("this is for: {}", names.join(", "))))
    }
    /// Whom the request may see: a manager sees themself.
    pub fn sees(&self, person: Option<&PersonId>) -> ApiResult<Option<PersonId>> {
        match (self.role.is_staff(), person) {
            (true, person) => Ok(person.cloned()),
            (false, None) => Ok(Some(self.person.clone())),
            (false, Some(person)) if *person == self.person => Ok(Some(person.clone())),
            (false, Some(_)) => Err(ApiError::with(Code::Forbidden, "a manager sees their own scores")),
        }
    }
}

/// Whose token it is.
pub fn principal(app: &SharedApp, token: &str) -> ApiResult<Principal> {
    if token.contains('.') {
        let claims = app.keys.read_access(token, app.clock.now_ms())?;
        let known = app.store.signer(&claims.dev)?.ok_or_else(|| ApiError::new(Code::UnknownDevice))?;
        if known.revoked_ms.is_some() || known.person != claims.sub {
            return Err(ApiError::new(Code::BadToken));
        }
        let role = app.directory().role_of(&claims.sub).ok_or_else(|| ApiError::new(Code::BadToken))?;
        return Ok(Principal { person: claims.sub, role, device: Some(claims.dev) });
    }
    let login = app.store.session(&password::token_hash(token), app.clock.now_ms())?.ok_or_else(|| ApiError::new(Code::BadToken))?;
    password::account(app, &login).ok_or_else(|| ApiError::new(Code::BadToken))
}
