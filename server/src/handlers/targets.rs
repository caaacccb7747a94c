//! Targets: the check of the cascade, transfers between managers, roll-ups.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::ids::{PersonId, TransferId};
use shared::problem::Code;
use shared::reference::Role;
use shared::score::By;
use shared::time::Month;

use super::Body;
use super::months::ApprovalBody;
use super::openapi::ProblemBody;
use super::parse;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::rollup::{self, Period};
use crate::state::SharedApp;
use crate::targets::cascade::CascadeView;
use crate::targets::{self, NewTransfer};

const DECIDE: [Role; 2] = [Role::Admin, Role::Supervisor];

fn json<T: Serialize>(value: T) -> ApiResult<Json<Value>> {
    serde_json::to_value(value).map(Json).map_err(ApiError::internal)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CascadeQuery {
    /// Default: the first that is planned.
    indicator: Option<String>,
    /// A SKU, of an indicator that is planned per item.
    item: Option<String>,
}

/// A month's plans of one indicator, from the district down to routes, each beside what is below it, for staff.
#[utoipa::path(get, path = "/v1/targets/{month}", tag = "targets", params(("month" = String, Path, example = "2026-08"), CascadeQuery),
    responses((status = 200, body = CascadeView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn cascade(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(month): Path<String>,
    Query(query): Query<CascadeQuery>,
) -> ApiResult<Json<CascadeView>> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let indicator = query.indicator.as_deref().map(parse).transpose()?;
    let item = query.item.as_deref().map(parse).transpose()?;
    let worker = app.clone();
    app.blocking(move || targets::cascade::view(&worker, month, indicator.as_ref(), item.as_ref()).map(Json)).await
}

/// Whether the sums of a month's cascade agree, for staff.
#[utoipa::path(get, path = "/v1/targets/{month}/check", tag = "targets", params(("month" = String, Path, example = "2026-08")),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn check(State(app): State<SharedApp>, principal: Principal, Path(month): Path<String>) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    app.blocking(move || json(targets::check(&worker, month)?)).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferQuery {
    /// `YYYY-MM`.
    month: Option<String>,
}

/// Transfers; a manager sees those that they are part of.
#[utoipa::path(get, path = "/v1/transfers", tag = "targets", params(TransferQuery),
    responses((status = 200, body = [Value]), (status = 401, body = ProblemBody)))]
pub async fn transfers(State(app): State<SharedApp>, principal: Principal, Query(query): Query<TransferQuery>) -> ApiResult<Json<Value>> {
    let month: Option<Month> = query.month.as_deref().map(parse).transpose()?;
    let person = principal.sees(None)?;
    let worker = app.clone();
    app.blocking(move || json(targets::list(&worker, month, person.as_ref())?)).await
}

/// The manager that a request is from; none: it is from staff.
fn manager(principal: &Principal) -> Option<PersonId> {
    (!principal.role.is_staff()).then(|| principal.person.clone())
}

/// Proposes that one manager takes over a part of another's plan: staff, or one of the two, who agrees by it.
#[utoipa::path(post, path = "/v1/transfers", tag = "targets", request_body = NewTransfer,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn propose(State(app): State<SharedApp>, principal: Principal, Body(new): Body<NewTransfer>) -> ApiResult<StatusCode> {
    let worker = app.clone();
    app.blocking(move || targets::propose(&worker, &new, principal.person.as_str(), manager(&principal).as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One of the two managers agrees, or declines with a reason: with their own device's token.
#[utoipa::path(post, path = "/v1/transfers/{id}/agreement", tag = "targets", params(("id" = String, Path)), request_body = ApprovalBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn agree(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<String>,
    Body(body): Body<ApprovalBody>,
) -> ApiResult<StatusCode> {
    let Some(person) = manager(&principal) else {
        return Err(ApiError::with(Code::Forbidden, "the managers agree themselves; staff confirm"));
    };
    let id: TransferId = parse(&id)?;
    let worker = app.clone();
    app.blocking(move || match body.approve {
        true => targets::agree(&worker, &id, &person),
        false => targets::decline(&worker, &id, person.as_str(), Some(&person), &body.reason),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms what both managers have agreed on: from now on it counts; or declines it with a reason.
#[utoipa::path(post, path = "/v1/transfers/{id}/confirmation", tag = "targets", params(("id" = String, Path)), request_body = ApprovalBody,
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn confirm(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<String>,
    Body(body): Body<ApprovalBody>,
) -> ApiResult<StatusCode> {
    principal.one_of(&DECIDE)?;
    let id: TransferId = parse(&id)?;
    let worker = app.clone();
    app.blocking(move || match body.approve {
        true => targets::confirm(&worker, &id, principal.person.as_str()),
        false => targets::decline(&worker, &id, principal.person.as_str(), None, &body.reason),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RollUpQuery {
    /// `person` (default), `team`, `department`, `district` or `outlet`.
    by: Option<String>,
    /// With `outlet`: whose.
    person: Option<String>,
}

/// What scores come to for teams, departments or the district over a month, a quarter or a year, for staff; `outlet`: what
/// the scores count, shop by shop.
#[utoipa::path(get, path = "/v1/rollups/{period}", tag = "targets",
    params(("period" = String, Path, example = "2026Q3", description = "A month, a quarter or a year"), RollUpQuery),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn rollup(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(period): Path<String>,
    Query(query): Query<RollUpQuery>,
) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let period: Period = parse(&period)?;
    let person: Option<PersonId> = query.person.as_deref().map(parse).transpose()?;
    let by: Option<By> = match query.by.as_deref().unwrap_or("person") {
        "outlet" => None,
        other => Some(parse(other)?),
    };
    let worker = app.clone();
    app.blocking(move || match by {
        Some(by) => json(rollup::of_people(&worker, period, by)?),
        // A district's outlets are too many for one answer.
        None if person.is_none() => Err(ApiError::with(Code::Invalid, "person: outlets are asked for one manager at a time")),
        None => json(rollup::of_outlets(&worker, period, person.as_ref())?),
    })
    .await
}
