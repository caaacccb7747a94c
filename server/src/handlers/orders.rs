//! Order plans, and rulings on their lines.

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::ids::PersonId;
use shared::problem::Code;
use shared::reference::Role;
use shared::time::parse_date;

use super::Body;
use super::openapi::ProblemBody;
use super::parse;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::orders::{self, Asked, NewRuling};
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrdersQuery {
    /// `YYYY-MM-DD`; default: 14 days before `to`.
    from: Option<String>,
    /// `YYYY-MM-DD`; default: today in the district.
    to: Option<String>,
    #[param(value_type = Option<String>)]
    person: Option<PersonId>,
    /// Only plans with lines that nobody has ruled on.
    #[serde(default)]
    awaiting: bool,
}

fn date(text: &str) -> ApiResult<Date> {
    parse_date(text).map_err(|e| ApiError::with(Code::Invalid, e))
}

fn json<T: Serialize>(value: T) -> ApiResult<Json<Value>> {
    serde_json::to_value(value).map(Json).map_err(ApiError::internal)
}

/// Order plans that were drafted in visits, each line with what staff ruled; a manager sees their own.
#[utoipa::path(get, path = "/v1/orders", tag = "orders", params(OrdersQuery),
    responses((status = 200, body = [Value]), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn list(State(app): State<SharedApp>, principal: Principal, Query(query): Query<OrdersQuery>) -> ApiResult<Json<Value>> {
    let person = principal.sees(query.person.as_ref())?;
    let day = |text: &Option<String>| text.as_deref().map(date).transpose();
    let asked = Asked { from: day(&query.from)?, to: day(&query.to)?, person, awaiting: query.awaiting };
    let worker = app.clone();
    app.blocking(move || json(orders::plans(&worker, &asked)?)).await
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct RulingsBody {
    pub lines: Vec<NewRuling>,
}

/// Approves, amends or declines lines of a visit's order plan, for admins and supervisors; its device is told with its
/// next sync.
#[utoipa::path(post, path = "/v1/orders/{date}/{visit}", tag = "orders", params(("date" = String, Path), ("visit" = String, Path)),
    request_body = RulingsBody,
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn rule(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((day, visit)): Path<(String, String)>,
    Body(body): Body<RulingsBody>,
) -> ApiResult<Json<Value>> {
    principal.one_of(&[Role::Admin, Role::Supervisor])?;
    let (day, visit) = (date(&day)?, parse(&visit)?);
    let worker = app.clone();
    app.blocking(move || json(orders::rule(&worker, day, visit, &body.lines, principal.person.as_str())?)).await
}
