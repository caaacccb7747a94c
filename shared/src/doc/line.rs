//! A document whose changes stand in one line, each building on the one before: nobody wrote beside anybody else, so there
//! is nothing to merge, and its facts follow from its operations one after the other. Nearly every sheet is one, and this
//! way it costs a tenth. Whatever is out of the ordinary is left to Automerge, which both ways must agree with.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ScalarValue;

use super::chunk::{Chunk, Does, Key, Op, Value, hash_of};
use super::day::{Head, read_missed};
use super::shop::{Fields, Year};
use super::{GENESIS_ACTOR, genesis};
use crate::facts::{Lines, SheetFacts, Visit};
use crate::ids::{Actor, ChangeHash, DocumentId, Sku, VisitId};
use crate::limits;

/// The facts of a document from its changes, dependencies before dependants; as [`super::Document::sheet_facts`], none for
/// other kinds than day sheets. The outer none: they are not in one line, or something about them is unusual.
pub fn facts_in_line<'a>(id: &DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>) -> Option<Option<SheetFacts>> {
    in_line(id, chunks, |line| match id {
        DocumentId::Day { .. } => line.sheet(id).map(Some),
        _ => Some(None),
    })
}

/// A year of a shop's file from its changes, as above.
pub(super) fn year_in_line<'a>(id: &DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>) -> Option<YearInLine> {
    in_line(id, chunks, |line| match id {
        DocumentId::Shop { .. } => line.year(id),
        _ => None,
    })
}

/// Reads changes in one line, and looks at what they make.
fn in_line<'a, T>(id: &DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>, look: impl FnOnce(&Line<'_>) -> Option<T>) -> Option<T> {
    let mut chunks_in_line = Vec::new();
    let mut before = genesis::genesis_hash(id);
    let mut seen = BTreeSet::from([before]);
    for bytes in chunks {
        let hash = hash_of(bytes).ok()?;
        let chunk = Chunk::read(bytes).ok()?;
        // An author names its own last change too, where another has written since.
        if !chunk.deps.contains(&before) || !chunk.deps.iter().all(|dep| seen.contains(dep)) {
            return None;
        }
        chunks_in_line.push((hash, chunk));
        seen.insert(hash);
        before = hash;
    }
    let mut line = Line::begin(id);
    for (hash, chunk) in &chunks_in_line {
        line.take(*hash, chunk)?;
    }
    look(&line)
}

/// By container.
pub(super) struct YearInLine(BTreeMap<&'static str, Part>);

struct Part {
    fields: Fields,
    entries: Vec<(String, Fields)>,
}

impl Year for YearInLine {
    fn entries(&mut self, part: &str) -> Vec<(String, Fields)> {
        self.0.get_mut(part).map(|part| std::mem::take(&mut part.entries)).unwrap_or_default()
    }
    fn fields(&mut self, part: &str) -> Fields {
        self.0.get_mut(part).map(|part| std::mem::take(&mut part.fields)).unwrap_or_default()
    }
}

/// Whether a change makes an entry in a root container. What can't be read may.
pub fn writes_to<'a>(id: &DocumentId, container: &str, chunks: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let Some(number) = genesis::container_number(id, container) else { return false };
    let touches = |bytes: &'a [u8]| {
        let Ok(chunk) = Chunk::read(bytes) else { return true };
        let elsewhere = |op: &Op<'_>| op.object != Some((&GENESIS_ACTOR, number));
        chunk.operations(elsewhere).is_err()
    };
    chunks.into_iter().any(touches)
}

/// Who did an operation, and its number.
type OpId = (Actor, u64);

/// What a field holds, and which operation said so.
struct Field<'a> {
    by: OpId,
    held: Held<'a>,
}

#[derive(Clone, Copy)]
enum Held<'a> {
    Value(Value<'a>),
    /// By its place in [`Line::objects`].
    Object(usize),
}

enum Object<'a> {
    Map(BTreeMap<&'a str, Field<'a>>),
    Text(Vec<Character<'a>>),
}

struct Character<'a> {
    by: OpId,
    text: &'a str,
    deleted: bool,
}

/// A document as its changes go by.
struct Line<'a> {
    objects: Vec<Object<'a>>,
    /// Which change made each object.
    made: Vec<ChangeHash>,
    places: BTreeMap<OpId, usize>,
    seqs: BTreeMap<Actor, u64>,
    next_op: u64,
}

impl<'a> Line<'a> {
    /// With the genesis alone.
    fn begin(id: &DocumentId) -> Self {
        let mut line = Self {
            objects: Vec::new(),
            made: Vec::new(),
            places: BTreeMap::new(),
            seqs: BTreeMap::new(),
            next_op: genesis::FIRST_CONTAINER,
        };
        for (_, kind) in genesis::containers(id) {
            line.make((GENESIS_ACTOR, line.next_op), ChangeHash([0; 32]), *kind == automerge::ObjType::Text);
            line.next_op += 1;
        }
        line
    }

    fn make(&mut self, by: OpId, change: ChangeHash, text: bool) -> usize {
        self.objects.push(if text { Object::Text(Vec::new()) } else { Object::Map(BTreeMap::new()) });
        self.made.push(change);
        self.places.insert(by, self.objects.len() - 1);
        self.objects.len() - 1
    }

    fn take(&mut self, hash: ChangeHash, chunk: &'a Chunk<'_>) -> Option<()> {
        let seq = self.seqs.entry(chunk.actor).or_insert(0);
        if chunk.seq != *seq + 1 || chunk.start_op != self.next_op {
            return None;
        }
        *seq += 1;
        let mut sound = true;
        let count = chunk.operations(|op| {
            sound &= self.operation(hash, (chunk.actor, self.next_op), op).is_some();
            self.next_op += 1;
            sound
        });
        (count.is_ok() && sound).then_some(())
    }

    fn operation(&mut self, change: ChangeHash, by: OpId, op: &Op<'a>) -> Option<()> {
        let (actor, number) = op.object?;
        let at = *self.places.get(&(*actor, number))?;
        match op.key {
            Key::Field(key) => self.field(change, by, at, key, op),
            _ => self.character(by, at, op),
        }
    }

    /// In one line an operation replaces just what is there.
    fn field(&mut self, change: ChangeHash, by: OpId, at: usize, key: &'a str, op: &Op<'a>) -> Option<()> {
        let Object::Map(fields) = &self.objects[at] else { return None };
        let there = fields.get(key).map(|field| field.by);
        if op.replaced.map(|(actor, number)| (*actor, number)) != there || op.replaces > 1 {
            return None;
        }
        let held = match op.does {
            Does::Put(value) => Some(Held::Value(value)),
            Does::MakeMap => Some(Held::Object(self.make(by, change, false))),
            Does::MakeText => Some(Held::Object(self.make(by, change, true))),
            Does::Delete if there.is_some() => None,
            Does::Delete | Does::Other => return None,
        };
        let Object::Map(fields) = &mut self.objects[at] else { return None };
        match held {
            Some(held) => drop(fields.insert(key, Field { by, held })),
            None => drop(fields.remove(key)),
        }
        Some(())
    }

    fn character(&mut self, by: OpId, at: usize, op: &Op<'a>) -> Option<()> {
        let Object::Text(characters) = &mut self.objects[at] else { return None };
        let place = match op.key {
            // Mostly a text is written on from where it was written last.
            Key::Character(actor, number) => Some(characters.iter().rposition(|c| c.by == (*actor, number))?),
            _ => None,
        };
        match (op.insert, op.does, place) {
            (true, Does::Put(Value::Text(text)), place) => {
                characters.insert(place.map_or(0, |place| place + 1), Character { by, text, deleted: false });
            }
            (false, Does::Delete, Some(place)) if !characters[place].deleted && op.replaces == 1 => {
                if op.replaced.map(|(actor, number)| (*actor, number)) != Some(characters[place].by) {
                    return None;
                }
                characters[place].deleted = true;
            }
            _ => return None,
        }
        Some(())
    }

    /// A container of the root, by its place.
    fn container(&self, at: usize) -> Option<&BTreeMap<&'a str, Field<'a>>> {
        self.map(Held::Object(at))
    }

    fn map(&self, held: Held<'a>) -> Option<&BTreeMap<&'a str, Field<'a>>> {
        match held {
            Held::Object(at) => match &self.objects[at] {
                Object::Map(fields) => Some(fields),
                Object::Text(_) => None,
            },
            Held::Value(_) => None,
        }
    }

    fn text(&self, at: usize) -> Option<String> {
        match &self.objects[at] {
            Object::Text(characters) => Some(characters.iter().filter(|c| !c.deleted).map(|c| c.text).collect()),
            Object::Map(_) => None,
        }
    }

    fn sheet(&self, id: &DocumentId) -> Option<SheetFacts> {
        let DocumentId::Day { route, date } = id else { return None };
        let [visits, missed, diary] = [0, 1, 2];
        let entries = self.container(visits)?;
        if entries.len() > limits::SHEET_VISITS_MAX {
            return None;
        }
        let mut facts =
            SheetFacts { route: route.clone(), date: *date, visits: vec![], missed: vec![], diary: self.text(diary)?, faults: vec![] };
        for (key, field) in entries {
            facts.visits.extend(self.visit(id, key.parse().ok()?, field.held)?);
        }
        for (key, field) in self.container(missed)? {
            facts.missed.push(read_missed(key, &scalar(field.held)?)?);
        }
        facts.visits.sort_by_key(|visit| visit.visit);
        Some(facts)
    }

    fn year(&self, id: &DocumentId) -> Option<YearInLine> {
        let mut parts = BTreeMap::new();
        for (at, (name, _)) in genesis::containers(id).iter().enumerate() {
            let container = self.container(at)?;
            let mut entries = Vec::new();
            for (key, field) in container {
                if let Some(entry) = self.map(field.held) {
                    entries.push(((*key).to_string(), scalars(entry)?));
                }
            }
            parts.insert(*name, Part { fields: scalars(container)?, entries });
        }
        Some(YearInLine(parts))
    }

    /// The inner none: it is marked removed.
    fn visit(&self, document: &DocumentId, id: VisitId, held: Held<'a>) -> Option<Option<Visit>> {
        let (DocumentId::Day { route, date }, Held::Object(at)) = (document, held) else { return None };
        let fields = self.map(held)?;
        let mut head = Head::default();
        for (field, value) in fields.iter().filter_map(|(field, value)| Some((field, scalar(value.held)?))) {
            head.take(field, &value).ok()?;
        }
        if head.removed {
            return Some(None);
        }
        let mut visit = head.visit(id, route, *date, self.made[at]).ok()?;
        let part = |name: &str| self.map(fields.get(name)?.held);
        visit.stock = quantities(part("stock")?, limits::PACKS_MAX)?;
        visit.order = quantities(part("order")?, limits::CARTONS_MAX)?;
        for (item, field) in part("audits")? {
            if let Held::Value(Value::Text(value)) = field.held {
                visit.audits.insert((*item).into(), value.into());
            }
        }
        if let Held::Object(note) = fields.get("note")?.held {
            visit.note = self.text(note)?;
        }
        Some(Some(visit))
    }
}

fn quantities(lines: &BTreeMap<&str, Field<'_>>, most: i64) -> Option<Lines> {
    let counted = lines.iter().filter(|(_, field)| !matches!(field.held, Held::Value(Value::Null)));
    let read = counted.map(|(sku, field)| match field.held {
        Held::Value(Value::Int(quantity)) if (0..=most).contains(&quantity) => Some((Sku::new(sku).ok()?, quantity)),
        _ => None,
    });
    read.collect::<Option<Vec<_>>>().map(Lines::of_ascending)
}

/// The fields of a map that are no objects. None: one is a value that no document of ours has.
fn scalars(map: &BTreeMap<&str, Field<'_>>) -> Option<Fields> {
    let values = map.iter().filter(|(_, field)| matches!(field.held, Held::Value(_)));
    let read = values.map(|(key, field)| Some(((*key).to_string(), scalar(field.held)?)));
    read.collect::<Option<Vec<_>>>().map(Fields::of)
}

/// None: an object, or a value that no document of ours has.
fn scalar(held: Held<'_>) -> Option<ScalarValue> {
    Some(match held {
        Held::Value(Value::Null) => ScalarValue::Null,
        Held::Value(Value::Bool(value)) => ScalarValue::Boolean(value),
        Held::Value(Value::Uint(value)) => ScalarValue::Uint(value),
        Held::Value(Value::Int(value)) => ScalarValue::Int(value),
        Held::Value(Value::Text(value)) => ScalarValue::Str(value.into()),
        Held::Value(Value::Other) | Held::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::{Action, Document, FollowUpDate, ShopFile};
    use crate::ids::ActionId;
    use proptest::prelude::*;

    fn sheet() -> DocumentId {
        "day/r001/2026-07-01".parse().unwrap()
    }

    fn visit(n: u8) -> VisitId {
        VisitId([n; 16])
    }

    fn lines(quantities: Vec<Option<i64>>) -> BTreeMap<Sku, Option<i64>> {
        quantities.into_iter().enumerate().map(|(n, quantity)| (format!("sku{}", n % 5).parse().unwrap(), quantity)).collect()
    }

    fn action() -> impl Strategy<Value = Action> {
        let quantities = || proptest::collection::vec(proptest::option::weighted(0.8, 0_i64..300), 1..6);
        let text = || "[a-c \u{4e00}-\u{4e05}🙂]{0,12}";
        let retailer = |n: u8| format!("t{n}").parse().unwrap();
        prop_oneof![
            (0_u8..4, 0_u8..3, any::<bool>(), proptest::option::of(-90_000_000_i32..90_000_000)).prop_map(move |(n, shop, mock, at)| {
                Action::CheckIn {
                    visit: visit(n),
                    retailer: retailer(shop),
                    person: "m1".parse().unwrap(),
                    device: "d1".parse().unwrap(),
                    in_ms: 1_786_000_000_000 + i64::from(n),
                    lat_e6: at,
                    lon_e6: at,
                    accuracy_m: mock.then_some(12),
                    mock,
                }
            }),
            (0_u8..4, quantities()).prop_map(|(n, q)| Action::CountStock { visit: visit(n), stock: lines(q) }),
            (0_u8..4, quantities()).prop_map(|(n, q)| Action::PlanOrder { visit: visit(n), order: lines(q) }),
            (0_u8..4, 0_i64..1_800_000_000_000).prop_map(|(n, out_ms)| Action::CheckOut { visit: visit(n), out_ms }),
            (0_u8..4, text()).prop_map(|(n, text)| Action::Note { visit: visit(n), text }),
            (0_u8..4, text()).prop_map(|(n, value)| Action::Audit { visit: visit(n), item: "tags".into(), value }),
            (0_u8..4).prop_map(|n| Action::RemoveVisit { visit: visit(n) }),
            (0_u8..3, text()).prop_map(move |(n, reason)| Action::ReportMissed { retailer: retailer(n), reason, at_ms: 5 }),
            text().prop_map(|text| Action::Diary { text }),
        ]
    }

    /// What both ways say of the same changes.
    fn both(chunks: &[Vec<u8>]) -> (Option<SheetFacts>, SheetFacts) {
        let chunks = || chunks.iter().map(Vec::as_slice);
        let merged = Document::of_changes(sheet(), chunks()).unwrap().sheet_facts().unwrap();
        (facts_in_line(&sheet(), chunks()).map(Option::unwrap), merged)
    }

    fn shop() -> DocumentId {
        "shop/t1/2026".parse().unwrap()
    }

    fn shop_action() -> impl Strategy<Value = Action> {
        let id = || "[a-c]".prop_map(String::from);
        let text = || "[a-c \u{4e00}-\u{4e05}🙂]{0,8}".prop_map(String::from);
        let day = || (1_i8..28).prop_map(|day| jiff::civil::date(2026, 7, day));
        prop_oneof![
            (id(), text(), proptest::option::of(text())).prop_map(|(id, name, birthday)| Action::PutContact {
                id,
                name: name.clone(),
                role: name.clone(),
                phone: name,
                birthday
            }),
            id().prop_map(|id| Action::RemoveContact { id }),
            (id(), text()).prop_map(|(key, value)| Action::SetFact { key, value }),
            (id(), 0_i64..1_800_000_000_000, text()).prop_map(|(id, at_ms, text)| Action::LogContact {
                id,
                at_ms,
                person: "m1".parse().unwrap(),
                kind: text.clone(),
                text
            }),
            (id(), day(), any::<bool>(), text()).prop_map(|(id, day, due, text)| Action::PutFollowUp {
                id,
                date: if due { FollowUpDate::Due(day) } else { FollowUpDate::WakesOn(day) },
                text
            }),
            (id(), 0_i64..1_800_000_000_000).prop_map(|(id, closed_ms)| Action::CloseFollowUp { id, closed_ms }),
            (id(), text(), proptest::option::of(text())).prop_map(|(id, text, severity)| Action::Complain { id, at_ms: 7, text, severity }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn a_shop_s_file_reads_the_same_in_one_line_and_merged(
            common in proptest::collection::vec((0_u8..3, shop_action()), 0..20), apart in proptest::collection::vec(shop_action(), 0..3)
        ) {
            let mut docs = [Document::new(shop()), Document::new(shop())];
            let mut chunks = Vec::new();
            for (n, (device, action)) in common.iter().enumerate() {
                if let Ok(Some(chunk)) = docs[0].act(Actor([7 + device; 24]), ActionId([n as u8; 16]), 1_786_000_000_000, action) {
                    docs[1].apply([chunk.bytes.as_slice()]).unwrap();
                    chunks.push(chunk.bytes);
                }
            }
            let in_line = |chunks: &[Vec<u8>]| {
                let mut file = ShopFile::default();
                file.lay_in_line(&shop(), chunks.iter().map(Vec::as_slice)).then_some(file)
            };
            prop_assert_eq!(in_line(&chunks), Some(ShopFile::overlay([&docs[0]])));
            // Beside it, on two phones: whatever is still read in one line is what merging gives.
            for (n, action) in apart.iter().enumerate() {
                for (device, doc) in docs.iter_mut().enumerate() {
                    let (actor, id) = (Actor([20 + device as u8; 24]), ActionId([100 + n as u8; 16]));
                    if let Ok(Some(chunk)) = doc.act(actor, id, 1_786_000_000_000, action) {
                        chunks.push(chunk.bytes);
                    }
                }
            }
            let merged = Document::of_changes(shop(), chunks.iter().map(Vec::as_slice)).unwrap();
            if let Some(file) = in_line(&chunks) {
                prop_assert_eq!(file, ShopFile::overlay([&merged]));
            }
        }

        #[test]
        fn in_one_line_both_ways_come_to_the_same_facts(actions in proptest::collection::vec((0_u8..3, action()), 0..25)) {
            let mut doc = Document::new(sheet());
            let mut chunks = Vec::new();
            for (n, (device, action)) in actions.iter().enumerate() {
                // What can't be done (a count in no visit) writes nothing.
                if let Ok(Some(chunk)) = doc.act(Actor([7 + device; 24]), ActionId([n as u8; 16]), 1_786_000_000_000, action) {
                    chunks.push(chunk.bytes);
                }
            }
            let (in_line, merged) = both(&chunks);
            prop_assert_eq!(in_line, Some(merged));
        }

        #[test]
        fn what_was_written_apart_is_left_to_automerge(
            common in proptest::collection::vec(action(), 1..8), apart in proptest::collection::vec((0_u8..2, action()), 1..12)
        ) {
            let mut docs = [Document::new(sheet()), Document::new(sheet())];
            let mut chunks = Vec::new();
            for (n, action) in common.iter().enumerate() {
                if let Ok(Some(chunk)) = docs[0].act(Actor([7; 24]), ActionId([n as u8; 16]), 1_786_000_000_000, action) {
                    docs[1].apply([chunk.bytes.as_slice()]).unwrap();
                    chunks.push(chunk.bytes);
                }
            }
            for (n, (device, action)) in apart.iter().enumerate() {
                let actor = Actor([8 + device; 24]);
                if let Ok(Some(chunk)) = docs[usize::from(*device)].act(actor, ActionId([100 + n as u8; 16]), 1_786_000_000_000, action) {
                    chunks.push(chunk.bytes);
                }
            }
            let (in_line, merged) = both(&chunks);
            if let Some(in_line) = in_line {
                prop_assert_eq!(in_line, merged);
            }
        }

        #[test]
        fn after_an_action_one_visit_read_again_makes_the_facts_that_the_whole_makes(
            common in proptest::collection::vec(action(), 1..8), apart in proptest::collection::vec((0_u8..2, action()), 0..6),
            then in proptest::collection::vec(action(), 1..8)
        ) {
            let mut docs = [Document::new(sheet()), Document::new(sheet())];
            let act = |doc: &mut Document, actor: u8, n: usize, action: &Action| {
                doc.act(Actor([actor; 24]), ActionId([n as u8; 16]), 1_786_000_000_000, action).ok().flatten().map(|chunk| chunk.bytes)
            };
            for (n, action) in common.iter().enumerate() {
                if let Some(bytes) = act(&mut docs[0], 7, n, action) {
                    docs[1].apply([bytes.as_slice()]).unwrap();
                }
            }
            let written: Vec<_> = apart.iter().enumerate().map(|(n, (device, action))| {
                (*device, act(&mut docs[usize::from(*device)], 8 + device, 100 + n, action))
            }).collect();
            let [mut doc, _] = docs;
            written.iter().filter(|(device, _)| *device == 1).filter_map(|(_, bytes)| bytes.as_deref()).for_each(|bytes| doc.apply([bytes]).unwrap());
            for (n, action) in then.iter().enumerate() {
                let before = doc.sheet_facts().unwrap();
                if act(&mut doc, 9, 200 + n, action).is_some() {
                    prop_assert_eq!(doc.sheet_facts_after(action, before), doc.sheet_facts());
                }
            }
        }
    }
}
