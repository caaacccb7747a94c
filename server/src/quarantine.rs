//! Held changes: what staff see of them, what their rulings do, and what a new assignment lets in by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;
use shared::ids::DocumentId;
use shared::problem::Code;
use shared::wire::Reason;

use crate::auth::device::person_of;
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::ingest::authorise::authorise;
use crate::ingest::guard::names;
use crate::state::App;
use crate::store::decision::Decision;
use crate::store::{Appended, Held, Ruling};

/// A held change, for people.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HeldRow {
    pub id: i64,
    pub document: String,
    pub change: String,
    pub device: String,
    pub person: Option<String>,
    pub reason: String,
    pub received_ms: i64,
    /// Whether it can be released: its bytes are sound.
    pub releasable: bool,
}

/// What a ruling did, by verdict.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ruled {
    pub verdicts: BTreeMap<String, usize>,
}

pub fn list(app: &App) -> ApiResult<Vec<HeldRow>> {
    let people: BTreeMap<_, _> = app.store.devices()?.into_iter().map(|d| (d.device, d.person)).collect();
    let row = |held: Held| HeldRow {
        id: held.id,
        person: people.get(&held.device).map(ToString::to_string),
        document: held.document,
        change: held.hash.to_string(),
        device: held.device.to_string(),
        reason: held.reason.code().into(),
        received_ms: held.received_ms,
        releasable: held.change.is_some(),
    };
    Ok(app.store.held(false)?.into_iter().map(row).collect())
}

/// Lets a change in, whatever it was held back for, with what the same device did after it on the document and was held
/// back for the same reason; what was held back because of them follows by itself.
pub fn release(app: &App, id: i64, who: &str) -> ApiResult<Ruled> {
    let all = app.store.held(false)?;
    let held = all.iter().find(|held| held.id == id).ok_or_else(|| ApiError::new(Code::NotFound))?;
    if held.change.is_none() {
        return Err(ApiError::with(Code::Invalid, "its bytes are no change: it can only be rejected"));
    }
    let scope = scope_of(app, held)?;
    let alike =
        |other: &&Held| other.id >= id && (&other.document, &other.device, other.reason) == (&held.document, &held.device, held.reason);
    let rulings: Vec<_> = all.iter().filter(alike).map(|other| (other.id, Ruling::Admit(scope.clone()))).collect();
    let appended = app.store.rule(&rulings)?;
    finish(app, &appended);
    say(app, who, "quarantine.release", held, &all, &appended)?;
    Ok(ruled(&appended))
}

pub fn reject(app: &App, id: i64, who: &str) -> ApiResult<Ruled> {
    let all = app.store.held(false)?;
    let held = all.iter().find(|held| held.id == id).ok_or_else(|| ApiError::new(Code::NotFound))?;
    let appended = app.store.rule(&[(id, Ruling::Reject)])?;
    say(app, who, "quarantine.reject", held, &all, &appended)?;
    Ok(ruled(&appended))
}

/// The audit log's row of a ruling: of what was ruled on, and of everything that it let in or threw out with it. `all` is what
/// was held back before.
fn say(app: &App, who: &str, action: &'static str, held: &Held, all: &[Held], appended: &Appended) -> ApiResult<()> {
    let still: BTreeSet<i64> = app.store.held(false)?.iter().map(|held| held.id).collect();
    let settled = all.iter().filter(|other| other.document == held.document && !still.contains(&other.id));
    let settled = settled.map(|other| json!({"id": other.id, "change": other.hash.to_string(), "reason": other.reason.code()}));
    let about = json!({
        "document": held.document,
        "change": held.hash.to_string(),
        "reason": held.reason.code(),
        "settled": settled.collect::<Vec<_>>(),
        "verdicts": ruled(appended).verdicts,
    });
    let audit = decisions::entry(app, who, action, format!("quarantine/{}", held.id), &about)?;
    decisions::decide(app, Decision { audit: vec![audit], ..Decision::default() })
}

/// Judges again what no assignment allowed, and what was brought for a device that was not known: after assignments
/// changed, after an enrolment, and now and then.
pub fn reconsider(app: &App) -> ApiResult<()> {
    let held = app.store.held(false)?;
    let candidates = held.iter().filter(|held| matches!(held.reason, Reason::NotAssigned | Reason::ForeignActor));
    let admitted: Vec<(i64, Ruling)> = candidates.filter_map(|held| admit(app, held)).collect();
    finish(app, &app.store.rule(&admitted)?);
    Ok(())
}

/// Where a released change is filed: its document's own place, since staff decide over the assignment.
fn scope_of(app: &App, held: &Held) -> ApiResult<shared::ids::Scope> {
    let directory = app.directory();
    let document = held.document.parse::<DocumentId>().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let scope = directory.scope_of(&document, directory.today(app.clock.now_ms()));
    scope.ok_or_else(|| ApiError::with(Code::Invalid, format!("{} belongs to no route of this district", held.document)))
}

/// What the assignments say of a held change now; none: they still don't allow it.
fn admit(app: &App, held: &Held) -> Option<(i64, Ruling)> {
    let change = held.change.as_ref()?;
    let document: DocumentId = held.document.parse().ok()?;
    let author = app.store.device(&change.actor.device()).ok()??;
    // Only what its own author has brought: what another brought for them may be forged.
    let names = names(&change.bytes, &document);
    let theirs = names.only(&author.person, &author.device, |device| person_of(app, device));
    if author.revoked_ms.is_some() || held.device != author.device || !theirs {
        return None;
    }
    let directory = app.directory();
    let today = directory.today(app.clock.now_ms());
    let scope = authorise(&directory.reference, &directory.shops, &directory.zone, &author.person, &document, change.at_ms, today).ok()?;
    Some((held.id, Ruling::Admit(scope)))
}

fn finish(app: &App, appended: &Appended) {
    app.poke(&appended.moved);
    if !appended.moved.is_empty() {
        app.wake.ring();
    }
}

fn ruled(appended: &Appended) -> Ruled {
    let mut verdicts = BTreeMap::new();
    for (_, verdict, _) in &appended.verdicts {
        let name = serde_json::to_value(verdict).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default();
        *verdicts.entry(name).or_insert(0) += 1;
    }
    Ruled { verdicts }
}
