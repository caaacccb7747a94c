//! Versions of the scheme: which there are, what differs, what one would have made of a month or a quarter.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::problem::Code;
use shared::reference::Role;
use shared::scheme::Scheme;
use shared::time::{Month, Quarter};

use super::Body;
use super::openapi::ProblemBody;
use super::parse;
use super::tables::AsFile;
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::schemes;
use crate::schemes::replay::{GateReading, Span};
use crate::schemes::view::SchemeRow;
use crate::state::SharedApp;
use crate::tables;

/// Every version as it is read, newest import first, for staff.
#[utoipa::path(get, path = "/v1/schemes", tag = "schemes", responses((status = 200, body = [SchemeRow]), (status = 403, body = ProblemBody)))]
pub async fn list(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<SchemeRow>>> {
    principal.staff()?;
    let worker = app.clone();
    Ok(Json(app.blocking(move || Ok(schemes::view::rows(&worker))).await?))
}

/// A version as its file was imported, for staff. The hash, or its first digits.
#[utoipa::path(get, path = "/v1/schemes/{hash}", tag = "schemes", params(("hash" = String, Path)),
    responses((status = 200, body = String, content_type = "application/toml"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn text(State(app): State<SharedApp>, principal: Principal, Path(hash): Path<String>) -> ApiResult<impl IntoResponse> {
    principal.staff()?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], schemes::text_of(&app, &hash)?))
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct SchemeBody {
    /// The file's text.
    text: String,
}

/// Takes a scheme in as a further version, for admins: what came in (200), or every fault (422).
#[utoipa::path(post, path = "/v1/schemes", tag = "schemes", request_body = SchemeBody,
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 422, body = Value)))]
pub async fn import(State(app): State<SharedApp>, principal: Principal, Body(body): Body<SchemeBody>) -> ApiResult<Response> {
    principal.one_of(&[Role::Admin])?;
    let worker = app.clone();
    let taken = app.blocking(move || schemes::import(&worker, body.text.into_bytes(), principal.person.as_str())).await?;
    let json = |text: String| ([(header::CONTENT_TYPE, "application/json")], text);
    Ok(match taken {
        Ok(report) => json(report.to_json()).into_response(),
        Err(report) => (StatusCode::UNPROCESSABLE_ENTITY, json(report.to_json())).into_response(),
    })
}

/// A scheme by the hash of a stored version, or its first digits, or as a text that is stored nowhere.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchemeRef {
    Hash(String),
    Text(String),
}

impl SchemeRef {
    fn find(&self, app: &SharedApp) -> ApiResult<Scheme> {
        match self {
            Self::Hash(hash) => schemes::version(app, hash),
            Self::Text(text) => schemes::proposed(text),
        }
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct CompareBody {
    a: SchemeRef,
    b: SchemeRef,
}

/// Two schemes side by side, for staff; with `format` as a file.
#[utoipa::path(post, path = "/v1/schemes/compare", tag = "schemes", params(AsFile), request_body = CompareBody,
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn compare(
    State(app): State<SharedApp>,
    principal: Principal,
    Query(as_file): Query<AsFile>,
    Body(body): Body<CompareBody>,
) -> ApiResult<Response> {
    principal.staff()?;
    let comparison = shared::scheme::compare(&body.a.find(&app)?, &body.b.find(&app)?);
    match as_file.take(|| tables::comparison(&comparison))? {
        Some(file) => Ok(file),
        None => Ok(Json(comparison).into_response()),
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct ReplayBody {
    scheme: SchemeRef,
    /// `YYYYQn`; either this or a month.
    quarter: Option<String>,
    /// `YYYY-MM`.
    month: Option<String>,
    #[serde(default)]
    gate: GateReading,
}

/// What a scheme would have made of a month or a quarter, for staff; with `format` as a file. Nothing is stored.
#[utoipa::path(post, path = "/v1/schemes/replay", tag = "schemes", params(AsFile), request_body = ReplayBody,
    responses((status = 200, body = Value), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn replay(
    State(app): State<SharedApp>,
    principal: Principal,
    Query(as_file): Query<AsFile>,
    Body(body): Body<ReplayBody>,
) -> ApiResult<Response> {
    principal.staff()?;
    let span = match (&body.quarter, &body.month) {
        (Some(quarter), None) => Span::Quarter(parse::<Quarter>(quarter)?),
        (None, Some(month)) => Span::Month(parse::<Month>(month)?),
        _ => return Err(ApiError::with(Code::Invalid, "either `quarter` or `month`")),
    };
    let worker = app.clone();
    app.blocking(move || {
        let replay = schemes::replay::replay(&worker, &body.scheme.find(&worker)?, span, body.gate)?;
        if let Some(file) = as_file.take(|| tables::replay(&worker, &replay))? {
            return Ok(file);
        }
        // Written as it is read, since a district's quarter is large.
        let json = serde_json::to_vec(&replay).map_err(ApiError::internal)?;
        Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
    })
    .await
}
