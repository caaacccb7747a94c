//! The gate, by progress and by pace.

use shared::score::JudgedBy;

use crate::world::{SALES, World, day, events, per_item, ratio};

const CAP: &str = "[gate]\nindicator = \"sales\"\nbelow = \"0.80\"";
const NONE: &str = "[gate]\nindicator = \"sales\"\nbelow = \"0.80\"\neffect = \"no_points\"";

/// m1 sells `packs` of SKU a against a plan of 100 cartons, and twice the plan of everything else.
fn world(gate: &str, packs: i64) -> World {
    let auxiliary = ratio("aux", "4", Some("1.5"), "kind = \"volume\", maker = \"maker b\"").replace("core", "auxiliary");
    let indicators = [
        ratio("sales", "15", None, "kind = \"volume\", maker = \"maker a\""),
        ratio("free", "10", None, "kind = \"volume\", maker = \"maker b\""),
        ratio("capped", "10", Some("1.3"), "kind = \"volume\", maker = \"maker b\"").replace("core", "cultivation"),
        ratio("tight", "10", Some("0.5"), "kind = \"volume\", maker = \"maker b\""),
        per_item("coverage", "6", "1.1"),
        auxiliary,
        events("work", ""),
    ];
    let mut world = World::new(gate, &indicators);
    world.target("m1", "sales", None, "100");
    ["free", "capped", "tight", "aux"].iter().for_each(|indicator| world.target("m1", indicator, None, "10"));
    world.target("m1", "coverage", Some("b"), "1");
    world.sale("2026-07-06", "t1", "a", packs, "1");
    world.sale("2026-07-06", "t1", "b", 100, "1");
    world.sale("2026-07-06", "t2", "b", 100, "1");
    world.event("e1", "2026-07-06", "m1", "work", "2");
    world
}

fn points(world: &World) -> Vec<String> {
    world.manager("m1").indicators.iter().map(|indicator| indicator.points.to_string()).collect()
}

#[test]
fn at_the_threshold_nobody_is_gated_and_a_pack_below_it_everybody() {
    for (gate, packs, gated, expected) in [
        (CAP, 800, false, ["12.0000", "20.0000", "13.0000", "5.0000", "6.6000", "6.0000", "2.0000"]),
        (CAP, 799, true, ["11.9850", "10.0000", "10.0000", "5.0000", "6.0000", "6.0000", "2.0000"]),
        (NONE, 800, false, ["12.0000", "20.0000", "13.0000", "5.0000", "6.6000", "6.0000", "2.0000"]),
        (NONE, 799, true, ["0.0000", "0.0000", "0.0000", "0.0000", "0.0000", "6.0000", "2.0000"]),
        ("", 0, false, ["0.0000", "20.0000", "13.0000", "5.0000", "6.6000", "6.0000", "2.0000"]),
    ] {
        let world = world(gate, packs);
        assert_eq!(world.manager("m1").gated, gated, "{gate} {packs}");
        assert_eq!(points(&world), expected, "{gate} {packs}");
    }
    // 79.999…: shown as 0.8000, compared unrounded.
    let mut world = world(CAP, 800);
    world.reference.targets.clear();
    world.target("m1", "sales", None, "100.000001");
    let gate = world.manager("m1").gate.unwrap();
    assert_eq!((gate.progress.unwrap().to_string().as_str(), gate.progress_gated), ("0.8000", true));
}

#[test]
fn a_gate_without_a_plan_gates_nobody_and_is_warned_of() {
    for plan in [None, Some("0"), Some("-1")] {
        let mut world = world(CAP, 10);
        world.reference.targets.clear();
        plan.into_iter().for_each(|plan| world.target("m1", "sales", None, plan));
        world.target("m2", "sales", None, "0.0001");
        assert!(!world.manager("m1").gated, "{plan:?}");
        assert!(world.manager("m2").gated);
        assert_eq!(world.warnings(), ["gate_no_plan"]);
    }
}

#[test]
fn a_gate_with_nothing_to_measure_gates_nobody_and_is_warned_of() {
    let gate = "[gate]\nindicator = \"visits\"\nbelow = \"0.5\"";
    let mut world = World::new(gate, &[ratio("visits", "4", None, "kind = \"visit_completion\"")]);
    world.target("m1", "visits", None, "1");
    world.target("m2", "visits", None, "1");
    world.planned("r2", "2026-07-06");
    assert!(!world.manager("m1").gated && world.manager("m2").gated);
    assert_eq!(world.warnings(), ["gate_no_data"]);
}

#[test]
fn before_the_months_end_the_gate_looks_at_pace() {
    let paced = |as_of: Option<&str>, packs: i64| {
        let mut world = World::new(CAP, &[ratio("sales", "15", None, SALES)]);
        world.target("m1", "sales", None, "100");
        // Four planned days of two stops each: a quarter of the stops by the 6th, half by the 7th.
        ["2026-07-06", "2026-07-07", "2026-07-20", "2026-07-31"].iter().for_each(|date| world.planned("r1", date));
        world.sale("2026-07-06", "t1", "a", packs, "1");
        world.as_of = as_of.map(day);
        let manager = world.manager("m1");
        (manager, world.warnings())
    };
    for (as_of, packs, pace, progress, gated, judged_by) in [
        // 20 of 25 cartons by the 6th: exactly at the gate's 0.80.
        (Some("2026-07-06"), 200, "0.8000", "0.2000", false, JudgedBy::Pace),
        (Some("2026-07-06"), 199, "0.7960", "0.1990", true, JudgedBy::Pace),
        (Some("2026-07-07"), 200, "0.4000", "0.2000", true, JudgedBy::Pace),
        (Some("2026-07-30"), 600, "0.8000", "0.6000", false, JudgedBy::Pace),
        (Some("2026-07-31"), 600, "0.6000", "0.6000", true, JudgedBy::Progress),
        (None, 800, "0.8000", "0.8000", false, JudgedBy::Progress),
        (Some("2026-08-15"), 799, "0.7990", "0.7990", true, JudgedBy::Progress),
    ] {
        let (manager, warnings) = paced(as_of, packs);
        let gate = manager.gate.unwrap();
        assert_eq!((manager.gated, gate.judged_by), (gated, judged_by), "{as_of:?} {packs}");
        assert_eq!(
            (gate.pace.unwrap().to_string(), gate.progress.unwrap().to_string()),
            (pace.into(), progress.into()),
            "{as_of:?} {packs}"
        );
        // m2 has no plan at all.
        assert_eq!(warnings, ["gate_no_plan"]);
    }
    // Points are never prorated: 15 × 20 ÷ 100.
    assert_eq!(paced(Some("2026-07-06"), 200).0.indicators[0].points.to_string(), "3.0000");
}

#[test]
fn before_the_first_planned_stop_there_is_no_pace_and_nobody_is_gated() {
    let mut world = World::new(CAP, &[ratio("sales", "15", None, SALES)]);
    world.target("m1", "sales", None, "100");
    world.target("m2", "sales", None, "100");
    world.planned("r1", "2026-07-06");
    world.as_of = Some(day("2026-07-05"));
    let score = world.score();
    for manager in &score.managers {
        let gate = manager.gate.as_ref().unwrap();
        assert!(!manager.gated && gate.pace.is_none() && gate.progress_gated);
    }
    assert_eq!(world.warnings(), ["gate_no_pace", "gate_no_pace"]);
    // At the month's end the progress is judged, planned stops or not.
    world.as_of = None;
    assert!(world.manager("m1").gated && world.manager("m2").gated);
    assert!(world.warnings().is_empty());
}

#[test]
fn the_gate_lowers_caps_to_one_and_never_raises_them_whatever_the_formula_and_leaves_auxiliary_ones() {
    // Both shops hold the item that one is planned for: twice the plan.
    let points_of = |class: &str, item_cap: &str, gate: &str, packs: i64| {
        let coverage = per_item("coverage", "6", item_cap).replace("core", class);
        let mut world = World::new(gate, &[ratio("sales", "15", None, "kind = \"volume\", maker = \"maker a\""), coverage]);
        world.target("m1", "sales", None, "100");
        world.target("m1", "coverage", Some("b"), "1");
        world.sale("2026-07-06", "t1", "a", packs, "1");
        ["t1", "t2"].iter().for_each(|shop| world.sale("2026-07-06", shop, "b", 10, "1"));
        (world.manager("m1").gated, points(&world)[1].clone())
    };
    for (class, item_cap, gate, packs, expected) in [
        ("core", "1.1", CAP, 800, (false, "6.6000")),
        ("core", "1.1", CAP, 799, (true, "6.0000")),
        ("core", "0.9", CAP, 799, (true, "5.4000")),
        ("cultivation", "1.1", CAP, 799, (true, "6.0000")),
        ("cultivation", "0.9", NONE, 799, (true, "0.0000")),
        ("auxiliary", "1.1", CAP, 799, (true, "6.6000")),
        ("auxiliary", "1.1", NONE, 799, (true, "6.6000")),
        // More came back than was sold: progress below 0 is below the gate.
        ("core", "1.1", CAP, -10, (true, "6.0000")),
    ] {
        assert_eq!(points_of(class, item_cap, gate, packs), (expected.0, expected.1.to_string()), "{class} {item_cap} {gate} {packs}");
    }
}
