//! What goes into the next request: decided purely, from what the store says.

use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;
use shared::ids::{Actor, ChangeHash, DeviceId, DocumentId};
use shared::limits;
use shared::wire::{DocumentChanges, DocumentHeads, Filing, PROTOCOL, SyncRequest};

use crate::store::Outgoing;

/// How much one request may still hold.
#[derive(Default)]
pub(crate) struct Budget {
    bytes: usize,
    changes: usize,
    documents: BTreeSet<DocumentId>,
}

impl Budget {
    /// Whether the next change of the outbox still fits. What comes after one that doesn't fit waits too, since it may
    /// depend on it. The first always fits: a change is smaller than a request.
    pub fn takes(&mut self, next: &Outgoing) -> bool {
        self.bytes += next.bytes.len();
        self.changes += 1;
        self.documents.insert(next.document.clone());
        let fits = self.bytes <= limits::UPLOAD_BYTES
            && self.changes <= limits::SYNC_CHANGES_MAX
            && self.documents.len() <= limits::SYNC_DOCUMENTS_MAX;
        fits || self.changes == 1
    }
}

/// What the store knows when a request is planned.
pub(crate) struct Known {
    pub device: DeviceId,
    pub actor: Actor,
    pub now_ms: i64,
    pub epoch: u64,
    pub cursor: Vec<u8>,
    /// To be compared after a restore of the server.
    pub heads: Vec<DocumentHeads>,
    /// Disputes that are only here.
    pub filings: Vec<Filing>,
    /// How many changes the whole outbox holds, and one more while heads are offered.
    pub outbox_len: u64,
}

/// A request, and what it holds in the order in which it will be judged.
pub(crate) struct Plan {
    pub request: SyncRequest,
    pub sent: Vec<ChangeHash>,
}

/// Groups the outbox's head by document, in the order in which the documents come up.
pub(crate) fn plan(known: Known, outgoing: Vec<Outgoing>) -> Plan {
    let remaining = known.outbox_len.saturating_sub(outgoing.len() as u64);
    let mut groups: Vec<(DocumentId, Vec<ByteVec>, Vec<ChangeHash>)> = Vec::new();
    for change in outgoing {
        // A document's changes mostly stand together: look from the end.
        let at = groups.iter().rposition(|(document, ..)| *document == change.document).unwrap_or_else(|| {
            groups.push((change.document.clone(), Vec::new(), Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(change.bytes.into());
        groups[at].2.push(change.hash);
    }
    let mut sent = Vec::new();
    let mut changes = Vec::new();
    for (document, chunks, hashes) in groups {
        changes.push(DocumentChanges { document: document.to_string(), chunks });
        sent.extend(hashes);
    }
    let request = SyncRequest {
        protocol: PROTOCOL,
        device: known.device,
        actor: known.actor,
        device_time_ms: known.now_ms,
        epoch: known.epoch,
        cursor: known.cursor,
        changes,
        heads: known.heads,
        remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
        max_bytes: limits::ANSWER_BYTES,
        app: Some(env!("CARGO_PKG_VERSION").into()),
        filings: known.filings,
    };
    Plan { request, sent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(document: &str, hash: u8, len: usize) -> Outgoing {
        Outgoing { document: document.parse().unwrap(), hash: ChangeHash([hash; 32]), bytes: vec![hash; len] }
    }

    fn known(outbox_len: u64) -> Known {
        let actor = Actor::new([1; 16], [2; 8]);
        Known { device: actor.device(), actor, now_ms: 5, epoch: 3, cursor: vec![9], heads: vec![], filings: vec![], outbox_len }
    }

    const A: &str = "day/r1/2026-07-01";
    const B: &str = "shop/t1/2026";

    /// Outbox, what is sent of it, in which groups.
    #[test]
    fn requests_hold_the_outboxs_head_grouped_by_document() {
        type Case = (&'static str, Vec<Outgoing>, Vec<u8>, Vec<(&'static str, usize)>, u32);
        let big = limits::UPLOAD_BYTES;
        let cases: Vec<Case> = vec![
            ("nothing to send", vec![], vec![], vec![], 0),
            ("one", vec![change(A, 1, 10)], vec![1], vec![(A, 1)], 0),
            ("interleaved", vec![change(A, 1, 9), change(B, 2, 9), change(A, 3, 9)], vec![1, 3, 2], vec![(A, 2), (B, 1)], 0),
            ("full to the byte", vec![change(A, 1, big - 1), change(A, 2, 1)], vec![1, 2], vec![(A, 2)], 0),
            ("one byte over", vec![change(A, 1, big), change(A, 2, 1), change(B, 3, 1)], vec![1], vec![(A, 1)], 2),
            ("the first always fits", vec![change(A, 1, big + 1), change(A, 2, 1)], vec![1], vec![(A, 1)], 1),
        ];
        for (name, outbox, sent, groups, remaining) in cases {
            let mut budget = Budget::default();
            let len = outbox.len() as u64;
            let head: Vec<Outgoing> = outbox.into_iter().take_while(|next| budget.takes(next)).collect();
            let plan = plan(known(len), head);
            assert_eq!(plan.sent.iter().map(|hash| hash.0[0]).collect::<Vec<_>>(), sent, "{name}");
            let found: Vec<_> = plan.request.changes.iter().map(|group| (group.document.as_str(), group.chunks.len())).collect();
            assert_eq!(found, groups, "{name}");
            assert_eq!(plan.request.remaining, remaining, "{name}");
        }
    }
}
