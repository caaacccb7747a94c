//! parse → call → respond, nothing else.

pub mod admin;
pub mod day;
pub mod devices;
pub mod district;
pub mod documents;
pub mod events;
pub mod health;
pub mod months;
pub mod openapi;
pub mod orders;
pub mod quarantine;
pub mod rescue;
pub mod schemes;
pub mod scores;
pub mod sessions;
pub mod sync;
pub mod tables;
pub mod targets;
pub mod web;
pub mod width;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use jiff::civil::Date;
use shared::problem::Code;
use shared::time::parse_date;

use crate::auth::{self, Principal};
use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

/// A JSON body; one that can't be read says where and why.
pub struct Body<T>(pub T);

impl<T: serde::de::DeserializeOwned> FromRequest<SharedApp> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, ApiError> {
        match axum::Json::<T>::from_request(request, app).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let code = match rejection.status().as_u16() {
                    413 => Code::TooLarge,
                    422 => Code::Invalid,
                    _ => Code::BadRequest,
                };
                Err(ApiError::with(code, rejection.body_text()))
            }
        }
    }
}

/// An id or another parameter, as the path or the query has it.
fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> ApiResult<T> {
    text.parse().map_err(|e| ApiError::with(Code::Invalid, e))
}

fn date(text: &str) -> ApiResult<Date> {
    parse_date(text).map_err(|e| ApiError::with(Code::Invalid, e))
}

/// The bearer of the `Authorization` header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (kind, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim().to_string())
}

/// The cookie of a session of the console. A browser sends it by itself, so what changes something has to carry a header
/// that no other site can make it send.
const SESSION_COOKIE: &str = "roundsman";
const CONSOLE_HEADER: &str = "x-roundsman-console";

/// The token of a session's cookie.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut named = cookies.filter_map(|cookie| cookie.trim().split_once('=')).filter(|(name, _)| *name == SESSION_COOKIE);
    named.next().map(|(_, token)| token.to_string())
}

fn of_cookie(method: &Method, headers: &HeaderMap) -> ApiResult<String> {
    let token = cookie(headers).filter(|token| !token.is_empty()).ok_or_else(|| ApiError::new(Code::NoToken))?;
    if method.is_safe() || headers.contains_key(CONSOLE_HEADER) {
        return Ok(token);
    }
    Err(ApiError::with(
        Code::Forbidden,
        format!("a request with a session's cookie that changes something needs the header {CONSOLE_HEADER}"),
    ))
}

impl FromRequestParts<SharedApp> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let token = match bearer(&parts.headers) {
            Some(token) => token,
            None => of_cookie(&parts.method, &parts.headers)?,
        };
        let worker = app.clone();
        app.clone().blocking(move || auth::principal(&worker, &token)).await
    }
}
