//! What is held back: the list, and what staff rule.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use shared::reference::Role;

use super::Body;
use super::openapi::ProblemBody;
use crate::auth::Principal;
use crate::error::ApiResult;
use crate::quarantine::{self, HeldRow, Ruled};
use crate::state::SharedApp;

/// Every change that is held back, oldest first, for staff.
#[utoipa::path(get, path = "/v1/quarantine", tag = "quarantine", responses((status = 200, body = [HeldRow]), (status = 403, body = ProblemBody)))]
pub async fn list(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Json<Vec<HeldRow>>> {
    principal.staff()?;
    let worker = app.clone();
    Ok(Json(app.blocking(move || quarantine::list(&worker)).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct RulingBody {
    pub ruling: RulingKind,
}

#[derive(Clone, Copy, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RulingKind {
    /// Let it in, with what was held back because of it.
    Release,
    Reject,
}

/// Releases or rejects a change that is held back; its device is told with its next sync.
#[utoipa::path(post, path = "/v1/quarantine/{id}", tag = "quarantine", params(("id" = i64, Path)), request_body = RulingBody,
    responses((status = 200, body = Ruled), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn rule(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(id): Path<i64>,
    Body(body): Body<RulingBody>,
) -> ApiResult<Json<Ruled>> {
    principal.one_of(&[Role::Admin, Role::Supervisor])?;
    let worker = app.clone();
    let ruled = app
        .blocking(move || match body.ruling {
            RulingKind::Release => quarantine::release(&worker, id, principal.person.as_str()),
            RulingKind::Reject => quarantine::reject(&worker, id, principal.person.as_str()),
        })
        .await?;
    Ok(Json(ruled))
}
