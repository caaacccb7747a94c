//! The store conformance suite, over each store that there is.

use server::store::Store;
use server::store::sqlite::SqliteStore;
use tests::conformance;

fn sqlite() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("roundsman.db"), 0).unwrap();
    (folder, store)
}

#[test]
fn sqlite_appends_once() {
    conformance::appends_once(&sqlite().1);
}

#[test]
fn sqlite_lets_land_what_waited() {
    conformance::waiting_lands(&sqlite().1);
}

#[test]
fn sqlite_holds_back_and_admits() {
    conformance::quarantine_rules(&sqlite().1);
}

#[test]
fn sqlite_moves_reference_rows() {
    conformance::reference_moves(&sqlite().1);
}

#[test]
fn sqlite_never_lets_a_cursor_skip() {
    conformance::no_cursor_skips(&sqlite().1);
}

#[test]
fn sqlite_bounds_its_pages() {
    conformance::pages_are_bounded(&sqlite().1);
}

#[test]
fn sqlite_keeps_decisions() {
    conformance::decisions_hold(&sqlite().1);
}

#[test]
fn a_store_that_is_opened_again_has_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roundsman.db");
    conformance::all(&SqliteStore::open(&path, 0).unwrap());
    let store = SqliteStore::open(&path, 0).unwrap();
    assert_eq!(conformance::drain(&store, &[conformance::route(1)], usize::MAX).0.len(), 5);
}

#[test]
fn a_backup_has_everything_and_is_checked() {
    let (folder, store) = sqlite();
    conformance::appends_once(&store);
    let file = folder.path().join("backup.db");
    store.backup(&file).unwrap();
    let copy = SqliteStore::open(&file, 0).unwrap();
    assert_eq!(conformance::drain(&copy, &[conformance::route(1)], usize::MAX).0.len(), 5);
}
