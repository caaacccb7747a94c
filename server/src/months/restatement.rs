//! Restatements: what would be different if a published month were scored by what is known now, per indicator, with the
//! facts that make the difference.

use serde::Serialize;
use serde_json::Value;
use shared::ids::{IndicatorId, PersonId};
use shared::limits;
use shared::published::{Input, Leaf, Recomputed};
use shared::scheme::scheme_of;
use shared::score::{Receipt, Rounded};
use shared::time::Month;

use super::hold::{self, HeldCase, Standing};
use super::{input, inputs_by_person, leaves, recompute};
use crate::error::{ApiError, ApiResult};
use crate::scores::{shares_of, slice_of};
use crate::state::App;

/// What has changed since a month's latest revision.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Restatement {
    pub month: String,
    /// The revision that it is compared with.
    pub revision: u32,
    /// The month's scheme, or the SKUs, are others than those of the revision.
    pub rules_changed: bool,
    /// By person; those of whom nothing has changed are left out.
    pub managers: Vec<ManagerRestatement>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ManagerRestatement {
    #[schema(value_type = String)]
    pub person_id: PersonId,
    /// None: the manager is not in the revision, or no longer in the month.
    #[schema(value_type = Option<String>)]
    pub total_before: Option<Rounded>,
    #[schema(value_type = Option<String>)]
    pub total_after: Option<Rounded>,
    /// In the scheme's order; those that rest on the same facts as before are left out.
    pub differences: Vec<Difference>,
    /// Staff hold exactly this back.
    #[schema(value_type = Option<Value>)]
    pub held_back: Option<HeldCase>,
    /// Staff held back what it was before it changed: it is published only when it is held back again or released.
    #[schema(value_type = Option<Value>)]
    pub held_before: Option<HeldCase>,
}

/// One indicator: its points before and after, and the facts that only one of the two rests on. A fact that changed is in
/// both lists.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Difference {
    #[schema(value_type = String)]
    pub indicator: IndicatorId,
    #[schema(value_type = Option<String>)]
    pub before: Option<Rounded>,
    #[schema(value_type = Option<String>)]
    pub after: Option<Rounded>,
    /// The gate, formula or rules differ, too.
    pub terms_changed: bool,
    pub facts_gone: Vec<Value>,
    pub facts_new: Vec<Value>,
    /// More facts than are listed.
    pub facts_unlisted: usize,
}

pub fn restatement(app: &App, month: Month) -> ApiResult<Restatement> {
    crate::materialise::settle(app)?;
    let stored = super::revision(app, month, None)?;
    let before = recompute(app, &stored)?;
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::internal(format!("no scheme is valid in {month} any more")))?;
    let common = Input::common(&directory.reference, &scheme);
    let rules_changed = stored.inputs.first().map(|input| input.hash) != Some(common.hash());
    let after = Recomputed::begin(month, &common).map_err(ApiError::internal)?;
    let mut inputs = inputs_by_person(&stored);
    let known = leaves(&stored)?;
    let mut managers = Vec::new();
    for share in shares_of(app, &directory, month, None)? {
        let Some(person) = &share.person else { continue };
        let slice = slice_of(app, &directory, std::slice::from_ref(&share), month)?;
        let now = Input::of(&share, &slice.reference, &slice.visits);
        let was = inputs.remove(person);
        let hash = now.hash();
        if was == Some(hash) && !rules_changed {
            continue;
        }
        let was = was.map(|hash| input(app, &hash)).transpose()?;
        let differences = compare(&before, was.as_ref(), &known, Some((&after, &now)), person)?;
        managers.extend(manager(app, month, person, differences, Some((&after, &now)))?);
    }
    for (person, hash) in inputs {
        let differences = compare(&before, Some(&input(app, &hash)?), &known, None, &person)?;
        managers.extend(manager(app, month, &person, differences, None)?);
    }
    managers.sort_by(|a, b| a.person_id.cmp(&b.person_id));
    Ok(Restatement { month: month.to_string(), revision: stored.revision, rules_changed, managers })
}

type Differences = (Option<Rounded>, Option<Rounded>, Vec<Difference>);

fn receipts(recomputed: &Recomputed, input: &Input) -> ApiResult<Vec<Receipt>> {
    recomputed.receipts(input).map_err(ApiError::internal)
}

fn compare(
    before: &Recomputed,
    was: Option<&Input>,
    known: &[Leaf],
    after: Option<(&Recomputed, &Input)>,
    person: &PersonId,
) -> ApiResult<Differences> {
    let old = was.map(|was| receipts(before, was)).transpose()?.unwrap_or_default();
    let new = after.map(|(recomputed, now)| receipts(recomputed, now)).transpose()?.unwrap_or_default();
    let total = |receipts: &[Receipt]| (!receipts.is_empty()).then(|| receipts.iter().map(|receipt| &receipt.points).sum());
    let mut differences = Vec::new();
    let order = if new.is_empty() { &old } else { &new };
    let gone = old.iter().filter(|receipt| !order.iter().any(|other| other.indicator == receipt.indicator));
    for Receipt { indicator, .. } in order.iter().chain(gone) {
        let find = |receipts: &'_ [Receipt]| receipts.iter().position(|receipt| receipt.indicator == *indicator);
        let (a, b) = (find(&old).map(|at| &old[at]), find(&new).map(|at| &new[at]));
        let leaf = known.iter().find(|leaf| leaf.person == *person && leaf.indicator == *indicator).map(|leaf| leaf.hash);
        if leaf.is_some() && leaf == b.map(Receipt::leaf) {
            continue;
        }
        differences.push(difference(indicator, a, b)?);
    }
    Ok((total(&old), total(&new), differences))
}

fn difference(indicator: &IndicatorId, before: Option<&Receipt>, after: Option<&Receipt>) -> ApiResult<Difference> {
    let values = |receipt: Option<&Receipt>| -> ApiResult<Vec<Value>> {
        let facts = receipt.into_iter().flat_map(|receipt| &receipt.facts);
        facts.map(|fact| serde_json::to_value(fact).map_err(ApiError::internal)).collect()
    };
    let (mut gone, mut new) = (values(before)?, values(after)?);
    // As multisets: what both have, once for once, is no difference.
    let key = |value: &Value| value.to_string();
    gone.sort_by_cached_key(key);
    new.sort_by_cached_key(key);
    let (gone, new) = apart(gone, new);
    let terms =
        |receipt: Option<&Receipt>| receipt.map(|receipt| (receipt.formula.clone(), receipt.visit_rules.clone(), receipt.gate.clone()));
    let most = limits::RESTATEMENT_FACTS_LISTED;
    let unlisted = gone.len().saturating_sub(most) + new.len().saturating_sub(most);
    let listed = |mut facts: Vec<Value>| {
        facts.truncate(most);
        facts
    };
    Ok(Difference {
        indicator: indicator.clone(),
        before: before.map(|receipt| receipt.points.clone()),
        after: after.map(|receipt| receipt.points.clone()),
        terms_changed: terms(before) != terms(after),
        facts_gone: listed(gone),
        facts_new: listed(new),
        facts_unlisted: unlisted,
    })
}

/// What is only in the first, and only in the second; both are sorted by their text.
fn apart(first: Vec<Value>, second: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    let (mut only_first, mut only_second) = (Vec::new(), Vec::new());
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    loop {
        match (first.peek().map(Value::to_string), second.peek().map(Value::to_string)) {
            (None, None) => return (only_first, only_second),
            (Some(a), Some(b)) if a == b => {
                first.next();
                second.next();
            }
            (Some(a), Some(b)) if a < b => only_first.extend(first.next()),
            (Some(_), None) => only_first.extend(first.next()),
            _ => only_second.extend(second.next()),
        }
    }
}

fn manager(
    app: &App,
    month: Month,
    person: &PersonId,
    (total_before, total_after, differences): Differences,
    now: Option<(&Recomputed, &Input)>,
) -> ApiResult<Option<ManagerRestatement>> {
    // What was read differs, but nothing that a point rests on.
    if differences.is_empty() {
        return Ok(None);
    }
    let (held_back, held_before) = match hold::standing(app, month, person, now)? {
        Standing::Free => (None, None),
        Standing::Held(case) => (Some(case), None),
        Standing::Changed(case) => (None, Some(case)),
    };
    Ok(Some(ManagerRestatement { person_id: person.clone(), total_before, total_after, differences, held_back, held_before }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_is_no_difference_and_repetitions_count() {
        let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
        assert_eq!(apart(values(&["a", "b", "b", "c"]), values(&["b", "c", "d"])), (values(&["a", "b"]), values(&["d"])));
        assert_eq!(apart(values(&[]), values(&["x"])), (values(&[]), values(&["x"])));
    }
}
