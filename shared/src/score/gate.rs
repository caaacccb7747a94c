//! The gate: whether a manager is below it, by the month's plan or, before the month's end, by pace.

use minicbor::{Decode, Encode};
use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::formulas::plan_of;
use super::measures::Counted;
use super::number::{Exact, Rounded, whole};
use super::period::Period;
use super::warnings::{Code, Warning};
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId};
use crate::scheme::{Formula, Gate, GateEffect};

/// How a manager stands to the gate; both readings are shown, `judged_by` says which one holds.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct GateScore {
    #[n(0)]
    pub indicator: IndicatorId,
    #[n(1)]
    pub below: Dec,
    #[n(2)]
    pub effect: GateEffect,
    #[n(3)]
    pub judged_by: JudgedBy,
    /// actual ÷ plan, rounded to be shown; none: no plan, or nothing to measure.
    #[n(4)]
    pub progress: Option<Rounded>,
    /// Whether the progress is below; compared unrounded.
    #[n(5)]
    pub progress_gated: bool,
    /// actual ÷ (plan × planned stops so far ÷ planned stops of the month); none: also where either is 0.
    #[n(6)]
    pub pace: Option<Rounded>,
    #[n(7)]
    pub pace_gated: bool,
    #[n(8)]
    pub planned_stops_so_far: u64,
    #[n(9)]
    pub planned_stops: u64,
    /// Of the gate's indicator, exact; none: nothing to measure.
    #[n(10)]
    pub actual: Option<Exact>,
    /// As imported; none: there is none.
    #[n(11)]
    pub plan: Option<Dec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum JudgedBy {
    /// The month is over.
    #[n(0)]
    Progress,
    /// It isn't.
    #[n(1)]
    Pace,
}

impl GateScore {
    /// Whether the values that it holds gate, whatever it says itself.
    pub(super) fn gates(&self) -> bool {
        let actual = self.actual.as_ref().map(|exact| &exact.0);
        let (progress, pace) = standing(actual, self.plan, self.planned_stops_so_far, self.planned_stops);
        let judged = match self.judged_by {
            JudgedBy::Progress => progress,
            JudgedBy::Pace => pace,
        };
        judged.is_some_and(|ratio| ratio < self.below.to_fraction())
    }

    pub fn gated(&self) -> bool {
        match self.judged_by {
            JudgedBy::Progress => self.progress_gated,
            JudgedBy::Pace => self.pace_gated,
        }
    }

    /// `stops`: planned so far, planned in the month.
    fn of(gate: &Gate, judged_by: JudgedBy, plan: Option<Dec>, actual: Option<BigRational>, stops: (u64, u64)) -> Self {
        let (progress, pace) = standing(actual.as_ref(), plan, stops.0, stops.1);
        let below = |ratio: &Option<BigRational>| ratio.as_ref().is_some_and(|ratio| *ratio < gate.below.to_fraction());
        Self {
            indicator: gate.indicator.clone(),
            below: gate.below,
            effect: gate.effect,
            judged_by,
            progress_gated: below(&progress),
            progress: progress.as_ref().map(Rounded::of),
            pace_gated: below(&pace),
            pace: pace.as_ref().map(Rounded::of),
            planned_stops_so_far: stops.0,
            planned_stops: stops.1,
            actual: actual.map(Exact),
            plan,
        }
    }

    /// The same gate, if its indicator's actual were another.
    pub(super) fn with_actual(&self, gate: &Gate, actual: Option<BigRational>) -> Self {
        Self::of(gate, self.judged_by, self.plan, actual, (self.planned_stops_so_far, self.planned_stops))
    }
}

/// How a person stands to the gate. What can't be judged gates nobody and is warned of.
pub(super) fn gate_score(
    period: &Period<'_>,
    person: &PersonId,
    counted: &Counted<'_>,
    gate: &Gate,
    warnings: &mut Vec<Warning>,
) -> GateScore {
    let judged_by = if period.cut < period.month.last_day() { JudgedBy::Pace } else { JudgedBy::Progress };
    let mut warn = |code, what: &str| warnings.push(Warning::of_person(code, person, what.to_string()));
    let (plan, reached) = (plan_of(period, person, &gate.indicator), actual(period, counted, gate));
    match (plan.filter(|plan| plan.is_positive()), &reached) {
        (None, _) => {
            warn(Code::GateNoPlan, &format!("the gate looks at {}, for which {person} has no plan over 0: not gated", gate.indicator));
        }
        (Some(_), None) => {
            warn(Code::GateNoData, &format!("the gate looks at {}, of which {person} has nothing to measure: not gated", gate.indicator));
        }
        (Some(_), Some(_)) => {}
    }
    let stops = counted.stops;
    let score = GateScore::of(gate, judged_by, plan, reached, (stops.planned, stops.of_month));
    if score.progress.is_some() && score.pace.is_none() && judged_by == JudgedBy::Pace {
        warn(Code::GateNoPace, &format!("no stop of {person} was planned up to {}: there is no pace yet, not gated", period.cut));
    }
    score
}

/// Progress, actual ÷ plan, and pace, actual ÷ (plan × planned stops so far ÷ planned stops of the month).
fn standing(actual: Option<&BigRational>, plan: Option<Dec>, so_far: u64, of_month: u64) -> (Option<BigRational>, Option<BigRational>) {
    let plan = plan.filter(|plan| plan.is_positive());
    let progress = actual.zip(plan).map(|(actual, plan)| actual / plan.to_fraction());
    let pace = progress.as_ref().filter(|_| so_far > 0 && of_month > 0).map(|p| p * whole(of_month) / whole(so_far));
    (progress, pace)
}

fn actual(period: &Period<'_>, counted: &Counted<'_>, gate: &Gate) -> Option<BigRational> {
    match &period.scheme.indicator(gate.indicator.as_str())?.formula {
        Formula::Ratio { measure, .. } => counted.actual(period, measure),
        Formula::PerItem { .. } | Formula::Events { .. } => None,
    }
}
