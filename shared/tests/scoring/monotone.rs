//! Who does more of one thing, all else as it was, never has fewer points for it: over formulas, caps and gates.

use proptest::prelude::*;
use shared::score::{Rounded, Status};

use crate::world::{World, cases, events, id, per_item, ratio};

/// What can be done more of, and the indicator that counts it.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Packs,
    Value,
    Outlets,
    Width,
    Visits,
    Points,
}

const DEEDS: [Deed; 6] = [Deed::Packs, Deed::Value, Deed::Outlets, Deed::Width, Deed::Visits, Deed::Points];
const DAYS: [&str; 4] = ["2026-07-06", "2026-07-07", "2026-07-08", "2026-07-09"];
const SHOPS: [&str; 5] = ["t1", "t2", "t4", "t5", "t6"];

/// An appraisal and a month, as they are drawn.
#[derive(Clone, Debug)]
struct Draw {
    deed: Deed,
    /// Tenths.
    weight: u32,
    /// Hundredths, over 0; none: no cap.
    cap: Option<u32>,
    class: &'static str,
    /// Hundredths; at or below 0: no plan.
    plan: i32,
    /// Hundredths, and whether the indicator itself is the gate's.
    gate: Option<(u32, &'static str, bool)>,
    /// The least and the most of the events' points, hundredths.
    clamp: (Option<i32>, Option<i32>),
    as_of: Option<&'static str>,
    /// How much is done before, of each sort.
    done: u8,
    /// How much more of the one.
    more: u8,
}

fn draw() -> impl Strategy<Value = Draw> {
    let gate = (1..200u32, prop::sample::select(vec!["cap_at_weight", "no_points"]), any::<bool>());
    let appraisal = (
        prop::sample::select(DEEDS.to_vec()),
        0..300u32,
        prop::option::of(1..250u32),
        prop::sample::select(vec!["core", "cultivation", "auxiliary"]),
        -50..400i32,
        prop::option::of(gate),
    );
    let clamp = (prop::option::of(-300..0i32), prop::option::of(0..300i32));
    let month = (clamp, prop::option::of(prop::sample::select(DAYS.to_vec())), 0..20u8, 1..20u8);
    (appraisal, month).prop_map(|((deed, weight, cap, class, plan, gate), (clamp, as_of, done, more))| Draw {
        deed,
        weight,
        cap,
        class,
        plan,
        gate,
        clamp,
        as_of,
        done,
        more,
    })
}

fn hundredths(number: i32) -> String {
    format!("{}{}.{:02}", if number < 0 { "-" } else { "" }, number.abs() / 100, number.abs() % 100)
}

impl Draw {
    fn scheme(&self) -> (String, Vec<String>) {
        let weight = format!("{}.{}", self.weight / 10, self.weight % 10);
        let cap = self.cap.map(|cap| hundredths(cap as i32));
        let measured = |measure: &str| ratio("it", &weight, cap.as_deref(), measure);
        let bounds = [("min", self.clamp.0), ("max", self.clamp.1)];
        let bounds: String = bounds.iter().filter_map(|(key, at)| Some(format!("{key} = \"{}\"\n", hundredths((*at)?)))).collect();
        let it = match self.deed {
            Deed::Packs => measured("kind = \"volume\", maker = \"maker a\""),
            Deed::Value => measured("kind = \"value_per_carton\""),
            Deed::Outlets => per_item("it", &weight, cap.as_deref().unwrap_or("1")),
            Deed::Width => measured("kind = \"width_compliance\""),
            Deed::Visits => measured("kind = \"visit_completion\""),
            Deed::Points => events("it", &bounds),
        };
        let is_ratio = !matches!(self.deed, Deed::Outlets | Deed::Points);
        let gate = self.gate.map_or_else(String::new, |(below, effect, itself)| {
            let indicator = if itself && is_ratio { "it" } else { "other" };
            format!("[gate]\nindicator = \"{indicator}\"\nbelow = \"{}\"\neffect = \"{effect}\"", hundredths(below as i32))
        });
        let it = it.replace("class = \"core\"", &format!("class = \"{}\"", self.class));
        (gate, vec![it, ratio("other", "10", None, "kind = \"volume\", maker = \"maker b\"")])
    }

    /// The points of the indicator after `done` deeds of each sort, and `more` of its own.
    fn points(&self, more: u8) -> (Status, Rounded) {
        let (gate, indicators) = self.scheme();
        let mut world = World::new(&gate, &indicators);
        SHOPS[2..].iter().for_each(|shop| world.shop(shop, None, Some("r1")));
        DAYS.iter().for_each(|day| world.planned("r1", day));
        world.standard("r1", 2);
        world.target("m1", "it", if matches!(self.deed, Deed::Outlets) { Some("a") } else { None }, &hundredths(self.plan));
        world.target("m1", "other", None, "3");
        world.as_of = self.as_of.map(crate::world::day);
        // What every month has: something sold, some of it of the other indicator.
        world.sale(DAYS[0], "t1", "b", 20, "3.00");
        for deed in DEEDS {
            let own = std::mem::discriminant(&deed) == std::mem::discriminant(&self.deed);
            // What more would do to two measures at once is done in the one alone.
            let before = if own || matches!((deed, self.deed), (Deed::Points, _)) { self.done } else { 0 };
            (0..before + if own { more } else { 0 }).for_each(|nth| perform(&mut world, deed, usize::from(nth)));
        }
        let score = world.manager("m1");
        let it = score.indicators.into_iter().find(|indicator| indicator.id == id("it")).expect("it is in the scheme");
        (it.status, it.points)
    }
}

/// The nth deed of a sort.
fn perform(world: &mut World, deed: Deed, nth: usize) {
    let (day, shop) = (DAYS[nth % DAYS.len()], SHOPS[nth / DAYS.len() % SHOPS.len()]);
    match deed {
        Deed::Packs => world.sale(day, shop, "a", 3, "1.00"),
        Deed::Value => world.sale(DAYS[0], "t1", "b", 0, "7.77"),
        // Each further one is of another shop, and of another SKU or stop: what is there already can't be done again.
        Deed::Outlets if nth < SHOPS.len() => drop(world.check("m1", DAYS[0], SHOPS[nth], &[("a", 1)])),
        Deed::Width if nth < 2 * SHOPS.len() => world.sale(DAYS[0], SHOPS[nth / 2], ["a", "b"][nth % 2], 10, "1.00"),
        Deed::Visits if nth < DAYS.len() * SHOPS.len() => drop(world.visit("m1", day, shop)),
        Deed::Points => world.event(&format!("e{nth}"), day, "m1", "it", "0.37"),
        Deed::Outlets | Deed::Width | Deed::Visits => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn more_of_one_thing_is_never_fewer_points_for_it(draw in draw()) {
        let ((_, before), (_, after)) = (draw.points(0), draw.points(draw.more));
        prop_assert!(after >= before, "{before} became {after}");
    }
}

#[test]
fn the_draws_reach_points_that_rise_and_points_that_are_capped() {
    let plain = |deed| Draw {
        deed,
        weight: 100,
        cap: Some(150),
        class: "core",
        plan: 100,
        gate: None,
        clamp: (None, None),
        as_of: None,
        done: 1,
        more: 1,
    };
    for deed in DEEDS {
        let few = Draw { plan: 9_000, done: 0, ..plain(deed) };
        // A second SKU makes a shop comply; of everything else one more is more at once.
        let more = if matches!(deed, Deed::Width) { 2 } else { 1 };
        assert!(few.points(more).1 > few.points(0).1, "{deed:?}");
        assert_eq!(few.points(more).0, Status::Scored);
    }
    let full = Draw { plan: 1, ..plain(Deed::Packs) };
    assert_eq!(full.points(0), full.points(9));
}
