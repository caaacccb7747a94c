//! Documents by the thousand, fast: a template is written once, by the same code as a phone's, and every further document
//! is a copy of its chunks in which names, times, actors and dependencies are replaced by others of the same length, and
//! the hashes are computed anew. What comes out is what Automerge would have written.

use sha2::{Digest, Sha256};
use shared::doc::{Action, Document};
use shared::ids::{ActionId, Actor, ChangeHash, DocumentId};

/// A change: its hash and its chunk.
#[derive(Clone, Debug)]
pub struct Change {
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

/// One change of a template.
struct Chunk {
    bytes: Vec<u8>,
    /// Where the dependency's hash stands, and which change it is; none: the genesis.
    dependency: (usize, Option<usize>),
    /// Where what stands, by index into the values of an instance.
    places: Vec<(usize, usize)>,
}

pub struct Template {
    chunks: Vec<Chunk>,
    lengths: Vec<usize>,
}

impl Template {
    /// Writes the actions, each by its actor, and finds in their chunks the `tokens` that an instance replaces.
    pub fn write(document: &DocumentId, actions: &[(Actor, ActionId, i64, Action)], tokens: &[Vec<u8>]) -> Self {
        let mut doc = Document::new(document.clone());
        let mut hashes: Vec<ChangeHash> = Vec::new();
        let genesis = shared::doc::genesis_hash(document);
        let mut chunks = Vec::new();
        for (actor, id, at_ms, action) in actions {
            let written = doc.act(*actor, *id, *at_ms, action).expect("the action is possible").expect("it changes something");
            let before = hashes.last().unwrap_or(&genesis);
            let dependency = places_of(&written.bytes, before.as_bytes());
            assert_eq!(dependency.len(), 1, "a change depends on the one before it");
            let places =
                tokens.iter().enumerate().flat_map(|(n, token)| places_of(&written.bytes, token).into_iter().map(move |at| (at, n)));
            chunks.push(Chunk { dependency: (dependency[0], hashes.len().checked_sub(1)), places: places.collect(), bytes: written.bytes });
            hashes.push(written.hash);
        }
        Self { chunks, lengths: tokens.iter().map(Vec::len).collect() }
    }

    /// The changes of another document: `values` take the tokens' places, in their order.
    pub fn instance(&self, genesis: ChangeHash, values: &[Vec<u8>]) -> Vec<Change> {
        assert!(values.iter().map(Vec::len).eq(self.lengths.iter().copied()), "values are as long as their tokens");
        let mut out: Vec<Change> = Vec::with_capacity(self.chunks.len());
        for chunk in &self.chunks {
            let mut bytes = chunk.bytes.clone();
            let (at, before) = chunk.dependency;
            let dependency = before.map_or(genesis, |before| out[before].hash);
            bytes[at..at + 32].copy_from_slice(dependency.as_bytes());
            for (at, value) in &chunk.places {
                bytes[*at..*at + values[*value].len()].copy_from_slice(&values[*value]);
            }
            // A chunk is 4 bytes of magic, 4 of checksum, then what the hash is of, which begins with the checksum.
            let hash = ChangeHash(Sha256::digest(&bytes[8..]).into());
            bytes[4..8].copy_from_slice(&hash.0[..4]);
            out.push(Change { hash, bytes });
        }
        out
    }
}

fn places_of(bytes: &[u8], token: &[u8]) -> Vec<usize> {
    bytes.windows(token.len()).enumerate().filter(|(_, window)| *window == token).map(|(at, _)| at).collect()
}

/// A number as Automerge writes it.
pub fn leb128(mut number: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        let done = (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0);
        out.push(if done { byte } else { byte | 0x80 });
        if done {
            return out;
        }
    }
}
