//! The receipt of a point: the facts that an indicator rests on, each with where it came from, and the arithmetic step by
//! step. It is made from the same rows and the same working as the score itself.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::formulas::{Status, touched_by_gate};
use super::gate::GateScore;
use super::number::Rounded;
use super::period::Period;
use super::{Inputs, Scored, managers};
use crate::ids::{IndicatorId, PersonId, SchemeHash};
use crate::scheme::{Class, Formula, Indicator, Source, Title, VisitRules};
use crate::time::Month;

mod facts;
mod recompute;
mod steps;

pub use facts::{Fact, HeldRow, VisitFact};

/// Why there is nothing to explain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplainFault {
    #[error("{0} is no manager of this district")]
    NoManager(PersonId),
    #[error("the month's scheme has no indicator {0}")]
    NoIndicator(IndicatorId),
}

/// How one indicator of one manager came about. In JSON the keys stand in the order of the fields; `Display` renders it
/// as plain text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub month: Month,
    /// The last day that counts.
    pub as_of: Date,
    pub scheme: String,
    pub scheme_hash: SchemeHash,
    pub person_id: PersonId,
    pub indicator: IndicatorId,
    pub title: Title,
    pub class: Class,
    pub source: Source,
    pub formula: Formula,
    /// Which visits count, where the indicator rests on visits.
    pub visit_rules: Option<VisitRules>,
    /// How the person stands to the gate, where it may change this indicator.
    pub gate: Option<GateScore>,
    pub status: Status,
    pub gated: bool,
    pub points: Rounded,
    /// In the order in which they are calculated.
    pub steps: Vec<Step>,
    /// In the order of day, or shop.
    pub facts: Vec<Fact>,
}

/// One step of the arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is, by a stable name: `actual`, `plan`, `gate`, `ratio`, `cap`, `points`, `rounded`…
    pub name: Cow<'static, str>,
    /// In words and numbers, in English.
    pub what: String,
    /// The same in Chinese; receipts of before it was said have none.
    #[serde(default)]
    pub what_zh: String,
    /// The result, exact: a decimal, or numerator/denominator where it is none; none: there is no result.
    pub value: Option<String>,
}

/// Explains one indicator of one manager. `inputs.person` doesn't matter: the person's receipt is the same on a phone
/// that holds the person's rows and at head office.
pub fn explain(inputs: &Inputs<'_>, person: &PersonId, indicator: &IndicatorId) -> Result<Receipt, ExplainFault> {
    let (inputs, person) = of_manager(inputs, person)?;
    let no_indicator = || ExplainFault::NoIndicator(indicator.clone());
    let at = inputs.scheme.indicators.iter().position(|i| i.id == *indicator).ok_or_else(no_indicator)?;
    let period = Period::new(&inputs);
    let scored = Scored::new(&period, person, &mut Vec::new());
    Ok(receipt(&period, person, &scored, at))
}

/// The receipts of all indicators of one manager, in the scheme's order; each goes to `see` as it is made, as together they
/// are large.
pub fn explain_all(inputs: &Inputs<'_>, person: &PersonId, mut see: impl FnMut(Receipt)) -> Result<(), ExplainFault> {
    let (inputs, person) = of_manager(inputs, person)?;
    let period = Period::new(&inputs);
    let scored = Scored::new(&period, person, &mut Vec::new());
    (0..inputs.scheme.indicators.len()).for_each(|at| see(receipt(&period, person, &scored, at)));
    Ok(())
}

fn of_manager<'a>(inputs: &Inputs<'a>, person: &'a PersonId) -> Result<(Inputs<'a>, &'a PersonId), ExplainFault> {
    let inputs = Inputs { person: Some(person), ..*inputs };
    let person = managers(&inputs).next().ok_or_else(|| ExplainFault::NoManager(person.clone()))?;
    Ok((inputs, person))
}

fn receipt(period: &Period<'_>, person: &PersonId, scored: &Scored<'_>, at: usize) -> Receipt {
    let (indicator, score): (&Indicator, _) = (&period.scheme.indicators[at], &scored.indicators[at]);
    let facts = facts::facts(period, person, &scored.counted, indicator);
    Receipt {
        month: period.month,
        as_of: period.cut,
        scheme: period.scheme.id.clone(),
        scheme_hash: period.scheme.hash,
        person_id: person.clone(),
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        class: indicator.class,
        source: indicator.source,
        formula: indicator.formula.clone(),
        visit_rules: facts::rests_on_visits(&indicator.formula).then(|| period.scheme.visits.clone()),
        gate: scored.gate.clone().filter(|_| touched_by_gate(indicator.class, &indicator.formula)),
        status: score.status,
        gated: scored.gated(),
        points: score.points.clone(),
        steps: steps::steps(period, person, scored, indicator, score),
        facts,
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} ({}): {}", self.person_id, self.indicator, self.title.en, self.points)?;
        writeln!(f, "month {}, up to {}, scheme {} {}", self.month, self.as_of, self.scheme, self.scheme_hash)?;
        writeln!(f)?;
        for (nth, step) in self.steps.iter().enumerate() {
            match &step.value {
                Some(value) => writeln!(f, "{:>2}. {} = {value}", nth + 1, step.what)?,
                None => writeln!(f, "{:>2}. {}", nth + 1, step.what)?,
            }
        }
        writeln!(f)?;
        writeln!(f, "{} facts", self.facts.len())?;
        self.facts.iter().try_for_each(|fact| writeln!(f, "  {fact}"))
    }
}
