//! What an import changes: the rows for the store, and what the audit log says of them.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Decode;
use minicbor::decode::Error as DecodeError;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::hex::hex;
use shared::ids::Scope;
use shared::limits::AUDIT_CHANGES_BYTES;
use shared::reference::{
    Allocation, Assignment, Event, Festival, Kind, Org, Person, Reference, Retailer, Row, SchemeVersion, SkuInfo, Target, Team,
    WidthStandard,
};

/// A row that is new, changed or gone.
pub struct Change {
    pub scope: Scope,
    pub kind: Kind,
    pub key: String,
    before: Option<Vec<u8>>,
    pub after: Option<Vec<u8>>,
}

impl Change {
    /// As the store takes it.
    pub fn into_row(self) -> (Scope, Row) {
        (self.scope, Row { kind: self.kind, key: self.key, value: self.after })
    }
}

/// The rows that are new, changed or gone.
pub fn difference(current: &Reference, next: &Reference) -> Vec<Change> {
    let key = |(scope, row): (Scope, Row)| ((scope, row.kind, row.key), row.value);
    let mut stored: BTreeMap<_, _> = current.rows().into_iter().map(key).collect();
    let mut out = Vec::new();
    for ((scope, kind, key), after) in next.rows().into_iter().map(key) {
        let before = stored.remove(&(scope.clone(), kind, key.clone())).flatten();
        if before != after {
            out.push(Change { scope, kind, key, before, after });
        }
    }
    out.extend(stored.into_iter().map(|((scope, kind, key), before)| Change { scope, kind, key, before, after: None }));
    out
}

/// Their names in the audit log, in the order in which there is room for them: who has which route first, then what points
/// rest on, then what is known of shops and SKUs. Sales are too many to be told one by one.
const NAMES: [(Kind, &str); 16] = [
    (Kind::Assignments, "assignment"),
    (Kind::Event, "event"),
    (Kind::Targets, "target"),
    (Kind::Cascade, "cascade"),
    (Kind::Scheme, "scheme"),
    (Kind::Org, "org"),
    (Kind::Person, "person"),
    (Kind::Team, "team"),
    (Kind::Calendar, "calendar"),
    (Kind::WidthStandard, "width_standard"),
    (Kind::Allocations, "allocation"),
    (Kind::Festival, "festival"),
    (Kind::Retailer, "retailer"),
    (Kind::Sku, "sku"),
    (Kind::Route, "route"),
    (Kind::Sales, "sales"),
];

/// What changed, as the audit log has it.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// As many as [`AUDIT_CHANGES_BYTES`] holds.
    changes: Vec<Changed>,
    /// How many more there are, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<&'static str, u64>,
    /// SHA-256 over these, each as its JSON and a line feed: whoever has the files can show that it was these.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_sha256: Option<String>,
}

/// A row of a file before and after; null: there is none.
#[derive(Debug, Serialize)]
struct Changed {
    kind: &'static str,
    key: String,
    before: Value,
    after: Value,
}

/// Tells changes row by row of the files. Error: a row can't be read, which no import makes.
pub fn told(changes: &[Change]) -> Result<Told, DecodeError> {
    let (mut told, mut room, mut digest) = (Told::default(), AUDIT_CHANGES_BYTES, Sha256::new());
    for ((place, key), (before, after)) in merged(changes) {
        let (kind, name) = NAMES[place];
        let (mut before, mut after) = (rows(kind, key, before)?, rows(kind, key, after)?);
        let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        for key in keys {
            let [before, after] = [&mut before, &mut after].map(|rows| rows.remove(&key).unwrap_or_default());
            if before == after {
                continue;
            }
            let changed = Changed { kind: name, key, before, after };
            let line = serde_json::to_string(&changed).unwrap_or_default() + "\n";
            if kind != Kind::Sales && line.len() <= room {
                room -= line.len();
                told.changes.push(changed);
            } else {
                *told.more.entry(name).or_default() += 1;
                digest.update(line);
            }
        }
    }
    told.more_sha256 = (!told.more.is_empty()).then(|| hex(&digest.finalize()));
    Ok(told)
}

type BeforeAfter<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// By place in [`NAMES`] and key: a row that stands in several scopes, or moves from one to another, is told once.
fn merged(changes: &[Change]) -> BTreeMap<(usize, &str), BeforeAfter<'_>> {
    let mut out = BTreeMap::<_, BeforeAfter<'_>>::new();
    for change in changes {
        let Some(place) = NAMES.iter().position(|(kind, _)| *kind == change.kind) else { continue };
        let row = out.entry((place, change.key.as_str())).or_default();
        *row = (row.0.or(change.before.as_deref()), row.1.or(change.after.as_deref()));
    }
    out
}

/// The rows of a file that one stored row holds, by their keys.
fn rows(kind: Kind, key: &str, value: Option<&[u8]>) -> Result<BTreeMap<String, Value>, DecodeError> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let one = |value: Value| BTreeMap::from([(key.to_string(), value)]);
    Ok(match kind {
        Kind::Assignments => {
            let kind = |row: &Assignment| text(&row.kind);
            each(value, |row: &Assignment| (format!("{key}/{}/{}", kind(row), row.from), json!({"person": row.person, "to": row.to})))?
        }
        Kind::Retailer => {
            each(value, |row: &Retailer| (row.from.map_or_else(|| key.to_string(), |from| format!("{key}/{from}")), json!(row)))?
        }
        Kind::Targets | Kind::Cascade => each(value, |row: &Target| {
            let item = row.item.as_ref().map_or_else(String::new, |item| format!("/{item}"));
            (format!("{key}/{}{item}", row.indicator), json!(row.plan))
        })?,
        Kind::Allocations => each(value, |row: &Allocation| (format!("{key}/{}/{}", row.grade, row.sku), json!(row.max_cartons)))?,
        Kind::Calendar => one(whole::<Vec<i8>>(value)?),
        Kind::Org => one(whole::<Org>(value)?),
        Kind::Person => one(whole::<Person>(value)?),
        Kind::Team => one(whole::<Team>(value)?),
        Kind::Route => one(whole::<String>(value)?),
        Kind::Sku => one(whole::<SkuInfo>(value)?),
        Kind::Event => one(whole::<Event>(value)?),
        Kind::WidthStandard => one(whole::<WidthStandard>(value)?),
        Kind::Festival => one(whole::<Festival>(value)?),
        // Its text is kept for ever, under the hash that is its key.
        Kind::Scheme => one(json!({"ordinal": minicbor::decode::<SchemeVersion>(value)?.ordinal})),
        _ => one(hex(&Sha256::digest(value)).into()),
    })
}

fn whole<'b, T: Decode<'b, ()> + Serialize>(value: &'b [u8]) -> Result<Value, DecodeError> {
    Ok(json!(minicbor::decode::<T>(value)?))
}

fn each<'b, T: Decode<'b, ()>>(value: &'b [u8], row: impl Fn(&T) -> (String, Value)) -> Result<BTreeMap<String, Value>, DecodeError> {
    Ok(minicbor::decode::<Vec<T>>(value)?.iter().map(row).collect())
}

/// The name of a value that is a word.
fn text(word: &impl Serialize) -> String {
    json!(word).as_str().unwrap_or_default().to_string()
}
