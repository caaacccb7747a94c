use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A sheet that uses everything a sheet may hold.
fn sheet(visits: usize, stock: usize, order: usize) -> SheetFacts {
    let lines = |count: usize, of: usize| (0..count).map(|at| (id(&format!("69010280{:05}", at * 7 + of)), at as i64 * 31)).collect();
    let visit = |n: usize| Visit {
        visit: VisitId([n as u8; 16]),
        route: id("r001"),
        date: date(2026, 8, 5),
        retailer: id(&format!("黄务店{n}")),
        person: id(["m01", "m02"][n % 2]),
        device: DeviceId::from_part([n as u8 % 2; 16]),
        in_ms: 1_785_000_000_000 + n as i64,
        out_ms: (n % 3 == 1).then_some(1_785_000_600_000),
        position: (n % 4 == 1).then_some(Position { lat_e6: 37_000_000, lon_e6: -121_000_000 }),
        accuracy_m: (n % 5 == 1).then_some(20),
        mock: n == 1,
        stock: lines(stock, n),
        order: lines(order, n),
        audits: BTreeMap::from([("shelf".to_string(), "tidy".to_string())]),
        note: "说了什么".into(),
        conflicts: vec![Conflict {
            field: "out_ms".into(),
            values: vec![ConflictValue { value: "7".into(), device: id("d"), change: ChangeHash([n as u8; 32]), at_ms: -1 }],
        }],
        change: ChangeHash([9; 32]),
    };
    let missed = vec![MissedStop { retailer: id("t2"), reason: "closed".into(), at_ms: 5 }];
    let visits = (0..visits).map(visit).collect();
    SheetFacts { route: id("r001"), date: date(2026, 8, 5), visits, missed, diary: "热".into(), faults: vec!["x".into()] }
}

#[test]
fn facts_read_back_as_they_were_written() {
    let mut names = Names::default();
    for facts in [sheet(0, 0, 0), sheet(1, 1, 0), sheet(12, 40, 12)] {
        assert_eq!(SheetFacts::from_bytes(&facts.to_bytes(), &mut names).unwrap(), facts);
    }
}

#[test]
fn what_is_cut_or_of_another_version_is_refused() {
    let bytes = sheet(2, 3, 1).to_bytes();
    for end in 0..bytes.len() {
        assert!(SheetFacts::from_bytes(&bytes[..end], &mut Names::default()).is_err(), "{end}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(SheetFacts::from_bytes(&longer, &mut Names::default()).is_err());
    let newer = [&[VERSION + 1], &bytes[1..]].concat();
    assert!(SheetFacts::from_bytes(&newer, &mut Names::default()).is_err());
}

#[test]
fn lines_stand_by_sku_and_the_last_of_two_counts() {
    let lines: Lines = [("b", 1), ("a", 2), ("b", 3)].into_iter().map(|(sku, packs)| (id(sku), packs)).collect();
    assert_eq!(lines.iter().map(|(sku, packs)| (sku.as_str(), packs)).collect::<Vec<_>>(), [("a", 2), ("b", 3)]);
    assert_eq!((lines.len(), lines.get("b"), lines.get("c")), (2, Some(3), None));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..400, with in prop::collection::vec(any::<u8>(), 1..12)) {
        let mut bytes = sheet(2, 3, 1).to_bytes();
        let at = at.min(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        drop(SheetFacts::from_bytes(&bytes, &mut Names::default()));
    }
}

/// Not a budget: a look at the time, for whoever asks with `--release --ignored --nocapture`.
#[test]
#[ignore = "prints timings, asserts nothing"]
fn how_long_a_sheet_takes() {
    let bytes = sheet(12, 40, 12).to_bytes();
    let mut names = Names::default();
    for _ in 0..3 {
        let begun = std::time::Instant::now();
        for _ in 0..1000 {
            std::hint::black_box(SheetFacts::from_bytes(&bytes, &mut names).unwrap());
        }
        println!("{} bytes, {:?} each", bytes.len(), begun.elapsed() / 1000);
    }
}
