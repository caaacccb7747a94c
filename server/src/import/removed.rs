//! What `--replace` removed must not be missed: stored rows that stay may refer to it.

use std::collections::{BTreeMap, BTreeSet};

use shared::reference::{Level, Reference};

use super::report::Spot;
use super::{Job, PEOPLE, RETAILERS, ROUTES, SKUS, TEAMS};

/// An id of a file.
type Id<'a> = (&'static str, &'a str);

/// Notes everything that is gone and still referred to, each with one of the files that do.
pub(super) fn check(job: &mut Job<'_>, current: &Reference) {
    if job.findings.report.files.iter().all(|file| file.removed == 0) {
        return;
    }
    let next = &job.world.next;
    let mut gone = BTreeSet::<Id<'_>>::new();
    gone.extend(current.people.keys().filter(|id| !next.people.contains_key(*id)).map(|id| (PEOPLE, id.as_str())));
    gone.extend(current.routes.keys().filter(|id| !next.routes.contains_key(*id)).map(|id| (ROUTES, id.as_str())));
    gone.extend(current.retailers.keys().filter(|id| !next.retailers.contains_key(*id)).map(|id| (RETAILERS, id.as_str())));
    gone.extend(current.teams.keys().filter(|id| !next.teams.contains_key(*id)).map(|id| (TEAMS, id.as_str())));
    gone.extend(current.skus.keys().filter(|id| !next.skus.contains_key(*id)).map(|id| (SKUS, id.as_str())));
    gone.retain(|(file, id)| !job.world.doubts(file, id));
    let mut missed = BTreeMap::<Id<'_>, &'static str>::new();
    references(next, &mut |id, by| {
        if let Some(id) = gone.get(&id) {
            missed.entry(*id).or_insert(by);
        }
    });
    for ((file, id), by) in missed {
        let at = Spot { file, line: None, column: None, value: id };
        job.findings.fault(at, format!("the file no longer has this id, but stored rows of {by} refer to it"));
    }
}

/// Tells every reference from one row to another.
fn references<'a>(next: &'a Reference, tell: &mut dyn FnMut(Id<'a>, &'static str)) {
    for retailer in next.retailers.values().flatten() {
        if let Some(route) = &retailer.route {
            tell((ROUTES, route.as_str()), super::RETAILERS);
        }
    }
    for (route, assignments) in &next.assignments {
        tell((ROUTES, route.as_str()), super::ASSIGNMENTS);
        assignments.iter().for_each(|a| tell((PEOPLE, a.person.as_str()), super::ASSIGNMENTS));
    }
    next.calendar.keys().for_each(|(route, _)| tell((ROUTES, route.as_str()), super::CALENDAR));
    next.width_standards.keys().for_each(|route| tell((ROUTES, route.as_str()), super::WIDTH_STANDARDS));
    for ((person, _), targets) in &next.targets {
        tell((PEOPLE, person.as_str()), super::TARGETS);
        targets.iter().filter_map(|target| target.item.as_ref()).for_each(|sku| tell((SKUS, sku.as_str()), super::TARGETS));
    }
    next.people.values().filter_map(|person| person.team.as_ref()).for_each(|team| tell((TEAMS, team.as_str()), PEOPLE));
    next.teams.values().filter_map(|team| team.supervisor.as_ref()).for_each(|person| tell((PEOPLE, person.as_str()), TEAMS));
    for ((_, level, unit), targets) in &next.cascade {
        match level {
            Level::District => {}
            Level::Team => tell((TEAMS, unit), super::CASCADE),
            Level::Route => tell((ROUTES, unit), super::CASCADE),
        }
        targets.iter().filter_map(|target| target.item.as_ref()).for_each(|sku| tell((SKUS, sku.as_str()), super::CASCADE));
    }
    for event in next.events.values() {
        tell((PEOPLE, event.person.as_str()), super::EVENTS);
        if let Some(retailer) = &event.retailer {
            tell((RETAILERS, retailer.as_str()), super::EVENTS);
        }
    }
    next.allocations.values().flatten().for_each(|a| tell((SKUS, a.sku.as_str()), super::ALLOCATIONS));
    let skus = next.festivals.values().flat_map(|festival| festival.skus.keys());
    skus.for_each(|sku| tell((SKUS, sku.as_str()), super::FESTIVALS));
    for block in next.sales.values() {
        block.retailers.iter().for_each(|retailer| tell((RETAILERS, retailer.as_str()), super::SALES));
        block.skus.iter().for_each(|sku| tell((SKUS, sku.as_str()), super::SALES));
    }
}
