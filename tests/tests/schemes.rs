//! Head office changes its scheme: it compares, tries the new one on the last quarter, and only then takes it in.

use std::path::PathBuf;

use serde_json::{Value, json};
use tests::clock::TestClock;
use tests::forge::{get, post_json, refused};
use tests::office::{HeadOffice, fushan};
use tests::program::{run, text};

fn scheme() -> String {
    std::fs::read_to_string(fushan().join("scheme.toml")).unwrap()
}

/// The founding scheme with the sales gate at 0.95, sales at weight 20, no slim indicator, a new one, and 3 stars twice.
fn proposal() -> String {
    let mut text = scheme();
    let slim = text.find("[[indicator]]\nid = \"slim\"").unwrap();
    let next = text.match_indices("[[indicator]]").map(|(at, _)| at).find(|at| *at > slim).unwrap();
    text.replace_range(slim..next, "");
    for (from, to) in [
        ("below = \"0.80\"", "below = \"0.95\"\neffect = \"no_points\""),
        ("weight = \"15\"\nmeasure = { kind = \"volume\" }", "weight = \"20.0\"\nmeasure = { kind = \"volume\" }"),
        ("id = \"fushan-2016\"", "id = \"proposal\"\nvalid_from = \"2026-10\""),
        ("places = 1 ", "places = 2 "),
        ("cap = \"1.20\"\nmeasure = { kind = \"value_per_carton\" }", "cap = \"1.2\"\nmeasure = { kind = \"value_per_carton\" }"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text + "\n[[indicator]]\nid = \"class_2\"\nclass = \"cultivation\"\ntitle = { en = \"Class 2\", zh = \"二类\" }\nformula = \"ratio\"\nweight = \"5\"\nmeasure = { kind = \"volume\", price_class = [2] }\nsource = \"local\"\n"
}

struct Desk {
    office: HeadOffice,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { office: HeadOffice::with_fushan(&TestClock::at("2026-10-08", "09:00:00")), folder: tempfile::tempdir().unwrap() }
    }
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
    /// A command beside the running server, as a user types it.
    fn roundsman(&self, arguments: &[&str]) -> (i32, String, String) {
        let data = self.office.data().to_string_lossy().into_owned();
        let output = run("roundsman", &[&["--data", &data], arguments].concat());
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }
    fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.roundsman(&[arguments, &["--format", "json"]].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }
    fn versions(&self) -> Vec<(String, bool)> {
        let versions = self.json(&["scheme", "list"]);
        let row = |v: &Value| (v["id"].as_str().unwrap().to_string(), v["in_force"].as_bool().unwrap());
        versions.as_array().unwrap().iter().map(row).collect()
    }
}

#[test]
fn a_proposal_is_compared_tried_on_the_last_quarter_and_only_then_taken_in() {
    let desk = Desk::new();
    let file = desk.file("next.toml", &proposal());
    let file = file.to_str().unwrap();
    let versions = desk.json(&["scheme", "list"]);
    let hash = versions[0]["hash"].as_str().unwrap().to_string();

    let (code, out, err) = desk.roundsman(&["scheme", "compare", hash.get(..8).unwrap(), file]);
    assert_eq!(code, 0, "{err}");
    for line in [
        "gate below 0.8 0.95",
        "gate effect cap_at_weight no_points",
        "sales weight 15 20",
        "slim (removed) weight 6 –",
        "stars band 3: places 1 2",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(out.lines().any(|l| l.split_whitespace().collect::<Vec<_>>() == words), "{line} is in\n{out}");
    }
    assert!(out.contains("class_2 (added)") && !out.contains("structure"), "1.2 and 1.20 are one cap: {out}");

    let before = desk.json(&["score", "--month", "2026-08"]);
    let replay = desk.json(&["scheme", "replay", "--scheme", file, "--quarter", "2026Q3", "--gate", "both"]);
    let [capped, nothing] = replay["readings"].as_array().unwrap().as_slice() else { panic!("two readings") };
    assert_eq!((&capped["gate"], &nothing["gate"]), (&json!("cap_at_weight"), &json!("no_points")));
    // What they have now is what the score says, and what they would have is less where the gate takes all.
    let august = |reading: &Value| reading["months"][1]["managers"].as_array().unwrap().clone();
    for (manager, paid) in august(capped).iter().zip(before["managers"].as_array().unwrap()) {
        assert_eq!((&manager["person_id"], &manager["now"]), (&paid["person_id"], &paid["total"]));
        let of = |id: &str| manager["indicators"].as_array().unwrap().iter().find(|i| i["id"] == id).unwrap().clone();
        assert_eq!((&of("slim")["then"], &of("class_2")["now"]), (&Value::Null, &Value::Null));
        assert_eq!(of("class_2")["status_then"], "no_plan");
    }
    let gated: Vec<Value> = august(nothing).into_iter().filter(|manager| manager["gated_then"] == true).collect();
    assert!(!gated.is_empty() && gated.iter().all(|manager| manager["indicators"][0]["then"] == "0.0000"));
    let stars = nothing["stars"].as_array().unwrap();
    assert_eq!(stars.iter().filter(|row| row["stars_then"] == 3).count(), 2);
    assert!(stars.iter().all(|row| row["stars_then"] != 3 || row["monthly_pay_then"].is_null()), "a pay that is not set is not made up");
    let warnings: Vec<&str> = nothing["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(warnings.contains(&"class_2 has no plan in 24 of 24 months of managers: 0 points there"), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.starts_with("the band of 3 stars has no monthly_pay")), "{warnings:?}");
    // Nothing of it is stored.
    assert_eq!(desk.versions(), [("fushan-2016".to_string(), true)]);
    assert_eq!(desk.json(&["score", "--month", "2026-08"])["managers"], before["managers"]);

    let (code, out, err) = desk.roundsman(&["scheme", "import", file, "--by", "s01"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("scheme.toml"), "{out}");
    assert_eq!(desk.versions(), [("fushan-2016".to_string(), false), ("proposal".to_string(), true)]);
    let audit = desk.json(&["audit"]);
    let row = audit.as_array().unwrap().iter().rfind(|row| row["action"] == "scheme.import").expect("the audit log has it");
    assert_eq!(row["who"], "s01");
    // The quarter that is over keeps its scheme.
    assert_eq!(desk.json(&["score", "--month", "2026-08"])["managers"], before["managers"]);
    assert_eq!(desk.roundsman(&["scheme", "show", &hash]).1, scheme());
    let (code, ..) = desk.roundsman(&["scheme", "import", file]);
    assert_eq!((code, desk.versions().len()), (0, 2), "again, it changes nothing");
}

#[test]
fn the_scheme_in_force_replayed_differs_in_nothing() {
    let desk = Desk::new();
    let replay = desk.json(&["scheme", "replay", "--scheme", fushan().join("scheme.toml").to_str().unwrap(), "--quarter", "2026Q3"]);
    let reading = &replay["readings"][0];
    for month in reading["months"].as_array().unwrap() {
        for manager in month["managers"].as_array().unwrap() {
            assert_eq!(manager["difference"], "0.0000");
            assert!(manager["indicators"].as_array().unwrap().iter().all(|i| i["now"] == i["then"]));
        }
    }
    for row in reading["stars"].as_array().unwrap() {
        assert_eq!(
            (&row["stars_now"], &row["monthly_pay_now"], &row["rank_now"]),
            (&row["stars_then"], &row["monthly_pay_then"], &row["rank_then"])
        );
    }
    let (_, out, _) =
        desk.roundsman(&["scheme", "replay", "--scheme", fushan().join("scheme.toml").to_str().unwrap(), "--month", "2026-08"]);
    assert!(out.contains("no indicator differs"), "{out}");
}

#[test]
fn a_faulty_scheme_is_refused_with_every_line_and_nothing_else_happens() {
    let desk = Desk::new();
    let faulty = scheme().replacen("weight = \"15\"", "weight = \"many\"", 1).replacen("indicator = \"sales\"", "indicator = \"luck\"", 1);
    let file = desk.file("faulty.toml", &faulty);
    let file = file.to_str().unwrap();
    for arguments in
        [&["scheme", "import", file][..], &["scheme", "replay", "--scheme", file, "--month", "2026-08"], &["scheme", "compare", file, file]]
    {
        let (code, _, err) = desk.roundsman(arguments);
        assert_eq!(code, 1, "{arguments:?}");
        assert!(err.contains("many") && err.contains("luck"), "{arguments:?}: {err}");
    }
    assert_eq!(desk.versions().len(), 1);
    let (code, _, err) = desk.roundsman(&["scheme", "compare", "abcdef", file]);
    assert_eq!(code, 1);
    assert!(err.contains("no version has the hash abcdef"), "{err}");
    let gateless = scheme().replacen("[gate]\nindicator = \"sales\"\nbelow = \"0.80\"\n", "", 1);
    let file = desk.file("gateless.toml", &gateless);
    let (code, _, err) = desk.roundsman(&["scheme", "replay", "--scheme", file.to_str().unwrap(), "--month", "2026-08", "--gate", "both"]);
    assert_eq!(code, 1);
    assert!(err.contains("has no gate"), "{err}");
}

#[test]
fn the_console_does_the_same_and_only_an_admin_takes_a_scheme_in() {
    let desk = Desk::new();
    let (staff, admin) = (desk.office.sign_in("s01"), desk.office.sign_in("a01"));
    let token = Some(staff.as_str());
    let hash = get(&desk.office, "/v1/schemes", token).json()[0]["hash"].as_str().unwrap().to_string();
    let pair = json!({"a": {"hash": hash}, "b": {"text": proposal()}});
    let comparison = post_json(&desk.office, "/v1/schemes/compare", token, &pair);
    assert_eq!((comparison.status, &comparison.json()["same"]), (200, &json!(false)));
    let asked = json!({"scheme": {"text": proposal()}, "quarter": "2026Q3", "gate": "both"});
    let replay = post_json(&desk.office, "/v1/schemes/replay", token, &asked);
    assert_eq!((replay.status, replay.json()["readings"].as_array().unwrap().len()), (200, 2));
    refused(&post_json(&desk.office, "/v1/schemes/replay", token, &json!({"scheme": {"hash": hash}})), 422, "invalid");
    refused(&post_json(&desk.office, "/v1/schemes", token, &json!({"text": proposal()})), 403, "forbidden");
    let faulty = post_json(&desk.office, "/v1/schemes", Some(&admin), &json!({"text": "id = 5"}));
    assert!(faulty.status == 422 && !faulty.json()["faults"].as_array().unwrap().is_empty());
    assert_eq!(post_json(&desk.office, "/v1/schemes", Some(&admin), &json!({"text": proposal()})).status, 200);
    assert_eq!(get(&desk.office, "/v1/schemes", token).json().as_array().unwrap().len(), 2);
    let audit = desk.office.app().store.audit_log(0, 100).unwrap();
    let said: Value = serde_json::from_str(audit.last().unwrap().after.as_deref().unwrap()).unwrap();
    assert_eq!((audit.last().unwrap().action.as_str(), &said["changes"][0]["kind"]), ("scheme.import", &json!("scheme")));
    assert_eq!((&said["changes"][0]["before"], &said["changes"][0]["after"]["ordinal"]), (&Value::Null, &json!(1)));
    assert_eq!(get(&desk.office, &format!("/v1/schemes/{hash}"), token).status, 200);
    refused(&get(&desk.office, "/v1/width/fit?quarter=2026Q3", token), 422, "invalid");
}
