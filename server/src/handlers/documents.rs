//! Documents of field work as staff see them, what staff write into them, and goals.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use shared::doc::Action;
use shared::ids::{ActionId, DocumentId, PersonId};
use shared::time::Quarter;

use super::Body;
use super::openapi::ProblemBody;
use super::parse;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::office::{self, Written};
use crate::state::SharedApp;

type DocumentPath = Path<(String, String, String)>;

fn id((kind, subject, period): (String, String, String)) -> ApiResult<DocumentId> {
    parse(&format!("{kind}/{subject}/{period}"))
}

/// A day sheet, a year of a shop's file or a quarter's goals, for staff.
#[utoipa::path(get, path = "/v1/documents/{kind}/{subject}/{period}", tag = "documents",
    params(("kind" = String, Path, example = "day"), ("subject" = String, Path, example = "r001"), ("period" = String, Path, example = "2026-08-05")),
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn view(State(app): State<SharedApp>, principal: Principal, path: DocumentPath) -> ApiResult<Json<Value>> {
    principal.staff()?;
    let id = id(path.0)?;
    let worker = app.clone();
    app.blocking(move || office::view(&worker, &id).map(Json)).await
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct ActionBody {
    /// A UUID made by who acts, so that doing it twice is doing it once; none: a fresh one.
    #[schema(value_type = Option<String>)]
    pub action_id: Option<ActionId>,
    /// As devices write them: `{"action": "count_stock", "visit": "…", "stock": {"SKU": 4}}`.
    #[schema(value_type = Value)]
    #[serde(flatten)]
    pub action: Action,
}

/// Does an action of staff: settles a conflict of a day sheet by one of its values, notes (`audit` of the item
/// `staff/{person}`), keeps a shop's file up, puts or agrees on a goal. Devices receive it with their next sync.
#[utoipa::path(post, path = "/v1/documents/{kind}/{subject}/{period}/actions", tag = "documents",
    params(("kind" = String, Path), ("subject" = String, Path), ("period" = String, Path)), request_body = ActionBody,
    responses((status = 200, body = Written), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn act(
    State(app): State<SharedApp>,
    principal: Principal,
    path: DocumentPath,
    Body(body): Body<ActionBody>,
) -> ApiResult<(StatusCode, Json<Written>)> {
    principal.staff()?;
    let id = id(path.0)?;
    let worker = app.clone();
    let written = app
        .blocking(move || {
            let action_id = body.action_id.unwrap_or_else(|| office::fresh_id(&worker));
            crate::goals::check(&worker, &id, &body.action)?;
            office::act(&worker, (principal.person.as_str(), principal.role), &id, &body.action, action_id)
        })
        .await?;
    Ok((StatusCode::OK, Json(written)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GoalsQuery {
    /// One manager; a manager sees their own.
    person: Option<String>,
}

/// The goals of a quarter with who agreed and how far they are.
#[utoipa::path(get, path = "/v1/goals/{quarter}", tag = "documents", params(("quarter" = String, Path, example = "2026Q3"), GoalsQuery),
    responses((status = 200, body = [Value]), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn goals(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(quarter): Path<String>,
    Query(query): Query<GoalsQuery>,
) -> ApiResult<Json<Value>> {
    let quarter: Quarter = parse(&quarter)?;
    let person: Option<PersonId> = query.person.as_deref().map(parse).transpose()?;
    let person = principal.sees(person.as_ref())?;
    let worker = app.clone();
    app.blocking(move || {
        let goals = crate::goals::goals(&worker, quarter, person.as_ref())?;
        serde_json::to_value(goals).map(Json).map_err(ApiError::internal)
    })
    .await
}
