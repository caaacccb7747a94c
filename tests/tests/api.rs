//! The API as people and programs use it: tokens, roles, enrolment, administration, pokes, problems.

use serde_json::{Value, json};
use server::auth::keys::Keys;
use shared::ids::DocumentId;
use shared::limits;
use tests::clock::TestClock;
use tests::forge::{ForgedDevice, bytes, call, changes, diary, get, post_json, refused};
use tests::office::{HeadOffice, id};

const DATE: &str = "2026-08-05";
const SHEET: &str = "day/r026/2026-08-05";

fn office() -> HeadOffice {
    HeadOffice::with_fushan(&TestClock::at(DATE, "17:30:00"))
}

fn sheet() -> DocumentId {
    SHEET.parse().unwrap()
}

#[test]
fn without_a_token_with_an_expired_a_foreign_or_a_tampered_one_nothing_is_told() {
    let office = office();
    let device = ForgedDevice::enrolled(&office, "m03", 7);
    let now = office.clock.now();
    let good = office.app().keys.access_token(&id("m03"), &device.id(), now).unwrap();
    assert_eq!(get(&office, "/v1/progress?date=2026-08-05", Some(&good)).status, 200);
    refused(&get(&office, "/v1/progress", None), 401, "no_token");
    refused(&get(&office, "/v1/progress", Some("nonsense")), 401, "bad_token");
    refused(&get(&office, "/v1/progress", Some("a.b.c")), 401, "bad_token");
    let foreign = Keys::from_seed(&[9; 32]).access_token(&id("m03"), &device.id(), now).unwrap();
    refused(&get(&office, "/v1/progress", Some(&foreign)), 401, "bad_token");
    for at in 0..good.len() {
        let mut tampered = good.clone().into_bytes();
        tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        // The last character of a signature has bits that say nothing; read strictly, they must be zero.
        refused(&get(&office, "/v1/progress", Some(&tampered)), 401, "bad_token");
    }
    let expired = office.app().keys.access_token(&id("m03"), &device.id(), now - 16 * 60_000).unwrap();
    refused(&get(&office, "/v1/progress", Some(&expired)), 401, "expired_token");
    let borrowed = office.app().keys.access_token(&id("a01"), &device.id(), now).unwrap();
    refused(&get(&office, "/v1/progress", Some(&borrowed)), 401, "bad_token");
}

#[test]
fn a_manager_sees_their_own_and_staff_see_everything_by_their_role() {
    let office = office();
    let device = ForgedDevice::enrolled(&office, "m03", 7);
    let token = office.app().keys.access_token(&id("m03"), &device.id(), office.clock.now()).unwrap();
    let own = get(&office, "/v1/scores/2026-08", Some(&token)).json();
    assert_eq!(own["managers"].as_array().unwrap().len(), 1);
    refused(&get(&office, "/v1/scores/2026-08?person=m04", Some(&token)), 403, "forbidden");
    refused(&get(&office, "/v1/scores/2026-08/m04/sales", Some(&token)), 403, "forbidden");
    for path in ["/v1/stars/2026Q3", "/v1/devices", "/v1/quarantine"] {
        refused(&get(&office, path, Some(&token)), 403, "forbidden");
    }
    let staff = office.sign_in("s01");
    assert_eq!(get(&office, "/v1/scores/2026-08", Some(&staff)).json()["managers"].as_array().unwrap().len(), 8);
    let progress = get(&office, "/v1/progress?date=2026-08-05", Some(&staff)).json();
    assert_eq!(progress["managers"].as_array().unwrap().len(), 8);
    let receipt = get(&office, "/v1/scores/2026-08/m04/sales", Some(&staff));
    assert_eq!(receipt.status, 200);
    refused(&get(&office, "/v1/scores/2026-08/m04/nothing", Some(&staff)), 404, "not_found");
    refused(&get(&office, "/v1/scores/August", Some(&staff)), 422, "invalid");
    refused(&get(&office, "/v1/nothing", Some(&staff)), 404, "not_found");
    refused(&call("DELETE", &format!("{}/v1/scores/2026-08", office.url()), Some(&staff), "", &[]), 405, "method_not_allowed");
    let revoked = format!("/v1/devices/{}/revoke", device.id());
    assert_eq!(post_json(&office, &revoked, Some(&staff), &json!({})).status, 204);
    refused(&get(&office, "/v1/progress", Some(&token)), 401, "bad_token");
    assert_eq!(call("DELETE", &format!("{}/v1/sessions", office.url()), Some(&staff), "", &[]).status, 204);
    refused(&get(&office, "/v1/progress", Some(&staff)), 401, "bad_token");
}

#[test]
fn guessing_a_password_is_slow_and_tells_nothing() {
    let office = office();
    let wrong = |login: &str| post_json(&office, "/v1/sessions", None, &json!({ "login": login, "password": "guess guess" }));
    refused(&wrong("nobody"), 401, "wrong_password");
    for _ in 0..limits::ATTEMPTS_MAX {
        refused(&wrong("s01"), 401, "wrong_password");
    }
    refused(&wrong("s01"), 429, "too_many_requests");
    office.clock.advance_ms(limits::ATTEMPT_WINDOW_MS);
    refused(&wrong("s01"), 401, "wrong_password");
}

#[test]
fn an_enrolment_code_is_good_once_for_one_device_and_for_a_while() {
    let office = office();
    let code = office.code("m03");
    let (first, second) = (ForgedDevice::new(1), ForgedDevice::new(2));
    assert_eq!(first.enrol(&office, &code.to_lowercase().replace('-', " ")).status, 201);
    assert_eq!(first.enrol(&office, &code).status, 201, "a lost answer: the same again");
    refused(&second.enrol(&office, &code), 401, "wrong_code");
    refused(&second.enrol(&office, "AAAA-BBBB-CCCC-DDDD"), 401, "wrong_code");
    let late = office.code("m03");
    office.clock.advance_ms((limits::CODE_DAYS + 1) * 86_400_000);
    refused(&second.enrol(&office, &late), 401, "wrong_code");
    let body = json!({ "code": late, "public_key": "AAAA", "name": "x", "device_time_ms": 0 });
    refused(&post_json(&office, "/v1/enrol", None, &body), 422, "invalid");
    refused(&post_json(&office, "/v1/enrol", None, &json!({})), 422, "invalid");
    refused(&call("POST", &format!("{}/v1/enrol", office.url()), None, "application/json", b"{"), 400, "bad_request");
}

#[test]
fn staff_do_over_the_api_what_the_command_lines_do() {
    let office = HeadOffice::open(&TestClock::at(DATE, "17:30:00"));
    let admin = office.sign_in("admin");
    let files: serde_json::Map<String, Value> = std::fs::read_dir(tests::office::fushan())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file() && entry.file_name() != "field-log.csv")
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap().into()))
        .collect();
    let mut broken = files.clone();
    broken["people.csv"] = "person_id,name,role,login\nm01,赵丽,king,m01\n".into();
    let answer = post_json(&office, "/v1/import", Some(&admin), &json!({ "files": broken }));
    assert_eq!((answer.status, answer.json()["faults"][0]["column"].as_str()), (422, Some("role")), "{}", answer.json());
    let answer = post_json(&office, "/v1/import", Some(&admin), &json!({ "files": files }));
    assert_eq!(answer.status, 200, "{}", answer.json());
    refused(&post_json(&office, "/v1/import", Some(&admin), &json!({ "files": {} })), 422, "invalid");

    let codes = post_json(&office, "/v1/codes", Some(&admin), &json!({})).json();
    assert_eq!(codes.as_array().unwrap().len(), 8);
    assert_eq!(ForgedDevice::new(1).enrol(&office, codes[0]["code"].as_str().unwrap()).status, 201);
    let reset = post_json(&office, "/v1/passwords/s01", Some(&admin), &json!({})).json();
    let body = json!({ "login": "s01", "password": reset["password"] });
    let supervisor = post_json(&office, "/v1/sessions", None, &body).json()["token"].as_str().unwrap().to_string();
    refused(&post_json(&office, "/v1/import", Some(&supervisor), &json!({ "files": {} })), 403, "forbidden");
    refused(&post_json(&office, "/v1/passwords/a01", Some(&supervisor), &json!({})), 403, "forbidden");
    let csv = String::from_utf8(get(&office, "/v1/export/scores/2026-08", Some(&supervisor)).body).unwrap();
    assert_eq!(csv.lines().count(), 1 + 8 * 20);
    refused(&get(&office, "/v1/export/secrets/2026-08", Some(&supervisor)), 422, "invalid");
}

#[test]
fn pokes_tell_a_listener_that_a_scope_has_news() {
    use std::io::{BufRead, BufReader};
    let office = office();
    let staff = office.sign_in("s01");
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let response = agent.get(format!("{}/v1/events", office.url())).header("authorization", format!("Bearer {staff}")).call().unwrap();
    let mut lines = BufReader::new(response.into_body().into_reader()).lines();
    let mut device = ForgedDevice::enrolled(&office, "m03", 7);
    let chunks = bytes(&device.author(&sheet(), office.clock.now(), &[diary("hello")]));
    device.sync(&office, vec![changes(SHEET, &chunks)]);
    let data = lines.find_map(|line| line.unwrap().strip_prefix("data: ").map(str::to_string)).unwrap();
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["scope"], "route/r026");
    assert!(data["position"].as_u64().unwrap() > 0);
}

#[test]
fn problems_speak_the_users_language_and_the_api_describes_itself() {
    let office = office();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent.get(format!("{}/v1/progress", office.url())).header("accept-language", "zh-CN,zh;q=0.9").call().unwrap();
    let body: Value = serde_json::from_slice(&response.body_mut().read_to_vec().unwrap()).unwrap();
    assert_eq!(body, json!({ "code": "no_token", "title": "请先登录。" }));
    let description = get(&office, "/v1/openapi.json", None).json();
    for path in ["/v1/sync", "/v1/enrol", "/v1/token", "/v1/progress", "/v1/events", "/v1/scores/{month}", "/v1/stars/{quarter}"] {
        assert!(description["paths"][path].is_object(), "{path} is described");
    }
    assert_eq!(get(&office, "/healthz", None).status, 200);
    assert_eq!(get(&office, "/readyz", None).status, 200);
}
