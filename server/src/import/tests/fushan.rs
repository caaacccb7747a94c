//! The sample district.

use std::collections::BTreeSet;

use super::*;
use crate::import::{FILES, ImportError, sales_needed};

#[test]
fn the_sample_district_comes_in_and_coming_in_again_changes_nothing() {
    let folder = fushan();
    // The sample has no teams, no cascade, as its managers' plans stand alone, and no festivals.
    let left_out = ["teams.csv", "target-cascade.csv", "festivals.csv"];
    let expected: BTreeSet<&str> = FILES.into_iter().filter(|file| !left_out.contains(file)).collect();
    assert_eq!(folder.files.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    let first = import(&Reference::default(), &folder);
    assert_eq!(first.report.warnings, Vec::<String>::new());
    assert_eq!(counts(&first.report, "people.csv"), (10, 10, 0, 0, 0));
    assert_eq!(counts(&first.report, "retailers.csv"), (1053, 1053, 0, 0, 0));
    assert_eq!(counts(&first.report, "sales.csv"), (128_531, 128_531, 0, 0, 0));
    let next = &first.next;
    let sold: usize = next.sales.values().map(|block| block.rows.len()).sum();
    assert_eq!((next.routes.len(), next.skus.len(), next.schemes.len(), sold), (88, 80, 1, 128_531));

    let second = import(next, &folder);
    assert_eq!(second.next, first.next);
    assert_eq!(second.next.rows(), first.next.rows());
    for file in &second.report.files {
        assert_eq!((file.added, file.changed, file.removed, file.unchanged), (0, 0, 0, file.rows), "{}", file.file);
    }
}

#[test]
fn only_the_sales_that_a_folder_touches_are_needed() {
    let all = import(&Reference::default(), &fushan()).next;
    let day = "date,retailer_id,sku,packs,value\n2026-07-06,t00001,6901028090063,11,79.17\n";
    let folder = with(Folder::default(), "sales.csv", day);
    let needed = sales_needed(&all, &folder, &BTreeSet::new());
    assert_eq!((needed.dates.len(), needed.since), (1, None));

    let mut some = all.clone();
    some.sales.retain(|(date, _), _| needed.covers(*date));
    let (from_all, from_some) = (import(&all, &folder), import(&some, &folder));
    assert_eq!(counts(&from_all.report, "sales.csv"), (1, 0, 1, 0, 0));
    assert_eq!(from_some.report, from_all.report);
    assert!(from_some.next.sales.iter().all(|(key, block)| from_all.next.sales[key] == *block));
}

#[test]
fn progress_reaches_the_end() {
    let mut told = Vec::new();
    plan(&Reference::default(), &Recorded::new(), &fushan(), &BTreeSet::new(), &mut |file, done, total| {
        told.push((file.to_string(), done, total))
    })
    .unwrap();
    assert!(told.is_sorted_by_key(|(_, done, _)| *done));
    let (file, done, total) = told.last().unwrap();
    assert_eq!((file.as_str(), done), ("sales.csv", total));
}

#[test]
fn a_folder_is_read_as_far_as_it_is_known() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(read_folder(&dir.path().join("nowhere")), Err(ImportError::Folder { .. })));
    std::fs::write(dir.path().join("field-log.csv"), "x").unwrap();
    assert!(matches!(read_folder(dir.path()), Err(ImportError::NothingKnown { .. })));
    for name in ["routes.csv", "Retailers.csv", "notes.txt"] {
        std::fs::write(dir.path().join(name), "route_id,name\nr1,东线\n").unwrap();
    }
    let folder = read_folder(dir.path()).unwrap();
    assert_eq!(folder.files.keys().collect::<Vec<_>>(), ["routes.csv"]);
    assert_eq!(import(&Reference::default(), &folder).report.warnings, ["unknown file `Retailers.csv` is ignored"]);
}

#[test]
fn a_report_reads_as_a_table_and_as_json() {
    let report = import(&Reference::default(), &with(district(), "routes.csv", "route_id,name,colour\nr1,东线,red\nr2,西线,blue\n")).report;
    let text = report.to_text();
    assert!(text.contains("\nroutes.csv                   2         2         0          0         0\n"), "{text}");
    assert!(text.ends_with("warning: routes.csv: unknown column `colour` is ignored\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!((&json["faults_found"], &json["files"][0]["file"]), (&0.into(), &"org.toml".into()));
}
