//! A visit's trail: which change did what to it, in the order in which the document holds them, for whoever has to see
//! how a visit came to be what it is.

use std::collections::BTreeMap;

use automerge::legacy::{Key, ObjectId, OpType};
use automerge::{ExpandedChange, ObjId, ReadDoc, ScalarValue};
use serde::Serialize;

use super::Document;
use crate::ids::{Actor, ChangeHash, DeviceId, VisitId};

/// One change, as far as it is about the visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    pub change: ChangeHash,
    pub device: DeviceId,
    /// When the device says that it was written, in milliseconds since 1970 (whole seconds).
    pub at_ms: i64,
    /// Whether its author had not seen all that stands before it here.
    pub apart: bool,
    pub touched: Vec<Touched>,
}

/// What a change did to a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Touched {
    CheckedIn,
    CheckedOut,
    Removed,
    /// SKU → packs; none: the count was taken back.
    Stock {
        lines: BTreeMap<String, Option<i64>>,
    },
    /// SKU → cartons, as above.
    Order {
        lines: BTreeMap<String, Option<i64>>,
    },
    /// Item → what it was found to be.
    Audit {
        items: BTreeMap<String, String>,
    },
    Note,
}

/// The objects of a visit, by the id of the operation that made them.
struct Objects {
    visit: String,
    stock: Option<String>,
    order: Option<String>,
    audits: Option<String>,
    note: Option<String>,
}

impl Document {
    /// Every change that touched a visit; none: the document has no such visit.
    pub fn trail(&self, visit: &VisitId) -> Option<Vec<Trace>> {
        let visits = super::genesis::container(&self.id, "visits")?;
        let (_, id) = self.automerge.get(&visits, visit.to_string()).ok()??;
        let objects = Objects::of(self, &id);
        let mut out = Vec::new();
        let mut heads: Vec<automerge::ChangeHash> = Vec::new();
        for change in self.automerge.get_changes(&[]) {
            let apart = heads.iter().any(|head| !change.deps().contains(head));
            heads.retain(|head| !change.deps().contains(head));
            heads.push(change.hash());
            let touched = objects.touched(&visits, visit, &change.decode());
            let Some(actor) = Actor::from_slice(change.actor_id().to_bytes()) else { continue };
            if !touched.is_empty() {
                let at_ms = change.timestamp().saturating_mul(1000);
                out.push(Trace { change: ChangeHash(change.hash().0), device: actor.device(), at_ms, apart, touched });
            }
        }
        Some(out)
    }
}

impl Objects {
    fn of(document: &Document, visit: &ObjId) -> Self {
        let part = |key: &str| document.automerge.get(visit, key).ok().flatten().map(|(_, id)| id.to_string());
        Self { visit: visit.to_string(), stock: part("stock"), order: part("order"), audits: part("audits"), note: part("note") }
    }

    fn touched(&self, visits: &ObjId, visit: &VisitId, change: &ExpandedChange) -> Vec<Touched> {
        let (visits, visit) = (visits.to_string(), visit.to_string());
        let (mut stock, mut order, mut audits) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (mut checked_in, mut checked_out, mut removed, mut note) = (false, false, false, false);
        for op in &change.operations {
            let ObjectId::Id(id) = &op.obj else { continue };
            let object = Some(format!("{}@{}", id.counter(), id.actor()));
            let key = if let Key::Map(key) = &op.key { key.as_str() } else { "" };
            let value = if let OpType::Put(value) = &op.action { Some(value) } else { None };
            if object.as_deref() == Some(self.visit.as_str()) {
                checked_out |= key == "out_ms";
                removed |= key == "removed";
            } else if object.as_deref() == Some(visits.as_str()) {
                checked_in |= key == visit;
            } else if object == self.stock {
                stock.insert(key.to_string(), value.and_then(quantity));
            } else if object == self.order {
                order.insert(key.to_string(), value.and_then(quantity));
            } else if object == self.audits {
                let text = value.and_then(super::read::string).unwrap_or_default();
                audits.insert(key.to_string(), text.to_string());
            } else if object == self.note {
                note = true;
            }
        }
        let all = [
            checked_in.then_some(Touched::CheckedIn),
            (!stock.is_empty()).then_some(Touched::Stock { lines: stock }),
            (!order.is_empty()).then_some(Touched::Order { lines: order }),
            (!audits.is_empty()).then_some(Touched::Audit { items: audits }),
            note.then_some(Touched::Note),
            checked_out.then_some(Touched::CheckedOut),
            removed.then_some(Touched::Removed),
        ];
        all.into_iter().flatten().collect()
    }
}

fn quantity(value: &ScalarValue) -> Option<i64> {
    super::read::integer(value, 0, crate::limits::TIME_MS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Action;
    use crate::ids::{ActionId, DocumentId};

    fn act(document: &mut Document, device: u8, at_ms: i64, action: &Action) {
        document.act(Actor::new([device; 16], [1; 8]), ActionId([device; 16]), at_ms, action).expect("it is allowed").expect("it wrote");
    }

    fn stock(visit: VisitId, packs: i64) -> Action {
        Action::CountStock { visit, stock: BTreeMap::from([("6901028000000".parse().unwrap(), Some(packs))]) }
    }

    #[test]
    fn a_trail_says_who_did_what_and_who_had_not_seen_it() {
        let id: DocumentId = "day/r001/2026-08-05".parse().unwrap();
        let visit = VisitId([3; 16]);
        let mut first = Document::new(id);
        let device = Actor::new([1; 16], [1; 8]).device();
        let check_in = Action::CheckIn {
            visit,
            retailer: "t1".parse().unwrap(),
            person: "m1".parse().unwrap(),
            device: device.clone(),
            in_ms: 1_000,
            lat_e6: None,
            lon_e6: None,
            accuracy_m: None,
            mock: false,
        };
        act(&mut first, 1, 1_000, &check_in);
        let mut second = first.clone();
        act(&mut first, 1, 2_000, &stock(visit, 37));
        act(&mut second, 2, 3_000, &stock(visit, 0));
        let theirs: Vec<_> = second.changes_since(&first.heads()).into_iter().map(|chunk| chunk.bytes).collect();
        first.apply(theirs.iter().map(Vec::as_slice)).unwrap();
        act(&mut first, 1, 4_000, &Action::Note { visit, text: "sold out".into() });
        act(&mut first, 1, 5_000, &Action::CheckOut { visit, out_ms: 5_000 });

        let trail = first.trail(&visit).unwrap();
        let lines = |packs| Touched::Stock { lines: BTreeMap::from([("6901028000000".to_string(), Some(packs))]) };
        let expected = [Touched::CheckedIn, lines(37), lines(0), Touched::Note, Touched::CheckedOut];
        assert_eq!(trail.iter().flat_map(|trace| trace.touched.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(trail.iter().map(|trace| trace.apart).collect::<Vec<_>>(), [false, false, true, false, false]);
        assert_eq!(trail[0].device, device);
        assert_eq!(trail[2].at_ms, 3_000);
        assert_eq!(first.trail(&VisitId([9; 16])), None);
    }
}
