//! `assignments.csv`: who owns a route or stands in, and when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::{PersonId, RouteId};
use shared::reference::{Assignment, AssignmentKind, Reference};

use super::grouped;
use crate::import::ASSIGNMENTS;
use crate::import::report::Findings;
use crate::import::sheet::{Row, Shape};
use crate::import::table::{Staged, Table, spot};
use crate::import::world::World;

const KINDS: [(&str, AssignmentKind); 2] = [("owner", AssignmentKind::Owner), ("substitute", AssignmentKind::Substitute)];

type Key = (RouteId, (AssignmentKind, Date));

/// The person, and the last day.
type Value = (PersonId, Option<Date>);

pub(in crate::import) struct Assignments;

impl Table for Assignments {
    type Key = Key;
    type Value = Value;
    const SHAPE: Shape = Shape {
        file: ASSIGNMENTS,
        key: &["route_id", "kind", "from"],
        required: &["route_id", "person_id", "kind", "from", "to"],
        optional: &[],
    };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Key, Value)> {
        let (route, person) = (row.route("route_id", world), row.manager("person_id", world));
        let (kind, from, to) = (row.one_of("kind", &KINDS), row.date("from"), row.date_or_none("to"));
        let (from, to) = (from?, to?);
        if let Some(to) = to.filter(|to| *to < from) {
            row.fault(Some("to"), &to.to_string(), format!("is before its `from`, {from}"));
        }
        Some(((route?, (kind?, from)), (person?, to)))
    }

    fn take(next: &mut Reference) -> BTreeMap<Key, Value> {
        let stored = std::mem::take(&mut next.assignments).into_iter();
        stored.flat_map(|(route, rows)| rows.into_iter().map(move |a| ((route.clone(), (a.kind, a.from)), (a.person, a.to)))).collect()
    }

    fn put(rows: BTreeMap<Key, Value>, next: &mut Reference) {
        next.assignments = grouped(rows, |(kind, from), (person, to)| Assignment { kind, from, person, to });
    }

    /// A route has one owner, and one substitute, on a day.
    fn check(staged: &Staged<Key, Value>, _: &World<'_>, findings: &mut Findings) {
        // Within a route and kind rows stand by `from`, so the one that reaches furthest is the one to collide with.
        let mut furthest: Option<(&Key, &Value)> = None;
        for (key, value) in staged.rows.iter().filter(|(key, _)| staged.counts(key)) {
            let earlier = furthest.filter(|(other, _)| (&other.0, other.1.0) == (&key.0, key.1.0));
            if let Some((other, other_value)) = earlier
                && other_value.1.is_none_or(|to| key.1.1 <= to)
            {
                note_two(staged, (other, other_value), (key, value), findings);
            }
            let reach = |to: Option<Date>| to.unwrap_or(Date::MAX);
            if earlier.is_none_or(|(_, (_, to))| reach(*to) <= reach(value.1)) {
                furthest = Some((key, value));
            }
        }
    }
}

/// The fault stands with a row of the file, and names the other one.
fn note_two(staged: &Staged<Key, Value>, one: (&Key, &Value), two: (&Key, &Value), findings: &mut Findings) {
    let (at, other) = if staged.lines.get(two.0) >= staged.lines.get(one.0) { (two, one) } else { (one, two) };
    let (route, (kind, first)) = two.0;
    let kind = if *kind == AssignmentKind::Owner { "owner" } else { "substitute" };
    let from = at.0.1.1.to_string();
    let what =
        format!("{route} has two {kind}s on {first}: {} here, {} from {} ({})", at.1.0, other.1.0, other.0.1.1, staged.place(other.0));
    if let Some(spot) = spot(&Assignments::SHAPE, staged, at.0, "from", &from) {
        findings.fault(spot, what);
    }
}
