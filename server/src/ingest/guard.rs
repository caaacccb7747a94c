//! The guard: bytes from a device become a [`CheckedChange`] or a reason. Automerge is not safe on hostile bytes, so the
//! chunk is walked here, its checksum compared, and inflated to a cap, before Automerge parses it behind a panic boundary.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Change;
use flate2::read::DeflateDecoder;
use sha2::{Digest, Sha256};
use shared::ids::{Actor, ChangeHash};
use shared::limits;
use shared::wire::Reason;

use super::CheckedChange;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// Reads one change. A refused one comes with the hash of its content if that much could be computed, else of its bytes.
pub fn check(bytes: &[u8]) -> Result<CheckedChange, (Reason, ChangeHash)> {
    let fingerprint = || ChangeHash(Sha256::digest(bytes).into());
    let plain = plain_chunk(bytes).map_err(|reason| (reason, fingerprint()))?;
    let hash = content_hash(&plain);
    parse(plain, hash).map_err(|reason| (reason, hash))
}

fn parse(plain: Vec<u8>, hash: ChangeHash) -> Result<CheckedChange, Reason> {
    let change =
        catch_unwind(AssertUnwindSafe(|| Change::try_from(&plain[..]))).map_err(|_| Reason::Malformed)?.map_err(|_| Reason::Malformed)?;
    if change.len() > limits::CHANGE_OPERATIONS_MAX {
        return Err(Reason::TooManyOperations);
    }
    if change.deps().len() > limits::CHANGE_DEPENDENCIES_MAX {
        return Err(Reason::TooManyDependencies);
    }
    let start_op = change.start_op().get();
    let beyond = limits::DOCUMENT_OPERATIONS_MAX;
    let max_op = start_op.checked_add(change.len() as u64).ok_or(Reason::Malformed)? - 1;
    if change.is_empty() || change.seq() == 0 || change.seq() > beyond || max_op > beyond {
        return Err(Reason::Malformed);
    }
    let actor = Actor::from_slice(change.actor_id().to_bytes()).ok_or(Reason::ForeignActor)?;
    if change.other_actor_ids().iter().any(|other| Actor::from_slice(other.to_bytes()).is_none()) {
        return Err(Reason::Malformed);
    }
    let deps: Vec<ChangeHash> = change.deps().iter().map(|dep| ChangeHash(dep.0)).collect();
    // Every change follows on at least the genesis.
    if deps.is_empty() {
        return Err(Reason::GenesisActor);
    }
    let at_ms = change.timestamp().saturating_mul(1000);
    Ok(CheckedChange { hash, actor, seq: change.seq(), start_op, max_op, deps, at_ms, bytes: plain })
}

/// The hash of an uncompressed chunk: of everything behind the checksum.
fn content_hash(plain: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(&plain[8..]).into())
}

/// One whole change chunk, uncompressed, whose checksum is right.
fn plain_chunk(bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    let header = Header::read(bytes).ok_or(Reason::Malformed)?;
    let body = &bytes[header.body..];
    if body.len() != header.length {
        return Err(Reason::Malformed);
    }
    let plain = match header.kind {
        CHANGE if bytes.len() > limits::CHANGE_BYTES_MAX => return Err(Reason::TooLarge),
        CHANGE => bytes.to_vec(),
        COMPRESSED_CHANGE => recompose(&header, &inflate(body)?),
        _ => return Err(Reason::Malformed),
    };
    if content_hash(&plain).0[..4] != header.checksum {
        return Err(Reason::WrongChecksum);
    }
    Ok(plain)
}

fn inflate(body: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::new();
    let cap = limits::CHANGE_BYTES_MAX as u64;
    DeflateDecoder::new(body).take(cap + 1).read_to_end(&mut out).map_err(|_| Reason::Malformed)?;
    if out.len() as u64 > cap { Err(Reason::TooLarge) } else { Ok(out) }
}

/// The uncompressed chunk of an inflated body. The checksum of a compressed chunk is that of the uncompressed one.
fn recompose(header: &Header, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 20);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&header.checksum);
    out.push(CHANGE);
    let mut rest = body.len();
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
    out.extend_from_slice(body);
    out
}

struct Header {
    checksum: [u8; 4],
    kind: u8,
    /// Where the body begins.
    body: usize,
    length: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.get(..4)? != MAGIC {
            return None;
        }
        let checksum = bytes.get(4..8)?.try_into().ok()?;
        let kind = *bytes.get(8)?;
        let (mut length, mut shift, mut at) = (0_usize, 0, 9);
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 28 {
                return None;
            }
        }
        Some(Self { checksum, kind, body: at, length })
    }
}

/// Splits chunks that stand one behind the other, as the log keeps them.
pub fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while let Some(header) = Header::read(bytes) {
        let end = (header.body + header.length).min(bytes.len());
        out.push(&bytes[..end]);
        bytes = &bytes[end..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::doc::{Action, Document};
    use shared::ids::ActionId;

    fn change() -> Vec<u8> {
        let mut sheet = Document::new("day/r001/2026-07-01".parse().unwrap());
        let text = "shelf moved; ".repeat(60);
        sheet.act(Actor([7; 24]), ActionId([1; 16]), 1000, &Action::Diary { text }).unwrap().unwrap().bytes
    }

    fn compressed(plain: &[u8]) -> Vec<u8> {
        Change::try_from(plain).unwrap().bytes().into_owned()
    }

    #[test]
    fn a_sound_change_is_read_plain_and_compressed_alike() {
        let plain = change();
        let packed = compressed(&plain);
        assert_eq!(packed[8], COMPRESSED_CHANGE);
        let checked = check(&plain).unwrap();
        assert_eq!(check(&packed).unwrap(), checked);
        assert_eq!(checked.hash.0, Change::try_from(&plain[..]).unwrap().hash().0);
        assert_eq!((checked.actor, checked.seq), (Actor([7; 24]), 1));
        assert_eq!(split(&[plain.clone(), plain.clone()].concat()), [&plain[..], &plain[..]]);
    }

    #[test]
    fn a_wrong_checksum_is_seen_though_automerge_would_take_it() {
        let mut bytes = change();
        bytes[5] ^= 1;
        assert!(Change::try_from(&bytes[..]).is_ok(), "the library still takes it");
        assert_eq!(check(&bytes).unwrap_err().0, Reason::WrongChecksum);
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        use std::io::Write;
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        deflate.write_all(&vec![0; 64 << 20]).unwrap();
        let body = deflate.finish().unwrap();
        let header = Header { checksum: [0; 4], kind: 0, body: 0, length: 0 };
        let mut bytes = recompose(&header, &body);
        bytes[8] = COMPRESSED_CHANGE;
        assert_eq!(check(&bytes).unwrap_err().0, Reason::TooLarge);
    }

    #[test]
    fn the_genesis_is_not_taken_from_anybody() {
        let id = "day/r001/2026-07-01".parse().unwrap();
        let genesis = Document::new(id).change(&shared::doc::genesis_hash(&"day/r001/2026-07-01".parse().unwrap())).unwrap();
        assert_eq!(check(&genesis.bytes).unwrap_err().0, Reason::GenesisActor);
    }

    proptest! {
        #[test]
        fn no_damage_panics(at in 0_usize..2000, byte: u8, cut in 0_usize..2000) {
            for whole in [change(), compressed(&change())] {
                let mut bytes = whole.clone();
                let index = at % bytes.len();
                bytes[index] ^= byte;
                bytes.truncate(bytes.len().saturating_sub(cut % 40));
                if let Ok(checked) = check(&bytes) {
                    prop_assert_eq!(checked.bytes, change());
                }
            }
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(check(&bytes).is_err());
        }
    }
}
