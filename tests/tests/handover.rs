//! A route changes hands in mid-month: r039 is m04's until 15 August 2026, then m06's.

use client_core::store::State;
use shared::ids::Scope;
use shared::wire::Reason;
use tests::clock::{TestClock, day};
use tests::office::HeadOffice;
use tests::phone::{Phone, route_id};

const ROUTE: &str = "r039";
const SKU: &str = "6901028090063";

fn shops(phone: &mut Phone, date: &str) -> Vec<String> {
    let reference = phone.reference().unwrap();
    reference.stops(ROUTE, day(date)).into_iter().map(|(id, _)| id.to_string()).collect()
}

fn visits_of(office: &HeadOffice, person: &str) -> (u64, u64) {
    office.settle();
    let score = server::scores::month(office.app(), "2026-08".parse().unwrap(), None, None).unwrap().score;
    let manager = score.managers.iter().find(|m| m.person_id.as_str() == person).unwrap();
    (manager.visits.logged, manager.visits.effective)
}

fn completion(office: &HeadOffice, person: &str) -> String {
    office.settle();
    let score = server::scores::month(office.app(), "2026-08".parse().unwrap(), None, None).unwrap().score;
    let manager = score.managers.iter().find(|m| m.person_id.as_str() == person).unwrap();
    let json = serde_json::to_value(manager.indicators.iter().find(|i| i.id.as_str() == "visit_completion").unwrap()).unwrap();
    json["actual"].as_str().unwrap().to_string()
}

#[test]
fn late_work_for_the_earlier_days_lands_and_counts_for_the_earlier_owner() {
    let clock = TestClock::at("2026-08-10", "08:00:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m04");
    let planned: Vec<_> = server::directory::whole(office.app().store.as_ref())
        .unwrap()
        .calendar
        .iter()
        .filter(|((route, _), _)| route.as_str() == ROUTE)
        .flat_map(|(_, days)| days.clone())
        .collect();
    let date = planned
        .iter()
        .find(|d| (day("2026-08-01")..=day("2026-08-15")).contains(d))
        .expect("a planned day before the hand-over")
        .to_string();
    let shop = shops(&mut phone, &date)[0].clone();
    phone.visits_shop(&shop, ROUTE, &date, "09:00:00", &[(SKU, 3)]);
    assert_eq!(completion(&office, "m04"), "0.0000");

    clock.set("2026-08-20", "17:30:00");
    let synced = phone.sync_with(&office);
    assert_eq!((synced.acknowledged, synced.quarantined), (3, 0));
    assert_eq!(visits_of(&office, "m04"), (1, 1));
    assert_eq!(visits_of(&office, "m06"), (0, 0));
    assert_ne!(completion(&office, "m04"), "0.0000");
    assert_eq!(completion(&office, "m06"), "0.0000");
}

#[test]
fn work_that_no_assignment_allows_is_held_back_with_its_reason_and_lands_when_one_does() {
    let clock = TestClock::at("2026-08-20", "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m04");
    let shop = shops(&mut phone, "2026-08-14")[0].clone();
    phone.visits_shop(&shop, ROUTE, "2026-08-18", "09:00:00", &[(SKU, 3)]);
    let synced = phone.sync_with(&office);
    assert_eq!((synced.acknowledged, synced.quarantined), (0, 3));
    let status = phone.status().unwrap();
    assert_eq!(status.open.len(), 3);
    assert!(status.open.iter().all(|intent| intent.state == State::Quarantined));
    assert_eq!(status.open[0].reason, Some(Reason::NotAssigned));
    assert_eq!(visits_of(&office, "m04"), (0, 0));

    let folder = tempfile::tempdir().unwrap();
    let rows = "route_id,person_id,kind,from,to\nr039,m04,substitute,2026-08-17,2026-08-21\n";
    std::fs::write(folder.path().join("assignments.csv"), rows).unwrap();
    assert_eq!(office.import(folder.path()).code, 0);
    assert_eq!(visits_of(&office, "m04"), (1, 1), "a new assignment lets it in by itself");
    phone.sync_with(&office);
    let status = phone.status().unwrap();
    assert_eq!((status.counts.durable, status.open.len()), (3, 0), "and the phone is told");
}

#[test]
fn a_device_loses_sight_of_a_route_that_is_no_longer_its_own_without_losing_unsynced_work() {
    let clock = TestClock::at("2026-08-10", "08:00:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m04");
    let scope = Scope::Route(route_id(ROUTE)).to_string();
    let holds = |phone: &mut Phone| phone.status().unwrap().scopes.into_iter().find(|s| s.scope == scope).map(|s| s.current);
    let shop = shops(&mut phone, "2026-08-14")[0].clone();
    phone.visits_shop(&shop, ROUTE, "2026-08-14", "09:00:00", &[(SKU, 3)]);
    assert_eq!(holds(&mut phone), Some(true));

    // Two quarters later the route has left the phone's window; the visit was never synced.
    clock.set("2027-01-05", "08:00:00");
    let synced = phone.sync_with(&office);
    assert_eq!((synced.acknowledged, synced.quarantined), (3, 0));
    phone.sync_with(&office);
    assert_eq!(holds(&mut phone), None);
    assert!(phone.sheet_facts(&route_id(ROUTE), day("2026-08-14")).unwrap().is_none(), "it is out of sight");
    assert_eq!(phone.counts().unwrap().durable, 3, "and what was done is still told");
    assert_eq!(visits_of(&office, "m04"), (1, 1));
}

#[test]
fn within_the_window_an_earlier_owner_keeps_the_route_for_reading() {
    let clock = TestClock::at("2026-08-20", "08:00:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m04");
    let scope = Scope::Route(route_id(ROUTE)).to_string();
    let held = phone.status().unwrap().scopes.into_iter().find(|s| s.scope == scope).map(|s| s.current);
    assert_eq!(held, Some(false));
}

#[test]
fn a_rejected_visit_does_not_take_the_rest_of_the_day_with_it() {
    let clock = TestClock::at("2026-08-20", "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m04");
    let shops = shops(&mut phone, "2026-08-14");
    let refused = phone.visits_shop(&shops[0], ROUTE, "2026-08-18", "09:00:00", &[(SKU, 3)]);
    let kept = phone.visits_shop(&shops[1], ROUTE, "2026-08-18", "10:00:00", &[(SKU, 4)]);
    phone.sync_with(&office);
    assert_eq!(phone.counts().unwrap().quarantined, 6);

    let check_in = office.app().store.held(false).unwrap()[0].id;
    server::quarantine::reject(office.app(), check_in, "s01").unwrap();
    phone.sync_with(&office);
    phone.sync_with(&office);
    let folder = tempfile::tempdir().unwrap();
    let rows = "route_id,person_id,kind,from,to\nr039,m04,substitute,2026-08-17,2026-08-21\n";
    std::fs::write(folder.path().join("assignments.csv"), rows).unwrap();
    assert_eq!(office.import(folder.path()).code, 0);
    phone.sync_with(&office);
    office.settle();
    let sheets = office.app().store.sheets(day("2026-08-18"), day("2026-08-18")).unwrap();
    let visits: Vec<_> = sheets.iter().flat_map(|sheet| &sheet.visits).map(|visit| (visit.visit, visit.stock.len())).collect();
    assert_eq!(visits, [(kept, 1)]);
    let status = phone.status().unwrap();
    assert_eq!(status.counts.durable, 3, "{:?}", status.counts);
    assert!(status.open.iter().all(|intent| intent.state == State::Rejected), "{:?}", status.counts);
    assert!(phone.visit(refused).unwrap().is_none());
}
