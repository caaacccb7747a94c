//! Publishing: a month's scores become an immutable, signed revision, with everything that they were scored from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::hex::hex;
use shared::ids::{DocumentId, PersonId};
use shared::problem::Code;
use shared::published::{
    Header, HeldBack, Input, PublishedScores, PublishedShare, Recomputed, digest_of, hash_of, merkle, message, score_json,
};
use shared::reference::{Reference, Role};
use shared::scheme::scheme_of;
use shared::time::{Month, parse_time};
use shared::{limits, wire};

use super::hold::{self, Before, Holding, as_before};
use crate::decisions::{self, decide};
use crate::error::{ApiError, ApiResult};
use crate::scores::{completeness, shares_of, slice_of};
use crate::state::App;
use crate::store::decision::{Decision, InputRef, StoredInput, StoredRevision};

/// What is to be published.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Publication {
    /// The latest revision that the publisher has seen; 0: the month was open.
    pub seen: u32,
    /// Publish although some managers' work is not all here.
    #[serde(default)]
    pub incomplete: bool,
    /// Managers who stay as they were published before, each with the reason; beside those whose restatement is held back
    /// already.
    #[serde(default)]
    #[schema(value_type = Vec<serde_json::Value>)]
    pub hold: Vec<HeldBack>,
    /// Managers whose restatement was held back, and is published now.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub release: Vec<PersonId>,
}

/// What was published.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Published {
    pub month: String,
    pub revision: u32,
    pub hash: String,
    pub input_hash: String,
    pub managers: usize,
    /// Points that the revision rests on, one a person and indicator.
    pub points: usize,
    /// Managers who stay as they were in the revision before, and why.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub held_back: Vec<HeldBack>,
    /// What is recorded about the month, and not approved: it is not in the revision.
    pub awaiting_approval: Vec<String>,
    /// Managers whose work up to the month's end is not all here.
    #[schema(value_type = Vec<String>)]
    pub silent: Vec<PersonId>,
    /// Work of the month that is held back at head office, and not ruled on.
    pub held_work: Vec<HeldWork>,
}

/// Changes of one manager's devices.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HeldWork {
    #[schema(value_type = String)]
    pub person: PersonId,
    pub changes: usize,
}

/// What the revision is made from, ready to be scored.
struct Material {
    common: Input,
    parts: Vec<Input>,
    held_back: Vec<HeldBack>,
    /// How the held back would have come out.
    now: BTreeMap<PersonId, [u8; 32]>,
}

/// Publishes the next revision of a month.
pub fn publish(app: &App, month: Month, who: &str, publication: &Publication) -> ApiResult<Published> {
    crate::materialise::settle(app)?;
    let revisions = app.store.revisions(month)?;
    let last = revisions.last();
    let seen = last.map_or(0, |last| last.revision);
    if publication.seen != seen {
        return Err(ApiError::with(Code::ChangedMeanwhile, format!("{month} is at revision {seen}, not {}", publication.seen)));
    }
    if seen >= limits::REVISIONS_MAX {
        return Err(ApiError::with(Code::TooLarge, format!("{month} has {seen} revisions, at most {}", limits::REVISIONS_MAX)));
    }
    over(app, month)?;
    let (silent, held_work) = (silent(app, month)?, held_work(app, month)?);
    if last.is_none() && !publication.incomplete {
        complete(month, &silent, &held_work)?;
    }
    let material = material(app, month, last, publication)?;
    let refer = |input: &Input| InputRef { person: input.person.clone(), hash: input.hash() };
    let hashes: Vec<InputRef> = std::iter::once(&material.common).chain(&material.parts).map(refer).collect();
    let awaiting_approval = awaiting(app, month)?;
    let published = write(app, month, (who, publication), last, material, hashes)?;
    Ok(Published { awaiting_approval, silent, held_work, ..published })
}

/// A month is published when it is over.
fn over(app: &App, month: Month) -> ApiResult<()> {
    let today = app.directory().today(app.clock.now_ms());
    if today > month.last_day() {
        return Ok(());
    }
    Err(ApiError::with(Code::NotYet, format!("{month} ends on {}, and today is {today}", month.last_day())))
}

/// Managers whose work up to the month's end is not all here.
fn silent(app: &App, month: Month) -> ApiResult<Vec<PersonId>> {
    let directory = app.directory();
    let midnight = parse_time("23:59:59").map_err(ApiError::internal)?;
    let end_ms = directory.zone.instant(month.last_day(), midnight);
    let complete = completeness(app)?;
    let managers = directory.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
    let silent = managers.filter(|(id, _)| complete.get(*id).copied().flatten().is_none_or(|up_to| up_to <= end_ms));
    Ok(silent.map(|(id, _)| id.clone()).collect())
}

/// Silence is not zero: whose work up to the month's end is not all here, or is here and held back, is named.
fn complete(month: Month, silent: &[PersonId], held: &[HeldWork]) -> ApiResult<()> {
    let mut faults = Vec::new();
    if !silent.is_empty() {
        faults.push(format!("not all work up to {} is here: {}", month.last_day(), listed(silent.iter())));
    }
    if !held.is_empty() {
        let persons = held.iter().map(|HeldWork { person, changes }| format!("{person} ({changes} changes)"));
        faults.push(format!("held back at head office, to be ruled on: {}", listed(persons)));
    }
    if faults.is_empty() { Ok(()) } else { Err(ApiError::with(Code::NotYet, faults.join("; "))) }
}

fn listed(all: impl ExactSizeIterator<Item = impl ToString>) -> String {
    let others = all.len().saturating_sub(20);
    let listed = all.take(20).map(|one| one.to_string()).collect::<Vec<_>>().join(", ");
    if others > 0 { format!("{listed} and {others} others") } else { listed }
}

/// Changes of a month's sheets that are held back and not ruled on, by whose device they came from.
fn held_work(app: &App, month: Month) -> ApiResult<Vec<HeldWork>> {
    if app.store.held_counts()?.is_empty() {
        return Ok(Vec::new());
    }
    let mut out = BTreeMap::new();
    let persons: BTreeMap<_, _> = app.store.devices()?.into_iter().map(|device| (device.device, device.person)).collect();
    for held in app.store.held(false)? {
        let of_month = matches!(held.document.parse(), Ok(DocumentId::Day { date, .. }) if Month::of(date) == month);
        if let Some(person) = persons.get(&held.device).filter(|_| of_month && !held.rejected) {
            *out.entry(person.clone()).or_insert(0) += 1;
        }
    }
    Ok(out.into_iter().map(|(person, changes)| HeldWork { person, changes }).collect())
}

fn material(app: &App, month: Month, last: Option<&StoredRevision>, publication: &Publication) -> ApiResult<Material> {
    let Publication { hold: holding, release, .. } = publication;
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid in {month}")))?;
    let common = Input::common(&directory.reference, &scheme);
    let before = last.map(|last| Before::of(last, &common)).transpose()?;
    let kept = Holding::of(app, month, &common, before.as_ref())?;
    let mut held: BTreeMap<&PersonId, HeldBack> = holding.iter().map(|held| (&held.person, held.clone())).collect();
    let mut parts = Vec::new();
    let mut held_back = Vec::new();
    let mut outcomes = BTreeMap::new();
    for share in shares_of(app, &directory, month, None)? {
        let slice = slice_of(app, &directory, std::slice::from_ref(&share), month)?;
        let part = Input::of(&share, &slice.reference, &slice.visits);
        let back = match &share.person {
            Some(person) if !release.contains(person) && !held.contains_key(person) => kept.already(person, &part)?,
            Some(person) => held.remove(person),
            None => None,
        };
        match back {
            Some(back) => {
                parts.push(as_before(app, &share, &back, before.as_ref(), &part)?);
                outcomes.insert(back.person.clone(), kept.outcome(&part)?);
                held_back.push(back);
            }
            None => parts.push(part),
        }
    }
    if let Some(unknown) = held.keys().next() {
        return Err(ApiError::with(Code::NotFound, format!("{unknown} has no score in {month} to hold back")));
    }
    Ok(Material { common, parts, held_back, now: outcomes })
}

fn awaiting(app: &App, month: Month) -> ApiResult<Vec<String>> {
    let events = super::events::cases(app)?.into_iter().filter(|(_, case)| case.body.awaits() && Month::of(case.body.date) == month);
    let disputes = super::disputes::cases(app, Some(month))?.into_iter().filter(|(_, case)| case.body.proposal.is_some());
    let transfers = crate::targets::list(app, Some(month), None)?.into_iter().filter(|row| row.transfer.closed.is_none());
    let ruled = disputes.map(|(id, _)| format!("the ruling on dispute {id}"));
    Ok(events.map(|(id, _)| format!("event {id}")).chain(ruled).chain(transfers.map(|row| format!("transfer {}", row.id))).collect())
}

fn write(
    app: &App,
    month: Month,
    (who, publication): (&str, &Publication),
    last: Option<&StoredRevision>,
    material: Material,
    inputs: Vec<InputRef>,
) -> ApiResult<Published> {
    let Material { common, parts, held_back, now } = material;
    let records = hold::by_publication(app, month, (who, publication), last.map_or(0, |last| last.revision), &now)?;
    let revision = last.map_or(0, |last| last.revision) + 1;
    let mut recomputed = Recomputed::begin(month, &common).map_err(ApiError::internal)?;
    for part in &parts {
        recomputed.add(part).map_err(ApiError::internal)?;
    }
    if let Some((person, indicator)) = recomputed.astray.first() {
        return Err(ApiError::internal(format!("the receipt of {person} for {indicator} does not come to its points")));
    }
    let scheme = recomputed.scheme().hash;
    let (score, leaves) = recomputed.finish();
    if let Some(last) = last
        && super::leaves(last)? == leaves
        && PublishedScores::new(score.clone(), last.revision).to_json() == last.scores
    {
        return Err(ApiError::with(Code::NotYet, format!("nothing has changed since revision {} of {month}", last.revision)));
    }
    let scores = PublishedScores::new(score, revision);
    let header = Header {
        month,
        revision,
        predecessor: last.map(|last| hash_of(&last.header)),
        scheme,
        inputs_root: merkle::root(&leaves.iter().map(|leaf| leaf.hash).collect::<Vec<_>>()),
        leaves: leaves.len() as u32,
        inputs: digest_of(&inputs.iter().map(|input| input.hash).collect::<Vec<_>>()),
        scores_root: merkle::root(&scores.leaves()),
        managers: scores.score.managers.len() as u32,
        published_ms: app.clock.now_ms(),
        published_by: who.into(),
        held_back,
    };
    let bytes = header.to_bytes();
    let signature = app.keys.sign(&message(&bytes));
    // Inputs are named by what is in them: those of a publication that is broken off here are found again by the next.
    for (input, InputRef { hash, .. }) in std::iter::once(&common).chain(&parts).zip(&inputs) {
        let stored = StoredInput { hash: *hash, body: wire::pack(input) };
        app.store.decide(Decision { inputs: vec![stored], ..Decision::default() })?;
    }
    let stored = StoredRevision {
        month,
        revision,
        header: bytes.clone(),
        signature: signature.to_vec(),
        scores: scores.to_json(),
        leaves: minicbor::to_vec(&leaves).map_err(ApiError::internal)?,
        inputs,
    };
    let said = serde_json::json!({
        "revision": revision, "hash": hex(&hash_of(&bytes)), "held_back": header.held_back, "released": publication.release,
    });
    let audit = decisions::entry(app, who, "month.publish", format!("month/{month}"), &said)?;
    let reference = shares(&scores, month, &bytes, &signature);
    let decision = Decision { reference, revision: Some(stored), records, audit: vec![audit], ..Decision::default() };
    decide(app, decision)?;
    Ok(Published {
        month: month.to_string(),
        revision,
        hash: hex(&hash_of(&bytes)),
        input_hash: hex(&header.inputs_root),
        managers: scores.score.managers.len(),
        points: leaves.len(),
        held_back: header.held_back,
        awaiting_approval: Vec::new(),
        silent: Vec::new(),
        held_work: Vec::new(),
    })
}

/// What each manager's devices keep of the revision.
fn shares(scores: &PublishedScores, month: Month, header: &[u8], signature: &[u8]) -> Vec<(shared::ids::Scope, shared::reference::Row)> {
    let tree = scores.leaves();
    let mut reference = Reference::default();
    for (at, manager) in scores.score.managers.iter().enumerate() {
        let share = PublishedShare {
            header: header.to_vec().into(),
            signature: signature.to_vec().into(),
            score: score_json(manager),
            at: at as u32 + 1,
            path: merkle::path(&tree, at + 1).into_iter().map(|hash| hash.to_vec().into()).collect(),
        };
        reference.published.insert((manager.person_id.clone(), month, scores.revision), share);
    }
    reference.rows()
}
