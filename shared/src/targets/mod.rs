//! Plans and their cascade: district → team → manager → route. What adds up must add up; where it does not, the difference
//! is listed. Plans are compared as they were imported: a transfer moves a part between two managers, and no sum above both.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use serde::Serialize;

use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId, Sku, TransferId};
use crate::reference::{DISTRICT, Level, Reference, Role, Target, Transfer};
use crate::scheme::{Formula, Measure, Scheme};
use crate::score::Exact;
use crate::time::Month;

mod cascade;

pub use cascade::{CascadeRow, cascade, planned};

/// A month's cascade, checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CascadeCheck {
    pub month: Month,
    /// Sums that were looked at.
    pub sums: u64,
    /// Those that are not their parent's plan, from the district down.
    pub differences: Vec<Difference>,
    /// Managers of no team, though there are teams: they stand beside these.
    pub without_team: Vec<PersonId>,
    /// Indicators of the cascade that are no sums of their parts (shares, values per carton): they are not compared.
    pub not_additive: Vec<IndicatorId>,
    /// Confirmed ones of the month.
    pub transfers: Vec<TransferRow>,
    /// Plans that are less than what these took of them.
    pub overdrawn: Vec<Overdrawn>,
}

/// A manager's plan that was corrected to less than what colleagues have taken over of it: it would count as less than nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overdrawn {
    pub person: PersonId,
    pub indicator: IndicatorId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Sku>,
    /// As imported; none: there is no such plan any more.
    pub plan: Option<Dec>,
    /// By confirmed transfers, less what these brought.
    pub taken: Exact,
}

/// A parent's plan beside what its children add up to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// `district`, `team` or `manager`.
    pub level: &'static str,
    pub unit: String,
    pub indicator: IndicatorId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Sku>,
    /// None: it plans the indicator, and not this item of it.
    pub plan: Option<Dec>,
    pub sum: Exact,
    /// Sum − plan.
    pub difference: Exact,
    pub children: Vec<Child>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Child {
    /// `team`, `manager` or `route`.
    pub level: &'static str,
    pub unit: String,
    /// None: it has no plan for this.
    pub plan: Option<Dec>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TransferRow {
    pub id: TransferId,
    #[serde(flatten)]
    pub transfer: Transfer,
}

/// Whether an indicator of a whole is the sum of those of its parts.
pub fn is_additive(formula: &Formula) -> bool {
    matches!(formula, Formula::Ratio { measure: Measure::Volume(_), .. } | Formula::PerItem { .. } | Formula::Events { .. })
}

/// Whether an indicator's actual is a share of 0 to 1.
pub fn is_share(formula: &Formula) -> bool {
    matches!(formula, Formula::Ratio { measure: Measure::WidthCompliance | Measure::VisitCompletion, .. })
}

/// Why a plan can hardly be met, if it can't: a share of 100 % leaves room for no closed shop and no missed stop.
pub fn hardly_met(formula: &Formula, plan: Dec) -> Option<&'static str> {
    let one = Dec::from_parts(1, 0).unwrap_or_default();
    (is_share(formula) && plan >= one).then_some("a share of 100 % or more can hardly be met: one closed shop or missed stop misses it")
}

type What<'a> = (&'a IndicatorId, Option<&'a Sku>);

/// A unit of the cascade with its plans.
struct Unit<'a> {
    level: &'static str,
    name: &'a str,
    plans: BTreeMap<What<'a>, Dec>,
}

impl<'a> Unit<'a> {
    fn new(level: &'static str, name: &'a str, targets: Option<&'a Vec<Target>>) -> Self {
        let plans = targets.into_iter().flatten().map(|target| ((&target.indicator, target.item.as_ref()), target.plan));
        Self { level, name, plans: plans.collect() }
    }
}

/// Checks a month. A route is its owner's on the month's last day.
pub fn check(reference: &Reference, scheme: &Scheme, month: Month) -> CascadeCheck {
    let district = Unit::new("district", DISTRICT, of_level(reference, month, Level::District, DISTRICT));
    let managers: Vec<&PersonId> = reference.people.iter().filter(|(_, person)| person.role == Role::Manager).map(|(id, _)| id).collect();
    let manager = |id: &&'_ PersonId| -> Option<(&PersonId, _)> {
        let (id, _) = reference.people.get_key_value(*id)?;
        Some((id, Unit::new("manager", id.as_str(), reference.targets.get(&(id.clone(), month)))))
    };
    let team_of = |id: &PersonId| reference.people.get(id).and_then(|person| person.team.as_ref());
    let mut out = CascadeCheck {
        month,
        sums: 0,
        differences: Vec::new(),
        without_team: managers.iter().filter(|id| !reference.teams.is_empty() && team_of(id).is_none()).map(|id| (*id).clone()).collect(),
        not_additive: Vec::new(),
        transfers: confirmed(reference, month),
        overdrawn: overdrawn(reference, month),
    };
    let mut other = BTreeSet::new();
    let teams: Vec<Unit<'_>> = reference
        .teams
        .keys()
        .map(|team| Unit::new("team", team.as_str(), of_level(reference, month, Level::Team, team.as_str())))
        .collect();
    let alone: Vec<Unit<'_>> = managers.iter().filter(|id| team_of(id).is_none()).filter_map(manager).map(|(_, unit)| unit).collect();
    let everybody: Vec<Unit<'_>> = managers.iter().filter_map(manager).map(|(_, unit)| unit).collect();
    let (by_teams, directly): (BTreeSet<What<'_>>, _) = whats(&district, &teams.iter().chain(&everybody).collect::<Vec<_>>())
        .into_iter()
        .partition(|what| teams_plan(reference, month, *what));
    compare(&mut out, &mut other, scheme, &district, &teams.iter().chain(&alone).collect::<Vec<_>>(), &by_teams);
    compare(&mut out, &mut other, scheme, &district, &everybody.iter().collect::<Vec<_>>(), &directly);
    for team in &teams {
        let members = managers.iter().filter(|id| team_of(id).is_some_and(|of| of.as_str() == team.name));
        let members: Vec<Unit<'_>> = members.filter_map(manager).map(|(_, unit)| unit).collect();
        let members: Vec<&Unit<'_>> = members.iter().collect();
        compare(&mut out, &mut other, scheme, team, &members, &whats(team, &members));
    }
    for (id, unit) in managers.iter().filter_map(manager) {
        let owned = reference.routes.keys().filter(|route| reference.owner(route.as_str(), month.last_day()) == Some(id));
        let routes: Vec<Unit<'_>> =
            owned.map(|route| Unit::new("route", route.as_str(), of_level(reference, month, Level::Route, route.as_str()))).collect();
        let routes: Vec<&Unit<'_>> = routes.iter().collect();
        compare(&mut out, &mut other, scheme, &unit, &routes, &whats(&unit, &routes));
    }
    out.not_additive = other.into_iter().collect();
    out
}

fn of_level<'a>(reference: &'a Reference, month: Month, level: Level, unit: &str) -> Option<&'a Vec<Target>> {
    reference.cascade.get(&(month, level, unit.to_string()))
}

fn overdrawn(reference: &Reference, month: Month) -> Vec<Overdrawn> {
    let people = reference.transfers.keys().filter(|(_, of)| *of == month).map(|(person, _)| person);
    let of_person = |person: &PersonId| {
        let plans = reference.targets.get(&(person.clone(), month)).map_or(&[][..], Vec::as_slice);
        let taken = reference.taken(person, month).into_iter().map(|((indicator, item), taken)| {
            let plan = plans.iter().find(|plan| plan.indicator == indicator && plan.item == item).map(|plan| plan.plan);
            Overdrawn { person: person.clone(), indicator, item, plan, taken: Exact(taken) }
        });
        taken.filter(|row| row.taken.0 > row.plan.unwrap_or_default().to_fraction()).collect::<Vec<_>>()
    };
    people.flat_map(of_person).collect()
}

/// Whether the district's plan of something is broken down to teams. What no team plans is broken down to managers directly.
fn teams_plan(reference: &Reference, month: Month, (indicator, item): What<'_>) -> bool {
    let mut teams = reference.teams.keys().filter_map(|team| of_level(reference, month, Level::Team, team.as_str()));
    teams.any(|targets| targets.iter().any(|target| target.indicator == *indicator && target.item.as_ref() == item))
}

fn confirmed(reference: &Reference, month: Month) -> Vec<TransferRow> {
    let of_month = reference.transfers.iter().filter(|((_, of), _)| *of == month).flat_map(|((person, _), all)| {
        // Each stands with both of its managers, and is told once.
        all.iter().filter(move |(_, transfer)| transfer.to == *person && transfer.confirmed())
    });
    let mut rows: Vec<TransferRow> = of_month.map(|(id, transfer)| TransferRow { id: id.clone(), transfer: transfer.clone() }).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

/// All that a parent or one of its children plans.
fn whats<'a>(parent: &Unit<'a>, children: &[&Unit<'a>]) -> BTreeSet<What<'a>> {
    parent.plans.keys().chain(children.iter().flat_map(|child| child.plans.keys())).copied().collect()
}

/// Compares a parent with its children in `whats`: those that the parent plans and, as managers plan everything and routes
/// mostly little, of a manager those that a route plans, too.
fn compare(
    out: &mut CascadeCheck,
    other: &mut BTreeSet<IndicatorId>,
    scheme: &Scheme,
    parent: &Unit<'_>,
    children: &[&Unit<'_>],
    whats: &BTreeSet<What<'_>>,
) {
    if parent.plans.is_empty() || children.iter().all(|child| child.plans.is_empty()) {
        return;
    }
    let plans = |unit: &Unit<'_>, indicator: &IndicatorId| unit.plans.keys().any(|(planned, _)| *planned == indicator);
    for (indicator, item) in whats.iter().copied() {
        let broken_down = parent.level != "manager" || children.iter().any(|child| plans(child, indicator));
        if !plans(parent, indicator) || !broken_down {
            continue;
        }
        if !scheme.indicator(indicator.as_str()).is_some_and(|known| is_additive(&known.formula)) {
            // A manager's shares have no parts, and need none.
            other.extend((parent.level != "manager").then(|| indicator.clone()));
            continue;
        }
        let plan = parent.plans.get(&(indicator, item)).copied();
        let plans = children.iter().map(|child| child.plans.get(&(indicator, item)).copied());
        let sum: BigRational = plans.clone().flatten().map(Dec::to_fraction).sum();
        let difference = &sum - plan.unwrap_or_default().to_fraction();
        out.sums += 1;
        if plan.is_some() && difference == BigRational::default() {
            continue;
        }
        let children = children.iter().zip(plans).map(|(child, plan)| Child { level: child.level, unit: child.name.into(), plan });
        out.differences.push(Difference {
            level: parent.level,
            unit: parent.name.into(),
            indicator: indicator.clone(),
            item: item.cloned(),
            plan,
            sum: Exact(sum),
            difference: Exact(difference),
            children: children.collect(),
        });
    }
}
