//! A field log through headless devices: once, again, interrupted, and with rows and devices that fail.

mod common;

use std::path::Path;
use std::sync::Arc;

use client_core::System;
use client_core::fieldlog::{self, FieldLog};
use client_core::replay::{Codes, Replay, ReplayFault, Summary, run};
use client_core::transport::Transport;
use common::Office;
use tempfile::tempdir;

const LOG: &str = "person_id,device,route_id,date,retailer_id,check_in,lat,lon,accuracy_m,check_out,stock,order,note
m01,phone,r1,2026-07-01,t1,08:00:00,37.4,121.0,20,08:20:00,a:4;b:0,a:1,
m01,phone,r1,2026-07-01,t2,09:00:00,,,,09:10:00,,,said hello
m01,phone,r1,2026-07-02,t1,08:00:00,,,,,a:x,,
m01,phone,r1,2026-07-02,t3,23:50:00,,,,00:10:00,a:7,,
m01,second,r1,2026-07-02,t4,10:00:00,,,,,,,
m02,phone,r1,2026-07-02,t5,10:00:00,,,,10:30:00,,b:2,
";
const CODES: &str = "person_id,code\nm01,code-m01-a\nm01,code-m01-b\nm02,code-m02\n";
/// Actions of the log's sound rows.
const ACTIONS: u64 = 4 + 3 + 3 + 1 + 3;

fn replay(office: &Arc<Office>, data: &Path, change: impl FnOnce(&mut Replay<'_>)) -> Result<Summary, ReplayFault> {
    let (log, codes) = (fieldlog::parse(LOG.as_bytes()), Codes::parse(CODES.as_bytes()).unwrap());
    replay_log(office, data, &log, &codes, change)
}

fn replay_log(
    office: &Arc<Office>,
    data: &Path,
    log: &FieldLog,
    codes: &Codes,
    change: impl FnOnce(&mut Replay<'_>),
) -> Result<Summary, ReplayFault> {
    let mut replay = Replay {
        log,
        codes,
        from: None,
        to: None,
        offline_days: 1,
        data: data.into(),
        server: "s",
        parallel: 2,
        sleep: &|_| {},
        surroundings: &|| Box::new(System),
    };
    change(&mut replay);
    run(&replay, &|| Box::new(office.clone()) as Box<dyn Transport>, &|_| {})
}

fn visits(office: &Office) -> usize {
    ["2026-07-01", "2026-07-02"].map(|day| office.document(&format!("day/r1/{day}")).sheet_facts().unwrap().visits.len()).iter().sum()
}

#[test]
fn a_log_goes_through_its_devices_and_bad_rows_are_refused() {
    let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
    let summary = replay(&office, data.path(), |_| {}).unwrap();
    assert_eq!((summary.devices, summary.device_days, summary.visits, summary.refused_rows), (3, 4, 5, 1));
    assert_eq!((summary.acknowledged, summary.pending), (ACTIONS, 0));
    assert_eq!(summary.faults, ["line 4, column stock: it is not a whole number of 0 to 1000000 packs (`a:x`)"]);
    assert!(!summary.is_clean());
    let facts = office.document("day/r1/2026-07-02").sheet_facts().unwrap();
    let night = facts.visits.iter().find(|visit| visit.retailer.as_str() == "t3").unwrap();
    assert_eq!(night.out_ms.unwrap() - night.in_ms, 20 * 60 * 1000);
    assert_eq!(facts.visits.len(), 3);
}

#[test]
fn a_replay_goes_on_where_it_stopped_and_does_nothing_twice() {
    let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
    replay(&office, data.path(), |replay| replay.to = Some(jiff::civil::date(2026, 7, 1))).unwrap();
    let first_day = office.with(|office| office.log.len());
    assert_eq!(first_day, 7);
    for _ in 0..2 {
        let summary = replay(&office, data.path(), |_| {}).unwrap();
        assert_eq!((summary.acknowledged, summary.visits), (ACTIONS, 5));
        assert_eq!((visits(&office), office.with(|office| office.log.len() as u64)), (5, ACTIONS));
    }
}

#[test]
fn a_replay_whose_line_dies_is_finished_by_the_next() {
    let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
    office.with(|office| office.deaf = 1000);
    let summary = replay(&office, data.path(), |_| {}).unwrap();
    assert_eq!((summary.acknowledged, summary.faults.len()), (0, 4));
    office.with(|office| office.deaf = 0);
    let summary = replay(&office, data.path(), |_| {}).unwrap();
    assert_eq!((summary.acknowledged, visits(&office)), (ACTIONS, 5));
}

/// Devices that lost their stores make the same visits again.
#[test]
fn visit_ids_follow_from_the_log() {
    let ids = || {
        let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
        replay(&office, data.path(), |replay| replay.offline_days = 30).unwrap();
        let facts = office.document("day/r1/2026-07-02").sheet_facts().unwrap();
        facts.visits.iter().map(|visit| visit.visit).collect::<Vec<_>>()
    };
    let first = ids();
    assert_eq!(first, ids());
    assert!(first.iter().all(|id| id.0[6] >> 4 == 7), "UUIDv7 by form");
}

#[test]
fn a_wrong_code_is_not_kept() {
    let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
    let log = fieldlog::parse(LOG.as_bytes());
    let wrong = Codes::parse(b"person_id,code\nm01,x\nm01,y\nm02,z\n").unwrap();
    let summary = replay_log(&office, data.path(), &log, &wrong, |_| {}).unwrap();
    assert_eq!((summary.acknowledged, summary.faults.len()), (0, 4));
    let summary = replay(&office, data.path(), |_| {}).unwrap();
    assert_eq!(summary.acknowledged, ACTIONS);
}

#[test]
fn too_few_codes_name_the_person_before_anything_is_done() {
    let (office, data) = (Arc::new(Office::new()), tempdir().unwrap());
    let log = fieldlog::parse(LOG.as_bytes());
    let codes = Codes::parse(b"person_id,code\nm01,code-m01\nm02,code-m02\n").unwrap();
    let fault = replay_log(&office, data.path(), &log, &codes, |_| {}).unwrap_err();
    assert!(matches!(&fault, ReplayFault::TooFewCodes(person) if person.as_str() == "m01"), "{fault}");
    assert_eq!(office.with(|office| office.requests.len()), 0);
}
