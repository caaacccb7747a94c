//! What the command lines do, over the API: import, enrolment codes, exports, passwords.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
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
use crate::tables::{Format, csv_to_xlsx};

#[derive(Deserialize, utoipa::ToSchema)]
pub struct ImportBody {
    /// File name (`people.csv`, `scheme.toml`, …) → its text.
    pub files: BTreeMap<String, String>,
    /// Files that are the whole truth: rows that they lack are removed.
    #[serde(default)]
    pub replace: Vec<String>,
    /// Only say what it would do.
    #[serde(default)]
    pub dry_run: bool,
}

/// What an import found; see `roundsman import --format json`.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body that import::Report is written as")]
pub struct ImportReport {
    files: Vec<ImportFile>,
    warnings: Vec<String>,
    /// The first of them, by file and line.
    faults: Vec<ImportFault>,
    /// All faults, listed or not. 0: the files can be, or were, imported.
    faults_found: u64,
}

#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "as above")]
pub struct ImportFile {
    file: String,
    rows: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    removed: u64,
}

#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "as above")]
pub struct ImportFault {
    file: String,
    /// From 1; none: the file as a whole.
    line: Option<u64>,
    column: Option<String>,
    value: String,
    what: String,
}

/// 200 with what was done, or 422 with every fault.
pub fn import_answer(done: Result<import::Report, import::Report>) -> Response {
    let json = |text: String| ([(header::CONTENT_TYPE, "application/json")], text);
    match done {
        Ok(report) => json(report.to_json()).into_response(),
        Err(report) => (StatusCode::UNPROCESSABLE_ENTITY, json(report.to_json())).into_response(),
    }
}

async fn take_in(app: SharedApp, principal: Principal, folder: Folder, replace: Vec<String>, dry_run: bool) -> ApiResult<Response> {
    if folder.files.is_empty() {
        return Err(ApiError::with(Code::Invalid, format!("files: none of {}", import::FILES.join(", "))));
    }
    let (worker, who) = (app.clone(), principal.person.clone());
    let done = app
        .blocking(move || match dry_run {
            true => ops::import::check(&worker, &folder, &replace),
            false => ops::import::take_in(&worker, &folder, &replace, ops::import::Author::of_files(who.as_str()), &mut |_, _, _| {}),
        })
        .await?;
    tracing::info!(person = %principal.person, sound = done.is_ok(), dry_run, "an import over the API");
    Ok(import_answer(done))
}

/// Imports a district, for admins: all of it (200), or nothing and every fault listed (422). With `dry_run` nothing either
/// way.
#[utoipa::path(post, path = "/v1/import", tag = "administration", request_body = ImportBody,
    responses((status = 200, body = ImportReport), (status = 403, body = ProblemBody), (status = 422, body = ImportReport)))]
pub async fn import(State(app): State<SharedApp>, principal: Principal, Body(body): Body<ImportBody>) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let (known, unknown): (Vec<_>, Vec<_>) = body.files.into_iter().partition(|(name, _)| import::FILES.contains(&name.as_str()));
    let folder = Folder {
        files: known.into_iter().map(|(name, text)| (name, text.into_bytes())).collect(),
        unknown: unknown.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>(),
    };
    take_in(app, principal, folder, body.replace, body.dry_run).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkbookQuery {
    /// Only say what it would do.
    #[serde(default)]
    dry_run: bool,
    /// Files, with commas between them, that are the whole truth.
    #[serde(default)]
    replace: String,
}

/// Imports an Excel workbook, a sheet a file, for admins; as `/v1/import`.
#[utoipa::path(post, path = "/v1/import/workbook", tag = "administration", params(WorkbookQuery),
    request_body(content = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    responses((status = 200, body = ImportReport), (status = 403, body = ProblemBody), (status = 422, body = ImportReport)))]
pub async fn import_workbook(
    State(app): State<SharedApp>,
    principal: Principal,
    Query(query): Query<WorkbookQuery>,
    body: Bytes,
) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let folder = app.clone().blocking(move || import::read_workbook(&body).map_err(|e| ApiError::with(Code::Invalid, e))).await?;
    let replace = query.replace.split(',').filter(|file| !file.is_empty()).map(str::to_string).collect();
    take_in(app, principal, folder, replace, query.dry_run).await
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
    let codes = app.blocking(move || ops::people::codes(&worker, person.as_ref(), principal.person.as_str())).await?;
    let rows = codes.into_iter().map(|(person, code)| CodeRow { person_id: person.to_string(), code }).collect();
    Ok((StatusCode::CREATED, Json(rows)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `csv` (default) or `xlsx`.
    format: Option<String>,
}

/// A month's data as CSV or Excel, for staff: `visits`, `stock`, `orders`, `missed`, `scores`.
#[utoipa::path(get, path = "/v1/export/{what}/{month}", tag = "administration", params(("what" = String, Path), ("month" = String, Path), ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn export(
    State(app): State<SharedApp>,
    principal: Principal,
    Path((what, month)): Path<(String, String)>,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    principal.staff()?;
    let what =
        Export::from_str(&what, false).map_err(|_| ApiError::with(Code::Invalid, "what: visits, stock, orders, missed or scores"))?;
    let month: Month = month.parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let worker = app.clone();
    let format = query.format.as_deref().map(str::parse).transpose()?.unwrap_or(Format::Csv);
    let name = format!("{}-{month}", what.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default());
    let file = name.clone();
    let bytes = app
        .blocking(move || {
            let csv = ops::export::to_csv(&worker, what, month)?;
            if format == Format::Csv { Ok(csv.into_bytes()) } else { csv_to_xlsx(&name, &csv) }
        })
        .await?;
    Ok(super::tables::file(&file, format, bytes))
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
            let password = password::reset(&worker, &login, principal.person.as_str())?;
            Ok(PasswordAnswer { login, password })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(answer)))
}
