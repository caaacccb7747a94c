//! The commands that a user types, as processes.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::office::fushan;
use tests::program::{ServeProcess, run, text};

fn roundsman(data: &Path, arguments: &[&str]) -> (i32, String, String) {
    let data = data.to_string_lossy();
    let output = run("roundsman", &[&["--data", &data], arguments].concat());
    (output.status.code().expect("it ends by itself"), text(&output.stdout), text(&output.stderr))
}

/// The sample district in a folder that a test may damage.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district");
    std::fs::create_dir(&path).unwrap();
    for entry in std::fs::read_dir(fushan()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), path.join(entry.file_name())).unwrap();
        }
    }
    (folder, path)
}

fn edit(file: &Path, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let bytes = std::fs::read(file).unwrap();
    std::fs::write(file, change(bytes)).unwrap();
}

fn replace(file: &Path, from: &str, to: &str) {
    edit(file, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from} is in {}", file.display());
        text.replacen(from, to, 1).into_bytes()
    });
}

fn line_of(file: &Path, what: &str) -> u64 {
    let text = std::fs::read(file).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().position(|line| line.contains(what)).expect("the line is there") as u64 + 1
}

#[test]
fn a_broken_copy_of_the_district_is_refused_whole_with_every_fault_listed() {
    let (_folder, district) = copy();
    let file = |name: &str| district.join(name);
    replace(&file("width-standards.csv"), "route_id,standard,ideal", "route_id,standart,ideal");
    replace(&file("calendar.csv"), "2026-07-01,r012", "2026-02-30,r012");
    replace(&file("retailers.csv"), "t00002,宅院顺达食杂店,r001", "t00002,宅院顺达食杂店,r999");
    edit(&file("assignments.csv"), |mut bytes| {
        bytes.extend(b"r001,m02,owner,2026-08-01,2026-08-02\n");
        bytes
    });
    replace(&file("targets.csv"), "2026-07,m01,sales,,23065", "2026-07,m01,sales,,many");
    edit(&file("skus.csv"), |mut bytes| {
        let at = bytes.windows(6).position(|w| w == "岱岳".as_bytes()).unwrap();
        bytes[at] = 0xff;
        bytes
    });
    edit(&file("events.csv"), |mut bytes| {
        let end = bytes.iter().rposition(|b| *b == b',').unwrap();
        bytes.truncate(end - 1);
        bytes
    });
    let data = tempfile::tempdir().unwrap();
    let (code, out, _) = roundsman(data.path(), &["import", &district.to_string_lossy(), "--format", "json"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    let found: Vec<(String, u64, String)> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap_or_default().to_string();
            (text("file"), f["line"].as_u64().unwrap_or_default(), text("column"))
        })
        .collect();
    let last_event = String::from_utf8_lossy(&std::fs::read(file("events.csv")).unwrap()).lines().count() as u64;
    for (name, line, column) in [
        ("width-standards.csv", 1, "standard"),
        ("calendar.csv", line_of(&file("calendar.csv"), "2026-02-30"), "date"),
        ("retailers.csv", line_of(&file("retailers.csv"), "r999"), "route_id"),
        ("assignments.csv", line_of(&file("assignments.csv"), "r001,m02"), ""),
        ("targets.csv", line_of(&file("targets.csv"), "many"), "plan"),
        ("skus.csv", 2, "name"),
        ("events.csv", last_event, ""),
    ] {
        let hit = found.iter().any(|(f, l, c)| f == name && *l == line && (column.is_empty() || c == column));
        assert!(hit, "{name}:{line}: {column} is listed in {found:#?}");
    }
    let (code, _, err) = roundsman(data.path(), &["import", &district.to_string_lossy()]);
    assert_eq!(code, 1);
    assert!(err.contains("calendar.csv:3: date") && err.contains("retailers.csv:3: route_id"), "{err}");
    let (code, _, err) = roundsman(data.path(), &["enrol", "--all"]);
    assert_eq!(code, 1, "nothing was imported");
    assert!(err.contains("no managers"), "{err}");
}

#[test]
fn importing_twice_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let import = |data: &Path| {
        let (code, out, err) = roundsman(data, &["import", &fushan().to_string_lossy(), "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let positions = |data: &Path| {
        let store = server::store::sqlite::SqliteStore::open(&data.join("roundsman.db"), 0).unwrap();
        server::store::Store::positions(&store).unwrap()
    };
    import(data.path());
    let before = positions(data.path());
    let again = import(data.path());
    for file in again["files"].as_array().unwrap() {
        assert_eq!((&file["added"], &file["changed"], &file["removed"]), (&0.into(), &0.into(), &0.into()), "{file}");
    }
    assert_eq!(positions(data.path()), before);
}

#[test]
fn commands_work_with_and_without_a_running_server_which_sees_what_they_changed() {
    let data = tempfile::tempdir().unwrap();
    let server = ServeProcess::start(data.path());
    let (code, out, err) = roundsman(data.path(), &["import", &fushan().to_string_lossy()]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("sales.csv"), "{out}");
    let (code, codes, _) = roundsman(data.path(), &["enrol", "--person", "m01"]);
    assert_eq!((code, codes.lines().count()), (0, 2));
    let device = tempfile::tempdir().unwrap();
    let code = codes.lines().nth(1).unwrap().split(',').nth(1).unwrap().to_string();
    let store = device.path().to_string_lossy().into_owned();
    let enrolled = run("roundsman-device", &["--data", &store, "enrol", "--server", &server.url, "--code", &code]);
    assert!(enrolled.status.success(), "{}", text(&enrolled.stderr));
    let (code, _, err) = roundsman(data.path(), &["restore", "/nowhere"]);
    assert_eq!(code, 1);
    assert!(err.contains("stop it first"), "{err}");
    let (code, _, err) = roundsman(data.path(), &["score", "--month", "2030-13"]);
    assert_eq!(code, 2, "{err}");
    let running = roundsman(data.path(), &["score", "--month", "2026-08", "--format", "json"]);
    drop(server);
    let alone = roundsman(data.path(), &["score", "--month", "2026-08", "--format", "json"]);
    assert_eq!(running.0, 0, "{}", running.2);
    assert_eq!(running, alone);
}

#[test]
fn every_command_says_what_it_found() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(roundsman(data.path(), &["import", &fushan().to_string_lossy()]).0, 0);
    let said = |arguments: &[&str], what: &str| {
        let (code, out, err) = roundsman(data.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
        assert!(out.contains(what), "{arguments:?}: {out}");
    };
    said(&["score", "--month", "2026-08"], "赵丽");
    said(&["stars", "--quarter", "2026Q3"], "★");
    said(&["explain", "--month", "2026-08", "--person", "m08", "--indicator", "sales"], "9.3000");
    said(&["progress", "--date", "2026-08-05"], "r026");
    said(&["export", "scores", "--month", "2026-08"], "2026-08,m08,");
    said(&["export", "visits", "--month", "2026-08"], "retailer_id");
    said(&["quarantine"], "nothing is held back");
    said(&["password", "--login", "s01"], "password");
    let backup = data.path().join("copy.db");
    said(&["backup", &backup.to_string_lossy()], "checked");
    assert_eq!(roundsman(data.path(), &["backup", &backup.to_string_lossy()]).0, 1, "a backup never overwrites");
    said(&["restore", &backup.to_string_lossy()], "new epoch");
    said(&["score", "--month", "2026-08"], "赵丽");
}

#[test]
fn what_is_published_verifies_by_the_key_alone_and_not_when_it_was_altered() {
    let data = tempfile::tempdir().unwrap();
    let done = |arguments: &[&str]| {
        let (code, out, err) = roundsman(data.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
        out
    };
    done(&["import", &fushan().to_string_lossy()]);
    let (code, _, err) = roundsman(data.path(), &["publish", "--month", "2026-08", "--by", "s01"]);
    assert!(code == 1 && err.contains("m01") && err.contains("not_yet"), "silence is not zero: {err}");
    assert!(done(&["publish", "--month", "2026-08", "--by", "s01", "--incomplete"]).contains("revision 1"));
    assert!(done(&["month", "--month", "2026-08"]).contains("s01"));
    assert!(done(&["restatement", "--month", "2026-08"]).contains("nothing is different"));
    let key = done(&["key"]);
    let exported = done(&["export", "revision", "--month", "2026-08"]);
    let receipt = done(&["explain", "--month", "2026-08", "--person", "m03", "--indicator", "sales", "--format", "json"]);
    // Elsewhere, with nothing but the key.
    let elsewhere = tempfile::tempdir().unwrap();
    let verify = |content: &str| {
        let file = elsewhere.path().join("file");
        std::fs::write(&file, content).unwrap();
        let output = run("roundsman", &["verify", &file.to_string_lossy(), "--key", key.trim()]);
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = verify(&exported);
    assert!(code == 0 && out.contains("8 managers"), "{out}{err}");
    let (code, out, err) = verify(&receipt);
    assert!(code == 0 && out.contains("m03 sales"), "{out}{err}");
    for (file, from, to) in [
        (&exported, "\"total\":\"", "\"total\":\"1"),
        (&exported, "\"input\":\"A", "\"input\":\"B"),
        (&receipt, "\"packs\": 1", "\"packs\": 2"),
    ] {
        assert!(file.contains(from), "{from} is in it");
        let (code, _, err) = verify(&file.replacen(from, to, 1));
        assert!(code == 1 && !err.is_empty(), "{from} became {to}");
    }
    // One key in 64 begins with a hyphen.
    for foreign in ["short", "-FzE8TqkSgBgOCdV6OtmVhFE8nOtYv7pJ4mTuNyq1Xk"] {
        let foreign = run("roundsman", &["verify", &elsewhere.path().join("file").to_string_lossy(), "--key", foreign]);
        assert_eq!(foreign.status.code(), Some(1), "{}", text(&foreign.stderr));
    }

    // A dispute, from filing to the stars' next count, and who did what.
    let sales = ["dispute", "file", "--month", "2026-08", "--person", "m03", "--indicator", "sales", "--text", "a return was mine"];
    let dispute = done(&sales);
    let id = dispute.trim();
    done(&["dispute", "rule", "--id", id, "--points", "-0.25", "--text", "it was not", "--by", "s01"]);
    assert_eq!(roundsman(data.path(), &["dispute", "approve", "--id", id, "--by", "s01"]).0, 1, "who recorded it does not approve it");
    done(&["dispute", "approve", "--id", id, "--by", "a01"]);
    assert!(done(&["restatement", "--month", "2026-08"]).contains("-0.25 it was not"));
    assert!(done(&["publish", "--month", "2026-08", "--by", "a01"]).contains("revision 2"));
    assert!(done(&["dispute", "list"]).contains("approved by a01"));
    assert!(done(&["stars", "--quarter", "2026Q3"]).contains("open months, whose scores may still change: 2026-07, 2026-09"));
    assert!(done(&["audit"]).contains("dispute.approve"));
    let (code, out, err) = verify(&done(&["export", "revision", "--month", "2026-08"]));
    assert!(code == 0 && out.contains("revision 2"), "{out}{err}");
    let recorded =
        done(&["event", "record", "--date", "2026-08-12", "--person", "m03", "--indicator", "adhoc_work", "--points", "1", "--by", "s01"]);
    assert!(done(&["event", "list", "--awaiting"]).contains(recorded.trim()));
    done(&["event", "approve", "--id", recorded.trim(), "--by", "a01"]);
    assert!(done(&["restatement", "--month", "2026-08"]).contains("adhoc_work"));
}
