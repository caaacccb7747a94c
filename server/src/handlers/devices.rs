//! Devices: enrolment, tokens, the list, revocation.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use shared::ids::DeviceId;
use shared::problem::Code;
use shared::reference::Role;

use super::openapi::ProblemBody;
use super::{Body, bearer};
use crate::auth::Principal;
use crate::auth::device::{self, EnrolAnswer, EnrolRequest};
use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

/// Enrols a device by a one-time code. The same device may repeat it: a lost answer costs nothing.
#[utoipa::path(post, path = "/v1/enrol", tag = "devices", request_body = EnrolRequest,
    responses((status = 201, body = EnrolAnswer), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn enrol(State(app): State<SharedApp>, Body(request): Body<EnrolRequest>) -> ApiResult<(StatusCode, Json<EnrolAnswer>)> {
    let worker = app.clone();
    let answer = app
        .blocking(move || {
            let answer = device::enrol(&worker, &request);
            // Only failures count: a hundred managers may enrol in one minute.
            if answer.as_ref().is_err_and(|e| e.code == Code::WrongCode) {
                worker.attempts.admit("enrolment code", worker.clock.now_ms())?;
            }
            answer
        })
        .await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct TokenAnswer {
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
}

/// A fresh access token for a device that proves its key with a signed JWT of audience `roundsman:token`.
#[utoipa::path(post, path = "/v1/token", tag = "devices", responses((status = 200, body = TokenAnswer), (status = 401, body = ProblemBody)))]
pub async fn token(State(app): State<SharedApp>, headers: HeaderMap) -> ApiResult<Json<TokenAnswer>> {
    let proof = bearer(&headers).ok_or_else(|| ApiError::new(Code::NoSignature))?;
    let worker = app.clone();
    let access_token = app.blocking(move || device::token(&worker, &proof)).await?;
    Ok(Json(TokenAnswer { access_token, expires_in: shared::limits::ACCESS_TOKEN_S }))
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceRow {
    pub device: String,
    pub person: String,
    pub name: String,
    pub enrolled_ms: i64,
    pub revoked_ms: Option<i64>,
    pub last_sync_ms: Option<i64>,
    /// When the device last had nothing more to send.
    pub complete_ms: Option<i64>,
    /// With the last sync: the device's clock minus the server's.
    pub skew_ms: Option<i64>,
    /// Its version, as it says.
    pub app: Option<String>,
    /// Changes that it sent and that are held back.
    pub held_back: u64,
}

/// Every device, for staff.
#[utoipa::path(get, path = "/v1/devices", tag = "devices", responses((status = 200, body = [DeviceRow]), (status = 403, body = ProblemBody)))]
pub async fn list(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<DeviceRow>>> {
    principal.staff()?;
    let worker = app.clone();
    let (devices, held) = app.blocking(move || Ok((worker.store.devices()?, worker.store.held_counts()?))).await?;
    let row = |d: crate::store::Device| DeviceRow {
        held_back: held.get(&d.device).copied().unwrap_or(0),
        skew_ms: d.skew_ms,
        app: d.app,
        device: d.device.to_string(),
        person: d.person.to_string(),
        name: d.name,
        enrolled_ms: d.enrolled_ms,
        revoked_ms: d.revoked_ms,
        last_sync_ms: d.last_sync_ms,
        complete_ms: d.complete_ms,
    };
    Ok(Json(devices.into_iter().map(row).collect()))
}

/// Revokes a device: what it still sends is heard and held back, and it is told nothing more.
#[utoipa::path(post, path = "/v1/devices/{device}/revoke", tag = "devices", params(("device" = String, Path)),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn revoke(State(app): State<SharedApp>, principal: Principal, Path(device): Path<String>) -> ApiResult<StatusCode> {
    principal.one_of(&[Role::Admin, Role::Supervisor])?;
    let id: DeviceId = device.parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let worker = app.clone();
    let found = app.blocking(move || device::revoke(&worker, &id, principal.person.as_str())).await?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::new(Code::NotFound)) }
}
