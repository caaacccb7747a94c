//! Roll-ups: what people's scores come to for their team, their department and the district, over a month, a quarter or a
//! year. Points are means, of months and of people; volumes are sums; what is neither stands with the person alone.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use num_rational::BigRational;
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::number::{Rounded, whole};
use super::stars::MonthState;
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId};
use crate::reference::{Reference, Role};
use crate::scheme::{Scheme, Title};
use crate::targets::is_additive;
use crate::time::Month;

/// What is summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Person,
    Team,
    Department,
    District,
}

impl FromStr for By {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "person" => Ok(Self::Person),
            "team" => Ok(Self::Team),
            "department" => Ok(Self::Department),
            "district" => Ok(Self::District),
            _ => Err(format!("by: `{text}` is none of person, team, department, district, outlet")),
        }
    }
}

/// One month of everybody, as a score's JSON has it: published or open.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MonthRows {
    pub month: Month,
    /// None: the month is open.
    #[serde(default)]
    pub revision: Option<u32>,
    pub managers: Vec<PersonMonth>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PersonMonth {
    pub person_id: PersonId,
    pub total: Rounded,
    pub gated: bool,
    pub indicators: Vec<IndicatorMonth>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct IndicatorMonth {
    pub id: IndicatorId,
    pub points: Rounded,
    #[serde(default)]
    pub actual: Option<Rounded>,
    #[serde(default)]
    pub plan: Option<Dec>,
}

/// A roll-up with how it was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollUp {
    pub by: By,
    /// `2026-08`, `2026Q3` or `2026`.
    pub period: String,
    pub months: Vec<MonthState>,
    pub rows: Vec<RollUpRow>,
    /// How points and amounts were put together, in words.
    pub how: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollUpRow {
    /// A person, a team, a department or `district`; empty: those that belong to none.
    pub unit: String,
    pub name: String,
    pub members: Vec<PersonId>,
    /// Mean over the members of their means over the months.
    pub total: Rounded,
    /// How many of the members' months were gated.
    pub gated_months: u64,
    pub indicators: Vec<RollUpIndicator>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RollUpIndicator {
    pub id: IndicatorId,
    pub title: Title,
    /// As the total.
    pub points: Rounded,
    /// Volumes: summed over members and months. Others: of one person's one month; else none.
    pub actual: Option<Rounded>,
    pub plan: Option<Rounded>,
    /// actual ÷ plan.
    pub reached: Option<Rounded>,
}

const HOW: [&str; 3] = [
    "points: the mean over a member's months, then the mean over the members, rounded once",
    "volumes: actual and plan summed over members and months; reached is sum ÷ sum",
    "other actuals are nobody's sum: they are shown for one person's one month",
];

/// Rolls months up. `scheme`: of the last month, for the order and the titles of the indicators.
pub fn roll_up(reference: &Reference, scheme: &Scheme, by: By, period: String, months: &[MonthRows]) -> RollUp {
    let mut units: BTreeMap<String, (String, BTreeSet<&PersonId>)> = BTreeMap::new();
    let managers = reference.people.iter().filter(|(_, person)| person.role == Role::Manager).map(|(id, _)| id);
    let scored = months.iter().flat_map(|month| &month.managers).map(|manager| &manager.person_id);
    for id in managers.chain(scored) {
        let (unit, name) = unit_of(reference, by, id);
        units.entry(unit).or_insert_with(|| (name, BTreeSet::new())).1.insert(id);
    }
    let state = |month: &MonthRows| MonthState {
        month: month.month,
        status: if month.revision.is_some() { "published" } else { "open" },
        revision: month.revision,
    };
    let rows = units.into_iter().map(|(unit, (name, members))| row(scheme, unit, name, &members, months)).collect();
    RollUp { by, period, months: months.iter().map(state).collect(), rows, how: HOW.into() }
}

fn unit_of(reference: &Reference, by: By, id: &PersonId) -> (String, String) {
    let person = reference.people.get(id);
    let team = person.and_then(|person| person.team.as_ref());
    let known = team.and_then(|team| reference.teams.get(team));
    match by {
        By::Person => (id.to_string(), person.map(|person| person.name.clone()).unwrap_or_default()),
        By::Team => (team.map(ToString::to_string).unwrap_or_default(), known.map(|team| team.name.clone()).unwrap_or_default()),
        By::Department => {
            let department = known.and_then(|team| team.department.clone()).unwrap_or_default();
            (department.clone(), department)
        }
        By::District => ("district".into(), reference.org.as_ref().map(|org| org.name.clone()).unwrap_or_default()),
    }
}

fn mean(numbers: &[BigRational]) -> BigRational {
    if numbers.is_empty() { BigRational::zero() } else { numbers.iter().sum::<BigRational>() / whole(numbers.len()) }
}

/// The mean over the members of their means over the months in which they have a score.
fn points(members: &BTreeSet<&PersonId>, months: &[MonthRows], of: impl Fn(&PersonMonth) -> Option<Rounded>) -> Rounded {
    let own = |member: &PersonId| {
        let theirs = months.iter().flat_map(|month| &month.managers).filter(|manager| manager.person_id == *member);
        let points: Vec<BigRational> = theirs.filter_map(&of).map(|points| points.to_fraction()).collect();
        (!points.is_empty()).then(|| mean(&points))
    };
    Rounded::of(&mean(&members.iter().filter_map(|member| own(member)).collect::<Vec<_>>()))
}

fn row(scheme: &Scheme, unit: String, name: String, members: &BTreeSet<&PersonId>, months: &[MonthRows]) -> RollUpRow {
    let scores: Vec<&PersonMonth> =
        months.iter().flat_map(|month| &month.managers).filter(|manager| members.contains(&manager.person_id)).collect();
    let find = |score: &PersonMonth, id: &IndicatorId| score.indicators.iter().find(|indicator| indicator.id == *id).cloned();
    let indicators = scheme.indicators.iter().map(|known| {
        let found: Vec<IndicatorMonth> = scores.iter().filter_map(|score| find(score, &known.id)).collect();
        let sum = is_additive(&known.formula) || found.len() == 1;
        let total = |numbers: Vec<BigRational>| (sum && !numbers.is_empty()).then(|| numbers.iter().sum::<BigRational>());
        let actual = total(found.iter().filter_map(|one| one.actual.as_ref()).map(Rounded::to_fraction).collect());
        let plan = total(found.iter().filter_map(|one| one.plan).map(Dec::to_fraction).collect());
        let reached = actual.as_ref().zip(plan.as_ref().filter(|plan| **plan > BigRational::zero())).map(|(actual, plan)| actual / plan);
        RollUpIndicator {
            id: known.id.clone(),
            title: known.title.clone(),
            points: points(members, months, |score| find(score, &known.id).map(|one| one.points)),
            actual: actual.as_ref().map(Rounded::of),
            plan: plan.as_ref().map(Rounded::of),
            reached: reached.as_ref().map(Rounded::of),
        }
    });
    RollUpRow {
        unit,
        name,
        members: members.iter().map(|member| (*member).clone()).collect(),
        total: points(members, months, |score| Some(score.total.clone())),
        gated_months: scores.iter().filter(|score| score.gated).count() as u64,
        indicators: indicators.collect(),
    }
}
