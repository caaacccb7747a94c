//! Sync against a head office that does what `sync.md` says, and against one that misbehaves.

mod common;

use client_core::device::Step;
use client_core::store::State;
use client_core::{Device, Error};
use common::*;
use jiff::civil::date;
use shared::doc::Action;
use shared::ids::Scope;
use shared::reference::{Kind, Row};
use shared::wire::{Reason, ScopedRow};

const SHEET: &str = "day/r1/2026-07-01";

fn shops(device: &Device) -> Vec<String> {
    visits_of(device).into_iter().map(|(shop, _)| shop).collect()
}

#[test]
fn one_round_trip_takes_everything_both_ways() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    visit(&mut a, "t1");
    visit(&mut b, "t2");
    a.sync(&office).unwrap();
    let synced = b.sync(&office).unwrap();
    assert_eq!((synced.requests, synced.acknowledged, synced.changes), (1, 4, 4));
    a.sync(&office).unwrap();
    assert_eq!(shops(&a), ["t1", "t2"]);
    assert_eq!(shops(&a), shops(&b));
    let status = a.status().unwrap();
    assert_eq!((status.counts.durable, status.open.len()), (4, 0));
    assert_eq!((status.last_sync_ms, status.complete_up_to_ms), (Some(NINE), Some(NINE)));
}

#[test]
fn what_two_devices_set_apart_is_a_conflict_until_somebody_settles_it() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    let visit = visit(&mut a, "t1");
    a.sync(&office).unwrap();
    b.sync(&office).unwrap();
    a.count_stock(visit, lines(&[("a", 5)]), Step::default()).unwrap();
    b.count_stock(visit, lines(&[("a", 6)]), Step::default()).unwrap();
    for device in [&mut a, &mut b] {
        device.sync(&office).unwrap();
    }
    a.sync(&office).unwrap();
    let day = date(2026, 7, 1);
    let conflicts = a.conflicts(day, day).unwrap();
    assert_eq!(conflicts, b.conflicts(day, day).unwrap());
    assert_eq!((conflicts[0].visit, conflicts[0].conflicts[0].field.as_str()), (visit, "stock/a"));
    let winner: i64 = conflicts[0].conflicts[0].values[0].value.parse().unwrap();
    a.count_stock(visit, lines(&[("a", winner)]), Step::default()).unwrap();
    assert_eq!(a.conflicts(day, day).unwrap(), []);
}

#[test]
fn a_lost_answer_is_harmless() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    office.with(|office| office.deaf = 1);
    assert_eq!(device.sync(&office).unwrap_err().code(), "unreachable");
    assert_eq!(device.counts().unwrap().pending, 4);
    assert_eq!(device.sync(&office).unwrap().acknowledged, 4);
    assert_eq!(office.with(|office| office.log.len()), 4);
}

#[test]
fn a_busy_office_means_queued_and_not_failed() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    office.with(|office| office.busy = 1);
    assert_eq!(device.sync(&office).unwrap().queued_s, Some(7));
    assert_eq!(device.status().unwrap().queued_until_ms, Some(NINE + 7000));
    assert_eq!(device.sync(&office).unwrap().queued_s, None);
    assert_eq!(device.status().unwrap().queued_until_ms, None);
}

#[test]
fn an_acknowledgement_of_something_else_changes_nothing() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    visit(&mut device, "t1");
    office.with(|office| office.lies = true);
    assert!(matches!(device.sync(&office), Err(Error::BadAnswer(_))));
    assert_eq!(device.counts().unwrap().pending, 4);
}

#[test]
fn pages_are_fetched_until_there_are_no_more() {
    let office = Office::new();
    let (mut a, mut b) = (device(1, "code-m01", &office), device(2, "code-m01-b", &office));
    visit(&mut a, "t1");
    a.sync(&office).unwrap();
    office.with(|office| office.page = 1);
    assert_eq!(b.sync(&office).unwrap().requests, 4);
    assert_eq!(visits_of(&b), visits_of(&a));
}

#[test]
fn a_large_backlog_goes_up_in_several_requests() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    for n in 0..600_u64 {
        // Texts that don't compress: the limit is on uncompressed bytes.
        let value: String = (0..4096_u64).map(|at| char::from(b'a' + ((at * at + n * 7919 * at) % 23) as u8)).collect();
        let action = Action::SetFact { key: "needs".into(), value };
        device.edit_shop(&retailer(&format!("t{n}")), action, Step::default()).unwrap();
    }
    let synced = device.sync(&office).unwrap();
    assert_eq!((synced.acknowledged, synced.requests), (600, 2));
    office.with(|office| {
        let remaining: Vec<u32> = office.requests.iter().map(|request| request.remaining).collect();
        assert!(remaining[0] > 0 && remaining[1] == 0, "{remaining:?}");
    });
}

#[test]
fn what_is_held_back_says_why_and_is_not_sent_again_until_it_is_released() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    office.hold(SHEET, Reason::NotAssigned);
    visit(&mut device, "t1");
    assert_eq!(device.sync(&office).unwrap().quarantined, 4);
    let open = device.status().unwrap().open;
    assert_eq!((open[0].state, open[0].reason), (State::Quarantined, Some(Reason::NotAssigned)));
    assert_eq!(open[3].reason, Some(Reason::BecauseOf));
    device.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.requests[1].changes.len()), 0);
    office.settle(open[0].hash.unwrap(), true);
    device.sync(&office).unwrap();
    assert_eq!(device.counts().unwrap().durable, 4);
}

/// The first visit is refused; the second, made after it, stands and is authored again.
#[test]
fn a_rejection_takes_its_own_action_out_and_nothing_else() {
    let office = Office::new();
    let mut device = device(1, "code-m01", &office);
    office.hold(SHEET, Reason::NotAssigned);
    visit(&mut device, "t1");
    let second = visit(&mut device, "t2");
    device.sync(&office).unwrap();
    let first = device.status().unwrap().open[0].hash.unwrap();
    office.settle(first, false);
    office.with(|office| office.holds.clear());
    let synced = device.sync(&office).unwrap();
    assert_eq!((synced.rejected, synced.rewritten, synced.acknowledged), (1, 7, 4));
    assert_eq!(shops(&device), ["t2"]);
    let facts = office.document(SHEET).sheet_facts().unwrap();
    assert_eq!(facts.visits.iter().map(|visit| visit.visit).collect::<Vec<_>>(), [second]);
    let status = device.status().unwrap();
    assert_eq!((status.counts.durable, status.counts.rejected), (4, 4));
    let reasons: Vec<_> = status.open.iter().map(|intent| intent.reason).collect();
    assert_eq!(reasons[0], Some(Reason::NotAssigned));
    assert!(reasons[1..].iter().all(|reason| *reason == Some(Reason::BecauseOf)), "they fell with their visit");
}

#[test]
fn a_newer_head_office_may_send_what_this_phone_does_not_know_yet_and_the_rest_arrives() {
    let office = Office::new();
    let mut a = device(1, "code-m01", &office);
    visit(&mut a, "t1");
    let row = Row { kind: Kind::Newer(200), key: "moon".into(), value: Some(vec![1]) };
    office.with(|office| office.rows.push(ScopedRow { scope: Scope::Org, row }));
    assert_eq!(a.sync(&office).unwrap().acknowledged, 4);
    assert_eq!(a.status().unwrap().counts.durable, 4);
    // The day goes on, by what is known.
    visit(&mut a, "t2");
    assert_eq!(a.sync(&office).unwrap().acknowledged, 4);
}
