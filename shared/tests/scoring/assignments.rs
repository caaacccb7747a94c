//! Who is credited: owners, substitutes, strangers, gaps, moves, and where the period ends.

use shared::reference::AssignmentKind::{Owner, Substitute};

use crate::world::{SALES, World, day, events, per_item, ratio, row};

fn world() -> World {
    let indicators = [
        ratio("sales", "10", None, SALES),
        per_item("coverage", "6", "9"),
        ratio("visits", "4", Some("1"), "kind = \"visit_completion\""),
        ratio("width", "8", None, "kind = \"width_compliance\""),
    ];
    let mut world = World::new("", &indicators);
    for manager in ["m1", "m2"] {
        ["sales", "visits", "width"].iter().for_each(|indicator| world.target(manager, indicator, None, "1"));
        world.target(manager, "coverage", Some("a"), "1");
    }
    world
}

#[test]
fn a_substitute_answers_for_the_stops_and_the_owner_keeps_the_sales() {
    let mut world = world();
    world.assign("r1", Substitute, "m2", "2026-07-06", Some("2026-07-07"));
    for date in ["2026-07-05", "2026-07-06", "2026-07-07", "2026-07-08"] {
        world.planned("r1", date);
        world.sale(date, "t1", "a", 10, "1");
    }
    world.visit("m1", "2026-07-05", "t1");
    world.visit("m2", "2026-07-06", "t1");
    world.visit("m2", "2026-07-06", "t2");
    // m1: one of four stops of the 5th and the 8th; m2: two of four of the 6th and the 7th, both included.
    assert_eq!(world.row("m1", "visits"), row("scored", "0.2500", "1.0000"));
    assert_eq!(world.row("m2", "visits"), row("scored", "0.5000", "2.0000"));
    assert_eq!(world.row("m1", "sales").1, "4.0000");
    assert_eq!(world.row("m2", "sales").1, "0.0000");
}

#[test]
fn a_stop_counts_whoever_made_the_visit() {
    let mut world = world();
    world.planned("r1", "2026-07-06");
    world.visit("m2", "2026-07-06", "t1");
    world.visit("s1", "2026-07-06", "t2");
    // Not planned, or on another day: no stop.
    world.visit("m1", "2026-07-07", "t1");
    world.visit("m1", "2026-07-06", "t3");
    assert_eq!(world.row("m1", "visits"), row("scored", "1.0000", "4.0000"));
    assert_eq!(world.row("m2", "visits").0, "no_data");
    let score = world.score();
    assert_eq!((score.visits.logged, score.visits.effective), (4, 4));
    let made: Vec<u64> = score.managers.iter().map(|m| m.visits.logged).collect();
    assert_eq!(made, [2, 1]);
}

#[test]
fn a_visit_that_is_not_effective_makes_no_stop() {
    let mut world = world();
    world.planned("r1", "2026-07-06");
    world.visit("m1", "2026-07-06", "t1").out_ms = None;
    world.visit("m1", "2026-07-06", "t2");
    assert_eq!(world.row("m1", "visits").1, "0.5000");
}

#[test]
fn a_hand_over_splits_sales_and_stops_by_day_and_gives_the_shops_to_the_last_owner() {
    let mut world = world();
    world.reference.assignments.clear();
    world.assign("r1", Owner, "m1", "2026-01-01", Some("2026-07-15"));
    world.assign("r1", Owner, "m2", "2026-07-16", None);
    world.standard("r1", 1);
    for date in ["2026-07-15", "2026-07-16"] {
        world.planned("r1", date);
    }
    world.sale("2026-07-15", "t1", "a", 20, "1");
    world.sale("2026-07-16", "t1", "a", 10, "1");
    world.visit("m1", "2026-07-15", "t1");
    assert_eq!(world.row("m1", "sales").1, "2.0000");
    assert_eq!(world.row("m2", "sales").1, "1.0000");
    assert_eq!(world.row("m1", "visits").1, "0.5000");
    assert_eq!(world.row("m2", "visits").1, "0.0000");
    assert_eq!((world.row("m1", "width").0, world.row("m2", "width").1), ("no_data".into(), "0.5000".into()));
    assert_eq!((world.row("m1", "coverage").2, world.row("m2", "coverage").2), ("0.0000".into(), "6.0000".into()));
    // Up to the 15th the shops are still m1's.
    world.as_of = Some(day("2026-07-15"));
    assert_eq!((world.row("m1", "width").1, world.row("m2", "width").0), ("0.5000".into(), "no_data".into()));
    assert_eq!((world.row("m1", "coverage").2, world.row("m2", "coverage").2), ("6.0000".into(), "0.0000".into()));
}

#[test]
fn a_day_without_an_owner_is_credited_to_nobody_and_warned_of() {
    let mut world = world();
    world.reference.assignments.clear();
    world.assign("r1", Owner, "m1", "2026-01-01", Some("2026-07-05"));
    world.assign("r1", Owner, "m1", "2026-07-08", None);
    world.assign("r1", Substitute, "m2", "2026-07-07", Some("2026-07-07"));
    world.assign("r2", Owner, "m2", "2026-01-01", None);
    for date in ["2026-07-05", "2026-07-06", "2026-07-07", "2026-07-08"] {
        world.planned("r1", date);
        world.sale(date, "t1", "a", 10, "1");
    }
    assert_eq!(world.row("m1", "sales").1, "2.0000");
    assert_eq!(world.row("m2", "sales").1, "0.0000");
    world.visit("m1", "2026-07-06", "t1");
    world.visit("m1", "2026-07-07", "t1");
    assert_eq!(world.row("m1", "visits").1, "0.0000");
    // The substitute answers for the stops of the 7th, though nobody owned the route.
    assert_eq!(world.row("m2", "visits").1, "0.5000");
    let warnings = world.score().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].what.contains("r1 has no owner from 2026-07-06 to 2026-07-07"), "{}", warnings[0].what);
}

#[test]
fn a_shop_is_on_its_route_of_the_day_and_a_closed_one_on_none() {
    let mut world = world();
    world.shop("t1", Some("2026-07-10"), Some("r2"));
    world.shop("t2", Some("2026-07-10"), None);
    for date in ["2026-07-09", "2026-07-10"] {
        world.planned("r1", date);
        world.sale(date, "t1", "a", 10, "1");
        world.sale(date, "t2", "b", 10, "1");
    }
    assert_eq!(world.row("m1", "sales").1, "2.0000");
    assert_eq!(world.row("m2", "sales").1, "1.0000");
    // Two stops on the 9th, none on the 10th.
    world.visit("m1", "2026-07-09", "t1");
    assert_eq!(world.row("m1", "visits").1, "0.5000");
    // What t1 holds goes with it, also what it got on its old route.
    assert_eq!((world.row("m1", "coverage").2, world.row("m2", "coverage").2), ("0.0000".into(), "6.0000".into()));
    assert_eq!(world.warnings(), ["stray_sales"]);
}

#[test]
fn as_of_cuts_sales_events_visits_and_stops() {
    let mut world = world();
    for date in ["2026-07-06", "2026-07-07"] {
        world.planned("r1", date);
        world.sale(date, "t1", "a", 10, "1");
        world.visit("m1", date, "t1");
    }
    let at = |world: &mut World, as_of| {
        world.as_of = as_of;
        (world.row("m1", "sales").1, world.row("m1", "visits").1, world.score().visits.logged)
    };
    assert_eq!(at(&mut world, Some(day("2026-07-06"))), ("1.0000".into(), "0.5000".into(), 1));
    assert_eq!(at(&mut world, Some(day("2026-07-07"))), ("2.0000".into(), "0.5000".into(), 2));
    assert_eq!(at(&mut world, Some(day("2026-07-05"))), ("0.0000".into(), "-".into(), 0));
    // Before the month there is nothing; after it, all of it.
    assert_eq!(at(&mut world, Some(day("2026-05-01"))), ("0.0000".into(), "-".into(), 0));
    assert_eq!(at(&mut world, Some(day("2027-01-01"))), at(&mut world, None));
    world.as_of = Some(day("2027-01-01"));
    assert_eq!(world.score().as_of, day("2026-07-31"));
}

#[test]
fn an_event_counts_from_its_day_on() {
    let mut world = World::new("", &[events("work", "")]);
    world.event("e1", "2026-07-06", "m1", "work", "1.5");
    world.event("e2", "2026-07-31", "m1", "work", "-0.25");
    for (as_of, points) in [
        (Some("2026-07-05"), "0.0000"),
        (Some("2026-07-06"), "1.5000"),
        (Some("2026-07-30"), "1.5000"),
        (Some("2026-07-31"), "1.2500"),
        (None, "1.2500"),
    ] {
        world.as_of = as_of.map(day);
        assert_eq!(world.row("m1", "work").2, points, "{as_of:?}");
    }
}
