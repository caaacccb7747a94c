//! What if: some of a month's actuals are changed and the same formulas and the same gate say what would come of it. Nothing
//! is invented: without a change it is the score, and with the change that a new fact makes it is the score with that fact.

use std::collections::BTreeMap;

use jiff::civil::Date;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde::Serialize;

use super::formulas::{Basis, apply, basis, ruled, uncapped};
use super::measures::Counted;
use super::number::{Exact, Rounded};
use super::period::Period;
use super::{Inputs, ManagerScore, VisitCounts, gate_score, managers};
use crate::ids::{IndicatorId, PersonId, Sku};
use crate::scheme::{Formula, Indicator, Measure, Title};
use crate::time::Month;

mod change;
mod quarter;
mod show;

pub use change::{Amount, Change, ChangeFault};
pub use quarter::{MonthTotal, Outlook, Place};

/// A month as it is and as it would be. In JSON the keys stand in the order of the fields; `Display` renders it as plain text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatIf {
    pub month: Month,
    /// The last day that counts.
    pub as_of: Date,
    pub person_id: PersonId,
    pub changes: Vec<Changed>,
    pub before: ManagerScore,
    pub after: ManagerScore,
    /// Of the total.
    pub difference: Rounded,
    /// Every indicator that was changed, or whose points would be others, in the scheme's order.
    pub effects: Vec<Effect>,
    /// Volume indicators that count every SKU of one that was changed by an amount, and are not changed here: cartons sold
    /// would count there, too.
    pub also: Vec<IndicatorId>,
    /// The month's place in its quarter, as far as whoever answers knows it.
    pub quarter: Option<Outlook>,
}

/// One actual, before and after; none: there was nothing to measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    pub indicator: IndicatorId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Sku>,
    pub before: Option<Exact>,
    pub after: Exact,
}

/// What becomes of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    pub id: IndicatorId,
    pub title: Title,
    pub before: Points,
    pub after: Points,
    pub difference: Rounded,
}

/// An indicator's points, and what they are without.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Points {
    pub points: Rounded,
    /// What the formula would earn beyond its cap.
    pub lost_to_cap: Rounded,
    /// What it would earn if the manager were not gated.
    pub lost_to_gate: Rounded,
}

/// Why there is nothing to play with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfFault {
    #[error("{0} is no manager of this district")]
    NoManager(PersonId),
    #[error("the month's scheme has no indicator {0}")]
    NoIndicator(IndicatorId),
    #[error("{0} is counted per item: name the SKU, as {0}/SKU=+1")]
    NeedsItem(IndicatorId),
    #[error("{0} is one number: leave the SKU {1} out")]
    NoItems(IndicatorId, Sku),
    #[error("{0} has no plan for SKU {1}, so that it earns nothing")]
    NoPlan(IndicatorId, Sku),
    #[error("{0} has nothing to measure yet: set it, as {0}=1, instead of adding to it")]
    NothingYet(IndicatorId),
    #[error("{indicator} would be {found}, and must be {bound}")]
    OutOfBounds { indicator: IndicatorId, found: String, bound: &'static str },
    #[error("{0} is changed twice")]
    Twice(String),
}

/// One person's month, ready to be scored with other actuals.
struct Bench<'a> {
    period: Period<'a>,
    person: &'a PersonId,
    counted: Counted<'a>,
    /// One an indicator, in the scheme's order.
    bases: Vec<Basis>,
}

/// Plays through some changes of one manager's month, in any order. `inputs.person` doesn't matter. `quarter` is left to who
/// knows the other months.
pub fn what_if(inputs: &Inputs<'_>, person: &PersonId, changes: &[Change]) -> Result<WhatIf, WhatIfFault> {
    let inputs = Inputs { person: Some(person), ..*inputs };
    let person = managers(&inputs).next().ok_or_else(|| WhatIfFault::NoManager(person.clone()))?;
    let period = Period::new(&inputs);
    let counted = Counted::new(&period, person);
    let bases: Vec<Basis> = period.scheme.indicators.iter().map(|i| basis(&period, person, &counted, i)).collect();
    let bench = Bench { period, person, counted, bases };
    let mut changed = bench.bases.clone();
    let said = bench.change(&mut changed, changes)?;
    let (before, after) = (bench.score(&bench.bases), bench.score(&changed));
    let effects = bench.effects(&changed, &said, &before, &after);
    Ok(WhatIf {
        month: bench.period.month,
        as_of: bench.period.cut,
        person_id: person.clone(),
        difference: less(&after.total, &before.total),
        also: bench.also(changes),
        changes: said,
        before,
        after,
        effects,
        quarter: None,
    })
}

fn less(a: &Rounded, b: &Rounded) -> Rounded {
    Rounded::of(&(a.to_fraction() - b.to_fraction()))
}

impl<'a> Bench<'a> {
    fn indicators(&self) -> &'a [Indicator] {
        &self.period.scheme.indicators
    }

    /// Makes the changes, and says what they come to.
    fn change(&self, bases: &mut [Basis], changes: &[Change]) -> Result<Vec<Changed>, WhatIfFault> {
        let mut seen: BTreeMap<(&IndicatorId, Option<&Sku>), ()> = BTreeMap::new();
        let mut said = Vec::new();
        for change in changes {
            if seen.insert((&change.indicator, change.item.as_ref()), ()).is_some() {
                return Err(WhatIfFault::Twice(change.name()));
            }
            let at = self.indicators().iter().position(|i| i.id == change.indicator);
            let at = at.ok_or_else(|| WhatIfFault::NoIndicator(change.indicator.clone()))?;
            let (before, after) = change_one(&self.indicators()[at], &mut bases[at], change)?;
            let (indicator, item) = (change.indicator.clone(), change.item.clone());
            said.push(Changed { indicator, item, before: before.map(Exact), after: Exact(after) });
        }
        Ok(said)
    }

    fn score(&self, bases: &[Basis]) -> ManagerScore {
        let Self { period, person, counted, .. } = self;
        let gate = period.scheme.gate.as_ref().map(|gate| {
            let judged = gate_score(period, person, counted, gate, &mut Vec::new());
            let at = self.indicators().iter().position(|i| i.id == gate.indicator);
            match at.map(|at| &bases[at]) {
                Some(Basis::Ratio { actual, .. }) => judged.with_actual(gate, actual.clone()),
                _ => judged,
            }
        });
        let effect = gate.as_ref().filter(|gate| gate.gated()).map(|gate| gate.effect);
        let indicators = self.indicators().iter().zip(bases);
        let indicators = indicators.map(|(i, basis)| apply(i, basis.clone(), ruled(period, person, &i.id), effect)).collect();
        let made = period.visits.iter().filter(|flagged| flagged.visit.person == **person);
        ManagerScore::of(person, gate, indicators, VisitCounts::of(made))
    }

    fn effects(&self, changed: &[Basis], said: &[Changed], before: &ManagerScore, after: &ManagerScore) -> Vec<Effect> {
        let points = |indicator: &Indicator, basis: &Basis, score: &super::IndicatorScore| {
            let ruled = score.ruled.clone().unwrap_or_else(BigRational::zero);
            let ungated = apply(indicator, basis.clone(), None, None).exact;
            let beyond = uncapped(indicator, basis.clone()) - &ungated;
            let kept_back = ungated - (&score.exact - ruled);
            Points {
                points: score.points.clone(),
                lost_to_cap: Rounded::of(&beyond.max(BigRational::zero())),
                lost_to_gate: Rounded::of(&kept_back),
            }
        };
        let all = self.indicators().iter().enumerate().map(|(at, indicator)| {
            let (was, is) = (&before.indicators[at], &after.indicators[at]);
            let (before, after) = (points(indicator, &self.bases[at], was), points(indicator, &changed[at], is));
            let difference = less(&after.points, &before.points);
            Effect { id: indicator.id.clone(), title: indicator.title.clone(), before, after, difference }
        });
        all.filter(|effect| effect.before != effect.after || said.iter().any(|said| said.indicator == effect.id)).collect()
    }

    /// See [`WhatIf::also`].
    fn also(&self, changes: &[Change]) -> Vec<IndicatorId> {
        let skus = |indicator: &Indicator| match &indicator.formula {
            Formula::Ratio { measure: Measure::Volume(filter), .. } => {
                Some(self.period.skus.ascending.iter().map(|(_, info)| filter.passes(info)).collect::<Vec<bool>>())
            }
            _ => None,
        };
        let by_amount = changes.iter().filter(|change| matches!(change.amount, Amount::By(_)));
        let named = |id: &IndicatorId| changes.iter().any(|change| change.indicator == *id);
        let sold: Vec<Vec<bool>> = by_amount
            .filter_map(|change| self.indicators().iter().find(|i| i.id == change.indicator))
            .filter_map(skus)
            .filter(|passes| passes.contains(&true))
            .collect();
        let counts_all = |indicator: &&Indicator| {
            let within = |passes: Vec<bool>| sold.iter().any(|sold| sold.iter().zip(&passes).all(|(sold, passes)| !sold || *passes));
            !named(&indicator.id) && skus(indicator).is_some_and(within)
        };
        self.indicators().iter().filter(counts_all).map(|indicator| indicator.id.clone()).collect()
    }
}

/// Changes one actual; answers what it was and what it is.
fn change_one(indicator: &Indicator, basis: &mut Basis, change: &Change) -> Result<(Option<BigRational>, BigRational), WhatIfFault> {
    let id = || indicator.id.clone();
    match (basis, &change.item) {
        (Basis::Ratio { .. } | Basis::Events { .. }, Some(item)) => Err(WhatIfFault::NoItems(id(), item.clone())),
        (Basis::PerItem { .. }, None) => Err(WhatIfFault::NeedsItem(id())),
        (Basis::Ratio { actual, .. }, None) => {
            let before = actual.clone();
            let after = change.amount.applied(before.as_ref()).ok_or_else(|| WhatIfFault::NothingYet(id()))?;
            bounded(indicator, &after)?;
            *actual = Some(after.clone());
            Ok((before, after))
        }
        (Basis::Events { sum }, None) => {
            let before = std::mem::replace(sum, change.amount.applied(Some(sum)).unwrap_or_else(BigRational::zero));
            Ok((Some(before), sum.clone()))
        }
        (Basis::PerItem { items }, Some(item)) => {
            let found = items.iter_mut().find(|(sku, ..)| sku == item);
            let (_, outlets, _) = found.ok_or_else(|| WhatIfFault::NoPlan(id(), item.clone()))?;
            let before = super::number::whole(*outlets);
            let after = change.amount.applied(Some(&before)).unwrap_or_else(BigRational::zero);
            let whole =
                Some(&after).filter(|after| after.is_integer() && !after.is_negative()).and_then(|after| after.to_integer().to_u64());
            *outlets = whole.ok_or_else(|| out_of_bounds(indicator, &after, "a whole number of shops, 0 or more"))?;
            Ok((Some(before), after))
        }
    }
}

fn out_of_bounds(indicator: &Indicator, found: &BigRational, bound: &'static str) -> WhatIfFault {
    WhatIfFault::OutOfBounds { indicator: indicator.id.clone(), found: Exact(found.clone()).to_string(), bound }
}

/// A share is of 0 to 1, and a value per carton 0 or more; volumes may be negative, as returns are.
fn bounded(indicator: &Indicator, actual: &BigRational) -> Result<(), WhatIfFault> {
    let Formula::Ratio { measure, .. } = &indicator.formula else { return Ok(()) };
    let one = super::number::whole(1);
    match measure {
        Measure::WidthCompliance | Measure::VisitCompletion if actual.is_negative() || *actual > one => {
            Err(out_of_bounds(indicator, actual, "a share of 0 to 1"))
        }
        Measure::ValuePerCarton if actual.is_negative() => Err(out_of_bounds(indicator, actual, "0 or more")),
        _ => Ok(()),
    }
}
