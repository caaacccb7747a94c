//! The day, for head office: the board, a manager's day, a visit.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::ids::{PersonId, RouteId, VisitId};

use super::openapi::ProblemBody;
use super::{date, parse};
use crate::auth::Principal;
use crate::day::{Day, VisitPage};
use crate::error::{ApiError, ApiResult};
use crate::progress::today::Board;
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// `YYYY-MM-DD`; default: today in the district.
    date: Option<String>,
    /// The `version` of an earlier answer: only managers that are new since then, if the server still can tell.
    since: Option<String>,
    /// With every stop of every route.
    #[serde(default)]
    stops: bool,
}

/// The day's board of every manager and route, for staff. It is kept, so that looking costs next to nothing; `/v1/events`
/// says when to look again. The answer's `Server-Timing` says how long it took to make.
#[utoipa::path(get, path = "/v1/board", tag = "day", params(BoardQuery),
    responses((status = 200, body = Board), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn board(State(app): State<SharedApp>, principal: Principal, Query(query): Query<BoardQuery>) -> ApiResult<Response> {
    let began = Instant::now();
    principal.staff()?;
    let day = query.date.as_deref().map(date).transpose()?;
    let worker = app.clone();
    // Written as it is read, since a district's day is large.
    let json = app
        .blocking(move || {
            let day = day.unwrap_or_else(|| worker.directory().today(worker.clock.now_ms()));
            let board = crate::progress::today::board(&worker, day, query.since.as_deref(), query.stops)?;
            serde_json::to_vec(&board).map_err(ApiError::internal)
        })
        .await?;
    let timing = HeaderValue::from_str(&format!("board;dur={:.1}", began.elapsed().as_secs_f64() * 1e3)).map_err(ApiError::internal)?;
    let fixed = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((fixed, [(HeaderName::from_static("server-timing"), timing)], json).into_response())
}

/// A manager's day with every visit. A manager sees their own.
#[utoipa::path(get, path = "/v1/days/{date}/{person}", tag = "day", params(("date" = String, Path), ("person" = String, Path)),
    responses((status = 200, body = Day), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn day(State(app): State<SharedApp>, principal: Principal, Path((day, person)): Path<(String, String)>) -> ApiResult<Json<Day>> {
    let (day, person): (_, PersonId) = (date(&day)?, parse(&person)?);
    principal.sees(Some(&person))?;
    let worker = app.clone();
    app.blocking(move || crate::day::day(&worker, day, &person).map(Json)).await
}

/// A visit with its counts, order, notes, conflicts and trail, for staff.
#[utoipa::path(get, path = "/v1/visits/{date}/{route}/{visit}", tag = "day",
    params(("date" = String, Path), ("route" = String, Path), ("visit" = String, Path)),
    responses((status = 200, body = VisitPage), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn visit(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((day, route, visit)): Path<(String, String, String)>,
) -> ApiResult<Json<VisitPage>> {
    principal.staff()?;
    let (day, route, visit): (_, RouteId, VisitId) = (date(&day)?, parse(&route)?, parse(&visit)?);
    let worker = app.clone();
    app.blocking(move || crate::day::visit(&worker, day, &route, &visit).map(Json)).await
}
