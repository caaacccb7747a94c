//! What if: other actuals, the same scorer.

use proptest::prelude::*;
use shared::reference::AssignmentKind;
use shared::score::{Change, ManagerScore, MonthPoints, MonthTotal, WhatIf, WhatIfFault, what_if};

use crate::world::{SALES, World, events, id, per_item, ratio};

const GATE: &str = "[gate]\nindicator = \"sales\"\nbelow = \"0.80\"";

/// Sales (the gate's), slim ones (capped), structure, coverage, visits, width, work.
fn world(gate: &str) -> World {
    let indicators = [
        ratio("sales", "15", None, SALES),
        ratio("slim", "10", Some("1.3"), "kind = \"volume\", slim = true"),
        ratio("other", "10", Some("1.3"), "kind = \"volume\", maker = \"maker c\""),
        ratio("structure", "6", Some("1.2"), "kind = \"value_per_carton\""),
        per_item("coverage", "6", "1.1"),
        ratio("visits", "4", Some("1"), "kind = \"visit_completion\"").replace("core", "auxiliary"),
        ratio("width", "4", Some("1"), "kind = \"width_compliance\"").replace("core", "auxiliary"),
        events("work", "min = \"-2\"\nmax = \"2\""),
    ];
    let mut world = World::new(gate, &indicators);
    for (indicator, plan) in [("sales", "100"), ("slim", "10"), ("other", "5"), ("structure", "90"), ("visits", "0.95"), ("width", "0.5")] {
        world.target("m1", indicator, None, plan);
    }
    world.target("m1", "coverage", Some("a"), "2");
    world.target("m1", "coverage", Some("b"), "1");
    world.standard("r1", 1);
    ["2026-07-06", "2026-07-07"].iter().for_each(|date| world.planned("r1", date));
    world.sale("2026-07-06", "t1", "b", 780, "7000");
    world.event("e1", "2026-07-06", "m1", "work", "1");
    world
}

fn play(world: &World, changes: &[&str]) -> Result<WhatIf, WhatIfFault> {
    let changes: Vec<Change> = changes.iter().map(|text| text.parse().unwrap()).collect();
    what_if(&world.inputs(None), &id("m1"), &changes)
}

fn points(score: &ManagerScore) -> Vec<(String, String)> {
    score.indicators.iter().map(|i| (i.id.to_string(), i.points.to_string())).collect()
}

#[test]
fn without_a_change_it_is_the_score() {
    let mut world = world(GATE);
    for as_of in [None, Some("2026-07-06")] {
        world.as_of = as_of.map(crate::world::day);
        let nothing = play(&world, &[]).unwrap();
        assert_eq!(nothing.before, world.manager("m1"));
        assert_eq!((&nothing.after, nothing.effects.len(), nothing.difference.to_string()), (&nothing.before, 0, "0.0000".into()));
        assert_eq!(play(&world, &["slim=+0"]).unwrap().after, nothing.before);
    }
}

#[test]
fn two_cartons_lift_the_gate_and_what_the_cap_takes_is_said() {
    let mut world = world(GATE);
    world.sale("2026-07-07", "t2", "c", 200, "1900");
    let before = world.manager("m1");
    assert!(!before.gated, "88 of 100 cartons");
    let less = play(&world, &["sales=-9", "other=+1"]).unwrap();
    assert!(less.after.gated && !less.before.gated);
    let other = less.effects.iter().find(|effect| effect.id.as_str() == "other").unwrap();
    // 11 of 5 cartons: 2.2 × 10, of which the cap leaves 1.3 and the gate 1.
    assert_eq!((other.before.points.to_string(), other.after.points.to_string()), ("13.0000".into(), "10.0000".into()));
    assert_eq!((other.after.lost_to_cap.to_string(), other.after.lost_to_gate.to_string()), ("9.0000".into(), "3.0000".into()));
    assert!(less.also.is_empty(), "{:?}", less.also);
    assert_eq!(play(&world, &["other=+1"]).unwrap().also, [id("sales")], "what is sold there is sold");
    let text = less.to_string();
    assert!(text.contains("(gated)") && text.contains("beyond the cap") && text.contains("lost to the gate"), "{text}");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_name() {
    let world = world(GATE);
    let says = |changes: &[&str], what: &str| {
        let fault = play(&world, changes).unwrap_err().to_string();
        assert!(fault.contains(what), "{changes:?}: {fault}");
    };
    says(&["nothing=+1"], "no indicator nothing");
    says(&["coverage=+1"], "name the SKU");
    says(&["sales/a=+1"], "leave the SKU a out");
    says(&["coverage/c=+1"], "no plan for SKU c");
    says(&["coverage/a=+0.5"], "a whole number of shops");
    says(&["coverage/a=-3"], "a whole number of shops");
    says(&["visits=1.01"], "a share of 0 to 1");
    says(&["width=-2"], "a share of 0 to 1");
    says(&["structure=-200"], "0 or more");
    says(&["sales=+1", "sales=+2"], "twice");
    let mut nobody = World::new("", &[ratio("visits", "4", None, "kind = \"visit_completion\"")]);
    nobody.target("m1", "visits", None, "1");
    assert!(matches!(play(&nobody, &["visits=+0.1"]), Err(WhatIfFault::NothingYet(_))));
    assert_eq!(play(&nobody, &["visits=1"]).unwrap().difference.to_string(), "4.0000");
    assert!(matches!(what_if(&nobody.inputs(None), &id("s1"), &[]), Err(WhatIfFault::NoManager(_))));
}

#[test]
fn events_are_clamped_as_ever() {
    let world = world(GATE);
    let more = play(&world, &["work=+4"]).unwrap();
    let work = &more.effects[0];
    assert_eq!((work.after.points.to_string(), work.after.lost_to_cap.to_string()), ("2.0000".into(), "3.0000".into()));
    assert_eq!(play(&world, &["work==-9"]).unwrap().effects[0].after.points.to_string(), "-2.0000");
}

#[test]
fn the_quarter_says_the_mean_to_a_phone_and_the_star_to_head_office() {
    let stars = "[[stars.band]]\nstars = 1\nplaces = 1\nmonthly_pay = \"500\"\n";
    let mut world = world(GATE);
    world.scheme = shared::scheme::parse(&(crate::world::scheme_text("", &[&ratio("sales", "15", None, SALES)]) + stars)).unwrap();
    world.assign("r2", AssignmentKind::Substitute, "m1", "2026-12-01", None);
    let quarter = world.month.quarter();
    let targets = world.reference.targets[&(id("m1"), world.month)].clone();
    for person in ["m1", "m2"] {
        for month in quarter.months() {
            world.reference.targets.insert((id(person), month), targets.clone());
        }
    }
    world.sale("2026-07-06", "t3", "b", 800, "7000");
    let months = quarter
        .months()
        .map(|month| MonthPoints::of(&shared::score::score_month(&shared::score::Inputs { month, ..world.inputs(None) }), None));
    let played = play(&world, &["sales=+3"]).unwrap();
    let own = months.each_ref().map(|month| MonthTotal { month: month.month, revision: None, total: month.people["m1"].total.clone() });
    let phone = played.clone().with_own_quarter(own).quarter.unwrap();
    let office = played.with_stars(&world.reference, &world.scheme, &months).quarter.unwrap();
    assert_eq!((phone.before.mean.clone(), phone.after.mean.clone()), (office.before.mean.clone(), office.after.mean.clone()));
    assert_eq!((phone.after.stars, phone.ranked), (None, false));
    // 78 cartons against the other's 80; with three more it is 81.
    assert_eq!((office.before.rank, office.before.stars), (Some(2), Some(0)));
    assert_eq!((office.after.rank, office.after.stars, office.after.monthly_pay), (Some(1), Some(1), Some(id("500"))));
}

proptest! {
    /// A sale that comes in gives the points that were played: of every indicator whose actual it changes.
    #[test]
    fn a_change_that_a_fact_makes_gives_the_points_that_the_scorer_gives_with_the_fact(
        start in -200i64..1500, packs in -300i64..600, sku in 0usize..3, no_points in any::<bool>(),
    ) {
        let gate = if no_points { format!("{GATE}\neffect = \"no_points\"") } else { GATE.to_string() };
        let mut world = world(&gate);
        world.sale("2026-07-08", "t2", "a", start, "1000");
        let before = world.manager("m1");
        let sku = ["a", "b", "c"][sku];
        let mut with = world;
        let actuals = |world: &World| {
            let read = |indicator: &str| shared::score::explain(&world.inputs(None), &id("m1"), &id(indicator)).unwrap();
            let ratio = ["sales", "slim", "other", "structure", "width"].map(|i| {
                let value = read(i).steps.into_iter().find(|step| step.name == "actual").and_then(|step| step.value).unwrap();
                (i.to_string(), value)
            });
            let items = ["a", "b"].map(|sku| {
                let held = read("coverage").facts.iter().filter(|fact| matches!(fact, shared::score::Fact::Held { sku: s, held: true, .. } if s.as_str() == sku)).count();
                (format!("coverage/{sku}"), held.to_string())
            });
            ratio.into_iter().chain(items).collect::<Vec<_>>()
        };
        let (visits, scheme, month) = (with.visits.clone(), with.scheme.clone(), with.month);
        let without = World { reference: with.reference.clone(), visits, scheme, month, as_of: None };
        with.sale("2026-07-09", "t1", sku, packs, "300");
        let changes: Vec<Change> = actuals(&with).into_iter().map(|(name, value)| format!("{name}=={value}").parse().unwrap()).collect();
        let played = what_if(&without.inputs(None), &id("m1"), &changes).unwrap();
        prop_assert_eq!(&played.before, &before);
        prop_assert_eq!(points(&played.after), points(&with.manager("m1")));
        prop_assert_eq!(played.after.total, with.manager("m1").total);
        prop_assert_eq!(played.after.gated, with.manager("m1").gated);
    }
}
