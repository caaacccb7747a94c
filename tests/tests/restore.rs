//! Head office loses its disk: a backup is restored, and the phones bring again what it lacks.

use std::path::Path;

use client_core::device::Enrolment;
use client_core::transport::Http;
use server::ops::folder::{DataFolder, restore};
use server::ops::{Command, DONE};
use shared::doc::Action;
use shared::wire::Reason;
use tests::clock::{TestClock, day};
use tests::forge::{ForgedDevice, bytes, changes};
use tests::office::{HeadOffice, Output};
use tests::phone::{Phone, route_id};

const ROUTE: &str = "r026";
const SKU: &str = "6901028090063";

fn back_up(office: &HeadOffice, file: &Path) {
    let output = office.run(&Command::Backup { file: file.to_path_buf() });
    assert_eq!(output.code, DONE, "{}", output.err);
}

/// What the command says.
fn restore_from(office: &mut HeadOffice, file: &Path) -> String {
    office.stop();
    let said = {
        let folder = DataFolder::take(office.data()).unwrap().expect("nobody holds it");
        let mut output = Output::default();
        assert_eq!(restore(&folder, file, &office.clock, &mut output).unwrap(), DONE, "{}", output.err);
        output.out
    };
    office.start();
    said
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
    assert_eq!(office.run(&Command::Password { login: "a01".into() }).code, DONE);
    let said = restore_from(&mut office, &file);
    assert!(said.contains("to be done again (1):") && said.contains("operator  password.reset"), "{said}");
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
fn what_staff_decided_after_an_earlier_restore_is_named_too() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let [monday, tuesday] = ["monday", "tuesday"].map(|name| office.data().join(format!("{name}.backup")));
    let reset = |office: &HeadOffice, login: &str| {
        assert_eq!(office.run(&Command::Password { login: login.into() }).code, DONE);
    };
    back_up(&office, &monday);
    reset(&office, "s01");
    back_up(&office, &tuesday);
    // Monday's by mistake; a decision under the same number as one of Tuesday's backup; then Tuesday's.
    assert!(restore_from(&mut office, &monday).contains("(1):"));
    reset(&office, "a01");
    let said = restore_from(&mut office, &tuesday);
    assert!(said.contains("(1):") && said.contains("password.reset  login/a01"), "{said}");
    // The backup of the very day lacks nothing.
    let today = office.data().join("today.backup");
    back_up(&office, &today);
    assert!(!restore_from(&mut office, &today).contains("to be done again"));
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

#[test]
fn a_phone_that_the_backup_does_not_know_enrols_again_and_its_day_and_what_was_built_on_it_land() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let mut substitute = Phone::of(&office, "m05");
    let file = office.data().join("noon.backup");
    back_up(&office, &file);
    clock.advance_ms(60_000);
    let mut owner = Phone::of(&office, "m03");
    let reference = owner.reference().unwrap();
    let shops: Vec<String> = reference.stops(ROUTE, day("2026-08-05")).into_iter().map(|(id, _)| id.to_string()).collect();
    owner.visits_shop(&shops[0], ROUTE, "2026-08-05", "09:00:00", &[(SKU, 1)]);
    owner.sync_with(&office);
    substitute.sync_with(&office);
    substitute.visits_shop(&shops[1], ROUTE, "2026-08-05", "10:00:00", &[(SKU, 2)]);
    substitute.sync_with(&office);
    assert_eq!(visits(&office), 2);

    clock.advance_ms(60_000);
    restore_from(&mut office, &file);
    clock.advance_ms(60_000);
    substitute.sync_with(&office);
    assert_eq!(visits(&office), 0, "whose work it relays head office does not know");
    assert!(owner.sync(&Http::new(&office.url())).is_err());
    owner.restart();
    assert!(owner.work().unwrap().unknown, "what was at head office is not there any more, and that is said");
    let wrong = office.code("m05");
    let another = Enrolment { server: &office.url(), code: &wrong, name: "again" };
    assert_eq!(owner.enrol(&Http::new(&office.url()), &another).unwrap_err().code(), "wrong_code");
    let code = office.code("m03");
    let enrolment = Enrolment { server: &office.url(), code: &code, name: "again" };
    owner.enrol(&Http::new(&office.url()), &enrolment).unwrap();
    assert!(!owner.work().unwrap().unknown);
    owner.sync_with(&office);
    assert_eq!(visits(&office), 2);
    substitute.sync_with(&office);
    for phone in [&mut owner, &mut substitute] {
        let counts = phone.counts().unwrap();
        assert_eq!((counts.durable, counts.pending, counts.waiting, counts.quarantined), (3, 0, 0, 0));
    }
    assert!(office.app().store.held(true).unwrap().is_empty());
}

#[test]
fn after_a_restore_nobody_writes_in_anothers_name_on_a_route_that_they_do_not_hold() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let victim = ForgedDevice::enrolled(&office, "m01", 1);
    let mut forger = ForgedDevice::enrolled(&office, "m08", 2);
    let file = office.data().join("evening.backup");
    back_up(&office, &file);
    restore_from(&mut office, &file);
    let written = Action::Diary { text: "m01 was here".into() };
    let forged = bytes(&victim.author(&"day/r001/2026-08-05".parse().unwrap(), 0, &[written]));
    let answer = forger.sync(&office, vec![changes("day/r001/2026-08-05", &forged)]);
    assert_eq!(answer.acknowledgement.runs[0].reason, Some(Reason::ForeignActor));
    office.settle();
    assert!(office.app().store.sheets(day("2026-08-05"), day("2026-08-05")).unwrap().is_empty());
}

/// Monday's backup knows nothing of who stands in since Tuesday.
#[test]
fn a_backup_older_than_the_substitution_gets_the_day_all_the_same_once_that_is_there_again() {
    let clock = TestClock::at("2026-08-05", "17:30:00");
    let mut office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m08");
    let file = office.data().join("monday.backup");
    back_up(&office, &file);
    let folder = tempfile::tempdir().unwrap();
    let substitution = "route_id,person_id,kind,from,to\nr001,m08,substitute,2026-08-04,2026-08-05\n";
    std::fs::write(folder.path().join("assignments.csv"), substitution).unwrap();
    assert_eq!(office.import(folder.path()).code, DONE);
    phone.sync_with(&office);
    let reference = phone.reference().unwrap();
    let shop = reference.stops("r001", day("2026-08-05"))[0].0.to_string();
    phone.visits_shop(&shop, "r001", "2026-08-05", "09:00:00", &[(SKU, 1)]);
    phone.sync_with(&office);
    assert_eq!(visits(&office), 1);

    clock.advance_ms(60_000);
    restore_from(&mut office, &file);
    clock.advance_ms(60_000);
    phone.sync_with(&office);
    assert_eq!(visits(&office), 0);
    assert_eq!(phone.counts().unwrap().quarantined, 3, "it is at head office, and held back");
    assert_eq!(office.import(folder.path()).code, DONE);
    assert_eq!(visits(&office), 1);
    phone.sync_with(&office);
    assert_eq!((phone.counts().unwrap().durable, phone.counts().unwrap().quarantined), (3, 0));
}
