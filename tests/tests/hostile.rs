//! What devices must not send, and what head office does with it: a stable code or a quarantine reason, never a 5xx, and
//! nothing of anybody else's is lost or held up.

use std::io::Write;

use serde_json::json;
use shared::doc::{Action, genesis_hash};
use shared::ids::{ActionId, Actor, DeviceId, DocumentId, VisitId};
use shared::limits;
use shared::wire::{self, Reason, SyncAnswer, Verdict};
use tests::clock::{TestClock, day, local};
use tests::forge::{ForgedDevice, bytes, changes, diary, get, post_json, post_sync, refused, sign_with};
use tests::office::{HeadOffice, id};
use tests::phone::Phone;

const DATE: &str = "2026-08-05";
const SHEET: &str = "day/r026/2026-08-05";

fn office() -> HeadOffice {
    HeadOffice::with_fushan(&TestClock::at(DATE, "17:30:00"))
}

fn sheet() -> DocumentId {
    SHEET.parse().unwrap()
}

fn verdicts(answer: &SyncAnswer) -> Vec<(Verdict, Option<Reason>)> {
    answer.acknowledgement.runs.iter().flat_map(|run| vec![(run.verdict, run.reason); run.count as usize]).collect()
}

fn quarantined(reason: Reason) -> (Verdict, Option<Reason>) {
    (Verdict::Quarantined, Some(reason))
}

/// Head office still takes an honest day's work.
fn still_works(office: &HeadOffice) {
    let mut phone = Phone::of(office, "m05");
    let reference = phone.reference().unwrap();
    let shop = reference.stops("r026", day(DATE))[0].0.to_string();
    phone.visits_shop(&shop, "r026", DATE, "09:00:00", &[("6901028090063", 1)]);
    assert_eq!(phone.sync_with(office).acknowledged, 3);
    let metrics = String::from_utf8(get(office, "/metrics", None).body).unwrap();
    assert!(metrics.contains("roundsman_syncs_total"), "{metrics}");
}

#[test]
fn a_sync_that_is_unsigned_signed_by_a_stranger_or_replayed_is_refused_and_nothing_is_stored() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let chunks = bytes(&device.author(&sheet(), office.clock.now(), &[diary("hello")]));
    let body = wire::pack(&device.request(&office, vec![changes(SHEET, &chunks)]));

    refused(&post_sync(&office, None, &body), 401, "no_signature");
    refused(&post_sync(&office, Some("x.y.z"), &body), 401, "bad_signature");
    refused(&ForgedDevice::new(8).send(&office, &body), 401, "unknown_device");
    let claims = device.claims(&office, &body);
    let stranger = ForgedDevice::new(8);
    refused(&post_sync(&office, Some(&sign_with(&stranger.key, &claims)), &body), 401, "bad_signature");
    let other_body = wire::pack(&device.request(&office, vec![]));
    refused(&post_sync(&office, Some(&device.sign(&claims)), &other_body), 401, "bad_signature");
    let mut other_audience = claims.clone();
    other_audience.aud = wire::TOKEN_AUDIENCE.into();
    refused(&post_sync(&office, Some(&device.sign(&other_audience)), &body), 401, "bad_signature");
    let mut long_ago = device.claims(&office, &body);
    long_ago.iat -= limits::SIGNATURE_SKEW_S + 60;
    refused(&post_sync(&office, Some(&device.sign(&long_ago)), &body), 401, "clock_too_far");
    let mut none = device.sign(&claims);
    none.replace_range(..none.find('.').unwrap(), "eyJhbGciOiJub25lIn0");
    refused(&post_sync(&office, Some(&none), &body), 401, "bad_signature");
    assert!(office.app().store.heads(&[sheet()]).unwrap()[0].is_none(), "nothing was stored");

    let token = device.sign(&claims);
    assert_eq!(verdicts(&post_sync(&office, Some(&token), &body).sync()), [(Verdict::Durable, None)]);
    refused(&post_sync(&office, Some(&token), &body), 401, "replayed");
    still_works(&office);
}

#[test]
fn a_visit_in_another_s_name_is_held_back_until_staff_let_it_in() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let check_in = |n: u8, person: &str, device: DeviceId| Action::CheckIn {
        visit: VisitId([n; 16]),
        retailer: "t00301".parse().unwrap(),
        person: id(person),
        device,
        in_ms: local(DATE, "09:00:00"),
        lat_e6: None,
        lon_e6: None,
        accuracy_m: None,
        mock: false,
    };
    let other = ForgedDevice::enrolled(&office, "m05", 8).id();
    let own = device.id();
    let actions = [check_in(1, "m03", own.clone()), check_in(2, "m05", own), check_in(3, "m03", other), diary("after them")];
    let chunks = device.author(&sheet(), office.clock.now(), &actions);
    let answer = device.sync(&office, vec![changes(SHEET, &bytes(&chunks))]);
    let (foreign, later) = (quarantined(Reason::ForeignVisit), quarantined(Reason::BecauseOf));
    assert_eq!(verdicts(&answer), [(Verdict::Durable, None), foreign, foreign, later]);
    let app = office.app();
    let held = || app.store.held(false).unwrap();
    server::quarantine::reconsider(app).unwrap();
    assert_eq!(held().len(), 3, "no assignment makes it right");
    let before: Vec<(i64, String)> = held().iter().map(|held| (held.id, held.hash.to_string())).collect();
    let first = before.iter().map(|(id, _)| *id).min().unwrap();
    server::quarantine::release(app, first, "s01").unwrap();
    assert_eq!(held().len(), 0, "staff know of a phone that changed hands");
    // The audit log names everything that came in with it.
    let audit = app.store.audit_log(0, 100).unwrap().pop().unwrap();
    let said: serde_json::Value = serde_json::from_str(audit.after.as_deref().unwrap()).unwrap();
    let settled: Vec<(i64, &str)> =
        said["settled"].as_array().unwrap().iter().map(|one| (one["id"].as_i64().unwrap(), one["change"].as_str().unwrap())).collect();
    let expected: Vec<(i64, &str)> = before.iter().map(|(id, hash)| (*id, hash.as_str())).collect();
    assert_eq!((audit.who.as_str(), audit.action.as_str(), settled), ("s01", "quarantine.release", expected));
    still_works(&office);
}

#[test]
fn what_is_held_back_of_a_device_has_a_bound_in_bytes() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let mut send = |n: u8| {
        // Nothing that compresses.
        let junk = (0..3 << 20_u32)
            .map(|i: u32| i.wrapping_mul(2_654_435_761).rotate_left(i % 31).wrapping_mul(0x9e37_79b9).to_le_bytes()[2] ^ n)
            .collect();
        let request = device.request(&office, vec![changes(SHEET, &[junk])]);
        device.send(&office, &wire::pack(&request))
    };
    let fit = limits::HELD_BYTES_PER_DEVICE_MAX / (3 << 20);
    for n in 0..fit {
        assert_eq!(verdicts(&send(n as u8).sync()), [quarantined(Reason::Malformed)]);
    }
    refused(&send(fit as u8), 429, "too_many_requests");
    still_works(&office);
}

#[test]
fn a_request_about_another_device_is_refused() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let victim = ForgedDevice::enrolled(&office, "m04", 8);
    let mut request = device.request(&office, vec![]);
    request.actor = victim.actor;
    refused(&device.send(&office, &wire::pack(&request)), 401, "bad_signature");
    let mut request = device.request(&office, vec![]);
    request.device = victim.id();
    refused(&device.send(&office, &wire::pack(&request)), 401, "bad_signature");
}

#[test]
fn too_large_or_malformed_messages_get_a_stable_code() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    refused(&device.send(&office, &vec![0; limits::REQUEST_BYTES_MAX + 1]), 413, "too_large");
    let mut bomb = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::best());
    bomb.write_all(&vec![0; limits::SYNC_INFLATED_MAX + 1]).unwrap();
    refused(&device.send(&office, &bomb.finish().unwrap()), 413, "too_large");
    for malformed in [
        &[][..],
        &[9, 9],
        &[0],
        &[0, 0xff],
        &[1, 0xff, 0xff],
        &[0, 0x9f, 0x9f, 0x9f, 0x9f],
        &[0, 0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ] {
        let answer = device.send(&office, malformed);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            if malformed.is_empty() { (401, "bad_signature") } else { (400, "bad_envelope") },
            "{malformed:?}"
        );
    }
    let whole = wire::pack(&device.request(&office, vec![]));
    refused(&device.send(&office, &[whole.clone(), vec![0]].concat()), 400, "bad_envelope");
    let mut request = device.request(&office, vec![]);
    request.protocol = 99;
    refused(&device.send(&office, &wire::pack(&request)), 400, "bad_protocol");
    let mut request = device.request(&office, vec![]);
    request.cursor = vec![0xff; 9];
    refused(&device.send(&office, &wire::pack(&request)), 400, "bad_cursor");
    let request = device.request(&office, vec![changes(SHEET, &vec![vec![1]; limits::SYNC_CHANGES_MAX + 1])]);
    refused(&device.send(&office, &wire::pack(&request)), 413, "too_large");
    still_works(&office);
}

#[test]
fn bad_changes_are_held_back_with_their_reason_and_hold_up_neither_their_neighbours_nor_another_document() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let now = office.clock.now();
    let good = bytes(&device.author(&sheet(), now, &[diary("one"), diary("two")]));
    let mut wrong_checksum = good[0].clone();
    wrong_checksum[5] ^= 1;
    let mut bomb = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![0; 50 << 20]).unwrap();
    let body = bomb.finish().unwrap();
    let mut inflating = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 2];
    let (mut length, mut more) = (body.len(), true);
    while more {
        more = length >> 7 > 0;
        inflating.push((length & 0x7f) as u8 | if more { 0x80 } else { 0 });
        length >>= 7;
    }
    inflating.extend(body);
    let genesis = shared::doc::Document::new(sheet()).change(&genesis_hash(&sheet())).unwrap().bytes;
    let mut thief = ForgedDevice::new(9);
    thief.actor = Actor([9; 24]);
    let foreign = bytes(&thief.author(&sheet(), now, &[diary("not mine")]));
    let other_route: DocumentId = "day/r001/2026-08-05".parse().unwrap();
    let elsewhere = bytes(&device.author(&other_route, now, &[diary("another's route")]));
    let huge = bytes(&device.author(&"day/r024/2026-08-05".parse().unwrap(), now, &[diary("x")]));

    let answer = device.sync(
        &office,
        vec![
            changes(
                SHEET,
                &[vec![], b"no change".to_vec(), wrong_checksum, inflating, genesis, foreign[0].clone(), good[0].clone(), good[1].clone()],
            ),
            changes("day/r001/2026-08-05", &elsewhere),
            changes("no document at all", &huge),
            changes(&"x".repeat(100_000), &huge),
            changes("day/r024/2026-08-05", &huge),
        ],
    );
    assert_eq!(
        verdicts(&answer),
        [
            quarantined(Reason::Malformed),
            quarantined(Reason::Malformed),
            quarantined(Reason::WrongChecksum),
            quarantined(Reason::Compressed),
            quarantined(Reason::GenesisActor),
            quarantined(Reason::ForeignActor),
            (Verdict::Durable, None),
            (Verdict::Durable, None),
            quarantined(Reason::NotAssigned),
            quarantined(Reason::BadDocument),
            quarantined(Reason::BadDocument),
            (Verdict::Durable, None),
        ]
    );
    let staff = office.sign_in("s01");
    let held = get(&office, "/v1/quarantine", Some(&staff)).json();
    assert_eq!(held.as_array().unwrap().len(), 9, "{held}");
    office.settle();
    assert_eq!(office.app().store.sheets(day(DATE), day(DATE)).unwrap()[0].diary, "two");
    still_works(&office);
}

#[test]
fn staff_release_what_was_held_back_or_reject_it_and_the_phone_is_told() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let day = |date: &str, entries: &[Action]| {
        let document = format!("day/r001/{date}");
        let chunks = bytes(&device.author(&document.parse().unwrap(), office.clock.now(), entries));
        changes(&document, &chunks)
    };
    let (kept, refused_day) = (day("2026-08-05", &[diary("one"), diary("two")]), day("2026-08-06", &[diary("three")]));
    device.sync(&office, vec![kept, refused_day]);
    let staff = office.sign_in("s01");
    let held = get(&office, "/v1/quarantine", Some(&staff)).json();
    let id_of = |n: usize| held[n]["id"].as_i64().unwrap();
    let analyst = office.app().keys.access_token(&id("m03"), &device.id(), office.clock.now()).unwrap();
    refused(
        &post_json(&office, &format!("/v1/quarantine/{}", id_of(0)), Some(&analyst), &json!({ "ruling": "release" })),
        403,
        "forbidden",
    );
    refused(&post_json(&office, "/v1/quarantine/999", Some(&staff), &json!({ "ruling": "release" })), 404, "not_found");
    let released = post_json(&office, &format!("/v1/quarantine/{}", id_of(0)), Some(&staff), &json!({ "ruling": "release" }));
    assert_eq!(released.status, 200, "{}", released.json());
    let rejected = post_json(&office, &format!("/v1/quarantine/{}", id_of(2)), Some(&staff), &json!({ "ruling": "reject" }));
    assert_eq!(rejected.status, 200, "{}", rejected.json());
    let told = device.sync(&office, vec![]).settled;
    let told: Vec<Verdict> = told.iter().map(|settled| settled.verdict).collect();
    assert_eq!(told, [Verdict::Durable, Verdict::Durable, Verdict::Rejected], "a release lets in what followed, too");
}

#[test]
fn two_copies_of_one_phone_are_noticed_and_told_to_write_apart() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let one = bytes(&device.author(&sheet(), local(DATE, "10:00:00"), &[diary("one")]));
    let other = bytes(&device.author(&sheet(), local(DATE, "11:00:00"), &[diary("the other")]));
    assert!(!device.sync(&office, vec![changes(SHEET, &one)]).fresh_generation);
    let answer = device.sync(&office, vec![changes(SHEET, &other)]);
    assert_eq!(verdicts(&answer), [quarantined(Reason::ActorConflict)]);
    assert!(answer.fresh_generation);
}

#[test]
fn a_revoked_device_is_heard_and_told_nothing() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    office.app().store.revoke(&device.id(), office.clock.now()).unwrap();
    let chunks = bytes(&device.author(&sheet(), office.clock.now(), &[diary("late")]));
    let answer = device.sync(&office, vec![changes(SHEET, &chunks)]);
    assert_eq!(verdicts(&answer), [quarantined(Reason::DeviceRevoked)]);
    assert!(answer.documents.is_empty() && answer.reference.is_empty() && answer.scopes.is_empty() && answer.access_token.is_empty());
}

/// A change that is sound by itself, and writes into an object that its document does not have.
fn breaking(device: &ForgedDevice) -> Vec<u8> {
    let check_in = Action::CheckIn {
        visit: VisitId([5; 16]),
        retailer: "t00301".parse().unwrap(),
        person: id("m03"),
        device: device.id(),
        in_ms: 0,
        lat_e6: None,
        lon_e6: None,
        accuracy_m: None,
        mock: false,
    };
    let stock = Action::CountStock { visit: VisitId([5; 16]), stock: [("6901028090063".parse().unwrap(), Some(1))].into() };
    let elsewhere: DocumentId = "day/r024/2026-08-05".parse().unwrap();
    let chunks = device.author(&elsewhere, 0, &[check_in, stock]);
    let mut change = automerge::Change::from_bytes(chunks[1].bytes.clone()).unwrap().decode();
    change.seq = 1;
    change.hash = None;
    change.deps = vec![automerge::ChangeHash(genesis_hash(&sheet()).0)];
    automerge::Change::from(change).raw_bytes().to_vec()
}

#[test]
fn a_change_that_breaks_its_document_is_taken_out_with_what_builds_on_it_and_the_rest_is_merged() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let mut honest = ForgedDevice::enrolled(&office, "m05", 8);
    let fine = bytes(&honest.author(&sheet(), office.clock.now(), &[diary("fine")]));
    assert_eq!(verdicts(&device.sync(&office, vec![changes(SHEET, &[breaking(&device)])])), [(Verdict::Durable, None)]);
    assert_eq!(verdicts(&honest.sync(&office, vec![changes(SHEET, &fine)])), [(Verdict::Durable, None)]);
    office.settle();
    assert_eq!(office.app().store.sheets(day(DATE), day(DATE)).unwrap()[0].diary, "fine");
    assert_eq!(office.app().store.dirty_count().unwrap(), 0);
    let told = device.sync(&office, vec![]).settled;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].verdict, told[0].reason), (Verdict::Quarantined, Some(Reason::BrokenDocument)));
}

#[test]
fn a_phone_that_was_offline_for_a_week_syncs_in_one_request_without_a_fresh_token() {
    let office = office();
    let mut phone = Phone::of(&office, "m05");
    let reference = phone.reference().unwrap();
    let routes = ["r023", "r024", "r025", "r026", "r027"];
    for (n, route) in routes.iter().enumerate() {
        let date = format!("2026-08-{:02}", 3 + n);
        for (k, (shop, _)) in reference.stops(route, day(&date)).into_iter().take(4).enumerate() {
            phone.visits_shop(shop.as_str(), route, &date, &format!("{:02}:00:00", 9 + k), &[("6901028090063", 1)]);
        }
    }
    office.clock.set("2026-08-12", "17:30:00");
    let synced = phone.sync_with(&office);
    assert_eq!((synced.requests, synced.acknowledged), (1, 60));
}

#[test]
fn a_wrong_device_clock_is_recorded_once_as_evidence_and_flags_the_visit_on_both_sides() {
    let office = office();
    let phone_clock = TestClock::at(DATE, "17:30:00");
    let mut phone = Phone::of(&office, "m05");
    phone.around.clock = phone_clock.clone();
    phone_clock.advance_ms(20 * 60_000);
    let mut phone = {
        // The phone's clock is its own from here on.
        let mut slow = Phone::new(&phone_clock);
        let code = office.code("m05");
        let enrolment = client_core::device::Enrolment { server: &office.url(), code: &code, name: "slow" };
        slow.enrol(&client_core::transport::Http::new(&office.url()), &enrolment).unwrap();
        slow.sync_with(&office);
        slow
    };
    let reference = phone.reference().unwrap();
    let shop = reference.stops("r026", day(DATE))[0].0.to_string();
    phone.visits_shop(&shop, "r026", DATE, "09:00:00", &[("6901028090063", 1)]);
    phone.sync_with(&office);
    office.settle();
    phone.sync_with(&office);
    let flag = shared::facts::flags::Flag::ClockSkew;
    let score = server::scores::month(office.app(), "2026-08".parse().unwrap(), None, None).unwrap().score;
    assert_eq!(score.visits.flags[&flag], 1);
    let today = phone.today(day(DATE)).unwrap();
    let seen = today.routes.iter().flat_map(|route| &route.stops).flat_map(|stop| &stop.visits).filter(|v| v.flags.contains(flag));
    assert_eq!(seen.count(), 1);
}

#[test]
fn a_proof_of_the_devices_key_gets_one_token_and_no_second() {
    let office = office();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let mut claims = device.claims(&office, &[]);
    (claims.aud, claims.sha256) = (wire::TOKEN_AUDIENCE.into(), String::new());
    let proof = device.sign(&claims);
    let answer = post_json(&office, "/v1/token", Some(&proof), &json!({}));
    let token = answer.json()["access_token"].as_str().unwrap().to_string();
    assert_eq!(get(&office, "/v1/progress", Some(&token)).status, 200);
    refused(&post_json(&office, "/v1/token", Some(&proof), &json!({})), 401, "replayed");
    claims.jti = "another".into();
    claims.aud = wire::SYNC_AUDIENCE.into();
    refused(&post_json(&office, "/v1/token", Some(&device.sign(&claims)), &json!({})), 401, "bad_signature");
}

/// A substitute's phone that does what the app does not offer. The owner's second phone may.
#[test]
fn nobody_takes_anothers_visit_back() {
    let office = office();
    let owner = ForgedDevice::enrolled(&office, "m03", 7);
    let [mut first, mut substitute, mut second] =
        [owner, ForgedDevice::enrolled(&office, "m05", 8), ForgedDevice::enrolled(&office, "m03", 9)];
    let check_in = Action::CheckIn {
        visit: VisitId([5; 16]),
        retailer: "t00301".parse().unwrap(),
        person: id("m03"),
        device: first.id(),
        in_ms: 0,
        lat_e6: None,
        lon_e6: None,
        accuracy_m: None,
        mock: false,
    };
    let made = bytes(&first.author(&sheet(), office.clock.now(), &[check_in]));
    assert_eq!(verdicts(&first.sync(&office, vec![changes(SHEET, &made)])), [(Verdict::Durable, None)]);
    let removal = |device: &ForgedDevice| {
        let mut doc = shared::doc::Document::new(sheet());
        doc.apply(made.iter().map(Vec::as_slice)).unwrap();
        let remove = Action::RemoveVisit { visit: VisitId([5; 16]) };
        doc.act(device.actor, ActionId([6; 16]), office.clock.now(), &remove).unwrap().unwrap().bytes
    };
    let answer = substitute.sync(&office, vec![changes(SHEET, &[removal(&substitute)])]);
    assert_eq!(verdicts(&answer), [quarantined(Reason::ForeignVisit)]);
    office.settle();
    assert_eq!(office.app().store.sheets(day(DATE), day(DATE)).unwrap()[0].visits.len(), 1);
    assert_eq!(verdicts(&second.sync(&office, vec![changes(SHEET, &[removal(&second)])])), [(Verdict::Durable, None)]);
    office.settle();
    assert!(office.app().store.sheets(day(DATE), day(DATE)).unwrap()[0].visits.is_empty());
}
