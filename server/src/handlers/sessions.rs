//! Staff sign in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::limits;
use shared::problem::Code;

use super::openapi::ProblemBody;
use super::{Body, SESSION_COOKIE, bearer, cookie};
use crate::auth::{Principal, password};
use crate::error::{ApiError, ApiResult};
use crate::state::{App, SharedApp};

#[derive(Deserialize, utoipa::ToSchema)]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// The token goes into a cookie that scripts can't read, and not into the answer.
    #[serde(default)]
    pub cookie: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Session {
    /// To be sent as `Authorization: Bearer`; 12 hours. None: it is in the cookie.
    pub token: Option<String>,
    pub person: String,
    pub role: String,
}

/// Opens a session.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = Session), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn open(State(app): State<SharedApp>, headers: HeaderMap, Body(request): Body<SignIn>) -> ApiResult<Response> {
    let hashing = app.hashing.clone().try_acquire_owned().map_err(|_| App::busy())?;
    let worker = app.clone();
    let by_cookie = request.cookie;
    let (token, principal) = app
        .blocking(move || {
            let _permit = hashing;
            password::sign_in(&worker, &request.login, &request.password)
        })
        .await?;
    let (person, role) = (principal.person.to_string(), principal.role.as_str().into());
    if !by_cookie {
        return Ok((StatusCode::CREATED, Json(Session { token: Some(token), person, role })).into_response());
    }
    let cookie = set_cookie(&headers, &token, limits::SESSION_MS / 1000);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(Session { token: None, person, role })).into_response())
}

/// Not for scripts, not for other sites, and behind TLS not for plain HTTP. The reverse proxy, or our own TLS, says whether it is.
fn set_cookie(headers: &HeaderMap, token: &str, seconds: i64) -> String {
    let tls = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if tls { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/v1; Max-Age={seconds}{secure}")
}

/// Who is signed in, and where.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Me {
    pub person: String,
    pub name: String,
    /// `supervisor`, `analyst`, `admin` or `manager`.
    pub role: String,
    pub login: Option<String>,
    /// The district's name, none before its import.
    pub district: Option<String>,
    /// IANA.
    pub timezone: String,
    pub currency: Option<String>,
    /// In the district.
    #[schema(value_type = String, format = Date)]
    pub today: jiff::civil::Date,
    /// By the server's clock, in ms since 1970.
    pub now_ms: i64,
}

/// Who the request is from.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", responses((status = 200, body = Me), (status = 401, body = ProblemBody)))]
pub async fn me(State(app): State<SharedApp>, principal: Principal) -> Json<Me> {
    let directory = app.directory();
    let known = directory.reference.people.get(&principal.person);
    let org = directory.reference.org.as_ref();
    let now_ms = app.clock.now_ms();
    Json(Me {
        name: known.map_or_else(|| principal.person.to_string(), |known| known.name.clone()),
        login: known.map(|known| known.login.clone()),
        person: principal.person.to_string(),
        role: principal.role.as_str().into(),
        district: org.map(|org| org.name.clone()),
        timezone: directory.timezone(),
        currency: org.map(|org| org.currency.clone()),
        today: directory.today(now_ms),
        now_ms,
    })
}

/// Ends the session that the request is made with.
#[utoipa::path(delete, path = "/v1/sessions", tag = "sessions", responses((status = 204), (status = 401, body = ProblemBody)))]
pub async fn close(State(app): State<SharedApp>, _principal: Principal, headers: HeaderMap) -> ApiResult<Response> {
    let token = bearer(&headers).or_else(|| cookie(&headers)).ok_or_else(|| ApiError::new(Code::NoToken))?;
    let worker = app.clone();
    app.blocking(move || Ok(worker.store.end_session(&password::token_hash(&token))?)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&headers, "", 0))]).into_response())
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
