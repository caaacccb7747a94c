//! The phone dies at every step of an action, of an enrolment and of a sync: nothing is lost, nothing is there twice.

mod common;

use client_core::Device;
use client_core::device::{Enrolment, Step};
use common::*;
use shared::ids::ActionId;
use tempfile::tempdir;

const ACTION: [&str; 3] = ["action: change authored", "action: written", "action: committed"];
const SYNC: [&str; 4] = ["sync: planned", "sync: answer received", "sync: applied", "sync: committed"];
const ENROL: [&str; 3] = ["enrol: key kept", "enrol: answer received", "enrol: committed"];

#[test]
fn an_action_is_whole_or_was_never_done_wherever_the_phone_dies() {
    for point in ACTION {
        let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
        let path = folder.path().join("device.db");
        let mut device = open(&path, &phone, &office);
        let (visit, _) = check_in(&mut device, "t1");
        let step = Step::of(ActionId([9; 16]), NINE);
        let count = |device: &mut Device| device.count_stock(visit, lines(&[("a", 4)]), step.clone()).unwrap();
        assert!(phone.dying_at(point, move || count(&mut device)), "{point}");

        let mut device = open(&path, &phone, &office);
        let whole = point == "action: committed";
        let counted = if whole { vec![4] } else { vec![] };
        assert_eq!(visits_of(&device), [("t1".to_string(), counted)], "{point}");
        assert_eq!(device.counts().unwrap().pending, if whole { 2 } else { 1 }, "{point}");

        assert_eq!(count(&mut device).repeated, whole, "{point}");
        device.sync(&office).unwrap();
        assert_eq!(office.with(|office| office.log.len()), 2, "{point}");
        assert_eq!(office.document("day/r1/2026-07-01").sheet_facts().unwrap().visits[0].stock.len(), 1, "{point}");
    }
}

#[test]
fn a_draft_is_there_after_a_crash_until_its_action_is() {
    for point in ACTION {
        let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
        let path = folder.path().join("device.db");
        let mut device = open(&path, &phone, &office);
        let (visit, _) = check_in(&mut device, "t1");
        device.put_draft("note", "he said th").unwrap();
        let step = Step { draft: Some("note".into()), ..Step::default() };
        assert!(phone.dying_at(point, move || device.note(visit, "he said this", step)));
        let device = open(&path, &phone, &office);
        let typed = device.drafts().unwrap().iter().any(|draft| draft.step == "note");
        assert_eq!(!typed, point == "action: committed", "{point}");
    }
}

#[test]
fn a_sync_that_dies_anywhere_is_made_good_by_the_next() {
    for point in SYNC {
        let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
        let path = folder.path().join("device.db");
        let mut other = device(2, "code-m01-b", &office);
        visit(&mut other, "t2");
        other.sync(&office).unwrap();

        let mut device = open(&path, &phone, &office);
        visit(&mut device, "t1");
        assert!(phone.dying_at(point, || device.sync(&office)), "{point}");
        drop(device);

        let mut device = open(&path, &phone, &office);
        device.sync(&office).unwrap();
        let counts = device.counts().unwrap();
        assert_eq!((counts.durable, counts.pending), (4, 0), "{point}");
        assert_eq!(office.with(|office| office.log.len()), 8, "{point}");
        let both = [("t1".to_string(), vec![4, 0]), ("t2".to_string(), vec![4, 0])];
        assert_eq!(visits_of(&device), both, "{point}");
    }
}

#[test]
fn an_enrolment_that_dies_anywhere_is_resumed_with_the_same_key() {
    for point in ENROL {
        let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
        let path = folder.path().join("device.db");
        let mut first = Device::open(&path, phone.clone()).unwrap();
        let enrolment = Enrolment { server: "s", code: "code-m01", name: "test" };
        assert!(phone.dying_at(point, || first.enrol(&office, &enrolment)), "{point}");
        drop(first);
        // The office refuses the code with another key.
        let mut again = open(&path, &phone, &office);
        assert_eq!(again.person().unwrap().as_str(), "m01", "{point}");
    }
}

#[test]
fn every_point_of_the_code_is_one_that_these_tests_die_at() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let mut device = open(&folder.path().join("device.db"), &phone, &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    for point in phone.passed.lock().unwrap().iter() {
        assert!(ACTION.iter().chain(&SYNC).chain(&ENROL).any(|known| known == point), "{point}");
    }
}
