//! Receipts: every indicator can be followed from its facts to its points.

use shared::score::{ExplainFault, Fact, HeldRow, Receipt, explain};

use crate::world::{SALES, World, day, events, id, per_item, ratio};

fn world() -> World {
    let indicators = [
        ratio("sales", "15", None, SALES),
        ratio("structure", "10", Some("1.2"), "kind = \"value_per_carton\""),
        per_item("coverage", "6", "1.1"),
        ratio("width", "8", None, "kind = \"width_compliance\""),
        ratio("visits", "4", Some("1"), "kind = \"visit_completion\"").replace("core", "auxiliary"),
        events("work", "min = \"-2\""),
    ];
    let mut world = World::new("[gate]\nindicator = \"sales\"\nbelow = \"0.80\"", &indicators);
    for (indicator, plan) in [("sales", "3"), ("structure", "2"), ("width", "1"), ("visits", "1")] {
        world.target("m1", indicator, None, plan);
    }
    world.target("m1", "coverage", Some("a"), "1");
    world.standard("r1", 1);
    world.planned("r1", "2026-07-06");
    world.sale("2026-07-06", "t1", "a", 20, "6.00");
    world.check("m1", "2026-07-06", "t1", &[("a", 3), ("b", 0)]);
    world.visit("m2", "2026-07-06", "t2").out_ms = None;
    world.event("e1", "2026-07-06", "m1", "work", "-3");
    world
}

fn receipt(world: &World, indicator: &str) -> Receipt {
    explain(&world.inputs(None), &id("m1"), &id(indicator)).unwrap()
}

fn steps(receipt: &Receipt) -> Vec<(&str, &str)> {
    receipt.steps.iter().map(|step| (&*step.name, step.value.as_deref().unwrap_or("-"))).collect()
}

#[test]
fn a_ratio_goes_from_rows_to_points() {
    let receipt = receipt(&world(), "sales");
    let expected =
        [("actual", "2"), ("plan", "3"), ("gate", "-"), ("ratio", "2/3"), ("cap", "2/3"), ("points", "10"), ("rounded", "10.0000")];
    assert_eq!(steps(&receipt), expected);
    assert!(receipt.gated);
    let rows: Vec<String> = receipt.facts.iter().map(ToString::to_string).collect();
    assert_eq!(rows, ["targets/2026-07/m1/sales/: plan 3", "sales/2026-07-06/t1/a: 20 packs, 10 a carton, value 6.00, route r1"]);
    let text = receipt.to_string();
    assert!(text.contains("gate: sales is at 0.6667 of its plan, below 0.80: the cap is at most 1"), "{text}");
    assert!(text.contains("weight × that: 15 × 2/3 = 10"), "{text}");
}

#[test]
fn every_formula_and_measure_has_its_steps() {
    let world = world();
    let names = |indicator| receipt(&world, indicator).steps.into_iter().map(|step| step.name).collect::<Vec<_>>();
    assert_eq!(names("structure"), ["value", "cartons", "actual", "plan", "gate", "ratio", "cap", "points", "rounded"]);
    assert_eq!(names("coverage"), ["gate", "item", "mean", "points", "rounded"]);
    assert_eq!(names("visits"), ["actual", "plan", "ratio", "cap", "points", "rounded"]);
    assert_eq!(steps(&receipt(&world, "work")), [("sum", "-3"), ("clamp", "-2"), ("rounded", "-2.0000")]);
    for indicator in &world.manager("m1").indicators {
        let receipt = receipt(&world, indicator.id.as_str());
        assert_eq!(receipt.points, indicator.points);
        assert_eq!(receipt.recompute(), indicator.points);
        assert!(serde_json::to_value(&receipt).unwrap()["facts"].is_array());
    }
}

#[test]
fn a_stop_shows_every_visit_with_its_evidence() {
    let receipt = receipt(&world(), "visits");
    let stops: Vec<&Fact> = receipt.facts.iter().filter(|fact| matches!(fact, Fact::Stop { .. })).collect();
    let [Fact::Stop { visited: true, visits: first, row, .. }, Fact::Stop { visited: false, visits: second, .. }] = stops[..] else {
        panic!("{stops:?}")
    };
    assert_eq!(row, "calendar/2026-07-06/r1");
    assert_eq!((first[0].person.as_str(), first[0].device.as_str(), first[0].change.0), ("m1", "m1-phone", [1; 32]));
    assert_eq!(second[0].flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(), ["no_checkout"]);
    let json = serde_json::to_value(&receipt).unwrap();
    assert_eq!(json["facts"][1]["kind"], "stop");
    assert_eq!(json["facts"][1]["visits"][0]["change"], "01".repeat(32));
}

#[test]
fn a_holding_names_its_stock_check_and_its_sales_rows() {
    for indicator in ["coverage", "width"] {
        let receipt = receipt(&world(), indicator);
        let held = receipt.facts.iter().find(|fact| matches!(fact, Fact::Held { sku, .. } if sku.as_str() == "a"));
        let Some(Fact::Held { held: true, counted: Some(3), invoiced: 20, rows, visit: Some(_), .. }) = held else { panic!("{held:?}") };
        assert_eq!(rows, &[HeldRow { row: "sales/2026-07-06/t1/a".into(), packs: 20 }]);
        assert!(receipt.facts.iter().any(|fact| matches!(fact, Fact::StockCheck { .. })));
    }
}

#[test]
fn what_has_no_points_says_why() {
    let mut world = world();
    world.reference.targets.clear();
    world.as_of = Some(day("2026-07-05"));
    assert_eq!(steps(&receipt(&world, "sales")), [("actual", "0"), ("plan", "-"), ("rounded", "0.0000")]);
    assert_eq!(steps(&receipt(&world, "coverage")), [("plan", "-"), ("rounded", "0.0000")]);
    assert!(receipt(&world, "visits").steps[0].what.ends_with("nothing to measure"));
    let inputs = world.inputs(None);
    assert_eq!(explain(&inputs, &id("s1"), &id("sales")), Err(ExplainFault::NoManager(id("s1"))));
    assert_eq!(explain(&inputs, &id("m1"), &id("luck")), Err(ExplainFault::NoIndicator(id("luck"))));
}
