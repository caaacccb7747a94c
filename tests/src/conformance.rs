//! What every store must keep, as one suite over the trait: run it with any store that is empty.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use server::ingest::{CheckedChange, guard};
use server::store::decision::{AuditEntry, Decision, InputRef, RecordKind, RecordWrite, StoredInput, StoredRevision};
use server::store::{Authored, Incoming, Page, PageQuery, Ruling, Store, StoreError, Upload, UploadDocument};
use shared::doc::{Action, Document};
use shared::ids::{ActionId, Actor, ChangeHash, DeviceId, DocumentId, Scope};
use shared::reference::{Kind, Row};
use shared::wire::{Cursor, Reason, Verdict};

use crate::clock::day;

/// A writer of one actor.
pub struct Author {
    pub actor: Actor,
    pub device: DeviceId,
    requests: u64,
}

impl Author {
    pub fn new(n: u8) -> Self {
        let key = [n; 32];
        let device = DeviceId::of_key(&key);
        let actor = Actor::new(device.part().expect("made from a key"), [n; 8]);
        Self { actor, device, requests: 0 }
    }

    /// `count` diary entries, each a change.
    pub fn changes(&self, document: &DocumentId, count: usize) -> Vec<CheckedChange> {
        let mut doc = Document::new(document.clone());
        (0..count)
            .map(|n| {
                let action = Action::Diary { text: format!("{:?} {n}", self.actor) };
                let chunk = doc.act(self.actor, ActionId([n as u8; 16]), 1000, &action).expect("possible").expect("new");
                guard::check(&chunk.bytes, document).expect("sound")
            })
            .collect()
    }

    pub fn upload(&mut self, document: &DocumentId, changes: &[CheckedChange], allowed: Result<Scope, Reason>) -> Upload {
        self.requests += 1;
        let incoming = |change: &CheckedChange| Incoming::Checked { change: change.clone(), allowed: allowed.clone(), relayed: false };
        Upload {
            device: self.device.clone(),
            jti: format!("r{}", self.requests),
            received_ms: 1000,
            skew_ms: 0,
            complete: true,
            app: None,
            documents: vec![UploadDocument { document: document.to_string(), changes: changes.iter().map(incoming).collect() }],
        }
    }
}

/// A change's hash: of everything behind its checksum.
fn hash_of(chunk: &[u8]) -> ChangeHash {
    use sha2::Digest;
    ChangeHash(sha2::Sha256::digest(&chunk[8..]).into())
}

pub fn sheet(n: usize) -> DocumentId {
    DocumentId::Day { route: format!("r{n:03}").parse().expect("a route id"), date: day("2026-08-05") }
}

pub fn route(n: usize) -> Scope {
    format!("route/r{n:03}").parse().expect("a scope")
}

pub fn query(device: &DeviceId, actor: Actor, scopes: &[Scope], cursor: Cursor, max_bytes: usize) -> PageQuery {
    let visible_from = day("2026-04-01");
    PageQuery { device: device.clone(), actor, scopes: scopes.to_vec(), cursor, visible_from, max_bytes }
}

/// Everything of some scopes, page by page.
pub fn drain(store: &dyn Store, scopes: &[Scope], max_bytes: usize) -> (BTreeSet<ChangeHash>, Vec<Page>) {
    let reader = Author::new(250);
    let (mut cursor, mut pages, mut seen) = (Cursor::default(), Vec::new(), BTreeSet::new());
    loop {
        let page = store.page(&query(&reader.device, reader.actor, scopes, cursor, max_bytes)).expect("a page");
        cursor = page.cursor.clone();
        for chunk in page.documents.iter().flat_map(|d| &d.chunks) {
            assert!(seen.insert(hash_of(chunk)), "nothing is delivered twice");
        }
        let more = page.more;
        pages.push(page);
        if !more {
            return (seen, pages);
        }
    }
}

fn verdicts(store: &dyn Store, upload: Upload) -> Vec<Verdict> {
    store.append(upload).expect("appended").verdicts.into_iter().map(|(_, verdict, _)| verdict).collect()
}

/// The same again is a duplicate; a request is used once; nothing is delivered to its own author.
pub fn appends_once(store: &dyn Store) {
    let mut author = Author::new(1);
    let (document, scope) = (sheet(1), route(1));
    let changes = author.changes(&document, 5);
    let upload = author.upload(&document, &changes, Ok(scope.clone()));
    assert_eq!(verdicts(store, upload.clone()), [Verdict::Durable; 5]);
    assert!(matches!(store.append(upload), Err(StoreError::Replayed)));
    let again = author.upload(&document, &changes, Ok(scope.clone()));
    assert_eq!(verdicts(store, again), [Verdict::Duplicate; 5]);
    assert_eq!(drain(store, std::slice::from_ref(&scope), usize::MAX).0.len(), 5);
    let own = store.page(&query(&author.device, author.actor, &[scope], Cursor::default(), usize::MAX)).expect("a page");
    assert!(own.documents.is_empty());
    assert_eq!(store.heads(&[document.clone(), sheet(999)]).expect("heads"), [Some(vec![changes[4].hash]), None]);
    assert!(!store.lacks(&document, &[changes[2].hash]).expect("known") && store.lacks(&document, &[ChangeHash([9; 32])]).expect("known"));
}

/// In whatever order changes arrive, what waits lands when its dependencies are here, and its device is told.
pub fn waiting_lands(store: &dyn Store) {
    let mut author = Author::new(2);
    let (document, scope) = (sheet(2), route(2));
    let changes = author.changes(&document, 6);
    let mut sent = |range: std::ops::Range<usize>| {
        let upload = author.upload(&document, &changes[range], Ok(scope.clone()));
        verdicts(store, upload)
    };
    assert_eq!(sent(4..6), [Verdict::Waiting; 2]);
    assert_eq!(sent(4..6), [Verdict::Waiting; 2], "told again, it still waits");
    assert_eq!(sent(2..3), [Verdict::Waiting]);
    assert_eq!(sent(0..2), [Verdict::Durable; 2]);
    assert_eq!(sent(3..5), [Verdict::Durable; 2], "what waited may come again with what it waited for");
    assert!(store.held(true).expect("held").is_empty());
    assert_eq!(drain(store, std::slice::from_ref(&scope), usize::MAX).0.len(), 6);
    let page = store.page(&query(&Author::new(2).device, Author::new(2).actor, &[scope], Cursor::default(), usize::MAX)).expect("a page");
    let landed = page.settled.iter().filter(|settled| settled.verdict == Verdict::Durable).count();
    assert_eq!(landed, 3, "{:?}", page.settled);
    let batches = store.batches(&document).expect("batches");
    let mut doc = Document::new(document);
    doc.apply(batches.iter().flat_map(|batch| guard::split(&batch.body))).expect("dependencies come first");
}

/// A decision is written whole or not at all, by who has seen what is there; months go on by one; the audit log is a chain.
pub fn decisions_hold(store: &dyn Store) {
    let record = |seen, body: &str| RecordWrite { kind: RecordKind::Dispute, key: "d1".into(), seen, body: body.into() };
    let entry =
        |action| AuditEntry { at_ms: 5, who: "s01".into(), action, subject: "dispute/d1".into(), before: None, after: Some("{}".into()) };
    let decide = |record, action| store.decide(Decision { records: vec![record], audit: vec![entry(action)], ..Decision::default() });
    decide(record(0, "1"), "first").expect("it is new");
    assert!(matches!(decide(record(0, "2"), "again"), Err(StoreError::Stale)), "it is there already");
    assert!(matches!(decide(record(7, "2"), "unseen"), Err(StoreError::Stale)), "this version nobody has seen");
    decide(record(1, "2"), "second").expect("as it was seen");
    let found = store.record(RecordKind::Dispute, "d1").expect("read").expect("known");
    assert_eq!((found.version, found.body.as_str()), (2, "2"));
    assert_eq!(store.records(RecordKind::Dispute).expect("read"), [found]);
    assert_eq!(store.record(RecordKind::Event, "d1").expect("read"), None);

    let input = StoredInput { hash: [9; 32], body: vec![1, 2, 3] };
    let revision = |number| StoredRevision {
        month: "2026-07".parse().expect("a month"),
        revision: number,
        header: vec![number as u8],
        signature: vec![7; 64],
        scores: "{}".into(),
        leaves: vec![],
        inputs: vec![InputRef { person: None, hash: [9; 32] }],
    };
    let publish = |number| {
        let inputs = vec![input.clone()];
        store.decide(Decision { inputs, revision: Some(revision(number)), audit: vec![entry("publish")], ..Decision::default() })
    };
    assert!(matches!(publish(2), Err(StoreError::Stale)), "the first is 1");
    publish(1).expect("the first");
    publish(2).expect("the second, from the same input");
    assert!(matches!(publish(2), Err(StoreError::Stale)));
    assert_eq!(store.revisions(revision(1).month).expect("read"), [revision(1), revision(2)]);
    assert_eq!(store.revision(revision(1).month, None).expect("read"), Some(revision(2)));
    assert_eq!(store.revision(revision(1).month, Some(1)).expect("read"), Some(revision(1)));
    assert_eq!(store.revision(revision(1).month, Some(3)).expect("read"), None);
    assert_eq!(store.published_months().expect("read"), BTreeMap::from([(revision(1).month, 2)]));
    assert_eq!(store.input(&[9; 32]).expect("read"), Some(vec![1, 2, 3]));

    let log = store.audit_log(0, 10).expect("read");
    let said: Vec<(u64, &str)> = log.iter().map(|row| (row.id, row.action.as_str())).collect();
    assert_eq!(said, [(1, "first"), (2, "second"), (3, "publish"), (4, "publish")], "what was refused left no trace");
    assert_eq!(store.audit_log(2, 1).expect("read"), log[2..3]);
    assert_eq!(store.audit_broken().expect("read"), None);
}

/// A change of head office's own is filed with its audit row, and delivered; one that can't be filed leaves nothing.
pub fn office_writes(store: &dyn Store) {
    let office = Author::new(9);
    let (document, scope) = (sheet(9), route(9));
    let changes = office.changes(&document, 2);
    let rows = || store.audit_log(0, 1_000).expect("the log").len();
    let author = |change: &CheckedChange| {
        let audit = AuditEntry {
            at_ms: 1000,
            who: "s01".into(),
            action: "document.act",
            subject: document.to_string(),
            before: None,
            after: Some("{}".into()),
        };
        store.author(&document, Authored { change: change.clone(), scope: scope.clone(), audit: vec![audit] })
    };
    let before = rows();
    // It builds on a change that is not there.
    assert!(matches!(author(&changes[1]), Err(StoreError::NotFiled(None))));
    assert_eq!((rows(), drain(store, std::slice::from_ref(&scope), usize::MAX).0.len()), (before, 0));
    for change in &changes {
        assert_eq!(author(change).expect("filed").moved.len(), 1);
    }
    assert_eq!((rows(), drain(store, std::slice::from_ref(&scope), usize::MAX).0.len()), (before + 2, 2));
    assert_eq!(store.audit_broken().expect("read"), None);
}

/// What is held back is kept, told again, and goes in when it is admitted, with what was held back because of it.
pub fn quarantine_rules(store: &dyn Store) {
    let mut author = Author::new(3);
    let (document, scope) = (sheet(3), route(3));
    let changes = author.changes(&document, 3);
    let first = author.upload(&document, &changes[..1], Err(Reason::NotAssigned));
    assert_eq!(verdicts(store, first), [Verdict::Quarantined]);
    let rest = author.upload(&document, &changes[1..], Ok(scope.clone()));
    let appended = store.append(rest).expect("appended");
    let reasons: Vec<_> = appended.verdicts.iter().map(|(_, verdict, reason)| (*verdict, *reason)).collect();
    assert_eq!(reasons, [(Verdict::Quarantined, Some(Reason::BecauseOf)); 2]);
    let held = store.held(false).expect("held");
    let mine: Vec<_> = held.iter().filter(|held| held.document == document.to_string()).collect();
    assert_eq!(mine.len(), 3);
    let admit: Vec<_> = mine.iter().map(|held| (held.id, Ruling::Admit(scope.clone()))).collect();
    let ruled = store.rule(&admit).expect("ruled");
    assert!(ruled.verdicts.iter().all(|(_, verdict, _)| *verdict == Verdict::Durable), "{ruled:?}");
    assert_eq!(drain(store, &[scope], usize::MAX).0.len(), 3);
    let other = sheet(4);
    let changes = author.changes(&other, 1);
    let upload = author.upload(&other, &changes, Err(Reason::NotAssigned));
    store.append(upload).expect("appended");
    let id = store.held(false).expect("held").iter().find(|held| held.document == other.to_string()).expect("it is held").id;
    store.rule(&[(id, Ruling::Reject)]).expect("ruled");
    let again = author.upload(&other, &changes, Err(Reason::NotAssigned));
    assert_eq!(verdicts(store, again), [Verdict::Rejected]);
    rejection_takes_along(store);
}

/// What builds on a rejected change is rejected because of it, and its device is told.
fn rejection_takes_along(store: &dyn Store) {
    let mut author = Author::new(5);
    let (document, scope) = (sheet(7), route(7));
    let changes = author.changes(&document, 3);
    let first = author.upload(&document, &changes[..1], Err(Reason::NotAssigned));
    store.append(first).expect("appended");
    let rest = author.upload(&document, &changes[1..], Ok(scope.clone()));
    store.append(rest).expect("appended");
    let held = store.held(false).expect("held");
    let root = held.iter().find(|held| held.hash == changes[0].hash).expect("it is held").id;
    let ruled = store.rule(&[(root, Ruling::Reject)]).expect("ruled");
    assert_eq!(ruled.verdicts.len(), 3, "{ruled:?}");
    let page = store.page(&query(&author.device, author.actor, &[scope], Cursor::default(), usize::MAX)).expect("a page");
    let reasons: Vec<_> = page.settled.iter().map(|settled| (settled.verdict, settled.reason)).collect();
    let because = (Verdict::Rejected, Some(Reason::BecauseOf));
    assert_eq!(reasons, [(Verdict::Rejected, Some(Reason::NotAssigned)), because, because]);
}

/// Reference rows move when they change; a page has their newest value once.
pub fn reference_moves(store: &dyn Store) {
    let scope = route(5);
    let row = |value: Option<&str>| Row { kind: Kind::Route, key: "r005".into(), value: value.map(|v| v.as_bytes().to_vec()) };
    for value in [Some("one"), Some("two"), None, Some("three")] {
        store.decide(Decision { reference: vec![(scope.clone(), row(value))], ..Decision::default() }).expect("written");
    }
    let (_, pages) = drain(store, std::slice::from_ref(&scope), usize::MAX);
    let rows: Vec<_> = pages.into_iter().flat_map(|page| page.reference).map(|row| row.row).collect();
    assert_eq!(rows, [row(Some("three"))]);
    assert_eq!(store.reference(Kind::Route, Some(("r005", "r006"))).expect("read"), [(scope, row(Some("three")))]);
}

/// Writers on the same scopes, a reader that follows its cursor meanwhile: it has skipped nothing and got nothing twice.
pub fn no_cursor_skips(store: &dyn Store) {
    const WRITERS: usize = 6;
    const ROUNDS: usize = 20;
    let scopes: Vec<Scope> = (100..103).map(route).collect();
    let running = AtomicBool::new(true);
    let (mut seen, mut cursor) = (BTreeMap::<ChangeHash, usize>::new(), Cursor::default());
    let reader = Author::new(251);
    let mut read = |cursor: &mut Cursor, max_bytes: usize| {
        let page = store.page(&query(&reader.device, reader.actor, &scopes, std::mem::take(cursor), max_bytes)).expect("a page");
        for chunk in page.documents.iter().flat_map(|d| &d.chunks) {
            *seen.entry(hash_of(chunk)).or_default() += 1;
        }
        *cursor = page.cursor;
        page.more
    };
    std::thread::scope(|threads| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|w| {
                threads.spawn(move || {
                    let mut author = Author::new(100 + w as u8);
                    for round in 0..ROUNDS {
                        let n = 100 + (w + round) % 3;
                        let date = day("2026-08-01").checked_add(jiff::Span::new().days(round as i64)).expect("a day");
                        let document = DocumentId::Day { route: format!("r{n:03}").parse().expect("an id"), date };
                        let changes = author.changes(&document, 2);
                        let upload = author.upload(&document, &changes, Ok(route(n)));
                        store.append(upload).expect("appended");
                    }
                })
            })
            .collect();
        let ended = threads.spawn(|| {
            for writer in writers {
                writer.join().expect("a writer ends");
            }
            running.store(false, Ordering::Release);
        });
        while running.load(Ordering::Acquire) {
            read(&mut cursor, 700);
        }
        ended.join().expect("the writers have ended");
    });
    while read(&mut cursor, 700) {}
    assert_eq!(seen.len(), WRITERS * ROUNDS * 2);
    assert!(seen.values().all(|times| *times == 1));
}

/// A page never holds much more than was asked for, and paging gives what one page would.
pub fn pages_are_bounded(store: &dyn Store) {
    let scope = route(6);
    let mut author = Author::new(6);
    for n in 0..20 {
        let date = day("2026-08-01").checked_add(jiff::Span::new().days(n)).expect("a day");
        let document = DocumentId::Day { route: "r006".parse().expect("an id"), date };
        let changes = author.changes(&document, 3);
        let upload = author.upload(&document, &changes, Ok(scope.clone()));
        store.append(upload).expect("appended");
    }
    let (whole, _) = drain(store, std::slice::from_ref(&scope), usize::MAX);
    let (paged, pages) = drain(store, &[scope], 2_000);
    assert_eq!(whole, paged);
    assert!(pages.len() > 3, "{} pages", pages.len());
    for page in &pages {
        let bytes: usize = page.documents.iter().flat_map(|d| &d.chunks).map(|chunk| chunk.len()).sum();
        assert!(bytes <= 2_000, "{bytes} bytes in a page of 2,000");
    }
}

/// The whole suite.
pub fn all(store: &dyn Store) {
    appends_once(store);
    waiting_lands(store);
    quarantine_rules(store);
    reference_moves(store);
    no_cursor_skips(store);
    pages_are_bounded(store);
    decisions_hold(store);
    office_writes(store);
}
