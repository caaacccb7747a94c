//! The district, for its staff: people, assignments, the beat plan, shops; and backups.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shared::decimal::Dec;
use shared::reference::{AssignmentKind, Role};
use shared::time::Month;

use super::admin::{ImportReport, import_answer};
use super::openapi::ProblemBody;
use super::{Body, date, parse};
use crate::auth::Principal;
use crate::coverage::segments::{Segment, Segments, Thresholds};
use crate::coverage::{self, Coverage};
use crate::district::{self, AssignmentRow, CalendarRow, PersonRow};
use crate::error::ApiResult;
use crate::ops::assign::{self, Change};
use crate::ops::backups::{self, BackupRow};
use crate::ops::calendar::{self as beat_plan, Move};
use crate::state::SharedApp;

/// Everybody, for staff.
#[utoipa::path(get, path = "/v1/people", tag = "district", responses((status = 200, body = [PersonRow]), (status = 403, body = ProblemBody)))]
pub async fn people(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<PersonRow>>> {
    principal.staff()?;
    let worker = app.clone();
    Ok(Json(app.blocking(move || district::people(&worker)).await?))
}

/// Who has or had which route, for staff.
#[utoipa::path(get, path = "/v1/assignments", tag = "district", responses((status = 200, body = [AssignmentRow]), (status = 403, body = ProblemBody)))]
pub async fn assignments(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<AssignmentRow>>> {
    principal.staff()?;
    Ok(Json(district::assignments(&app)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Stands in from one day to another.
    Substitution,
    /// Owns from a day on; who had the route owns it until the day before.
    HandOver,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct AssignBody {
    pub kind: ChangeKind,
    pub routes: Vec<String>,
    pub person: String,
    /// `YYYY-MM-DD`.
    pub from: String,
    /// The last day; none: open.
    pub to: Option<String>,
    /// Only say what it would do.
    #[serde(default)]
    pub dry_run: bool,
}

/// A substitution or a hand-over, for admins, through the import's own checks: done (200), or every fault listed (422).
#[utoipa::path(post, path = "/v1/assignments", tag = "district", request_body = AssignBody,
    responses((status = 200, body = ImportReport), (status = 403, body = ProblemBody), (status = 422, body = ImportReport)))]
pub async fn assign(State(app): State<SharedApp>, principal: Principal, Body(body): Body<AssignBody>) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let kind = match body.kind {
        ChangeKind::Substitution => AssignmentKind::Substitute,
        ChangeKind::HandOver => AssignmentKind::Owner,
    };
    let change = Change {
        kind,
        routes: body.routes.iter().map(|route| parse(route)).collect::<ApiResult<_>>()?,
        person: parse(&body.person)?,
        from: date(&body.from)?,
        to: body.to.as_deref().filter(|to| !to.is_empty()).map(date).transpose()?,
    };
    let (worker, who) = (app.clone(), principal.person.clone());
    let done = app.blocking(move || assign::assign(&worker, &change, who.as_str(), body.dry_run)).await?;
    tracing::info!(person = %principal.person, done = done.is_ok(), dry_run = body.dry_run, "assignments over the API");
    Ok(import_answer(done))
}

/// A month's beat plan, for staff.
#[utoipa::path(get, path = "/v1/calendar/{month}", tag = "district", params(("month" = String, Path)),
    responses((status = 200, body = [CalendarRow]), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn calendar(State(app): State<SharedApp>, principal: Principal, Path(month): Path<String>) -> ApiResult<Json<Vec<CalendarRow>>> {
    principal.staff()?;
    let month: Month = parse(&month)?;
    let worker = app.clone();
    Ok(Json(app.blocking(move || district::calendar(&worker, month)).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct MoveBody {
    pub route: String,
    /// `YYYY-MM-DD`, as `to`.
    pub from: String,
    pub to: String,
    /// Only say what it would do.
    #[serde(default)]
    pub dry_run: bool,
}

/// Moves a route's planned day to another, for admins, through the import's own checks: done (200), or every fault (422).
#[utoipa::path(post, path = "/v1/calendar", tag = "district", request_body = MoveBody,
    responses((status = 200, body = ImportReport), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ImportReport)))]
pub async fn shift(State(app): State<SharedApp>, principal: Principal, Body(body): Body<MoveBody>) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let change = Move { route: parse(&body.route)?, from: date(&body.from)?, to: date(&body.to)? };
    let (worker, who) = (app.clone(), principal.person.clone());
    let done = app.blocking(move || beat_plan::shift(&worker, &change, who.as_str(), body.dry_run)).await?;
    tracing::info!(person = %principal.person, done = done.is_ok(), dry_run = body.dry_run, "a planned day moved over the API");
    Ok(import_answer(done))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// `YYYY-MM-DD`; default: today in the district.
    date: Option<String>,
}

/// Coverage, listing, stock-outs and stock-to-sales by SKU, route and area, for staff.
#[utoipa::path(get, path = "/v1/coverage", tag = "district", params(CoverageQuery),
    responses((status = 200, body = Coverage), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn coverage(State(app): State<SharedApp>, principal: Principal, Query(query): Query<CoverageQuery>) -> ApiResult<Json<Coverage>> {
    principal.staff()?;
    let day = query.date.as_deref().map(date).transpose()?;
    let worker = app.clone();
    app.blocking(move || {
        let day = day.unwrap_or_else(|| worker.directory().today(worker.clock.now_ms()));
        Ok(Json((*crate::coverage::coverage(&worker, day)?).clone()))
    })
    .await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SegmentsQuery {
    /// `YYYY-MM-DD`; default: today in the district.
    date: Option<String>,
    /// Value in the last 30 days from which a contribution is high.
    #[param(value_type = String)]
    contribution: Dec,
    /// SKUs out of stock from which a need is high.
    need: u64,
    /// Only shops of this segment.
    segment: Option<Segment>,
}

/// Shops by what they bring and what they need, with thresholds that staff set, for staff.
#[utoipa::path(get, path = "/v1/segments", tag = "district", params(SegmentsQuery),
    responses((status = 200, body = Segments), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn segments(State(app): State<SharedApp>, principal: Principal, Query(query): Query<SegmentsQuery>) -> ApiResult<Json<Segments>> {
    principal.staff()?;
    let day = query.date.as_deref().map(date).transpose()?;
    let worker = app.clone();
    app.blocking(move || {
        let day = day.unwrap_or_else(|| worker.directory().today(worker.clock.now_ms()));
        let thresholds = Thresholds { contribution: query.contribution, need: query.need };
        coverage::segments::segments(&worker, day, &thresholds, query.segment).map(Json)
    })
    .await
}

/// Backups in the data folder, newest first, for admins.
#[utoipa::path(get, path = "/v1/backups", tag = "administration", responses((status = 200, body = [BackupRow]), (status = 403, body = ProblemBody)))]
pub async fn backups(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<BackupRow>>> {
    principal.one_of(&[Role::Admin])?;
    let worker = app.clone();
    Ok(Json(app.blocking(move || backups::list(&worker)).await?))
}

/// Makes a backup while the server runs, and reads it through.
#[utoipa::path(post, path = "/v1/backups", tag = "administration", responses((status = 201, body = BackupRow), (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn back_up(State(app): State<SharedApp>, principal: Principal) -> ApiResult<(StatusCode, Json<BackupRow>)> {
    principal.one_of(&[Role::Admin])?;
    let worker = app.clone();
    let made = app.blocking(move || backups::make(&worker)).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
