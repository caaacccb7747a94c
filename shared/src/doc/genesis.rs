//! The genesis change: schema 1, the subject, and every container of the root. Two devices that create the same document
//! apart start from the same bytes. It is never sent, and nobody else may write as its actor.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT};

use crate::ids::{Actor, ChangeHash, DocumentId};

/// The actor of every genesis change; no device's actor begins with 16 zero bytes.
pub const GENESIS_ACTOR: Actor = Actor([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b'g', b'e', b'n', b'e', b's', b'i', b's', 1]);

/// The number of the operation that makes the first container: 1 is the schema, then come the two fields of the subject.
pub(super) const FIRST_CONTAINER: u64 = 4;

/// The hash of a document's genesis change.
pub fn genesis_hash(id: &DocumentId) -> ChangeHash {
    ChangeHash(document(id).get_heads()[0].0)
}

/// The object of a root container. It is known by the genesis, never looked up by its key: whoever put something else
/// under the key would otherwise hide everything that is in it.
pub(super) fn container(id: &DocumentId, key: &str) -> Option<ObjId> {
    let at = containers(id).iter().position(|(name, _)| *name == key)?;
    Some(ObjId::Id(FIRST_CONTAINER + at as u64, ActorId::from(&GENESIS_ACTOR.0[..]), 0))
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

/// A document that holds its genesis change alone.
pub(super) fn document(id: &DocumentId) -> Automerge {
    let mut doc = Automerge::new().with_actor(ActorId::from(&GENESIS_ACTOR.0[..]));
    let mut tx = doc.transaction();
    let subject = match id {
        DocumentId::Day { route, date } => [("route", route.to_string()), ("date", date.to_string())],
        DocumentId::Shop { retailer, year } => [("retailer", retailer.to_string()), ("year", format!("{year:04}"))],
        DocumentId::Goals { person, quarter } => [("person", person.to_string()), ("quarter", quarter.to_string())],
    };
    let sound = "writing to the root of a new document does not fail";
    tx.put(ROOT, "schema", 1).expect(sound);
    for (key, value) in subject {
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

    /// The genesis bytes are part of the wire for ever: a library that encodes them otherwise must not pass unnoticed.
    #[test]
    fn the_genesis_of_each_kind_never_changes() {
        let hash = |id: &str| genesis_hash(&id.parse().unwrap()).to_string();
        assert_eq!(hash("day/r001/2026-07-01"), "c00060d5c35fe37fbce1ca7fa5d2eff2931ef57bb860e598ab761ef32f533194");
        assert_eq!(hash("shop/t00001/2026"), "f6892f019e1b51ab664a5c8836a3874da2957d75b227344eeb19119c1ed01ef4");
        assert_eq!(hash("goals/m01/2026Q3"), "98d5ea80ef2b52ec391c587c68268fb5be1730483a8a35097ad0e416559c3df0");
    }
}
