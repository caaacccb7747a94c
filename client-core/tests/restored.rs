//! A head office that was restored from a backup: devices bring what it lost, and let go of what it never had.

mod common;

use client_core::Device;
use client_core::device::Enrolment;
use client_core::sync::{CONTENT_TYPE, PATH, Synced};
use client_core::transport::Transport;
use common::*;
use shared::reference::Reference;

const SHEET: &str = "day/r1/2026-07-01";

fn shops(device: &Device) -> Vec<String> {
    visits_of(device).into_iter().map(|(shop, _)| shop).collect()
}

/// Head office loses everything that was durable; one device brings back its own work and the other's.
#[test]
fn after_a_restore_devices_give_back_what_head_office_lost() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    visit(&mut b, "t2");
    b.sync(&office).unwrap();
    visit(&mut a, "t1");
    a.sync(&office).unwrap();
    office.restore(1);
    visit(&mut a, "t3");
    a.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.log.len()), 12);
    assert_eq!(office.document(SHEET).sheet_facts().unwrap().visits.len(), 3);
    assert_eq!((a.counts().unwrap().durable, a.counts().unwrap().pending), (8, 0));
    b.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.log.len()), 12, "what is there again is not sent again");
    assert_eq!((b.counts().unwrap().durable, b.counts().unwrap().pending), (4, 0));
    assert_eq!(shops(&b), ["t1", "t2", "t3"]);
}

/// The backup is older than the import that gave the route: the phone must not let go of what only it has.
#[test]
fn a_restored_head_office_that_forgot_the_route_gets_the_work_all_the_same() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    office.restore(0);
    office.with(|office| office.grants.retain(|scope| scope.to_string() != "route/r1"));
    device.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.log.len()), 4);
    assert_eq!((device.counts().unwrap().durable, device.counts().unwrap().pending), (4, 0));
    let remaining: Vec<u32> = office.with(|office| office.requests.iter().skip(2).map(|request| request.remaining).collect());
    assert!(remaining[0] > 0, "what is only offered is not yet there: {remaining:?}");
    assert_eq!(remaining.last(), Some(&0));
}

#[test]
fn what_head_office_published_before_it_was_restored_is_gone_once_everything_has_come_again() {
    let office = Office::new();
    let district = |routes: &[&str]| {
        let mut reference = Reference::default();
        for id in routes {
            reference.routes.insert(route(id), format!("Route {id}"));
        }
        reference
    };
    let mut device = device(1, "code-m01", &office);
    office.publish(&district(&["r1", "r2"]));
    device.sync(&office).unwrap();
    office.restore(0);
    office.with(|office| office.rows.clear());
    office.publish(&district(&["r1"]));
    device.sync(&office).unwrap();
    assert_eq!(device.reference().unwrap().routes.keys().collect::<Vec<_>>(), [&route("r1")]);
}

/// The backup is from before the phone was enrolled: with a new code it is known again, and brings everything.
#[test]
fn a_phone_that_head_office_forgot_enrols_again_and_brings_its_work() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    office.with(|office| {
        office.log.clear();
        office.forget_devices();
    });
    enrol(&mut device, &office, "code-m01-again");
    device.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.log.len()), 4);
    assert_eq!((device.counts().unwrap().durable, device.counts().unwrap().pending), (4, 0));
    let other = Enrolment { server: "http://elsewhere", code: "code-m02", name: "test" };
    assert_eq!(device.enrol(&office, &other).unwrap_err().code(), "bad_answer", "it holds one person's work");
    assert_eq!(device.enrolled_with().unwrap().0.as_deref(), Some("http://office"));
}

/// The line goes dead after head office has said that it was restored.
#[test]
fn until_head_office_has_said_what_it_lacks_the_work_is_not_told_as_safe() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    device.sync(&office).unwrap();
    assert!(!device.work().unwrap().offering);
    office.restore(0);
    let round = device.begin_round().unwrap();
    let response = office.post(PATH, Some(&round.bearer), CONTENT_TYPE, &round.body).unwrap();
    device.end_round(round, &response, &mut Synced::default()).unwrap();
    assert!(device.work().unwrap().offering);
    device.sync(&office).unwrap();
    assert!(!device.work().unwrap().offering);
    assert_eq!(office.with(|office| office.log.len()), 4);
}
