//! Native and WebAssembly come to the same bytes: scores, receipts and their leaves, over the sample district's months and
//! over generated districts. `cargo xtask wasm-check` builds the module and runs this.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use wasm_score::{Case, answer};

#[path = "../../../shared/tests/district/mod.rs"]
mod district;
#[allow(dead_code, reason = "the scorer's own tests use all of it")]
#[path = "../../../shared/tests/scoring/world.rs"]
mod world;

use world::{SALES, World, events, per_item, ratio};

const GENERATED: usize = 100;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/fushan")
}

/// The sample's months, to their end and to a day before it; that with its receipts, which are large.
fn sample_cases() -> Vec<Case> {
    let reference = district::read(&sample());
    let visits = district::field_log(&sample(), &reference);
    let scheme = std::fs::read_to_string(sample().join("scheme.toml")).unwrap();
    let months = [("2026-07", None), ("2026-08", Some("2026-08-12")), ("2026-08", None), ("2026-09", None)];
    let case = |(month, as_of): (&str, Option<&str>)| Case {
        receipts: as_of.is_some(),
        ..Case::of(month, as_of.map(world::day), &scheme, &reference, &visits)
    };
    months.into_iter().map(case).collect()
}

/// Where a visit is, how far off the fence and the minute, and what it counts: the edges where platforms could part.
type Made = (u8, u8, u8, i32, i32, i64, i64);

/// Day, shop, packs, value in hundredths.
type Sold = (u8, u8, i64, u32);
/// Visits, sales, the plans and the gate in hundredths, and whether the month is under way.
type Drawn = (Vec<Made>, Vec<Sold>, (u32, u32, u32), bool);

fn made() -> impl Strategy<Value = Drawn> {
    let visit = (0..2u8, 0..4u8, 0..3u8, -2_800..2_800i32, -3_500..3_500i32, 179_990..180_010i64, -3..5i64);
    let sale = (0..4u8, 0..3u8, -30..90i64, 0..100_000u32);
    let plans = (1..2_000u32, 1..5u32, 1..200u32);
    (prop::collection::vec(visit, 0..24), prop::collection::vec(sale, 0..24), plans, any::<bool>())
}

fn generated((visits, sales, (plan, outlets, below), live): Drawn) -> Case {
    let hundredths = |number: u32| format!("{}.{:02}", number / 100, number % 100);
    let indicators = [
        ratio("sales", "15", None, SALES),
        ratio("structure", "10", Some("1.2"), "kind = \"value_per_carton\""),
        per_item("coverage", "6", "1.1"),
        ratio("width", "8", None, "kind = \"width_compliance\""),
        ratio("visits", "4", Some("1"), "kind = \"visit_completion\"").replace("core", "auxiliary"),
        events("work", "min = \"-2\""),
    ];
    let gate = format!("[gate]\nindicator = \"sales\"\nbelow = \"{}\"", hundredths(below));
    let mut world = World::new(&gate, &indicators);
    let (days, shops, skus) = (["2026-07-06", "2026-07-07", "2026-07-30", "2026-07-31"], ["t1", "t2", "t3"], ["a", "b", "c"]);
    for person in ["m1", "m2"] {
        ["sales", "structure", "width", "visits"].iter().for_each(|indicator| world.target(person, indicator, None, &hundredths(plan)));
        skus.iter().for_each(|sku| world.target(person, "coverage", Some(sku), &outlets.to_string()));
        world.event(&format!("e{person}"), days[0], person, "work", "0.33335");
    }
    ["r1", "r2"].iter().for_each(|route| days.iter().for_each(|day| world.planned(route, day)));
    world.standard("r1", 2);
    for (day, shop, packs, value) in sales {
        world.sale(days[usize::from(day)], shops[usize::from(shop)], skus[usize::from(shop + day) % 3], packs, &hundredths(value));
    }
    for (person, day, shop, north, east, stay_ms, packs) in visits {
        let (person, shop) = (["m1", "m2"][usize::from(person)], shops[usize::from(shop)]);
        let visit = world.check(person, days[usize::from(day)], shop, &[(skus[usize::from(day) % 3], packs.max(0))]);
        visit.out_ms = Some(visit.in_ms + stay_ms);
        visit.position = visit.position.map(|at| shared::facts::Position { lat_e6: at.lat_e6 + north, lon_e6: at.lon_e6 + east });
    }
    let scheme = world::scheme_text(&gate, &indicators.each_ref().map(String::as_str));
    Case::of("2026-07", live.then(|| world::day(days[1])), &scheme, &world.reference, &world.visits)
}

fn cases() -> Vec<Case> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let drawn = (0..GENERATED).map(|_| made().new_tree(&mut runner).expect("nothing is filtered").current());
    sample_cases().into_iter().chain(drawn.map(generated)).collect()
}

#[test]
#[ignore = "needs the module: cargo xtask wasm-check builds it and runs this"]
fn native_and_wasm_come_to_the_same_bytes() {
    let module = std::env::var("ROUNDSMAN_WASM").expect("ROUNDSMAN_WASM names the module");
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for (nth, case) in cases().iter().enumerate() {
        let bytes = minicbor::to_vec(case).unwrap();
        std::fs::write(folder.path().join(format!("{nth:04}.cbor")), &bytes).unwrap();
        let said = answer(&bytes);
        assert!(said.starts_with(b"{\"score\""), "case {nth}: {}", String::from_utf8_lossy(&said).chars().take(200).collect::<String>());
        expected.push(said);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("run.mjs");
    let run = Command::new("node").arg(script).arg(&module).arg(folder.path()).status().expect("node starts");
    assert!(run.success(), "node ended with {run}");
    let mut total = 0;
    for (nth, native) in expected.iter().enumerate() {
        let wasm = std::fs::read(folder.path().join(format!("{nth:04}.wasm.json"))).expect("an answer a case");
        assert!(
            *native == wasm,
            "case {nth}: native and WebAssembly differ from byte {}",
            native.iter().zip(&wasm).take_while(|(a, b)| a == b).count()
        );
        total += native.len();
    }
    println!("{} cases, {total} bytes of scores and receipts: native and WebAssembly are the same", expected.len());
}
