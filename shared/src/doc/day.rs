//! The day sheet: one route, one date; visits, stock checks, order plans, missed stops, the day's diary.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue};
use jiff::civil::Date;

use super::read::{Reader, integer, string};
use super::write::{ActionFault, bounded, bounded_key, bounded_text, child, container, put, put_map, put_text, wrong_document};
use super::{Action, Document};
use crate::facts::{Conflict, Lines, MissedStop, Position, SheetFacts, Visit};
use crate::ids::{ChangeHash, DeviceId, DocumentId, PersonId, RetailerId, RouteId, Sku, VisitId};
use crate::limits;

pub(super) fn write(tx: &mut Transaction<'_>, document: &DocumentId, action: &Action) -> Result<(), ActionFault> {
    match action {
        Action::CheckIn { .. } => check_in(tx, document, action),
        Action::CountStock { visit, stock } => quantities(tx, document, visit, "stock", stock, limits::PACKS_MAX),
        Action::PlanOrder { visit, order } => quantities(tx, document, visit, "order", order, limits::CARTONS_MAX),
        Action::CheckOut { visit, out_ms } => {
            bounded("out_ms", *out_ms, 0, limits::TIME_MS_MAX)?;
            let visit = find_visit(tx, document, visit)?;
            put(tx, &visit, "out_ms", *out_ms)
        }
        Action::Audit { visit, item, value } => {
            bounded_key(item)?;
            bounded_text("value", value)?;
            let visit = find_visit(tx, document, visit)?;
            let audits = part(tx, &visit, "audits")?;
            bounded("audits", tx.length(&audits) as i64, 0, limits::DOCUMENT_ENTRIES_MAX as i64 - 1)?;
            put(tx, &audits, item, value.as_str())
        }
        Action::Note { visit, text } => {
            let visit = find_visit(tx, document, visit)?;
            let note = part(tx, &visit, "note")?;
            put_text(tx, &note, "note", text)
        }
        Action::RemoveVisit { visit } => {
            let visit = find_visit(tx, document, visit)?;
            put(tx, &visit, "removed", true)
        }
        Action::ReportMissed { retailer, reason, at_ms } => {
            bounded_text("reason", reason)?;
            bounded("at_ms", *at_ms, 0, limits::TIME_MS_MAX)?;
            let missed = container(document, "missed")?;
            bounded("missed stops", tx.length(&missed) as i64, 0, limits::SHEET_VISITS_MAX as i64 - 1)?;
            put(tx, &missed, retailer.as_str(), format!("{reason}@{at_ms}"))
        }
        Action::Diary { text } => put_text(tx, &container(document, "diary")?, "diary", text),
        other => Err(wrong_document(document, other)),
    }
}

fn check_in(tx: &mut Transaction<'_>, document: &DocumentId, action: &Action) -> Result<(), ActionFault> {
    let Action::CheckIn { visit, retailer, person, device, in_ms, lat_e6, lon_e6, accuracy_m, mock } = action else {
        unreachable!("the caller matched a check-in")
    };
    bounded("in_ms", *in_ms, 0, limits::TIME_MS_MAX)?;
    if let (Some(lat), Some(lon)) = (lat_e6, lon_e6) {
        bounded("lat_e6", i64::from(*lat), -90_000_000, 90_000_000)?;
        bounded("lon_e6", i64::from(*lon), -180_000_000, 180_000_000)?;
    }
    let visits = container(document, "visits")?;
    let key = visit.to_string();
    if child(tx, &visits, &key)?.is_some() {
        return Ok(());
    }
    bounded("visits", tx.length(&visits) as i64, 0, limits::SHEET_VISITS_MAX as i64 - 1)?;
    let mut fields: Vec<(&str, ScalarValue)> = vec![
        ("retailer", retailer.as_str().into()),
        ("person", person.as_str().into()),
        ("device", device.as_str().into()),
        ("in_ms", (*in_ms).into()),
    ];
    if let (Some(lat), Some(lon)) = (lat_e6, lon_e6) {
        fields.push(("lat_e6", i64::from(*lat).into()));
        fields.push(("lon_e6", i64::from(*lon).into()));
    }
    if let Some(accuracy) = accuracy_m {
        bounded("accuracy_m", *accuracy, 0, limits::ACCURACY_M_MAX)?;
        fields.push(("accuracy_m", (*accuracy).into()));
    }
    if *mock {
        fields.push(("mock", true.into()));
    }
    let map = put_map(tx, &visits, &key, fields)?;
    for part in ["stock", "order", "audits"] {
        tx.put_object(&map, part, ObjType::Map)?;
    }
    tx.put_object(&map, "note", ObjType::Text)?;
    Ok(())
}

fn find_visit(tx: &Transaction<'_>, document: &DocumentId, visit: &VisitId) -> Result<ObjId, ActionFault> {
    let visits = container(document, "visits")?;
    child(tx, &visits, &visit.to_string())?.ok_or_else(|| ActionFault::UnknownVisit(visit.to_string()))
}

fn part(tx: &Transaction<'_>, visit: &ObjId, key: &str) -> Result<ObjId, ActionFault> {
    child(tx, visit, key)?.ok_or_else(|| ActionFault::Damaged(format!("`{key}` is missing")))
}

fn quantities(
    tx: &mut Transaction<'_>,
    document: &DocumentId,
    visit: &VisitId,
    key: &str,
    lines: &BTreeMap<Sku, Option<i64>>,
    most: i64,
) -> Result<(), ActionFault> {
    bounded("lines", lines.len() as i64, 0, limits::VISIT_LINES_MAX as i64)?;
    let visit = find_visit(tx, document, visit)?;
    let map = part(tx, &visit, key)?;
    for (sku, quantity) in lines {
        match quantity {
            Some(quantity) => {
                bounded(&format!("{key} of {sku}"), *quantity, 0, most)?;
                put(tx, &map, sku.as_str(), *quantity)?;
            }
            // A mark, not a deletion: a concurrent edit would revive a deleted key without a trace.
            None if tx.get(&map, sku.as_str())?.is_some() => put(tx, &map, sku.as_str(), ScalarValue::Null)?,
            None => {}
        }
    }
    bounded("lines", tx.length(&map) as i64, 0, limits::VISIT_LINES_MAX as i64)
}

impl Document {
    /// The facts of a day sheet; none for another kind of document.
    pub fn sheet_facts(&self) -> Option<SheetFacts> {
        let DocumentId::Day { route, date } = self.id() else { return None };
        let mut reader = Reader::new(self);
        let mut facts =
            SheetFacts { route: route.clone(), date: *date, visits: vec![], missed: vec![], diary: String::new(), faults: vec![] };
        if let Some(visits) = reader.root("visits") {
            let entries = reader.children(&visits);
            if entries.len() > limits::SHEET_VISITS_MAX {
                reader.faults.push(format!("{} visits, of at most {}", entries.len(), limits::SHEET_VISITS_MAX));
            }
            for (key, object, apart) in entries.into_iter().take(limits::SHEET_VISITS_MAX) {
                match read_visit(&mut reader, self.id(), &visits, &key, &object, apart) {
                    Ok(Some(visit)) => facts.visits.push(visit),
                    Ok(None) => {}
                    Err(what) => reader.faults.push(format!("visits/{key}: {what}")),
                }
            }
        }
        if let Some(missed) = reader.root("missed") {
            for (key, value, _) in reader.scalars(&missed) {
                match read_missed(&key, &value) {
                    Some(stop) => facts.missed.push(stop),
                    None => reader.faults.push(format!("missed/{key}: not reason@ms")),
                }
            }
        }
        facts.diary = reader.root("diary").map(|diary| reader.content(&diary)).unwrap_or_default();
        facts.visits.sort_by_key(|visit| visit.visit);
        facts.faults = reader.faults;
        facts.faults.truncate(limits::SHEET_FAULTS_MAX);
        Some(facts)
    }
}

impl Document {
    /// [`Self::sheet_facts`] right after an action that this document has taken in, by the facts of just before: mostly one
    /// visit has to be read, and not the whole day. None for another kind of document.
    pub fn sheet_facts_after(&self, action: &Action, before: SheetFacts) -> Option<SheetFacts> {
        match action.visit() {
            // A fault that there was may be gone, and says nothing of where it was.
            Some(visit) if before.faults.is_empty() => self.read_again(visit, before).or_else(|| self.sheet_facts()),
            _ => self.sheet_facts(),
        }
    }

    /// None: there is more to it than one visit's reading.
    fn read_again(&self, visit: VisitId, mut facts: SheetFacts) -> Option<SheetFacts> {
        let mut reader = Reader::new(self);
        let (visits, key) = (reader.root("visits")?, visit.to_string());
        let (object, apart) = reader.entry(&visits, &key)?;
        let read = read_visit(&mut reader, self.id(), &visits, &key, &object, apart).ok()?;
        match (read, facts.visits.binary_search_by_key(&visit, |known| known.visit)) {
            (Some(read), Ok(at)) => facts.visits[at] = read,
            (Some(read), Err(at)) => facts.visits.insert(at, read),
            (None, Ok(at)) => drop(facts.visits.remove(at)),
            (None, Err(_)) => {}
        }
        (reader.faults.is_empty() && facts.visits.len() < limits::SHEET_VISITS_MAX).then_some(facts)
    }
}

pub(super) fn read_missed(retailer: &str, value: &ScalarValue) -> Option<MissedStop> {
    let (reason, at) = string(value)?.rsplit_once('@')?;
    Some(MissedStop { retailer: RetailerId::new(retailer).ok()?, reason: reason.to_string(), at_ms: at.parse().ok()? })
}

/// None: the visit is marked removed.
fn read_visit(
    reader: &mut Reader<'_>,
    document: &DocumentId,
    visits: &ObjId,
    key: &str,
    object: &ObjId,
    apart: bool,
) -> Result<Option<Visit>, String> {
    let DocumentId::Day { route, date } = document else { return Err("no day sheet".into()) };
    let id: VisitId = key.parse().map_err(|_| "its id is no visit id".to_string())?;
    let mut head = Head::default();
    let mut conflicts = Vec::new();
    if apart {
        conflicts.extend(reader.conflict(visits, key, "visit".into()));
    }
    for (field, value, conflict) in reader.scalars(object) {
        if conflict {
            conflicts.extend(reader.conflict(object, &field, field.clone()));
        }
        head.take(&field, &value).map_err(|what| format!("{field}: {what}"))?;
    }
    if head.removed {
        return Ok(None);
    }
    let change = reader.created_by(object).unwrap_or(ChangeHash([0; 32]));
    let mut visit = head.visit(id, route, *date, change)?;
    visit.stock = read_quantities(reader, object, "stock", limits::PACKS_MAX, &mut conflicts);
    visit.order = read_quantities(reader, object, "order", limits::CARTONS_MAX, &mut conflicts);
    visit.audits = read_audits(reader, object, &mut conflicts);
    visit.note = reader.text(object, "note");
    visit.conflicts = conflicts;
    Ok(Some(visit))
}

/// The scalar fields of a visit.
#[derive(Default)]
pub(super) struct Head {
    retailer: Option<RetailerId>,
    person: Option<PersonId>,
    device: Option<DeviceId>,
    in_ms: Option<i64>,
    out_ms: Option<i64>,
    lat_e6: Option<i32>,
    lon_e6: Option<i32>,
    accuracy_m: Option<i64>,
    mock: bool,
    pub(super) removed: bool,
}

impl Head {
    /// The visit, but for what its containers hold.
    pub(super) fn visit(self, visit: VisitId, route: &RouteId, date: Date, change: ChangeHash) -> Result<Visit, String> {
        let missing = |what: &str| format!("{what} is missing");
        Ok(Visit {
            visit,
            route: route.clone(),
            date,
            retailer: self.retailer.ok_or_else(|| missing("retailer"))?,
            person: self.person.ok_or_else(|| missing("person"))?,
            device: self.device.ok_or_else(|| missing("device"))?,
            in_ms: self.in_ms.ok_or_else(|| missing("in_ms"))?,
            out_ms: self.out_ms,
            position: self.lat_e6.zip(self.lon_e6).map(|(lat_e6, lon_e6)| Position { lat_e6, lon_e6 }),
            accuracy_m: self.accuracy_m,
            mock: self.mock,
            stock: Lines::default(),
            order: Lines::default(),
            audits: BTreeMap::new(),
            note: String::new(),
            conflicts: Vec::new(),
            change,
        })
    }

    pub(super) fn take(&mut self, field: &str, value: &ScalarValue) -> Result<(), String> {
        let text = || string(value).ok_or_else(|| "no text".to_string());
        let number = |least, most| integer(value, least, most).ok_or_else(|| format!("no integer of {least} to {most}"));
        let fault = |e: crate::ids::IdFault| e.to_string();
        match field {
            "retailer" => self.retailer = Some(RetailerId::new(text()?).map_err(fault)?),
            "person" => self.person = Some(PersonId::new(text()?).map_err(fault)?),
            "device" => self.device = Some(DeviceId::new(text()?).map_err(fault)?),
            "in_ms" => self.in_ms = Some(number(0, limits::TIME_MS_MAX)?),
            "out_ms" => self.out_ms = Some(number(0, limits::TIME_MS_MAX)?),
            "lat_e6" => self.lat_e6 = Some(number(-90_000_000, 90_000_000)? as i32),
            "lon_e6" => self.lon_e6 = Some(number(-180_000_000, 180_000_000)? as i32),
            "accuracy_m" => self.accuracy_m = Some(number(0, limits::ACCURACY_M_MAX)?),
            "mock" => self.mock = *value == ScalarValue::Boolean(true),
            "removed" => self.removed = *value == ScalarValue::Boolean(true),
            // A field of a later schema: not ours to read, and no fault.
            _ => {}
        }
        Ok(())
    }
}

fn read_quantities(reader: &mut Reader<'_>, visit: &ObjId, part: &str, most: i64, conflicts: &mut Vec<Conflict>) -> Lines {
    let Some(map) = reader.child(visit, part) else { return Lines::default() };
    let mut out = BTreeMap::new();
    for (key, value, conflict) in reader.scalars(&map) {
        if conflict {
            conflicts.extend(reader.conflict(&map, &key, format!("{part}/{key}")));
        }
        if value == ScalarValue::Null {
            continue;
        }
        match (Sku::new(&key), integer(&value, 0, most)) {
            (Ok(sku), Some(quantity)) => drop(out.insert(sku, quantity)),
            _ => reader.faults.push(format!("{part}/{key}: no quantity of 0 to {most}")),
        }
    }
    out.into_iter().collect()
}

fn read_audits(reader: &mut Reader<'_>, visit: &ObjId, conflicts: &mut Vec<Conflict>) -> BTreeMap<String, String> {
    let Some(map) = reader.child(visit, "audits") else { return BTreeMap::new() };
    let mut out = BTreeMap::new();
    for (key, value, conflict) in reader.scalars(&map) {
        if conflict {
            conflicts.extend(reader.conflict(&map, &key, format!("audits/{key}")));
        }
        if let Some(text) = string(&value) {
            out.insert(key, text.to_string());
        }
    }
    out
}
