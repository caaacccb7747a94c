//! The sample district, end to end: its files as reference data and facts, three months and the quarter's stars, digit
//! for digit what the independent implementation says.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use shared::facts::Visit;
use shared::ids::{PersonId, RouteId};
use shared::reference::Reference;
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Inputs, MonthPoints, MonthScore, explain, score_month, stars};
use shared::time::{Month, Quarter};

#[path = "district/mod.rs"]
mod district;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/fushan")
}

fn expected(file: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join("expected").join(file)).unwrap()).unwrap()
}

/// Everything in `expected` is in `actual`: keys may be added, lists are equally long.
fn assert_holds(actual: &Value, expected: &Value, at: &str) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let order: Vec<&String> = actual.keys().filter(|key| expected.contains_key(*key)).collect();
            assert_eq!(order, expected.keys().collect::<Vec<_>>(), "keys and their order at {at}");
            expected.iter().for_each(|(key, value)| assert_holds(&actual[key], value, &format!("{at}/{key}")));
        }
        (Value::Array(actual), Value::Array(expected)) => {
            assert_eq!(actual.len(), expected.len(), "length of {at}");
            actual.iter().zip(expected).enumerate().for_each(|(n, (a, e))| assert_holds(a, e, &format!("{at}/{n}")));
        }
        _ => assert_eq!(actual, expected, "at {at}"),
    }
}

struct Fushan {
    reference: Reference,
    visits: Vec<Visit>,
}

impl Fushan {
    fn read() -> Self {
        let reference = district::read(&folder());
        let visits = district::field_log(&folder(), &reference);
        Self { reference, visits }
    }
    fn scheme(&self, month: Month) -> Scheme {
        scheme_of(&self.reference, month).unwrap().expect("the sample has a scheme")
    }
    fn score(&self, month: &str) -> MonthScore {
        let month = month.parse().unwrap();
        score_month(&self.inputs(&self.scheme(month), month))
    }
    fn inputs<'a>(&'a self, scheme: &'a Scheme, month: Month) -> Inputs<'a> {
        Inputs { reference: &self.reference, scheme, visits: &self.visits, month, as_of: None, person: None }
    }
    /// What a phone of the person holds: the rows of the routes that they own or stand in for in the quarter.
    fn phone(&self, person: &PersonId) -> Self {
        let held: BTreeSet<&RouteId> = self
            .reference
            .assignments
            .iter()
            .filter(|(_, assignments)| assignments.iter().any(|a| a.person == *person))
            .map(|(route, _)| route)
            .collect();
        let mut reference = Reference::default();
        for (scope, row) in self.reference.rows() {
            let wanted = match &scope {
                shared::ids::Scope::Org => true,
                shared::ids::Scope::Route(route) => held.contains(route),
                shared::ids::Scope::Person(p) => p == person,
            };
            if wanted {
                reference.apply(&row).unwrap();
            }
        }
        Self { visits: self.visits.iter().filter(|visit| held.contains(&visit.route)).cloned().collect(), reference }
    }
}

#[test]
fn three_months_and_the_quarter_are_as_the_independent_implementation_says() {
    let fushan = Fushan::read();
    let months = ["2026-07", "2026-08", "2026-09"];
    let scores = months.map(|month| fushan.score(month));
    for (month, score) in months.iter().zip(&scores) {
        let json = serde_json::to_value(score).unwrap();
        assert_holds(&json, &expected(&format!("score-{month}.json")), month);
        assert!(score.warnings.is_empty(), "{:?}", score.warnings);
    }
    let quarter: Quarter = "2026Q3".parse().unwrap();
    let points = [MonthPoints::of(&scores[0], Some(1)), MonthPoints::of(&scores[1], None), MonthPoints::of(&scores[2], None)];
    let table = stars(&fushan.reference, quarter, &fushan.scheme(quarter.months()[2]), &points);
    let json = serde_json::to_value(&table).unwrap();
    assert_holds(&json, &expected("stars-2026Q3.json"), "stars");
    assert_eq!(json["months"][0], serde_json::json!({"month": "2026-07", "status": "published", "revision": 1}));
    assert_eq!(json["months"][2]["status"], "open");
    assert_eq!(table.warnings, ["the band of 3 stars has no monthly_pay: the pay of m02 is not set"]);
}

#[test]
fn a_phone_with_its_own_routes_comes_to_the_same_digits_and_receipts() {
    let fushan = Fushan::read();
    for person in ["m03", "m04", "m05", "m06"].map(|id| PersonId::new(id).unwrap()) {
        let phone = fushan.phone(&person);
        for (month, as_of) in [("2026-08", None), ("2026-08", Some("2026-08-12")), ("2026-09", None)] {
            let month = month.parse().unwrap();
            let as_of = as_of.map(|day| shared::time::parse_date(day).unwrap());
            let scheme = fushan.scheme(month);
            let here = Inputs { person: Some(&person), as_of, ..phone.inputs(&scheme, month) };
            let there = Inputs { person: Some(&person), as_of, ..fushan.inputs(&scheme, month) };
            let (scored_here, scored_there) = (score_month(&here), score_month(&there));
            assert_eq!(scored_here, scored_there);
            let all = score_month(&Inputs { person: None, ..there });
            assert_eq!(all.managers.iter().find(|m| m.person_id == person), scored_here.managers.first());
            for indicator in &scored_here.managers[0].indicators {
                let receipt = explain(&here, &person, &indicator.id).unwrap();
                assert_eq!(receipt, explain(&there, &person, &indicator.id).unwrap());
                assert_eq!((&receipt.points, receipt.status), (&indicator.points, indicator.status));
                assert!(!receipt.to_string().is_empty() && !receipt.steps.is_empty());
            }
        }
    }
}
