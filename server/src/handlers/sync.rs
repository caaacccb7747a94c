//! `POST /v1/sync`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use shared::problem::Code;

use super::bearer;
use crate::error::{ApiError, ApiResult};
use crate::state::{App, SharedApp};

/// The media type of sync messages.
pub const SYNC_TYPE: &str = "application/vnd.roundsman.sync";

/// One round trip: everything that a device has done, and everything that is new for it.
#[utoipa::path(
    post, path = "/v1/sync", tag = "sync",
    description = "Body and answer are envelopes (a format byte, then CBOR). `Authorization: Bearer` carries a compact EdDSA JWT by the \
                   device's key over the SHA-256 of the body.",
    request_body(content = String, content_type = "application/vnd.roundsman.sync"),
    responses((status = 200, content_type = "application/vnd.roundsman.sync", body = String), (status = 401, body = super::openapi::ProblemBody),
              (status = 413, body = super::openapi::ProblemBody), (status = 503, body = super::openapi::ProblemBody)))]
pub async fn sync(State(app): State<SharedApp>, headers: HeaderMap, body: Bytes) -> ApiResult<Response> {
    let token = bearer(&headers).ok_or_else(|| ApiError::new(Code::NoSignature))?;
    // Whoever finds the queue full is sent away at once, so that memory follows the work in flight.
    let Ok(_queued) = app.queued.try_acquire() else {
        app.metrics.syncs_shed.add(1);
        return Err(App::busy());
    };
    let _working = app.syncing.acquire().await.map_err(|_| App::busy())?;
    app.metrics.bytes_received.add(body.len() as u64);
    let worker = app.clone();
    let answer = app.clone().blocking(move || crate::sync::answer(&worker, &token, &body)).await?;
    app.metrics.syncs.add(1);
    app.metrics.bytes_sent.add(answer.len() as u64);
    Ok(([(header::CONTENT_TYPE, SYNC_TYPE)], answer).into_response())
}
