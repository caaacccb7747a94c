//! Months later: old sheets are sealed and nobody can tell; a phone that was away for a quarter comes back.

use client_core::store::State;
use rusqlite::{Connection, OpenFlags};
use server::ops::folder::database;
use shared::ids::DocumentId;
use tests::clock::TestClock;
use tests::office::HeadOffice;
use tests::phone::Phone;

const ROUTE: &str = "r039";
const DATE: &str = "2026-07-15";
const SKU: &str = "6901028090063";
const SHEET: &str = "day/r039/2026-07-15";

/// Two phones of m04 have each made two visits on one day.
fn a_day_in_july() -> (TestClock, HeadOffice, Vec<Phone>) {
    let clock = TestClock::at(DATE, "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phones = vec![Phone::of(&office, "m04"), Phone::of(&office, "m04")];
    for (n, phone) in phones.iter_mut().enumerate() {
        for (shop, time) in shops(phone).into_iter().skip(2 * n).zip(["09:00:00", "10:00:00"]) {
            phone.visits_shop(&shop, ROUTE, DATE, time, &[(SKU, 3)]);
        }
        phone.sync_with(&office);
    }
    office.settle();
    (clock, office, phones)
}

fn shops(phone: &mut Phone) -> Vec<String> {
    let reference = phone.reference().unwrap();
    reference.stops(ROUTE, tests::clock::day(DATE)).into_iter().take(6).map(|(id, _)| id.to_string()).collect()
}

fn july(office: &HeadOffice) -> String {
    office.settle();
    let score = server::scores::month(office.app(), "2026-07".parse().unwrap(), None, None).unwrap().score;
    serde_json::to_string(&score).unwrap()
}

fn visits_on(phone: &Phone) -> usize {
    phone.visits(tests::clock::day(DATE), tests::clock::day(DATE)).unwrap().len()
}

/// How many sheets are sealed, and the bytes of bodies that rows of the log still have.
fn sealed(office: &HeadOffice) -> (i64, i64) {
    let db = Connection::open_with_flags(database(office.data()), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get(0)).unwrap();
    (number("SELECT count(*) FROM seals"), number("SELECT sum(length(body)) FROM changes"))
}

#[test]
fn a_sealed_sheet_keeps_every_change_and_takes_late_work() {
    let (clock, office, mut phones) = a_day_in_july();
    let sheet: DocumentId = SHEET.parse().unwrap();
    let (before, score, log) = (office.app().store.batches(&sheet).unwrap(), july(&office), sealed(&office));
    assert_eq!(log.0, 0);
    // Written in July, and still only on the phone.
    let late = shops(&mut phones[0])[4].clone();
    phones[0].visits_shop(&late, ROUTE, DATE, "15:00:00", &[(SKU, 1)]);

    clock.set("2026-09-20", "17:30:00");
    server::housekeeping::seal_sheets(office.app()).unwrap();
    assert_eq!(sealed(&office), (1, 0));
    let after = office.app().store.batches(&sheet).unwrap();
    let bodies = |batches: &[server::store::Batch]| batches.iter().map(|b| (b.row, b.hashes.clone(), b.body.clone())).collect::<Vec<_>>();
    assert_eq!(bodies(&after), bodies(&before), "every row reads as it did");
    assert_eq!(july(&office), score);

    let mut new = Phone::of(&office, "m04");
    assert_eq!(visits_on(&new), 4, "a new phone receives what is sealed");

    let synced = phones[0].sync_with(&office);
    assert_eq!((synced.acknowledged, synced.quarantined), (3, 0));
    new.sync_with(&office);
    assert_eq!(visits_on(&new), 5);
    office.settle();
    server::housekeeping::seal_sheets(office.app()).unwrap();
    assert_eq!(sealed(&office), (1, 0), "what came late is sealed with the rest");
    assert_eq!(office.app().store.batches(&sheet).unwrap().len(), before.len() + 1);
}

#[test]
fn a_phone_that_was_away_for_ninety_days_hands_in_its_work_and_hears_the_rest_at_once() {
    let (clock, office, mut phones) = a_day_in_july();
    let late = shops(&mut phones[0])[5].clone();
    phones[0].visits_shop(&late, ROUTE, DATE, "16:00:00", &[(SKU, 2)]);
    let shop = shops(&mut phones[1])[3].clone();
    phones[1].visits_shop(&shop, ROUTE, "2026-08-12", "09:00:00", &[(SKU, 9)]);
    clock.set("2026-08-12", "17:30:00");
    phones[1].sync_with(&office);

    clock.set("2026-10-13", "17:30:00");
    server::housekeeping::seal_sheets(office.app()).unwrap();
    let synced = phones[0].sync_with(&office);
    assert_eq!((synced.requests, synced.acknowledged, synced.quarantined), (1, 3, 0));
    assert_eq!(phones[0].counts().unwrap().pending, 0);
    let august = tests::clock::day("2026-08-12");
    assert_eq!(phones[0].visits(august, august).unwrap().len(), 1, "it has heard of August");
    let actions = phones[0].actions(usize::MAX >> 1).unwrap();
    assert!(actions.iter().all(|action| action.state == State::Durable));
}
