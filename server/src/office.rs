//! Head office writes into field work: an action of staff becomes a change like a device's, by head office's own actor, in
//! the same log, so that devices receive it with their next sync; the audit log says who did it.

use std::sync::PoisonError;

use serde::Serialize;
use serde_json::{Value, json};
use shared::doc::{Action, Document, Goals, ShopFile};
use shared::ids::{ActionId, DocumentId};
use shared::problem::Code;
use shared::reference::Role;

use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::ingest::guard;
use crate::ingest::staff::{Denied, may_write};
use crate::state::App;
use crate::store::Authored;

/// What became of an action of staff.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Written {
    pub document: String,
    /// The change that it rests on; none: everything was so already.
    pub change: Option<String>,
}

/// A document as it is; from its genesis if nothing of it is here.
pub fn document(app: &App, id: &DocumentId) -> ApiResult<Document> {
    let batches = app.store.batches(id)?;
    let chunks = batches.iter().flat_map(|batch| guard::split(&batch.body));
    Document::of_changes(id.clone(), chunks).map_err(|fault| ApiError::with(Code::Invalid, format!("{id} can't be read: {fault}")))
}

/// A document's content, for staff.
pub fn view(app: &App, id: &DocumentId) -> ApiResult<Value> {
    let document = document(app, id)?;
    let content = match id {
        DocumentId::Day { .. } => json!(document.sheet_facts()),
        DocumentId::Shop { .. } => json!(ShopFile::overlay([&document])),
        DocumentId::Goals { .. } => json!(Goals::read(&document)),
    };
    Ok(json!({ "document": id, "content": content }))
}

/// Does an action of staff on a document, if their role lets them. The same `id` again, as after a lost answer, does nothing
/// more. When this returns, it is on the disk.
pub fn act(app: &App, (who, role): (&str, Role), id: &DocumentId, action: &Action, action_id: ActionId) -> ApiResult<Written> {
    // Head office has one actor: two changes at once would have one number.
    let _alone = app.authoring.lock().unwrap_or_else(PoisonError::into_inner);
    let now_ms = app.clock.now_ms();
    let directory = app.directory();
    let unknown = || ApiError::with(Code::NotFound, format!("{id} is about nothing of this district"));
    let scope = directory.scope_of(id, directory.today(now_ms)).ok_or_else(unknown)?;
    if let DocumentId::Goals { person, .. } = id
        && directory.role_of(person) != Some(Role::Manager)
    {
        return Err(unknown());
    }
    let mut document = document(app, id)?;
    if let Some(done) = document.change_of(&action_id) {
        return Ok(Written { document: id.to_string(), change: Some(done.to_string()) });
    }
    may_write(role, who, action, &document).map_err(|denied| match denied {
        Denied::Role(what) => ApiError::with(Code::Forbidden, what),
        Denied::Never(what) => ApiError::with(Code::Invalid, what),
    })?;
    let action = &dated(action, now_ms);
    let authored = document.act(app.office, action_id, now_ms, action).map_err(|fault| ApiError::with(Code::Invalid, fault))?;
    let Some(chunk) = authored else { return Ok(Written { document: id.to_string(), change: None }) };
    let change = guard::check(&chunk.bytes, id).map_err(|(reason, _)| ApiError::internal(format!("{id}: {}", reason.code())))?;
    let audit = vec![decisions::entry(app, who, "document.act", id.to_string(), action)?];
    let appended = app.store.author(id, Authored { change, scope, audit })?;
    app.poke(&appended.moved);
    app.wake.ring();
    Ok(Written { document: id.to_string(), change: Some(chunk.hash.to_string()) })
}

/// An agreement is of the moment in which head office writes it, whatever the request says.
fn dated(action: &Action, now_ms: i64) -> Action {
    match action {
        Action::AgreeGoal { id, as_manager, .. } => Action::AgreeGoal { id: id.clone(), as_manager: *as_manager, at_ms: now_ms },
        other => other.clone(),
    }
}

/// A UUIDv7 of now.
pub fn fresh_id(app: &App) -> ActionId {
    let now = u64::try_from(app.clock.now_ms()).unwrap_or(0);
    ActionId(uuid::Builder::from_unix_timestamp_millis(now, &app.random::<10>()).into_uuid().into_bytes())
}
