//! A peer's store as it is before the devices return: one snapshot for each document, written where the peer itself would have
//! put it. Built once for a workload; every run gets a fresh copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rusqlite::params;
use sha2::{Digest, Sha256};

use crate::data::{self, Doc, Replica, Workload, hex};
use crate::peer::Peer;
use crate::sqlite;

/// The seeded store of a workload; builds it if there is none yet.
pub fn store(peer: Peer, workload: &Workload, work: &Path) -> Result<PathBuf> {
    let seed = work.join(format!("seed-{}-{}", peer.name(), workload.digest));
    if !seed.exists() {
        eprintln!("seeding a store for {}", peer.name());
        let unfinished = seed.with_extension("unfinished");
        start_anew(&unfinished)?;
        match peer {
            Peer::Samod => into_sqlite(&workload.file, &unfinished)?,
            Peer::AutomergeRepo => into_files(&workload.file, &unfinished)?,
        }
        fs::rename(&unfinished, &seed)?;
    }
    Ok(seed)
}

/// A copy of the seeded store, on the disk before anything is measured.
pub fn copy(seed: &Path, to: &Path) -> Result<()> {
    start_anew(to)?;
    let copied = Command::new("cp").arg("-a").arg(seed.join(".")).arg(to).status().context("cp")?;
    ensure!(copied.success(), "the seeded store could not be copied");
    rustix::fs::sync();
    Ok(())
}

fn start_anew(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())
}

fn into_sqlite(devices: &Path, dir: &Path) -> Result<()> {
    let mut connection = sqlite::connect(dir)?;
    let transaction = connection.transaction()?;
    each_copy(devices, |doc, copy| {
        let key = format!("{}/snapshot/{}", doc.id()?, snapshot_name(copy));
        transaction.prepare_cached(sqlite::PUT)?.execute(params![key, copy.saved])?;
        Ok(())
    })?;
    Ok(transaction.commit()?)
}

/// NodeFS storage spreads documents over folders by the first two characters of their ids.
fn into_files(devices: &Path, dir: &Path) -> Result<()> {
    each_copy(devices, |doc, copy| {
        let id = doc.id()?.to_string();
        let (first, rest) = id.split_at_checked(2).context("a short document id")?;
        let folder = dir.join(first).join(rest).join("snapshot");
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(snapshot_name(copy)), &copy.saved)?)
    })
}

fn each_copy(devices: &Path, mut with: impl FnMut(&Doc, &Replica) -> Result<()>) -> Result<()> {
    data::each(devices, |device| device.docs.iter().try_for_each(|doc| doc.at_server().map_or(Ok(()), |copy| with(doc, copy))))
}

/// Both peers name a snapshot by the heads that it has.
fn snapshot_name(copy: &Replica) -> String {
    let mut digest = Sha256::new();
    copy.heads().for_each(|head| digest.update(head.0));
    hex(&digest.finalize())
}
