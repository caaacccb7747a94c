//! A head office that fits into a test: one log in memory, the verdicts of `sync.md`, and some ways to misbehave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use automerge::Change;
use client_core::transport::{Response, Transport, TransportFault};
use shared::doc::{Document, genesis_hash};
use shared::ids::{Actor, ChangeHash, DeviceId, DocumentId, Scope};
use shared::limits;
use shared::reference::Reference;
use shared::wire::{
    Acknowledgement, DocumentChanges, DocumentHeads, Grant, Reason, ScopedRow, Settled, SyncAnswer, SyncRequest, Verdict, accepted_digest,
    open, pack,
};

/// A change that has arrived.
#[derive(Clone)]
pub struct Entry {
    pub document: DocumentId,
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
    pub actor: Actor,
    seq: u64,
    deps: Vec<ChangeHash>,
}

#[derive(Default)]
pub struct Inner {
    pub epoch: u64,
    restored_at: usize,
    pub log: Vec<Entry>,
    pub held: Vec<(Entry, Reason)>,
    pub waiting: Vec<Entry>,
    pub settled: Vec<Settled>,
    pub rows: Vec<ScopedRow>,
    pub grants: Vec<Scope>,
    /// Documents of which every change is held back.
    pub holds: BTreeMap<DocumentId, Reason>,
    /// So many requests are answered 503.
    pub busy: u32,
    /// So many requests are heard, and their answers lost.
    pub deaf: u32,
    /// Acknowledge something else than what was sent.
    pub lies: bool,
    /// Entries of one answer at most.
    pub page: usize,
    pub requests: Vec<SyncRequest>,
    pub(super) devices: BTreeMap<DeviceId, [u8; 32]>,
    pub(super) codes: BTreeMap<String, DeviceId>,
    pub(super) jtis: BTreeSet<String>,
}

pub struct Office(pub Mutex<Inner>);

impl Office {
    pub fn new() -> Self {
        Self(Mutex::new(Inner {
            epoch: 1,
            grants: vec![Scope::Org, scope("route/r1"), scope("person/m01")],
            page: usize::MAX,
            ..Inner::default()
        }))
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    /// Gives everybody all rows of some reference data.
    pub fn publish(&self, reference: &Reference) {
        let rows = reference.rows().into_iter().map(|(scope, row)| ScopedRow { scope, row });
        self.with(|office| office.rows.extend(rows));
    }

    /// Loses all but the first `keep` changes, as a restore of an old backup does.
    pub fn restore(&self, keep: usize) {
        self.with(|office| {
            office.log.truncate(keep);
            office.restored_at = keep;
            office.held.clear();
            office.epoch += 1;
        });
    }

    /// Holds back every further change of a document.
    pub fn hold(&self, document: &str, reason: Reason) {
        self.with(|office| office.holds.insert(document.parse().unwrap(), reason));
    }

    /// Staff release or reject a change that is held back, and with it what builds on it.
    pub fn settle(&self, hash: ChangeHash, release: bool) {
        self.with(|office| {
            let mut hashes = BTreeSet::from([hash]);
            for (entry, _) in std::mem::take(&mut office.held) {
                let builds_on = entry.deps.iter().any(|dep| hashes.contains(dep));
                if entry.hash != hash && !builds_on {
                    continue;
                }
                hashes.insert(entry.hash);
                let reason = if entry.hash == hash { Reason::NotAssigned } else { Reason::BecauseOf };
                let (verdict, reason) = if release { (Verdict::Durable, None) } else { (Verdict::Rejected, Some(reason)) };
                office.settled.push(Settled { hash: entry.hash, verdict, reason });
                if release {
                    office.log.push(entry);
                }
            }
        });
    }

    /// The document as head office has it.
    pub fn document(&self, id: &str) -> Document {
        self.with(|office| office.document(&id.parse().unwrap()))
    }
}

pub fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

impl Transport for Office {
    fn post(&self, path: &str, bearer: Option<&str>, _: &str, body: &[u8]) -> Result<Response, TransportFault> {
        let mut office = self.0.lock().unwrap();
        if office.busy > 0 {
            office.busy -= 1;
            return Ok(Response { status: 503, retry_after_s: Some(7), ..Response::default() });
        }
        let body = match path {
            "/v1/enrol" => match office.enrol(body) {
                Some(answer) => answer,
                None => {
                    let body = br#"{"code":"wrong_code","title":"The enrolment code is wrong, used or expired."}"#.to_vec();
                    return Ok(Response { status: 401, body, retry_after_s: None });
                }
            },
            "/v1/sync" => {
                office.check(bearer.expect("a sync is signed"), body);
                let request: SyncRequest = open(body, limits::SYNC_INFLATED_MAX).unwrap();
                pack(&office.sync(request))
            }
            other => panic!("nothing is at {other}"),
        };
        if office.deaf > 0 {
            office.deaf -= 1;
            return Err(TransportFault("the line went dead".into()));
        }
        Ok(Response { status: 200, body, retry_after_s: None })
    }
}

impl Inner {
    fn sync(&mut self, request: SyncRequest) -> SyncAnswer {
        let (mut verdicts, mut accepted, mut fresh) = (vec![], vec![], false);
        for group in &request.changes {
            for chunk in &group.chunks {
                let entry = entry(&group.document, chunk);
                let verdict = self.judge(&entry, &request);
                fresh |= verdict.1 == Some(Reason::ActorConflict);
                if matches!(verdict.0, Verdict::Durable | Verdict::Duplicate) {
                    accepted.push(entry.hash);
                }
                verdicts.push(verdict);
            }
        }
        let wanted = request.heads.iter().filter_map(|offered| self.wants(offered)).collect();
        let restored = request.epoch < self.epoch;
        let [from, settled, rows] = positions(&request.cursor);
        let from = from.min(if restored { self.restored_at } else { self.log.len() });
        let to = self.log.len().min(from.saturating_add(self.page));
        let news = self.log[from..to].iter().filter(|entry| entry.actor != request.actor && self.granted(&entry.document));
        let documents =
            news.map(|entry| DocumentChanges { document: entry.document.to_string(), chunks: vec![entry.bytes.clone().into()] });
        let mut digest = accepted_digest(&accepted);
        digest[0] ^= u8::from(self.lies);
        let answer = SyncAnswer {
            epoch: self.epoch,
            acknowledgement: Acknowledgement::of(&verdicts, digest),
            settled: self.settled[settled.min(self.settled.len())..].to_vec(),
            documents: documents.collect(),
            reference: self.rows[rows.min(self.rows.len())..].to_vec(),
            scopes: self.grants.iter().map(|scope| Grant { scope: scope.clone(), current: true }).collect(),
            left: vec![],
            cursor: [to, self.settled.len(), self.rows.len()].iter().flat_map(|n| (*n as u64).to_be_bytes()).collect(),
            more: to < self.log.len(),
            wanted,
            fresh_generation: fresh,
            server_time_ms: super::NINE,
            complete_up_to_ms: (request.remaining == 0).then_some(super::NINE),
            access_token: "t".into(),
            restored,
            filed: vec![],
        };
        self.requests.push(request);
        answer
    }

    fn judge(&mut self, entry: &Entry, request: &SyncRequest) -> (Verdict, Option<Reason>) {
        if self.log.iter().any(|known| known.hash == entry.hash) {
            return (Verdict::Duplicate, None);
        }
        if let Some((_, reason)) = self.held.iter().find(|(known, _)| known.hash == entry.hash) {
            return (Verdict::Quarantined, Some(*reason));
        }
        let is = |known: &Entry| known.document == entry.document && known.actor == entry.actor && known.seq == entry.seq;
        let reason = if self.log.iter().any(is) {
            Some(Reason::ActorConflict)
        } else if entry.actor.device() != request.device && self.epoch == 1 {
            Some(Reason::ForeignActor)
        } else if self.held.iter().any(|(held, _)| entry.deps.contains(&held.hash)) {
            Some(Reason::BecauseOf)
        } else {
            self.holds.get(&entry.document).copied()
        };
        if let Some(reason) = reason {
            self.held.push((entry.clone(), reason));
            return (Verdict::Quarantined, Some(reason));
        }
        let genesis = genesis_hash(&entry.document);
        if !entry.deps.iter().all(|dep| *dep == genesis || self.log.iter().any(|known| known.hash == *dep)) {
            self.waiting.push(entry.clone());
            return (Verdict::Waiting, None);
        }
        self.log.push(entry.clone());
        (Verdict::Durable, None)
    }

    fn document(&self, id: &DocumentId) -> Document {
        let mut document = Document::new(id.clone());
        document.apply(self.log.iter().filter(|entry| entry.document == *id).map(|entry| entry.bytes.as_slice())).unwrap();
        document
    }

    fn wants(&self, offered: &DocumentHeads) -> Option<DocumentHeads> {
        let document = self.document(&offered.document.parse().unwrap());
        let lacks = offered.heads.iter().any(|hash| !document.contains(hash));
        let heads = if self.granted(&offered.document.parse().unwrap()) { document.heads() } else { vec![] };
        lacks.then(|| DocumentHeads { document: offered.document.clone(), heads })
    }

    fn granted(&self, document: &DocumentId) -> bool {
        match document {
            DocumentId::Day { route, .. } => self.grants.contains(&Scope::Route(route.clone())),
            DocumentId::Goals { person, .. } => self.grants.contains(&Scope::Person(person.clone())),
            DocumentId::Shop { .. } => true,
        }
    }
}

fn positions(cursor: &[u8]) -> [usize; 3] {
    let mut out = [0; 3];
    for (out, bytes) in out.iter_mut().zip(cursor.chunks_exact(8)) {
        *out = u64::from_be_bytes(bytes.try_into().unwrap()) as usize;
    }
    out
}

fn entry(document: &str, chunk: &[u8]) -> Entry {
    let change = Change::try_from(chunk).unwrap();
    Entry {
        document: document.parse().unwrap(),
        hash: ChangeHash(change.hash().0),
        bytes: chunk.to_vec(),
        actor: Actor::from_slice(change.actor_id().to_bytes()).unwrap(),
        seq: change.seq(),
        deps: change.deps().iter().map(|dep| ChangeHash(dep.0)).collect(),
    }
}
