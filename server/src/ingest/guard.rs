//! The guard: bytes from a device become a [`CheckedChange`] or a reason. Automerge is not safe on hostile bytes, so they
//! are read by [`shared::doc::chunk`], which takes less than Automerge does; and what they do has to fit the form of their
//! document.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use shared::ids::{Actor, ChangeHash, DeviceId, DocumentId, PersonId};
use shared::limits;
use shared::wire::Reason;

use shared::doc::chunk::{Chunk, Header, hash_of};

use super::CheckedChange;
use super::shape;

/// Reads one change of a document. A refused one comes with the hash of its content if that much could be computed, else
/// with a fingerprint of its bytes that is no change's hash.
pub fn check(bytes: &[u8], document: &DocumentId) -> Result<CheckedChange, (Reason, ChangeHash)> {
    read(bytes, document, None, &mut Names::default())
}

/// As [`check`], for what a device brings: only a change whose actor is head office's may speak for it. Beside it, in whose
/// name its check-ins are.
pub fn check_brought(bytes: &[u8], document: &DocumentId, office: &[u8; 16]) -> Result<(CheckedChange, Names), (Reason, ChangeHash)> {
    let mut names = Names::default();
    Ok((read(bytes, document, Some(office), &mut names)?, names))
}

/// In whose name the check-ins of a sound change are.
pub fn names(bytes: &[u8], document: &DocumentId) -> Names {
    let mut names = Names::default();
    // What can't be read has none.
    let _refused = read(bytes, document, None, &mut names);
    names
}

/// In whose name check-ins are, people and devices; and whose visits are marked as mistakes.
#[derive(Debug, Default)]
pub struct Names {
    signed: BTreeSet<String>,
    removed: BTreeSet<DeviceId>,
}

impl Names {
    /// Whether there are no others than those of whoever wrote them. `whose`: the person of a device, if it is known; of one
    /// that is not there is no visit here either.
    pub fn only(&self, person: &PersonId, device: &DeviceId, whose: impl Fn(&DeviceId) -> Option<PersonId>) -> bool {
        let theirs = |name: &String| name == person.as_str() || name == device.as_str();
        self.signed.iter().all(theirs) && self.removed.iter().all(|by| by == device || whose(by).is_none_or(|by| by == *person))
    }
}

fn read(bytes: &[u8], document: &DocumentId, office: Option<&[u8; 16]>, names: &mut Names) -> Result<CheckedChange, (Reason, ChangeHash)> {
    let hash = hash_of(bytes).map_err(|reason| (reason, fingerprint(bytes)))?;
    parse(bytes, hash, document, office, names).map_err(|reason| (reason, hash))
}

/// Names bytes that are kept though they can't be read; it is no change's hash.
pub fn fingerprint(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::new().chain_update(b"no change: ").chain_update(bytes).finalize().into())
}

fn parse(
    bytes: &[u8],
    hash: ChangeHash,
    document: &DocumentId,
    office: Option<&[u8; 16]>,
    names: &mut Names,
) -> Result<CheckedChange, Reason> {
    let chunk = Chunk::read(bytes)?;
    // Every change follows on at least the genesis.
    if chunk.deps.is_empty() {
        return Err(Reason::GenesisActor);
    }
    let may_speak = office.is_none_or(|office| chunk.actor.device_part() == *office);
    let count = chunk.operations(|op| {
        names.signed.extend(shape::signed(op, document).map(str::to_string));
        names.removed.extend(shape::removed(op, document).map(Actor::device));
        shape::fits(op, document) && (may_speak || !shape::is_offices(op, document))
    })?;
    let beyond = limits::DOCUMENT_OPERATIONS_MAX;
    let max_op = chunk.start_op.saturating_add(count) - 1;
    if count == 0 || chunk.seq == 0 || chunk.start_op == 0 || chunk.seq > beyond || max_op >= beyond {
        return Err(Reason::Malformed);
    }
    let at_ms = chunk.time.saturating_mul(1000);
    let Chunk { actor, seq, start_op, deps, .. } = chunk;
    Ok(CheckedChange { hash, actor, seq, start_op, max_op, deps, at_ms, bytes: bytes.to_vec() })
}

/// Splits chunks that stand one behind the other, as the log keeps them.
pub fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while let Some(header) = Header::read(bytes) {
        let end = header.end().min(bytes.len());
        out.push(&bytes[..end]);
        bytes = &bytes[end..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::Change;
    use proptest::prelude::*;
    use shared::doc::{Action, Document};
    use shared::ids::{ActionId, Actor};

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
        assert_eq!(packed[8], 2, "a compressed chunk");
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

    /// One change of every kind that a core writes, with the document that it is of.
    fn all_kinds() -> Vec<(DocumentId, Vec<u8>)> {
        let mut out = Vec::new();
        let visit = shared::ids::VisitId([3; 16]);
        let lines = |packs| [("6901028000000".parse().unwrap(), packs), ("6901028000103".parse().unwrap(), Some(2))].into();
        let check_in = Action::CheckIn {
            visit,
            retailer: "t1".parse().unwrap(),
            person: "m1".parse().unwrap(),
            device: "d1".parse().unwrap(),
            in_ms: 1_786_000_000_000,
            lat_e6: Some(-37_000_000),
            lon_e6: Some(121_000_000),
            accuracy_m: Some(9),
            mock: true,
        };
        let day = vec![
            check_in,
            Action::CountStock { visit, stock: lines(Some(300)) },
            Action::CountStock { visit, stock: lines(None) },
            Action::PlanOrder { visit, order: lines(Some(1)) },
            Action::Audit { visit, item: "price_tags".into(), value: "yes".into() },
            Action::Note { visit, text: "货架挪到收银台旁 🙂".into() },
            Action::Note { visit, text: "货架 shelf".into() },
            Action::CheckOut { visit, out_ms: 1_786_000_600_000 },
            Action::RemoveVisit { visit },
            Action::ReportMissed { retailer: "t2".parse().unwrap(), reason: "closed".into(), at_ms: 5 },
            Action::Diary { text: "a day".into() },
        ];
        let contact =
            |name: &str| Action::PutContact { id: "c".into(), name: name.into(), role: "owner".into(), phone: "1".into(), birthday: None };
        let shop = vec![
            contact("a"),
            contact("b"),
            Action::RemoveContact { id: "c".into() },
            Action::SetFact { key: "likes".into(), value: "tea".into() },
            Action::PutFollowUp { id: "f".into(), date: due(), text: "again".into() },
            Action::CloseFollowUp { id: "f".into(), closed_ms: 7 },
            Action::Complain { id: "x".into(), at_ms: 1, text: "late".into(), severity: Some("low".into()) },
        ];
        let goals = vec![
            Action::PutGoal { id: "g".into(), title: "slim".into(), measure: "volume".into(), target: "30".into() },
            Action::AgreeGoal { id: "g".into(), as_manager: true, at_ms: 3 },
            Action::RemoveGoal { id: "g".into() },
        ];
        for (id, actions) in [("day/r001/2026-07-01", day), ("shop/t1/2026", shop), ("goals/m1/2026Q3", goals)] {
            let id: DocumentId = id.parse().unwrap();
            let mut doc = Document::new(id.clone());
            for (n, action) in actions.iter().enumerate() {
                // Two devices in turn, so that operations name each other's.
                let actor = Actor([7 + (n % 2) as u8; 24]);
                let chunk = doc.act(actor, ActionId([n as u8 + 1; 16]), 1_786_000_000_000, action).unwrap().expect("it changes something");
                out.push((id.clone(), chunk.bytes));
            }
        }
        out
    }

    fn due() -> shared::doc::FollowUpDate {
        shared::doc::FollowUpDate::Due(jiff::civil::date(2026, 8, 1))
    }

    #[test]
    fn every_kind_of_change_is_read_as_automerge_reads_it() {
        for (id, bytes) in all_kinds() {
            let ours = check(&bytes, &id).unwrap_or_else(|(reason, _)| panic!("{id}: {reason:?}"));
            agrees(&ours, &bytes);
        }
    }

    /// Bytes that end a run, begin one of nulls or one of different values, or make a length of another.
    #[test]
    fn no_damaged_byte_gets_anything_past_that_automerge_refuses() {
        for (id, whole) in all_kinds() {
            for (at, byte) in (9..whole.len()).flat_map(|at| [0, 1, 2, 0x7e, 0x7f].map(|byte| (at, byte))) {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                let hash = Sha256::digest(&bytes[8..]);
                bytes[4..8].copy_from_slice(&hash[..4]);
                if let Ok(ours) = check(&bytes, &id) {
                    agrees(&ours, &bytes);
                }
            }
        }
    }

    fn agrees(ours: &CheckedChange, bytes: &[u8]) {
        let theirs = Change::try_from(bytes).expect("what passes the guard, Automerge takes");
        assert_eq!(ours.hash.0, theirs.hash().0);
        assert_eq!(ours.actor.as_bytes(), theirs.actor_id().to_bytes());
        assert_eq!((ours.seq, ours.start_op), (theirs.seq(), theirs.start_op().get()));
        assert_eq!(ours.max_op, theirs.start_op().get() + theirs.len() as u64 - 1);
        assert_eq!(ours.at_ms, theirs.timestamp().saturating_mul(1000));
        assert!(ours.deps.iter().map(|dep| dep.0).eq(theirs.deps().iter().map(|dep| dep.0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whoever damages a change and mends its checksum gets nothing past the guard that Automerge would not take.
        #[test]
        fn what_passes_automerge_takes(which in 0_usize..21, damage in proptest::collection::vec((9_usize..600, any::<u8>()), 1..4), cut in 0_usize..3) {
            let (id, mut bytes) = all_kinds().swap_remove(which);
            for (at, byte) in damage {
                let at = 9 + at % (bytes.len() - 9);
                bytes[at] = byte;
            }
            bytes.truncate(bytes.len() - cut);
            let hash = Sha256::digest(&bytes[8..]);
            bytes[4..8].copy_from_slice(&hash[..4]);
            if let Ok(ours) = check(&bytes, &id) {
                agrees(&ours, &bytes);
                prop_assert!(std::panic::catch_unwind(|| Change::try_from(&bytes[..]).unwrap().decode()).is_ok());
            }
        }
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
