//! The guard: bytes from a device become a [`CheckedChange`] or a reason. Automerge is not safe on hostile bytes, so the
//! chunk is walked here and its checksum compared, before Automerge parses it behind a panic boundary; and what it does has
//! to fit the form of its document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Change;
use sha2::{Digest, Sha256};
use shared::ids::{Actor, ChangeHash, DocumentId};
use shared::limits;
use shared::wire::Reason;

use super::CheckedChange;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// Reads one change of a document. A refused one comes with the hash of its content if that much could be computed, else
/// with a fingerprint of its bytes that is no change's hash.
pub fn check(bytes: &[u8], document: &DocumentId) -> Result<CheckedChange, (Reason, ChangeHash)> {
    let plain = plain_chunk(bytes).map_err(|reason| (reason, fingerprint(bytes)))?;
    let hash = content_hash(&plain);
    parse(plain, hash, document).map_err(|reason| (reason, hash))
}

/// Names bytes that are kept though they can't be read; it is no change's hash.
pub fn fingerprint(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::new().chain_update(b"no change: ").chain_update(bytes).finalize().into())
}

fn parse(plain: Vec<u8>, hash: ChangeHash, document: &DocumentId) -> Result<CheckedChange, Reason> {
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
    if !catch_unwind(AssertUnwindSafe(|| super::shape::fits(&change, document))).unwrap_or(false) {
        return Err(Reason::WrongShape);
    }
    let at_ms = change.timestamp().saturating_mul(1000);
    Ok(CheckedChange { hash, actor, seq: change.seq(), start_op, max_op, deps, at_ms, bytes: plain })
}

/// The hash of an uncompressed chunk: of everything behind the checksum.
fn content_hash(plain: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(&plain[8..]).into())
}

/// One whole change chunk whose checksum is right. Compressed chunks are not taken: what is sent is compressed as a whole,
/// and one cap holds for it.
fn plain_chunk(bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    let header = Header::read(bytes).ok_or(Reason::Malformed)?;
    if bytes.len() - header.body != header.length {
        return Err(Reason::Malformed);
    }
    match header.kind {
        COMPRESSED_CHANGE => return Err(Reason::Compressed),
        CHANGE if bytes.len() > limits::CHANGE_BYTES_MAX => return Err(Reason::TooLarge),
        CHANGE => {}
        _ => return Err(Reason::Malformed),
    }
    if content_hash(bytes).0[..4] != header.checksum {
        return Err(Reason::WrongChecksum);
    }
    Ok(bytes.to_vec())
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

    fn sheet() -> DocumentId {
        "day/r001/2026-07-01".parse().unwrap()
    }

    #[test]
    fn a_sound_change_is_read_and_a_compressed_one_is_not() {
        let plain = change();
        let packed = compressed(&plain);
        assert_eq!(packed[8], COMPRESSED_CHANGE);
        let checked = check(&plain, &sheet()).unwrap();
        assert_eq!(check(&packed, &sheet()).unwrap_err().0, Reason::Compressed);
        assert_eq!(checked.hash.0, Change::try_from(&plain[..]).unwrap().hash().0);
        assert_eq!((checked.actor, checked.seq), (Actor([7; 24]), 1));
        assert_eq!(split(&[plain.clone(), plain.clone()].concat()), [&plain[..], &plain[..]]);
    }

    #[test]
    fn the_longest_text_may_be_replaced_by_another() {
        let mut doc = Document::new(sheet());
        for (n, letter) in ["a", "b"].iter().enumerate() {
            let text = letter.repeat(limits::TEXT_BYTES_MAX);
            let chunk = doc.act(Actor([7; 24]), ActionId([n as u8; 16]), 1000, &Action::Diary { text }).unwrap().unwrap();
            check(&chunk.bytes, &sheet()).unwrap();
        }
    }

    #[test]
    fn a_wrong_checksum_is_seen_though_automerge_would_take_it() {
        let mut bytes = change();
        bytes[5] ^= 1;
        assert!(Change::try_from(&bytes[..]).is_ok(), "the library still takes it");
        assert_eq!(check(&bytes, &sheet()).unwrap_err().0, Reason::WrongChecksum);
    }

    #[test]
    fn the_genesis_is_not_taken_from_anybody() {
        let id = "day/r001/2026-07-01".parse().unwrap();
        let genesis = Document::new(id).change(&shared::doc::genesis_hash(&"day/r001/2026-07-01".parse().unwrap())).unwrap();
        assert_eq!(check(&genesis.bytes, &sheet()).unwrap_err().0, Reason::GenesisActor);
    }

    proptest! {
        #[test]
        fn no_damage_panics(at in 0_usize..2000, byte: u8, cut in 0_usize..2000) {
            for whole in [change(), compressed(&change())] {
                let mut bytes = whole.clone();
                let index = at % bytes.len();
                bytes[index] ^= byte;
                bytes.truncate(bytes.len().saturating_sub(cut % 40));
                if let Ok(checked) = check(&bytes, &sheet()) {
                    prop_assert_eq!(checked.bytes, change());
                }
            }
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(check(&bytes, &sheet()).is_err());
        }
    }
}
