//! `POST /v1/sync`.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use shared::limits;
use shared::problem::Code;

use super::bearer;
use crate::auth::device;
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
pub async fn sync(State(app): State<SharedApp>, headers: HeaderMap, request: Request) -> ApiResult<Response> {
    let token = bearer(&headers).ok_or_else(|| ApiError::new(Code::NoSignature))?;
    // A stranger's body is not even read.
    let (asked, claimed) = (app.clone(), token.clone());
    app.clone().blocking(move || device::known(&asked, &claimed)).await?;
    // Whoever finds the queue full is sent away at once, so that memory follows the work in flight.
    let Ok(queued) = app.queued.clone().try_acquire_owned() else {
        app.metrics.syncs_shed.add(1);
        return Err(App::busy());
    };
    let body = to_bytes(request.into_body(), limits::REQUEST_BYTES_MAX).await.map_err(|_| {
        let bound = format!("a request has at most {} bytes", limits::REQUEST_BYTES_MAX);
        ApiError::with(Code::TooLarge, bound)
    })?;
    let working = app.syncing.clone().acquire_owned().await.map_err(|_| App::busy())?;
    app.metrics.bytes_received.add(body.len() as u64);
    let worker = app.clone();
    let answer = app
        .clone()
        .blocking(move || {
            // The work counts until it is done, whether or not the device still listens.
            let _permits = (queued, working);
            crate::sync::answer(&worker, &token, &body)
        })
        .await?;
    app.metrics.syncs.add(1);
    app.metrics.bytes_sent.add(answer.len() as u64);
    Ok(([(header::CONTENT_TYPE, SYNC_TYPE)], answer).into_response())
}
