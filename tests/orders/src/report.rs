//! What came of the policies: a table for people, an array of JSON for programs.

use serde_json::{Value, json};

use crate::demand::Series;
use crate::policy::Policy;
use crate::shelf::Kept;

pub struct Outcome {
    pub policy: Policy,
    pub kept: Kept,
}

/// Weeks of stock at which policies are compared.
const COMPARED: [f64; 9] = [0.7, 0.85, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5];

pub fn json(outcomes: &[Outcome]) -> Value {
    let one = |outcome: &Outcome| {
        json!({
            "policy": outcome.policy.name(),
            "parameter": outcome.policy.parameter(),
            "fill": digits(outcome.kept.fill(), 4),
            "stock_weeks": digits(outcome.kept.stock_weeks(), 4),
        })
    };
    outcomes.iter().map(one).collect()
}

fn digits(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (value * scale).round() / scale
}

pub fn text(series: &[Series], outcomes: &[Outcome]) -> String {
    let weeks = series.first().map_or(0, |series| series.units.len());
    let mut out =
        format!("{} series, {weeks} weeks\n\n{:<22}{:>10}{:>8}{:>13}\n", series.len(), "policy", "parameter", "fill", "stock, weeks");
    for Outcome { policy, kept } in outcomes {
        line(&mut out, &format!("{:<22}{:>10}{:>8.3}{:>13.2}", policy.name(), policy.parameter(), kept.fill(), kept.stock_weeks()));
    }
    let lost = |name: &str, stock: f64| lost_at(outcomes, name, stock);
    line(&mut out, "\nlost units at equal stock, of a hundred asked for");
    let mut rules = vec!["last week × k", "mean of 4 weeks × k", "mean of 8 + z·sd"];
    rules.extend(outcomes.iter().map(|outcome| outcome.policy.name()).find(|name| *name == "hindsight"));
    let names: String = rules.iter().map(|rule| format!("{rule:>24}")).collect();
    line(&mut out, &format!("{:>12}{:>12}{names}", "stock, weeks", "roundsman"));
    for stock in COMPARED {
        let Some(ours) = lost("roundsman", stock) else { continue };
        let mut row = format!("{stock:>12.2}{:>12.1}", 100.0 * ours);
        for rule in &rules {
            let cell = lost(rule, stock)
                .map_or(String::from("–"), |theirs| format!("{:.1} ({:+.0} %)", 100.0 * theirs, 100.0 * (ours / theirs - 1.0)));
            row += &format!("{cell:>24}");
        }
        line(&mut out, &row);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// The share of demand that a policy loses at a stock, on the straight line between the parameters beside it.
fn lost_at(outcomes: &[Outcome], name: &str, stock: f64) -> Option<f64> {
    let of = outcomes.iter().filter(|outcome| outcome.policy.name() == name);
    let mut curve: Vec<(f64, f64)> = of.map(|outcome| (outcome.kept.stock_weeks(), 1.0 - outcome.kept.fill())).collect();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = curve.iter().zip(curve.iter().skip(1)).find(|(low, high)| low.0 <= stock && stock <= high.0)?;
    let share = if high.0 > low.0 { (stock - low.0) / (high.0 - low.0) } else { 0.0 };
    Some(low.1 + share * (high.1 - low.1))
}
