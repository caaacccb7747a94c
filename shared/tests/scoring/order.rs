//! In whatever order and however often facts arrive, and whatever else is there: the same bytes.

use proptest::prelude::*;
use shared::facts::Visit;
use shared::ids::PersonId;
use shared::score::score_month;

use crate::world::{SALES, World, id, per_item, ratio};

fn world(visits: &[(u8, u8, u8, u32, bool, u8)]) -> World {
    let indicators = [
        ratio("sales", "15", None, SALES),
        per_item("coverage", "6", "1.1"),
        ratio("visits", "4", Some("1"), "kind = \"visit_completion\""),
    ];
    let mut world = World::new("[gate]\nindicator = \"sales\"\nbelow = \"0.80\"", &indicators);
    for person in ["m1", "m2"] {
        ["sales", "visits"].iter().for_each(|indicator| world.target(person, indicator, None, "3"));
        ["a", "b", "c"].iter().for_each(|sku| world.target(person, "coverage", Some(sku), "2"));
    }
    for date in ["2026-07-01", "2026-07-02", "2026-07-03"] {
        world.planned("r1", date);
        world.planned("r2", date);
        world.sale(date, "t1", "a", 10, "2.50");
        world.sale(date, "t3", "b", 10, "2.50");
    }
    for (person, date, shop, minute, spoilt, stock) in visits {
        let (person, date) = (["m1", "m2"][usize::from(*person)], ["2026-07-01", "2026-07-02", "2026-06-30"][usize::from(*date)]);
        let sku = ["a", "b", "c"][usize::from(*stock)];
        let visit = world.check(person, date, ["t1", "t2", "t3"][usize::from(*shop)], &[(sku, 1)]);
        // Few distinct minutes, so that check-ins tie.
        visit.in_ms += i64::from(*minute) * 60_000;
        visit.out_ms = if *spoilt { None } else { Some(visit.in_ms + 600_000) };
    }
    world
}

fn visits() -> impl Strategy<Value = Vec<(u8, u8, u8, u32, bool, u8)>> {
    prop::collection::vec((0..2u8, 0..3u8, 0..3u8, 0..4u32, any::<bool>(), 0..3u8), 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_order_nor_repetition_matters(made in visits(), order in any::<prop::sample::Index>(), twice in prop::collection::vec(any::<bool>(), 24)) {
        let mut world = world(&made);
        let expected = serde_json::to_string(&world.score()).unwrap();
        let again: Vec<Visit> = world.visits.iter().zip(&twice).filter(|(_, twice)| **twice).map(|(visit, _)| visit.clone()).collect();
        world.visits.extend(again);
        if !world.visits.is_empty() {
            let middle = order.index(world.visits.len());
            world.visits.rotate_left(middle);
            world.visits[..middle].reverse();
        }
        prop_assert_eq!(serde_json::to_string(&world.score()).unwrap(), expected);
    }

    #[test]
    fn a_persons_score_needs_nobody_elses_rows(made in visits()) {
        let mut world = world(&made);
        let person: PersonId = id("m1");
        let whole = score_month(&world.inputs(Some(&person)));
        let all = world.score();
        prop_assert_eq!(whole.managers.first(), all.managers.first());
        // A phone of m1: the rows of route r1 and its own.
        world.visits.retain(|visit| visit.route.as_str() == "r1");
        world.reference.sales.retain(|(_, route), _| route.as_str() == "r1");
        world.reference.calendar.retain(|(route, _), _| route.as_str() == "r1");
        world.reference.retailers.retain(|retailer, _| retailer.as_str() != "t3");
        world.reference.targets.retain(|(owner, _), _| *owner == person);
        let phone = score_month(&world.inputs(Some(&person)));
        prop_assert_eq!(&phone.managers[0].indicators, &whole.managers[0].indicators);
        prop_assert_eq!(&phone.managers[0].gate, &whole.managers[0].gate);
        prop_assert_eq!(&phone.warnings, &whole.warnings);
    }
}
