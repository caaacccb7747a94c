//! What a revision is scored from, part by part, and the scoring itself: head office publishes by it, and whoever verifies
//! recomputes by it.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::canonical::canonical;
use super::merkle::{self, Hash};
use crate::facts::{Names, SheetFacts, Visit};
use crate::ids::{DisputeId, IndicatorId, PersonId, RouteId};
use crate::reference::{Dispute, Kind, Reference, Row};
use crate::scheme::{Scheme, scheme_of};
use crate::score::{Inputs, MonthScore, Part, Receipt, Share, assemble, explain_all, score_parts};
use crate::time::Month;

/// One part of a month's inputs: what all have in common (no person, no routes), or what one share reads.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Input {
    #[n(0)]
    pub person: Option<PersonId>,
    #[n(1)]
    pub tells: Vec<RouteId>,
    #[n(2)]
    pub reads: Vec<RouteId>,
    /// By kind, then key.
    #[n(3)]
    pub rows: Vec<Row>,
    /// Visits as facts, a sheet each.
    #[n(4)]
    pub sheets: Vec<ByteVec>,
}

/// The kinds of rows that are the same for all.
fn is_common(kind: Kind) -> bool {
    matches!(kind, Kind::Org | Kind::Sku | Kind::Scheme)
}

impl Input {
    /// What all have in common: the district, its SKUs, the scheme.
    pub fn common(reference: &Reference, scheme: &Scheme) -> Self {
        let rows = reference.rows().into_iter().map(|(_, row)| row);
        let hash = scheme.hash.to_string();
        let rows = rows.filter(|row| is_common(row.kind) && (row.kind != Kind::Scheme || row.key == hash)).collect();
        Self { rows, ..Self::default() }
    }

    /// What a share reads. The same data is the same bytes, in whatever order it came.
    pub fn of(share: &Share, reference: &Reference, visits: &[Visit]) -> Self {
        let mut rows: Vec<Row> = reference.rows().into_iter().map(|(_, row)| row).filter(|row| !is_common(row.kind)).collect();
        // A dispute that is not ruled on changes no score.
        let ruled = |(key, disputes): (&(PersonId, Month), &BTreeMap<DisputeId, Dispute>)| {
            let ruled = disputes.iter().filter(|(_, dispute)| dispute.ruling.is_some());
            ruled.map(|(id, _)| format!("{}/{}/{id}", key.0, key.1)).collect::<Vec<_>>()
        };
        let ruled: BTreeSet<String> = reference.disputes.iter().flat_map(ruled).collect();
        rows.retain(|row| row.kind != Kind::Published && (row.kind != Kind::Dispute || ruled.contains(&row.key)));
        rows.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
        rows.dedup();
        let mut sheets: BTreeMap<_, Vec<&Visit>> = BTreeMap::new();
        visits.iter().for_each(|visit| sheets.entry((&visit.route, visit.date)).or_default().push(visit));
        let sheet = |((route, date), mut visits): ((&RouteId, jiff::civil::Date), Vec<&Visit>)| {
            visits.sort_by_key(|visit| visit.visit);
            visits.dedup_by_key(|visit| visit.visit);
            let visits = visits.into_iter().cloned().collect();
            let facts = SheetFacts { route: route.clone(), date, visits, missed: Vec::new(), diary: String::new(), faults: Vec::new() };
            ByteVec::from(facts.to_bytes())
        };
        let sheets = sheets.into_iter().map(sheet).collect();
        let (tells, reads) = (share.tells.iter().cloned().collect(), share.reads.iter().cloned().collect());
        Self { person: share.person.clone(), tells, reads, rows, sheets }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing into memory does not fail")
    }

    pub fn hash(&self) -> Hash {
        Sha256::digest(self.to_bytes()).into()
    }

    pub fn share(&self) -> Share {
        Share { person: self.person.clone(), tells: self.tells.iter().cloned().collect(), reads: self.reads.iter().cloned().collect() }
    }

    fn visits(&self) -> Result<Vec<Visit>, String> {
        let mut names = Names::default();
        let mut visits = Vec::new();
        for sheet in &self.sheets {
            visits.append(&mut SheetFacts::from_bytes(sheet, &mut names).map_err(|e| e.to_string())?.visits);
        }
        Ok(visits)
    }
}

/// SHA-256 over the hashes of all inputs, in order.
pub fn digest_of(inputs: &[Hash]) -> Hash {
    let mut hash = Sha256::new();
    inputs.iter().for_each(|input| hash.update(input));
    hash.finalize().into()
}

/// What one point rests on, by hash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Leaf {
    #[n(0)]
    pub person: PersonId,
    #[n(1)]
    pub indicator: IndicatorId,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

impl Receipt {
    /// The inputs of the receipt, in canonical CBOR: its leaf in a revision's tree.
    pub fn leaf(&self) -> Hash {
        const INPUTS: [&str; 10] =
            ["month", "as_of", "scheme_hash", "person_id", "indicator", "class", "formula", "visit_rules", "gate", "facts"];
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else { unreachable!("a receipt is a JSON object") };
        let inputs: serde_json::Map<String, Value> = INPUTS.iter().filter_map(|key| all.remove_entry(*key)).collect();
        merkle::leaf(&canonical(&Value::Object(inputs)).expect("a receipt's numbers are integers"))
    }
}

/// A month scored from its inputs, one part after the other.
pub struct Recomputed {
    month: Month,
    common: Reference,
    scheme: Scheme,
    parts: Vec<Part>,
    leaves: Vec<Leaf>,
    /// Receipts that do not come to the points of the score; there are none.
    pub astray: Vec<(PersonId, IndicatorId)>,
}

impl Recomputed {
    /// Error: the scheme is not there, or can't be read.
    pub fn begin(month: Month, common: &Input) -> Result<Self, String> {
        let reference = read(&common.rows, Reference::default())?;
        let scheme = scheme_of(&reference, month).map_err(|e| e.to_string())?.ok_or_else(|| format!("no scheme is valid in {month}"))?;
        Ok(Self { month, common: reference, scheme, parts: Vec::new(), leaves: Vec::new(), astray: Vec::new() })
    }

    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Scores a part, and makes the leaves of its person.
    pub fn add(&mut self, input: &Input) -> Result<(), String> {
        let (reference, visits) = (read(&input.rows, self.common.clone())?, input.visits()?);
        let inputs = self.inputs(&reference, &visits);
        let parts = score_parts(&inputs, &[input.share()]);
        let mut leaves = Vec::new();
        let mut astray = Vec::new();
        if let (Some(person), Some(manager)) = (&input.person, parts.first().and_then(|part| part.manager.as_ref())) {
            let mut points = manager.indicators.iter().map(|indicator| &indicator.points);
            let see = |receipt: Receipt| {
                if points.next() != Some(&receipt.recompute()) {
                    astray.push((person.clone(), receipt.indicator.clone()));
                }
                leaves.push(Leaf { person: person.clone(), hash: receipt.leaf(), indicator: receipt.indicator });
            };
            explain_all(&inputs, person, see).map_err(|e| e.to_string())?;
        }
        self.parts.extend(parts);
        self.leaves.extend(leaves);
        self.astray.extend(astray);
        Ok(())
    }

    /// The receipt of one indicator of an input's person.
    pub fn receipt(&self, input: &Input, indicator: &IndicatorId) -> Result<Receipt, String> {
        let person = input.person.as_ref().ok_or("the input is nobody's")?;
        let (reference, visits) = (read(&input.rows, self.common.clone())?, input.visits()?);
        crate::score::explain(&self.inputs(&reference, &visits), person, indicator).map_err(|e| e.to_string())
    }

    /// The receipts of all indicators of an input's person, in the scheme's order.
    pub fn receipts(&self, input: &Input) -> Result<Vec<Receipt>, String> {
        let person = input.person.as_ref().ok_or("the input is nobody's")?;
        let (reference, visits) = (read(&input.rows, self.common.clone())?, input.visits()?);
        let mut receipts = Vec::new();
        explain_all(&self.inputs(&reference, &visits), person, |receipt| receipts.push(receipt)).map_err(|e| e.to_string())?;
        Ok(receipts)
    }

    fn inputs<'a>(&'a self, reference: &'a Reference, visits: &'a [Visit]) -> Inputs<'a> {
        Inputs { reference, scheme: &self.scheme, visits, month: self.month, as_of: None, person: None }
    }

    /// The score, and what each point rests on: by person, then in the scheme's order.
    pub fn finish(mut self) -> (MonthScore, Vec<Leaf>) {
        self.leaves.sort_by(|a, b| a.person.cmp(&b.person));
        let score = assemble(&self.inputs(&self.common, &[]), self.parts.iter());
        (score, std::mem::take(&mut self.leaves))
    }
}

fn read(rows: &[Row], mut reference: Reference) -> Result<Reference, String> {
    rows.iter().try_for_each(|row| reference.apply(row)).map_err(|e| e.to_string())?;
    Ok(reference)
}
