//! What the command lines do, over the API: import, enrolment codes, exports, passwords.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use shared::ids::PersonId;
use shared::problem::Code;
use shared::reference::Role;
use shared::time::Month;

use super::Body;
use super::openapi::ProblemBody;
use crate::auth::{Principal, password};
use crate::error::{ApiError, ApiResult};
use crate::import::{self, Folder};
use crate::ops::{self, Export};
use crate::state::SharedApp;

#[derive(Deserialize, utoipa::ToSchema)]
pub struct ImportBody {
    /// File name (`people.csv`, `scheme.toml`, …) → its text.
    pub files: BTreeMap<String, String>,
    /// Files that are the whole truth: rows that they lack are removed.
    #[serde(default)]
    pub replace: Vec<String>,
}

/// Imports a district, for admins: all of it (200), or nothing and every fault listed (422).
#[utoipa::path(post, path = "/v1/import", tag = "administration", request_body = ImportBody,
    responses((status = 200, body = serde_json::Value), (status = 403, body = ProblemBody), (status = 422, body = serde_json::Value)))]
pub async fn import(State(app): State<SharedApp>, principal: Principal, Body(body): Body<ImportBody>) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let (known, unknown): (Vec<_>, Vec<_>) = body.files.into_iter().partition(|(name, _)| import::FILES.contains(&name.as_str()));
    let folder = Folder {
        files: known.into_iter().map(|(name, text)| (name, text.into_bytes())).collect(),
        unknown: unknown.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>(),
    };
    if folder.files.is_empty() {
        return Err(ApiError::with(Code::Invalid, format!("files: none of {}", import::FILES.join(", "))));
    }
    let (worker, who) = (app.clone(), principal.person.clone());
    let taken = app.blocking(move || ops::import::take_in(&worker, &folder, &body.replace, who.as_str(), &mut |_, _, _| {})).await?;
    tracing::info!(person = %principal.person, taken = taken.is_ok(), "an import over the API");
    let json = |text: String| ([(header::CONTENT_TYPE, "application/json")], text);
    Ok(match taken {
        Ok(report) => json(report.to_json()).into_response(),
        Err(report) => (StatusCode::UNPROCESSABLE_ENTITY, json(report.to_json())).into_response(),
    })
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct CodesBody {
    /// None: every manager.
    pub person: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct CodeRow {
    pub person_id: String,
    pub code: String,
}

/// One-time enrolment codes, for one manager or for all.
#[utoipa::path(post, path = "/v1/codes", tag = "administration", request_body = CodesBody,
    responses((status = 201, body = [CodeRow]), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn codes(
    State(app): State<SharedApp>,
    principal: Principal,
    Body(body): Body<CodesBody>,
) -> ApiResult<(StatusCode, Json<Vec<CodeRow>>)> {
    principal.one_of(&[Role::Admin, Role::Supervisor])?;
    let person: Option<PersonId> = body.person.map(|p| p.parse()).transpose().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let worker = app.clone();
    let codes = app.blocking(move || ops::people::codes(&worker, person.as_ref())).await?;
    let rows = codes.into_iter().map(|(person, code)| CodeRow { person_id: person.to_string(), code }).collect();
    Ok((StatusCode::CREATED, Json(rows)))
}

/// A month's data as CSV, for staff: `visits`, `stock`, `orders`, `missed`, `scores`.
#[utoipa::path(get, path = "/v1/export/{what}/{month}", tag = "administration", params(("what" = String, Path), ("month" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn export(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((what, month)): Path<(String, String)>,
) -> ApiResult<Response> {
    principal.staff()?;
    let what =
        Export::from_str(&what, false).map_err(|_| ApiError::with(Code::Invalid, "what: visits, stock, orders, missed or scores"))?;
    let month: Month = month.parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let worker = app.clone();
    let csv = app.blocking(move || ops::export::to_csv(&worker, what, month)).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response())
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordAnswer {
    pub login: String,
    pub password: String,
}

/// Gives a login a new password, for admins; whoever has the old one is signed out.
#[utoipa::path(post, path = "/v1/passwords/{login}", tag = "administration", params(("login" = String, Path)),
    responses((status = 201, body = PasswordAnswer), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn reset_password(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(login): Path<String>,
) -> ApiResult<(StatusCode, Json<PasswordAnswer>)> {
    principal.one_of(&[Role::Admin])?;
    let worker = app.clone();
    let answer = app
        .blocking(move || {
            let password = password::reset(&worker, &login)?;
            Ok(PasswordAnswer { login, password })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(answer)))
}
