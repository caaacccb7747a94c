//! The scorer as the phone has it, compiled to WebAssembly without any bindings, so that its answers can be compared byte for
//! byte with native ones: `cargo xtask wasm-check`. A case goes in as CBOR, everything that the scorer says of it comes out
//! as JSON. Nothing of this ships.

use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde_json::{Value, json};
use shared::facts::{Names, SheetFacts, Visit};
use shared::reference::{Reference, Row};
use shared::scheme::parse;
use shared::score::{Inputs, explain, score_month};
use shared::time::parse_date;

/// One month to be scored.
#[derive(Encode, Decode)]
pub struct Case {
    #[n(0)]
    pub month: String,
    #[n(1)]
    pub as_of: Option<String>,
    #[n(2)]
    pub scheme: String,
    #[n(3)]
    pub rows: Vec<Row>,
    /// As [`SheetFacts`] writes them.
    #[n(4)]
    pub sheets: Vec<ByteVec>,
    /// Every receipt too.
    #[n(5)]
    pub receipts: bool,
}

impl Case {
    /// Of reference data and of visits in any order.
    pub fn of(month: &str, as_of: Option<Date>, scheme: &str, reference: &Reference, visits: &[Visit]) -> Self {
        let sheet = |visit: &Visit| {
            let (route, date, visits) = (visit.route.clone(), visit.date, vec![visit.clone()]);
            let facts = SheetFacts { route, date, visits, missed: vec![], diary: String::new(), faults: vec![] };
            ByteVec::from(facts.to_bytes())
        };
        Self {
            month: month.into(),
            as_of: as_of.map(|day| day.to_string()),
            scheme: scheme.into(),
            rows: reference.rows().into_iter().map(|(_, row)| row).collect(),
            sheets: visits.iter().map(sheet).collect(),
            receipts: true,
        }
    }
}

/// What the scorer says of a case: the month's score, and if asked, of every manager and indicator the receipt and its
/// leaf. What it can't read it says too.
pub fn answer(case: &[u8]) -> Vec<u8> {
    let said = scored(case).unwrap_or_else(|fault| json!({ "fault": fault }));
    serde_json::to_vec(&said).unwrap_or_default()
}

fn scored(case: &[u8]) -> Result<Value, String> {
    let case: Case = minicbor::decode(case).map_err(|e| e.to_string())?;
    let mut reference = Reference::default();
    for row in &case.rows {
        reference.apply(row).map_err(|e| e.to_string())?;
    }
    let mut visits = Vec::new();
    let mut names = Names::default();
    for sheet in &case.sheets {
        visits.append(&mut SheetFacts::from_bytes(sheet, &mut names).map_err(|e| e.to_string())?.visits);
    }
    let scheme = parse(&case.scheme).map_err(|faults| format!("{faults:?}"))?;
    let month = case.month.parse().map_err(|e| format!("{e}"))?;
    let as_of = case.as_of.as_deref().map(parse_date).transpose().map_err(|e| e.to_string())?;
    let inputs = Inputs { reference: &reference, scheme: &scheme, visits: &visits, month, as_of, person: None };
    let score = score_month(&inputs);
    let mut receipts = Vec::new();
    for manager in score.managers.iter().filter(|_| case.receipts) {
        for indicator in &scheme.indicators {
            let receipt = explain(&inputs, &manager.person_id, &indicator.id).map_err(|e| e.to_string())?;
            let leaf: String = receipt.leaf().iter().map(|byte| format!("{byte:02x}")).collect();
            receipts.push(json!({ "receipt": receipt, "text": receipt.to_string(), "leaf": leaf }));
        }
    }
    Ok(json!({ "score": score, "receipts": receipts }))
}

/// Where whoever runs the module puts a case, and where it finds the answer.
static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Makes room for a case, and says where in the module's memory.
#[expect(unsafe_code, reason = "a function is found from outside by a name that is not mangled; nothing in it is unsafe")]
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> usize {
    let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    *input = vec![0; bytes];
    input.as_ptr() as usize
}

/// Scores the case that was put there, and says how long the answer is.
#[expect(unsafe_code, reason = "a function is found from outside by a name that is not mangled; nothing in it is unsafe")]
#[unsafe(no_mangle)]
pub extern "C" fn score() -> usize {
    let said = answer(&INPUT.lock().unwrap_or_else(PoisonError::into_inner));
    let mut output = OUTPUT.lock().unwrap_or_else(PoisonError::into_inner);
    *output = said;
    output.len()
}

/// Where the answer is.
#[expect(unsafe_code, reason = "a function is found from outside by a name that is not mangled; nothing in it is unsafe")]
#[unsafe(no_mangle)]
pub extern "C" fn answered() -> usize {
    OUTPUT.lock().unwrap_or_else(PoisonError::into_inner).as_ptr() as usize
}
