//! Progress of goals: what a goal measures is an indicator of the scheme, counted over the quarter by the scorer's own
//! measures. Volumes and points add up over the months, quotients are of both sums, holdings are those of the latest month.

use num_rational::BigRational;
use num_traits::Zero;
use serde::Serialize;

use super::formulas::{Basis, basis};
use super::measures::Counted;
use super::number::{Exact, Rounded, whole};
use super::period::Period;
use super::{Inputs, managers};
use crate::decimal::Dec;
use crate::doc::{Agreed, Goal, Goals};
use crate::ids::{IndicatorId, PersonId, Sku};
use crate::scheme::{Formula, Measure, Scheme};
use crate::targets::is_share;
use crate::time::{Month, Quarter};

/// A person's goals of a quarter with how far they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalsView {
    pub person_id: PersonId,
    pub quarter: Quarter,
    /// By id.
    pub goals: Vec<GoalView>,
    /// More goals than there may be, fields that were set apart.
    pub faults: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoalView {
    pub id: String,
    pub title: String,
    /// `INDICATOR` or `INDICATOR/SKU`.
    pub measure: String,
    /// As it was written: a decimal, or a percentage.
    pub target: String,
    pub agreed_by: Agreed,
    /// By both sides.
    pub agreed: bool,
    /// None: it is not measured, or there is nothing to measure yet.
    pub actual: Option<Exact>,
    /// actual ÷ target.
    pub progress: Option<Rounded>,
    pub reached: bool,
    /// The months that were counted.
    pub months: Vec<Month>,
    /// How they were put together.
    pub how: Option<How>,
    /// Why it is not quantified, or not measured.
    pub faults: Vec<String>,
    /// What should be thought over before it is agreed on.
    pub warnings: Vec<String>,
}

/// How a quarter's actual comes of its months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Sum,
    /// The sum of what was reached ÷ the sum of what it is a part of.
    Quotient,
    Latest,
}

/// What one month gives to a measure.
struct Tally {
    how: How,
    part: BigRational,
    /// Of a quotient; 0: nothing to measure.
    of: Option<BigRational>,
}

/// One month, counted.
struct MonthCounts<'a> {
    period: Period<'a>,
    counted: Counted<'a>,
}

/// The goals of one person with their progress. `months` are the quarter's months that have begun and have a scheme, in
/// order, each up to the day that is asked about.
pub fn goals_view(goals: &Goals, person: &PersonId, quarter: Quarter, months: &[Inputs<'_>]) -> GoalsView {
    let months = months.iter().map(|inputs| Inputs { person: Some(person), ..*inputs });
    let counted: Vec<MonthCounts<'_>> = months
        .filter(|inputs| managers(inputs).next().is_some())
        .map(|inputs| {
            let period = Period::new(&inputs);
            MonthCounts { counted: Counted::new(&period, person), period }
        })
        .collect();
    let view = |(id, goal): (&String, &Goal)| one(id, goal, person, &counted);
    GoalsView { person_id: person.clone(), quarter, goals: goals.goals.iter().map(view).collect(), faults: goals.faults.clone() }
}

fn one(id: &str, goal: &Goal, person: &PersonId, months: &[MonthCounts<'_>]) -> GoalView {
    let mut out = GoalView {
        id: id.into(),
        title: goal.title.clone(),
        measure: goal.measure.clone(),
        target: goal.target.clone(),
        agreed_by: goal.agreed_by.clone(),
        agreed: goal.agreed_by.person.is_some() && goal.agreed_by.supervisor.is_some(),
        actual: None,
        progress: None,
        reached: false,
        months: months.iter().map(|month| month.period.month).collect(),
        how: None,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let last = months.last();
    let measure = last.map(|last| measure_of(last.period.scheme, &goal.measure));
    let measured = measure.as_ref().and_then(|measure| measure.as_ref().ok());
    let formula = last.zip(measured).and_then(|(last, (indicator, _))| formula_of(last.period.scheme, indicator));
    let target = match target_of(&goal.target, formula) {
        Ok(target) => Some(target),
        Err(fault) => {
            out.faults.push(format!("the target {fault}: the goal is not quantified"));
            None
        }
    };
    if let Some((indicator, item)) = measured {
        let tallies: Vec<Tally> = months.iter().filter_map(|month| tally(month, person, indicator, item.as_ref())).collect();
        out.how = tallies.last().map(|tally| tally.how);
        out.actual = combined(&tallies).map(Exact);
    }
    out.faults.extend(measure.and_then(Result::err));
    // A percentage of something that is not measured here is a share all the same.
    let share = formula.map_or(goal.target.trim_end().ends_with(PERCENT), is_share);
    if share && target.as_ref().is_some_and(|target| *target >= whole(1)) {
        out.warnings.push("a share of 100 % or more can hardly be met: one closed shop or missed stop misses it".into());
    }
    if let (Some(Exact(actual)), Some(target)) = (&out.actual, &target) {
        out.progress = Some(Rounded::of(&(actual / target)));
        out.reached = actual >= target;
    }
    out
}

const PERCENT: [char; 2] = ['%', '％'];

/// Refuses a goal that is without a number, or that names nothing that is measured. Where there is no scheme yet, nobody knows
/// what is.
pub fn check_goal(scheme: Option<&Scheme>, measure: &str, target: &str) -> Result<(), String> {
    let measured = scheme.map(|scheme| Ok(formula_of(scheme, &measure_of(scheme, measure)?.0)));
    let formula = measured.transpose().map_err(|fault: String| format!("measure: {fault}"))?.flatten();
    target_of(target, formula).map(drop).map_err(|fault| format!("target: {fault}"))
}

fn formula_of<'s>(scheme: &'s Scheme, indicator: &IndicatorId) -> Option<&'s Formula> {
    scheme.indicator(indicator.as_str()).map(|known| &known.formula)
}

/// A number over 0: a decimal, or of a share a percentage; a percentage of cartons would be reached with the first one. Without
/// a formula it is not known what is measured, and either is taken. The fault says what it may be.
fn target_of(text: &str, formula: Option<&Formula>) -> Result<BigRational, String> {
    let stripped = text.trim().strip_suffix(PERCENT);
    if stripped.is_some() && formula.is_some_and(|formula| !is_share(formula)) {
        return Err(format!("`{text}` is a percentage, and what is measured is an amount, as 300"));
    }
    let (number, by) = stripped.map_or((text.trim(), 1), |number| (number.trim_end(), 100));
    let target = number.parse::<Dec>().ok().map(|number| number.to_fraction() / whole(by));
    target.filter(|target| *target > BigRational::zero()).ok_or_else(|| format!("`{text}` is no number over 0, as 300 or 95%"))
}

/// The indicator, and item, that a measure names. The fault says what it may name.
fn measure_of(scheme: &Scheme, text: &str) -> Result<(IndicatorId, Option<Sku>), String> {
    let (indicator, item) = text.trim().split_once('/').map_or((text.trim(), None), |(indicator, item)| (indicator, Some(item)));
    let unknown = || format!("`{text}` is no indicator of the scheme {}, nor INDICATOR/SKU: progress can't be measured", scheme.id);
    let known = scheme.indicator(indicator).ok_or_else(unknown)?;
    match (&known.formula, item) {
        (Formula::PerItem { .. }, Some(item)) => Ok((known.id.clone(), Some(Sku::new(item).map_err(|_| unknown())?))),
        (Formula::PerItem { .. }, None) => Err(format!("`{text}` is counted per item: name the SKU, as {text}/SKU")),
        (_, Some(_)) => Err(unknown()),
        (_, None) => Ok((known.id.clone(), None)),
    }
}

/// None: the month's scheme lacks the indicator.
fn tally(month: &MonthCounts<'_>, person: &PersonId, indicator: &IndicatorId, item: Option<&Sku>) -> Option<Tally> {
    let MonthCounts { period, counted } = month;
    let known = period.scheme.indicator(indicator.as_str())?;
    let quotient = |part: BigRational, of: BigRational| Tally { how: How::Quotient, part, of: Some(of) };
    Some(match &known.formula {
        Formula::Ratio { measure: Measure::Volume(filter), .. } => Tally { how: How::Sum, part: counted.cartons(period, filter), of: None },
        Formula::Ratio { measure: Measure::ValuePerCarton, .. } => {
            quotient(counted.value(), counted.cartons(period, &crate::scheme::VolumeFilter::default()))
        }
        Formula::Ratio { measure: Measure::VisitCompletion, .. } => quotient(whole(counted.stops.visited), whole(counted.stops.planned)),
        Formula::Ratio { measure: Measure::WidthCompliance, .. } => {
            let (reached, all) = counted.width_compliance(period);
            Tally { how: How::Latest, part: whole(reached), of: Some(whole(all)) }
        }
        Formula::PerItem { .. } => {
            let outlets = counted.outlets(item.and_then(|item| period.skus.index(item)));
            Tally { how: How::Latest, part: whole(outlets), of: None }
        }
        Formula::Events { .. } => match basis(period, person, counted, known) {
            Basis::Events { sum } => Tally { how: How::Sum, part: sum, of: None },
            _ => return None,
        },
    })
}

fn combined(tallies: &[Tally]) -> Option<BigRational> {
    let last = tallies.last()?;
    let quotient = |part: BigRational, of: BigRational| (of > BigRational::zero()).then(|| part / of);
    match last.how {
        How::Sum => Some(tallies.iter().map(|tally| &tally.part).sum()),
        How::Quotient => {
            quotient(tallies.iter().map(|tally| &tally.part).sum(), tallies.iter().filter_map(|tally| tally.of.as_ref()).sum())
        }
        How::Latest => match &last.of {
            Some(of) => quotient(last.part.clone(), of.clone()),
            None => Some(last.part.clone()),
        },
    }
}
