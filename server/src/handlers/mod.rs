//! parse → call → respond, nothing else.

pub mod devices;
pub mod events;
pub mod health;
pub mod openapi;
pub mod quarantine;
pub mod scores;
pub mod sessions;
pub mod sync;

use axum::extract::{FromRequest, Request};
use shared::problem::Code;

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
