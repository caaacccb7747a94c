//! Who may write what, and who receives what: pure over dated assignments. Work is judged by the day it was done.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::ids::{DocumentId, PersonId, RouteId, Scope};
use shared::limits;
use shared::reference::{AssignmentKind, Reference};
use shared::time::{Quarter, Zone, days_before};
use shared::wire::{Grant, Reason};

use crate::shops::Shops;

/// Where an accepted change of a document is filed, or why the person may not write it. `today` and the day of
/// `written_ms` are in the district's zone.
pub fn authorise(
    reference: &Reference,
    shops: &Shops,
    zone: &Zone,
    person: &PersonId,
    document: &DocumentId,
    written_ms: i64,
    today: Date,
) -> Result<Scope, Reason> {
    match document {
        DocumentId::Day { route, date } => {
            if works(reference, person, route, *date) {
                return Ok(Scope::Route(route.clone()));
            }
            Err(Reason::NotAssigned)
        }
        DocumentId::Shop { retailer, .. } => {
            let days = [today, zone.date_of(written_ms).min(today)];
            let worked = |day: Date| shops.route_on(retailer.as_str(), day).is_some_and(|route| works(reference, person, route, day));
            if days.into_iter().any(worked) {
                return shops.shop_scope(retailer.as_str(), today).ok_or(Reason::NotAssigned);
            }
            Err(Reason::NotAssigned)
        }
        DocumentId::Goals { person: owner, .. } if owner == person => Ok(Scope::Person(person.clone())),
        DocumentId::Goals { .. } => Err(Reason::NotAssigned),
    }
}

/// Whether the person owns the route or stands in for its owner on the day; the owner may work beside a substitute.
fn works(reference: &Reference, person: &PersonId, route: &RouteId, day: Date) -> bool {
    [AssignmentKind::Owner, AssignmentKind::Substitute]
        .into_iter()
        .any(|kind| reference.assigned(route.as_str(), kind, day) == Some(person))
}

/// The first day that devices receive: of the last quarter, at most [`limits::HISTORY_DAYS_MAX`] ago.
pub fn visible_from(today: Date) -> Date {
    Quarter::of(today).previous().first_day().max(days_before(today, limits::HISTORY_DAYS_MAX))
}

/// Who works which routes: a question about one person then costs what that person has, not what the district has.
#[derive(Default)]
pub struct RouteIndex {
    /// Every route that a person owns, owned or will own, or stands in for.
    by_person: BTreeMap<PersonId, BTreeSet<RouteId>>,
}

impl RouteIndex {
    pub fn of(reference: &Reference) -> Self {
        let mut index = Self::default();
        for (route, assignments) in &reference.assignments {
            for assignment in assignments {
                index.by_person.entry(assignment.person.clone()).or_default().insert(route.clone());
            }
        }
        index
    }
}

/// The scopes of a person's devices: the district, the person, each route that the person works or worked on any day
/// since the last quarter began, and each route from which a shop of theirs has come since then.
pub fn grants(reference: &Reference, shops: &Shops, index: &RouteIndex, person: &PersonId, today: Date) -> Vec<Grant> {
    let since = visible_from(today);
    let mut routes: BTreeMap<RouteId, bool> = BTreeMap::new();
    for route in index.by_person.get(person).into_iter().flatten() {
        let own = || reference.assignments.get(route).into_iter().flatten().filter(|a| a.person == *person);
        if own().any(|a| a.touches(since, Quarter::of(today).last_day())) {
            routes.insert(route.clone(), own().any(|a| a.covers(today)));
        }
    }
    let own: Vec<RouteId> = routes.keys().cloned().collect();
    for of_shop in own.iter().flat_map(|route| shops.moved(route, since)) {
        // The routes that it was on before it came to one of theirs.
        if let Some(last) = of_shop.iter().rposition(|route| own.contains(route)) {
            for route in &of_shop[..last] {
                routes.entry((*route).clone()).or_insert(false);
            }
        }
    }
    let fixed = [Scope::Org, Scope::Person(person.clone())].map(|scope| Grant { scope, current: true });
    fixed.into_iter().chain(routes.into_iter().map(|(route, current)| Grant { scope: Scope::Route(route), current })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::reference::Assignment;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn assignment(kind: AssignmentKind, from: Date, person: &str, to: Option<Date>) -> Assignment {
        Assignment { kind, from, person: id(person), to }
    }

    /// r1: m1 until 15 August, then m2; m3 stands in on 3–7 August.
    fn district() -> Reference {
        let mut reference = Reference::default();
        let rows = vec![
            assignment(AssignmentKind::Owner, date(2026, 7, 1), "m1", Some(date(2026, 8, 15))),
            assignment(AssignmentKind::Owner, date(2026, 8, 16), "m2", None),
            assignment(AssignmentKind::Substitute, date(2026, 8, 3), "m3", Some(date(2026, 8, 7))),
        ];
        reference.assignments.insert(id("r1"), rows);
        reference
    }

    #[test]
    fn a_sheet_is_judged_by_its_own_day() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let allowed = |person: &str, day: Date| {
            let document = DocumentId::Day { route: id("r1"), date: day };
            authorise(&district(), &Shops::default(), &zone, &id(person), &document, 0, date(2026, 9, 30)).is_ok()
        };
        for (person, day, expected) in [
            ("m1", date(2026, 8, 15), true),
            ("m1", date(2026, 8, 16), false),
            ("m2", date(2026, 8, 15), false),
            ("m2", date(2026, 8, 16), true),
            ("m1", date(2026, 8, 5), true),
            ("m3", date(2026, 8, 5), true),
            ("m3", date(2026, 8, 8), false),
            ("m1", date(2026, 6, 30), false),
        ] {
            assert_eq!(allowed(person, day), expected, "{person} on {day}");
        }
    }

    #[test]
    fn a_device_holds_what_its_person_works_or_worked_since_the_last_quarter_began() {
        let held = |person: &str, today: Date| {
            let route = Scope::Route(id("r1"));
            grants(&district(), &Shops::default(), &RouteIndex::of(&district()), &id(person), today)
                .into_iter()
                .find(|grant| grant.scope == route)
                .map(|grant| grant.current)
        };
        assert_eq!(held("m1", date(2026, 8, 10)), Some(true));
        assert_eq!(held("m1", date(2026, 8, 20)), Some(false));
        assert_eq!(held("m1", date(2026, 12, 31)), Some(false));
        assert_eq!(held("m1", date(2027, 1, 1)), None);
        assert_eq!(held("m3", date(2026, 10, 1)), Some(false));
        assert_eq!(held("m2", date(2027, 1, 1)), Some(true));
    }
}
