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
use crate::orders::review::OrderReview;
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

impl OrdersQuery {
    fn asked(&self, principal: &Principal) -> ApiResult<Asked> {
        let day = |text: &Option<String>| text.as_deref().map(date).transpose();
        let person = principal.sees(self.person.as_ref())?;
        Ok(Asked { from: day(&self.from)?, to: day(&self.to)?, person, awaiting: self.awaiting })
    }
}

/// Order plans that were drafted in visits, each line with what staff ruled; a manager sees their own.
#[utoipa::path(get, path = "/v1/orders", tag = "orders", params(OrdersQuery),
    responses((status = 200, body = [Value]), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn list(State(app): State<SharedApp>, principal: Principal, Query(query): Query<OrdersQuery>) -> ApiResult<Json<Value>> {
    let asked = query.asked(&principal)?;
    let worker = app.clone();
    app.blocking(move || json(orders::plans(&worker, &asked)?)).await
}

/// The same for those who rule on them: with names, quotas and their use in the weeks, and what is unusual.
#[utoipa::path(get, path = "/v1/orders/review", tag = "orders", params(OrdersQuery),
    responses((status = 200, body = OrderReview), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn review(State(app): State<SharedApp>, principal: Principal, Query(query): Query<OrdersQuery>) -> ApiResult<Json<OrderReview>> {
    principal.staff()?;
    let asked = query.asked(&principal)?;
    let worker = app.clone();
    app.blocking(move || orders::review::review(&worker, &asked).map(Json)).await
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
