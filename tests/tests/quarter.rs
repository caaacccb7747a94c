//! The main job: a quarter of field work, done offline on eight phones, synced, merged, scored.

use std::collections::BTreeMap;
use std::path::Path;

use client_core::replay::{Codes, Replay, STORE_FILE};
use client_core::transport::{Http, Transport};
use client_core::{Device, fieldlog, replay};
use serde_json::{Value, json};
use server::months::publish::{Publication, publish};
use server::months::{export, revision};
use server::ops::{Command, FestivalCommand, Format, WidthCommand};
use shared::published::verify;
use shared::reference::Role;
use shared::time::{Month, Quarter};
use tests::clock::{TestClock, day};
use tests::forge::{ForgedDevice, get, refused};
use tests::office::{HeadOffice, fushan, id};
use tests::phone::Around;

const MONTHS: [&str; 3] = ["2026-07", "2026-08", "2026-09"];

fn expected(name: &str) -> Value {
    let path = fushan().join("expected").join(name);
    serde_json::from_slice(&std::fs::read(path).expect("the expected file")).expect("JSON")
}

/// Everything of `expected` is in `actual`, digit for digit; `actual` may say more.
#[track_caller]
fn assert_holds(actual: &Value, expected: &Value, at: &str) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (key, value) in expected {
                let found = actual.get(key).unwrap_or_else(|| panic!("{at}/{key} is missing"));
                assert_holds(found, value, &format!("{at}/{key}"));
            }
        }
        (Value::Array(actual), Value::Array(expected)) => {
            assert_eq!(actual.len(), expected.len(), "length of {at}");
            for (n, (found, value)) in actual.iter().zip(expected).enumerate() {
                assert_holds(found, value, &format!("{at}/{n}"));
            }
        }
        _ => assert_eq!(actual, expected, "{at}"),
    }
}

fn codes(office: &HeadOffice) -> Codes {
    let directory = office.app().directory();
    let managers = directory.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
    let rows: Vec<String> = managers.map(|(id, _)| format!("{id},{}", office.code(id.as_str()))).collect();
    Codes::parse(format!("person_id,code\n{}\n", rows.join("\n")).as_bytes()).expect("codes")
}

fn play(office: &HeadOffice, codes: &Codes, data: &Path) -> replay::Summary {
    let log = fieldlog::parse(&std::fs::read(fushan().join("field-log.csv")).expect("the field log"));
    let url = office.url();
    let replay = Replay {
        log: &log,
        codes,
        from: None,
        to: None,
        offline_days: 1,
        data: data.to_path_buf(),
        server: &url,
        parallel: 2,
        sleep: &std::thread::sleep,
        surroundings: &|| Box::new(Around::at(&office.clock)),
    };
    let connect = || Box::new(Http::new(&url)) as Box<dyn Transport>;
    replay::run(&replay, &connect, &|_| {}).expect("the replay begins")
}

fn month_json(office: &HeadOffice, month: &str) -> Value {
    let month: Month = month.parse().expect("a month");
    serde_json::to_value(server::scores::month(office.app(), month, None, None).expect("a score")).expect("JSON")
}

#[test]
fn a_quarter_replayed_through_real_devices_is_scored_as_expected_digit_for_digit() {
    let clock = TestClock::at("2026-10-08", "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    let folder = tempfile::tempdir().unwrap();
    let codes = codes(&office);

    let summary = play(&office, &codes, folder.path());
    assert_eq!((summary.devices, summary.visits, summary.refused_rows), (8, 6068, 0), "{summary:?}");
    assert_eq!((summary.pending, summary.waiting, summary.quarantined, summary.rejected), (0, 0, 0, 0), "{summary:?}");
    office.settle();
    for month in MONTHS {
        assert_holds(&month_json(&office, month), &expected(&format!("score-{month}.json")), month);
    }
    let quarter: Quarter = "2026Q3".parse().unwrap();
    let stars = serde_json::to_value(server::scores::stars(office.app(), quarter).unwrap()).unwrap();
    assert_holds(&stars, &expected("stars-2026Q3.json"), "stars");

    every_phone_has_the_paid_score(&office, folder.path());
    what_is_published_recomputes(&office);
    let published = serde_json::to_value(server::scores::stars(office.app(), quarter).unwrap()).unwrap();
    assert_eq!(published["managers"], stars["managers"]);
    assert!(published["months"].as_array().unwrap().iter().all(|month| month["status"] == "published" && month["revision"] == 1));
    width_standards_follow_from_the_quarter(&office, folder.path());
    what_a_festival_did_is_measured_and_holds_for_the_next(&office, folder.path());

    let positions = office.app().store.positions().unwrap();
    let again = play(&office, &codes, folder.path());
    assert_eq!((again.visits, again.refused_rows, again.pending), (6068, 0, 0), "{again:?}");
    assert_eq!(office.app().store.positions().unwrap(), positions, "a repeated replay does nothing");
}

/// Every month is published; each point's receipt recomputes to it, and the exported revision verifies.
fn what_is_published_recomputes(office: &HeadOffice) {
    let app = office.app();
    for month in MONTHS {
        let expected = expected(&format!("score-{month}.json"));
        let month: Month = month.parse().expect("a month");
        publish(app, month, "s01", &Publication::default()).expect("all work is here, and the month is over");
        let stored = revision(app, month, None).expect("it is published");
        let mut text = String::new();
        export::file(app, &stored, &mut |line| text += line).expect("a file");
        let verified = verify(&text, &app.keys.public_bytes()).expect("it recomputes");
        let mut receipts = 0;
        for manager in expected["managers"].as_array().expect("managers") {
            let person = manager["person_id"].as_str().expect("an id").parse().expect("an id");
            for indicator in manager["indicators"].as_array().expect("indicators") {
                let id = indicator["id"].as_str().expect("an id").parse().expect("an id");
                let proven = export::receipt(app, month, Some(1), &person, &id).expect("a receipt");
                assert_eq!(proven.receipt.recompute().to_string(), indicator["points"].as_str().expect("points"), "{month} {person} {id}");
                receipts += 1;
            }
        }
        assert_eq!(verified.points, receipts);
    }
}

/// Each manager's own phone comes to the same score as head office, in every number.
fn every_phone_has_the_paid_score(office: &HeadOffice, folder: &Path) {
    for month in MONTHS {
        let paid: BTreeMap<String, Value> = month_json(office, month)["managers"]
            .as_array()
            .expect("managers")
            .iter()
            .map(|manager| (manager["person_id"].as_str().expect("an id").to_string(), manager.clone()))
            .collect();
        assert_eq!(paid.len(), 8);
        for (person, paid) in paid {
            let store = folder.join(format!("{person}+{person}-phone")).join(STORE_FILE);
            let mut phone = Device::open(&store, Around::at(&office.clock)).expect("the phone's store");
            let own = serde_json::to_value(phone.score(month.parse().expect("a month"), None).expect("a score")).expect("JSON");
            assert_eq!(own["managers"], Value::Array(vec![paid]), "{person} in {month}");
        }
    }
}

/// Head office fits the quarter's widths, looks at the plot, and imports what is proposed.
fn width_standards_follow_from_the_quarter(office: &HeadOffice, folder: &Path) {
    let file = folder.join("width-standards.csv");
    let fit = |out: Option<&Path>| {
        let what = WidthCommand::Fit { quarter: "2026Q3".parse().unwrap(), out: out.map(Path::to_path_buf), format: Format::Json };
        office.run(&Command::Width { what })
    };
    let output = fit(Some(&file));
    assert_eq!(output.code, 0, "{}", output.err);
    let found: Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!(fit(Some(&file)).code, 1, "a file that exists is not overwritten");
    let plotted = get(office, "/v1/width/fit?quarter=2026Q3", Some(&office.sign_in("s01")));
    assert_eq!((plotted.status, plotted.json()), (200, found.clone()));
    let phone = ForgedDevice::enrolled(office, "m03", 7);
    let token = office.app().keys.access_token(&id("m03"), &phone.id(), office.clock.now()).unwrap();
    refused(&get(office, "/v1/width/fit?quarter=2026Q3", Some(&token)), 403, "forbidden");

    // Counted by hand from the files: 1,980 packs of 10 a carton in three months, 212 packs on the last count.
    let shop = found["shops"].as_array().unwrap().iter().find(|shop| shop["retailer_id"] == "t00001").unwrap();
    assert_eq!((&shop["monthly_order"], &shop["stock_to_sales"]), (&json!(66.0), &json!(0.3212)));
    assert_eq!((&shop["area"], &shop["grade"], &shop["route_id"]), (&json!("town"), &json!(6), &json!("r001")));
    assert_eq!((found["shops"].as_array().unwrap().len(), &found["left_out"], &found["warnings"]), (1053, &json!([]), &json!([])));
    for route in found["routes"].as_array().unwrap() {
        let (standard, ideal) = (route["standard"].as_u64().unwrap(), route["ideal"].as_u64().unwrap());
        assert!((1..=80).contains(&standard) && (standard..=80).contains(&ideal), "{route}");
        let theirs = found["shops"].as_array().unwrap().iter().filter(|shop| shop["route_id"] == route["route_id"]);
        let predicted: Vec<f64> = theirs.map(|shop| shop["predicted"].as_f64().unwrap()).collect();
        let mean = predicted.iter().sum::<f64>() / predicted.len() as f64;
        assert!((mean - standard as f64).abs() <= 0.5001, "{route} {mean}");
    }

    let district = folder.join("proposed");
    std::fs::create_dir(&district).unwrap();
    std::fs::copy(&file, district.join("width-standards.csv")).unwrap();
    let output = office.import(&district);
    assert_eq!(output.code, 0, "{}", output.err);
    let after: Value = serde_json::from_str(&fit(None).out).unwrap();
    for route in after["routes"].as_array().unwrap() {
        assert_eq!((&route["standard"], &route["ideal"]), (&route["current"]["standard"], &route["current"]["ideal"]), "it holds now");
    }
}

/// Sales lay a quarter before the Mid-Autumn Festival, and over it.
fn what_a_festival_did_is_measured_and_holds_for_the_next(office: &HeadOffice, folder: &Path) {
    let file = folder.join("festivals.csv");
    let (last, next) = (day("2026-09-25"), day("2027-09-15"));
    let fit = |last, out: Option<&Path>| {
        let what = FestivalCommand::Fit { name: "中秋".into(), last, next, out: out.map(Path::to_path_buf), format: Format::Json };
        office.run(&Command::Festival { what })
    };
    let output = fit(last, Some(&file));
    assert_eq!(output.code, 0, "{}", output.err);
    let found: Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!(found["skus"].as_object().unwrap().len(), 80);
    let weeks = |found: &Value| found["festival"]["all"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(weeks(&found), ["-3", "-2", "-1"], "the sample ends within the week after");
    assert_eq!(found["warnings"].as_array().unwrap().len(), 2, "{}", found["warnings"]);
    assert_eq!(fit(last, Some(&file)).code, 1, "a file that exists is not overwritten");
    let nothing_known = fit(day("2025-09-25"), None);
    assert!(nothing_known.code == 1 && nothing_known.err.contains("too little is known"), "{}", nothing_known.err);
    let backwards = fit(day("2027-10-01"), None);
    assert!(backwards.code == 1 && backwards.err.contains("is not after the last one"), "{}", backwards.err);

    let district = folder.join("festival");
    std::fs::create_dir(&district).unwrap();
    std::fs::copy(&file, district.join("festivals.csv")).unwrap();
    let output = office.import(&district);
    assert_eq!(output.code, 0, "{}", output.err);
    let held = server::directory::whole(office.app().store.as_ref()).unwrap().festivals;
    assert_eq!(serde_json::to_value(&held[&next]).unwrap(), found["festival"]);
}
