//! The workload: what each device and the server hold of each document, read from the data file, and what is derived from it.
//!
//! The data file has raw changes, so that every server gets the same ones; a peer's client starts from a saved document. Saving
//! them takes long, so the result is kept in the work directory under a digest of what it was made from.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use automerge::{Automerge, ChangeHash, ReadDoc};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

const TODAY: u8 = 2;
const BY_DEVICE: u8 = 1;
const BY_STAFF: u8 = 2;

/// A device as the data file has it.
#[derive(Decode)]
#[cbor(array)]
struct RawDevice<'b> {
    #[n(0)]
    n: u32,
    #[b(1)]
    docs: Vec<RawDoc<'b>>,
}

#[derive(Decode)]
#[cbor(array)]
struct RawDoc<'b> {
    #[b(0)]
    id: &'b str,
    #[n(1)]
    kind: u8,
    #[n(2)]
    edit: u8,
    #[cbor(b(3), with = "minicbor::bytes")]
    dev: &'b [u8],
    #[cbor(b(4), with = "minicbor::bytes")]
    srv: &'b [u8],
}

/// A device as the peers' clients need it.
#[derive(Encode, Decode)]
#[cbor(array)]
pub struct Device {
    #[n(0)]
    pub n: u32,
    #[n(1)]
    pub docs: Vec<Doc>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
pub struct Doc {
    #[cbor(n(0), with = "minicbor::bytes")]
    id: [u8; 16],
    #[n(1)]
    kind: u8,
    #[n(2)]
    edit: u8,
    #[n(3)]
    pub dev: Replica,
    #[n(4)]
    srv: Option<Replica>,
}

/// One side's copy of a document.
#[derive(Encode, Decode)]
#[cbor(array)]
pub struct Replica {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub saved: Vec<u8>,
    #[n(1)]
    heads: Vec<Head>,
}

#[derive(Encode, Decode)]
#[cbor(transparent)]
struct Head(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl Doc {
    pub fn id(&self) -> Result<samod::DocumentId> {
        samod::DocumentId::try_from(self.id.to_vec()).map_err(|why| anyhow::anyhow!("a document's id: {why}"))
    }

    /// The server must get something of it.
    pub fn goes_up(&self) -> bool {
        self.kind == TODAY || self.edit == BY_DEVICE
    }

    /// What the device must get of it.
    pub fn into_comes_down(self) -> Option<Replica> {
        self.srv.filter(|_| self.edit == BY_STAFF)
    }

    /// The server's copy before the device returns.
    pub fn at_server(&self) -> Option<&Replica> {
        if self.kind == TODAY { None } else { self.srv.as_ref().or(Some(&self.dev)) }
    }
}

impl Replica {
    fn of(changes: &[u8]) -> Result<Self> {
        let mut document = Automerge::new();
        document.load_incremental(changes)?;
        ensure!(!document.get_heads().is_empty() && document.get_missing_deps(&[]).is_empty(), "changes are missing");
        let heads = document.get_heads().iter().map(|head| Head(head.0)).collect();
        Ok(Self { saved: document.save(), heads })
    }

    pub fn heads(&self) -> impl Iterator<Item = ChangeHash> {
        self.heads.iter().map(|head| ChangeHash(head.0))
    }
}

/// The derived devices, and the name of what they were derived from.
pub struct Workload {
    pub digest: String,
    pub file: PathBuf,
}

/// Reads the first `devices` of a data file, or finds what was derived from them before.
pub fn prepare(data: &Path, devices: u32, work: &Path) -> Result<Workload> {
    let mut digest = Sha256::new();
    let mut records = Records::open(data)?;
    for _ in 0..devices {
        digest.update(records.next()?);
    }
    let digest = hex(&digest.finalize()[..8]);
    let file = work.join(format!("devices-{devices}-{digest}.cbor"));
    if !file.exists() {
        eprintln!("deriving {devices} devices from the data file");
        let unfinished = file.with_extension("unfinished");
        derive_all(data, devices, &unfinished).with_context(|| format!("deriving from {}", data.display()))?;
        fs::rename(unfinished, &file)?;
    }
    Ok(Workload { digest, file })
}

/// Hands over the derived devices one after the other: they need not fit into memory.
pub fn each(file: &Path, mut with: impl FnMut(Device) -> Result<()>) -> Result<()> {
    let mut records = Records::open(file)?;
    while let Some(record) = records.try_next()? {
        with(minicbor::decode(&record)?)?;
    }
    Ok(())
}

fn derive_all(data: &Path, devices: u32, to: &Path) -> Result<()> {
    let threads = thread::available_parallelism()?.get();
    let mut records = Records::open(data)?;
    let mut to = BufWriter::new(File::create(to)?);
    let mut seen = HashSet::new();
    let mut left = devices as usize;
    while left > 0 {
        let batch = (0..threads.min(left)).map(|_| records.next()).collect::<Result<Vec<_>>>()?;
        left -= batch.len();
        let derived: Vec<Result<Device>> = thread::scope(|scope| {
            let running: Vec<_> = batch.iter().map(|record| scope.spawn(|| derive(record))).collect();
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a document broke Automerge"))).collect()
        });
        for device in derived {
            let device = device?;
            // A peer has one name space: documents with one id would merge, and the devices would wait for each other's heads.
            ensure!(device.docs.iter().all(|doc| seen.insert(doc.id)), "device {} repeats a document", device.n);
            let record = minicbor::to_vec(&device)?;
            to.write_all(&u32::try_from(record.len())?.to_le_bytes())?;
            to.write_all(&record)?;
        }
    }
    Ok(to.flush()?)
}

fn derive(record: &[u8]) -> Result<Device> {
    let raw: RawDevice = minicbor::decode(record)?;
    let doc = |doc: &RawDoc| -> Result<Doc> {
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(doc.id)[..16]);
        let srv = if doc.srv.is_empty() { None } else { Some(Replica::of(doc.srv)?) };
        Ok(Doc { id, kind: doc.kind, edit: doc.edit, dev: Replica::of(doc.dev)?, srv })
    };
    let docs = raw.docs.iter().map(|raw| doc(raw).with_context(|| raw.id.to_owned())).collect::<Result<_>>();
    Ok(Device { n: raw.n, docs: docs.with_context(|| format!("device {}", raw.n))? })
}

/// Records of a length (u32, little endian) and that many bytes.
struct Records(BufReader<File>);

impl Records {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self(BufReader::new(File::open(path).with_context(|| path.display().to_string())?)))
    }

    fn next(&mut self) -> Result<Vec<u8>> {
        self.try_next()?.context("the data file has fewer devices")
    }

    fn try_next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        match self.0.read_exact(&mut length) {
            Err(why) if why.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let mut record = vec![0; u32::from_le_bytes(length) as usize];
        self.0.read_exact(&mut record)?;
        Ok(Some(record))
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
