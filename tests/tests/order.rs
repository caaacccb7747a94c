//! Any order, batching and repetition of syncs gives the same facts and the same score, to the byte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use server::state::{App, SharedApp};
use server::store::decision::Decision;
use server::store::sqlite::SqliteStore;
use sha2::{Digest, Sha256};
use shared::doc::{Action, Chunk, Document};
use shared::ids::{ActionId, DocumentId, Scope, VisitId};
use shared::limits;
use shared::reference::{Kind, Reference, Row};
use shared::wire::{self, DeviceClaims, DocumentChanges, PROTOCOL, SYNC_AUDIENCE, SyncRequest, Verdict};
use tests::clock::{TestClock, day, local};
use tests::forge::{ForgedDevice, changes, sign_with};
use tests::office::{HeadOffice, id};

const CASES: u32 = 1_000;
const DATE: &str = "2026-08-05";
const ROUTE: &str = "r026";
/// Owner and substitute of the route on the day, and the owner's second phone.
const PEOPLE: [&str; 3] = ["m03", "m05", "m03"];

/// One phone's changes, in the order in which it made them; the phones have seen some of each other's.
struct Work {
    document: String,
    chunks: Vec<Chunk>,
}

/// The district's reference rows, imported once, without sales.
static DISTRICT: LazyLock<Vec<(Scope, Row)>> = LazyLock::new(|| {
    let office = HeadOffice::with_fushan(&TestClock::at(DATE, "17:30:00"));
    let reference: Reference = server::directory::whole(office.app().store.as_ref()).unwrap();
    reference.rows().into_iter().filter(|(_, row)| row.kind != Kind::Allocations).collect()
});

fn phone(n: usize) -> ForgedDevice {
    ForgedDevice::new(n as u8 + 1)
}

/// What three phones did: visits of their own, stock counted in each other's visits with and without knowing of it.
static WORK: LazyLock<Vec<Work>> = LazyLock::new(|| {
    let document = DocumentId::Day { route: ROUTE.parse().unwrap(), date: day(DATE) };
    let shops: Vec<String> = {
        let mut reference = Reference::default();
        DISTRICT.iter().for_each(|(_, row)| reference.apply(row).unwrap());
        reference.stops(ROUTE, day(DATE)).into_iter().map(|(id, _)| id.to_string()).collect()
    };
    let mut copies: Vec<Document> = (0..3).map(|_| Document::new(document.clone())).collect();
    let mut chunks: Vec<Vec<Chunk>> = vec![Vec::new(); 3];
    let mut number = 0_u8;
    let mut act = |copies: &mut Vec<Document>, chunks: &mut Vec<Vec<Chunk>>, who: usize, action: Action| {
        number += 1;
        let chunk = copies[who].act(phone(who).actor, ActionId([number; 16]), local(DATE, "12:00:00"), &action).unwrap();
        chunks[who].extend(chunk);
    };
    let visit = |n: usize| VisitId([n as u8 + 1; 16]);
    let check_in = |who: usize, shop: usize, n: usize| Action::CheckIn {
        visit: visit(n),
        retailer: shops[shop].parse().unwrap(),
        person: id(PEOPLE[who]),
        device: phone(who).id(),
        in_ms: local(DATE, "09:00:00") + n as i64 * 1_800_000,
        lat_e6: None,
        lon_e6: None,
        accuracy_m: None,
        mock: false,
    };
    let stock = |n: usize, packs: i64| Action::CountStock {
        visit: visit(n),
        stock: BTreeMap::from([("6901028090063".parse().unwrap(), Some(packs)), ("6901028080159".parse().unwrap(), Some(packs % 2))]),
    };
    let check_out = |n: usize| Action::CheckOut { visit: visit(n), out_ms: local(DATE, "09:10:00") + n as i64 * 1_800_000 };
    for who in 0..3 {
        // Shop 0 is visited by all three: two of the visits are duplicates.
        for (n, shop) in [(who, 0), (who + 3, who + 1)] {
            act(&mut copies, &mut chunks, who, check_in(who, shop, n));
            act(&mut copies, &mut chunks, who, stock(n, 3 + who as i64));
            act(&mut copies, &mut chunks, who, check_out(n));
        }
    }
    // Everybody sees everything; then all count in the first one's visit, without knowing of each other.
    let all: Vec<Vec<u8>> = chunks.iter().flatten().map(|chunk| chunk.bytes.clone()).collect();
    copies.iter_mut().for_each(|copy| copy.apply(all.iter().map(Vec::as_slice)).unwrap());
    for who in 0..3 {
        act(&mut copies, &mut chunks, who, stock(3, 20 + who as i64));
        act(&mut copies, &mut chunks, who, Action::Diary { text: format!("rain, says {who}") });
    }
    chunks.into_iter().map(|chunks| Work { document: document.to_string(), chunks }).collect()
});

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().expect("a runtime"));

/// A head office with the district and the three phones, over an empty store.
fn head_office(folder: &std::path::Path) -> SharedApp {
    let store = SqliteStore::open(&folder.join("roundsman.db"), 0).unwrap();
    let app = App::open(Arc::new(store), Arc::new(TestClock::at(DATE, "17:30:00"))).unwrap();
    app.store.decide(Decision { reference: DISTRICT.to_vec(), ..Decision::default() }).unwrap();
    app.refresh_directory().unwrap();
    for (n, person) in PEOPLE.iter().enumerate() {
        app.store.add_code(&[n as u8; 32], &id(person), i64::MAX).unwrap();
        let key = phone(n).key.verifying_key().to_bytes();
        app.store.redeem(&[n as u8; 32], &key, "phone", None, 0).unwrap().unwrap();
    }
    app
}

/// A sync of some of a phone's changes, through the whole of the ingest.
fn sync(app: &SharedApp, who: usize, request: usize, part: &[Vec<u8>]) -> Vec<Verdict> {
    let device = phone(who);
    let body = wire::pack(&SyncRequest {
        protocol: PROTOCOL,
        device: device.id(),
        actor: device.actor,
        device_time_ms: app.clock.now_ms(),
        epoch: 0,
        cursor: Vec::new(),
        changes: vec![changes(&WORK[who].document, part)] as Vec<DocumentChanges>,
        heads: Vec::new(),
        remaining: 0,
        max_bytes: 0,
        app: None,
        filings: Vec::new(),
    });
    let digest: [u8; 32] = Sha256::digest(&body).into();
    let claims = DeviceClaims {
        iss: device.id().to_string(),
        aud: SYNC_AUDIENCE.into(),
        iat: app.clock.now_ms() / 1000,
        jti: format!("{request}"),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let signer = app.store.signer(&device.id()).unwrap().expect("it is enrolled");
    let answer = RUNTIME.block_on(server::sync::answer(app.clone(), signer, sign_with(&device.key, &claims), body)).unwrap();
    let answer: wire::SyncAnswer = wire::open(&answer, limits::ANSWER_INFLATED_MAX).unwrap();
    answer.acknowledgement.verdicts(part.len()).unwrap().into_iter().map(|(verdict, _)| verdict).collect()
}

/// Facts and score, as bytes.
fn outcome(app: &App) -> (Vec<u8>, String) {
    server::materialise::settle(app).unwrap();
    let sheets = app.store.sheets(day(DATE), day(DATE)).unwrap();
    let score = server::scores::month(app, "2026-08".parse().unwrap(), None, None).unwrap().score;
    (sheets.iter().flat_map(shared::facts::SheetFacts::to_bytes).collect::<Vec<u8>>(), serde_json::to_string(&score).unwrap())
}

/// Who syncs, and which of their changes, by number: repeated, out of order, with holes.
#[derive(Clone, Debug)]
struct Sync {
    who: usize,
    changes: Vec<usize>,
}

fn bytes(who: usize, numbers: &[usize]) -> Vec<Vec<u8>> {
    numbers.iter().map(|n| WORK[who].chunks[*n].bytes.clone()).collect()
}

fn syncs() -> impl Strategy<Value = Vec<Sync>> {
    let one = (0..3_usize).prop_flat_map(|who| {
        let numbers = proptest::collection::vec(0..WORK[who].chunks.len(), 1..8);
        numbers.prop_map(move |changes| Sync { who, changes })
    });
    proptest::collection::vec(one, 0..10)
}

#[test]
fn any_order_batching_and_repetition_of_syncs_gives_the_same_facts_and_score() {
    let reference = {
        let folder = tempfile::tempdir().unwrap();
        let app = head_office(folder.path());
        for (who, work) in WORK.iter().enumerate() {
            let all: Vec<usize> = (0..work.chunks.len()).collect();
            sync(&app, who, 1, &bytes(who, &all));
        }
        outcome(&app)
    };
    assert!(reference.1.contains("\"duplicate\":2") && reference.1.contains("\"conflict\":1"), "{}", reference.1);

    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let ends = Just([0_usize, 1, 2]).prop_shuffle();
    runner
        .run(&(syncs(), ends), |(syncs, ends)| {
            let folder = tempfile::tempdir().unwrap();
            let app = head_office(folder.path());
            let mut sent: [BTreeSet<usize>; 3] = Default::default();
            for (request, one) in syncs.iter().enumerate() {
                let verdicts = sync(&app, one.who, request, &bytes(one.who, &one.changes));
                prop_assert!(verdicts.iter().all(|verdict| *verdict != Verdict::Quarantined));
                sent[one.who].extend(&one.changes);
            }
            // In the end each phone sends what it has not sent yet; some of the first phone's work also comes again.
            for who in ends {
                let rest: Vec<usize> = (0..WORK[who].chunks.len()).filter(|n| !sent[who].contains(n) || who == 0).collect();
                sync(&app, who, 100, &bytes(who, &rest));
            }
            let (facts, score) = outcome(&app);
            prop_assert!(facts == reference.0, "other facts");
            prop_assert_eq!(&score, &reference.1);
            prop_assert!(app.store.held(true).unwrap().is_empty(), "something is held back");
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_another_brought_in_a_devices_name_is_held_back_until_the_device_brings_it_itself() {
    let folder = tempfile::tempdir().unwrap();
    let app = head_office(folder.path());
    let first: Vec<Vec<u8>> = bytes(1, &[0]);
    assert_eq!(sync(&app, 0, 1, &first), [Verdict::Quarantined], "another device's change is held back");
    assert_eq!(sync(&app, 0, 2, &first), [Verdict::Quarantined]);
    assert_eq!(sync(&app, 1, 1, &first), [Verdict::Durable], "its author's word is taken");
    assert!(app.store.held(true).unwrap().is_empty());
}
