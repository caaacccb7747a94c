//! What the console asks of head office: the board, a manager's day, a visit, sessions by cookie, the district's tables and
//! changes, and the description that its types are made from.

use std::path::Path;

use serde_json::{Value, json};
use tests::clock::TestClock;
use tests::forge::{Answer, call, get, post_json, refused};
use tests::office::{HeadOffice, fushan};
use tests::stage::Stage;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn with_cookie(office: &HeadOffice, method: &str, path: &str, cookie: &str, header: bool) -> Answer {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", office.url())).header("cookie", cookie);
    if header {
        request = request.header("x-roundsman-console", "1");
    }
    let mut response = agent.run(request.body(Vec::new()).unwrap()).unwrap();
    Answer { status: response.status().as_u16(), body: response.body_mut().read_to_vec().unwrap() }
}

#[test]
fn a_session_in_a_cookie_is_hidden_from_scripts_and_changes_nothing_for_another_site() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-08-05", "17:30:00"));
    let password = server::auth::password::reset(office.app(), "s01", server::decisions::OPERATOR).unwrap();
    let body = json!({ "login": "s01", "password": password, "cookie": true }).to_string();
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let mut signed_in =
        agent.post(format!("{}/v1/sessions", office.url())).header("content-type", "application/json").send(body.as_bytes()).unwrap();
    let set = signed_in.headers()["set-cookie"].to_str().unwrap().to_string();
    assert!(set.contains("; HttpOnly; SameSite=Strict; Path=/v1; Max-Age=43200") && !set.contains("Secure"), "{set}");
    let answer: Value = serde_json::from_slice(&signed_in.body_mut().read_to_vec().unwrap()).unwrap();
    assert_eq!(answer, json!({ "token": null, "person": "s01", "role": "supervisor" }));
    let cookie = format!("other=1; {}", set.split(';').next().unwrap());

    let me = with_cookie(&office, "GET", "/v1/sessions", &cookie, false).json();
    assert_eq!(
        (me["name"].as_str(), me["today"].as_str(), me["district"].as_str()),
        (Some("营销科"), Some("2026-08-05"), Some("福山(样例)"))
    );
    refused(&with_cookie(&office, "POST", "/v1/quarantine/1", &cookie, false), 403, "forbidden");
    refused(&with_cookie(&office, "DELETE", "/v1/sessions", &cookie, false), 403, "forbidden");
    assert_eq!(with_cookie(&office, "DELETE", "/v1/sessions", &cookie, true).status, 204);
    refused(&with_cookie(&office, "GET", "/v1/sessions", &cookie, false), 401, "bad_token");
    refused(&with_cookie(&office, "GET", "/v1/sessions", "roundsman=", false), 401, "no_token");
}

fn manager<'a>(board: &'a Value, person: &str) -> &'a Value {
    board["managers"].as_array().unwrap().iter().find(|row| row["person_id"] == person).unwrap()
}

#[test]
fn a_monday_at_half_past_ten_as_the_supervisor_sees_it() {
    let mut stage = Stage::monday("2026-08-03");
    let staff = stage.office.sign_in("s01");
    let board = get(&stage.office, "/v1/board?stops=true", Some(&staff)).json();
    let state = |person| manager(&board, person)["state"].as_str().unwrap();
    assert_eq!(["m01", "m04", "m05", "m07"].map(state), ["live", "no_plan", "silent", "stale"]);
    let (silent, stale) = (manager(&board, "m05"), manager(&board, "m07"));
    assert_eq!((silent["counts"]["effective"].as_u64(), silent["effective_max"].as_u64()), (Some(0), Some(12)), "silence is not zero");
    assert_eq!((stale["counts"]["effective"].as_u64(), stale["effective_max"].as_u64()), (Some(2), Some(12)));
    let totals = &board["totals"];
    assert_eq!((totals["counts"]["effective"].as_u64(), totals["effective_max"].as_u64()), (Some(33), Some(55)));
    assert_eq!((totals["exact"].as_bool(), totals["held_back"].as_u64(), totals["silent"].as_u64()), (Some(false), Some(1), Some(1)));
    assert_eq!(manager(&board, "m01")["counts"]["order_value"], "26894.41");
    assert_eq!(board["arrivals"][0]["name"], "刘娜");
    assert_eq!(silent["routes"][0]["stops"].as_array().unwrap().len(), 12);

    // She syncs: only what is new is told, and the range closes.
    let version = board["version"].as_str().unwrap().to_string();
    stage.works_until("m05", "10:31:00");
    stage.office.settle();
    let news = get(&stage.office, &format!("/v1/board?since={version}"), Some(&staff)).json();
    assert_eq!(news["whole"], false);
    let news_of: Vec<&str> = news["managers"].as_array().unwrap().iter().map(|row| row["person_id"].as_str().unwrap()).collect();
    assert!(news_of.contains(&"m05") && !news_of.contains(&"m02"), "{news_of:?}");
    assert_eq!(manager(&news, "m05")["state"], "live");
    assert_eq!(news["totals"]["silent"], 0);
    let csv = get(&stage.office, "/v1/tables/board?date=2026-08-24&format=csv&lang=zh", Some(&staff));
    assert!(String::from_utf8(csv.body).unwrap().starts_with("\u{feff}日期,编号,姓名"));

    two_values_of_one_count_are_both_shown(&stage.office, &staff);
    order_plans_come_with_their_quotas(&stage.office, &staff);
    every_table_is_a_file(&stage.office, &staff);
    every_role_sees_what_it_may(&stage.office);
}

fn order_plans_come_with_their_quotas(office: &HeadOffice, staff: &str) {
    let path = "/v1/orders/review?from=2026-08-24&to=2026-08-24";
    let review = get(office, &format!("{path}&awaiting=true"), Some(staff)).json();
    let plans = review["plans"].as_array().unwrap();
    let lines = || plans.iter().flat_map(|plan| plan["lines"].as_array().unwrap());
    assert!(plans.len() > 30 && plans.iter().all(|plan| plan["awaits"] == true && plan["shop"] != plan["retailer_id"]));
    assert!(lines().any(|line| line["quota"].is_i64()) && lines().any(|line| line["quota"].is_null()));
    assert!(plans.iter().any(|plan| !plan["unusual"].as_array().unwrap().is_empty()), "some are far from usual");
    let quotas = review["quotas"].as_array().unwrap();
    assert!(quotas.iter().all(|row| row["figures"]["week"] == "2026-W35" && row["figures"]["shops"].as_u64() > Some(0)));
    let one = &plans[0];
    let rulings: Vec<Value> = one["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| json!({ "sku": line["sku"], "ruling": "approved", "drafted": line["drafted"] }))
        .collect();
    let ruled =
        post_json(office, &format!("/v1/orders/2026-08-24/{}", one["visit"].as_str().unwrap()), Some(staff), &json!({ "lines": rulings }));
    assert_eq!(ruled.status, 200);
    let left = get(office, &format!("{path}&awaiting=true"), Some(staff)).json();
    assert_eq!(left["plans"].as_array().unwrap().len(), plans.len() - 1);
}

fn every_table_is_a_file(office: &HeadOffice, staff: &str) {
    for (table, head) in [
        ("orders?from=2026-08-24&to=2026-08-24", "date,visit,route"),
        ("quotas?from=2026-08-24&to=2026-08-24", "week,grade,sku"),
        ("targets?month=2026-08", "month,indicator,item"),
        ("transfers?month=2026-08", "id,month,from"),
        ("goals?quarter=2026Q3", "quarter,person_id,goal"),
        ("rollup?period=2026-08&by=district", "period,unit,name"),
        ("outlets?period=2026-08&person=m01", "period,retailer_id,shop"),
        ("width_routes?quarter=2026Q3", "quarter,route_id,route"),
        ("width_clusters?quarter=2026Q3", "cluster,shops,mean_width"),
        ("width_shops?quarter=2026Q3", "retailer_id,route_id,cluster"),
        ("disputes?month=2026-08", "id,month,revision"),
        ("points?month=2026-08", "id,date,person"),
        ("complaints?month=2026-08", "document,id,at"),
        ("coverage?date=2026-08-24&by=class", "as_of,key,name"),
        ("segments?date=2026-08-24&contribution=5000&need=2", "as_of,segment,retailer_id"),
        ("audit?after=0", "id,at,who"),
    ] {
        let csv = get(office, &format!("/v1/tables/{table}&format=csv"), Some(staff));
        let text = String::from_utf8(csv.body).unwrap();
        assert!(csv.status == 200 && text.starts_with(&format!("\u{feff}{head}")), "{table}: {text:.200}");
        let xlsx = get(office, &format!("/v1/tables/{table}&format=xlsx"), Some(staff));
        assert!(xlsx.status == 200 && xlsx.body.starts_with(b"PK"), "{table}");
    }
    refused(&get(office, "/v1/tables/restatement?month=2026-08&format=csv", Some(staff)), 404, "not_found");
    let sizes = get(office, "/v1/segments?date=2026-08-24&contribution=5000&need=2&segment=high_needy", Some(staff)).json();
    let of = |n: usize| sizes["sizes"][n]["shops"].as_u64().unwrap();
    assert_eq!((0..5).map(of).sum::<u64>(), 1053, "each shop is in one");
    assert_eq!(sizes["shops"].as_array().unwrap().len() as u64, of(0));
}

fn two_values_of_one_count_are_both_shown(office: &HeadOffice, staff: &str) {
    let day = get(office, "/v1/days/2026-08-04/m05", Some(staff)).json();
    let visit = day["visits"].as_array().unwrap().iter().find(|visit| visit["conflicts"] == 1).expect("one has two values");
    let path = format!("/v1/visits/2026-08-04/{}/{}", visit["route_id"].as_str().unwrap(), visit["visit"].as_str().unwrap());
    let page = get(office, &path, Some(staff)).json();
    let mut values: Vec<&str> =
        page["conflicts"][0]["values"].as_array().unwrap().iter().map(|side| side["value"].as_str().unwrap()).collect();
    values.sort_unstable();
    assert_eq!(values, ["0", "37"]);
    let people: Vec<&str> = page["assigned"].as_array().unwrap().iter().map(|row| row["person"].as_str().unwrap()).collect();
    assert_eq!(people, ["刘娜", "黄艳"], "the owner, and who stood in");
    let trail = page["trail"].as_array().unwrap();
    assert_eq!(trail[0]["touched"][0]["what"], "checked_in");
    assert!(trail.iter().any(|step| step["apart"] == true && step["touched"][0]["what"] == "stock"), "{trail:?}");
    refused(&get(office, "/v1/visits/2026-08-04/r026/00000000000000000000000000000000", Some(staff)), 404, "not_found");
}

fn every_role_sees_what_it_may(office: &HeadOffice) {
    let (supervisor, admin) = (office.sign_in("s01"), office.sign_in("a01"));
    for path in [
        "/v1/board",
        "/v1/people",
        "/v1/assignments",
        "/v1/calendar/2026-08",
        "/v1/schemes",
        "/v1/coverage",
        "/v1/tables/people?format=xlsx",
    ] {
        refused(&get(office, path, None), 401, "no_token");
        assert_eq!(get(office, path, Some(&supervisor)).status, 200, "{path}");
    }
    refused(&get(office, "/v1/backups", Some(&supervisor)), 403, "forbidden");
    refused(&post_json(office, "/v1/import", Some(&supervisor), &json!({ "files": {} })), 403, "forbidden");
    let change = json!({ "kind": "substitution", "routes": ["r026"], "person": "m05", "from": "2026-09-07", "to": "2026-09-11" });
    refused(&post_json(office, "/v1/assignments", Some(&supervisor), &change), 403, "forbidden");
    assert_eq!(get(office, "/v1/backups", Some(&admin)).json(), json!([]));
    assert_eq!(post_json(office, "/v1/backups", Some(&admin), &json!({})).status, 201);
    assert_eq!(get(office, "/v1/backups", Some(&admin)).json().as_array().unwrap().len(), 1);
}

#[test]
fn coverage_says_of_each_sku_what_the_checks_and_invoices_say() {
    let stage = Stage::monday("2026-08-17");
    let report = server::coverage::coverage(stage.office.app(), tests::clock::day("2026-08-21")).unwrap();
    let sum = |rows: &[server::coverage::CoverageRow], of: fn(&server::coverage::CoverageRow) -> u64| rows.iter().map(of).sum::<u64>();
    let all: [fn(&server::coverage::CoverageRow) -> u64; 3] = [|row| row.listed, |row| row.out, |row| row.covered];
    for of in all {
        assert_eq!(sum(&report.by_sku, of), sum(&report.by_route, of));
        assert_eq!(sum(&report.by_class, of), sum(&report.by_sku, of), "every SKU of the sample has a price class");
        assert_eq!(sum(&report.by_route, of), sum(&report.by_area, of));
    }
    assert_eq!(sum(&report.by_route, |row| row.shops), 1053);
    let last = report.by_route.iter().map(|row| row.trend[server::coverage::WEEKS - 1].listed).sum::<u64>();
    assert_eq!(last, sum(&report.by_route, |row| row.listed), "one week of checks: the last week is all there is");
    assert!(last > 0 && report.by_sku.iter().all(|row| row.listed + row.out <= row.checked));
}

#[test]
fn an_import_is_tried_before_it_is_made_and_a_workbook_is_a_folder() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-08-05", "17:30:00"));
    let admin = office.sign_in("a01");
    let people = std::fs::read_to_string(fushan().join("people.csv")).unwrap();
    let more = people.clone() + "n01,分析员,analyst,n01\n";
    let try_it = |text: &str, dry_run| {
        post_json(&office, "/v1/import", Some(&admin), &json!({ "files": { "people.csv": text }, "dry_run": dry_run }))
    };
    let wrong = try_it(&more.replace("analyst", "king"), true);
    assert_eq!((wrong.status, &wrong.json()["faults"][0]["line"], &wrong.json()["faults"][0]["column"]), (422, &json!(12), &json!("role")));
    let sound = try_it(&more, true);
    assert_eq!((sound.status, &sound.json()["files"][0]["added"]), (200, &json!(1)));
    let count = || get(&office, "/v1/people", Some(&admin)).json().as_array().unwrap().len();
    assert_eq!(count(), 10, "a trial changes nothing");
    assert_eq!(try_it(&more, false).status, 200);
    assert_eq!(count(), 11);

    let xlsx = get(&office, "/v1/tables/people?format=xlsx", Some(&admin)).body;
    let send = |path: &str, body: &[u8]| call("POST", &format!("{}{path}", office.url()), Some(&admin), XLSX, body);
    let tried = send("/v1/import/workbook?dry_run=true", &xlsx);
    assert_eq!((tried.status, &tried.json()["files"][0]["unchanged"]), (200, &json!(11)), "{}", tried.json());
    refused(&send("/v1/import/workbook", b"no workbook"), 422, "invalid");
}

#[test]
fn a_substitution_and_a_hand_over_go_through_the_imports_checks() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-08-05", "17:30:00"));
    let admin = office.sign_in("a01");
    let send = |change: Value| post_json(&office, "/v1/assignments", Some(&admin), &change);
    let hand_over =
        |dry_run| json!({ "kind": "hand_over", "routes": ["r001", "r002"], "person": "m02", "from": "2026-08-10", "dry_run": dry_run });
    let of_route = || {
        let rows = get(&office, "/v1/assignments", Some(&admin)).json();
        let rows: Vec<Value> = rows.as_array().unwrap().iter().filter(|row| row["route_id"] == "r001").cloned().collect();
        rows.iter().map(|row| json!([row["person_id"], row["kind"], row["from"], row["to"]])).collect::<Vec<_>>()
    };
    assert_eq!(send(hand_over(true)).status, 200);
    assert_eq!(of_route(), [json!(["m01", "owner", "2026-07-01", null])], "a trial changes nothing");
    assert_eq!(send(hand_over(false)).status, 200);
    assert_eq!(of_route(), [json!(["m01", "owner", "2026-07-01", "2026-08-09"]), json!(["m02", "owner", "2026-08-10", null])]);
    // The audit log says which route went from whom to whom, and since when.
    let audit = office.app().store.audit_log(0, 100).unwrap();
    let said = audit.iter().find(|row| row.action == "assignment.change").unwrap();
    let after: Value = serde_json::from_str(said.after.as_deref().unwrap()).unwrap();
    let of_route = |key: &str| after["changes"].as_array().unwrap().iter().find(|change| change["key"] == key).unwrap().clone();
    assert_eq!(said.who, "a01");
    assert_eq!(
        of_route("r001/owner/2026-07-01"),
        json!({ "kind": "assignment", "key": "r001/owner/2026-07-01",
            "before": { "person": "m01", "to": null }, "after": { "person": "m01", "to": "2026-08-09" } })
    );
    let new = of_route("r001/owner/2026-08-10");
    assert_eq!((&new["before"], &new["after"]["person"]), (&Value::Null, &json!("m02")));
    let substitution =
        |person: &str| json!({ "kind": "substitution", "routes": ["r001"], "person": person, "from": "2026-08-12", "to": "2026-08-14" });
    assert_eq!(send(substitution("m03")).status, 200);
    let mut overlapping = substitution("m04");
    overlapping["from"] = json!("2026-08-13");
    let twice = send(overlapping);
    assert_eq!(twice.status, 422);
    assert!(twice.json()["faults"][0]["what"].as_str().unwrap().contains("two substitutes"), "{}", twice.json());
    assert_eq!(
        send(json!({ "kind": "substitution", "routes": ["r001"], "person": "s01", "from": "2026-08-20", "to": "2026-08-21" })).status,
        422
    );
}

#[test]
fn a_planned_day_moves_through_the_imports_checks_and_what_is_over_stays() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-08-05", "17:30:00"));
    let admin = office.sign_in("a01");
    let days = || {
        let rows = get(&office, "/v1/calendar/2026-08", Some(&admin)).json();
        let rows = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["route_id"].as_str().unwrap().to_string(), row["date"].as_str().unwrap().to_string()));
        rows.collect::<Vec<_>>()
    };
    let before = days();
    let (route, from) = before.iter().find(|(_, date)| date.as_str() > "2026-08-05").cloned().unwrap();
    let shift = |from: &str, to: &str, dry_run| {
        post_json(&office, "/v1/calendar", Some(&admin), &json!({ "route": route, "from": from, "to": to, "dry_run": dry_run }))
    };
    // A Sunday: nothing is planned then.
    let to = "2026-08-30";
    assert_eq!(shift(&from, to, true).status, 200);
    assert_eq!(days(), before, "a trial changes nothing");
    assert_eq!(shift(&from, to, false).status, 200);
    let after = days();
    assert_eq!(after.len(), before.len());
    assert!(after.contains(&(route.clone(), to.into())) && !after.contains(&(route.clone(), from.clone())));
    let audit = office.app().store.audit_log(0, 100).unwrap();
    let said: Value = serde_json::from_str(audit.last().unwrap().after.as_deref().unwrap()).unwrap();
    let (kind, key) = (&said["changes"][0]["kind"], &said["changes"][0]["key"]);
    assert_eq!(
        (audit.last().unwrap().action.as_str(), kind, key),
        ("calendar.move", &json!("calendar"), &json!(format!("{route}/2026-08")))
    );
    assert!(said["changes"][0]["after"].as_array().unwrap().contains(&json!(30)), "{said}");
    refused(&shift(&from, "2026-08-29", false), 409, "changed_meanwhile");
    refused(&shift(to, "2026-08-04", false), 422, "invalid");
    let supervisor = office.sign_in("s01");
    refused(&post_json(&office, "/v1/calendar", Some(&supervisor), &json!({ "route": route, "from": to, "to": from })), 403, "forbidden");
}

/// The console's types are generated from this file. `ROUNDSMAN_BLESS=1` writes it anew.
#[test]
fn the_description_that_the_consoles_types_are_made_from_is_the_servers() {
    let office = HeadOffice::open(&TestClock::at("2026-08-05", "17:30:00"));
    let is: Value = get(&office, "/v1/openapi.json", None).json();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/console/openapi.json");
    let written = serde_json::to_string_pretty(&is).unwrap() + "\n";
    if std::env::var_os("ROUNDSMAN_BLESS").is_some() {
        std::fs::write(&file, written).unwrap();
        return;
    }
    assert!(std::fs::read_to_string(file).unwrap() == written, "run this test with ROUNDSMAN_BLESS=1");
}
