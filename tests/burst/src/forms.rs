//! The forms in which a day's changes can travel: bytes, what packing costs the phone, and what reading costs the server,
//! up to checked changes.

use std::hint::black_box;
use std::io::{Read, Write};
use std::time::Instant;

use automerge::{Automerge, Bundle, Change};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use server::ingest::guard;
use shared::ids::DocumentId;
use shared::wire::{self, DocumentChanges};

use crate::seed::Failure;
use crate::workload::Workload;

const DAYS: usize = 100;
const CAP: usize = 1 << 24;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[arg(long, default_value_t = 2026)]
    seed: u64,
}

/// Changes of one evening: today's sheet, and the shop files.
type Day = Vec<(DocumentId, Vec<Vec<u8>>)>;

pub fn run(options: &Options) -> Result<(), Failure> {
    let workload = Workload::new(options.seed, jiff::civil::date(2026, 11, 24));
    let days: Vec<Day> = (0..DAYS)
        .map(|n| {
            let docs = workload.documents(&workload.manager(n));
            let edited = docs.into_iter().filter(|doc| !doc.phone.is_empty());
            edited.map(|doc| (doc.id, doc.phone.into_iter().map(|change| change.bytes).collect())).collect()
        })
        .collect();
    println!("{:<34}{:>10}{:>14}{:>14}", "a day's changes as", "bytes", "pack, µs", "read, µs");
    form(
        "chunks",
        &days,
        |day| day.iter().flat_map(|(_, chunks)| chunks.concat()).collect(),
        |day, packed| {
            check(day, |_| packed.to_vec());
        },
    );
    for level in [1, 6, 9] {
        let pack = |day: &Day| deflate(&day.iter().flat_map(|(_, chunks)| chunks.concat()).collect::<Vec<u8>>(), level);
        form(&format!("chunks, deflate {level}"), &days, pack, |day, packed| check(day, |_| inflate(packed)));
    }
    form(
        "linked chunks, deflate 6 (ours)",
        &days,
        |day| wire::pack(&messages(day)),
        |_, packed| {
            let messages: Vec<DocumentChanges> = wire::open(packed, CAP).expect("it was packed");
            for message in &messages {
                let id: DocumentId = message.document.parse().expect("it was an id");
                message.chunks.iter().for_each(|chunk| drop(black_box(guard::check(chunk, &id).expect("sound"))));
            }
        },
    );
    // A bundle holds changes of one document: the sheet, which is nearly all of the day.
    form("the sheet as a bundle", &days, bundle, |_, packed| {
        let changes = Bundle::try_from(packed).expect("it was bundled").to_changes().expect("changes");
        black_box(changes);
    });
    Ok(())
}

fn form(name: &str, days: &[Day], pack: impl Fn(&Day) -> Vec<u8>, read: impl Fn(&Day, &[u8])) {
    let packed: Vec<Vec<u8>> = days.iter().map(&pack).collect();
    let bytes = packed.iter().map(Vec::len).sum::<usize>() / days.len();
    let began = Instant::now();
    days.iter().for_each(|day| drop(black_box(pack(day))));
    let pack_us = began.elapsed().as_secs_f64() * 1e6 / days.len() as f64;
    let began = Instant::now();
    days.iter().zip(&packed).for_each(|(day, packed)| read(day, packed));
    let read_us = began.elapsed().as_secs_f64() * 1e6 / days.len() as f64;
    println!("{name:<34}{bytes:>10}{pack_us:>14.0}{read_us:>14.0}");
}

fn messages(day: &Day) -> Vec<DocumentChanges> {
    let message = |(id, chunks): &(DocumentId, Vec<Vec<u8>>)| DocumentChanges {
        document: id.to_string(),
        chunks: chunks.iter().map(|chunk| chunk.clone().into()).collect(),
    };
    day.iter().map(message).collect()
}

/// Reads a day's chunks one by one, out of all of them.
fn check(day: &Day, all: impl Fn(&Day) -> Vec<u8>) {
    let all = all(day);
    let mut rest = guard::split(&all).into_iter();
    for (id, chunks) in day {
        rest.by_ref().take(chunks.len()).for_each(|chunk| drop(black_box(guard::check(chunk, id).expect("sound"))));
    }
}

fn deflate(plain: &[u8], level: u32) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::new(level));
    deflate.write_all(plain).and_then(|()| deflate.finish()).expect("writing into memory does not fail")
}

fn inflate(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut out).expect("it was deflated");
    out
}

fn bundle(day: &Day) -> Vec<u8> {
    let (id, chunks) = day.iter().find(|(id, _)| matches!(id, DocumentId::Day { .. })).expect("every day has a sheet");
    let mut document = Automerge::new();
    let genesis = shared::doc::Document::new(id.clone());
    let genesis = genesis.change(&shared::doc::genesis_hash(id)).expect("it begins with it").bytes;
    let changes = std::iter::once(&genesis).chain(chunks).map(|bytes| Change::try_from(bytes.as_slice()).expect("sound"));
    let changes: Vec<Change> = changes.collect();
    let hashes: Vec<_> = changes[1..].iter().map(Change::hash).collect();
    document.apply_changes(changes).expect("sound");
    document.bundle(hashes).expect("they are there").bytes().to_vec()
}
