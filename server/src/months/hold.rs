//! What staff hold back of a published month: a manager stays as in the revision before until it changes or is released.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::hex::hex;
use shared::ids::PersonId;
use shared::limits;
use shared::problem::Code;
use shared::published::{HeldBack, Input, Leaf, Recomputed, digest_of};
use shared::scheme::scheme_of;
use shared::score::{Receipt, Share};
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
    /// What its points would rest on: [`outcome`], hexadecimal.
    pub outcome: String,
    /// A publication has let it go.
    #[serde(default)]
    pub released: bool,
}

impl HeldCase {
    fn of(app: &App, back: &HeldBack, by: &str, revision: u32, outcome: &[u8; 32]) -> Self {
        let (reason, by, at_ms) = (back.reason.clone(), by.into(), app.clock.now_ms());
        Self { reason, by, at_ms, revision, outcome: hex(outcome), released: false }
    }

    /// Whether exactly this is held back.
    fn holds(&self, outcome: &[u8; 32]) -> bool {
        self.outcome == hex(outcome)
    }
}

/// What a manager's points rest on: the hash over their receipts' leaves. What was only read beside them, as facts of other
/// months, is not in it, and lets no hold go.
fn outcome(recomputed: &Recomputed, input: &Input) -> ApiResult<[u8; 32]> {
    let receipts = recomputed.receipts(input).map_err(ApiError::internal)?;
    Ok(digest_of(&receipts.iter().map(Receipt::leaf).collect::<Vec<_>>()))
}

/// How a restatement stands to what staff hold back.
pub(super) enum Standing {
    Free,
    Held(HeldCase),
    /// It was held back, and came out otherwise since.
    Changed(HeldCase),
}

/// What is held back of a manager, and was not let go.
fn kept(app: &App, month: Month, person: &PersonId) -> ApiResult<Option<HeldCase>> {
    Ok(find(app, month, person)?.map(|found| found.body).filter(|case| !case.released))
}

pub(super) fn standing(app: &App, month: Month, person: &PersonId, now: Option<(&Recomputed, &Input)>) -> ApiResult<Standing> {
    let Some(case) = kept(app, month, person)? else { return Ok(Standing::Free) };
    let same = match now {
        Some((recomputed, input)) => case.holds(&outcome(recomputed, input)?),
        None => false,
    };
    Ok(if same { Standing::Held(case) } else { Standing::Changed(case) })
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
    let common = Input::common(&directory.reference, &scheme);
    let before = Before::of(&last, &common)?;
    let share = shares_of(app, &directory, month, None)?.into_iter().find(|share| share.person.as_ref() == Some(&back.person));
    let share = share.ok_or_else(|| ApiError::with(Code::NotFound, format!("{} has no score in {month}", back.person)))?;
    let slice = slice_of(app, &directory, std::slice::from_ref(&share), month)?;
    let now = Input::of(&share, &slice.reference, &slice.visits);
    as_before(app, &share, back, Some(&before), &now)?;
    let recomputed = Recomputed::begin(month, &common).map_err(ApiError::internal)?;
    let case = HeldCase::of(app, back, who, last.revision, &outcome(&recomputed, &now)?);
    let found = find(app, month, &back.person)?;
    decide(app, write(app, month, &back.person, found.as_ref(), &case, (who, "restatement.hold"))?)
}

/// What a publication holds back stays so, and what it releases is not held back again. `now`: how the held back would have
/// come out. The audit log says it in the publication's own row.
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
        if let Some(outcome) = now.get(&back.person) {
            let found = find(app, month, &back.person)?;
            put(&back.person, found.as_ref(), &HeldCase::of(app, back, who, before, outcome))?;
        }
    }
    for person in publication.release.iter().filter(|person| !now.contains_key(*person)) {
        if let Some(found) = find(app, month, person)?.filter(|found| !found.body.released) {
            put(person, Some(&found), &HeldCase { released: true, ..found.body.clone() })?;
        }
    }
    Ok(records)
}

/// The publications' view of who is held back.
pub(super) struct Holding<'a> {
    app: &'a App,
    month: Month,
    recomputed: Recomputed,
    before: Option<&'a Before>,
}

impl<'a> Holding<'a> {
    pub fn of(app: &'a App, month: Month, common: &Input, before: Option<&'a Before>) -> ApiResult<Self> {
        Ok(Self { app, month, recomputed: Recomputed::begin(month, common).map_err(ApiError::internal)?, before })
    }

    pub fn outcome(&self, now: &Input) -> ApiResult<[u8; 32]> {
        outcome(&self.recomputed, now)
    }

    /// What staff hold back of a manager, if it is exactly what would be published now, and was not published before.
    ///
    /// # Errors
    /// It came out otherwise since: what was to be looked into is not paid out unseen.
    pub fn already(&self, person: &PersonId, now: &Input) -> ApiResult<Option<HeldBack>> {
        let Some(before) = self.before else { return Ok(None) };
        let Some(case) = kept(self.app, self.month, person)? else { return Ok(None) };
        let now = self.outcome(now)?;
        if before.outcome(person) == now {
            return Ok(None);
        }
        if case.holds(&now) {
            return Ok(Some(HeldBack { person: person.clone(), reason: case.reason }));
        }
        let what = format!("{person} was held back ({}) and has changed since: hold it back again, or release it", case.reason);
        Err(ApiError::with(Code::NotYet, what))
    }
}

/// The revision that somebody is to stay as in.
pub(super) struct Before {
    inputs: BTreeMap<PersonId, [u8; 32]>,
    leaves: Vec<Leaf>,
    /// Its scheme and SKUs are today's.
    same_rules: bool,
}

impl Before {
    pub fn of(last: &StoredRevision, common: &Input) -> ApiResult<Self> {
        let same_rules = last.inputs.first().is_some_and(|input| input.hash == common.hash());
        Ok(Self { inputs: inputs_by_person(last), leaves: super::leaves(last)?, same_rules })
    }

    /// As [`outcome`], of what was published.
    fn outcome(&self, person: &PersonId) -> [u8; 32] {
        digest_of(&self.leaves.iter().filter(|leaf| leaf.person == *person).map(|leaf| leaf.hash).collect::<Vec<_>>())
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
