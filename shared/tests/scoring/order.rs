//! In whatever order and however often facts arrive, and whatever else is there: the same bytes.

use proptest::prelude::*;
use shared::facts::Visit;
use shared::ids::PersonId;
use shared::reference::SalesBlock;
use shared::score::{assemble, score_month, score_parts, shares};

use crate::world::{SALES, World, cases, id, per_item, ratio};

/// Person, date, shop, minute, whether it was never checked out, SKU counted; each by its number.
type Made = (u8, u8, u8, u32, bool, u8);

fn world(visits: &[Made]) -> World {
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

fn visits() -> impl Strategy<Value = Vec<Made>> {
    prop::collection::vec((0..2u8, 0..3u8, 0..3u8, 0..4u32, any::<bool>(), 0..3u8), 0..24)
}

/// What a world is made of, and its visits in another order, some of them again.
fn shuffled() -> impl Strategy<Value = (Vec<Made>, Vec<Visit>)> {
    let order = |made: Vec<Made>| {
        let (visits, count) = (world(&made).visits, made.len());
        (Just(made), Just(visits).prop_shuffle(), prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), count))
    };
    visits().prop_flat_map(order).prop_map(|(made, mut visits, again)| {
        for (nth, (_, at)) in again.iter().enumerate().filter(|(_, (again, _))| *again) {
            let visit = visits[nth].clone();
            visits.insert(at.index(visits.len() + 1), visit);
        }
        (made, visits)
    })
}

/// The same sales, their rows in another order.
fn reordered(block: &SalesBlock, turn: usize) -> SalesBlock {
    let mut block = block.clone();
    if !block.rows.is_empty() {
        let by = turn % block.rows.len();
        block.rows.rotate_left(by);
    }
    block
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn neither_order_nor_repetition_matters((made, visits) in shuffled(), turn in 0..8usize) {
        let mut world = world(&made);
        let expected = serde_json::to_vec(&world.score()).unwrap();
        world.visits = visits;
        world.reference.sales.values_mut().for_each(|block| *block = reordered(block, turn));
        world.reference.targets.values_mut().for_each(|targets| targets.reverse());
        let score = world.score();
        prop_assert_eq!(serde_json::to_vec(&score).unwrap(), expected);
        // In parts too, as head office makes it.
        let inputs = world.inputs(None);
        let routes = world.reference.assignments.keys().cloned();
        let parts = score_parts(&inputs, &shares(&world.reference, routes, world.month, world.as_of));
        prop_assert_eq!(assemble(&inputs, parts.iter()), score);
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
