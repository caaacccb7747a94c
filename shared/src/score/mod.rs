//! The score: a pure function of the scheme version, the `as_of` date, the reference data and the facts. Phone and head
//! office call the same function; for one person it reads only what is of that person, of the shops credited to them and
//! of the routes that these were on, so that both come to the same digits.
//!
//! How a run goes: [`period`] indexes and flags, [`measures`] counts for one person, [`gate`] judges, [`formulas`] turns
//! counts into exact points and rounds once; [`explain`] prints the same rows and steps.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Serialize, Serializer};

use crate::facts::Visit;
use crate::facts::flags::{Flag, Flagged};
use crate::ids::{PersonId, SchemeHash};
use crate::reference::{Reference, Role};
use crate::scheme::Scheme;
use crate::time::Month;

mod explain;
mod formulas;
mod gate;
mod goals;
mod holdings;
mod measures;
mod number;
mod outlets;
mod parts;
mod period;
mod replay;
mod rollup;
mod sales;
mod stars;
mod warnings;
mod what_if;

pub use explain::{ExplainFault, Fact, HeldRow, Receipt, Step, VisitFact, explain, explain_all};
pub use formulas::{IndicatorScore, ItemScore, Status, Working};
pub use gate::{GateScore, JudgedBy};
pub use goals::{GoalView, GoalsView, How, check_goal, goals_view};
pub use holdings::{Holding, holdings};
pub use number::{Exact, Rounded};
pub use outlets::{OutletMonth, OutletRow, Standing, outlet_rows, outlets};
pub use parts::{Part, Share, Together, assemble, routes_of, score_parts, shares};
pub use replay::{ReplayedIndicator, ReplayedManager, ReplayedStars, replay_month, replay_stars, unplanned};
pub use rollup::{By, IndicatorMonth, MonthRows, PersonMonth, RollUp, RollUpIndicator, RollUpRow, roll_up};
pub use stars::{MonthPoints, MonthState, PersonPoints, StarsRow, StarsTable, stars};
pub use warnings::{Code, Warning};
pub use what_if::{Amount, Change, ChangeFault, Changed, Effect, MonthTotal, Outlook, Place, Points, WhatIf, WhatIfFault, what_if};

use formulas::indicator_score;
use gate::gate_score;
use measures::Counted;
use period::Period;

/// What a month is scored from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub reference: &'a Reference,
    /// The version of the month: [`crate::scheme::scheme_of`].
    pub scheme: &'a Scheme,
    /// In any order, repeated or not; those of other months are ignored. With `person`: at least those to the shops
    /// credited to the person, or planned for them.
    pub visits: &'a [Visit],
    pub month: Month,
    /// Facts, sales, events, planned stops and the owner's last day are cut here; none: at the month's end.
    pub as_of: Option<Date>,
    /// Only this person, as a phone asks; none: every manager.
    pub person: Option<&'a PersonId>,
}

/// The score of a month. In JSON the keys stand in the order of the fields; decimals are strings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthScore {
    #[serde(serialize_with = "text")]
    pub month: Month,
    /// The scheme's id.
    pub scheme: String,
    /// By person id: every person of role manager, with a target or not.
    pub managers: Vec<ManagerScore>,
    /// All visits dated in the period, whoever made them; for one person, those that the person made.
    pub visits: VisitCounts,
    /// min(`as_of`, month end): the last day that counts.
    pub as_of: Date,
    /// Which version of the scheme.
    pub scheme_hash: SchemeHash,
    pub warnings: Vec<Warning>,
}

/// One manager's month.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct ManagerScore {
    #[n(0)]
    pub person_id: PersonId,
    /// Before the month's end by pace, then by progress; see `gate`.
    #[n(1)]
    pub gated: bool,
    /// The sum of the rounded points.
    #[n(2)]
    pub total: Rounded,
    /// In the scheme's order.
    #[n(3)]
    pub indicators: Vec<IndicatorScore>,
    /// None: the scheme has no gate.
    #[n(4)]
    pub gate: Option<GateScore>,
    /// Visits that the manager made, dated in the period.
    #[n(5)]
    pub visits: VisitCounts,
}

/// How many visits there are, how many count, and what is off about them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct VisitCounts {
    #[n(0)]
    pub logged: u64,
    #[n(1)]
    pub effective: u64,
    /// Flags that any visit has, by name.
    #[n(2)]
    pub flags: BTreeMap<Flag, u64>,
}

impl VisitCounts {
    fn add(&mut self, flagged: &Flagged<'_>) {
        self.logged += 1;
        self.effective += u64::from(flagged.effective);
        flagged.flags.iter().for_each(|flag| *self.flags.entry(flag).or_default() += 1);
    }
    fn join(&mut self, other: &Self) {
        self.logged += other.logged;
        self.effective += other.effective;
        other.flags.iter().for_each(|(flag, count)| *self.flags.entry(*flag).or_default() += count);
    }
    /// The counts of some visits.
    pub fn of<'v, 'a: 'v>(visits: impl IntoIterator<Item = &'v Flagged<'a>>) -> Self {
        let mut counts = Self::default();
        visits.into_iter().for_each(|visit| counts.add(visit));
        counts
    }
}

pub(crate) fn text<T: std::fmt::Display, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(value)
}

/// Scores a month: of every manager, or of the one person asked for (nobody, if they are no manager).
pub fn score_month(inputs: &Inputs<'_>) -> MonthScore {
    let period = Period::new(inputs);
    let mut made: BTreeMap<&PersonId, VisitCounts> = BTreeMap::new();
    for visit in &period.visits {
        made.entry(&visit.visit.person).or_default().add(visit);
    }
    let mut warnings: Vec<Warning> = warnings::of_district(period.zone_known).into_iter().collect();
    match inputs.person {
        Some(person) => period.routes_of(person).iter().for_each(|route| warnings::of_route(&period, route, &mut warnings)),
        None => period.routes_with_shops().for_each(|route| warnings::of_route(&period, route, &mut warnings)),
    }
    let managers: Vec<ManagerScore> = managers(inputs)
        .map(|person| Scored::new(&period, person, &mut warnings).manager(person, made.get(person).cloned().unwrap_or_default()))
        .collect();
    let visits = match inputs.person {
        Some(person) => made.get(person).cloned().unwrap_or_default(),
        None => VisitCounts::of(&period.visits),
    };
    MonthScore::of(inputs, managers, visits, warnings)
}

impl ManagerScore {
    fn of(person: &PersonId, gate: Option<GateScore>, indicators: Vec<IndicatorScore>, visits: VisitCounts) -> Self {
        Self {
            person_id: person.clone(),
            gated: gate.as_ref().is_some_and(GateScore::gated),
            total: indicators.iter().map(|indicator| &indicator.points).sum(),
            indicators,
            gate,
            visits,
        }
    }
}

impl MonthScore {
    fn of(inputs: &Inputs<'_>, managers: Vec<ManagerScore>, visits: VisitCounts, mut warnings: Vec<Warning>) -> Self {
        warnings.sort();
        Self {
            month: inputs.month,
            scheme: inputs.scheme.id.clone(),
            managers,
            visits,
            as_of: period::cut(inputs.month, inputs.as_of),
            scheme_hash: inputs.scheme.hash,
            warnings,
        }
    }
}

/// The people of role manager, by id; with `person`, that one of them.
fn managers<'a>(inputs: &Inputs<'a>) -> impl Iterator<Item = &'a PersonId> {
    let asked = inputs.person;
    let managers = inputs.reference.people.iter().filter(|(_, person)| person.role == Role::Manager).map(|(id, _)| id);
    managers.filter(move |id| asked.is_none_or(|asked| asked == *id))
}

/// One person's month with what it was counted from.
struct Scored<'a> {
    counted: Counted<'a>,
    gate: Option<GateScore>,
    indicators: Vec<IndicatorScore>,
}

impl<'a> Scored<'a> {
    fn new(period: &Period<'a>, person: &PersonId, warnings: &mut Vec<Warning>) -> Self {
        let counted = Counted::new(period, person);
        warnings::of_person(period, person, &counted, warnings);
        let gate = period.scheme.gate.as_ref().map(|gate| gate_score(period, person, &counted, gate, warnings));
        let effect = gate.as_ref().filter(|gate| gate.gated()).map(|gate| gate.effect);
        let score = |indicator| indicator_score(period, person, &counted, indicator, effect);
        let indicators = period.scheme.indicators.iter().map(score).collect();
        Self { counted, gate, indicators }
    }

    fn gated(&self) -> bool {
        self.gate.as_ref().is_some_and(GateScore::gated)
    }

    /// `visits`: those that the person made.
    fn manager(self, person: &PersonId, visits: VisitCounts) -> ManagerScore {
        ManagerScore::of(person, self.gate, self.indicators, visits)
    }
}
