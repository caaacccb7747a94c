//! Goals, and what staff write into field work: through the log, to the phone; and what neither side may do.

use serde_json::{Value, json};
use server::ops::folder::{DataFolder, restore};
use server::ops::{Command, Format, GoalsCommand};
use shared::doc::{Action, Goals, STAFF_NOTE};
use shared::ids::{ActionId, DocumentId, VisitId};
use shared::limits;
use shared::time::Quarter;
use tests::clock::{TestClock, day};
use tests::forge::{Answer, ForgedDevice, bytes, changes, get, post_json, refused};
use tests::office::{HeadOffice, Output, id};
use tests::phone::{Phone, route_id};

use client_core::device::Step;

const GOALS: &str = "goals/m03/2026Q3";

fn quarter() -> Quarter {
    "2026Q3".parse().unwrap()
}

fn office() -> HeadOffice {
    HeadOffice::with_fushan(&TestClock::at("2026-08-14", "17:30:00"))
}

fn act(office: &HeadOffice, token: &str, document: &str, action: Value) -> Answer {
    post_json(office, &format!("/v1/documents/{document}/actions"), Some(token), &action)
}

#[test]
fn a_goal_is_put_on_the_phone_agreed_by_both_and_measured_alike() {
    let office = office();
    let mut phone = Phone::of(&office, "m03");
    let now = Step::default;
    assert_eq!(phone.put_goal(quarter(), "g1", "slim", "slim", "a lot", now()).unwrap_err().code(), "bad_goal");
    assert_eq!(phone.put_goal(quarter(), "g1", "slim", "slimness", "300", now()).unwrap_err().code(), "bad_goal");
    assert_eq!(phone.put_goal(quarter(), "g1", "coverage", "coverage", "60", now()).unwrap_err().code(), "bad_goal");
    // 95 % of what? A percentage of cartons would be reached with the first one.
    assert_eq!(phone.put_goal(quarter(), "g1", "slim", "slim", "95%", now()).unwrap_err().code(), "bad_goal");
    phone.put_goal(quarter(), "g1", "more slim ones", "slim", "9000", now()).unwrap();
    phone.put_goal(quarter(), "g2", "every stop", "visit_completion", "100%", now()).unwrap();
    phone.put_goal(quarter(), "g3", "coverage of one", "coverage/6901028030742", "60", now()).unwrap();
    phone.agree_goal(quarter(), "g1", now()).unwrap();
    let forged = Action::AgreeGoal { id: "g1".into(), as_manager: false, at_ms: 1 };
    assert_eq!(phone.edit_goals(day("2026-08-14"), forged, now()).unwrap_err().code(), "bad_goal");
    phone.sync_with(&office);

    // The supervisor agrees; the phone hears of it.
    let put = |what: GoalsCommand| office.run(&Command::Goals { quarter: None, person: None, format: Format::Text, what: Some(what) });
    let by = |person: &str| server::ops::By { by: Some(id(person)) };
    let agree = |goal: &str, who: &str| GoalsCommand::Agree { person: id("m03"), quarter: quarter(), id: goal.into(), by: by(who) };
    let refusal = put(agree("g1", "m04"));
    assert!(refusal.code == 1 && refusal.err.contains("nobody of staff"), "{}", refusal.err);
    let refusal = put(agree("g9", "s01"));
    assert!(refusal.code == 1 && refusal.err.contains("no goal g9"), "{}", refusal.err);
    assert_eq!(put(agree("g1", "s01")).code, 0);
    phone.sync_with(&office);
    let own = phone.goals_of(quarter()).unwrap();
    let goal = |id: &str| own.goals.iter().find(|goal| goal.id == id).unwrap();
    assert!(goal("g1").agreed && !goal("g2").agreed);
    assert_eq!(goal("g2").warnings.len(), 1, "100 % of the stops can hardly be met: {:?}", goal("g2"));
    assert!(goal("g1").actual.is_some() && goal("g1").progress.is_some() && !goal("g1").reached);
    assert_eq!(goal("g3").months.len(), 2, "July and August have begun");

    // Head office measures the same, by the same months.
    office.settle();
    let staff = office.sign_in("s01");
    let theirs = get(&office, "/v1/goals/2026Q3?person=m03", Some(&staff)).json();
    assert_eq!(theirs, json!([own]));
    let printed = office.run(&Command::Goals { quarter: Some(quarter()), person: None, format: Format::Text, what: None });
    assert!(
        printed.out.contains("more slim ones") && printed.out.contains("manager, supervisor") && printed.out.contains("warning: m03 g2"),
        "{}",
        printed.out
    );

    let of_cartons = json!({ "action": "put_goal", "id": "g7", "title": "slim", "measure": "slim", "target": "95%" });
    let refusal = act(&office, &staff, GOALS, of_cartons);
    assert!(refusal.status == 422 && refusal.json()["detail"].as_str().unwrap().contains("is a percentage"), "{}", refusal.json());

    // A goal that is changed is another one: both agree anew.
    phone.put_goal(quarter(), "g1", "more slim ones", "slim", "8000", now()).unwrap();
    assert_eq!(phone.goals_of(quarter()).unwrap().goals[0].agreed_by, shared::doc::Agreed::default());
    phone.sync_with(&office);
    // At most five.
    for n in 4..=limits::GOALS_MAX {
        phone.put_goal(quarter(), &format!("g{n}"), "further", "sales", "1", now()).unwrap();
    }
    assert_eq!(phone.put_goal(quarter(), "g6", "one too many", "sales", "1", now()).unwrap_err().code(), "out_of_bounds");
    phone.remove_goal(quarter(), "g5", now()).unwrap();
    phone.put_goal(quarter(), "g6", "in its place", "sales", "1", now()).unwrap();
}

#[test]
fn who_agrees_while_it_is_changed_agreed_on_another_goal() {
    let office = office();
    let mut phone = Phone::of(&office, "m03");
    phone.put_goal(quarter(), "g1", "slim", "slim", "9000", Step::default()).unwrap();
    phone.sync_with(&office);
    // Agreed once by both; then the manager changes it offline while the supervisor agrees again.
    let staff = office.sign_in("s01");
    let agree = json!({ "action": "agree_goal", "id": "g1", "as_manager": false, "at_ms": 5 });
    assert_eq!(act(&office, &staff, GOALS, agree).status, 200);
    phone.sync_with(&office);
    phone.put_goal(quarter(), "g1", "slim", "slim", "1", Step::default()).unwrap();
    office.clock.advance_ms(60_000);
    let again = json!({ "action": "agree_goal", "id": "g1", "as_manager": false, "at_ms": 9 });
    assert_eq!(act(&office, &staff, GOALS, again).status, 200);
    phone.sync_with(&office);
    let view = phone.goals_of(quarter()).unwrap();
    assert_eq!(view.goals[0].agreed_by.supervisor, None, "{view:?}");
    assert_eq!(view.faults.len(), 1, "{:?}", view.faults);
    let theirs = get(&office, "/v1/goals/2026Q3?person=m03", Some(&staff)).json();
    assert_eq!(theirs[0], json!(view), "both sides read the same");
}

#[test]
fn a_device_does_not_speak_for_head_office() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let document: DocumentId = GOALS.parse().unwrap();
    let forged = [
        Action::PutGoal { id: "g".into(), title: "t".into(), measure: "sales".into(), target: "1".into() },
        Action::AgreeGoal { id: "g".into(), as_manager: false, at_ms: 3 },
    ];
    let chunks = bytes(&device.author(&document, office.clock.now(), &forged));
    let answer = device.sync(&office, vec![changes(GOALS, &chunks)]);
    assert!(format!("{:?}", answer.acknowledgement).contains("WrongShape"), "{:?}", answer.acknowledgement);
    let staff = office.sign_in("s01");
    let goals = get(&office, &format!("/v1/documents/{GOALS}"), Some(&staff)).json();
    assert_eq!(goals["content"]["goals"]["g"]["agreed_by"]["supervisor"], Value::Null);

    let sheet: DocumentId = "day/r029/2026-08-10".parse().unwrap();
    let visit = VisitId([5; 16]);
    let note = Action::Audit { visit, item: format!("{STAFF_NOTE}s01"), value: "well done".into() };
    let check_in = Action::CheckIn {
        visit,
        retailer: "t00337".parse().unwrap(),
        person: id("m03"),
        device: device.id(),
        in_ms: office.clock.now(),
        lat_e6: None,
        lon_e6: None,
        accuracy_m: None,
        mock: false,
    };
    let chunks = bytes(&device.author(&sheet, office.clock.now(), &[check_in, note]));
    let answer = device.sync(&office, vec![changes("day/r029/2026-08-10", &chunks)]);
    assert!(format!("{:?}", answer.acknowledgement).contains("WrongShape"));
}

#[test]
fn staff_settle_a_conflict_by_what_was_counted_note_it_and_the_phones_hear_of_it() {
    let mut office = office();
    let (mut first, mut second) = (Phone::of(&office, "m03"), Phone::of(&office, "m03"));
    let visit = first.visits_shop("t00337", "r029", "2026-08-10", "09:00:00", &[("6901028080262", 12)]);
    first.sync_with(&office);
    second.sync_with(&office);
    first.counts_stock(visit, &[("6901028080262", 5)]);
    second.counts_stock(visit, &[("6901028080262", 9)]);
    first.sync_with(&office);
    second.sync_with(&office);
    first.sync_with(&office);
    let day = day("2026-08-10");
    assert_eq!(first.conflicts(day, day).unwrap().len(), 1);

    let (staff, sheet) = (office.sign_in("s01"), "day/r029/2026-08-10");
    let stock = |packs: i64| json!({ "action": "count_stock", "visit": visit, "stock": { "6901028080262": packs } });
    let token = office.app().keys.access_token(&id("m03"), &first.id().unwrap(), office.clock.now()).unwrap();
    refused(&act(&office, &token, sheet, stock(9)), 403, "forbidden");
    let analyst = office.sign_in("a01");
    refused(&act(&office, &analyst, sheet, stock(7)), 422, "invalid");
    refused(&act(&office, &staff, sheet, stock(7)), 422, "invalid");
    refused(&act(&office, &staff, sheet, json!({ "action": "diary", "text": "x" })), 422, "invalid");
    refused(&act(&office, &staff, "day/r999/2026-08-10", stock(9)), 404, "not_found");
    refused(&act(&office, &staff, "goals/s01/2026Q3", json!({ "action": "remove_goal", "id": "g" })), 404, "not_found");
    refused(&act(&office, &staff, sheet, json!({ "action": "nonsense" })), 422, "invalid");

    let mut settle = stock(9);
    settle["action_id"] = json!(ActionId([9; 16]));
    let written = act(&office, &staff, sheet, settle.clone()).json();
    assert!(written["change"].is_string(), "{written}");
    assert_eq!(act(&office, &staff, sheet, settle).json(), written, "a lost answer: the same again");
    let note = json!({ "action": "audit", "visit": visit, "item": format!("{STAFF_NOTE}s01"), "value": "counted again on Monday" });
    assert_eq!(act(&office, &staff, sheet, note).status, 200);
    // A restart is another generation of head office's actor; it writes on.
    office.stop();
    office.start();
    let staff = office.sign_in("s01");
    let note = json!({ "action": "audit", "visit": visit, "item": format!("{STAFF_NOTE}s01"), "value": "all well" });
    assert_eq!(act(&office, &staff, sheet, note).status, 200);
    office.settle();

    for phone in [&mut first, &mut second] {
        phone.sync_with(&office);
        assert_eq!(phone.conflicts(day, day).unwrap(), []);
        let seen = phone.visit(visit).unwrap().unwrap();
        assert_eq!(seen.stock.get("6901028080262"), Some(9));
        assert_eq!(seen.audits[&format!("{STAFF_NOTE}s01")], "all well");
        // And works on, on top of it.
        phone.note(visit, "thanks", Step::default()).unwrap();
        assert_eq!(phone.sync_with(&office).quarantined, 0);
    }
    office.settle();
    let sheets = office.app().store.sheets(day, day).unwrap();
    let kept = sheets.iter().find(|sheet| sheet.route == route_id("r029")).unwrap();
    assert_eq!(kept.visits[0].conflicts.iter().filter(|conflict| conflict.field.starts_with("stock")).count(), 0);
    let audit = office.app().store.audit_log(0, 100).unwrap();
    let written: Vec<(&str, &str, &str)> = audit
        .iter()
        .map(|row| (row.who.as_str(), row.action.as_str(), row.subject.as_str()))
        .filter(|row| row.1 == "document.act")
        .collect();
    assert_eq!(written, [("s01", "document.act", sheet); 3]);
    assert_eq!(office.app().store.audit_broken().unwrap(), None);
}

#[test]
fn what_head_office_wrote_comes_back_with_the_phones_after_a_restore() {
    let mut office = office();
    let mut phone = Phone::of(&office, "m03");
    phone.put_goal(quarter(), "g1", "slim", "slim", "9000", Step::default()).unwrap();
    phone.sync_with(&office);
    let file = office.data().join("evening.backup");
    assert_eq!(office.run(&Command::Backup { file: file.clone() }).code, 0);
    office.clock.advance_ms(60_000);
    let staff = office.sign_in("s01");
    let agree = json!({ "action": "agree_goal", "id": "g1", "as_manager": false, "at_ms": 5 });
    assert_eq!(act(&office, &staff, GOALS, agree).status, 200);
    phone.sync_with(&office);
    phone.agree_goal(quarter(), "g1", Step::default()).unwrap();
    phone.sync_with(&office);

    office.clock.advance_ms(60_000);
    office.stop();
    {
        let folder = DataFolder::take(office.data()).unwrap().expect("nobody holds it");
        assert_eq!(restore(&folder, &file, &office.clock, &mut Output::default()).unwrap(), 0);
    }
    office.start();
    office.clock.advance_ms(60_000);
    phone.sync_with(&office);
    let document: DocumentId = GOALS.parse().unwrap();
    let goals = Goals::read(&server::office::document(office.app(), &document).unwrap());
    let agreed = &goals.goals["g1"].agreed_by;
    assert!(agreed.supervisor.is_some() && agreed.person.is_some(), "{goals:?}");
    assert_eq!(phone.counts().unwrap().quarantined, 0);
}
