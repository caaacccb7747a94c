//! Staff sign in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use shared::problem::Code;

use super::openapi::ProblemBody;
use super::{Body, bearer};
use crate::auth::{Principal, password};
use crate::error::{ApiError, ApiResult};
use crate::state::{App, SharedApp};

#[derive(Deserialize, utoipa::ToSchema)]
pub struct SignIn {
    pub login: String,
    pub password: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Session {
    /// To be sent as `Authorization: Bearer`; 12 hours.
    pub token: String,
    pub person: String,
    pub role: String,
}

/// Opens a session.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = Session), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn open(State(app): State<SharedApp>, Body(request): Body<SignIn>) -> ApiResult<(StatusCode, Json<Session>)> {
    let hashing = app.hashing.clone().try_acquire_owned().map_err(|_| App::busy())?;
    let worker = app.clone();
    let (token, principal) = app
        .blocking(move || {
            let _permit = hashing;
            password::sign_in(&worker, &request.login, &request.password)
        })
        .await?;
    let session = Session { token, person: principal.person.to_string(), role: principal.role.as_str().into() };
    Ok((StatusCode::CREATED, Json(session)))
}

/// Ends the session that the request is made with.
#[utoipa::path(delete, path = "/v1/sessions", tag = "sessions", responses((status = 204), (status = 401, body = ProblemBody)))]
pub async fn close(State(app): State<SharedApp>, _principal: Principal, headers: HeaderMap) -> ApiResult<StatusCode> {
    let token = bearer(&headers).ok_or_else(|| ApiError::new(Code::NoToken))?;
    let worker = app.clone();
    app.blocking(move || Ok(worker.store.end_session(&password::token_hash(&token))?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewPassword {
    pub old: String,
    pub new: String,
}

/// Changes one's own password; every session of the login ends.
#[utoipa::path(put, path = "/v1/password", tag = "sessions", request_body = NewPassword,
    responses((status = 204), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change(State(app): State<SharedApp>, principal: Principal, Body(request): Body<NewPassword>) -> ApiResult<StatusCode> {
    let hashing = app.hashing.clone().try_acquire_owned().map_err(|_| App::busy())?;
    let worker = app.clone();
    app.blocking(move || {
        let _permit = hashing;
        let directory = worker.directory();
        let login = directory.reference.people.get(&principal.person).map_or(password::FIRST_LOGIN, |person| person.login.as_str());
        if principal.device.is_some() {
            return Err(ApiError::with(Code::Forbidden, "a device's token does not change passwords"));
        }
        password::sign_in(&worker, login, &request.old)?;
        password::set(&worker, login, &request.new)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
