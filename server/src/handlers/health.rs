//! Whether the server lives, is ready, and how it does.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::error::ApiResult;
use crate::state::SharedApp;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String)))]
pub async fn live() -> &'static str {
    "ok\n"
}

/// The store answers.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses((status = 200, body = String), (status = 500)))]
pub async fn ready(State(app): State<SharedApp>) -> ApiResult<&'static str> {
    let worker = app.clone();
    app.blocking(move || Ok(worker.store.dirty_count()?)).await?;
    Ok("ready\n")
}

/// Counters, in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String)))]
pub async fn metrics(State(app): State<SharedApp>) -> ApiResult<impl IntoResponse> {
    let worker = app.clone();
    let (dirty, behind) = app.clone().blocking(move || worker.boards.behind(&worker)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render(dirty, behind)))
}
