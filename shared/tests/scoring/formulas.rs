//! Formulas and the plain measures.

use crate::world::{SALES, World, events, per_item, ratio, row};

/// One `ratio` over volume, of one sale of SKU a.
fn volume(weight: &str, cap: Option<&str>, packs: i64, plan: Option<&str>) -> (String, String, String) {
    let mut world = World::new("", &[ratio("sales", weight, cap, SALES)]);
    world.sale("2026-07-06", "t1", "a", packs, "1.00");
    plan.into_iter().for_each(|plan| world.target("m1", "sales", None, plan));
    world.row("m1", "sales")
}

#[test]
fn a_ratio_is_clamped_and_rounded_once_half_to_even() {
    for (weight, cap, packs, plan, actual, points) in [
        // The contract's example: 6 × 20011 ÷ 120000 = 1.00055; half up would agree, half down not.
        ("6", None, 200_110, "120000", "20011.0000", "1.0006"),
        // 1 × 20009 ÷ 20000 = 1.00045: half up would say 1.0005.
        ("1", None, 200_090, "20000", "20009.0000", "1.0004"),
        ("10", Some("1.20"), 1_190, "100", "119.0000", "11.9000"),
        ("10", Some("1.20"), 1_200, "100", "120.0000", "12.0000"),
        ("10", Some("1.20"), 1_210, "100", "121.0000", "12.0000"),
        ("10", None, 3_000, "100", "300.0000", "30.0000"),
        // Returns of more than was sold: at least 0.
        ("10", None, -50, "100", "-5.0000", "0.0000"),
        ("10", Some("1.20"), 0, "100", "0.0000", "0.0000"),
        ("0", None, 10, "1", "1.0000", "0.0000"),
        // A third of a carton is shown rounded and calculated exactly.
        ("3", None, 1, "0.1", "0.1000", "3.0000"),
    ] {
        assert_eq!(volume(weight, cap, packs, Some(plan)), row("scored", actual, points), "{weight} {cap:?} {packs} {plan}");
    }
}

#[test]
fn without_a_plan_over_0_there_are_no_points() {
    for plan in [None, Some("0"), Some("0.00"), Some("-5")] {
        assert_eq!(volume("10", None, 100, plan), row("no_plan", "10.0000", "0.0000"), "{plan:?}");
    }
    let mut world = World::new("", &[ratio("sales", "10", None, SALES)]);
    world.target("m1", "sales", None, "-5.0");
    let json = serde_json::to_string(&world.manager("m1").indicators).unwrap();
    assert_eq!(json, r#"[{"id":"sales","status":"no_plan","actual":"0.0000","plan":"-5.0","points":"0.0000"}]"#);
    let json = serde_json::to_string(&world.manager("m2").indicators).unwrap();
    assert_eq!(json, r#"[{"id":"sales","status":"no_plan","actual":"0.0000","plan":null,"points":"0.0000"}]"#);
}

#[test]
fn volume_counts_the_skus_that_pass_every_filter_in_their_own_cartons() {
    for (filter, cartons) in [
        ("", "8.0000"),
        (", origin = \"lu\"", "5.0000"),
        (", origin = \"nowhere\"", "0.0000"),
        (", maker = \"maker b\"", "2.0000"),
        (", price_class = [1, 3]", "6.0000"),
        (", slim = true", "3.0000"),
        (", slim = false", "5.0000"),
        // A wholesale price of exactly the bound passes, 99.99 doesn't.
        (", min_price = \"100\"", "6.0000"),
        (", min_price = \"100.00\", origin = \"lu\"", "3.0000"),
    ] {
        let mut world = World::new("", &[ratio("sales", "10", None, &format!("{SALES}{filter}"))]);
        world.target("m1", "sales", None, "1");
        world.sale("2026-07-01", "t1", "a", 40, "1");
        world.sale("2026-07-02", "t2", "a", -10, "1");
        world.sale("2026-07-01", "t1", "b", 20, "1");
        world.sale("2026-07-31", "t2", "c", 60, "1");
        world.sale("2026-07-06", "t3", "a", 990, "1");
        world.sale("2026-06-30", "t1", "a", 990, "1");
        world.sale("2026-08-01", "t1", "a", 990, "1");
        assert_eq!(world.row("m1", "sales").1, cartons, "{filter}");
    }
}

#[test]
fn value_per_carton_is_0_where_the_cartons_are_not_over_0() {
    for (packs, value, actual) in [(30, "100.00", "33.3333"), (0, "100.00", "0.0000"), (-10, "-100.00", "0.0000"), (10, "0", "0.0000")] {
        let mut world = World::new("", &[ratio("structure", "10", None, "kind = \"value_per_carton\"")]);
        world.target("m1", "structure", None, "10");
        world.sale("2026-07-06", "t1", "a", packs, value);
        assert_eq!(world.row("m1", "structure").1, actual, "{packs} {value}");
    }
    // Exact until the end: 10 × (100 ÷ 3) ÷ 33.3333… would be 10.0000 only with the unrounded actual.
    let mut world = World::new("", &[ratio("structure", "10", None, "kind = \"value_per_carton\"")]);
    world.target("m1", "structure", None, "0.0001");
    world.sale("2026-07-06", "t1", "a", 30, "100.00");
    assert_eq!(world.row("m1", "structure").2, "3333333.3333");
}

#[test]
fn what_is_0_of_0_has_no_data() {
    for kind in ["visit_completion", "width_compliance"] {
        let mut world = World::new("", &[ratio("x", "10", None, &format!("kind = \"{kind}\""))]);
        world.target("m1", "x", None, "0.95");
        assert_eq!(world.row("m1", "x"), row("no_data", "-", "0.0000"), "{kind}");
        // No plan is said first.
        assert_eq!(world.row("m2", "x"), row("no_plan", "-", "0.0000"), "{kind}");
        let json = serde_json::to_string(&world.indicator("m1", "x")).unwrap();
        assert_eq!(json, r#"{"id":"x","status":"no_data","actual":null,"plan":"0.95","points":"0.0000"}"#);
    }
}

#[test]
fn per_item_is_the_mean_over_the_items_with_a_plan() {
    let coverage = |targets: &[(&str, &str)], cap: &str| {
        let mut world = World::new("", &[per_item("coverage", "6", cap)]);
        targets.iter().for_each(|(sku, plan)| world.target("m1", "coverage", Some(sku), plan));
        // Both shops of m1 hold a, one holds b, none holds c.
        world.check("m1", "2026-07-01", "t1", &[("a", 1), ("b", 1)]);
        world.check("m1", "2026-07-01", "t2", &[("a", 1)]);
        world.row("m1", "coverage")
    };
    for (targets, cap, status, points) in [
        (&[("a", "2")][..], "1.1", "scored", "6.0000"),
        (&[("a", "1")], "1.1", "scored", "6.6000"),
        (&[("a", "2"), ("b", "2")], "1.1", "scored", "4.5000"),
        (&[("a", "1"), ("b", "2"), ("c", "1")], "1.1", "scored", "3.2000"),
        (&[("a", "2"), ("b", "0")], "1.1", "scored", "6.0000"),
        (&[("a", "2"), ("b", "-1")], "1.1", "scored", "6.0000"),
        (&[("c", "1")], "1.1", "scored", "0.0000"),
        (&[("a", "3"), ("b", "3"), ("c", "3")], "1.1", "scored", "2.0000"),
        (&[("a", "0")], "1.1", "no_plan", "0.0000"),
        (&[], "1.1", "no_plan", "0.0000"),
    ] {
        assert_eq!(coverage(targets, cap), row(status, "-", points), "{targets:?}");
    }
}

#[test]
fn events_add_up_and_are_clamped_afterwards() {
    for (bounds, points, sum) in [
        ("min = \"-2\"\nmax = \"2\"", &["1.5", "-0.25"][..], "1.2500"),
        ("min = \"-2\"\nmax = \"2\"", &["2", "2", "-1"], "2.0000"),
        ("min = \"-2\"\nmax = \"2\"", &["-1.5", "-0.5"], "-2.0000"),
        ("min = \"-2\"\nmax = \"2\"", &["-1.5", "-0.6"], "-2.0000"),
        ("min = \"-2\"", &["5", "5"], "10.0000"),
        ("max = \"2\"", &["-5", "-5"], "-10.0000"),
        ("", &["-5", "-5", "-2"], "-12.0000"),
        ("", &[], "0.0000"),
        // A clamp that lies over 0 holds without any event too.
        ("min = \"1\"", &[], "1.0000"),
        ("", &["0.00005"], "0.0000"),
        ("", &["0.00015"], "0.0002"),
    ] {
        let mut world = World::new("", &[events("work", bounds)]);
        for (nth, points) in points.iter().enumerate() {
            world.event(&format!("e{nth}"), "2026-07-31", "m1", "work", points);
        }
        world.event("other-month", "2026-08-01", "m1", "work", "7");
        world.event("other-person", "2026-07-01", "m2", "work", "7");
        assert_eq!(world.row("m1", "work"), row("scored", "-", sum), "{bounds} {points:?}");
    }
}

#[test]
fn the_total_is_the_sum_of_the_rounded_points() {
    // 2 × 0.00005 rounds to 0.0000 + 0.0000, not to 0.0001.
    let mut world = World::new("", &[events("one", ""), events("two", "")]);
    world.event("e1", "2026-07-01", "m1", "one", "0.00005");
    world.event("e2", "2026-07-01", "m1", "two", "0.00005");
    assert_eq!(world.manager("m1").total.to_string(), "0.0000");
}

#[test]
fn every_manager_is_listed_and_nobody_else() {
    let mut world = World::new("", &[ratio("sales", "10", None, SALES)]);
    world.target("m1", "sales", None, "1");
    world.target("s1", "sales", None, "1");
    let score = world.score();
    let listed: Vec<&str> = score.managers.iter().map(|m| m.person_id.as_str()).collect();
    assert_eq!(listed, ["m1", "m2"]);
    let staff = crate::world::id("s1");
    assert!(shared::score::score_month(&world.inputs(Some(&staff))).managers.is_empty());
}
