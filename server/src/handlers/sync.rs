//! `POST /v1/sync`.

use std::time::Duration;

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

/// Who sends a body has room in memory for so long, however steadily it drips in.
fn time_for(bytes: usize) -> Duration {
    Duration::from_secs(limits::REQUEST_SECONDS + bytes as u64 / limits::BODY_BYTES_PER_SECOND_LEAST)
}

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
    // The body of a device that nobody knows is not even read.
    let device = match device::known_by(&app, &token) {
        Some(device) => device,
        None => {
            let (asked, claimed) = (app.clone(), token.clone());
            // Few threads at a time: after a start everybody is asked for at once.
            app.clone().computing(move || device::claimed_by(&asked, &claimed)).await?
        }
    };
    // Who does not say how much comes may bring as much as anybody may.
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let announced = announced.unwrap_or(limits::REQUEST_BYTES_MAX).min(limits::REQUEST_BYTES_MAX);
    // Who asks for much room shows first that the device is theirs: some strangers could hold all of it, and take their time.
    if announced > limits::ROOM_UNPROVEN_BYTES {
        device::proven(&device, &token)?;
    }
    let admitted = app.admission.enter(&device.device, announced, app.clock.now_ms()).map_err(|seconds| {
        app.metrics.syncs_shed.add(1);
        ApiError { retry_after_s: Some(seconds), ..App::busy() }
    })?;
    let arriving = tokio::time::timeout(time_for(announced), to_bytes(request.into_body(), limits::REQUEST_BYTES_MAX)).await;
    let body = arriving.map_err(|_late| ApiError::new(Code::Timeout))?.map_err(|_| {
        let bound = format!("a request has at most {} bytes", limits::REQUEST_BYTES_MAX);
        ApiError::with(Code::TooLarge, bound)
    })?;
    let working = app.admission.turn(body.len()).await.ok_or_else(App::busy)?;
    app.metrics.bytes_received.add(body.len() as u64);
    let worker = app.clone();
    let answering = tokio::spawn(async move {
        // The work counts until it is done, whether or not the device still listens.
        let _places = (admitted, working);
        let answer = crate::sync::answer(worker.clone(), device, token, body).await;
        worker.admission.done(worker.clock.now_ms());
        answer
    });
    let answer = answering.await.map_err(ApiError::internal)??;
    app.metrics.syncs.add(1);
    app.metrics.bytes_sent.add(answer.len() as u64);
    Ok(([(header::CONTENT_TYPE, SYNC_TYPE)], answer).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_s_body_holds_its_room_for_a_minute_and_a_half_and_a_poor_line_has_time_for_days_of_work() {
        assert_eq!(time_for(0).as_secs(), 60);
        assert_eq!(time_for(limits::ROOM_UNPROVEN_BYTES).as_secs(), 92);
        assert_eq!(time_for(limits::REQUEST_BYTES_MAX).as_secs(), 2_108);
    }
}
