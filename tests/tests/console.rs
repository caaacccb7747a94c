//! What the console asks of head office: the board, a manager's day, a visit, sessions by cookie, and the description that
//! its types are made from.

use std::path::Path;

use serde_json::Value;
use tests::clock::TestClock;
use tests::forge::get;
use tests::office::HeadOffice;

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
