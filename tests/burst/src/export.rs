//! The workload as the peers read it, and what they say of it; see `tests/peers`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use shared::doc::{Document, genesis_hash};

use crate::seed::{Failure, Seed};
use crate::workload::{Doc, Kind};

/// Devices beyond which automerge-repo has not been seen to end within minutes.
const AUTOMERGE_REPO_DEVICES_MAX: usize = 10;
/// Devices of which a peer holds everything in the memory of this machine.
const SAMOD_DEVICES_MAX: usize = 1_000;

/// Runs the peers on the same documents, one after the other.
pub fn peers(seed: &Seed, program: &Path, devices: usize, runs: usize, work: &Path) -> Result<Vec<Value>, Failure> {
    let work = work.join("peers");
    std::fs::create_dir_all(&work)?;
    let mut out = Vec::new();
    for (peer, most) in [("samod", SAMOD_DEVICES_MAX), ("automerge-repo", AUTOMERGE_REPO_DEVICES_MAX)] {
        let devices = devices.min(most);
        let data = written(seed, devices, &work)?;
        let mut command = Command::new(program);
        command.args(["run", "--peer", peer, "--devices", &devices.to_string(), "--runs", &runs.to_string(), "--data"]);
        let output = command.arg(&data).arg("--work").arg(&work).stderr(Stdio::inherit()).output()?;
        match serde_json::from_slice(&output.stdout) {
            Ok(result) if output.status.success() => out.push(result),
            _ => eprintln!("{peer} was not measured: {}", output.status),
        }
    }
    Ok(out)
}

fn written(seed: &Seed, devices: usize, work: &Path) -> Result<PathBuf, Failure> {
    let path = work.join(format!("day-{}-{}-{devices}.bin", seed.workload.seed, seed.workload.today));
    if path.exists() {
        return Ok(path);
    }
    let unfinished = path.with_extension("part");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    for n in 0..devices {
        let docs = seed.workload.documents(&seed.workload.manager(n));
        let record = minicbor::to_vec((n as u32, docs.iter().map(PeerDoc::of).collect::<Result<Vec<_>, Failure>>()?))?;
        file.write_all(&u32::try_from(record.len())?.to_le_bytes())?;
        file.write_all(&record)?;
    }
    file.flush()?;
    std::fs::rename(unfinished, &path)?;
    Ok(path)
}

#[derive(minicbor::Encode)]
#[cbor(array)]
struct PeerDoc {
    #[n(0)]
    id: String,
    /// 0 shop file, 1 past sheet, 2 today's.
    #[n(1)]
    kind: u8,
    /// 0 the same on both sides, 1 changed on the phone, 2 by staff.
    #[n(2)]
    edit: u8,
    #[cbor(n(3), with = "minicbor::bytes")]
    phone: Vec<u8>,
    #[cbor(n(4), with = "minicbor::bytes")]
    office: Vec<u8>,
}

impl PeerDoc {
    fn of(doc: &Doc) -> Result<Self, Failure> {
        let genesis = Document::new(doc.id.clone()).change(&genesis_hash(&doc.id)).ok_or("a document without a genesis")?.bytes;
        let of = |own: &[crate::template::Change]| -> Vec<u8> {
            let changes = doc.common.iter().chain(own).flat_map(|change| change.bytes.iter().copied());
            genesis.iter().copied().chain(changes).collect()
        };
        let edit = u8::from(!doc.phone.is_empty()) + 2 * u8::from(!doc.office.is_empty());
        let (kind, office) = match doc.kind {
            Kind::Shop => (0, if edit == 0 { Vec::new() } else { of(&doc.office) }),
            Kind::Past => (1, Vec::new()),
            Kind::Today => (2, Vec::new()),
        };
        Ok(Self { id: doc.id.to_string(), kind, edit, phone: of(&doc.phone), office })
    }
}
