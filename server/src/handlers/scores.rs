//! Scores, stars, receipts and progress.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use shared::ids::{IndicatorId, PersonId};
use shared::time::{Month, Quarter};

use super::openapi::ProblemBody;
use super::{date, parse};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::progress::Progress;
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScoreQuery {
    /// As if this were the last day known (`YYYY-MM-DD`).
    as_of: Option<String>,
    /// One manager; a manager sees themself.
    person: Option<String>,
}

impl ScoreQuery {
    fn read(&self) -> ApiResult<(Option<Date>, Option<PersonId>)> {
        Ok((self.as_of.as_deref().map(date).transpose()?, self.person.as_deref().map(parse).transpose()?))
    }
}

/// The scores of a month, as `roundsman score --format json` prints them.
#[utoipa::path(get, path = "/v1/scores/{month}", tag = "scores", params(("month" = String, Path, example = "2026-08"), ScoreQuery),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn month(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(month): Path<String>,
    Query(query): Query<ScoreQuery>,
) -> ApiResult<impl IntoResponse> {
    let month: Month = parse(&month)?;
    let (as_of, person) = query.read()?;
    let person = principal.sees(person.as_ref())?;
    let worker = app.clone();
    // Written as it is read, since a district's month is large.
    let json = app
        .blocking(move || {
            let published = crate::scores::month(&worker, month, as_of, person.as_ref())?;
            serde_json::to_vec(&published).map_err(ApiError::internal)
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json))
}

/// The stars of a quarter, for staff.
#[utoipa::path(get, path = "/v1/stars/{quarter}", tag = "scores", params(("quarter" = String, Path, example = "2026Q3")),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn stars(State(app): State<SharedApp>, principal: Principal, Path(quarter): Path<String>) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let quarter: Quarter = parse(&quarter)?;
    let worker = app.clone();
    app.blocking(move || serde_json::to_value(crate::scores::stars(&worker, quarter)?).map(Json).map_err(ApiError::internal)).await
}

/// The receipt of one indicator.
#[utoipa::path(get, path = "/v1/scores/{month}/{person}/{indicator}", tag = "scores",
    params(("month" = String, Path), ("person" = String, Path), ("indicator" = String, Path), ScoreQuery),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn explain(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((month, person, indicator)): Path<(String, String, String)>,
    Query(query): Query<ScoreQuery>,
) -> ApiResult<Json<Value>> {
    let (month, person, indicator): (Month, PersonId, IndicatorId) = (parse(&month)?, parse(&person)?, parse(&indicator)?);
    let (as_of, _) = query.read()?;
    principal.sees(Some(&person))?;
    let worker = app.clone();
    app.blocking(move || {
        let receipt = crate::scores::explain(&worker, month, as_of, &person, &indicator)?;
        serde_json::to_value(receipt).map(Json).map_err(ApiError::internal)
    })
    .await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgressQuery {
    /// `YYYY-MM-DD`; default: today in the district.
    date: Option<String>,
}

/// A day's progress: per manager and route. A manager sees their own.
#[utoipa::path(get, path = "/v1/progress", tag = "scores", params(ProgressQuery),
    responses((status = 200, body = Progress), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn progress(State(app): State<SharedApp>, principal: Principal, Query(query): Query<ProgressQuery>) -> ApiResult<Json<Progress>> {
    let day = query.date.as_deref().map(date).transpose()?;
    let only = principal.sees(None)?;
    let worker = app.clone();
    app.blocking(move || {
        let day = day.unwrap_or_else(|| worker.directory().today(worker.clock.now_ms()));
        crate::progress::progress(&worker, day, only.as_ref()).map(Json)
    })
    .await
}
