//! Each flag at its threshold, and which visits are effective.

use shared::facts::flags::{Flag, FlagSet, distance_mm, flag_visits};
use shared::facts::{Conflict, Position, Visit};
use shared::ids::{ChangeHash, VisitId};
use shared::reference::ClockEvidence;
use shared::time::Zone;

use crate::world::{World, at, events, id};

fn world() -> World {
    let mut world = World::new("", &[events("work", "")]);
    world.planned("r1", "2026-07-06");
    world
}

/// Flags and effectiveness of each visit, in the order of the answer.
fn flagged(world: &World) -> Vec<(VisitId, Vec<&'static str>, bool)> {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let flagged = flag_visits(&world.visits, &world.reference, &zone, &world.scheme.visits);
    flagged.iter().map(|f| (f.visit.visit, f.flags.iter().map(Flag::as_str).collect(), f.effective)).collect()
}

fn flags_of(spoil: impl FnOnce(&mut Visit)) -> (Vec<&'static str>, bool) {
    let mut world = world();
    spoil(world.visit("m1", "2026-07-06", "t1"));
    let (_, flags, effective) = flagged(&world).remove(0);
    (flags, effective)
}

#[test]
fn every_flag_has_its_threshold() {
    let stays = |ms: i64| move |v: &mut Visit| v.out_ms = Some(v.in_ms + ms);
    assert_eq!(flags_of(|_| {}), (vec![], true));
    assert_eq!(flags_of(|v| v.out_ms = None), (vec!["no_checkout"], false));
    assert_eq!(flags_of(stays(180_000)), (vec![], true));
    assert_eq!(flags_of(stays(179_999)), (vec!["short_dwell"], false));
    assert_eq!(flags_of(stays(-1)), (vec!["short_dwell"], false));
    assert_eq!(flags_of(|v| v.position = None), (vec!["no_position"], true));
    assert_eq!(flags_of(|v| v.accuracy_m = Some(100)), (vec![], true));
    assert_eq!(flags_of(|v| v.accuracy_m = Some(101)), (vec!["poor_accuracy"], true));
    assert_eq!(flags_of(|v| v.mock = true), (vec!["mock_location"], false));
    assert_eq!(flags_of(|v| v.route = id("r2")), (vec!["off_plan"], true));
    let field = Conflict { field: "out_ms".into(), values: vec![] };
    assert_eq!(flags_of(|v| v.conflicts.push(field)), (vec!["conflict"], true));
    let from = |text: &'static str| {
        move |v: &mut Visit| {
            v.in_ms = at("2026-07-06", "00:00:00") + if text == "eve" { -1 } else { 24 * 3_600_000 };
            v.out_ms = Some(v.in_ms + 600_000);
        }
    };
    assert_eq!(flags_of(from("eve")), (vec!["wrong_day"], true));
    assert_eq!(flags_of(from("next midnight")), (vec!["wrong_day"], true));
    assert_eq!(flags_of(|v| (v.in_ms, v.out_ms) = (at("2026-07-06", "00:00:00"), Some(at("2026-07-06", "23:59:59")))), (vec![], true));
    let all = flags_of(|v| (v.position, v.out_ms, v.mock, v.accuracy_m) = (None, None, true, Some(500)));
    assert_eq!(all, (vec!["mock_location", "no_checkout", "no_position", "poor_accuracy"], false));
}

#[test]
fn a_check_in_on_the_fence_is_inside() {
    let shop = Position { lat_e6: 37_000_000, lon_e6: 121_000_000 };
    let north = |lat_e6| Position { lat_e6: 37_000_000 + lat_e6, ..shop };
    // A microdegree of latitude is 2πR ÷ 360,000,000 = 111.195 mm.
    assert_eq!(distance_mm(shop, north(1)), 111);
    assert_eq!(distance_mm(shop, north(1000)), 111_195);
    assert_eq!(distance_mm(north(1000), shop), 111_195);
    assert_eq!(distance_mm(shop, shop), 0);
    // Half round the world, where the arc sine is at its end.
    let antipode = Position { lat_e6: -37_000_000, lon_e6: -59_000_000 };
    assert_eq!(distance_mm(shop, antipode), 20_015_114_442);
    for (lat_e6, inside) in [(2697, true), (2698, false)] {
        assert_eq!(distance_mm(shop, north(lat_e6)) <= 300_000, inside);
        assert_eq!(flags_of(|v| v.position = Some(north(lat_e6))).1, inside);
    }
    // A fence of exactly the distance: the visit is inside; a millimetre is the least there is.
    let mut world = world();
    world.visit("m1", "2026-07-06", "t1").position = Some(Position { lat_e6: 37_000_000, lon_e6: 121_000_000 });
    world.scheme.visits.geofence_m = 0;
    assert!(flagged(&world)[0].2);
    world.visits[0].position = Some(north(1));
    assert_eq!(flagged(&world)[0].1, ["outside_geofence"]);
}

#[test]
fn without_both_positions_there_is_no_fence() {
    let mut world = world();
    world.reference.retailers.values_mut().flatten().for_each(|row| row.position = None);
    world.visit("m1", "2026-07-06", "t1").position = Some(Position { lat_e6: 0, lon_e6: 0 });
    world.visit("m1", "2026-07-06", "unknown");
    assert!(flagged(&world).iter().all(|(_, flags, effective)| flags.is_empty() && *effective));
}

#[test]
fn a_clock_is_off_by_more_than_five_minutes_either_way() {
    for (skew_ms, is) in [(300_000, false), (300_001, true), (-300_000, false), (-300_001, true), (i64::MIN, true)] {
        let mut world = world();
        world.visit("m1", "2026-07-06", "t1");
        world.reference.clock.insert(ChangeHash([1; 32]), ClockEvidence { route: id("r1"), skew_ms });
        // Another check-in's evidence is not this one's.
        world.reference.clock.insert(ChangeHash([9; 32]), ClockEvidence { route: id("r1"), skew_ms: 1 << 40 });
        assert_eq!(flagged(&world)[0].1, if is { vec!["clock_skew"] } else { vec![] }, "{skew_ms}");
    }
}

#[test]
fn a_duplicate_comes_after_an_effective_visit_of_the_shop_and_day() {
    let mut world = world();
    // In the order of check-in: spoilt, good, good by another person, spoilt; then another shop and another day.
    for (nth, person) in ["m1", "m1", "m2", "m1"].into_iter().enumerate() {
        let visit = world.visit(person, "2026-07-06", "t1");
        visit.in_ms += 3_600_000 * nth as i64;
        visit.out_ms = if nth % 3 == 0 { None } else { Some(visit.in_ms + 600_000) };
    }
    world.visit("m1", "2026-07-06", "t2");
    world.planned("r1", "2026-07-07");
    world.visit("m1", "2026-07-07", "t1");
    world.visits.reverse();
    let expected = [
        (1, vec!["no_checkout"], false),
        (2, vec![], true),
        (3, vec!["duplicate"], false),
        (4, vec!["duplicate", "no_checkout"], false),
        (5, vec![], true),
        (6, vec![], true),
    ];
    assert_eq!(flagged(&world), expected.map(|(n, flags, effective)| (VisitId([n; 16]), flags, effective)));
}

#[test]
fn at_the_same_instant_the_smaller_visit_id_is_earlier() {
    let mut world = world();
    world.visit("m2", "2026-07-06", "t1");
    world.visit("m1", "2026-07-06", "t1");
    world.visits.reverse();
    assert_eq!(flagged(&world).iter().map(|(_, flags, _)| flags.len()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(flagged(&world)[0].0, VisitId([1; 16]));
}

#[test]
fn the_day_is_the_sheets_even_for_a_check_in_of_another_date() {
    let mut world = world();
    world.planned("r1", "2026-07-07");
    world.visit("m1", "2026-07-06", "t1");
    // Checked in on the 6th, on the sheet of the 7th: no duplicate of the first.
    let visit = world.visit("m1", "2026-07-07", "t1");
    (visit.in_ms, visit.out_ms) = (at("2026-07-06", "10:00:00"), Some(at("2026-07-06", "11:00:00")));
    assert_eq!(flagged(&world)[1].1, ["wrong_day"]);
}

#[test]
fn only_what_the_scheme_excludes_makes_a_visit_not_effective() {
    let mut world = world();
    world.scheme.visits.exclude = [Flag::NoPosition, Flag::OffPlan].into_iter().collect();
    world.visit("m1", "2026-07-06", "t1").position = None;
    world.visit("m1", "2026-07-06", "t2").out_ms = None;
    // Duplicates are not excluded: both are effective.
    world.visit("m1", "2026-07-06", "t2");
    world.visit("m1", "2026-07-09", "t1");
    let effective: Vec<bool> = flagged(&world).into_iter().map(|(_, _, effective)| effective).collect();
    assert_eq!(effective, [false, true, true, false]);
    assert_eq!(
        world.score().visits.flags.keys().map(|f| f.as_str()).collect::<Vec<_>>(),
        ["duplicate", "no_checkout", "no_position", "off_plan"]
    );
}

#[test]
fn flags_know_their_names_and_stand_in_the_alphabet() {
    let names: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    for flag in Flag::ALL {
        assert_eq!(Flag::named(flag.as_str()), Some(flag));
        let set: FlagSet = [flag].into_iter().collect();
        assert!(set.contains(flag) && !set.is_empty() && set.meets(set) && !set.meets(FlagSet::default()));
        assert_eq!(serde_json::to_string(&set).unwrap(), format!("[\"{flag}\"]"));
    }
    assert_eq!(Flag::named("late"), None);
}
