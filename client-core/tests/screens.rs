//! What the screens show, from reference data that came by sync: the day's stops, and the phone's own score.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use client_core::Device;
use client_core::device::{Begun, Step};
use common::*;
use jiff::civil::date;
use shared::facts::flags::Flag;
use shared::ids::{PersonId, RouteId, SchemeHash, VisitId};
use shared::reference::{Area, Assignment, AssignmentKind, Org, Person, Reference, Retailer, Role, SchemeVersion};
use shared::time::Month;

fn district() -> Reference {
    let mut district = Reference::default();
    let m01 = PersonId::new("m01").unwrap();
    district.org = Some(Org { name: "Fushan".into(), timezone: "Asia/Shanghai".into(), currency: "CNY".into(), target_fill: None });
    district.people.insert(m01.clone(), Person { name: "Li".into(), role: Role::Manager, login: "li".into(), team: None });
    for (id, owner) in [("r1", &m01), ("r2", &PersonId::new("m02").unwrap())] {
        let route = RouteId::new(id).unwrap();
        let day = date(2026, 7, 1);
        let owner = Assignment { kind: AssignmentKind::Owner, from: date(2026, 1, 1), person: owner.clone(), to: None };
        district.routes.insert(route.clone(), format!("Route {id}"));
        district.assignments.insert(route.clone(), vec![owner]);
        district.calendar.insert((route, Month::of(day)), [day].into());
    }
    for (sequence, shop) in ["t3", "t1", "t2"].into_iter().enumerate() {
        let row = Retailer {
            from: None,
            name: format!("Shop {shop}"),
            route: Some(route("r1")),
            sequence: sequence as u32 + 1,
            grade: 5,
            area: Area::Rural,
            format: "kiosk".into(),
            position: None,
        };
        district.retailers.insert(retailer(shop), vec![row]);
    }
    let scheme = include_str!("../../tests/data/fushan/scheme.toml");
    district.schemes.insert(SchemeHash([5; 32]), SchemeVersion { ordinal: 0, text: scheme.into() });
    district
}

fn phone() -> Device {
    let office = Office::new();
    office.publish(&district());
    let mut device = device(1, "code-m01", &office);
    device.sync(&office).unwrap();
    device
}

#[test]
fn making_ready_for_the_next_tap_leaves_nothing_behind() {
    let office = Office::new();
    office.publish(&district());
    let mut phone = device(1, "code-m01", &office);
    phone.sync(&office).unwrap();
    let screens = |phone: &mut Device| (phone.first_screen().unwrap(), phone.status().unwrap(), phone.drafts().unwrap());
    let before = screens(&mut phone);
    phone.prepare().unwrap();
    assert_eq!(screens(&mut phone), before);
    visit(&mut phone, "t1");
    phone.sync(&office).unwrap();
    assert_eq!(office.with(|office| office.log.len()), 4, "of the visit, and of nothing that was rehearsed");
}

#[test]
fn today_shows_the_planned_stops_in_order_and_what_was_done_there() {
    let mut device = phone();
    let day = device.date().unwrap();
    let first = visit(&mut device, "t1");
    let (second, done) = check_in(&mut device, "t1");
    assert_eq!(done.warnings, [], "the phone knows this route");
    check_in(&mut device, "t9");
    device.report_missed(retailer("t2"), None, None, "closed", Step::default()).unwrap();
    let today = device.today(day).unwrap();
    let [r1] = today.routes.as_slice() else { panic!("r2 is another's: {today:?}") };
    assert_eq!((r1.name.as_str(), r1.planned), ("Route r1", true));
    let stops: Vec<_> = r1.stops.iter().map(|stop| (stop.sequence, stop.retailer.as_str(), stop.visits.len())).collect();
    assert_eq!(stops, [(Some(1), "t3", 0), (Some(2), "t1", 2), (Some(3), "t2", 0), (None, "t9", 1)]);
    assert_eq!(r1.stops[2].missed.as_ref().unwrap().reason, "closed");
    let judged = |id| r1.stops[1].visits.iter().find(|view| view.visit.visit == id).unwrap();
    assert_eq!(judged(first).effective, Some(true));
    assert!(judged(second).flags.contains(Flag::NoCheckout));
    assert_eq!(judged(second).effective, Some(false));
}

#[test]
fn the_phone_scores_its_own_person_offline() {
    let mut device = phone();
    visit(&mut device, "t1");
    let month: Month = "2026-07".parse().unwrap();
    let score = device.score(month, None).unwrap();
    let [manager] = score.score.managers.as_slice() else { panic!("one's own score only") };
    assert_eq!((manager.person_id.as_str(), manager.visits.effective), ("m01", 1));
    assert_eq!(score.score.as_of, date(2026, 7, 1), "live views are as of today");
    assert_eq!(score.counts.pending, 4, "what is only on the phone is said");
    let indicator = &manager.indicators[0].id;
    device.explain(month, None, indicator).unwrap();
}

#[test]
fn without_a_scheme_there_is_no_score_and_the_day_is_shown_all_the_same() {
    let mut device = device(1, "code-m01", &Office::new());
    visit(&mut device, "t1");
    assert_eq!(device.score("2026-07".parse().unwrap(), None).unwrap_err().code(), "no_scheme");
    let today = device.today(date(2026, 7, 1)).unwrap();
    assert_eq!(today.routes[0].stops[0].visits[0].effective, None);
}

#[test]
fn whoever_stands_in_reads_what_the_owner_left_on_the_route_and_nothing_else() {
    let mut device = phone();
    let (today, before) = (device.date().unwrap(), date(2026, 6, 30));
    let note = |device: &mut Device| device.day(today).unwrap().routes.into_iter().find_map(|route| route.note).map(|note| note.text);
    device.day_words(route("r1"), before, "rain all day", Step::default()).unwrap();
    assert_eq!(note(&mut device), None, "a day's own words are for nobody else");
    device.route_note(route("r1"), before, "t2 has moved, ask at t1", Step::default()).unwrap();
    device.day_words(route("r1"), before, "rain until noon", Step::default()).unwrap();
    assert_eq!(note(&mut device).as_deref(), Some("t2 has moved, ask at t1"));
    let week = device.week_days(before).unwrap();
    let day = week.days.iter().find(|day| day.date == before).unwrap();
    assert_eq!((day.diary.as_str(), day.note.as_str()), ("rain until noon", "t2 has moved, ask at t1"));
    device.route_note(route("r1"), before, "", Step::default()).unwrap();
    assert_eq!(note(&mut device), None, "taken back");
}

#[test]
fn what_was_begun_is_told_after_a_sync_too_until_it_is_finished_as_it_was_typed() {
    let office = Office::new();
    office.publish(&district());
    let mut phone = device(1, "code-m01", &office);
    phone.sync(&office).unwrap();
    let begun = |phone: &mut Device| {
        let unfinished = phone.work().unwrap().unfinished.into_iter();
        unfinished.map(|one| (one.kind, one.title)).collect::<BTreeMap<_, _>>()
    };
    let shop = |kind| (kind, "Shop t1".to_string());
    let today = phone.date().unwrap();
    let (visit, _) = check_in(&mut phone, "t1");
    phone.put_draft(&Begun::Stock(visit).step(), r#"{"slim":4,"mint":0}"#).unwrap();
    phone.put_draft(&Begun::Order(visit).step(), r#"{"slim":2,"mint":0}"#).unwrap();
    phone.put_draft(&Begun::Note(visit).step(), "he said th").unwrap();
    phone.put_draft(&Begun::Diary(route("r1"), today).step(), "rain").unwrap();
    phone.put_draft(&Begun::RouteNote(route("r1"), today).step(), "ask at t1").unwrap();
    phone.put_draft(&Begun::Week(date(2026, 6, 29)).step(), "one visit").unwrap();
    phone.sync(&office).unwrap();
    assert_eq!(phone.counts().unwrap().pending, 0, "all that was done is at head office");
    let (on_route, of_week) = ([("diary", "Route r1".into()), ("route_note", "Route r1".into())], ("week", String::new()));
    let at_shop = ["visit", "stock", "order", "note"].map(shop);
    assert_eq!(begun(&mut phone), at_shop.into_iter().chain(on_route).chain([of_week]).collect());
    let week = phone.week_days(today).unwrap();
    let day = week.days.iter().find(|day| day.date == today).unwrap();
    assert_eq!((day.diary_typed.as_deref(), day.note_typed.as_deref()), (Some("rain"), Some("ask at t1")));
    assert_eq!(phone.week(shared::time::Week::of(today)).unwrap().typed.as_deref(), Some("one visit"));

    assert_eq!(phone.finish_drafts(None).unwrap(), 6);
    assert_eq!(begun(&mut phone), [shop("visit")].into(), "nobody but the manager knows when a visit ended");
    let facts = phone.visit(visit).unwrap().unwrap();
    assert_eq!((facts.stock.get("slim"), facts.stock.get("mint"), facts.note.as_str()), (Some(4), Some(0), "he said th"));
    assert_eq!((facts.order.get("slim"), facts.order.get("mint")), (Some(2), None), "an order has no empty lines");
    let day = phone.week_days(today).unwrap().days.remove(0);
    assert_eq!((day.diary.as_str(), day.note.as_str(), day.diary_typed), ("rain", "ask at t1", None));
    assert_eq!(phone.week(shared::time::Week::of(today)).unwrap().saved.unwrap().text, "one visit");
    phone.check_out(visit, Step::default()).unwrap();
    assert_eq!(begun(&mut phone), [].into());
}

#[test]
fn a_draft_that_can_t_become_an_action_stays_and_holds_up_no_other() {
    let mut phone = phone();
    let today = phone.date().unwrap();
    let (visit, _) = check_in(&mut phone, "t1");
    let long = "雨".repeat(2_000);
    phone.put_draft(&Begun::Diary(route("r1"), today).step(), &long).unwrap();
    phone.put_draft(&Begun::Stock(visit).step(), r#"{"slim":4}"#).unwrap();
    assert_eq!(phone.finish_drafts(None).unwrap_err().code(), "out_of_bounds");
    assert_eq!(phone.visit(visit).unwrap().unwrap().stock.get("slim"), Some(4));
    let left: BTreeSet<_> = phone.work().unwrap().unfinished.into_iter().map(|one| one.kind).collect();
    assert_eq!(left, ["visit", "diary"].into());
    // Who checks out is done with what was begun in the visit, and with no more.
    phone.put_draft(&Begun::Note(visit).step(), "he said th").unwrap();
    phone.put_draft(&Begun::Stock(visit).step(), r#"{"slim":null}"#).unwrap();
    assert_eq!(phone.finish_drafts(Some(visit)).unwrap(), 2);
    assert_eq!(phone.visit(visit).unwrap().unwrap().stock.get("slim"), None, "a count that was taken back");
    assert_eq!(phone.visit(visit).unwrap().unwrap().note, "he said th");
    // A visit made by mistake takes what was begun in it along.
    phone.put_draft(&Begun::Note(visit).step(), "wrong shop").unwrap();
    phone.remove_visit(visit, Step::default()).unwrap();
    assert_eq!(phone.drafts().unwrap().len(), 1);
    assert_eq!(phone.rescue().unwrap().drafts.len(), 1);
}

/// The day after a hand-over, or on a phone that was revoked: what head office has of the visit may go, what was typed may not.
#[test]
fn what_was_typed_on_a_route_that_is_gone_can_still_be_finished_and_brought() {
    let office = Office::new();
    office.publish(&district());
    let mut phone = device(1, "code-m01", &office);
    phone.sync(&office).unwrap();
    let (visit, _) = check_in(&mut phone, "t1");
    phone.sync(&office).unwrap();
    phone.put_draft(&Begun::Stock(visit).step(), r#"{"slim":4}"#).unwrap();
    office.with(|office| office.grants.retain(|scope| scope.to_string() != "route/r1"));
    phone.sync(&office).unwrap();
    let unfinished: BTreeSet<_> = phone.work().unwrap().unfinished.into_iter().map(|one| one.kind).collect();
    assert_eq!(unfinished, ["stock", "visit"].into());
    assert_eq!(phone.finish_drafts(None).unwrap(), 1);
    phone.check_out(visit, Step::default()).unwrap();
    phone.sync(&office).unwrap();
    let sheet = office.document("day/r1/2026-07-01").sheet_facts().unwrap();
    assert_eq!((sheet.visits[0].stock.get("slim"), sheet.visits[0].out_ms), (Some(4), Some(NINE)));
    assert!(phone.work().unwrap().unfinished.is_empty());
    assert_eq!(phone.visit(visit).unwrap(), None, "what is done goes with its route");
}

#[test]
fn who_checks_in_where_a_visit_is_open_goes_on_with_it() {
    let mut phone = phone();
    let first = phone.begin_visit(at("t1")).unwrap();
    let again = phone.begin_visit(at("t1")).unwrap();
    assert_eq!((again.action, again.repeated, first.repeated), (first.action, true, false));
    let elsewhere = phone.begin_visit(at("t2")).unwrap();
    assert_ne!(elsewhere.action, first.action);
    phone.check_out(VisitId(first.action.0), Step::default()).unwrap();
    assert_ne!(phone.begin_visit(at("t1")).unwrap().action, first.action, "the afternoon's is another");
}

#[test]
fn suggestions_that_are_learned_step_by_step_are_those_that_are_learned_at_once() {
    let (mut slow, mut quick) = (phone(), phone());
    let today = slow.date().unwrap();
    let mut steps = 1;
    while slow.learn().unwrap() {
        steps += 1;
    }
    assert!(steps > 10, "{steps}");
    assert_eq!(slow.suggest(&retailer("t1"), today).unwrap(), quick.suggest(&retailer("t1"), today).unwrap());
    assert!(!slow.learn().unwrap());
}
