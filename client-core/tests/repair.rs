//! What goes wrong in the world: stores that are copied or put back, changes that are damaged, come too
//! early or are taken back, routes that are taken away.

mod common;

use client_core::Device;
use client_core::device::{CheckIn, Step};
use common::*;
use jiff::civil::date;
use shared::ids::ChangeHash;
use shared::wire::{Reason, Settled, Verdict};
use tempfile::tempdir;

const SHEET: &str = "day/r1/2026-07-01";

fn shops(device: &Device) -> Vec<String> {
    visits_of(device).into_iter().map(|(shop, _)| shop).collect()
}

/// The store is put back to an old state in place, so that nothing on the phone tells: head office notices.
#[test]
fn a_store_that_was_put_back_goes_on_under_a_fresh_actor_and_loses_nothing() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let path = folder.path().join("device.db");
    let mut device = open(&path, &phone, &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    drop(device);
    let backup = std::fs::read(&path).unwrap();
    let mut device = open(&path, &phone, &office);
    visit(&mut device, "t2");
    device.sync(&office).unwrap();
    drop(device);
    std::fs::write(&path, backup).unwrap();

    let mut device = open(&path, &phone, &office);
    assert_eq!(shops(&device), ["t1"]);
    visit(&mut device, "t3");
    let synced = device.sync(&office).unwrap();
    assert_eq!((synced.generations, synced.rewritten, synced.acknowledged), (1, 4, 4));
    assert_eq!(shops(&device), ["t1", "t2", "t3"]);
    assert_eq!(device.counts().unwrap().pending, 0);
    let facts = office.document(SHEET).sheet_facts().unwrap();
    assert_eq!(facts.visits.len(), 3);
    assert!(facts.visits.iter().all(|visit| visit.conflicts.is_empty()));
    let actors: std::collections::BTreeSet<_> = office.with(|office| office.log.iter().map(|entry| entry.actor).collect());
    assert_eq!(actors.len(), 2);
}

/// A phone with work that is only there, from before an update that writes facts in another form.
#[test]
fn an_update_of_the_app_finds_all_work_where_it_was() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let path = folder.path().join("device.db");
    let mut device = open(&path, &phone, &office);
    visit(&mut device, "t1");
    drop(device);
    let store = rusqlite::Connection::open(&path).unwrap();
    store.execute_batch("UPDATE sheets SET facts = x'a0'; DROP TABLE filings; PRAGMA user_version = 2").unwrap();
    drop(store);
    let mut device = open(&path, &phone, &office);
    assert_eq!(shops(&device), ["t1"]);
    assert_eq!(device.sync(&office).unwrap().acknowledged, 4);
}

#[test]
fn a_copy_of_a_store_notices_that_it_is_one() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let (path, copy) = (folder.path().join("device.db"), folder.path().join("copy.db"));
    let mut device = open(&path, &phone, &office);
    visit(&mut device, "t1");
    drop(device);
    std::fs::copy(&path, &copy).unwrap();
    let (mut device, mut copied) = (open(&path, &phone, &office), open(&copy, &phone, &office));
    visit(&mut device, "t2");
    visit(&mut copied, "t3");
    for device in [&mut device, &mut copied] {
        assert_eq!(device.sync(&office).unwrap().generations, 0);
    }
    device.sync(&office).unwrap();
    assert_eq!(shops(&device), ["t1", "t2", "t3"]);
    assert_eq!(shops(&copied), ["t1", "t2", "t3"]);
}

#[test]
fn a_scope_that_left_is_hidden_at_once_and_dropped_when_nothing_of_it_is_unsynced() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    office.hold(SHEET, Reason::NotAssigned);
    office.with(|office| office.grants.retain(|scope| scope.to_string() != "route/r1"));
    let (open, held) = check_in(&mut device, "t2");
    device.sync(&office).unwrap();
    assert_eq!(visits_of(&device), [], "hidden");
    let sheet = |device: &Device| device.sheet_facts(&route("r1"), date(2026, 7, 1)).unwrap();
    assert!(sheet(&device).is_some(), "and kept: a change of it is not settled");
    office.settle(held.hash.unwrap(), true);
    device.sync(&office).unwrap();
    assert!(sheet(&device).is_some(), "nor while the visit is open");
    office.with(|office| office.holds.clear());
    device.check_out(open, Step::default()).unwrap();
    device.sync(&office).unwrap();
    assert!(sheet(&device).is_none());
    assert_eq!(device.actions(9).unwrap().len(), 6, "what was done stays listed");
    // Head office would not send this actor's changes back, so that its sequence must not go on.
    device.sync(&office).unwrap();
    let actors: Vec<_> = office.with(|office| office.requests.iter().map(|request| request.actor).collect());
    assert_ne!(actors.first(), actors.last());
}

#[test]
fn a_change_that_comes_before_what_it_builds_on_waits_for_it() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    visit(&mut a, "t1");
    a.sync(&office).unwrap();
    office.with(|office| {
        office.log.swap(0, 3);
        office.page = 2;
    });
    b.sync(&office).unwrap();
    assert_eq!(visits_of(&b), visits_of(&a));
    assert_eq!(b.status().unwrap().damaged, []);
}

#[test]
fn a_damaged_change_holds_up_nothing_else() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    visit(&mut a, "t1");
    a.check_in(CheckIn { route: Some(route("r1")), date: Some(date(2026, 7, 2)), ..at("t9") }).unwrap();
    a.sync(&office).unwrap();
    office.with(|office| {
        let mut broken = office.log[0].clone();
        (broken.bytes, broken.hash) = (vec![1, 2, 3], ChangeHash([9; 32]));
        office.log.insert(1, broken);
    });
    b.sync(&office).unwrap();
    assert_eq!(visits_of(&b), visits_of(&a), "its own document goes on");
    assert_eq!(b.visits(date(2026, 7, 2), date(2026, 7, 2)).unwrap().len(), 1);
    assert_eq!(b.status().unwrap().damaged[0].document, SHEET);
    visit(&mut b, "t2");
    assert_eq!(b.sync(&office).unwrap().acknowledged, 4);
}

/// It comes as a later verdict, so that the answer itself asks for nothing.
#[test]
fn a_conflict_of_copies_that_is_told_later_fetches_everything_again() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    office.hold(SHEET, Reason::NotAssigned);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    let first = device.status().unwrap().open[0].hash.unwrap();
    let reason = Some(Reason::ActorConflict);
    office.with(|office| {
        office.holds.clear();
        office.settled.push(Settled { hash: first, verdict: Verdict::Quarantined, reason });
    });
    assert_eq!(device.sync(&office).unwrap().rewritten, 4);
    assert_eq!(device.counts().unwrap().durable, 4);
    assert_eq!(office.with(|office| office.requests[2].cursor.clone()), Vec::<u8>::new());
}

#[test]
fn a_refusal_within_a_sheet_that_cannot_be_read_holds_up_no_other() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let path = folder.path().join("device.db");
    let mut device = open(&path, &phone, &office);
    office.hold(SHEET, Reason::NotAssigned);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    let first = device.status().unwrap().open[0].hash.unwrap();
    drop(device);
    rusqlite::Connection::open(&path).unwrap().execute("UPDATE documents SET snapshot = x'00'", []).unwrap();
    office.settle(first, false);
    let mut device = open(&path, &phone, &office);
    device.check_in(CheckIn { date: Some(date(2026, 7, 2)), ..at("t9") }).unwrap();
    assert_eq!(device.sync(&office).unwrap().acknowledged, 1);
    assert_eq!(device.status().unwrap().damaged[0].document, SHEET);
    let counts = device.counts().unwrap();
    assert_eq!((counts.rejected, counts.quarantined), (1, 3), "and every action is still listed");
}

/// Head office finds later that a durable change breaks the document, takes it out of the log, and staff reject it.
#[test]
fn what_is_taken_out_of_the_log_again_is_said_to_be_held_back_and_does_not_hold_up_later_work() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    let (_, first) = check_in(&mut device, "t1");
    device.sync(&office).unwrap();
    let (hash, reason) = (first.hash.unwrap(), Some(Reason::BrokenDocument));
    office.with(|office| {
        office.log.clear();
        office.settled.push(Settled { hash, verdict: Verdict::Quarantined, reason });
    });
    device.sync(&office).unwrap();
    assert_eq!(device.status().unwrap().open[0].reason, reason);
    check_in(&mut device, "t2");
    office.with(|office| office.settled.push(Settled { hash, verdict: Verdict::Rejected, reason }));
    device.sync(&office).unwrap();
    assert_eq!(office.document(SHEET).sheet_facts().unwrap().visits.len(), 1, "under a fresh actor");
    assert_eq!((device.counts().unwrap().durable, device.counts().unwrap().rejected), (1, 1));
}
