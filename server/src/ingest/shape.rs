//! The form of a document, as far as one change can be held to it without the document: nobody writes to the root, entries
//! are created whole and once and never deleted, and what a check-in says is never overwritten. So no change can hide
//! another's visit; what two devices set apart stays side by side.

use shared::doc::chunk::{Does, Key, Op, Value};
use shared::doc::{GENESIS_ACTOR, STAFF_NOTE};
use shared::ids::{Actor, DocumentId, VisitId};

/// Fields of a visit that only its check-in writes.
const WRITTEN_ONCE: [&str; 8] = ["retailer", "person", "device", "in_ms", "lat_e6", "lon_e6", "accuracy_m", "mock"];

/// Whether an operation fits its document.
pub fn fits(op: &Op<'_>, document: &DocumentId) -> bool {
    match (op.key, op.object) {
        (Key::Head | Key::Character(..), _) => text_fits(op),
        (Key::Field(_), None) => false,
        (Key::Field(key), Some((actor, number))) if *actor == GENESIS_ACTOR => container_fits(op, key, number, document),
        (Key::Field(key), Some(_)) => entry_fits(op, key, document),
    }
}

/// Whether an operation speaks for head office: it agrees to a goal as the supervisor, or writes a note of staff.
pub fn is_offices(op: &Op<'_>, document: &DocumentId) -> bool {
    match (document, op.key) {
        // Taking an agreement back is everybody's: whoever changes a goal does it.
        (DocumentId::Goals { .. }, Key::Field("supervisor")) => matches!(op.does, Does::Put(value) if value != Value::Null),
        (DocumentId::Day { .. }, Key::Field(key)) => key.starts_with(STAFF_NOTE),
        _ => false,
    }
}

/// In whose name a check-in is, person or device, if the operation says it.
pub fn signed<'a>(op: &Op<'a>, document: &DocumentId) -> Option<&'a str> {
    match (document, op.key, op.does) {
        (DocumentId::Day { .. }, Key::Field("person" | "device"), Does::Put(Value::Text(name))) => Some(name),
        _ => None,
    }
}

/// The actor that made the visit which the operation marks as a mistake.
pub fn removed<'a>(op: &Op<'a>, document: &DocumentId) -> Option<&'a Actor> {
    match (document, op.key, op.object) {
        (DocumentId::Day { .. }, Key::Field("removed"), Some((actor, _))) => Some(actor),
        _ => None,
    }
}

/// Characters of a text come and go.
fn text_fits(op: &Op<'_>) -> bool {
    matches!(op.does, Does::Delete | Does::Put(Value::Text(_)))
}

fn is_new(op: &Op<'_>, made: Does<'_>) -> bool {
    op.replaces == 0 && op.does == made
}

/// A value is set. Where values stand side by side, setting the winner again deletes the others.
fn is_value(op: &Op<'_>) -> bool {
    matches!(op.does, Does::Put(_) | Does::Delete)
}

/// The containers that the genesis makes, by operation number; see `shared::doc`.
fn container_fits(op: &Op<'_>, key: &str, number: u64, document: &DocumentId) -> bool {
    match (document, number) {
        (DocumentId::Day { .. }, 4) => is_new(op, Does::MakeMap) && key.parse::<VisitId>().is_ok(),
        (DocumentId::Day { .. }, 5) | (DocumentId::Shop { .. }, 5) => is_value(op),
        (DocumentId::Shop { .. }, 4 | 6 | 7 | 8) | (DocumentId::Goals { .. }, 4) => is_new(op, Does::MakeMap),
        _ => false,
    }
}

/// What is within an entry: a visit, a contact, a goal.
fn entry_fits(op: &Op<'_>, key: &str, document: &DocumentId) -> bool {
    match (document, key) {
        (DocumentId::Day { .. }, "stock" | "order" | "audits") | (DocumentId::Goals { .. }, "agreed_by") => is_new(op, Does::MakeMap),
        (DocumentId::Day { .. }, "note") => is_new(op, Does::MakeText),
        (DocumentId::Day { .. }, key) if WRITTEN_ONCE.contains(&key) => op.replaces == 0 && matches!(op.does, Does::Put(_)),
        _ => is_value(op),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::guard;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, Value};
    use shared::doc::{Action, Document};
    use shared::ids::{ActionId, Actor};
    use shared::wire::Reason;

    fn sheet() -> DocumentId {
        "day/r001/2026-07-01".parse().unwrap()
    }

    /// A sheet with one visit, and the visit's map.
    fn with_visit() -> (Automerge, ObjId, ObjId) {
        let mut doc = Document::new(sheet());
        let check_in = Action::CheckIn {
            visit: VisitId([1; 16]),
            retailer: "t1".parse().unwrap(),
            person: "m1".parse().unwrap(),
            device: "d1".parse().unwrap(),
            in_ms: 1,
            lat_e6: None,
            lon_e6: None,
            accuracy_m: None,
            mock: false,
        };
        doc.act(Actor([7; 24]), ActionId([1; 16]), 0, &check_in).unwrap();
        let doc = Automerge::load(&doc.save()).unwrap();
        let visits = doc.get(ROOT, "visits").unwrap().unwrap().1;
        let Some((Value::Object(_), visit)) = doc.get(&visits, VisitId([1; 16]).to_string()).unwrap() else { panic!("a visit") };
        (doc, visits, visit)
    }

    /// Whether what is written into that sheet fits.
    fn written(write: impl FnOnce(&mut automerge::transaction::Transaction<'_>, &ObjId, &ObjId)) -> bool {
        let (mut doc, visits, visit) = with_visit();
        doc.set_actor(ActorId::from(&[9_u8; 24][..]));
        let mut tx = doc.transaction();
        write(&mut tx, &visits, &visit);
        tx.commit();
        match guard::check(doc.get_last_local_change().unwrap().raw_bytes(), &sheet()) {
            Ok(_) => true,
            Err((Reason::WrongShape, _)) => false,
            Err((reason, _)) => panic!("{reason:?}"),
        }
    }

    #[test]
    fn nobody_hides_a_visit() {
        let key = VisitId([1; 16]).to_string();
        assert!(!written(|tx, _, _| tx.put(ROOT, "visits", "x").unwrap()));
        assert!(!written(|tx, _, _| tx.delete(ROOT, "visits").unwrap()));
        assert!(!written(|tx, visits, _| tx.put(visits, key.as_str(), "x").unwrap()));
        assert!(!written(|tx, visits, _| tx.delete(visits, key.as_str()).unwrap()));
        assert!(!written(|tx, visits, _| drop(tx.put_object(visits, key.as_str(), ObjType::Map).unwrap())));
        assert!(!written(|tx, _, visit| tx.put(visit, "in_ms", "x").unwrap()));
        assert!(!written(|tx, _, visit| tx.put(visit, "stock", 1).unwrap()));
        assert!(!written(|tx, _, visit| tx.delete(visit, "retailer").unwrap()));
    }

    #[test]
    fn what_a_core_writes_fits() {
        assert!(written(|tx, _, visit| tx.put(visit, "out_ms", 2).unwrap()));
        assert!(written(|tx, _, visit| tx.put(visit, "removed", true).unwrap()));
        let other = VisitId([2; 16]).to_string();
        assert!(written(|tx, visits, _| drop(tx.put_object(visits, other.as_str(), ObjType::Map).unwrap())));
    }
}
