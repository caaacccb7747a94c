//! The shop file: what is known about a shop, one document a year. Reads overlay the years; writes go to the current one.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::Transaction;
use automerge::{ReadDoc, ScalarValue};
use serde::Serialize;

use super::line::year_in_line;
use super::read::{Reader, string};
use super::write::{ActionFault, bounded, bounded_key, bounded_text, child, container, put, upsert, wrong_document};
use super::{Action, Document, FollowUpDate};
use crate::ids::DocumentId;
use crate::limits;

pub(super) fn write(tx: &mut Transaction<'_>, document: &DocumentId, action: &Action) -> Result<(), ActionFault> {
    let mut entry = |part: &str, id: &str, fields: Vec<(&str, ScalarValue)>| {
        let parent = container(document, part)?;
        upsert(tx, &parent, id, fields)
    };
    match action {
        Action::PutContact { id, name, role, phone, birthday } => {
            let mut fields: Vec<(&str, ScalarValue)> =
                vec![("name", name.as_str().into()), ("role", role.as_str().into()), ("phone", phone.as_str().into())];
            fields.extend(birthday.as_ref().map(|day| ("birthday", ScalarValue::from(day.as_str()))));
            entry("contacts", id, fields)
        }
        Action::RemoveContact { id } => {
            let contacts = container(document, "contacts")?;
            let contact = child(tx, &contacts, id)?.ok_or_else(|| ActionFault::Unknown { what: "contact", id: id.clone() })?;
            put(tx, &contact, "removed", true)
        }
        Action::SetFact { key, value } => {
            bounded_key(key)?;
            bounded_text(key, value)?;
            let facts = container(document, "facts")?;
            bounded("facts", tx.length(&facts) as i64, 0, limits::DOCUMENT_ENTRIES_MAX as i64 - 1)?;
            put(tx, &facts, key, value.as_str())
        }
        Action::LogContact { id, at_ms, person, kind, text } => entry(
            "log",
            id,
            vec![
                ("at_ms", (*at_ms).into()),
                ("person", person.as_str().into()),
                ("kind", kind.as_str().into()),
                ("text", text.as_str().into()),
            ],
        ),
        Action::PutFollowUp { id, date, text } => {
            let (field, day) = match date {
                FollowUpDate::Due(day) => ("due", day),
                FollowUpDate::WakesOn(day) => ("wakes_on", day),
            };
            entry("followups", id, vec![(field, day.to_string().into()), ("text", text.as_str().into())])
        }
        Action::CloseFollowUp { id, closed_ms } => {
            let followups = container(document, "followups")?;
            let followup = child(tx, &followups, id)?.ok_or_else(|| ActionFault::Unknown { what: "follow-up", id: id.clone() })?;
            put(tx, &followup, "closed_ms", *closed_ms)
        }
        Action::Complain { id, at_ms, text, severity } => {
            let mut fields: Vec<(&str, ScalarValue)> = vec![("at_ms", (*at_ms).into()), ("text", text.as_str().into())];
            fields.extend(severity.as_ref().map(|severity| ("severity", ScalarValue::from(severity.as_str()))));
            entry("complaints", id, fields)
        }
        other => Err(wrong_document(document, other)),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Contact {
    pub name: String,
    pub role: String,
    pub phone: String,
    pub birthday: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ContactLog {
    pub at_ms: i64,
    pub person: String,
    pub kind: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FollowUp {
    pub due: Option<String>,
    pub wakes_on: Option<String>,
    pub text: String,
    pub closed_ms: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Complaint {
    pub at_ms: i64,
    pub text: String,
    pub severity: Option<String>,
}

/// What is known about a shop.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ShopFile {
    pub contacts: BTreeMap<String, Contact>,
    pub facts: BTreeMap<String, String>,
    pub log: BTreeMap<String, ContactLog>,
    pub followups: BTreeMap<String, FollowUp>,
    pub complaints: BTreeMap<String, Complaint>,
}

/// A year of a shop's file, however it is read.
pub(super) trait Year {
    /// Every entry of a container of maps.
    fn entries(&mut self, part: &str) -> Vec<(String, Fields)>;
    /// The fields of a container itself.
    fn fields(&mut self, part: &str) -> Fields;
}

impl ShopFile {
    /// The years' documents of one shop, oldest first: the newest value of each entry wins, removed contacts are out.
    pub fn overlay<'a>(years: impl IntoIterator<Item = &'a Document>) -> Self {
        let mut file = Self::default();
        years.into_iter().for_each(|year| file.lay(year));
        file
    }

    /// Lays a later year over the earlier ones.
    pub fn lay(&mut self, year: &Document) {
        self.take(&mut Reader::new(year));
    }

    /// As [`Self::lay`], from a year's changes, dependencies first, without making a document of them. False: nothing was
    /// done, since they don't stand in one line or are unusual.
    #[must_use]
    pub fn lay_in_line<'a>(&mut self, id: &DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>) -> bool {
        year_in_line(id, chunks).map(|mut year| self.take(&mut year)).is_some()
    }

    fn take(&mut self, year: &mut impl Year) {
        for (id, field) in year.entries("contacts") {
            if field.flag("removed") {
                self.contacts.remove(&id);
                continue;
            }
            let contact =
                Contact { name: field.text("name"), role: field.text("role"), phone: field.text("phone"), birthday: field.get("birthday") };
            self.contacts.insert(id, contact);
        }
        let facts = year.fields("facts");
        self.facts.extend(facts.scalars.iter().filter_map(|(key, value)| Some((key.clone(), string(value)?.to_string()))));
        for (id, field) in year.entries("log") {
            let entry =
                ContactLog { at_ms: field.ms("at_ms"), person: field.text("person"), kind: field.text("kind"), text: field.text("text") };
            self.log.insert(id, entry);
        }
        for (id, field) in year.entries("followups") {
            let entry = FollowUp {
                due: field.get("due"),
                wakes_on: field.get("wakes_on"),
                text: field.text("text"),
                closed_ms: field.number("closed_ms"),
            };
            self.followups.insert(id, entry);
        }
        for (id, field) in year.entries("complaints") {
            let entry = Complaint { at_ms: field.ms("at_ms"), text: field.text("text"), severity: field.get("severity") };
            self.complaints.insert(id, entry);
        }
    }
}

impl Year for Reader<'_> {
    fn entries(&mut self, part: &str) -> Vec<(String, Fields)> {
        let mut entries = Vec::new();
        each(self, part, |id, fields| entries.push((id, fields)));
        entries
    }
    fn fields(&mut self, part: &str) -> Fields {
        let container = self.root(part);
        Fields::of(container.into_iter().flat_map(|facts| self.scalars(&facts)).map(|(key, value, _)| (key, value)))
    }
}

/// The winners of one entry's fields.
#[derive(Default)]
pub(super) struct Fields {
    scalars: BTreeMap<String, ScalarValue>,
    nested: BTreeMap<(String, String), ScalarValue>,
    /// Fields with other values beside the winner.
    apart: BTreeSet<String>,
    nested_apart: BTreeSet<(String, String)>,
}

impl Fields {
    /// With nothing beside them.
    pub fn of(scalars: impl IntoIterator<Item = (String, ScalarValue)>) -> Self {
        Self { scalars: scalars.into_iter().collect(), ..Self::default() }
    }
    pub fn get(&self, key: &str) -> Option<String> {
        self.scalars.get(key).and_then(string).map(str::to_string)
    }
    pub fn text(&self, key: &str) -> String {
        self.get(key).unwrap_or_default()
    }
    pub fn number(&self, key: &str) -> Option<i64> {
        self.scalars.get(key).and_then(|value| super::read::integer(value, 0, limits::TIME_MS_MAX))
    }
    /// A number in a map within the entry.
    pub fn nested(&self, map: &str, key: &str) -> Option<i64> {
        self.nested.get(&(map.to_string(), key.to_string())).and_then(|value| super::read::integer(value, 0, limits::TIME_MS_MAX))
    }
    /// As [`Self::nested`]; none where another value stands beside it.
    pub fn nested_alone(&self, map: &str, key: &str) -> Option<i64> {
        let alone = !self.nested_apart.contains(&(map.to_string(), key.to_string()));
        self.nested(map, key).filter(|_| alone)
    }
    /// Whether any field has other values beside the winner.
    pub fn is_apart(&self) -> bool {
        !self.apart.is_empty() || !self.nested_apart.is_empty()
    }
    pub fn ms(&self, key: &str) -> i64 {
        self.number(key).unwrap_or_default()
    }
    pub fn flag(&self, key: &str) -> bool {
        self.scalars.get(key) == Some(&ScalarValue::Boolean(true))
    }
}

/// Every entry of a container of maps.
pub(super) fn each(reader: &mut Reader<'_>, part: &str, mut take: impl FnMut(String, Fields)) {
    let Some(container) = reader.root(part) else { return };
    for (id, object, _) in reader.children(&container) {
        let mut fields = Fields::default();
        for (key, value, conflict) in reader.scalars(&object) {
            fields.apart.extend(conflict.then(|| key.clone()));
            fields.scalars.insert(key, value);
        }
        for (map, inner) in reader.maps(&object) {
            for (key, value, conflict) in reader.scalars(&inner) {
                let path = (map.clone(), key);
                fields.nested_apart.extend(conflict.then(|| path.clone()));
                fields.nested.insert(path, value);
            }
        }
        take(id, fields);
    }
}
