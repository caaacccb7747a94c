//! A folder with a bit of everything wrong.

use super::*;

/// A file of the sample with one of its lines (from 1) edited, and the new line's own text.
fn line_edited(folder: Folder, file: &str, line: usize, edit: impl FnOnce(&str) -> Vec<u8>) -> Folder {
    let text = String::from_utf8(folder.files[file].clone()).unwrap();
    let mut lines: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
    lines[line - 1] = edit(text.lines().nth(line - 1).unwrap());
    with(folder, file, lines.join(&b'\n'))
}

#[test]
fn every_fault_is_listed_with_its_file_line_and_column() {
    let mut broken = line_edited(fushan(), "people.csv", 1, |line| line.replace("role", "job").into());
    broken = line_edited(broken, "calendar.csv", 17, |line| line.replace("2026-07-", "2026-7-").into());
    broken = line_edited(broken, "retailers.csv", 400, |line| line.replace(",r0", ",q0").into());
    broken = line_edited(broken, "assignments.csv", 101, |line| format!("{line}\nr001,m02,owner,2026-08-01,2026-08-31").into());
    broken = line_edited(broken, "targets.csv", 2, |line| line.replace("23065", "23 065").into());
    broken = line_edited(broken, "events.csv", 71, |line| [line.as_bytes(), b"\xE6\xA3"].concat());
    broken = line_edited(broken, "sales.csv", 128_532, |line| line.split(',').take(3).collect::<Vec<_>>().join(",").into());

    let report = attempt(&Reference::default(), &broken, &[]).unwrap_err();
    let found: Vec<_> = report.faults.iter().map(|f| (f.file.as_str(), f.line.unwrap(), f.column.as_deref())).collect();
    let expected = [
        ("people.csv", 1, Some("role")),
        ("retailers.csv", 400, Some("route_id")),
        ("assignments.csv", 102, Some("from")),
        ("calendar.csv", 17, Some("date")),
        ("targets.csv", 2, Some("plan")),
        ("events.csv", 71, Some("note")),
        ("sales.csv", 128_532, None),
    ];
    assert_eq!(found, expected, "{}", report.to_text());
    assert_eq!(
        report.faults[2].to_string(),
        "assignments.csv:102: from: r001 has two owners on 2026-08-01: m02 here, m01 from 2026-07-01 (line 2) (2026-08-01)"
    );
    assert_eq!(report.faults[4].to_string(), "targets.csv:2: plan: is not a decimal number of at most 28 digits (23 065)");
    assert!(report.to_text().ends_with("\n7 faults: nothing was imported\n"));
    assert_eq!(report.warnings, ["people.csv: unknown column `job` is ignored"]);
}

#[test]
fn faults_beyond_the_bound_are_counted() {
    let rows: String = (0..1500).map(|n| format!("r{n},\n")).collect();
    let folder = with(Folder::default(), "routes.csv", format!("route_id,name\n{rows}"));
    let report = attempt(&Reference::default(), &folder, &[]).unwrap_err();
    assert_eq!((report.faults.len(), report.faults_found), (1000, 1500));
    assert!(report.to_text().ends_with("… and 500 more\n1500 faults: nothing was imported\n"));
}

#[test]
fn a_fault_is_reported_where_it_is_not_wherever_it_is_referred_to() {
    let folder = edited(district(), "retailers.csv", "t1,,一店,r1,1,6", "t1,,一店,r1,1,31");
    assert_eq!(faults_over(&Reference::default(), &folder), ["retailers.csv:2: grade: is not a whole number from 1 to 30 (31)"]);
    let folder = with(district(), "people.csv", "");
    assert_eq!(faults_over(&Reference::default(), &folder), ["people.csv:1: the file is empty: it lacks its header"]);
    let folder = edited(district(), "scheme.toml", "weight = \"10\"", "weight = 10");
    let faults = faults_over(&Reference::default(), &folder);
    assert!(faults.len() == 1 && faults[0].starts_with("scheme.toml:14: column 10: `weight` of indicator `volume`"), "{faults:?}");
}

#[test]
fn a_value_cannot_forge_a_line_of_the_report() {
    let fault = fault_of("calendar.csv", "2026-07-07", "\"x\n0 faults\u{1b}[2J\"");
    assert_eq!(fault, "calendar.csv:3: date: is not a date (YYYY-MM-DD) that exists (x\\n0 faults\\u{1b}[2J)");
}
