//! Scores, stars, receipts and progress.

use axum::Json;
use axum::body;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::Value;
use shared::ids::{IndicatorId, PersonId};
use shared::score::Change;
use shared::time::{Month, Quarter};

use super::Body;
use super::date;
use super::openapi::ProblemBody;
pub(super) use super::parse;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::progress::Progress;
use crate::scores::Asked;
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScoreQuery {
    /// As if this were the last day known (`YYYY-MM-DD`).
    as_of: Option<String>,
    /// One manager; a manager sees themself.
    person: Option<String>,
    /// By what is known now, also where the month is published.
    #[serde(default)]
    live: bool,
    /// A certain revision of a published month; default: the latest.
    revision: Option<u32>,
}

impl ScoreQuery {
    fn read(&self) -> ApiResult<Asked> {
        let as_of = self.as_of.as_deref().map(date).transpose()?;
        let person = self.person.as_deref().map(parse).transpose()?;
        Ok(Asked { as_of, person, live: self.live, revision: self.revision })
    }
}

/// The scores of a month, as `roundsman score --format json` prints them: of a published month the latest revision, byte for
/// byte.
#[utoipa::path(get, path = "/v1/scores/{month}", tag = "scores", params(("month" = String, Path, example = "2026-08"), ScoreQuery),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn month(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(month): Path<String>,
    Query(query): Query<ScoreQuery>,
) -> ApiResult<impl IntoResponse> {
    let month: Month = parse(&month)?;
    let asked = query.read()?;
    let asked = Asked { person: principal.sees(asked.person.as_ref())?, ..asked };
    let worker = app.clone();
    let pages = app.blocking(move || crate::scores::pages(&worker, month, &asked)).await?;
    // Whoever is told only a part of it sees that the connection ends before the answer does.
    let pages = pages.map(|page| page.inspect_err(|error| tracing::error!(?error, "an answer breaks off")).map_err(ended));
    Ok(([(header::CONTENT_TYPE, "application/json")], body::Body::from_stream(tokio_stream::iter(pages))))
}

fn ended(error: ApiError) -> std::io::Error {
    std::io::Error::other(error.code.code())
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

/// The receipt of one indicator: of a published month from what was published, with its proof.
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
    let asked = query.read()?;
    principal.sees(Some(&person))?;
    let worker = app.clone();
    app.blocking(move || crate::scores::receipt(&worker, month, &asked, &person, &indicator).map(Json)).await
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct WhatIfBody {
    /// `YYYY-MM-DD`; default: the month's last day.
    pub as_of: Option<String>,
    /// `{"indicator": "slim", "by": "3"}`, `{"indicator": "sales", "to": "20000"}`; with `item` for a SKU.
    #[schema(value_type = Vec<Value>)]
    pub changes: Vec<Change>,
}

/// What would come of other actuals: points, caps, gate and star. A manager plays with their own month.
#[utoipa::path(post, path = "/v1/what-if/{month}/{person}", tag = "scores", params(("month" = String, Path), ("person" = String, Path)),
    request_body = WhatIfBody,
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn what_if(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((month, person)): Path<(String, String)>,
    Body(body): Body<WhatIfBody>,
) -> ApiResult<Json<Value>> {
    let (month, person): (Month, PersonId) = (parse(&month)?, parse(&person)?);
    let as_of = body.as_of.as_deref().map(date).transpose()?;
    principal.sees(Some(&person))?;
    let worker = app.clone();
    app.blocking(move || {
        let played = crate::scores::what_if(&worker, month, as_of, &person, &body.changes)?;
        serde_json::to_value(played).map(Json).map_err(ApiError::internal)
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
