//! How changes travel: one that builds on nothing but the change before it is sent without its checksum and without that
//! change's hash, which together are a quarter of a compressed day and can't be compressed. Whoever reads it computes them.
//!
//! A whole chunk is preceded by a 0, a linked one by a 1; what follows the 1 is the chunk's body behind its dependencies.

use minicbor::bytes::ByteVec;
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decoder, Encode, Encoder};
use sha2::{Digest, Sha256};

use crate::doc::chunk::{CHANGE, MAGIC};

const WHOLE: u8 = 0;
const LINKED: u8 = 1;
/// Where the checksum, which follows on the magic bytes, ends.
const CHECKSUM_END: usize = 8;

pub(super) fn encode<C, W: Write>(chunks: &[ByteVec], e: &mut Encoder<W>, ctx: &mut C) -> Result<(), EncodeError<W::Error>> {
    e.array(chunks.len() as u64)?;
    let mut before: Option<[u8; 32]> = None;
    for chunk in chunks {
        let linked = before.and_then(|before| after_dependency(chunk, &before));
        let (form, bytes) = linked.map_or((WHOLE, chunk.as_slice()), |rest| (LINKED, rest));
        ByteVec::from([&[form], bytes].concat()).encode(e, ctx)?;
        before = hash(chunk);
    }
    Ok(())
}

pub(super) fn decode<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<Vec<ByteVec>, DecodeError> {
    let count = d.array()?.ok_or_else(|| DecodeError::message("changes without a number"))?;
    let mut chunks: Vec<ByteVec> = Vec::new();
    let mut before = None;
    for _ in 0..count {
        let chunk = match d.bytes()?.split_first() {
            Some((&WHOLE, chunk)) => {
                before = hash(chunk);
                chunk.to_vec()
            }
            Some((&LINKED, rest)) => {
                let (chunk, hash) = whole(&before.ok_or_else(|| DecodeError::message("a change is linked to none"))?, rest);
                before = Some(hash);
                chunk
            }
            _ => return Err(DecodeError::message("a change of unknown form")),
        };
        chunks.push(chunk.into());
    }
    Ok(chunks)
}

/// The hash of a change chunk: of everything behind the checksum.
fn hash(chunk: &[u8]) -> Option<[u8; 32]> {
    Some(Sha256::digest(chunk.get(CHECKSUM_END..)?).into())
}

/// What is behind the dependencies of a sound chunk that depends on `before` alone.
fn after_dependency<'a>(chunk: &'a [u8], before: &[u8; 32]) -> Option<&'a [u8]> {
    let body_at = CHECKSUM_END + 1 + chunk.get(CHECKSUM_END + 1..)?.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let rest = chunk.get(body_at..)?.strip_prefix(&[1])?.strip_prefix(before)?;
    // A damaged chunk is sent as it is, so that the other side sees the damage, too.
    (whole(before, rest).0 == chunk).then_some(rest)
}

/// The chunk whose body is one dependency and `rest`, and its hash.
fn whole(before: &[u8; 32], rest: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let mut out = Vec::with_capacity(rest.len() + 48);
    out.extend(MAGIC);
    out.extend([0; 4]);
    out.push(CHANGE);
    let mut length = 1 + before.len() + rest.len();
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.push(1);
    out.extend(before);
    out.extend(rest);
    let hash: [u8; 32] = Sha256::digest(&out[CHECKSUM_END..]).into();
    out[4..CHECKSUM_END].copy_from_slice(&hash[..4]);
    (out, hash)
}

#[cfg(test)]
mod tests {
    use super::super::{DocumentChanges, open, pack};
    use crate::doc::{Action, Document};
    use crate::ids::{ActionId, Actor};
    use proptest::prelude::*;

    const DAY: &str = "day/r001/2026-07-01";

    /// Diary entries by devices in turn, each building on the one before.
    fn chain(actors: &[u8]) -> Vec<Vec<u8>> {
        let mut doc = Document::new(DAY.parse().unwrap());
        let act = |(n, actor): (usize, &u8)| {
            let action = Action::Diary { text: format!("entry {n}") };
            doc.act(Actor([*actor; 24]), ActionId([n as u8; 16]), 1_786_000_000_000, &action).unwrap().unwrap().bytes
        };
        actors.iter().enumerate().map(act).collect()
    }

    fn travelled(chunks: &[Vec<u8>]) -> (usize, Vec<Vec<u8>>) {
        let message = DocumentChanges { document: DAY.into(), chunks: chunks.iter().map(|chunk| chunk.clone().into()).collect() };
        let packed = pack(&message);
        let arrived: DocumentChanges = open(&packed, 1 << 20).unwrap();
        (packed.len(), arrived.chunks.into_iter().map(Vec::from).collect())
    }

    #[test]
    fn a_chain_travels_without_what_can_be_computed() {
        let chunks = chain(&[7; 40]);
        let (packed, arrived) = travelled(&chunks);
        assert_eq!(arrived, chunks);
        // Each saves at least its dependency's 32 bytes, which don't compress.
        let apart: usize = chunks.iter().map(|chunk| travelled(std::slice::from_ref(chunk)).0).sum();
        assert!(packed + 39 * 32 < apart, "{packed} bytes together, {apart} apart");
    }

    proptest! {
        #[test]
        fn whatever_is_sent_arrives(order in proptest::collection::vec(0_usize..6, 0..8), at in 0_usize..400, byte: u8) {
            let all = chain(&[7, 7, 8, 7, 9, 9]);
            let mut chunks: Vec<Vec<u8>> = order.iter().map(|n| all[*n].clone()).collect();
            if let Some(last) = chunks.last_mut() {
                let at = at % last.len();
                last[at] ^= byte;
            }
            prop_assert_eq!(travelled(&chunks).1, chunks);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            // Whether it can be read is not the point.
            drop(open::<DocumentChanges>(&[&[0], bytes.as_slice()].concat(), 1 << 20));
        }
    }
}
