//! Head office loses its disk: a backup is restored, and the phones bring again what it lacks.

use std::path::Path;

use server::ops::folder::{DataFolder, restore};
use server::ops::{Command, DONE};
use tests::clock::{TestClock, day};
use tests::office::{HeadOffice, Output};
use tests::phone::{Phone, route_id};

const ROUTE: &str = "r026";
const SKU: &str = "6901028090063";

fn back_up(office: &HeadOffice, file: &Path) {
    let output = office.run(&Command::Backup { file: file.to_path_buf() });
    assert_eq!(output.code, DONE, "{}", output.err);
}

fn restore_from(office: &mut HeadOffice, file: &Path) {
    office.stop();
    {
        let folder = DataFolder::take(office.data()).unwrap().expect("nobody holds it");
        let mut output = Output::default();
        assert_eq!(restore(&folder, file, &office.clock, &mut output).unwrap(), DONE, "{}", output.err);
    }
    office.start();
}

fn visits(office: &HeadOffice) -> usize {
    office.settle();
    let sheets = office.app().store.sheets(day("2026-08-01"), day("2026-08-31")).unwrap();
    sheets.iter().map(|sheet| sheet.visits.len()).sum()
}

#[test]
fn a_restored_backup_gets_everything_again_from_the_phones() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let (mut owner, mut substitute) = (Phone::of(&office, "m03"), Phone::of(&office, "m05"));
    let reference = owner.reference().unwrap();
    let shops: Vec<String> = reference.stops(ROUTE, day("2026-08-05")).into_iter().map(|(id, _)| id.to_string()).collect();
    let mut before = owner.visits_shop(&shops[0], ROUTE, "2026-08-05", "09:00:00", &[(SKU, 1)]);
    owner.sync_with(&office);
    substitute.sync_with(&office);
    let file = office.data().join("evening.backup");
    back_up(&office, &file);

    // After the backup: more on the same sheet by both, a new sheet, and a shop's file.
    clock.advance_ms(60_000);
    before = owner.visits_shop(&shops[1], ROUTE, "2026-08-05", "10:00:00", &[(SKU, 2)]).max(before);
    substitute.visits_shop(&shops[2], ROUTE, "2026-08-05", "11:00:00", &[(SKU, 3)]);
    owner.visits_shop(&shops[0], ROUTE, "2026-08-06", "09:00:00", &[(SKU, 4)]);
    owner.log_contact(&shops[0].parse().unwrap(), "call", "asks for matches", Default::default()).unwrap();
    owner.sync_with(&office);
    substitute.sync_with(&office);
    owner.sync_with(&office);
    assert_eq!(visits(&office), 4);
    let wanted = office.app().store.sheets(day("2026-08-05"), day("2026-08-06"));

    clock.advance_ms(60_000);
    restore_from(&mut office, &file);
    assert_eq!(visits(&office), 1, "the backup is older");
    clock.advance_ms(60_000);
    // The owner's phone relays the substitute's visit, too: it had it.
    owner.sync_with(&office);
    assert_eq!(visits(&office), 4);
    substitute.sync_with(&office);
    office.settle();
    let found = office.app().store.sheets(day("2026-08-05"), day("2026-08-06")).unwrap();
    assert_eq!(found, wanted.unwrap());
    for phone in [&mut owner, &mut substitute] {
        let counts = phone.counts().unwrap();
        assert_eq!((counts.pending, counts.waiting, counts.quarantined), (0, 0, 0));
        assert_eq!(phone.sheet_facts(&route_id(ROUTE), day("2026-08-05")).unwrap().unwrap().visits.len(), 3);
    }
    owner.visits_shop(&shops[3], ROUTE, "2026-08-05", "15:00:00", &[(SKU, 5)]);
    assert_eq!(owner.sync_with(&office).acknowledged, 3, "and work goes on");
    assert_eq!(visits(&office), 5);
    assert!(owner.visit(before).unwrap().is_some());
}

#[test]
fn a_restore_refuses_what_is_no_backup_and_keeps_the_data() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let file = office.data().join("no.backup");
    std::fs::write(&file, "not a database").unwrap();
    office.stop();
    {
        let folder = DataFolder::take(office.data()).unwrap().expect("nobody holds it");
        assert!(restore(&folder, &file, &office.clock, &mut Output::default()).is_err());
    }
    office.start();
    assert_eq!(office.app().directory().reference.routes.len(), 88);
}
