//! Actions, offline: durable, idempotent, and never in need of anybody's leave.

mod common;

use client_core::device::{CheckIn, Step, Warning};
use client_core::store::State;
use client_core::{Device, Error};
use common::*;
use jiff::civil::date;
use shared::doc::{Action, FollowUpDate};
use shared::ids::{ActionId, VisitId};
use tempfile::tempdir;

#[test]
fn a_visit_is_on_the_phone_as_soon_as_it_is_made() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    let visit = visit(&mut device, "t1");
    let facts = device.visit(visit).unwrap().unwrap();
    assert_eq!((facts.in_ms, facts.out_ms), (NINE, Some(NINE + 600_000)));
    assert_eq!((facts.date, facts.person.as_str()), (date(2026, 7, 1), "m01"));
    assert_eq!(device.counts().unwrap().pending, 4);
    assert!(office.with(|office| office.requests.is_empty()), "and nobody was asked");
}

#[test]
fn doing_an_action_again_is_the_same_action() {
    let mut device = device(1, "code-m01", &Office::new());
    let visit = VisitId([7; 16]);
    let (_, first) = device.check_in(CheckIn { visit: Some(visit), ..at("t1") }).unwrap();
    let (_, again) = device.check_in(CheckIn { visit: Some(visit), ..at("t1") }).unwrap();
    assert_eq!(first.action, ActionId(visit.0), "a check-in's action is its visit");
    assert_eq!((first.repeated, again.repeated, first.hash == again.hash), (false, true, true));
    let step = Step::of(ActionId([8; 16]), NINE);
    device.note(visit, "one", step.clone()).unwrap();
    device.note(visit, "two", step).unwrap();
    assert_eq!(device.visit(visit).unwrap().unwrap().note, "one");
    assert_eq!(device.counts().unwrap().pending, 2);
}

#[test]
fn an_action_that_changes_nothing_rests_on_the_one_before() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    let (visit, _) = check_in(&mut device, "t1");
    let first = device.count_stock(visit, lines(&[("a", 4)]), Step::default()).unwrap();
    let same = device.count_stock(visit, lines(&[("a", 4)]), Step::default()).unwrap();
    assert_eq!((same.hash, same.state), (first.hash, State::Pending));
    device.sync(&office).unwrap();
    assert_eq!(device.counts().unwrap().durable, 3);
    let later = device.count_stock(visit, lines(&[("a", 4)]), Step::default()).unwrap();
    assert_eq!((later.hash, later.state), (None, State::Durable));
}

#[test]
fn what_the_phone_has_not_heard_of_only_warns() {
    let mut device = device(1, "code-m01", &Office::new());
    let (_, done) = check_in(&mut device, "t1");
    let [Warning::UnknownRoute { .. }, Warning::UnknownShop { .. }] = done.warnings.as_slice() else { panic!("{:?}", done.warnings) };
    assert_eq!(visits_of(&device).len(), 1);
    let fault = device.check_in(CheckIn::at(retailer("t1"))).unwrap_err();
    assert_eq!(fault.code(), "unknown_route", "without a route only the reference data can say which");
}

#[test]
fn a_fault_leaves_nothing_behind() {
    let mut device = device(1, "code-m01", &Office::new());
    let (visit, _) = check_in(&mut device, "t1");
    let fault = device.count_stock(visit, lines(&[("a", 5), ("b", -1)]), Step::default()).unwrap_err();
    assert_eq!(fault.code(), "out_of_bounds");
    assert!(matches!(device.note(VisitId([9; 16]), "?", Step::default()), Err(Error::UnknownVisit(_))));
    assert_eq!(visits_of(&device), [("t1".to_string(), vec![])]);
    assert_eq!(device.counts().unwrap().pending, 1);
}

#[test]
fn nothing_is_done_before_enrolment() {
    let mut device = Device::in_memory(Phone::new(1)).unwrap();
    assert!(matches!(device.check_in(at("t1")), Err(Error::NotEnrolled)));
    assert_eq!(device.status().unwrap().person, None);
}

#[test]
fn a_second_process_is_turned_away() {
    let (folder, office) = (tempdir().unwrap(), Office::new());
    let path = folder.path().join("device.db");
    let mut first = open(&path, &Phone::new(1), &office);
    assert_eq!(Device::open(&path, Phone::new(2)).err().unwrap().code(), "store_in_use");
    visit(&mut first, "t1");
}

#[test]
fn everything_is_there_when_the_phone_is_opened_again() {
    let (folder, office, phone) = (tempdir().unwrap(), Office::new(), Phone::new(1));
    let path = folder.path().join("device.db");
    for round in 0..30 {
        let mut device = open(&path, &phone, &office);
        let visited = visit(&mut device, &format!("t{round:02}"));
        device.note(visited, &format!("round {round}"), Step::default()).unwrap();
    }
    let device = open(&path, &phone, &office);
    assert_eq!(visits_of(&device).len(), 30, "also beyond where changes are folded into the snapshot");
}

#[test]
fn a_removed_visit_is_no_fact_and_a_missed_stop_is_one() {
    let mut device = device(1, "code-m01", &Office::new());
    let visit = visit(&mut device, "t1");
    device.remove_visit(visit, Step::default()).unwrap();
    device.report_missed(retailer("t2"), Some(route("r1")), None, "closed", Step::default()).unwrap();
    device.diary(route("r1"), date(2026, 7, 1), "rain", Step::default()).unwrap();
    let sheet = device.sheet_facts(&route("r1"), date(2026, 7, 1)).unwrap().unwrap();
    assert_eq!((sheet.visits.len(), sheet.missed.len(), sheet.diary.as_str()), (0, 1, "rain"));
    device.note(visit, "by mistake", Step::default()).unwrap();
}

#[test]
fn a_shops_file_is_read_over_the_years_and_written_in_this_one() {
    let mut device = device(1, "code-m01", &Office::new());
    let shop = retailer("t1");
    let last_year = Step { at_ms: Some(NINE - 300 * 86_400_000), ..Step::default() };
    let contact =
        |name: &str| Action::PutContact { id: "c".into(), name: name.into(), role: "owner".into(), phone: String::new(), birthday: None };
    device.edit_shop(&shop, contact("Li"), last_year.clone()).unwrap();
    let due = FollowUpDate::Due(date(2026, 8, 1));
    let follow_up = device.follow_up(&shop, due, "bring samples", last_year).unwrap();
    let done = device.log_contact(&shop, "call", "asked for slim ones", Step::default()).unwrap();
    assert_eq!(done.document.to_string(), "shop/t1/2026");
    device.close_follow_up(&shop, &follow_up.action.to_string(), Step::default()).unwrap();
    let file = device.shop_file(&shop).unwrap();
    assert_eq!((file.contacts["c"].name.as_str(), file.log.len()), ("Li", 1));
    assert_eq!(file.followups[&follow_up.action.to_string()].closed_ms, Some(NINE));
    device.edit_shop(&shop, contact("Li Wei"), Step::default()).unwrap();
    assert_eq!(device.shop_file(&shop).unwrap().contacts["c"].name, "Li Wei");
    device.edit_shop(&shop, Action::RemoveContact { id: "c".into() }, Step::default()).unwrap();
    assert!(device.shop_file(&shop).unwrap().contacts.is_empty());
}

#[test]
fn goals_are_put_and_agreed() {
    let mut device = device(1, "code-m01", &Office::new());
    let day = date(2026, 7, 1);
    let put = Action::PutGoal { id: "g".into(), title: "slim".into(), measure: "shops".into(), target: "40".into() };
    device.edit_goals(day, put, Step::default()).unwrap();
    device.edit_goals(day, Action::AgreeGoal { id: "g".into(), as_manager: true, at_ms: NINE }, Step::default()).unwrap();
    let person = device.person().unwrap();
    assert_eq!(device.goals(&person, day).unwrap().goals["g"].agreed_by.person, Some(NINE));
}

#[test]
fn only_who_made_a_visit_takes_it_back() {
    let office = Office::new();
    let (mut owner, mut other) = (device(1, "code-m01", &office), device(2, "code-m02", &office));
    let visit = visit(&mut owner, "t1");
    owner.sync(&office).unwrap();
    other.sync(&office).unwrap();
    assert_eq!(other.remove_visit(visit, Step::default()).unwrap_err().code(), "not_your_visit");
    assert_eq!(visits_of(&other).len(), 1);
    owner.remove_visit(visit, Step::default()).unwrap();
    assert!(visits_of(&owner).is_empty());
}
