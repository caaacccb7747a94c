//! parse → call → respond, nothing else.

pub mod admin;
pub mod devices;
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
pub mod targets;
pub mod web;
pub mod width;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use shared::problem::Code;

use crate::auth::{self, Principal};
use crate::error::ApiError;
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

/// The bearer of the `Authorization` header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (kind, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim().to_string())
}

impl FromRequestParts<SharedApp> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers).ok_or_else(|| ApiError::new(Code::NoToken))?;
        let worker = app.clone();
        app.clone().blocking(move || auth::principal(&worker, &token)).await
    }
}
