//! Parts of plans that change hands.

use shared::reference::{Closing, Transfer};
use shared::score::explain;
use shared::targets::{check, hardly_met, is_additive};

use crate::world::{SALES, World, id, per_item, ratio, row};

/// m1 and m2 each plan 100 cartons and two shops; m1 sells 60.
fn world() -> World {
    let mut world = World::new(
        "",
        &[ratio("sales", "10", None, SALES), per_item("listing", "6", "1.1"), ratio("visits", "4", None, "kind = \"visit_completion\"")],
    );
    for person in ["m1", "m2"] {
        world.target(person, "sales", None, "100");
        world.target(person, "listing", Some("a"), "2");
        world.target(person, "visits", None, "1");
    }
    world.sale("2026-07-06", "t1", "a", 600, "1");
    world
}

fn moved(world: &mut World, name: &str, indicator: &str, item: Option<&str>, amount: &str, confirmed: bool) {
    let closing = Closing { confirmed, by: "s1".into(), at_ms: 3, reason: String::new() };
    let transfer = Transfer {
        from: id("m1"),
        to: id("m2"),
        month: world.month,
        indicator: id(indicator),
        item: item.map(id),
        amount: id(amount),
        reason: String::new(),
        proposed_by: "m1".into(),
        proposed_ms: 1,
        from_agreed_ms: Some(1),
        to_agreed_ms: Some(2),
        closed: Some(closing),
    };
    for person in ["m1", "m2"] {
        world.reference.transfers.entry((id(person), world.month)).or_default().insert(id(name), transfer.clone());
    }
}

#[test]
fn what_is_confirmed_moves_from_one_plan_to_the_other_and_the_receipt_comes_to_the_same() {
    let mut world = world();
    moved(&mut world, "x", "sales", None, "40.5", false);
    assert_eq!(world.row("m1", "sales"), row("scored", "60.0000", "6.0000"), "declined");
    moved(&mut world, "x", "sales", None, "40", true);
    moved(&mut world, "y", "listing", Some("a"), "1", true);
    // A SKU that the other did not plan is planned now.
    moved(&mut world, "z", "listing", Some("b"), "1", true);
    assert_eq!(world.row("m1", "sales"), row("scored", "60.0000", "10.0000"));
    assert_eq!(world.row("m2", "sales"), row("scored", "0.0000", "0.0000"));
    // One of one shop, and SKU b, of which m1 now plans less than nothing, counts no more.
    assert_eq!(world.row("m1", "listing").2, "6.0000");
    for person in ["m1", "m2"] {
        for indicator in ["sales", "listing"] {
            let receipt = explain(&world.inputs(None), &id(person), &id(indicator)).unwrap();
            assert_eq!(receipt.recompute(), receipt.points, "{person} {indicator}");
            assert!(receipt.to_string().contains("transfers/"), "{receipt}");
            let json = serde_json::to_string(&receipt).unwrap();
            assert_eq!(serde_json::from_str::<shared::score::Receipt>(&json).unwrap(), receipt);
        }
    }
    let rows = world.reference.rows();
    let mut read = shared::reference::Reference::default();
    rows.iter().for_each(|(_, row)| read.apply(row).unwrap());
    assert_eq!(read.transfers, world.reference.transfers);
}

#[test]
fn a_check_compares_what_was_imported_and_tells_of_transfers() {
    let mut world = world();
    let cascade = |world: &mut World, level, unit: &str, indicator: &str, item: Option<&str>, plan: &str| {
        let target = shared::reference::Target { indicator: id(indicator), item: item.map(id), plan: id(plan) };
        world.reference.cascade.entry((world.month, level, unit.to_string())).or_default().push(target);
    };
    use shared::reference::Level;
    cascade(&mut world, Level::District, "district", "sales", None, "200");
    cascade(&mut world, Level::District, "district", "listing", Some("a"), "5");
    cascade(&mut world, Level::District, "district", "visits", None, "1");
    world.reference.routes.insert(id("r1"), String::new());
    cascade(&mut world, Level::Route, "r1", "sales", None, "100.00");
    cascade(&mut world, Level::Route, "r1", "listing", Some("a"), "2");
    moved(&mut world, "x", "sales", None, "40", true);
    let found = check(&world.reference, &world.scheme, world.month);
    let differences: Vec<(&str, &str, String)> =
        found.differences.iter().map(|d| (d.level, d.indicator.as_str(), d.difference.to_string())).collect();
    assert_eq!(differences, [("district", "listing", "-1".to_string())]);
    assert_eq!((found.sums, found.not_additive.len(), found.transfers.len()), (4, 1, 1));
    let formula = |indicator: &str| &world.scheme.indicator(indicator).unwrap().formula;
    assert!(is_additive(formula("listing")) && !is_additive(formula("visits")));
    assert!(hardly_met(formula("visits"), id("1.00")).is_some() && hardly_met(formula("visits"), id("0.99")).is_none());
    assert!(hardly_met(formula("sales"), id("100")).is_none());
}
