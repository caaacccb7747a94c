//! The genesis change: schema 1, the subject, and every container of the root. Two devices that create the same document
//! apart start from the same bytes. It is never sent, and nobody else may write as its actor.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT};
use sha2::{Digest, Sha256};

use crate::ids::{Actor, ChangeHash, DocumentId};

/// The actor of every genesis change; no device's actor begins with 16 zero bytes.
pub const GENESIS_ACTOR: Actor = Actor([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'g', b'e', b'n', b'e', b's', b'i', b's', 1]);

/// The number of the operation that makes the first container: 1 is the schema, then come the two fields of the subject.
pub(super) const FIRST_CONTAINER: u64 = 4;

/// The hash of a document's genesis change. Asked for with every new document, so it is computed without making one.
pub fn genesis_hash(id: &DocumentId) -> ChangeHash {
    ChangeHash(Sha256::digest(hashed(id)).into())
}

/// What a genesis change's hash is of: its chunk's type, length and body, as Automerge writes them (the tests compare).
fn hashed(id: &DocumentId) -> Vec<u8> {
    let (subject, containers) = (subject(id), containers(id));
    let names = ["schema"].into_iter().chain(subject.iter().map(|(key, _)| *key)).chain(containers.iter().map(|(key, _)| *key));
    let count = 3 + containers.len() as u64;
    let keys = names.flat_map(|name| [&[name.len() as u8], name.as_bytes()].concat());
    let keys: Vec<u8> = [(128 - count) as u8].into_iter().chain(keys).collect();
    let made = containers.iter().map(|(_, kind)| if *kind == ObjType::Text { 4 } else { 0 });
    let actions = runs([1; 3].into_iter().chain(made));
    // A value's length and kind: the schema is an integer of one byte, the subject two texts, a container nothing.
    let texts = subject.iter().map(|(_, text)| (text.len() as u64) << 4 | 6);
    let metas = runs([0x14].into_iter().chain(texts).chain(containers.iter().map(|_| 0)));
    let values = [&[1], subject[0].1.as_bytes(), subject[1].1.as_bytes()].concat();
    let columns =
        [(0x15, keys), (0x34, vec![count as u8]), (0x42, actions), (0x56, metas), (0x57, values), (0x70, runs((0..count).map(|_| 0)))];
    // No dependencies; the actor; sequence number 1, operations from 1, time 0, no message, no other actors.
    let mut body = vec![0, GENESIS_ACTOR.0.len() as u8];
    body.extend(GENESIS_ACTOR.0);
    body.extend([1, 1, 0, 0, 0, columns.len() as u8]);
    columns.iter().for_each(|(spec, data)| {
        body.push(*spec);
        unsigned(data.len() as u64, &mut body);
    });
    columns.iter().for_each(|(_, data)| body.extend(data));
    let mut out = vec![1];
    unsigned(body.len() as u64, &mut out);
    out.extend(body);
    out
}

/// Numbers in runs: n and the number, if it comes n times; -n and the numbers, if they differ.
fn runs(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let numbers: Vec<u64> = numbers.collect();
    let (mut out, mut apart) = (Vec::new(), Vec::new());
    // Runs here are shorter than 64, so that a length, signed, is one byte.
    let flush = |apart: &mut Vec<u64>, out: &mut Vec<u8>| {
        if !apart.is_empty() {
            out.push(128 - apart.len() as u8);
            apart.drain(..).for_each(|number| unsigned(number, out));
        }
    };
    for run in numbers.chunk_by(|a, b| a == b) {
        match run {
            [one] => apart.push(*one),
            _ => {
                flush(&mut apart, &mut out);
                out.push(run.len() as u8);
                unsigned(run[0], &mut out);
            }
        }
    }
    flush(&mut apart, &mut out);
    out
}

fn unsigned(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The object of a root container. It is known by the genesis, never looked up by its key: whoever put something else
/// under the key would otherwise hide everything that is in it.
pub(super) fn container(id: &DocumentId, key: &str) -> Option<ObjId> {
    Some(ObjId::Id(container_number(id, key)?, ActorId::from(&GENESIS_ACTOR.0[..]), 0))
}

/// The number of the genesis operation that makes a root container.
pub(super) fn container_number(id: &DocumentId, key: &str) -> Option<u64> {
    let at = containers(id).iter().position(|(name, _)| *name == key)?;
    Some(FIRST_CONTAINER + at as u64)
}

pub(super) fn containers(id: &DocumentId) -> &'static [(&'static str, ObjType)] {
    match id {
        DocumentId::Day { .. } => &[("visits", ObjType::Map), ("missed", ObjType::Map), ("diary", ObjType::Text)],
        DocumentId::Shop { .. } => &[
            ("contacts", ObjType::Map),
            ("facts", ObjType::Map),
            ("log", ObjType::Map),
            ("followups", ObjType::Map),
            ("complaints", ObjType::Map),
        ],
        DocumentId::Goals { .. } => &[("goals", ObjType::Map)],
    }
}

fn subject(id: &DocumentId) -> [(&'static str, String); 2] {
    match id {
        DocumentId::Day { route, date } => [("route", route.to_string()), ("date", date.to_string())],
        DocumentId::Shop { retailer, year } => [("retailer", retailer.to_string()), ("year", format!("{year:04}"))],
        DocumentId::Goals { person, quarter } => [("person", person.to_string()), ("quarter", quarter.to_string())],
    }
}

/// A document that holds its genesis change alone.
pub(super) fn document(id: &DocumentId) -> Automerge {
    let mut doc = Automerge::new().with_actor(ActorId::from(&GENESIS_ACTOR.0[..]));
    let mut tx = doc.transaction();
    let sound = "writing to the root of a new document does not fail";
    tx.put(ROOT, "schema", 1).expect(sound);
    for (key, value) in subject(id) {
        tx.put(ROOT, key, value).expect(sound);
    }
    for (key, kind) in containers(id) {
        tx.put_object(ROOT, *key, *kind).expect(sound);
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    doc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_container_is_where_the_genesis_made_it() {
        use automerge::ReadDoc;
        for id in ["day/r001/2026-07-01", "shop/t00001/2026", "goals/m01/2026Q3"] {
            let id: DocumentId = id.parse().unwrap();
            let doc = document(&id);
            for (key, _) in containers(&id) {
                assert_eq!(doc.get(ROOT, *key).unwrap().unwrap().1, container(&id, key).unwrap(), "{id} {key}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_hash_is_that_of_the_document(subject in "[a-z0-9\u{4e00}-\u{4e05}]{1,20}", year in 1000_i16..9000) {
            for id in [format!("day/{subject}/{year}-07-01"), format!("shop/{subject}/{year}"), format!("goals/{subject}/{year}Q3")] {
                let id: DocumentId = id.parse().unwrap();
                proptest::prop_assert_eq!(genesis_hash(&id).0, document(&id).get_heads()[0].0);
            }
        }
    }

    /// The genesis bytes are part of the wire for ever: a library that encodes them otherwise must not pass unnoticed.
    #[test]
    fn the_genesis_of_each_kind_never_changes() {
        let hash = |id: &str| genesis_hash(&id.parse().unwrap()).to_string();
        assert_eq!(hash("day/r001/2026-07-01"), "c00060d5c35fe37fbce1ca7fa5d2eff2931ef57bb860e598ab761ef32f533194");
        assert_eq!(hash("shop/t00001/2026"), "f6892f019e1b51ab664a5c8836a3874da2957d75b227344eeb19119c1ed01ef4");
        assert_eq!(hash("goals/m01/2026Q3"), "98d5ea80ef2b52ec391c587c68268fb5be1730483a8a35097ad0e416559c3df0");
    }
}
