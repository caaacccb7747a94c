//! What a shop holds, outlets and width.

use crate::world::{World, at, per_item, ratio, row};

/// Whether t1 holds SKU a, seen through the outlets of m1.
fn held(prepare: impl FnOnce(&mut World)) -> bool {
    let mut world = World::new("", &[per_item("coverage", "1", "9")]);
    world.target("m1", "coverage", Some("a"), "1");
    prepare(&mut world);
    match world.row("m1", "coverage").2.as_str() {
        "1.0000" => true,
        "0.0000" => false,
        other => panic!("{other} outlets"),
    }
}

#[test]
fn a_shop_holds_what_was_counted_last_or_invoiced_net() {
    assert!(!held(|_| {}));
    assert!(held(|w| w.sale("2026-07-06", "t1", "a", 1, "1")));
    assert!(!held(|w| {
        w.sale("2026-07-06", "t1", "a", 10, "1");
        w.sale("2026-07-07", "t1", "a", -10, "-1");
    }));
    assert!(!held(|w| w.sale("2026-06-30", "t1", "a", 10, "1")));
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 1)]);
    }));
    assert!(!held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 0), ("b", 5)]);
    }));
    assert!(!held(|w| {
        w.check("m1", "2026-06-30", "t1", &[("a", 5)]);
    }));
    // Counted 0, invoiced net over 0: held all the same; and the other way round.
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 0)]);
        w.sale("2026-07-01", "t1", "a", 10, "1");
    }));
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 3)]);
        w.sale("2026-07-01", "t1", "a", -10, "1");
    }));
}

#[test]
fn the_latest_effective_stock_check_decides_and_what_it_omits_is_0() {
    // A later check that omits the SKU.
    assert!(!held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 5)]);
        w.check("m1", "2026-07-07", "t1", &[("b", 5)]);
    }));
    // A later visit without any stock line is no check.
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 5)]);
        w.visit("m1", "2026-07-07", "t1");
    }));
    // A later visit that isn't effective is none either.
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("a", 5)]);
        w.check("m1", "2026-07-07", "t1", &[("b", 5)]).out_ms = None;
    }));
    // By date before check-in: a sheet of a later date whose check-in lies earlier.
    assert!(held(|w| {
        w.check("m1", "2026-07-06", "t1", &[("b", 5)]);
        let visit = w.check("m1", "2026-07-07", "t1", &[("a", 5)]);
        (visit.in_ms, visit.out_ms) = (at("2026-07-05", "09:00:00"), Some(at("2026-07-05", "10:00:00")));
    }));
    // Whoever made it.
    assert!(held(|w| {
        w.check("m2", "2026-07-06", "t1", &[("a", 5)]);
    }));
}

#[test]
fn two_effective_checks_of_a_day_are_ordered_by_check_in_then_visit_id() {
    let world = |same_instant: bool| {
        let mut world = World::new("", &[per_item("coverage", "1", "9")]);
        world.scheme.visits.exclude = Default::default();
        world.target("m1", "coverage", Some("a"), "1");
        // Visit 1 omits a, visit 2 has it; without the same instant, visit 2 is the earlier one.
        world.check("m1", "2026-07-06", "t1", &[("b", 5)]);
        let second = world.check("m1", "2026-07-06", "t1", &[("a", 5)]);
        if !same_instant {
            second.in_ms -= 1;
        }
        world.row("m1", "coverage").2
    };
    assert_eq!(world(true), "1.0000");
    assert_eq!(world(false), "0.0000");
}

#[test]
fn a_width_of_exactly_the_standard_complies() {
    for (standard, actual, points) in [(1, "1.0000", "8.0000"), (2, "0.5000", "4.0000"), (3, "0.0000", "0.0000")] {
        let mut world = World::new("", &[ratio("width", "8", Some("1.2"), "kind = \"width_compliance\"")]);
        world.target("m1", "width", None, "1");
        world.standard("r1", standard);
        world.check("m1", "2026-07-06", "t1", &[("a", 1), ("b", 2), ("c", 0)]);
        world.sale("2026-07-06", "t2", "c", 20, "1");
        assert_eq!(world.row("m1", "width"), row("scored", actual, points), "{standard}");
    }
}

#[test]
fn only_shops_whose_route_has_a_standard_are_judged() {
    let mut world = World::new("", &[ratio("width", "8", None, "kind = \"width_compliance\"")]);
    world.target("m2", "width", None, "1");
    world.assign("r3", shared::reference::AssignmentKind::Owner, "m2", "2026-01-01", None);
    world.shop("t4", None, Some("r3"));
    world.standard("r2", 1);
    world.check("m2", "2026-07-06", "t3", &[("a", 1)]);
    assert_eq!(world.row("m2", "width"), row("scored", "1.0000", "8.0000"));
}

#[test]
fn a_sku_unknown_to_the_district_is_warned_of_and_not_counted() {
    let indicators =
        [ratio("width", "8", None, "kind = \"width_compliance\""), ratio("structure", "1", None, "kind = \"value_per_carton\"")];
    let mut world = World::new("", &indicators);
    world.target("m1", "width", None, "1");
    world.target("m1", "structure", None, "1");
    world.standard("r1", 1);
    world.check("m1", "2026-07-06", "t1", &[("new", 5)]);
    world.sale("2026-07-06", "t2", "newer", 10, "500");
    world.sale("2026-07-06", "t2", "a", 10, "7");
    world.sale("2026-07-07", "t2", "a", -10, "0");
    world.sale("2026-07-08", "t1", "a", 10, "0");
    assert_eq!(world.row("m1", "width").1, "0.5000");
    assert_eq!(world.row("m1", "structure").1, "7.0000");
    assert_eq!(world.warnings(), ["unknown_sku", "unknown_sku"]);
}
