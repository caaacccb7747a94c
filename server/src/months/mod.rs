//! A month's life (scoring.md): open → published, an immutable signed revision → restatements → the next revision, or held
//! back; disputes and rulings; points that staff record. What is decided is in the audit log.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use shared::hex::hex;
use shared::ids::{IndicatorId, PersonId};
use shared::problem::Code;
use shared::published::{Header, HeldBack, Input, Leaf, Recomputed, hash_of};
use shared::score::{MonthPoints, PersonPoints, Rounded};
use shared::time::Month;
use shared::{limits, wire};

use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::{AuditRow, StoredRevision};

pub mod disputes;
pub mod events;
pub mod export;
pub mod hold;
pub mod publish;
pub mod restatement;

/// A month as it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MonthLife {
    pub month: String,
    /// `open` or `published`.
    pub status: &'static str,
    /// Oldest first.
    pub revisions: Vec<RevisionView>,
}

/// A revision's head, for people and programs. Hashes are hexadecimal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RevisionView {
    pub revision: u32,
    pub hash: String,
    pub predecessor: Option<String>,
    pub scheme_hash: String,
    /// The Merkle root over what the points rest on.
    pub input_hash: String,
    pub published_ms: i64,
    pub published_by: String,
    #[schema(value_type = Vec<Value>)]
    pub held_back: Vec<HeldBack>,
    pub signature: String,
}

pub fn life(app: &App, month: Month) -> ApiResult<MonthLife> {
    let revisions = app.store.revisions(month)?;
    let status = if revisions.is_empty() { "open" } else { "published" };
    Ok(MonthLife { month: month.to_string(), status, revisions: revisions.iter().map(view).collect::<ApiResult<_>>()? })
}

fn view(stored: &StoredRevision) -> ApiResult<RevisionView> {
    let header = header_of(stored)?;
    Ok(RevisionView {
        revision: header.revision,
        hash: hex(&hash_of(&stored.header)),
        predecessor: header.predecessor.map(|hash| hex(&hash)),
        scheme_hash: header.scheme.to_string(),
        input_hash: hex(&header.inputs_root),
        published_ms: header.published_ms,
        published_by: header.published_by,
        held_back: header.held_back,
        signature: hex(&stored.signature),
    })
}

pub fn header_of(stored: &StoredRevision) -> ApiResult<Header> {
    let what = || ApiError::internal(format!("revision {} of {} can't be read", stored.revision, stored.month));
    Header::from_bytes(&stored.header).ok_or_else(what)
}

/// The latest revision of a month; none: it is open.
pub fn latest(app: &App, month: Month) -> ApiResult<Option<StoredRevision>> {
    Ok(app.store.revision(month, None)?)
}

/// A revision of a month: the one asked for, or the latest.
pub fn revision(app: &App, month: Month, asked: Option<u32>) -> ApiResult<StoredRevision> {
    let found = app.store.revision(month, asked)?;
    let which = asked.map_or("revision".into(), |asked| format!("revision {asked}"));
    found.ok_or_else(|| ApiError::with(Code::NotFound, format!("{month} has no {which}")))
}

/// What a revision was scored from: first what all have in common.
pub fn input(app: &App, hash: &[u8; 32]) -> ApiResult<Input> {
    let body = app.store.input(hash)?.ok_or_else(|| ApiError::internal(format!("input {} is gone", hex(hash))))?;
    wire::open(&body, limits::REVISION_INPUT_BYTES_MAX).map_err(ApiError::internal)
}

pub fn leaves(stored: &StoredRevision) -> ApiResult<Vec<Leaf>> {
    minicbor::decode(&stored.leaves).map_err(ApiError::internal)
}

/// A revision's inputs by whom they are about.
pub fn inputs_by_person(stored: &StoredRevision) -> BTreeMap<PersonId, [u8; 32]> {
    stored.inputs.iter().filter_map(|input| Some((input.person.clone()?, input.hash))).collect()
}

/// Begins scoring a revision's inputs anew.
pub fn recompute(app: &App, stored: &StoredRevision) -> ApiResult<Recomputed> {
    let common = stored.inputs.first().ok_or_else(|| ApiError::internal("a revision without inputs"))?;
    Recomputed::begin(stored.month, &input(app, &common.hash)?).map_err(ApiError::internal)
}

/// The points of a revision, as the quarter counts them.
pub fn points(stored: &StoredRevision) -> ApiResult<MonthPoints> {
    #[derive(serde::Deserialize)]
    struct Scores {
        managers: Vec<Manager>,
    }
    #[derive(serde::Deserialize)]
    struct Manager {
        person_id: PersonId,
        total: Rounded,
        indicators: Vec<Indicator>,
    }
    #[derive(serde::Deserialize)]
    struct Indicator {
        id: IndicatorId,
        points: Rounded,
    }
    let scores: Scores = serde_json::from_str(&stored.scores).map_err(ApiError::internal)?;
    let people = scores.managers.into_iter().map(|manager| {
        let indicators = manager.indicators.into_iter().map(|indicator| (indicator.id, indicator.points)).collect();
        (manager.person_id, PersonPoints { total: manager.total, indicators })
    });
    Ok(MonthPoints { month: stored.month, revision: Some(stored.revision), people: people.collect() })
}

/// A revision's scores as they were published: all, or one person's part of them.
pub fn scores_json(stored: &StoredRevision, person: Option<&PersonId>) -> ApiResult<Value> {
    let mut scores: Value = serde_json::from_str(&stored.scores).map_err(ApiError::internal)?;
    let Some(person) = person else { return Ok(scores) };
    let theirs = |value: &Value| value["person_id"] == person.as_str();
    let own = scores["managers"].as_array().and_then(|managers| managers.iter().find(|manager| theirs(manager))).cloned();
    let own = own.ok_or_else(|| ApiError::with(Code::NotFound, format!("{person} is not in {} of {}", stored.revision, stored.month)))?;
    scores["visits"] = own["visits"].clone();
    scores["managers"] = Value::Array(vec![own]);
    if let Some(warnings) = scores["warnings"].as_array_mut() {
        warnings.retain(theirs);
    }
    Ok(scores)
}

/// A row of the audit log as JSON.
pub fn audit_view(row: &AuditRow) -> Value {
    let json =
        |text: &Option<String>| text.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| text.into()));
    serde_json::json!({ "id": row.id, "at_ms": row.at_ms, "who": row.who, "action": row.action, "subject": row.subject,
        "before": json(&row.before), "after": json(&row.after), "hash": hex(&row.hash) })
}
