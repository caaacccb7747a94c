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
            out.push(step("sum", ["sum of the points of the events", "各事件得分之和"], Some(sum)));
            if min.is_some() || max.is_some() {
                let end = |end: &Option<Dec>, none: &str| end.map_or(none.into(), |bound| bound.to_string());
                let en = format!("kept within {} and {}", end(min, "no bound"), end(max, "no bound"));
                let zh = format!("限在 {} 至 {} 之间", end(min, "不限"), end(max, "不限"));
                out.push(step("clamp", [en, zh], Some(&within(sum, *min, *max))));
            }
        }
        _ => unreachable!("the working is of the indicator's formula"),
    }
    if score.gate == Some(GateEffect::NoPoints) {
        out.push(step("points", ["gated: no points", "未过门槛：不得分"], Some(&whole(0))));
    }
    if let Some(ruled) = &score.ruled {
        let ruled = plain(ruled);
        let said = [format!("rulings on disputes, added after the formula: {ruled}"), format!("申诉裁定，加在公式之后：{ruled}")];
        out.push(step("ruled", said, Some(&score.exact)));
    }
    let said = ["points, rounded once to 4 places, a half to the even neighbour", "得分，最后一次取四位小数，恰为一半取偶"];
    out.push(written("rounded", said, Some(score.points.to_string())));
    out
}

fn step<W: Into<String>>(name: &'static str, said: [W; 2], value: Option<&BigRational>) -> Step {
    written(name, said, value.map(plain))
}

/// In English and in Chinese.
fn written<W: Into<String>>(name: &'static str, [en, zh]: [W; 2], value: Option<String>) -> Step {
    Step { name: name.into(), what: en.into(), what_zh: zh.into(), value }
}

fn actual_steps(out: &mut Vec<Step>, period: &Period<'_>, scored: &Scored<'_>, measure: &Measure, actual: Option<&BigRational>) {
    let counted = &scored.counted;
    let [mut en, mut zh] = match measure {
        Measure::Volume(filter) => {
            let [en, zh] = filter_text(filter);
            [
                format!("actual: cartons (packs ÷ packs per carton) of the credited sales of {en}"),
                format!("实际：{zh}的计入销量（包数 ÷ 每条包数）"),
            ]
        }
        Measure::ValuePerCarton => {
            out.push(step("value", ["value of the credited sales", "计入的销售额"], Some(&counted.value())));
            let cartons = counted.cartons(period, &VolumeFilter::default());
            out.push(step("cartons", ["cartons of the credited sales", "计入的销量（条）"], Some(&cartons)));
            ["actual: value ÷ cartons, 0 where the cartons are 0 or less".into(), "实际：销售额 ÷ 条数；条数不大于 0 时为 0".into()]
        }
        Measure::WidthCompliance => {
            let (reached, all) = counted.width_compliance(period);
            [
                format!("actual: {reached} shops reach their route's standard ÷ {all} shops of routes with a standard"),
                format!("实际：{reached} 户达到本线路标准 ÷ 有标准的线路共 {all} 户"),
            ]
        }
        Measure::VisitCompletion => {
            let (visited, planned) = (counted.stops.visited, counted.stops.planned);
            [
                format!("actual: {visited} planned stops with an effective visit ÷ {planned} planned stops"),
                format!("实际：有有效拜访的计划站点 {visited} ÷ 计划站点 {planned}"),
            ]
        }
    };
    if actual.is_none() {
        en += ": nothing to measure";
        zh += "：无可计量";
    }
    out.push(step("actual", [en, zh], actual));
}

/// In English and in Chinese.
fn filter_text(filter: &VolumeFilter) -> [String; 2] {
    let classes = |classes: &Vec<u8>, between: &str| classes.iter().map(u8::to_string).collect::<Vec<_>>().join(between);
    let parts: Vec<[String; 2]> = [
        filter.origin.as_ref().map(|origin| [format!("origin {origin}"), format!("产地 {origin}")]),
        filter.maker.as_ref().map(|maker| [format!("maker {maker}"), format!("厂家 {maker}")]),
        filter.price_class.as_ref().map(|list| [format!("price class {}", classes(list, ", ")), format!("{} 类", classes(list, "、"))]),
        filter.slim.map(|slim| if slim { ["slim".into(), "细支".into()] } else { ["not slim".into(), "非细支".into()] }),
        filter.min_price.map(|price| [format!("wholesale price from {price} a carton"), format!("批发价每条 {price} 起")]),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return ["all SKUs".into(), "全部规格".into()];
    }
    let joined = |of: usize, between: &str| parts.iter().map(|part| part[of].as_str()).collect::<Vec<_>>().join(between);
    [format!("SKUs with {}", joined(0, "; ")), format!("{}的规格", joined(1, "、"))]
}

/// Parts of the plan that were taken over from, or by, a colleague.
fn transfer_steps(out: &mut Vec<Step>, period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) {
    let moved = period.reference.transfers_of(person, period.month).filter(|(_, transfer, _)| transfer.indicator == *indicator);
    for (id, transfer, comes) in moved {
        let item = transfer.item.as_ref().map_or(String::new(), |item| format!(" of {item}"));
        let item_zh = transfer.item.as_ref().map_or(String::new(), |item| format!(" {item} "));
        let said = match comes {
            true => [
                format!("transfer {id}: added to the plan{item}, taken over from {}", transfer.from),
                format!("调剂 {id}：从 {} 接来，加进{item_zh}计划", transfer.from),
            ],
            false => [
                format!("transfer {id}: taken off the plan{item}, taken over by {}", transfer.to),
                format!("调剂 {id}：由 {} 接去，从{item_zh}计划中减去", transfer.to),
            ],
        };
        out.push(written("transfer", said, Some(transfer.amount.to_string())));
    }
}

fn plan_step(out: &mut Vec<Step>, plan: Option<Dec>) {
    out.push(match plan {
        None => step("plan", ["plan: none, so 0 points", "计划：没有，得 0 分"], None),
        Some(plan) if plan.is_positive() => written("plan", ["plan", "计划"], Some(plan.to_string())),
        Some(plan) => written("plan", ["plan: not over 0, so 0 points", "计划不大于 0，得 0 分"], Some(plan.to_string())),
    });
}

/// Said only where the gate changes this indicator.
fn gate_step(out: &mut Vec<Step>, gate: Option<&GateScore>, score: &IndicatorScore) {
    let (Some(gate), Some(effect)) = (gate, score.gate) else { return };
    let shown = |ratio: &Option<Rounded>, unknown: &str| ratio.as_ref().map_or(unknown.into(), ToString::to_string);
    let both = |ratio: &Option<Rounded>| [shown(ratio, "unknown"), shown(ratio, "未知")];
    let [reading, reading_zh] = match gate.judged_by {
        JudgedBy::Progress => {
            let [en, zh] = both(&gate.progress);
            [format!("{en} of its plan"), format!("计划的 {zh}")]
        }
        JudgedBy::Pace => {
            let (so_far, all, [en, zh]) = (gate.planned_stops_so_far, gate.planned_stops, both(&gate.pace));
            [
                format!("{en} of its plan for {so_far} of {all} planned stops"),
                format!("按 {all} 个计划站点中的 {so_far} 个折算，为计划的 {zh}"),
            ]
        }
    };
    let (consequence, consequence_zh) = match effect {
        GateEffect::CapAtWeight => ("the cap is at most 1", "封顶不超过 1"),
        GateEffect::NoPoints => ("no points", "不得分"),
    };
    let (of, below) = (&gate.indicator, &gate.below);
    let said = [
        format!("gate: {of} is at {reading}, below {below}: {consequence}"),
        format!("门槛：{of} {reading_zh}，低于 {below}：{consequence_zh}"),
    ];
    out.push(step("gate", said, None));
}

fn ratio_steps(out: &mut Vec<Step>, actual: &BigRational, plan: Dec, cap: Option<&BigRational>, weight: Dec) {
    let ratio = actual / plan.to_fraction();
    let counted = plain(actual);
    out.push(step("ratio", [format!("actual ÷ plan: {counted} ÷ {plan}"), format!("实际 ÷ 计划：{counted} ÷ {plan}")], Some(&ratio)));
    let mut share = ratio.max(whole(0));
    let said = match cap.map(plain) {
        Some(cap) => [format!("at least 0, at most {cap}"), format!("不低于 0，不高于 {cap}")],
        None => ["at least 0, no cap".into(), "不低于 0，不封顶".into()],
    };
    if let Some(cap) = cap {
        share = share.min(cap.clone());
    }
    out.push(step("cap", said, Some(&share)));
    out.push(points_step(weight, &share));
}

fn points_step(weight: Dec, share: &BigRational) -> Step {
    let reached = plain(share);
    let said = [format!("weight × that: {weight} × {reached}"), format!("权重 × 上一步：{weight} × {reached}")];
    step("points", said, Some(&(weight.to_fraction() * share)))
}

fn item_steps(out: &mut Vec<Step>, items: &[ItemScore], cap: &BigRational, weight: Dec) {
    if items.is_empty() {
        out.push(step("plan", ["plan: no item has one over 0, so 0 points", "计划：没有一个规格大于 0，得 0 分"], None));
        return;
    }
    for item in items {
        let ItemScore { sku, outlets, plan, share, .. } = item;
        let most = plain(cap);
        let said = [
            format!("{sku}: {outlets} shops hold it ÷ plan {plan}, at most {most}"),
            format!("{sku}：在销 {outlets} 户 ÷ 计划 {plan}，不高于 {most}"),
        ];
        out.push(step("item", said, Some(share)));
    }
    let sum: BigRational = items.iter().map(|item| &item.share).sum();
    let mean = &sum / whole(items.len());
    let (n, all) = (items.len(), plain(&sum));
    out.push(step("mean", [format!("mean of {n} items: {all} ÷ {n}"), format!("{n} 个规格的平均：{all} ÷ {n}")], Some(&mean)));
    out.push(points_step(weight, &mean));
}
