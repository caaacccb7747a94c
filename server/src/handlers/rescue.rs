//! `POST /v1/rescue`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;

use crate::auth::Principal;
use crate::error::ApiResult;
use crate::rescue::{Rescued, take_in};
use crate::state::SharedApp;

/// Takes a rescue file in, whoever brings it: another phone, or staff. Its own signatures say whose work it is.
#[utoipa::path(
    post, path = "/v1/rescue", tag = "sync", request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Rescued), (status = 401, body = super::openapi::ProblemBody), (status = 422, body = super::openapi::ProblemBody)))]
pub async fn rescue(State(app): State<SharedApp>, _bearer: Principal, file: Bytes) -> ApiResult<Json<Rescued>> {
    let worker = app.clone();
    Ok(Json(app.computing(move || take_in(&worker, &file)).await?))
}
