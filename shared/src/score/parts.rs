//! A month in parts: each scores one manager and speaks for some routes, and all parts together are the month's score, to
//! the byte. A part reads no more than its own slice, so that parts are kept, and only those whose slice changed are made
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::period::{self, Period};
use super::{Inputs, ManagerScore, MonthScore, Scored, VisitCounts, Warning, warnings};
use jiff::civil::Date;
use minicbor::{Decode, Encode};

use crate::ids::{PersonId, RouteId};
use crate::limits;
use crate::reference::{Reference, Role};
use crate::time::Month;

/// What one part is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// None: the part speaks for routes alone.
    pub person: Option<PersonId>,
    /// Routes whose warnings and visits this part tells, and no other.
    pub tells: BTreeSet<RouteId>,
    /// What it has to be made from: those, and those that the person owns or stands in for on a day of the month.
    pub reads: BTreeSet<RouteId>,
}

/// Shares out a month: one part a manager, by id, and as many more as the routes need that no manager has. `reference`
/// holds the people and the assignments; `others` are routes with shops or sheets.
pub fn shares(reference: &Reference, others: impl IntoIterator<Item = RouteId>, month: Month, as_of: Option<Date>) -> Vec<Share> {
    let mut theirs = period::routes_by_person(reference, month, period::cut(month, as_of));
    let mut told: BTreeSet<&RouteId> = BTreeSet::new();
    let mut out = Vec::new();
    for (person, _) in reference.people.iter().filter(|(_, known)| known.role == Role::Manager) {
        let routes = theirs.remove(person).unwrap_or_default();
        let tells = routes.iter().filter(|route| told.insert(route)).map(|route| (*route).clone()).collect();
        out.push(Share { person: Some(person.clone()), tells, reads: routes.into_iter().cloned().collect() });
    }
    let known = reference.routes.keys().chain(reference.assignments.keys()).cloned();
    let rest: BTreeSet<RouteId> = known.chain(others).filter(|route| !told.contains(route)).collect();
    let rest: Vec<RouteId> = rest.into_iter().collect();
    for routes in rest.chunks(limits::SCORE_ROUTES) {
        let tells: BTreeSet<RouteId> = routes.iter().cloned().collect();
        out.push(Share { person: None, reads: tells.clone(), tells });
    }
    out
}

/// The routes that a person owns or stands in for on a day that a score of the month reads.
pub fn routes_of(reference: &Reference, person: &PersonId, month: Month, as_of: Option<Date>) -> BTreeSet<RouteId> {
    let theirs = period::routes_by_person(reference, month, period::cut(month, as_of)).remove(person);
    theirs.unwrap_or_default().into_iter().cloned().collect()
}

/// What one part says. As CBOR it takes a tenth of the memory: many are kept so.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Part {
    /// Its visits are those of [`Part::made`] of all parts.
    #[n(0)]
    pub manager: Option<ManagerScore>,
    /// The visits on the sheets of the part's routes, by who made them.
    #[n(1)]
    pub made: BTreeMap<PersonId, VisitCounts>,
    /// Of the manager and of the part's routes.
    #[n(2)]
    pub warnings: Vec<Warning>,
}

/// Scores some parts. `inputs` holds at least: the assignments, calendar, sales, width standards, shops and visits of the
/// routes that the shares read; the sales of every other route that a shop of these was on; of each shop and day that any
/// of this is about, every visit.
pub fn score_parts(inputs: &Inputs<'_>, shares: &[Share]) -> Vec<Part> {
    let period = Period::new(inputs);
    let of_route: BTreeMap<&RouteId, usize> =
        shares.iter().enumerate().flat_map(|(at, share)| share.tells.iter().map(move |route| (route, at))).collect();
    let mut parts: Vec<Part> = shares.iter().map(|share| part(&period, share)).collect();
    for visit in &period.visits {
        if let Some(at) = of_route.get(&visit.visit.route) {
            parts[*at].made.entry(visit.visit.person.clone()).or_default().add(visit);
        }
    }
    parts
}

fn part(period: &Period<'_>, share: &Share) -> Part {
    let mut part = Part::default();
    let with_shops = share.tells.iter().filter(|route| period.has_shops(route));
    with_shops.for_each(|route| warnings::of_route(period, route, &mut part.warnings));
    if let Some(person) = &share.person {
        let scored = Scored::new(period, person, &mut part.warnings);
        part.manager = Some(scored.manager(person, VisitCounts::default()));
    }
    part
}

/// What the parts of a month say together, beside each manager's own score.
#[derive(Default)]
pub struct Together {
    made: BTreeMap<PersonId, VisitCounts>,
    visits: VisitCounts,
    warnings: Vec<Warning>,
}

impl Together {
    /// Takes a part in; its manager's score comes back without visits.
    pub fn take(&mut self, part: Part) -> Option<ManagerScore> {
        for (person, counts) in part.made {
            self.visits.join(&counts);
            self.made.entry(person).or_default().join(&counts);
        }
        self.warnings.extend(part.warnings);
        part.manager
    }

    /// A manager's score with the visits, when all parts are taken in.
    pub fn with_visits(&self, manager: ManagerScore) -> ManagerScore {
        ManagerScore { visits: self.made.get(&manager.person_id).cloned().unwrap_or_default(), ..manager }
    }

    /// The month's score. Of `inputs`, the scheme and the district matter; `managers` are by person id, with visits.
    pub fn month(&self, inputs: &Inputs<'_>, managers: Vec<ManagerScore>) -> MonthScore {
        let zone_known = period::zone(inputs.reference).is_some();
        let warnings = warnings::of_district(zone_known).into_iter().chain(self.warnings.iter().cloned());
        MonthScore::of(inputs, managers, self.visits.clone(), warnings.collect())
    }
}

/// The month's score of all its parts. Of `inputs`, the scheme and the district matter.
pub fn assemble<'p>(inputs: &Inputs<'_>, parts: impl Iterator<Item = &'p Part>) -> MonthScore {
    let mut together = Together::default();
    let mut managers: Vec<ManagerScore> = parts.filter_map(|part| together.take(part.clone())).collect();
    managers.sort_by(|a, b| a.person_id.cmp(&b.person_id));
    let managers = managers.into_iter().map(|manager| together.with_visits(manager)).collect();
    together.month(inputs, managers)
}
