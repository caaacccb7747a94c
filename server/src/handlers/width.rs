//! Brand-width standards: a quarter's fit, as the console plots it.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::Value;
use shared::problem::Code;
use shared::time::Quarter;

use super::openapi::ProblemBody;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FitQuery {
    /// `YYYYQn`.
    #[param(example = "2026Q3")]
    quarter: String,
}

/// The fit of a quarter, for staff: every shop with its features, cluster, width and what is predicted for it; per route a
/// standard and an ideal beside those that hold; how good the fit is. Nothing is stored.
#[utoipa::path(get, path = "/v1/width/fit", tag = "scores", params(FitQuery),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn fit(State(app): State<SharedApp>, principal: Principal, Query(query): Query<FitQuery>) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let quarter: Quarter = query.quarter.parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let worker = app.clone();
    app.blocking(move || serde_json::to_value(crate::width::of_quarter(&worker, quarter)?).map(Json).map_err(ApiError::internal)).await
}
