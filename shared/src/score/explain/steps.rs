//! The arithmetic of one indicator, step by step, as a manager can follow it with a pocket calculator.

use num_rational::BigRational;

use super::Step;
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId};
use crate::scheme::{Formula, GateEffect, Indicator, Measure, VolumeFilter};
use crate::score::Scored;
use crate::score::formulas::{IndicatorScore, ItemScore, Status, Working, within};
use crate::score::gate::{GateScore, JudgedBy};
use crate::score::number::{Rounded, plain, whole};
use crate::score::period::Period;

/// The steps from what was counted to the rounded points.
pub(super) fn steps(
    period: &Period<'_>,
    person: &PersonId,
    scored: &Scored<'_>,
    indicator: &Indicator,
    score: &IndicatorScore,
) -> Vec<Step> {
    let mut out = Vec::new();
    match (&indicator.formula, &score.working) {
        (Formula::Ratio { weight, measure, .. }, Working::Ratio { actual, plan, cap }) => {
            actual_steps(&mut out, period, scored, measure, actual.as_ref());
            transfer_steps(&mut out, period, person, &indicator.id);
            plan_step(&mut out, *plan);
            gate_step(&mut out, scored.gate.as_ref(), score);
            if let (Status::Scored, Some(actual), Some(plan)) = (score.status, actual, plan) {
                ratio_steps(&mut out, actual, *plan, cap.as_ref(), *weight);
            }
        }
        (Formula::PerItem { weight, .. }, Working::PerItem { items, cap }) => {
            transfer_steps(&mut out, period, person, &indicator.id);
            gate_step(&mut out, scored.gate.as_ref(), score);
            item_steps(&mut out, items, cap, *weight);
        }
        (Formula::Events { min, max, .. }, Working::Events { sum }) => {
            out.push(step("sum", "sum of the points of the events".into(), Some(sum)));
            if min.is_some() || max.is_some() {
                let end = |end: &Option<Dec>| end.map_or("no bound".into(), |bound| bound.to_string());
                out.push(step("clamp", format!("kept within {} and {}", end(min), end(max)), Some(&within(sum, *min, *max))));
            }
        }
        _ => unreachable!("the working is of the indicator's formula"),
    }
    if score.gate == Some(GateEffect::NoPoints) {
        out.push(step("points", "gated: no points".into(), Some(&whole(0))));
    }
    if let Some(ruled) = &score.ruled {
        out.push(step("ruled", format!("rulings on disputes, added after the formula: {}", plain(ruled)), Some(&score.exact)));
    }
    let rounded = Some(score.points.to_string());
    out.push(Step {
        name: "rounded".into(),
        what: "points, rounded once to 4 places, a half to the even neighbour".into(),
        value: rounded,
    });
    out
}

fn step(name: &'static str, what: String, value: Option<&BigRational>) -> Step {
    Step { name: name.into(), what, value: value.map(plain) }
}

fn actual_steps(out: &mut Vec<Step>, period: &Period<'_>, scored: &Scored<'_>, measure: &Measure, actual: Option<&BigRational>) {
    let counted = &scored.counted;
    let what = match measure {
        Measure::Volume(filter) => format!("actual: cartons (packs ÷ packs per carton) of the credited sales of {}", filter_text(filter)),
        Measure::ValuePerCarton => {
            out.push(step("value", "value of the credited sales".into(), Some(&counted.value())));
            let cartons = counted.cartons(period, &VolumeFilter::default());
            out.push(step("cartons", "cartons of the credited sales".into(), Some(&cartons)));
            "actual: value ÷ cartons, 0 where the cartons are 0 or less".into()
        }
        Measure::WidthCompliance => {
            let (reached, all) = counted.width_compliance(period);
            format!("actual: {reached} shops reach their route's standard ÷ {all} shops of routes with a standard")
        }
        Measure::VisitCompletion => {
            format!("actual: {} planned stops with an effective visit ÷ {} planned stops", counted.stops.visited, counted.stops.planned)
        }
    };
    let what = if actual.is_none() { format!("{what}: nothing to measure") } else { what };
    out.push(step("actual", what, actual));
}

fn filter_text(filter: &VolumeFilter) -> String {
    let classes = |classes: &Vec<u8>| classes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let parts: Vec<String> = [
        filter.origin.as_ref().map(|origin| format!("origin {origin}")),
        filter.maker.as_ref().map(|maker| format!("maker {maker}")),
        filter.price_class.as_ref().map(|list| format!("price class {}", classes(list))),
        filter.slim.map(|slim| if slim { "slim".into() } else { "not slim".into() }),
        filter.min_price.map(|price| format!("wholesale price from {price} a carton")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "all SKUs".into() } else { format!("SKUs with {}", parts.join("; ")) }
}

/// Parts of the plan that were taken over from, or by, a colleague.
fn transfer_steps(out: &mut Vec<Step>, period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) {
    let moved = period.reference.transfers_of(person, period.month).filter(|(_, transfer, _)| transfer.indicator == *indicator);
    for (id, transfer, comes) in moved {
        let item = transfer.item.as_ref().map_or(String::new(), |item| format!(" of {item}"));
        let what = match comes {
            true => format!("transfer {id}: added to the plan{item}, taken over from {}", transfer.from),
            false => format!("transfer {id}: taken off the plan{item}, taken over by {}", transfer.to),
        };
        out.push(Step { name: "transfer".into(), what, value: Some(transfer.amount.to_string()) });
    }
}

fn plan_step(out: &mut Vec<Step>, plan: Option<Dec>) {
    out.push(match plan {
        None => step("plan", "plan: none, so 0 points".into(), None),
        Some(plan) if plan.is_positive() => Step { name: "plan".into(), what: "plan".into(), value: Some(plan.to_string()) },
        Some(plan) => Step { name: "plan".into(), what: "plan: not over 0, so 0 points".into(), value: Some(plan.to_string()) },
    });
}

/// Said only where the gate changes this indicator.
fn gate_step(out: &mut Vec<Step>, gate: Option<&GateScore>, score: &IndicatorScore) {
    let (Some(gate), Some(effect)) = (gate, score.gate) else { return };
    let shown = |ratio: &Option<Rounded>| ratio.as_ref().map_or("unknown".into(), ToString::to_string);
    let reading = match gate.judged_by {
        JudgedBy::Progress => format!("{} of its plan", shown(&gate.progress)),
        JudgedBy::Pace => {
            let (so_far, all) = (gate.planned_stops_so_far, gate.planned_stops);
            format!("{} of its plan for {so_far} of {all} planned stops", shown(&gate.pace))
        }
    };
    let consequence = match effect {
        GateEffect::CapAtWeight => "the cap is at most 1",
        GateEffect::NoPoints => "no points",
    };
    out.push(step("gate", format!("gate: {} is at {reading}, below {}: {consequence}", gate.indicator, gate.below), None));
}

fn ratio_steps(out: &mut Vec<Step>, actual: &BigRational, plan: Dec, cap: Option<&BigRational>, weight: Dec) {
    let ratio = actual / plan.to_fraction();
    out.push(step("ratio", format!("actual ÷ plan: {} ÷ {plan}", plain(actual)), Some(&ratio)));
    let mut share = ratio.max(whole(0));
    let what = match cap {
        Some(cap) => format!("at least 0, at most {}", plain(cap)),
        None => "at least 0, no cap".into(),
    };
    if let Some(cap) = cap {
        share = share.min(cap.clone());
    }
    out.push(step("cap", what, Some(&share)));
    out.push(step("points", format!("weight × that: {weight} × {}", plain(&share)), Some(&(weight.to_fraction() * share))));
}

fn item_steps(out: &mut Vec<Step>, items: &[ItemScore], cap: &BigRational, weight: Dec) {
    if items.is_empty() {
        out.push(step("plan", "plan: no item has one over 0, so 0 points".into(), None));
        return;
    }
    for item in items {
        let what = format!("{}: {} shops hold it ÷ plan {}, at most {}", item.sku, item.outlets, item.plan, plain(cap));
        out.push(step("item", what, Some(&item.share)));
    }
    let sum: BigRational = items.iter().map(|item| &item.share).sum();
    let mean = &sum / whole(items.len());
    out.push(step("mean", format!("mean of {} items: {} ÷ {}", items.len(), plain(&sum), items.len()), Some(&mean)));
    out.push(step("points", format!("weight × that: {weight} × {}", plain(&mean)), Some(&(weight.to_fraction() * mean))));
}
