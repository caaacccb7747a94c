//! The floor: what nobody can do without. Each change is parsed and hashed, and the same bytes are appended to a table in
//! groups, with an fsync each. No network, no signature, nobody authorised, nothing looked up.

use std::path::Path;
use std::time::Instant;

use automerge::Change;
use rusqlite::{Connection, params};

use crate::seed::{Failure, Seed};

/// Devices of one commit.
const GROUP: usize = 32;

/// In ms of one core a device.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    pub parse_ms: f64,
    pub append_ms: f64,
}

impl Floor {
    pub fn total_ms(self) -> f64 {
        self.parse_ms + self.append_ms
    }
}

pub fn measure(seed: &Seed, devices: usize, work: &Path) -> Result<Floor, Failure> {
    let days: Vec<Vec<Vec<u8>>> = (0..devices)
        .map(|n| {
            let docs = seed.workload.documents(&seed.workload.manager(n));
            docs.into_iter().flat_map(|doc| doc.phone).map(|change| change.bytes).collect()
        })
        .collect();
    let began = Instant::now();
    for change in days.iter().flatten() {
        std::hint::black_box(Change::from_bytes(change.clone())?.hash());
    }
    let parse_ms = began.elapsed().as_secs_f64() * 1e3 / devices as f64;
    let folder = tempfile::tempdir_in(work)?;
    let mut db = Connection::open(folder.path().join("floor.db"))?;
    db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE log (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")?;
    let began = Instant::now();
    for group in days.chunks(GROUP) {
        let tx = db.transaction()?;
        for day in group {
            tx.prepare_cached("INSERT INTO log (body) VALUES (?1)")?.execute(params![day.concat()])?;
        }
        tx.commit()?;
    }
    Ok(Floor { parse_ms, append_ms: began.elapsed().as_secs_f64() * 1e3 / devices as f64 })
}
