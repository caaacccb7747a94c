//! A published month: it recomputes from its inputs alone, and no byte of the facts, the scheme or the scores can be another.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;
use shared::facts::Visit;
use shared::ids::{RouteId, Scope};
use shared::published::{
    Closing, Header, Input, Proof, ProvenReceipt, PublishedScores, PublishedShare, Recomputed, VerifyFault, chain_line, digest_of, hash_of,
    head_line, input_line, merkle, message, score_json, scores_line, verify, verify_receipt,
};
use shared::reference::{Kind, Reference};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Inputs, Share, explain_all, score_month, shares};
use shared::time::Month;
use shared::wire;

#[path = "district/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod district;

struct District {
    reference: Reference,
    visits: Vec<Visit>,
    scheme: Scheme,
    month: Month,
}

fn fushan(month: &str) -> District {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/fushan");
    let reference = district::read(&folder);
    let visits = district::field_log(&folder, &reference);
    let month = month.parse().unwrap();
    let scheme = scheme_of(&reference, month).unwrap().unwrap();
    District { visits: visits.into_iter().filter(|visit| Month::of(visit.date) == month).collect(), reference, scheme, month }
}

impl District {
    fn inputs(&self) -> Inputs<'_> {
        let Self { reference, visits, scheme, month } = self;
        Inputs { reference, scheme, visits, month: *month, as_of: None, person: None }
    }

    /// What a share reads: rows of its routes and person, visits on its routes or by its person.
    fn slice(&self, share: &Share) -> (Reference, Vec<Visit>) {
        let mut reference = Reference::default();
        for (scope, row) in self.reference.rows() {
            let wanted = match (&scope, row.kind) {
                (_, Kind::Person) => share.person.as_ref().is_some_and(|person| row.key == person.as_str()),
                (_, Kind::Assignments | Kind::WidthStandard) => share.reads.contains(row.key.as_str()),
                (Scope::Org, _) => true,
                (Scope::Route(route), Kind::Sales) => share.reads.contains(route) && row.key.starts_with(&self.month.to_string()),
                (Scope::Route(route), _) => share.reads.contains(route),
                (Scope::Person(person), _) => share.person.as_ref() == Some(person),
            };
            if wanted {
                reference.apply(&row).unwrap();
            }
        }
        let ours = |visit: &&Visit| share.reads.contains(&visit.route) || reference.retailers.contains_key(&visit.retailer);
        (reference.clone(), self.visits.iter().filter(ours).cloned().collect())
    }

    /// Of all shares, or of the first so many: a revision is of whoever is in it.
    fn parts(&self, most: usize) -> Vec<Input> {
        let routes: BTreeSet<RouteId> = self.reference.routes.keys().cloned().collect();
        let part = |share: &Share| {
            let (reference, visits) = self.slice(share);
            Input::of(share, &reference, &visits)
        };
        shares(&self.reference, routes, self.month, None).iter().take(most).map(part).collect()
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A revision as head office would write it.
struct Published {
    header: Header,
    scores: PublishedScores,
    inputs: Vec<Input>,
    chain: String,
}

fn publish(district: &District, most: usize, revision: u32, before: Option<&Published>) -> Published {
    let inputs: Vec<Input> = std::iter::once(Input::common(&district.reference, &district.scheme)).chain(district.parts(most)).collect();
    let mut recomputed = Recomputed::begin(district.month, &inputs[0]).unwrap();
    inputs[1..].iter().for_each(|input| recomputed.add(input).unwrap());
    assert!(recomputed.astray.is_empty(), "every receipt comes to its points: {:?}", recomputed.astray);
    let (score, leaves) = recomputed.finish();
    let scores = PublishedScores::new(score, revision);
    let header = Header {
        month: district.month,
        revision,
        predecessor: before.map(|before| hash_of(&before.header.to_bytes())),
        scheme: district.scheme.hash,
        inputs_root: merkle::root(&leaves.iter().map(|leaf| leaf.hash).collect::<Vec<_>>()),
        leaves: leaves.len() as u32,
        inputs: digest_of(&inputs.iter().map(Input::hash).collect::<Vec<_>>()),
        scores_root: merkle::root(&scores.leaves()),
        managers: scores.score.managers.len() as u32,
        published_ms: 1_756_000_000_000,
        published_by: "s01".into(),
        held_back: Vec::new(),
    };
    let link = chain_line(revision, &header.to_bytes(), &key().sign(&message(&header.to_bytes())).to_bytes());
    Published { header, scores, inputs, chain: before.map_or(String::new(), |before| before.chain.clone()) + &link }
}

impl Published {
    fn file(&self) -> String {
        self.file_with(&self.scores.to_json(), &self.inputs)
    }
    fn file_with(&self, scores: &str, inputs: &[Input]) -> String {
        let mut text = head_line(self.header.month, self.header.revision) + &self.chain + &scores_line(scores);
        inputs.iter().for_each(|input| text += &input_line(&wire::pack(input)));
        let mut closing = Closing::default();
        closing.take(&text);
        text + &closing.last_line()
    }
}

fn public() -> [u8; 32] {
    key().verifying_key().to_bytes()
}

#[test]
fn the_parts_alone_come_to_the_score_of_the_whole_district() {
    for month in ["2026-07", "2026-08", "2026-09"] {
        let district = fushan(month);
        let published = publish(&district, usize::MAX, 1, None);
        assert_eq!(published.scores.score, score_month(&district.inputs()));
        let mut receipts = 0;
        for manager in &published.scores.score.managers {
            let mut points = manager.indicators.iter();
            let see = |receipt: shared::score::Receipt| {
                assert_eq!(receipt.recompute(), points.next().unwrap().points, "{} {}", receipt.person_id, receipt.indicator);
                receipts += 1;
            };
            explain_all(&district.inputs(), &manager.person_id, see).unwrap();
        }
        assert_eq!(receipts, published.header.leaves);
    }
}

#[test]
fn a_revision_and_its_successor_verify_and_nothing_altered_does() {
    let district = fushan("2026-08");
    let first = publish(&district, 1, 1, None);
    let file = first.file();
    let verified = verify(&file, &public()).unwrap();
    assert_eq!((verified.revision, verified.managers, verified.points), (1, 1, first.header.leaves as usize));
    let second = publish(&district, 1, 2, Some(&first));
    assert_eq!(verify(&second.file(), &public()).unwrap().revision, 2);

    // Another's key; a successor that follows on nothing.
    let foreign = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    assert_eq!(verify(&file, &foreign), Err(vec![VerifyFault::Signature(1)]));
    let loose = Published {
        chain: second.chain.lines().last().unwrap().to_owned() + "\n" + &first.chain,
        ..publish(&district, 1, 2, Some(&first))
    };
    assert!(verify(&loose.file(), &public()).unwrap_err().contains(&VerifyFault::Chain(2)));

    // One fact, the scheme, one score: each with everything around it written anew, as a forger would.
    let mut facts = first.inputs.clone();
    let mut sheet = facts[1].sheets[0].to_vec();
    *sheet.last_mut().unwrap() ^= 1;
    facts[1].sheets[0] = sheet.into();
    assert!(verify(&first.file_with(&first.scores.to_json(), &facts), &public()).is_err());
    let mut sales = first.inputs.clone();
    let row = sales[1].rows.iter_mut().find(|row| row.kind == Kind::Targets).unwrap();
    row.value.as_mut().unwrap().pop();
    assert!(verify(&first.file_with(&first.scores.to_json(), &sales), &public()).is_err());
    let mut altered = first.inputs.clone();
    let scheme = altered[0].rows.iter_mut().find(|row| row.kind == Kind::Scheme).unwrap();
    let text = scheme.value.as_mut().unwrap();
    let at = text.windows(2).position(|pair| pair == b"15").unwrap();
    text[at + 1] = b'6';
    let faults = verify(&first.file_with(&first.scores.to_json(), &altered), &public()).unwrap_err();
    assert!(faults.contains(&VerifyFault::Inputs(1)) && faults.contains(&VerifyFault::Scores), "{faults:?}");
    let points = first.scores.to_json().replacen("\"total\":\"1", "\"total\":\"2", 1);
    assert_eq!(verify(&first.file_with(&points, &first.inputs), &public()), Err(vec![VerifyFault::Scores]));
}

#[test]
fn a_receipt_proves_itself_and_a_person_keeps_their_share() {
    let district = fushan("2026-08");
    let published = publish(&district, 2, 1, None);
    let mut recomputed = Recomputed::begin(district.month, &published.inputs[0]).unwrap();
    published.inputs[1..].iter().for_each(|input| recomputed.add(input).unwrap());
    let own = published.inputs.iter().find(|input| input.person.is_some()).unwrap();
    let receipt = recomputed.receipt(own, &"visit_completion".parse().unwrap()).unwrap();
    let leaves: Vec<_> = recomputed.finish().1;
    let at = leaves.iter().position(|leaf| leaf.person == receipt.person_id && leaf.indicator == receipt.indicator).unwrap();
    let header = published.header.to_bytes();
    let signature = key().sign(&message(&header)).to_bytes();
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf.hash).collect();
    let proven = ProvenReceipt { receipt, proof: Proof::new(1, &hashes, at, &header, &signature) };
    let text = serde_json::to_string_pretty(&proven).unwrap();
    assert_eq!(verify_receipt(&text, &public()).unwrap(), proven);
    let visit = text.replacen("\"effective\": true", "\"effective\": false", 1);
    assert_eq!(verify_receipt(&visit, &public()), Err(vec![VerifyFault::Unproven]));
    let points = text.replacen(&format!("\"points\": \"{}\"", proven.receipt.points), "\"points\": \"9.0000\"", 1);
    assert!(matches!(verify_receipt(&points, &public()).unwrap_err()[..], [VerifyFault::Receipt { .. }]));

    let scores = &published.scores;
    let share = |at: usize| PublishedShare {
        header: header.clone().into(),
        signature: signature.to_vec().into(),
        score: score_json(&scores.score.managers[at]),
        at: at as u32 + 1,
        path: merkle::path(&scores.leaves(), at + 1).into_iter().map(|hash| hash.to_vec().into()).collect(),
    };
    assert!((0..2).all(|at| share(at).verify(&public()) == Some(published.header.clone())));
    assert_eq!(PublishedShare { score: share(1).score, ..share(0) }.verify(&public()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_byte_of_the_file_can_be_another(at in any::<prop::sample::Index>(), by in 1u8..=255) {
        static FILE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| publish(&fushan("2026-09"), 1, 1, None).file());
        let mut bytes = FILE.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        // What is no text any more is no file at all.
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(verify(&text, &public()).is_err(), "byte {}", at);
        }
    }
}
