//! Which enrolment code is whose: `codes.csv` (person_id, code), several codes of a person in order for that person's
//! devices.

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::PersonId;

use super::ReplayFault;

/// The codes of a file, by person, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes(BTreeMap<PersonId, Vec<String>>);

impl Codes {
    /// Reads `codes.csv`.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReplayFault> {
        let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let unreadable = |line: u64, what: String| ReplayFault::Codes { line, what };
        let header = reader.headers().map_err(|e| unreadable(1, e.to_string()))?.clone();
        let column = |name: &str| {
            let place = header.iter().position(|found| found == name);
            place.ok_or_else(|| unreadable(1, format!("the column {name} is missing")))
        };
        let (person_at, code_at) = (column("person_id")?, column("code")?);
        let mut codes = Self::default();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(e.position().map_or(0, csv::Position::line), e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let person = PersonId::new(&record[person_at]).map_err(|e| unreadable(line, e.to_string()))?;
            let code = record[code_at].trim();
            if code.is_empty() {
                return Err(unreadable(line, "the code is empty".into()));
            }
            codes.0.entry(person).or_default().push(code.to_string());
        }
        Ok(codes)
    }

    /// Deals codes to devices that have none yet; `taken` are those that devices have. Fails for the first person with
    /// too few.
    pub(super) fn deal<'a>(
        &self,
        wanting: impl IntoIterator<Item = &'a PersonId>,
        taken: &BTreeSet<String>,
    ) -> Result<Vec<String>, ReplayFault> {
        let mut next: BTreeMap<&PersonId, usize> = BTreeMap::new();
        let mut dealt = Vec::new();
        for person in wanting {
            let free: Vec<&String> = self.0.get(person).into_iter().flatten().filter(|code| !taken.contains(*code)).collect();
            let at = next.entry(person).or_default();
            let code = free.get(*at).ok_or_else(|| ReplayFault::TooFewCodes(person.clone()))?;
            dealt.push((*code).clone());
            *at += 1;
        }
        Ok(dealt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_codes_go_to_the_devices_in_order() {
        let codes = Codes::parse(b"person_id,code\nm01,a\nm02,b\nm01,c\n").unwrap();
        let [m01, m02] = ["m01", "m02"].map(|id| PersonId::new(id).unwrap());
        let none = BTreeSet::new();
        assert_eq!(codes.deal([&m01, &m01, &m02], &none).unwrap(), ["a", "c", "b"]);
        assert_eq!(codes.deal([&m01], &BTreeSet::from(["a".to_string()])).unwrap(), ["c"]);
        let fault = codes.deal([&m02, &m02], &none).unwrap_err();
        assert_eq!(fault.to_string(), "codes.csv has too few codes for m02: each of their devices needs one");
    }
}
