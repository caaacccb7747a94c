//! A month's life: published, restated, disputed, ruled on; each step signed, explained, and nothing of before ever changed.

use client_core::device::{FilingState, NewDispute, Step};
use serde_json::Value;
use server::directory::whole;
use server::months::events::{self, ComplaintRef, NewEvent};
use server::months::hold::hold;
use server::months::publish::{Publication, publish};
use server::months::restatement::restatement;
use server::months::{disputes, export, latest, life, revision};
use server::ops::export::{Export, to_csv};
use server::ops::{By, Command, DONE, Format};
use server::scores::{self, Asked};
use shared::doc::Action;
use shared::ids::IndicatorId;
use shared::problem::Code;
use shared::published::{HeldBack, verify, verify_receipt};
use shared::reference::Dispute;
use shared::time::Month;
use tests::clock::{TestClock, local};
use tests::office::{HeadOffice, id};
use tests::phone::Phone;

/// m03 owns r026, whose beat has 20 August 2026.
const ROUTE: &str = "r026";
const DATE: &str = "2026-08-20";
const SKU: &str = "6901028090063";

fn august() -> Month {
    "2026-08".parse().unwrap()
}

fn indicator(id: &str) -> IndicatorId {
    id.parse().unwrap()
}

/// The sample district on 20 August with m03's phone, and some of its shops.
fn district() -> (HeadOffice, Phone, Vec<String>) {
    let clock = TestClock::at(DATE, "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m03");
    let reference = phone.reference().unwrap();
    let shops = reference.stops(ROUTE, DATE.parse().unwrap()).into_iter().map(|(id, _)| id.to_string()).collect();
    (office, phone, shops)
}

fn incomplete(seen: u32) -> Publication {
    Publication { seen, incomplete: true, ..Publication::default() }
}

fn answer(office: &HeadOffice, asked: &Asked) -> Value {
    serde_json::from_str(&scores::answer(office.app(), august(), asked).unwrap()).unwrap()
}

fn points(scores: &Value, person: &str, indicator: &str) -> String {
    let manager = scores["managers"].as_array().unwrap().iter().find(|manager| manager["person_id"] == person).unwrap();
    let found = manager["indicators"].as_array().unwrap().iter().find(|found| found["id"] == indicator).unwrap();
    found["points"].as_str().unwrap().to_string()
}

fn file(office: &HeadOffice, number: u32) -> String {
    let stored = revision(office.app(), august(), Some(number)).unwrap();
    let mut text = String::new();
    export::file(office.app(), &stored, &mut |line| text += line).unwrap();
    text
}

fn key(office: &HeadOffice) -> [u8; 32] {
    office.app().keys.public_bytes()
}

#[test]
fn a_late_visit_changes_no_published_byte_and_is_restated_with_exactly_its_own_effect() {
    let (office, mut phone, shops) = district();
    phone.visits_shop(&shops[0], ROUTE, DATE, "09:00:00", &[(SKU, 4)]);
    phone.sync_with(&office);
    let app = office.app();
    assert_eq!(publish(app, august(), "s01", &incomplete(0)).unwrap_err().code, Code::NotYet, "the month is not over");
    office.clock.set("2026-09-02", "08:00:00");
    let silent = publish(app, august(), "s01", &Publication::default()).unwrap_err();
    assert!(silent.code == Code::NotYet && silent.detail.unwrap().contains("m01, m02, m03"), "silence is not zero");
    let first = publish(app, august(), "s01", &incomplete(0)).unwrap();
    assert_eq!((first.revision, first.managers), (1, 8));
    let (before, exported) = (answer(&office, &Asked::default()), file(&office, 1));
    assert_eq!(publish(app, august(), "s01", &incomplete(1)).unwrap_err().code, Code::NotYet, "nothing has changed");
    assert_eq!(publish(app, august(), "s01", &incomplete(0)).unwrap_err().code, Code::ChangedMeanwhile);
    assert!(restatement(app, august()).unwrap().managers.is_empty());

    // The phone was in a drawer: a visit of 20 August comes in September.
    let visit = phone.visits_shop(&shops[1], ROUTE, DATE, "10:00:00", &[]);
    phone.sync_with(&office);
    office.settle();
    assert_eq!(answer(&office, &Asked::default()), before);
    assert_eq!(file(&office, 1), exported);
    let csv = to_csv(app, Export::Scores, august()).unwrap();
    let paid = points(&before, "m03", "visit_completion");
    assert!(
        csv.lines().any(|line| line.starts_with(&format!("2026-08,m03,false,visit_completion,{paid},")) && line.ends_with(",published,1")),
        "{csv}"
    );
    let restated = restatement(app, august()).unwrap();
    assert_eq!(restated.managers.len(), 1);
    let manager = &restated.managers[0];
    let [difference] = &manager.differences[..] else { panic!("{:?}", manager.differences) };
    assert_eq!((manager.person_id.as_str(), difference.indicator.as_str()), ("m03", "visit_completion"));
    let live = answer(&office, &Asked { live: true, ..Asked::default() });
    assert_eq!(difference.after.as_ref().unwrap().to_string(), points(&live, "m03", "visit_completion"));
    assert_eq!(difference.before.as_ref().unwrap().to_string(), points(&before, "m03", "visit_completion"));
    let ([gone], [new]) = (&difference.facts_gone[..], &difference.facts_new[..]) else { panic!("{difference:?}") };
    assert_eq!((&gone["visited"], &new["visited"]), (&Value::Bool(false), &Value::Bool(true)));
    assert_eq!(new["visits"][0]["visit"], visit.to_string());

    // Held back with a reason; then published: revision 2 follows on revision 1, which is still as it was.
    let back = HeldBack { person: id("m03"), reason: "the shop says that nobody came".into() };
    hold(app, august(), "s01", &back).unwrap();
    assert_eq!(restatement(app, august()).unwrap().managers[0].held_back.as_ref().unwrap().by, "s01");
    assert_eq!(publish(app, august(), "s01", &incomplete(1)).unwrap_err().code, Code::NotYet, "all that is new is held back");
    let released = Publication { release: vec![id("m03")], ..incomplete(1) };
    publish(app, august(), "s01", &released).unwrap();
    let after = answer(&office, &Asked::default());
    assert_eq!(points(&after, "m03", "visit_completion"), points(&live, "m03", "visit_completion"));
    assert_eq!(answer(&office, &Asked { revision: Some(1), ..Asked::default() }), before);
    let verified = verify(&file(&office, 2), &key(&office)).unwrap();
    assert_eq!((verified.revision, verified.managers), (2, 8));
    let life = life(app, august()).unwrap();
    assert_eq!(life.revisions[1].predecessor.as_ref(), Some(&life.revisions[0].hash));
}

#[test]
fn what_is_held_back_stays_so_over_other_revisions_and_what_was_released_holds_up_none() {
    let (office, mut phone, shops) = district();
    let app = office.app();
    office.clock.set("2026-09-02", "08:00:00");
    publish(app, august(), "s01", &incomplete(0)).unwrap();
    let published = |person: &str, what: &str| points(&answer(&office, &Asked::default()), person, what);
    let was = published("m03", "visit_completion");
    // A late visit of m03, held back by the publication of another's points.
    phone.visits_shop(&shops[2], ROUTE, DATE, "15:00:00", &[(SKU, 4)]);
    phone.sync_with(&office);
    give(&office, "m05", "-2");
    let reason = "the shop says that nobody came".to_string();
    let holding = Publication { hold: vec![HeldBack { person: id("m03"), reason }], ..incomplete(1) };
    publish(app, august(), "s01", &holding).unwrap();
    assert_eq!(published("m03", "visit_completion"), was);
    // Nobody says it again, and it holds.
    give(&office, "m04", "-2.5");
    let next = publish(app, august(), "s01", &incomplete(2)).unwrap();
    assert_eq!(next.held_back.iter().map(|back| back.person.as_str()).collect::<Vec<_>>(), ["m03"]);
    assert_eq!(published("m03", "visit_completion"), was);
    // Nor does a fact of another month let it go.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("events.csv"),
        "event_id,date,person_id,indicator,points,retailer_id,note\nz1,2026-09-01,m03,adhoc_work,-0.5,,\n",
    )
    .unwrap();
    assert_eq!(office.import(folder.path()).code, DONE);
    let held = &restatement(app, august()).unwrap().managers[0];
    assert!(held.held_back.is_some() && held.held_before.is_none());
    // What changes is not paid out unseen: staff decide again.
    phone.visits_shop(&shops[4], ROUTE, DATE, "15:30:00", &[(SKU, 5)]);
    phone.sync_with(&office);
    let changed = &restatement(app, august()).unwrap().managers[0];
    assert!(changed.held_back.is_none() && changed.held_before.is_some());
    let refused = publish(app, august(), "s01", &incomplete(3)).unwrap_err();
    assert!(refused.code == Code::NotYet && refused.detail.as_ref().is_some_and(|what| what.contains("m03")), "{refused:?}");
    // Let go, it is published, and is in nobody's way afterwards.
    publish(app, august(), "s01", &Publication { release: vec![id("m03")], ..incomplete(3) }).unwrap();
    let now = published("m03", "visit_completion");
    assert_ne!(now, was);
    give(&office, "m06", "-3");
    let last = publish(app, august(), "s01", &incomplete(4)).unwrap();
    assert!(last.held_back.is_empty() && last.silent.contains(&id("m05")), "{last:?}");
    assert_eq!(published("m03", "visit_completion"), now);
}

/// Points for complaints that s01 records and a01 approves.
fn give(office: &HeadOffice, person: &str, points: &str) {
    let new = NewEvent { person: id(person), points: Some(points.parse().unwrap()), complaint: None, ..event() };
    let event = events::record(office.app(), &new, "s01").unwrap();
    events::approve(office.app(), &event, "a01", None).unwrap();
}

fn event() -> NewEvent {
    NewEvent {
        id: None,
        date: Some(DATE.into()),
        person: id("m03"),
        indicator: Some(indicator("complaint")),
        points: None,
        retailer: None,
        note: "seen by the supervisor".into(),
        complaint: None,
    }
}

#[test]
fn points_that_are_sent_twice_are_recorded_once_and_only_what_was_seen_is_approved() {
    let (office, ..) = district();
    let app = office.app();
    let new = NewEvent { id: Some("event-1".parse().unwrap()), points: Some("-2".parse().unwrap()), ..event() };
    assert_eq!(events::record(app, &new, "s01").unwrap(), events::record(app, &new, "s01").unwrap());
    assert_eq!(events::cases(app).unwrap().len(), 1);
    let another = NewEvent { points: Some("-3".parse().unwrap()), ..new.clone() };
    assert_eq!(events::record(app, &another, "s01").unwrap_err().code, Code::Exists);
    let unnamed = NewEvent { id: Some("complaint-1".parse().unwrap()), ..new };
    assert_eq!(events::record(app, &unnamed, "s01").unwrap_err().code, Code::Invalid);

    // s01 rules again while a01 still reads the first ruling.
    office.clock.set("2026-09-02", "08:00:00");
    publish(app, august(), "s01", &incomplete(0)).unwrap();
    let filed = Dispute {
        person: id("m03"),
        month: august(),
        revision: 1,
        indicator: indicator("complaint"),
        line: String::new(),
        text: "it was m05".into(),
        filed_ms: office.clock.now(),
        ruling: None,
    };
    let dispute = "d1".parse().unwrap();
    disputes::file(app, &dispute, &filed, "m03").unwrap();
    let version = || disputes::cases(app, None).unwrap()[0].1.version;
    disputes::rule(app, &dispute, ("0.2".parse().unwrap(), "in part"), "s01", Some(version())).unwrap();
    let read = version();
    disputes::rule(app, &dispute, ("2".parse().unwrap(), "all of it"), "s01", Some(read)).unwrap();
    assert_eq!(disputes::approve(app, &dispute, "a01", Some(read)).unwrap_err().code, Code::ChangedMeanwhile);
    disputes::approve(app, &dispute, "a01", Some(version())).unwrap();
}

#[test]
fn work_that_is_held_back_is_named_before_its_month_is_published() {
    let (office, _, shops) = district();
    // r026 is none of m04's routes.
    let mut phone = Phone::of(&office, "m04");
    phone.visits_shop(&shops[0], ROUTE, DATE, "09:00:00", &[(SKU, 4)]);
    assert_eq!(phone.sync_with(&office).quarantined, 3);
    office.clock.set("2026-09-02", "08:00:00");
    let refused = publish(office.app(), august(), "s01", &Publication::default()).unwrap_err();
    assert!(refused.code == Code::NotYet && refused.detail.as_ref().unwrap().contains("to be ruled on: m04 (3 changes)"), "{refused:?}");
    let published = publish(office.app(), august(), "s01", &incomplete(0)).unwrap();
    assert_eq!(published.held_work.iter().map(|held| (held.person.as_str(), held.changes)).collect::<Vec<_>>(), [("m04", 3)]);
}

#[test]
fn a_visit_that_came_before_it_was_made_shows_a_clock_that_was_off() {
    let (office, mut phone, shops) = district();
    phone.visits_shop(&shops[0], ROUTE, DATE, "09:00:00", &[]);
    // It is 20 August, half past five, at head office.
    phone.visits_shop(&shops[1], ROUTE, "2026-08-25", "09:00:00", &[]);
    phone.sync_with(&office);
    office.settle();
    assert_eq!(answer(&office, &Asked::default())["visits"]["flags"]["clock_skew"], 1);
}

#[test]
fn a_dispute_goes_from_the_phone_to_a_ruling_that_two_have_signed_and_into_the_next_revision() {
    let (office, mut phone, _) = district();
    let app = office.app();
    office.clock.set("2026-09-02", "08:00:00");
    publish(app, august(), "s01", &incomplete(0)).unwrap();
    phone.sync_with(&office);
    let published = phone.published(august()).unwrap();
    assert!(published.len() == 1 && published[0].verified, "the phone keeps the signed revision");
    let was = points(&answer(&office, &Asked::default()), "m03", "complaint");
    assert_eq!(published[0].score["person_id"], "m03");

    // Offline; at the next sync head office has it, once, however often it is sent.
    let text = "the shop mixed me up with m05".to_string();
    let new = NewDispute { month: august(), revision: None, indicator: indicator("complaint"), line: String::new(), text };
    let dispute = phone.file_dispute(new).unwrap();
    assert_eq!(phone.disputes(august()).unwrap()[0].state, FilingState::Pending);
    assert!(disputes::cases(app, None).unwrap().is_empty());
    phone.sync_with(&office);
    phone.sync_with(&office);
    assert_eq!(phone.disputes(august()).unwrap()[0].state, FilingState::AtHeadOffice);
    assert_eq!(disputes::cases(app, Some(august())).unwrap().len(), 1);

    disputes::rule(app, &dispute, ("0.5".parse().unwrap(), "the shop was asked again"), "s01", None).unwrap();
    assert_eq!(disputes::approve(app, &dispute, "s01", None).unwrap_err().code, Code::SamePerson);
    let awaiting = publish(app, august(), "s01", &incomplete(1)).unwrap_err();
    assert_eq!(awaiting.code, Code::NotYet, "a ruling that nobody has approved changes nothing");
    disputes::approve(app, &dispute, "a01", None).unwrap();
    assert_eq!(disputes::rule(app, &dispute, ("1".parse().unwrap(), "again"), "s01", None).unwrap_err().code, Code::Exists);
    assert_eq!(points(&answer(&office, &Asked::default()), "m03", "complaint"), was, "what is published stays");
    let restated = restatement(app, august()).unwrap();
    let difference = &restated.managers[0].differences[0];
    assert_eq!((difference.indicator.as_str(), &difference.facts_new[0]["kind"]), ("complaint", &Value::from("ruling")));

    publish(app, august(), "s01", &incomplete(1)).unwrap();
    let (before, after): (f64, f64) =
        (was.parse().unwrap(), points(&answer(&office, &Asked::default()), "m03", "complaint").parse().unwrap());
    assert!((after - before - 0.5).abs() < 1e-9, "{before} and {after}");
    phone.sync_with(&office);
    let seen = &phone.disputes(august()).unwrap()[0];
    assert_eq!(seen.ruling.as_ref().map(|ruling| (ruling.by.as_str(), ruling.approved_by.as_str())), Some(("s01", "a01")));
    assert_eq!(phone.published(august()).unwrap().len(), 2);
    let own = phone.score(august(), None).unwrap();
    assert_eq!(serde_json::to_value(&own.score.managers[0]).unwrap(), phone.published(august()).unwrap()[1].score);

    // The receipt names the ruling, and proves itself to whoever has the key.
    let receipt = export::receipt(app, august(), None, &id("m03"), &indicator("complaint")).unwrap();
    let text = serde_json::to_string_pretty(&receipt).unwrap();
    assert_eq!(verify_receipt(&text, &key(&office)).unwrap(), receipt);
    assert!(verify_receipt(&text.replacen("\"points\": \"0.5\"", "\"points\": \"0.6\"", 1), &key(&office)).is_err());
    assert!(verify_receipt(&text.replacen('{', "{\"remark\": \"paid in full\",", 1), &key(&office)).is_err());
    assert_eq!(app.store.audit_broken().unwrap(), None);
    let actions: Vec<String> = app.store.audit_log(0, 100).unwrap().into_iter().map(|row| row.action).collect();
    assert_eq!(actions, ["import", "month.publish", "dispute.file", "dispute.rule", "dispute.approve", "month.publish"]);
}

#[test]
fn a_complaint_costs_nothing_before_one_has_ruled_and_another_has_approved() {
    let (office, mut phone, shops) = district();
    let app = office.app();
    let complain = Action::Complain { id: "c1".into(), at_ms: local(DATE, "11:00:00"), text: "came late".into(), severity: None };
    phone.edit_shop(&shops[0].parse().unwrap(), complain, Step::default()).unwrap();
    phone.sync_with(&office);
    let filed = events::complaints(app, august()).unwrap();
    assert_eq!((filed.len(), filed[0].text.as_str()), (1, "came late"));
    let live = || answer(&office, &Asked { live: true, ..Asked::default() });
    let was = points(&live(), "m03", "complaint");
    let complaint = ComplaintRef { document: filed[0].document.clone(), id: filed[0].id.clone() };
    let ruling = |points: &str| NewEvent {
        id: None,
        date: None,
        person: id("m03"),
        indicator: Some(indicator("complaint")),
        points: Some(points.parse().unwrap()),
        retailer: None,
        note: "liable".into(),
        complaint: Some(complaint.clone()),
    };
    let beyond = events::record(app, &ruling("5"), "s01").unwrap_err();
    assert_eq!(beyond.code, Code::Invalid, "the scheme bounds what one event may give");
    let event = events::record(app, &ruling("-2"), "s01").unwrap();
    assert_eq!(events::record(app, &ruling("-2"), "a01").unwrap_err().code, Code::Exists, "one ruling a complaint");
    assert_eq!(points(&live(), "m03", "complaint"), was);
    assert_eq!(events::approve(app, &event, "s01", None).unwrap_err().code, Code::SamePerson);
    events::approve(app, &event, "a01", None).unwrap();
    assert_ne!(points(&live(), "m03", "complaint"), was);
    assert_eq!(events::decline(app, &event, "no", "s01", None).unwrap_err().code, Code::Exists, "what is decided is decided");
    let receipt = scores::receipt(app, august(), &Asked::default(), &id("m03"), &indicator("complaint")).unwrap();
    assert!(receipt["facts"].as_array().unwrap().iter().any(|fact| fact["row"] == format!("events/{event}")));

    // What two have signed is no file's to change; a file that is the whole truth leaves it, and counts it as left.
    let folder = tempfile::tempdir().unwrap();
    let file = |row: &str| {
        let header = "event_id,date,person_id,indicator,points,retailer_id,note";
        std::fs::write(folder.path().join("events.csv"), format!("{header}\n{row}")).unwrap();
    };
    let after = points(&live(), "m03", "complaint");
    file(&format!("{event},{DATE},m03,complaint,-4,,worse\n"));
    let refused = office.import(folder.path());
    assert!(refused.code != 0 && refused.err.contains("staff have recorded and approved otherwise"), "{}", refused.err);
    assert_eq!(points(&live(), "m03", "complaint"), after);
    file("");
    let stored = || whole(app.store.as_ref()).unwrap().events;
    let before = stored().len();
    let (folder, replace) = (folder.path().to_path_buf(), vec!["events.csv".into()]);
    let said = office.run(&Command::Import { folder, replace, by: By::default(), format: Format::Json });
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((stored().len(), &report["files"][0]["removed"]), (1, &Value::from(before - 1)));
}

const EVENTS_HEADER: &str = "event_id,date,person_id,indicator,points,retailer_id,note";

/// Imports a file of events: the exit code and the report.
fn import_events(office: &HeadOffice, rows: &[&str]) -> (u8, Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("events.csv"), format!("{EVENTS_HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let said =
        office.run(&Command::Import { folder: folder.path().to_path_buf(), replace: vec![], by: By::default(), format: Format::Json });
    (said.code, serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}{}", said.out, said.err)))
}

#[test]
fn no_file_gives_points_that_staff_have_recorded_and_not_approved() {
    let (office, ..) = district();
    let app = office.app();
    let counts = || whole(app.store.as_ref()).unwrap().events;
    let before = counts();
    let record = |name: &str| {
        let new = NewEvent { id: Some(name.parse().unwrap()), points: Some("-2".parse().unwrap()), ..event() };
        events::record(app, &new, "s01").unwrap()
    };
    let row = |id: &str, points: &str| format!("{id},{DATE},m03,complaint,{points},,seen by the supervisor");
    let (pending, declined) = (record("event-pending"), record("event-declined"));
    events::decline(app, &declined, "not seen", "a01", None).unwrap();

    // Every such row is named by its line, and nothing of the file comes in.
    let rows = [row("e-new", "-2"), row("event-pending", "-2"), row("event-declined", "-2")];
    let (code, report) = import_events(&office, &rows.each_ref().map(String::as_str));
    let faults: Vec<(&Value, &Value, &Value)> =
        report["faults"].as_array().unwrap().iter().map(|fault| (&fault["line"], &fault["column"], &fault["value"])).collect();
    let column = Value::from("event_id");
    let expected = [(Value::from(3), Value::from("event-pending")), (Value::from(4), Value::from("event-declined"))];
    assert_eq!((code, faults), (1, expected.iter().map(|(line, value)| (line, &column, value)).collect()), "{report}");
    assert_eq!(counts(), before);

    // Once it is approved a file may say the same, and nothing else.
    events::approve(app, &pending, "a01", None).unwrap();
    let (code, report) = import_events(&office, &[&row("event-pending", "-2")]);
    assert_eq!((code, &report["files"][0]["unchanged"]), (0, &Value::from(1)), "{report}");
    assert_eq!(import_events(&office, &[&row("event-pending", "-3")]).0, 1);

    // What a file had brought before staff recorded it, under the same id, goes when they do, and the log says what it was.
    assert_eq!(import_events(&office, &[&row("event-late", "-4"), &row("event-too", "-4")]).0, 0);
    assert!(counts().contains_key("event-late"));
    let late = record("event-late");
    assert!(!counts().contains_key("event-late") && counts().contains_key("event-too"));
    events::decline(app, &late, "not seen", "a01", None).unwrap();
    assert!(!counts().contains_key("event-late"));
    let removed = app.store.audit_log(0, 100).unwrap().into_iter().find(|row| row.action == "event.remove").unwrap();
    assert!(removed.subject == "event/event-late" && removed.before.unwrap().contains("\"-4\""));
}

#[test]
fn the_audit_log_shows_what_was_taken_out_of_it() {
    let (office, ..) = district();
    let app = office.app();
    office.clock.set("2026-09-02", "08:00:00");
    publish(app, august(), "s01", &incomplete(0)).unwrap();
    for text in ["one", "two"] {
        let dispute = shared::reference::Dispute {
            person: id("m03"),
            month: august(),
            revision: latest(app, august()).unwrap().unwrap().revision,
            indicator: indicator("sales"),
            line: String::new(),
            text: text.into(),
            filed_ms: 1,
            ruling: None,
        };
        disputes::file(app, &text.parse().unwrap(), &dispute, "m03").unwrap();
    }
    assert_eq!(app.store.audit_broken().unwrap(), None);
    let file = rusqlite::Connection::open(server::ops::folder::database(office.data())).unwrap();
    for forbidden in ["UPDATE audit SET who = 'm05' WHERE id = 2", "DELETE FROM audit WHERE id = 2", "DELETE FROM revisions"] {
        assert!(file.execute(forbidden, []).is_err(), "{forbidden}");
    }
    // Who holds the file can do anything to it; not unseen.
    file.execute_batch("DROP TRIGGER audit_unchanged; UPDATE audit SET who = 'm05' WHERE id = 2").unwrap();
    assert_eq!(app.store.audit_broken().unwrap(), Some(2));
}

#[test]
fn a_dispute_on_a_phone_without_a_line_is_told_as_only_there_and_goes_in_the_rescue_file() {
    let (office, mut phone, _) = district();
    let app = office.app();
    office.clock.set("2026-09-02", "08:00:00");
    publish(app, august(), "s01", &incomplete(0)).unwrap();
    phone.sync_with(&office);
    let new = |text: &str| NewDispute {
        month: august(),
        revision: None,
        indicator: indicator("complaint"),
        line: String::new(),
        text: text.into(),
    };
    phone.file_dispute(new("the shop mixed me up with m05")).unwrap();
    assert_eq!(phone.work().unwrap().filings, 1);
    let file = serde_json::to_vec(&phone.rescue().unwrap()).unwrap();
    let rescued = server::rescue::take_in(app, &file).unwrap();
    assert_eq!((rescued.disputes, rescued.disputes_refused), (1, 0));
    assert_eq!(disputes::cases(app, Some(august())).unwrap().len(), 1);
    // A phone that is revoked meanwhile is heard.
    app.store.revoke(&phone.id().unwrap(), office.clock.now()).unwrap();
    phone.file_dispute(new("and another day")).unwrap();
    phone.sync_with(&office);
    assert_eq!(phone.work().unwrap().filings, 0);
    assert_eq!(disputes::cases(app, Some(august())).unwrap().len(), 2, "what came in the file came once");
    let by: Vec<String> = app.store.audit_log(0, 100).unwrap().into_iter().map(|row| row.who).collect();
    assert!(by.iter().any(|who| who.starts_with("m03 by the revoked device")), "{by:?}");
}
