//! A month's life: revisions, restatements, disputes, points that staff record, the audit log.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::decimal::Dec;
use shared::ids::{DisputeId, EventId, IndicatorId, PersonId};
use shared::limits;
use shared::published::HeldBack;
use shared::reference::{Dispute, Role};
use shared::time::Month;

use super::openapi::ProblemBody;
use super::{Body, parse};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::months::events::NewEvent;
use crate::months::publish::{Publication, Published};
use crate::months::restatement::Restatement;
use crate::months::{self, MonthLife};
use crate::state::SharedApp;

/// Who decides about published scores.
const DECIDE: [Role; 2] = [Role::Admin, Role::Supervisor];

fn json<T: Serialize>(value: T) -> ApiResult<Json<Value>> {
    serde_json::to_value(value).map(Json).map_err(ApiError::internal)
}

/// A month's state and its revisions.
#[utoipa::path(get, path = "/v1/months/{month}", tag = "months", params(("month" = String, Path, example = "2026-08")),
    responses((status = 200, body = MonthLife), (status = 422, body = ProblemBody)))]
pub async fn month(State(app): State<SharedApp>, _: Principal, Path(month): Path<String>) -> ApiResult<Json<MonthLife>> {
    let month: Month = parse(&month)?;
    let worker = app.clone();
    app.blocking(move || months::life(&worker, month).map(Json)).await
}

/// Publishes the month's next revision, for admins and supervisors.
#[utoipa::path(post, path = "/v1/months/{month}/revisions", tag = "months", params(("month" = String, Path)), request_body = Publication,
    responses((status = 201, body = Published), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn publish(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(month): Path<String>,
    Body(publication): Body<Publication>,
) -> ApiResult<(StatusCode, Json<Published>)> {
    principal.one_of(&DECIDE)?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    let published = app.blocking(move || months::publish::publish(&worker, month, principal.person.as_str(), &publication)).await?;
    Ok((StatusCode::CREATED, Json(published)))
}

/// A revision as a file for `roundsman verify`, for staff.
#[utoipa::path(get, path = "/v1/months/{month}/revisions/{revision}/file", tag = "months",
    params(("month" = String, Path), ("revision" = u32, Path)),
    responses((status = 200, body = String, content_type = "application/x-ndjson"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn file(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((month, revision)): Path<(String, u32)>,
) -> ApiResult<impl IntoResponse> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    let text = app
        .blocking(move || {
            let stored = months::revision(&worker, month, Some(revision))?;
            let mut text = String::new();
            months::export::file(&worker, &stored, &mut |line| text += line)?;
            Ok(text)
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], text))
}

/// What would be different by what is known now, for staff.
#[utoipa::path(get, path = "/v1/months/{month}/restatement", tag = "months", params(("month" = String, Path)),
    responses((status = 200, body = Restatement), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn restatement(State(app): State<SharedApp>, principal: Principal, Path(month): Path<String>) -> ApiResult<Json<Restatement>> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    app.blocking(move || months::restatement::restatement(&worker, month).map(Json)).await
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct HoldBody {
    #[schema(value_type = String)]
    pub person: PersonId,
    pub reason: String,
}

/// Holds a manager's restatement back, with the reason.
#[utoipa::path(post, path = "/v1/months/{month}/restatement/hold", tag = "months", params(("month" = String, Path)), request_body = HoldBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn hold(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(month): Path<String>,
    Body(body): Body<HoldBody>,
) -> ApiResult<StatusCode> {
    principal.one_of(&DECIDE)?;
    let month: Month = parse(&month)?;
    let back = HeldBack { person: body.person, reason: body.reason };
    let worker = app.clone();
    app.blocking(move || months::hold::hold(&worker, month, principal.person.as_str(), &back)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MonthQuery {
    /// `YYYY-MM`.
    month: Option<String>,
}

impl MonthQuery {
    fn read(&self) -> ApiResult<Option<Month>> {
        self.month.as_deref().map(parse).transpose()
    }
}

/// Disputes; a manager sees their own.
#[utoipa::path(get, path = "/v1/disputes", tag = "months", params(MonthQuery), responses((status = 200, body = [Value]), (status = 401, body = ProblemBody)))]
pub async fn disputes(State(app): State<SharedApp>, principal: Principal, Query(query): Query<MonthQuery>) -> ApiResult<Json<Value>> {
    let month = query.read()?;
    let person = principal.sees(None)?;
    let worker = app.clone();
    app.blocking(move || json(months::disputes::seen_by(months::disputes::cases(&worker, month)?, person.as_ref()))).await
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct DisputeBody {
    /// Made by who files it, so that filing twice is filing once.
    #[schema(value_type = String)]
    pub id: DisputeId,
    /// Default: oneself.
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    pub month: String,
    pub revision: u32,
    #[schema(value_type = String)]
    pub indicator: IndicatorId,
    /// The line of the receipt that it concerns.
    #[serde(default)]
    pub line: String,
    pub text: String,
}

/// Files a dispute about an indicator of a revision: a manager their own, staff for a manager.
#[utoipa::path(post, path = "/v1/disputes", tag = "months", request_body = DisputeBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn file_dispute(State(app): State<SharedApp>, principal: Principal, Body(body): Body<DisputeBody>) -> ApiResult<StatusCode> {
    let person = principal.sees(body.person.as_ref())?.unwrap_or_else(|| principal.person.clone());
    let DisputeBody { id, month, revision, indicator, line, text, .. } = body;
    let month: Month = parse(&month)?;
    let dispute = Dispute { person, month, revision, indicator, line, text, filed_ms: app.clock.now_ms(), ruling: None };
    let worker = app.clone();
    app.blocking(move || months::disputes::file(&worker, &id, &dispute, principal.person.as_str())).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct DisputeRulingBody {
    /// Added to the indicator, a decimal; 0: the score stands.
    #[schema(value_type = String)]
    pub points: Dec,
    pub text: String,
    /// The version of the dispute that is ruled on.
    pub seen: Option<u64>,
}

/// Records a ruling on a dispute; another approves it.
#[utoipa::path(post, path = "/v1/disputes/{id}/ruling", tag = "months", params(("id" = String, Path)), request_body = DisputeRulingBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn rule(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<String>,
    Body(body): Body<DisputeRulingBody>,
) -> ApiResult<StatusCode> {
    principal.staff()?;
    let id: DisputeId = parse(&id)?;
    let worker = app.clone();
    app.blocking(move || months::disputes::rule(&worker, &id, (body.points, &body.text), principal.person.as_str(), body.seen)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct ApprovalBody {
    pub approve: bool,
    /// Why not.
    #[serde(default)]
    pub reason: String,
    /// The version of what is decided on, as it was shown.
    pub seen: Option<u64>,
}

/// Approves the ruling that another has recorded, or sends it back.
#[utoipa::path(post, path = "/v1/disputes/{id}/approval", tag = "months", params(("id" = String, Path)), request_body = ApprovalBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn approve_ruling(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<String>,
    Body(body): Body<ApprovalBody>,
) -> ApiResult<StatusCode> {
    principal.one_of(&DECIDE)?;
    let id: DisputeId = parse(&id)?;
    let worker = app.clone();
    app.blocking(move || match body.approve {
        true => months::disputes::approve(&worker, &id, principal.person.as_str(), body.seen),
        false => months::disputes::send_back(&worker, &id, principal.person.as_str(), body.seen),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Points that staff have recorded, for staff.
#[utoipa::path(get, path = "/v1/score-events", tag = "months", responses((status = 200, body = [Value]), (status = 403, body = ProblemBody)))]
pub async fn events(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let worker = app.clone();
    app.blocking(move || {
        let cases = months::events::cases(&worker)?;
        json(cases.into_iter().map(months::events::EventView::of).collect::<Vec<_>>())
    })
    .await
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Recorded {
    pub id: String,
}

/// Records points, or a ruling on a complaint; another approves it.
#[utoipa::path(post, path = "/v1/score-events", tag = "months", request_body = NewEvent,
    responses((status = 201, body = Recorded), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn record_event(
    State(app): State<SharedApp>,
    principal: Principal,
    Body(new): Body<NewEvent>,
) -> ApiResult<(StatusCode, Json<Recorded>)> {
    principal.staff()?;
    let worker = app.clone();
    let id = app.blocking(move || months::events::record(&worker, &new, principal.person.as_str())).await?;
    Ok((StatusCode::CREATED, Json(Recorded { id: id.to_string() })))
}

/// Approves what another has recorded, or declines it with a reason.
#[utoipa::path(post, path = "/v1/score-events/{id}/approval", tag = "months", params(("id" = String, Path)), request_body = ApprovalBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn approve_event(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<String>,
    Body(body): Body<ApprovalBody>,
) -> ApiResult<StatusCode> {
    principal.one_of(&DECIDE)?;
    let id: EventId = parse(&id)?;
    let worker = app.clone();
    app.blocking(move || match body.approve {
        true => months::events::approve(&worker, &id, principal.person.as_str(), body.seen),
        false => months::events::decline(&worker, &id, &body.reason, principal.person.as_str(), body.seen),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A month's complaints with what was ruled on them, for staff.
#[utoipa::path(get, path = "/v1/complaints/{month}", tag = "months", params(("month" = String, Path)),
    responses((status = 200, body = [Value]), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn complaints(State(app): State<SharedApp>, principal: Principal, Path(month): Path<String>) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    app.blocking(move || json(months::events::complaints(&worker, month)?)).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Rows behind this one.
    #[serde(default)]
    after: u64,
}

/// The audit log, at most 500 rows at a time, for admins and supervisors.
#[utoipa::path(get, path = "/v1/audit", tag = "months", params(AuditQuery), responses((status = 200, body = [Value]), (status = 403, body = ProblemBody)))]
pub async fn audit(State(app): State<SharedApp>, principal: Principal, Query(query): Query<AuditQuery>) -> ApiResult<Json<Value>> {
    principal.one_of(&DECIDE)?;
    let worker = app.clone();
    app.blocking(move || {
        let rows = worker.store.audit_log(query.after, limits::AUDIT_PAGE)?;
        Ok(Json(Value::Array(rows.iter().map(months::audit_view).collect())))
    })
    .await
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct KeyBody {
    /// Ed25519, base64url.
    pub public_key: String,
}

/// The key that revisions are signed with, to be pinned.
#[utoipa::path(get, path = "/v1/key", tag = "months", responses((status = 200, body = KeyBody)))]
pub async fn key(State(app): State<SharedApp>) -> Json<KeyBody> {
    Json(KeyBody { public_key: app.keys.public() })
}
