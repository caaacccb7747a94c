//! Formulas: what is counted, and what was planned, become points (scoring.md, "Formulas"). Exact until the one rounding.

use minicbor::{Decode, Encode};
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::measures::Counted;
use super::number::{Rounded, whole};
use super::period::Period;
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId, Sku};
use crate::scheme::{Class, Formula, GateEffect, Indicator};

/// Whether an indicator could be scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[n(0)]
    Scored,
    /// The plan is missing or not over 0; 0 points.
    #[n(1)]
    NoPlan,
    /// The actual is 0 ÷ 0; 0 points.
    #[n(2)]
    NoData,
}

/// One indicator of one manager. In JSON `id`, `status`, for `ratio` also `actual` and `plan`, where there are
/// rulings `ruled`, then `points`.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct IndicatorScore {
    #[n(0)]
    pub id: IndicatorId,
    #[n(1)]
    pub status: Status,
    #[n(2)]
    pub working: Working,
    /// What the gate did to this indicator; none: nothing.
    #[n(3)]
    pub gate: Option<GateEffect>,
    /// Points of rulings on disputes, added after the formula; none: there are none.
    #[cbor(n(4), with = "crate::cbor::fraction_option")]
    pub ruled: Option<BigRational>,
    /// Before rounding, what was ruled included.
    #[cbor(n(5), with = "crate::cbor::fraction")]
    pub exact: BigRational,
    #[n(6)]
    pub points: Rounded,
}

/// What went into the formula.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Working {
    #[n(0)]
    Ratio {
        /// None: 0 ÷ 0.
        #[cbor(n(0), with = "crate::cbor::fraction_option")]
        actual: Option<BigRational>,
        #[n(1)]
        plan: Option<Dec>,
        /// After the gate; none: unbounded.
        #[cbor(n(2), with = "crate::cbor::fraction_option")]
        cap: Option<BigRational>,
    },
    #[n(1)]
    PerItem {
        /// The items with a plan over 0, in the order of the targets.
        #[n(0)]
        items: Vec<ItemScore>,
        /// After the gate.
        #[cbor(n(1), with = "crate::cbor::fraction")]
        cap: BigRational,
    },
    #[n(2)]
    Events {
        /// Before the clamp.
        #[cbor(n(0), with = "crate::cbor::fraction")]
        sum: BigRational,
    },
}

/// One item of a `per_item` indicator.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ItemScore {
    #[n(0)]
    pub sku: Sku,
    /// Credited shops that hold it.
    #[n(1)]
    pub outlets: u64,
    #[n(2)]
    pub plan: Dec,
    /// min(max(0, outlets ÷ plan), cap).
    #[cbor(n(3), with = "crate::cbor::fraction")]
    pub share: BigRational,
}

impl Serialize for IndicatorScore {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("status", &self.status)?;
        if let Working::Ratio { actual, plan, .. } = &self.working {
            map.serialize_entry("actual", &actual.as_ref().map(Rounded::of))?;
            map.serialize_entry("plan", plan)?;
        }
        if let Some(ruled) = &self.ruled {
            map.serialize_entry("ruled", &Rounded::of(ruled))?;
        }
        map.serialize_entry("points", &self.points)?;
        map.end()
    }
}

/// What a formula is applied to: what was counted of one person, and what was planned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Basis {
    /// `actual` none: 0 ÷ 0.
    Ratio { actual: Option<BigRational>, plan: Option<Dec> },
    /// The items with a plan over 0: SKU, credited shops that hold it, plan.
    PerItem { items: Vec<(Sku, u64, Dec)> },
    /// The sum of the points of the events.
    Events { sum: BigRational },
}

/// Scores one indicator of one person; `gated` is what the gate does to a gated person, if they are.
pub(super) fn indicator_score(
    period: &Period<'_>,
    person: &PersonId,
    counted: &Counted<'_>,
    indicator: &Indicator,
    gated: Option<GateEffect>,
) -> IndicatorScore {
    apply(indicator, basis(period, person, counted, indicator), ruled(period, person, &indicator.id), gated)
}

/// What the indicator's formula is applied to.
pub(super) fn basis(period: &Period<'_>, person: &PersonId, counted: &Counted<'_>, indicator: &Indicator) -> Basis {
    match &indicator.formula {
        Formula::Ratio { measure, .. } => {
            Basis::Ratio { actual: counted.actual(period, measure), plan: plan_of(period, person, &indicator.id) }
        }
        Formula::PerItem { .. } => {
            let item = |(sku, plan): (&Sku, Dec)| (sku.clone(), counted.outlets(period.skus.index(sku)), plan);
            Basis::PerItem { items: items_of(period, person, &indicator.id).map(item).collect() }
        }
        Formula::Events { .. } => {
            let theirs = period.events_of(person).iter().filter(|(_, event)| event.indicator == indicator.id);
            Basis::Events { sum: theirs.map(|(_, event)| event.points.to_fraction()).sum() }
        }
    }
}

/// The points of the rulings on disputes; none: there are none.
pub(super) fn ruled(period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) -> Option<BigRational> {
    let mut rulings = period.rulings_of(person, indicator).map(|(.., ruling)| ruling.points.to_fraction()).peekable();
    rulings.peek().is_some().then(|| rulings.sum::<BigRational>())
}

/// Applies an indicator's formula; what was ruled is added after it.
pub(super) fn apply(indicator: &Indicator, basis: Basis, ruled: Option<BigRational>, gated: Option<GateEffect>) -> IndicatorScore {
    let gate = gated.filter(|_| touched_by_gate(indicator.class, &indicator.formula));
    let (status, working, earned) = match (&indicator.formula, basis) {
        (Formula::Ratio { weight, cap, .. }, Basis::Ratio { actual, plan }) => {
            ratio(actual, plan, weight.to_fraction(), lowered(cap.map(Dec::to_fraction), gate))
        }
        (Formula::PerItem { weight, item_cap, .. }, Basis::PerItem { items }) => {
            let cap = lowered(Some(item_cap.to_fraction()), gate).expect("an item cap stays one");
            per_item(items, weight.to_fraction(), cap)
        }
        (Formula::Events { min, max, .. }, Basis::Events { sum }) => {
            let earned = within(&sum, *min, *max);
            (Status::Scored, Working::Events { sum }, earned)
        }
        _ => unreachable!("the basis is of the indicator's formula"),
    };
    let earned = if gate == Some(GateEffect::NoPoints) { BigRational::zero() } else { earned };
    let exact = ruled.iter().fold(earned, |sum, points| sum + points);
    IndicatorScore { id: indicator.id.clone(), status, working, gate, ruled, points: Rounded::of(&exact), exact }
}

/// What an indicator's formula would earn without its cap and without the gate.
pub(super) fn uncapped(indicator: &Indicator, basis: Basis) -> BigRational {
    match (&indicator.formula, basis) {
        (Formula::Ratio { weight, .. }, Basis::Ratio { actual, plan }) => ratio(actual, plan, weight.to_fraction(), None).2,
        (Formula::PerItem { weight, .. }, Basis::PerItem { items }) => {
            let most = items.iter().map(|(_, outlets, plan)| clamped(whole(*outlets), *plan, None)).max();
            per_item(items, weight.to_fraction(), most.unwrap_or_else(BigRational::zero)).2
        }
        (Formula::Events { .. }, Basis::Events { sum }) => sum,
        _ => unreachable!("the basis is of the indicator's formula"),
    }
}

/// Every `ratio` and `per_item` indicator of class core or cultivation.
pub(super) fn touched_by_gate(class: Class, formula: &Formula) -> bool {
    class != Class::Auxiliary && !matches!(formula, Formula::Events { .. })
}

/// A cap after the gate: at most 1, also where there was none.
pub(super) fn lowered(cap: Option<BigRational>, gate: Option<GateEffect>) -> Option<BigRational> {
    match (cap, gate) {
        (Some(cap), Some(GateEffect::CapAtWeight)) => Some(cap.min(BigRational::one())),
        (None, Some(GateEffect::CapAtWeight)) => Some(BigRational::one()),
        (cap, _) => cap,
    }
}

/// A person's plan of an indicator, with what was transferred.
pub(super) fn plan_of(period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) -> Option<Dec> {
    let mut targets = period.targets_of(person).iter();
    targets.find(|target| target.indicator == *indicator && target.item.is_none()).map(|target| target.plan)
}

/// A person's plans of an indicator's items that are over 0.
fn items_of<'p>(period: &'p Period<'_>, person: &PersonId, indicator: &IndicatorId) -> impl Iterator<Item = (&'p Sku, Dec)> {
    let targets = period.targets_of(person).iter().filter(move |target| target.indicator == *indicator && target.plan.is_positive());
    targets.filter_map(|target| Some((target.item.as_ref()?, target.plan)))
}

pub(super) fn clamped(actual: BigRational, plan: Dec, cap: Option<&BigRational>) -> BigRational {
    let reached = (actual / plan.to_fraction()).max(BigRational::zero());
    match cap {
        Some(cap) => reached.min(cap.clone()),
        None => reached,
    }
}

fn ratio(actual: Option<BigRational>, plan: Option<Dec>, weight: BigRational, cap: Option<BigRational>) -> (Status, Working, BigRational) {
    let (status, earned) = match (plan.filter(|plan| plan.is_positive()), &actual) {
        (None, _) => (Status::NoPlan, BigRational::zero()),
        (Some(_), None) => (Status::NoData, BigRational::zero()),
        (Some(plan), Some(actual)) => (Status::Scored, weight * clamped(actual.clone(), plan, cap.as_ref())),
    };
    (status, Working::Ratio { actual, plan, cap }, earned)
}

fn per_item(items: Vec<(Sku, u64, Dec)>, weight: BigRational, cap: BigRational) -> (Status, Working, BigRational) {
    let score = |(sku, outlets, plan)| ItemScore { sku, outlets, plan, share: clamped(whole(outlets), plan, Some(&cap)) };
    let items: Vec<ItemScore> = items.into_iter().map(score).collect();
    let (status, earned) = match items.len() {
        0 => (Status::NoPlan, BigRational::zero()),
        count => (Status::Scored, weight * mean(&items, count)),
    };
    (status, Working::PerItem { items, cap }, earned)
}

fn mean(items: &[ItemScore], count: usize) -> BigRational {
    items.iter().map(|item| &item.share).sum::<BigRational>() / whole(count)
}

/// The sum of the events, clamped.
pub(super) fn within(sum: &BigRational, min: Option<Dec>, max: Option<Dec>) -> BigRational {
    let raised = min.map_or(sum.clone(), |min| min.to_fraction().max(sum.clone()));
    max.map_or(raised.clone(), |max| max.to_fraction().min(raised))
}
