//! One indicator from the district down to its routes: every unit's plan beside what the units below it add up to.

use std::collections::BTreeSet;

use num_rational::BigRational;
use num_traits::Zero;
use serde::Serialize;

use super::{DISTRICT, Level, What, is_additive, of_level, teams_plan};
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId, Sku};
use crate::reference::{Reference, Role, Target};
use crate::scheme::Scheme;
use crate::score::Exact;
use crate::time::Month;

/// A unit's plan of one indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CascadeRow {
    /// `district`, `team`, `manager` or `route`.
    pub level: &'static str,
    pub unit: String,
    /// None: it has no plan for this.
    pub plan: Option<Dec>,
    /// Of a manager: with what was transferred.
    pub effective: Option<Dec>,
    /// What the units below add up to; none: none of them plans it, or it is no sum of its parts.
    pub sum: Option<Exact>,
    /// Sum − plan, where there are both.
    pub difference: Option<Exact>,
}

/// What is planned in a month by anybody, by indicator and item.
pub fn planned(reference: &Reference, month: Month) -> BTreeSet<(IndicatorId, Option<Sku>)> {
    let of_managers = reference.targets.iter().filter(|((_, of), _)| *of == month).flat_map(|(_, targets)| targets);
    let of_units = reference.cascade.iter().filter(|((of, ..), _)| *of == month).flat_map(|(_, targets)| targets);
    of_managers.chain(of_units).map(|target| (target.indicator.clone(), target.item.clone())).collect()
}

/// The units of a month from the district down, each before those below it; routes without a plan are left out. A route is
/// its owner's on the month's last day; who is in no team stands behind the teams.
pub fn cascade(reference: &Reference, scheme: &Scheme, month: Month, indicator: &IndicatorId, item: Option<&Sku>) -> Vec<CascadeRow> {
    let tree = Tree { reference, month, what: (indicator, item) };
    let adds_up = scheme.indicator(indicator.as_str()).is_some_and(|known| is_additive(&known.formula));
    let teams: Vec<Branch> = reference.teams.keys().map(|team| tree.team(team.as_str())).collect();
    let alone: Vec<Branch> = tree.managers(None).map(|id| tree.manager(id)).collect();
    let below: Vec<&Branch> = match teams_plan(reference, month, (indicator, item)) {
        true => teams.iter().chain(&alone).collect(),
        false => teams.iter().flat_map(|team| &team.below).chain(&alone).collect(),
    };
    let sum = sum_of(below.into_iter());
    let district = tree.branch("district", DISTRICT, of_level(reference, month, Level::District, DISTRICT));
    let mut rows = vec![row(&district, sum, adds_up)];
    teams.iter().chain(&alone).for_each(|branch| flatten(branch, adds_up, &mut rows));
    rows
}

struct Tree<'a> {
    reference: &'a Reference,
    month: Month,
    what: What<'a>,
}

struct Branch {
    level: &'static str,
    unit: String,
    plan: Option<Dec>,
    effective: Option<Dec>,
    below: Vec<Branch>,
}

impl Tree<'_> {
    fn plan(&self, targets: &[Target]) -> Option<Dec> {
        let (indicator, item) = self.what;
        targets.iter().find(|target| target.indicator == *indicator && target.item.as_ref() == item).map(|target| target.plan)
    }

    fn branch(&self, level: &'static str, unit: &str, targets: Option<&Vec<Target>>) -> Branch {
        Branch { level, unit: unit.into(), plan: targets.and_then(|targets| self.plan(targets)), effective: None, below: Vec::new() }
    }

    /// The managers of a team, or of none.
    fn managers(&self, team: Option<&str>) -> impl Iterator<Item = &PersonId> {
        let known = |team: &crate::ids::TeamId| self.reference.teams.contains_key(team).then(|| team.as_str().to_string());
        let wanted = team.map(str::to_string);
        let managers = self.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
        managers.filter(move |(_, person)| person.team.as_ref().and_then(known) == wanted).map(|(id, _)| id)
    }

    fn team(&self, team: &str) -> Branch {
        let below = self.managers(Some(team)).map(|id| self.manager(id)).collect();
        Branch { below, ..self.branch("team", team, of_level(self.reference, self.month, Level::Team, team)) }
    }

    fn manager(&self, id: &PersonId) -> Branch {
        let owned = self.reference.routes.keys().filter(|route| self.reference.owner(route.as_str(), self.month.last_day()) == Some(id));
        let route = |route: &str| self.branch("route", route, of_level(self.reference, self.month, Level::Route, route));
        let below = owned.map(|id| route(id.as_str())).filter(|route| route.plan.is_some()).collect();
        let effective = self.plan(&self.reference.effective_targets(id, self.month));
        Branch { below, effective, ..self.branch("manager", id.as_str(), self.reference.targets.get(&(id.clone(), self.month))) }
    }
}

fn sum_of<'b>(below: impl Iterator<Item = &'b Branch>) -> Option<BigRational> {
    let plans: Vec<Dec> = below.filter_map(|branch| branch.plan).collect();
    (!plans.is_empty()).then(|| plans.into_iter().map(Dec::to_fraction).sum())
}

fn row(branch: &Branch, sum: Option<BigRational>, adds_up: bool) -> CascadeRow {
    let sum = sum.filter(|_| adds_up);
    let difference = sum.as_ref().zip(branch.plan).map(|(sum, plan)| Exact(sum - plan.to_fraction()));
    let Branch { level, unit, plan, effective, .. } = branch;
    CascadeRow { level, unit: unit.clone(), plan: *plan, effective: *effective, sum: sum.map(Exact), difference }
}

fn flatten(branch: &Branch, adds_up: bool, rows: &mut Vec<CascadeRow>) {
    rows.push(row(branch, sum_of(branch.below.iter()), adds_up));
    branch.below.iter().for_each(|below| flatten(below, adds_up, rows));
}

impl CascadeRow {
    /// The units below add up to something else.
    pub fn disagrees(&self) -> bool {
        self.difference.as_ref().is_some_and(|difference| !difference.0.is_zero())
    }
}
