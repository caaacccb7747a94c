//! Decisions of staff: written with the audit log's row that says who, when, before and after.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::ids::PersonId;
use shared::problem::Code;
use shared::reference::Kind;

use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::{AuditEntry, Decision, RecordKind, RecordWrite};

/// Who decides, in the audit log, where a command is run on the data folder by nobody named.
pub const OPERATOR: &str = "operator";

/// A case with the version in which it was read.
#[derive(Clone, Debug)]
pub struct Case<T> {
    pub version: u64,
    pub body: T,
}

impl<T> Case<T> {
    /// The case, if it is as the one who decides has seen it. None: whoever runs a command decides on it as it is.
    pub fn as_seen(self, version: Option<u64>) -> ApiResult<Self> {
        if version.is_none_or(|seen| seen == self.version) {
            return Ok(self);
        }
        Err(ApiError::with(Code::ChangedMeanwhile, format!("it is at version {}", self.version)))
    }
}

/// A case of a kind; error: there is none.
pub fn case<T: DeserializeOwned>(app: &App, kind: RecordKind, key: &str) -> ApiResult<Case<T>> {
    let found = find(app, kind, key)?;
    found.ok_or_else(|| ApiError::with(Code::NotFound, format!("there is no {} {key}", kind.as_str())))
}

pub fn find<T: DeserializeOwned>(app: &App, kind: RecordKind, key: &str) -> ApiResult<Option<Case<T>>> {
    let Some(record) = app.store.record(kind, key)? else { return Ok(None) };
    Ok(Some(Case { version: record.version, body: read(kind, key, &record.body)? }))
}

/// Every case of a kind, by key.
pub fn cases<T: DeserializeOwned>(app: &App, kind: RecordKind) -> ApiResult<Vec<(String, Case<T>)>> {
    let case = |record: crate::store::decision::Record| {
        let body = read(kind, &record.key, &record.body)?;
        Ok((record.key, Case { version: record.version, body }))
    };
    app.store.records(kind)?.into_iter().map(case).collect()
}

fn read<T: DeserializeOwned>(kind: RecordKind, key: &str, body: &str) -> ApiResult<T> {
    serde_json::from_str(body).map_err(|e| ApiError::internal(format!("record {} {key}: {e}", kind.as_str())))
}

fn json<T: Serialize>(value: &T) -> ApiResult<String> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// A decision on one case: what it was, what it becomes, and the audit log's row of it.
pub fn on_case<T: Serialize>(
    app: &App,
    (kind, key): (RecordKind, &str),
    before: Option<&Case<T>>,
    after: &T,
    who: &str,
    action: &'static str,
) -> ApiResult<Decision> {
    let body = json(after)?;
    let seen = before.map_or(0, |case| case.version);
    let was = before.map(|case| json(&case.body)).transpose()?;
    let audit = AuditEntry {
        at_ms: app.clock.now_ms(),
        who: who.into(),
        action,
        subject: format!("{}/{key}", kind.as_str()),
        before: was,
        after: Some(body.clone()),
    };
    Ok(Decision { records: vec![RecordWrite { kind, key: key.into(), seen, body }], audit: vec![audit], ..Decision::default() })
}

/// A row of the audit log for what is no case.
pub fn entry(app: &App, who: &str, action: &'static str, subject: String, after: &impl Serialize) -> ApiResult<AuditEntry> {
    Ok(AuditEntry { at_ms: app.clock.now_ms(), who: who.into(), action, subject, before: None, after: Some(json(after)?) })
}

/// A row of the audit log for what goes, and what it was.
pub fn gone(app: &App, who: &str, action: &'static str, subject: String, was: String) -> AuditEntry {
    AuditEntry { at_ms: app.clock.now_ms(), who: who.into(), action, subject, before: Some(was), after: None }
}

/// Writes a decision; when this returns, it is on the disk and everybody who listens is told.
pub fn decide(app: &App, decision: Decision) -> ApiResult<()> {
    let kinds: BTreeSet<Kind> = decision.reference.iter().map(|(_, row)| row.kind).collect();
    let moved = app.store.decide(decision)?;
    // What is one person's alone is read for their scores, and is not in the directory.
    if kinds.iter().any(|kind| !matches!(kind, Kind::Event | Kind::Dispute | Kind::Published | Kind::OrderRuling)) {
        app.refresh_directory()?;
    } else if kinds.contains(&Kind::Event) || kinds.contains(&Kind::Dispute) {
        app.boards.note_upheaval();
        app.wake.ring();
    }
    app.poke(&moved);
    Ok(())
}

/// Who approves is not who recorded.
pub fn another(recorded_by: &str, who: &str) -> ApiResult<()> {
    if recorded_by == who { Err(ApiError::with(Code::SamePerson, format!("{who} has recorded it: another approves it"))) } else { Ok(()) }
}

/// Who a command is run by: a person of staff, or nobody named.
pub fn by(app: &App, person: Option<&PersonId>) -> ApiResult<String> {
    let Some(person) = person else { return Ok(OPERATOR.into()) };
    match app.directory().role_of(person) {
        Some(role) if role.is_staff() => Ok(person.to_string()),
        _ => Err(ApiError::with(Code::Forbidden, format!("{person} is nobody of staff"))),
    }
}
