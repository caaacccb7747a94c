//! What the phone's screens rest on: the month in its parts, and work that is carried to head office by hand.

use server::ops::{self, Command, Format};
use shared::time::Month;
use tests::clock::{TestClock, day};
use tests::office::HeadOffice;
use tests::phone::Phone;

/// m03 owns r026; its beat has 20 August 2026, when nobody stands in.
const ROUTE: &str = "r026";
const DATE: &str = "2026-08-20";
const SKU: &str = "6901028090063";

fn phone_with_a_day(office: &HeadOffice, shops: usize) -> Phone {
    let mut phone = Phone::of(office, "m03");
    let reference = phone.reference().unwrap();
    let stops: Vec<String> = reference.stops(ROUTE, day(DATE)).into_iter().map(|(id, _)| id.to_string()).collect();
    for (n, shop) in stops.iter().take(shops).enumerate() {
        phone.visits_shop(shop, ROUTE, DATE, &format!("{:02}:00:00", 9 + n), &[(SKU, 0)]);
    }
    phone
}

fn month(phone: &mut Phone) -> client_core::screens::MonthView {
    phone.month(Month::of(day(DATE))).unwrap()
}

#[test]
fn the_month_tells_apart_what_head_office_has_what_waits_and_what_is_held_back_and_the_parts_add_up() {
    let clock = TestClock::at(DATE, "18:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = phone_with_a_day(&office, 3);
    let zero = "0.0000";
    let before = month(&mut phone).total;
    assert_ne!(before.pending.to_string(), zero, "three visits that only this phone knows: {before:?}");
    assert_eq!(before.held_back.to_string(), zero);
    phone.sync_with(&office);
    let after = month(&mut phone).total;
    assert_eq!((after.points.clone(), after.pending.to_string()), (before.points, zero.to_string()));
    assert_eq!(after.acknowledged, after.points);

    // A shop of somebody else's route: held back, and no part of what is acknowledged.
    phone.visits_shop("t00001", "r001", DATE, "17:00:00", &[(SKU, 1)]);
    phone.sync_with(&office);
    assert!(phone.counts().unwrap().quarantined > 0);
    assert_eq!(month(&mut phone).total.acknowledged, after.acknowledged);
}

#[test]
fn a_rescue_file_brings_a_days_work_and_the_phone_itself_may_still_come_after_it() {
    let clock = TestClock::at(DATE, "18:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = phone_with_a_day(&office, 2);
    let rescue = phone.rescue().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rescue.json");
    std::fs::write(&file, serde_json::to_vec(&rescue).unwrap()).unwrap();
    let import = || office.run(&Command::ImportRescue { file: file.clone(), format: Format::Json });
    // The file is found days later.
    clock.set("2026-08-27", "09:00:00");
    let first = import();
    assert_eq!(first.code, ops::DONE, "{}", first.err);
    assert!(first.out.contains("\"durable\": 6"), "{}", first.out);
    assert!(import().out.contains("\"known\": 6"), "taken in twice it is there once");
    office.settle();
    let sheets = office.app().store.sheets(day(DATE), day(DATE)).unwrap();
    let visits: usize = sheets.iter().map(|sheet| sheet.visits.len()).sum();
    assert_eq!(visits, 2);

    let synced = phone.sync_with(&office);
    assert_eq!((synced.acknowledged, synced.quarantined), (6, 0));

    let mut forged = rescue;
    forged.rounds[0].body = "bm8gZW52ZWxvcGU=".into();
    std::fs::write(&file, serde_json::to_vec(&forged).unwrap()).unwrap();
    let refused = import();
    assert_eq!(refused.code, ops::REFUSED);
    assert!(refused.err.contains("bad_signature"), "{}", refused.err);
}
