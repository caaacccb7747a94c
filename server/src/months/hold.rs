//! What staff hold back of a published month: a manager stays as in the revision before until it changes or is released.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::hex::hex;
use shared::ids::PersonId;
use shared::limits;
use shared::problem::Code;
use shared::published::{HeldBack, Input};
use shared::scheme::scheme_of;
use shared::score::Share;
use shared::time::Month;

use super::publish::Publication;
use super::{input, inputs_by_person};
use crate::decisions::{self, Case, decide};
use crate::error::{ApiError, ApiResult};
use crate::scores::{shares_of, slice_of};
use crate::state::App;
use crate::store::decision::{Decision, RecordKind, RecordWrite, StoredRevision};

/// Why a restatement is held back, and which one it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldCase {
    pub reason: String,
    pub by: String,
    pub at_ms: i64,
    pub revision: u32,
    /// The hash of the inputs that it would be published from.
    pub input: String,
    /// A publication has let it go.
    #[serde(default)]
    pub released: bool,
}

impl HeldCase {
    fn of(app: &App, back: &HeldBack, by: &str, revision: u32, input: &[u8; 32]) -> Self {
        let (reason, by, at_ms) = (back.reason.clone(), by.into(), app.clock.now_ms());
        Self { reason, by, at_ms, revision, input: hex(input), released: false }
    }

    /// Whether inputs of this hash are held back.
    pub fn holds(&self, input: &str) -> bool {
        !self.released && self.input == input
    }
}

pub(super) fn find(app: &App, month: Month, person: &PersonId) -> ApiResult<Option<Case<HeldCase>>> {
    decisions::find(app, RecordKind::HeldBack, &format!("{month}/{person}"))
}

fn write(
    app: &App,
    month: Month,
    person: &PersonId,
    found: Option<&Case<HeldCase>>,
    case: &HeldCase,
    (who, action): (&str, &'static str),
) -> ApiResult<Decision> {
    decisions::on_case(app, (RecordKind::HeldBack, &format!("{month}/{person}")), found, case, who, action)
}

/// Holds a manager's restatement back, with the reason, without a revision: no revision has it before it is released. When it
/// changes, it shows again, and is not held back any more.
pub fn hold(app: &App, month: Month, who: &str, back: &HeldBack) -> ApiResult<()> {
    crate::materialise::settle(app)?;
    let last = super::revision(app, month, None)?;
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid in {month}")))?;
    let before = Before::of(&last, &Input::common(&directory.reference, &scheme));
    let share = shares_of(app, &directory, month, None)?.into_iter().find(|share| share.person.as_ref() == Some(&back.person));
    let share = share.ok_or_else(|| ApiError::with(Code::NotFound, format!("{} has no score in {month}", back.person)))?;
    let slice = slice_of(app, &directory, std::slice::from_ref(&share), month)?;
    let now = Input::of(&share, &slice.reference, &slice.visits);
    as_before(app, &share, back, Some(&before), &now)?;
    let (found, case) = (find(app, month, &back.person)?, HeldCase::of(app, back, who, last.revision, &now.hash()));
    decide(app, write(app, month, &back.person, found.as_ref(), &case, (who, "restatement.hold"))?)
}

/// What a publication holds back stays so, and what it releases is not held back again. `now`: what the held back would have
/// been published from. The audit log says it in the publication's own row.
pub(super) fn by_publication(
    app: &App,
    month: Month,
    (who, publication): (&str, &Publication),
    before: u32,
    now: &BTreeMap<PersonId, [u8; 32]>,
) -> ApiResult<Vec<RecordWrite>> {
    let mut records = Vec::new();
    let mut put = |person: &PersonId, found: Option<&Case<HeldCase>>, case: &HeldCase| {
        records.extend(write(app, month, person, found, case, (who, "month.publish"))?.records);
        ApiResult::Ok(())
    };
    for back in &publication.hold {
        if let Some(input) = now.get(&back.person) {
            let found = find(app, month, &back.person)?;
            put(&back.person, found.as_ref(), &HeldCase::of(app, back, who, before, input))?;
        }
    }
    for person in publication.release.iter().filter(|person| !now.contains_key(*person)) {
        if let Some(found) = find(app, month, person)?.filter(|found| !found.body.released) {
            put(person, Some(&found), &HeldCase { released: true, ..found.body.clone() })?;
        }
    }
    Ok(records)
}

/// What staff hold back of a manager, if it is exactly what would be published now, and was not published before.
pub(super) fn already(app: &App, month: Month, person: &PersonId, before: Option<&Before>, now: &Input) -> ApiResult<Option<HeldBack>> {
    if before.is_some_and(|before| before.inputs.get(person) == Some(&now.hash())) {
        return Ok(None);
    }
    let case = find(app, month, person)?.map(|found| found.body).filter(|case| case.holds(&hex(&now.hash())));
    Ok(case.map(|case| HeldBack { person: person.clone(), reason: case.reason }))
}

/// The revision that somebody is to stay as in.
pub(super) struct Before {
    inputs: BTreeMap<PersonId, [u8; 32]>,
    /// Its scheme and SKUs are today's.
    same_rules: bool,
}

impl Before {
    pub fn of(last: &StoredRevision, common: &Input) -> Self {
        let same_rules = last.inputs.first().is_some_and(|input| input.hash == common.hash());
        Self { inputs: inputs_by_person(last), same_rules }
    }
}

/// What a manager was scored from in the revision before.
pub(super) fn as_before(app: &App, share: &Share, back: &HeldBack, before: Option<&Before>, now: &Input) -> ApiResult<Input> {
    let refuse = |what: &str| Err(ApiError::with(Code::Invalid, format!("{} can't be held back: {what}", back.person)));
    if back.reason.trim().is_empty() || back.reason.len() > limits::TEXT_BYTES_MAX {
        return refuse("a reason is needed, of at most 4096 bytes");
    }
    let known = share.person.as_ref().zip(before).and_then(|(person, before)| Some((before.inputs.get(person)?, before.same_rules)));
    let Some((hash, same_rules)) = known else { return refuse("they are in no revision yet") };
    // A revision has one scheme: what was held back would come out by today's, and not be as it was.
    if !same_rules {
        return refuse("the scheme or the SKUs have changed since, for everybody");
    }
    let stored = input(app, hash)?;
    if stored == *now {
        return refuse("nothing of theirs has changed");
    }
    if stored.share().tells != share.tells {
        return refuse("their routes have changed hands since, so others' visits would be counted twice");
    }
    Ok(stored)
}
