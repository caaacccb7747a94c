//! Power cuts and kills: nothing is lost, nothing is doubled.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client_core::device::Step;
use client_core::transport::Http;
use serde_json::Value;
use shared::ids::VisitId;
use tests::clock::{TestClock, day};
use tests::office::{HeadOffice, fushan};
use tests::phone::{LosesAnswers, Phone, route_id};
use tests::program::{ServeProcess, program, run, text};

const ROUTE: &str = "r026";
const DATE: &str = "2026-08-05";
const SKU: &str = "6901028090063";

fn visits(office: &HeadOffice) -> Vec<VisitId> {
    office.settle();
    let sheets = office.app().store.sheets(day(DATE), day(DATE)).unwrap();
    sheets.iter().flat_map(|sheet| &sheet.visits).map(|visit| visit.visit).collect()
}

/// Does something during which the phone dies, and switches it on again.
fn dying<T>(phone: &mut Phone, work: impl FnOnce(&mut Phone) -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(|| work(phone))).ok();
    phone.restart();
    result
}

#[test]
fn a_phone_that_dies_at_any_point_of_an_action_or_a_sync_goes_on_with_nothing_lost_or_doubled() {
    let points = [
        "action: change authored",
        "action: written",
        "action: committed",
        "sync: planned",
        "sync: answer received",
        "sync: applied",
        "sync: committed",
    ];
    let office = HeadOffice::with_fushan(&TestClock::at(DATE, "17:30:00"));
    let mut phone = Phone::of(&office, "m03");
    let reference = phone.reference().unwrap();
    let shops: Vec<String> = reference.stops(ROUTE, day(DATE)).into_iter().map(|(id, _)| id.to_string()).collect();
    let mut wanted = BTreeSet::new();
    let mut died = 0;
    for (n, point) in points.iter().enumerate() {
        let visit = VisitId([n as u8 + 1; 16]);
        let day_of = |phone: &mut Phone| {
            let check_in = client_core::device::CheckIn {
                visit: Some(visit),
                route: Some(route_id(ROUTE)),
                date: Some(day(DATE)),
                at_ms: Some(tests::clock::local(DATE, &format!("{:02}:00:00", 9 + n))),
                ..client_core::device::CheckIn::at(shops[n].parse().unwrap())
            };
            phone.check_in(check_in).unwrap();
            let step = |id: u8| Step { id: Some(shared::ids::ActionId([100 + 10 * n as u8 + id; 16])), ..Step::default() };
            phone.count_stock(visit, [(SKU.parse().unwrap(), Some(n as i64))].into(), step(1)).unwrap();
            phone.check_out(visit, step(2)).unwrap();
            phone.sync(&Http::new(&office.url())).unwrap();
        };
        for passes in 0..3 {
            phone.dies_at(point, passes);
            // The user does again whatever they don't see as done; done twice, it is done once.
            if dying(&mut phone, day_of).is_none() {
                died += 1;
            }
        }
        *phone.around.dies_at.lock().unwrap() = None;
        day_of(&mut phone);
        wanted.insert(visit);
        let found = visits(&office);
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), wanted, "after dying at {point}");
        assert_eq!(found.len(), wanted.len());
    }
    assert!(died >= points.len(), "it died {died} times");
    let counts = phone.counts().unwrap();
    assert_eq!((counts.pending, counts.waiting, counts.quarantined), (0, 0, 0));
    let sheet = phone.sheet_facts(&route_id(ROUTE), day(DATE)).unwrap().unwrap();
    assert!(sheet.visits.iter().all(|v| v.stock.len() == 1 && v.out_ms.is_some() && v.conflicts.is_empty()));
}

#[test]
fn a_lost_answer_is_harmless() {
    let office = HeadOffice::with_fushan(&TestClock::at(DATE, "17:30:00"));
    let mut phone = Phone::of(&office, "m03");
    let reference = phone.reference().unwrap();
    let shop = reference.stops(ROUTE, day(DATE))[0].0.to_string();
    phone.visits_shop(&shop, ROUTE, DATE, "09:00:00", &[(SKU, 1)]);
    let http = Http::new(&office.url());
    assert!(phone.sync(&LosesAnswers(&http)).is_err());
    assert_eq!((visits(&office).len(), phone.counts().unwrap().pending), (1, 3), "it arrived, and the phone does not know");
    let synced = phone.sync_with(&office);
    assert_eq!((synced.acknowledged, phone.counts().unwrap().pending, visits(&office).len()), (3, 0, 1));
}

/// Waits for a condition, not for a time; the time is only how long a broken test takes to fail.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < give_up, "never: {what}");
        std::thread::yield_now();
    }
}

fn replay(url: &str, codes: &Path, data: &Path) -> Child {
    Command::new(program("roundsman-device"))
        .args(["replay", "--server", url, "--from", "2026-08-03", "--to", "2026-08-05", "--format", "json", "--codes"])
        .arg(codes)
        .arg("--log")
        .arg(fushan().join("field-log.csv"))
        .arg("--data")
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn score(data: &Path) -> Value {
    let data = data.to_string_lossy();
    let output = run("roundsman", &["score", "--data", &data, "--month", "2026-08", "--format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut score: Value = serde_json::from_slice(&output.stdout).unwrap();
    score.as_object_mut().unwrap().remove("complete_up_to");
    score
}

fn office_with_codes(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("office");
    let imported = run("roundsman", &["import", "--data", &data.to_string_lossy(), &fushan().to_string_lossy()]);
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    let codes = run("roundsman", &["enrol", "--data", &data.to_string_lossy(), "--all"]);
    std::fs::write(folder.join("codes.csv"), codes.stdout).unwrap();
    data
}

#[test]
fn devices_and_server_killed_again_and_again_come_to_what_an_undisturbed_run_comes_to() {
    let calm = tempfile::tempdir().unwrap();
    let data = office_with_codes(calm.path());
    let server = ServeProcess::start(&data);
    let devices = replay(&server.url, &calm.path().join("codes.csv"), &calm.path().join("devices")).wait_with_output().unwrap();
    assert!(devices.status.success());
    let wanted = score(&data);
    drop(server);
    assert!(wanted["visits"]["logged"].as_u64().unwrap() > 200, "{}", wanted["visits"]);

    let stormy = tempfile::tempdir().unwrap();
    let data = office_with_codes(stormy.path());
    let (codes, phones) = (stormy.path().join("codes.csv"), stormy.path().join("devices"));
    for round in 0..8 {
        let server = ServeProcess::start(&data);
        let mut devices = replay(&server.url, &codes, &phones);
        // A little more work each time, and then both are killed at once, wherever they are.
        let grown = format!("{} kB in the office's log", round * 40);
        until(&grown, || stored_bytes(&data) > round * 40_000 || devices.try_wait().unwrap().is_some());
        devices.kill().unwrap();
        server.kill();
        devices.wait().unwrap();
    }
    let server = ServeProcess::start(&data);
    let devices = replay(&server.url, &codes, &phones).wait_with_output().unwrap();
    assert!(devices.status.success(), "{}", text(&devices.stdout));
    let summary: Value = serde_json::from_slice(&devices.stdout).unwrap();
    assert_eq!((&summary["pending"], &summary["quarantined"], &summary["rejected"]), (&0.into(), &0.into(), &0.into()), "{summary}");
    assert_eq!(score(&data), wanted);
}

/// The bytes of changes in a data folder's log.
fn stored_bytes(data: &Path) -> i64 {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let sql = "SELECT coalesce(sum(length(body)), 0) FROM changes";
    let count = |connection: rusqlite::Connection| connection.query_row(sql, [], |row| row.get(0));
    rusqlite::Connection::open_with_flags(data.join("roundsman.db"), flags).and_then(count).unwrap_or(0)
}

#[test]
fn a_server_killed_after_its_acknowledgement_still_has_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let data = office_with_codes(folder.path());
    let codes = std::fs::read_to_string(folder.path().join("codes.csv")).unwrap();
    let code = codes.lines().find_map(|line| line.strip_prefix("m03,")).unwrap().to_string();
    let mut server = ServeProcess::start(&data);
    let clock = TestClock::at(DATE, "17:30:00");
    clock.set_ms(client_core::Surroundings::now_ms(&client_core::System));
    let mut phone = Phone::new(&clock);
    let enrolment = client_core::device::Enrolment { server: &server.url, code: &code, name: "phone" };
    phone.enrol(&Http::new(&server.url), &enrolment).unwrap();
    phone.sync(&Http::new(&server.url)).unwrap();
    let reference = phone.reference().unwrap();
    let shops: Vec<String> = reference.stops(ROUTE, day(DATE)).into_iter().map(|(id, _)| id.to_string()).collect();
    let mut acknowledged = 0;
    for (n, shop) in shops.iter().take(5).enumerate() {
        phone.visits_shop(shop, ROUTE, DATE, &format!("{:02}:00:00", 9 + n), &[(SKU, n as i64)]);
        acknowledged += phone.sync(&Http::new(&server.url)).unwrap().acknowledged;
        server.kill();
        server = ServeProcess::start(&data);
        let stored = score(&data)["visits"]["logged"].as_u64().unwrap();
        assert_eq!((acknowledged, stored), (3 * (n as u64 + 1), n as u64 + 1));
    }
}
