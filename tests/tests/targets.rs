//! Targets: a cascade whose sums are checked, parts of plans that change hands, roll-ups.

use client_core::device::TransferProposal;
use client_core::transport::Http;
use serde_json::{Value, json};
use server::ops::{By, Command, Format, TargetsCommand};
use shared::time::Month;
use tests::clock::TestClock;
use tests::forge::{get, post_json, refused};
use tests::office::{HeadOffice, Output, id};
use tests::phone::Phone;

fn office() -> HeadOffice {
    HeadOffice::with_fushan(&TestClock::at("2026-08-31", "17:30:00"))
}

fn month() -> Month {
    "2026-08".parse().unwrap()
}

fn import(office: &HeadOffice, files: &[(&str, String)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    office.import(folder.path())
}

/// m01–m04 are team east of the city, m05–m08 team west; the district's and the teams' plans of two indicators.
fn teams(office: &HeadOffice, district: &str, east: &str) -> Output {
    let people = std::fs::read_to_string(tests::office::fushan().join("people.csv")).unwrap();
    let with_team = people.lines().enumerate().map(|(n, line)| match (n, line.starts_with('m')) {
        (0, _) => format!("{line},team_id"),
        (n, true) => format!("{line},{}", if n <= 4 { "east" } else { "west" }),
        (_, false) => format!("{line},"),
    });
    let sum = |people: &[&str], indicator: &str| -> i64 { people.iter().map(|person| plan(person, indicator)).sum() };
    let (of_east, of_west) = (["m01", "m02", "m03", "m04"], ["m05", "m06", "m07", "m08"]);
    let mut cascade = String::from("month,level,unit,indicator,item,plan\n");
    let all = sum(&of_east, "sales") + sum(&of_west, "sales");
    let or = |given: &str, sum: i64| if given.is_empty() { sum.to_string() } else { given.to_string() };
    cascade += &format!("2026-08,district,,sales,,{}\n", or(district, all));
    cascade += &format!("2026-08,team,east,sales,,{}\n", or(east, sum(&of_east, "sales")));
    cascade += &format!("2026-08,team,west,sales,,{}\n", sum(&of_west, "sales"));
    cascade += "2026-08,district,district,structure,,120\n2026-08,team,east,structure,,121\n";
    import(
        office,
        &[
            ("people.csv", with_team.map(|line| line + "\n").collect()),
            ("teams.csv", "team_id,name,department,supervisor\neast,东队,一部,s01\nwest,西队,一部,\n".into()),
            ("target-cascade.csv", cascade),
        ],
    )
}

fn plan(person: &str, indicator: &str) -> i64 {
    let targets = std::fs::read_to_string(tests::office::fushan().join("targets.csv")).unwrap();
    let row = format!("2026-08,{person},{indicator},,");
    targets.lines().find_map(|line| line.strip_prefix(&row)).expect("a plan").parse().expect("a whole number")
}

fn check(office: &HeadOffice) -> (u8, Value) {
    let output = office.run(&Command::Targets { what: TargetsCommand::Check { month: month(), format: Format::Json } });
    (output.code, serde_json::from_str(&output.out).unwrap())
}

#[test]
fn a_cascade_whose_sums_agree_passes_and_differences_are_listed_to_the_carton() {
    let office = office();
    let (code, nothing) = check(&office);
    assert_eq!((code, &nothing["sums"]), (0, &json!(0)), "nothing is broken down yet");
    let imported = teams(&office, "", "");
    assert_eq!(imported.code, 0, "{}", imported.err);
    let (code, sound) = check(&office);
    assert_eq!((code, &sound["differences"], &sound["not_additive"]), (0, &json!([]), &json!(["structure"])), "{sound}");
    // The district's sum of two teams and each team's of four managers.
    assert!(sound["sums"].as_u64().unwrap() >= 3);

    assert_eq!(teams(&office, "100000", "").code, 0);
    let (code, wrong) = check(&office);
    assert_eq!(code, 1);
    let difference = &wrong["differences"][0];
    assert_eq!((&difference["level"], &difference["plan"]), (&json!("district"), &json!("100000")));
    let sum: i64 = difference["sum"].as_str().unwrap().parse().unwrap();
    assert_eq!(difference["difference"], json!((sum - 100_000).to_string()));
    assert_eq!(difference["children"].as_array().unwrap().len(), 2);
    let staff = office.sign_in("s01");
    let cascade = get(&office, "/v1/targets/2026-08?indicator=sales", Some(&staff)).json();
    let row = |n: usize| &cascade["rows"][n];
    let (district, east) = (&row(0)["plan"], &row(1)["plan"]);
    assert_eq!((&district["level"], &district["difference"]), (&json!("district"), &difference["difference"]));
    assert_eq!((&row(1)["name"], &east["sum"], &east["difference"]), (&json!("东队"), &east["plan"], &json!("0")));
    assert_eq!(cascade["rows"].as_array().unwrap().len(), 11, "the district, two teams, eight managers");
    assert_eq!(cascade["differences"][0]["difference"], difference["difference"]);
    let share = get(&office, "/v1/targets/2026-08?indicator=structure", Some(&staff)).json();
    assert_eq!(share["rows"][0]["plan"]["sum"], Value::Null, "a value per carton is no sum of its parts");
    // A route's plan, alone, is not its manager's.
    assert_eq!(
        import(&office, &[("target-cascade.csv", "month,level,unit,indicator,item,plan\n2026-08,route,r001,sales,,7\n".into())]).code,
        0
    );
    let (_, wrong) = check(&office);
    let of_m01 = wrong["differences"].as_array().unwrap().iter().find(|d| d["unit"] == "m01" && d["indicator"] == "sales").unwrap();
    assert_eq!((&of_m01["level"], &of_m01["sum"]), (&json!("manager"), &json!("7")));

    assert_eq!(get(&office, "/v1/targets/2026-08/check", Some(&staff)).json(), wrong);
    let text = office.run(&Command::Targets { what: TargetsCommand::Check { month: month(), format: Format::Text } });
    assert!(text.code == 1 && text.out.contains("district district"), "{}", text.out);
}

#[test]
fn what_no_team_plans_is_broken_down_to_managers_directly() {
    let office = office();
    assert_eq!(teams(&office, "", "").code, 0);
    // Teams plan sales; of slim the district has a plan and every manager, and these agree.
    let managers = ["m01", "m02", "m03", "m04", "m05", "m06", "m07", "m08"];
    let slim: i64 = managers.iter().map(|person| plan(person, "slim")).sum();
    let of_slim = |plan: i64| {
        let row = format!("month,level,unit,indicator,item,plan\n2026-08,district,,slim,,{plan}\n");
        assert_eq!(import(&office, &[("target-cascade.csv", row)]).code, 0);
        let cascade = shared_cascade(&office, "slim");
        (check(&office), cascade)
    };
    let ((code, sound), cascade) = of_slim(slim);
    assert_eq!((code, &sound["differences"], &cascade["rows"][0]["plan"]["difference"]), (0, &json!([]), &json!("0")), "{sound}");
    let ((code, wrong), cascade) = of_slim(slim - 1);
    let difference = &wrong["differences"][0];
    assert_eq!((code, &difference["unit"], &difference["difference"]), (1, &json!("district"), &json!("1")), "{wrong}");
    assert_eq!((difference["children"].as_array().unwrap().len(), &difference["children"][0]["level"]), (8, &json!("manager")));
    assert_eq!(cascade["rows"][0]["plan"]["difference"], json!("1"), "the cascade of one indicator says the same");
}

fn shared_cascade(office: &HeadOffice, indicator: &str) -> Value {
    get(office, &format!("/v1/targets/2026-08?indicator={indicator}"), Some(&office.sign_in("s01"))).json()
}

#[test]
fn teams_and_cascades_that_refer_to_nothing_are_refused_by_line() {
    let office = office();
    let people = "person_id,name,role,login,team_id\nm01,赵丽,manager,m01,north\n".to_string();
    let refused = import(&office, &[("people.csv", people.clone())]);
    assert!(refused.code == 1 && refused.err.contains("people.csv:2: team_id: is not in teams.csv (north)"), "{}", refused.err);
    let team = |supervisor: &str| ("teams.csv", format!("team_id,name,supervisor\nnorth,北队,{supervisor}\n"));
    for (supervisor, what) in
        [("m02", "teams.csv:2: supervisor: is nobody of staff (m02)"), ("x9", "teams.csv:2: supervisor: is not in people.csv (x9)")]
    {
        let refused = import(&office, &[("people.csv", people.clone()), team(supervisor)]);
        assert!(refused.code == 1 && refused.err.contains(what), "{}", refused.err);
    }
    assert_eq!(import(&office, &[("people.csv", people), team("s01")]).code, 0);
    let cascade = |row: &str| import(&office, &[("target-cascade.csv", format!("month,level,unit,indicator,item,plan\n{row}\n"))]);
    for (row, what) in [
        ("2026-08,team,south,sales,,1", "unit: is not in teams.csv (south)"),
        ("2026-08,route,r999,sales,,1", "unit: is not in routes.csv (r999)"),
        ("2026-08,district,here,sales,,1", "unit: is not `district`"),
        ("2026-08,street,r001,sales,,1", "level: is none of district, team, route (street)"),
        ("2026-08,team,north,coverage,,1", "item: is empty"),
        ("2026-08,team,north,sales,,much", "plan: is not a decimal"),
        ("2026-08,team,north,nothing,,1", "indicator: is no indicator"),
    ] {
        let refused = cascade(row);
        assert!(refused.code == 1 && refused.err.contains(what), "{row}: {}", refused.err);
    }
    let hundred = import(&office, &[("targets.csv", "month,person_id,indicator,item,plan\n2026-08,m01,visit_completion,,1\n".into())]);
    assert!(hundred.code == 0 && hundred.out.contains("100 %"), "{}{}", hundred.out, hundred.err);
}

fn points(office: &HeadOffice, person: &str, indicator: &str) -> (String, String) {
    let score = serde_json::to_value(server::scores::month(office.app(), month(), None, Some(&id(person))).unwrap()).unwrap();
    let row = score["managers"][0]["indicators"].as_array().unwrap().iter().find(|i| i["id"] == indicator).unwrap().clone();
    (row["plan"].as_str().unwrap().to_string(), row["points"].as_str().unwrap().to_string())
}

#[test]
fn a_part_of_a_plan_changes_hands_when_both_agree_and_staff_confirm() {
    let office = office();
    let (mut giver, mut taker, mut other) = (Phone::of(&office, "m03"), Phone::of(&office, "m04"), Phone::of(&office, "m05"));
    let before = (points(&office, "m03", "slim"), points(&office, "m04", "slim"));
    let given: i64 = before.0.0.parse().unwrap();
    let taken: i64 = before.1.0.parse().unwrap();
    let network = Http::new(&office.url());
    let proposal = |amount: &str, from: &str, to: &str| TransferProposal {
        id: format!("t-{amount}-{from}").parse().unwrap(),
        from: id(from),
        to: id(to),
        month: month(),
        indicator: "slim".parse().unwrap(),
        item: None,
        amount: amount.parse().unwrap(),
        reason: "a route too many".into(),
    };
    for (bad, code) in [
        (proposal("1000000", "m03", "m04"), "invalid"),
        (proposal("0", "m03", "m04"), "invalid"),
        (proposal("1", "m03", "m03"), "invalid"),
        (proposal("1", "m03", "s01"), "invalid"),
        (TransferProposal { indicator: "structure".parse().unwrap(), ..proposal("1", "m03", "m04") }, "invalid"),
        (proposal("1", "m05", "m04"), "forbidden"),
    ] {
        assert_eq!(giver.propose_transfer(&network, &bad).unwrap_err().code(), code, "{bad:?}");
    }
    let agreed = proposal("100", "m03", "m04");
    giver.propose_transfer(&network, &agreed).unwrap();
    giver.propose_transfer(&network, &agreed).unwrap();
    assert_eq!(other.answer_transfer(&network, &agreed.id, true, "").unwrap_err().code(), "forbidden");
    // Proposed, and agreed to by one: nothing counts, and staff can't confirm it.
    let confirm =
        |who: &str| office.run(&Command::Targets { what: TargetsCommand::Confirm { id: agreed.id.clone(), by: By { by: Some(id(who)) } } });
    assert!(confirm("s01").err.contains("not_yet"), "{}", confirm("s01").err);
    taker.sync_with(&office);
    let asked = &taker.transfers(Some(month())).unwrap()[0];
    assert!(asked.asked && asked.takes_over && asked.with == id("m03"));
    taker.answer_transfer(&network, &agreed.id, true, "").unwrap();
    assert_eq!(points(&office, "m03", "slim"), before.0);

    assert_eq!(confirm("s01").code, 0);
    assert!(confirm("s01").err.contains("exists"), "{}", confirm("s01").err);
    let after = (points(&office, "m03", "slim"), points(&office, "m04", "slim"));
    assert_eq!((after.0.0.clone(), after.1.0.clone()), ((given - 100).to_string(), (taken + 100).to_string()));
    assert_ne!((&after.0.1, &after.1.1), (&before.0.1, &before.1.1));
    // The board says the same as each one's own score; so do the phones, and their receipts name the transfer.
    let board = serde_json::to_value(server::scores::month(office.app(), month(), None, None).unwrap()).unwrap();
    for (phone, person) in [(&mut giver, "m03"), (&mut taker, "m04")] {
        phone.sync_with(&office);
        let own = serde_json::to_value(phone.score(month(), None).unwrap()).unwrap();
        let paid = board["managers"].as_array().unwrap().iter().find(|manager| manager["person_id"] == person).unwrap();
        assert_eq!(&own["managers"][0], paid, "{person}");
        let receipt = phone.explain(month(), None, &"slim".parse().unwrap()).unwrap();
        assert_eq!(receipt.recompute(), receipt.points, "the receipt alone comes to the same");
        assert!(receipt.to_string().contains("transfers/t-100-m03"), "{receipt}");
    }
    // The imported rows are as they were: importing the folder again changes nothing.
    let again = office.run(&Command::Import { folder: tests::office::fushan(), replace: vec![], by: By::default(), format: Format::Json });
    let report: Value = serde_json::from_str(&again.out).unwrap();
    assert!(report["files"].as_array().unwrap().iter().all(|file| file["changed"] == 0 && file["added"] == 0), "{report}");
    assert_eq!(points(&office, "m03", "slim"), after.0);

    // No corrected plan is less than what was taken over of it, nor is it gone: it would count as less than nothing.
    let header = "month,person_id,indicator,item,plan\n";
    let low = import(&office, &[("targets.csv", format!("{header}2026-08,m04,slim,,1\n2026-08,m03,slim,,99\n"))]);
    let what = "targets.csv:3: plan: is less than the 100 that confirmed transfers took of it (99)";
    assert!(low.code == 1 && low.err.contains(what) && low.err.contains("1 fault:"), "{}", low.err);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("targets.csv"), format!("{header}2026-08,m04,slim,,5\n")).unwrap();
    let whole_truth = Command::Import {
        folder: folder.path().to_path_buf(),
        replace: vec!["targets.csv".into()],
        by: By::default(),
        format: Format::Text,
    };
    let gone = office.run(&whole_truth);
    assert!(gone.code == 1 && gone.err.contains("confirmed transfers took 100 of it (2026-08,m03,slim,)"), "{}", gone.err);
    assert_eq!(check(&office).1["overdrawn"], json!([]));
    assert_eq!(import(&office, &[("targets.csv", format!("{header}2026-08,m03,slim,,100\n"))]).code, 0, "all of it may be taken over");
    assert_eq!(import(&office, &[("targets.csv", format!("{header}2026-08,m03,slim,,{given}\n"))]).code, 0);

    let audit = office.app().store.audit_log(0, 100).unwrap().into_iter().filter(|row| row.subject.starts_with("transfer/"));
    let audit: Vec<(String, String)> = audit.map(|row| (row.who, row.action)).collect();
    let expected = [("m03", "transfer.propose"), ("m04", "transfer.agree"), ("s01", "transfer.confirm")];
    assert_eq!(audit, expected.map(|(who, action)| (who.to_string(), action.to_string())));
    declined_ones_never_count(&office, &mut giver, &network, &proposal("50", "m03", "m04"));
}

fn declined_ones_never_count(office: &HeadOffice, phone: &mut Phone, network: &Http, proposal: &TransferProposal) {
    let before = points(office, "m03", "slim");
    phone.propose_transfer(network, proposal).unwrap();
    let staff = office.sign_in("s01");
    let path = format!("/v1/transfers/{}/confirmation", proposal.id);
    refused(&post_json(office, &path, Some(&staff), &json!({ "approve": false })), 422, "invalid");
    assert_eq!(post_json(office, &path, Some(&staff), &json!({ "approve": false, "reason": "not this month" })).status, 204);
    refused(&post_json(office, &path, Some(&staff), &json!({ "approve": true })), 409, "exists");
    assert_eq!(points(office, "m03", "slim"), before);
    let listed = get(office, "/v1/transfers?month=2026-08", Some(&staff)).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["closed"]["reason"], "not this month");
}

#[test]
fn a_transfer_into_a_published_month_is_a_restatement() {
    let office = office();
    office.clock.set("2026-09-02", "08:00:00");
    let publish = || {
        office.run(&Command::Publish {
            month: month(),
            seen: None,
            incomplete: true,
            hold: vec![],
            release: vec![],
            by: By { by: Some(id("s01")) },
            format: Format::Text,
        })
    };
    let output = publish();
    assert_eq!(output.code, 0, "{}", output.err);
    let published = get(&office, "/v1/scores/2026-08", Some(&office.sign_in("s01"))).body;
    let (mut giver, mut taker) = (Phone::of(&office, "m03"), Phone::of(&office, "m04"));
    let network = Http::new(&office.url());
    let proposal = TransferProposal {
        id: "late".parse().unwrap(),
        from: id("m03"),
        to: id("m04"),
        month: month(),
        indicator: "slim".parse().unwrap(),
        item: None,
        amount: "500".parse().unwrap(),
        reason: String::new(),
    };
    giver.propose_transfer(&network, &proposal).unwrap();
    taker.answer_transfer(&network, &proposal.id, true, "").unwrap();
    let confirmed =
        office.run(&Command::Targets { what: TargetsCommand::Confirm { id: proposal.id.clone(), by: By { by: Some(id("s01")) } } });
    assert_eq!(confirmed.code, 0, "{}", confirmed.err);
    assert_eq!(get(&office, "/v1/scores/2026-08", Some(&office.sign_in("s01"))).body, published, "not a published byte changes");
    let restated = server::months::restatement::restatement(office.app(), month()).unwrap();
    let restated = serde_json::to_value(restated).unwrap();
    let who: Vec<&str> = restated["managers"].as_array().unwrap().iter().map(|manager| manager["person_id"].as_str().unwrap()).collect();
    assert_eq!(who, ["m03", "m04"]);
    for manager in restated["managers"].as_array().unwrap() {
        assert!(manager.to_string().contains("transfers/late"), "the fact that makes the difference is named: {manager}");
    }
    assert_eq!(publish().code, 0);
    let export = office.run(&Command::Export { what: server::ops::Export::Revision, month: month(), revision: None });
    assert_eq!(export.code, 0);
    let verified = shared::published::verify(&export.out, &office.app().keys.public_bytes());
    assert!(verified.is_ok(), "{:?}", verified.err());
}

#[test]
fn scores_roll_up_by_means_and_volumes_by_sums() {
    let office = office();
    assert_eq!(teams(&office, "", "").code, 0);
    let staff = office.sign_in("s01");
    let rolled = |path: &str| {
        let answer = get(&office, path, Some(&staff));
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    };
    let number = |value: &Value| -> f64 { value.as_str().expect("a decimal").parse().expect("a number") };
    let people = rolled("/v1/rollups/2026-08");
    let scores = get(&office, "/v1/scores/2026-08", Some(&staff)).json();
    for (row, manager) in people["rows"].as_array().unwrap().iter().zip(scores["managers"].as_array().unwrap()) {
        assert_eq!((&row["unit"], &row["total"]), (&manager["person_id"], &manager["total"]));
    }
    let of = |rows: &Value, unit: &str| rows["rows"].as_array().unwrap().iter().find(|row| row["unit"] == unit).unwrap().clone();
    let indicator = |row: &Value, id: &str| row["indicators"].as_array().unwrap().iter().find(|i| i["id"] == id).unwrap().clone();
    let teams = rolled("/v1/rollups/2026-08?by=team");
    let east = of(&teams, "east");
    let members = ["m01", "m02", "m03", "m04"].map(|person| of(&people, person));
    let mean = members.iter().map(|member| number(&member["total"])).sum::<f64>() / 4.0;
    assert!((number(&east["total"]) - mean).abs() < 0.000_06, "{east}");
    let sold: f64 = members.iter().map(|member| number(&indicator(member, "sales")["actual"])).sum();
    assert!((number(&indicator(&east, "sales")["actual"]) - sold).abs() < 0.001);
    assert_eq!(indicator(&east, "structure")["actual"], Value::Null, "a value per carton is nobody's sum");
    assert!(indicator(&members[0], "structure")["actual"].is_string());
    assert_eq!(rolled("/v1/rollups/2026-08?by=department")["rows"][0]["unit"], "一部");
    let quarter = rolled("/v1/rollups/2026Q3?by=district");
    assert_eq!(quarter["months"].as_array().unwrap().len(), 3);
    let year = rolled("/v1/rollups/2026?by=district");
    assert_eq!(year["rows"][0]["total"], quarter["rows"][0]["total"], "only these months have plans");
    let outlets = rolled("/v1/rollups/2026-08?by=outlet&person=m03");
    let shops = outlets["rows"].as_array().unwrap();
    let cartons: f64 = shops.iter().filter_map(|shop| shop["cartons"].get("sales")).map(number).sum();
    assert!((cartons - number(&indicator(&of(&people, "m03"), "sales")["actual"])).abs() < 0.1, "the shops' cartons are the manager's");
    refused(&get(&office, "/v1/rollups/2026-08?by=outlet", Some(&staff)), 422, "invalid");
    refused(&get(&office, "/v1/rollups/2025-08", Some(&staff)), 404, "not_found");
    refused(&get(&office, "/v1/rollups/August", Some(&staff)), 422, "invalid");
    let printed = office.run(
        &serde_json::from_value(
            json!({ "rollup": { "month": "2026-08", "quarter": null, "year": null, "by": "team", "person": null, "format": "text" } }),
        )
        .unwrap(),
    );
    assert!(printed.code == 0 && printed.out.contains("东队"), "{}{}", printed.out, printed.err);
}
