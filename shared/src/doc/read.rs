//! Reads that show conflicts: the winner is Automerge's, the same on every replica; differing values beside it are kept.

use automerge::{Automerge, ObjId, ReadDoc, ScalarValue, Value};

use super::Document;
use crate::facts::{Conflict, ConflictValue};
use crate::ids::{Actor, ChangeHash, DeviceId, DocumentId};

/// A map of a document, read field by field; what is off is noted, not guessed.
pub(super) struct Reader<'a> {
    doc: &'a Automerge,
    id: &'a DocumentId,
    pub faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(document: &'a Document) -> Self {
        Self { doc: &document.automerge, id: &document.id, faults: Vec::new() }
    }

    /// A container of the root.
    pub fn root(&mut self, key: &str) -> Option<ObjId> {
        super::genesis::container(self.id, key)
    }

    /// The content of a text object.
    pub fn content(&self, text: &ObjId) -> String {
        self.doc.text(text).unwrap_or_default()
    }

    pub fn child(&mut self, object: &ObjId, key: &str) -> Option<ObjId> {
        match self.doc.get(object, key) {
            Ok(Some((Value::Object(_), id))) => Some(id),
            _ => {
                self.faults.push(format!("{key}: no container"));
                None
            }
        }
    }

    /// The keys of a map that hold objects, with them, and whether two were created apart under one key.
    pub fn children(&mut self, object: &ObjId) -> Vec<(String, ObjId, bool)> {
        let mut out = Vec::new();
        for item in self.doc.map_range(object, ..) {
            match item.value.clone().into_value() {
                Value::Object(_) => out.push((item.key.to_string(), item.id(), item.conflict)),
                Value::Scalar(_) => self.faults.push(format!("{}: no map", item.key)),
            }
        }
        out
    }

    /// The object under a key of a map, and whether two were created apart under it.
    pub fn entry(&self, object: &ObjId, key: &str) -> Option<(ObjId, bool)> {
        let (value, id) = self.doc.get(object, key).ok()??;
        let apart = self.doc.get_all(object, key).ok()?.len() > 1;
        matches!(value, Value::Object(_)).then_some((id, apart))
    }

    /// The maps directly within a map.
    pub fn maps(&self, object: &ObjId) -> Vec<(String, ObjId)> {
        let items = self.doc.map_range(object, ..);
        items
            .filter_map(|item| matches!(item.value.clone().into_value(), Value::Object(_)).then(|| (item.key.to_string(), item.id())))
            .collect()
    }

    /// Every scalar field of a map with the winner's value, and whether there are others beside it.
    pub fn scalars(&self, object: &ObjId) -> Vec<(String, ScalarValue, bool)> {
        self.doc
            .map_range(object, ..)
            .filter_map(|item| match item.value.into_value() {
                Value::Scalar(value) => Some((item.key.to_string(), value.into_owned(), item.conflict)),
                Value::Object(_) => None,
            })
            .collect()
    }

    pub fn text(&self, object: &ObjId, key: &str) -> String {
        match self.doc.get(object, key) {
            Ok(Some((Value::Object(_), id))) => self.content(&id),
            _ => String::new(),
        }
    }

    /// The change that created an object, as the whole-document receipt of it.
    pub fn created_by(&self, object: &ObjId) -> Option<ChangeHash> {
        self.doc.hash_for_opid(object).map(|hash| ChangeHash(hash.0))
    }

    /// The values of a field in conflict, the winner first; none if they are all equal.
    pub fn conflict(&self, object: &ObjId, key: &str, field: String) -> Option<Conflict> {
        let all = self.doc.get_all(object, key).ok()?;
        let (_, winner) = self.doc.get(object, key).ok()??;
        let mut values: Vec<ConflictValue> = all.iter().map(|(value, id)| self.conflict_value(value, id)).collect();
        if values.windows(2).all(|pair| pair[0].value == pair[1].value) {
            return None;
        }
        let at = all.iter().position(|(_, id)| *id == winner)?;
        values[..=at].rotate_right(1);
        Some(Conflict { field, values })
    }

    fn conflict_value(&self, value: &Value<'_>, id: &ObjId) -> ConflictValue {
        let text = match value {
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => text.to_string(),
                ScalarValue::Null => String::new(),
                other => other.to_string(),
            },
            Value::Object(_) => self.created_by(id).map_or_else(String::new, |hash| hash.to_string()),
        };
        let hash = self.doc.hash_for_opid(id);
        let meta = hash.and_then(|hash| self.doc.get_change_meta_by_hash(&hash));
        let device = meta.as_ref().and_then(|meta| Actor::from_slice(meta.actor.to_bytes())).map(|actor| actor.device());
        ConflictValue {
            value: text,
            device: device.unwrap_or_else(|| DeviceId::from_part([0; 16])),
            change: ChangeHash(hash.map_or([0; 32], |hash| hash.0)),
            at_ms: meta.map_or(0, |meta| meta.timestamp.saturating_mul(1000)),
        }
    }
}

/// An integer within bounds; anything else is no value.
pub(super) fn integer(value: &ScalarValue, least: i64, most: i64) -> Option<i64> {
    let number = match value {
        ScalarValue::Int(n) => *n,
        ScalarValue::Uint(n) => i64::try_from(*n).ok()?,
        _ => return None,
    };
    (least..=most).contains(&number).then_some(number)
}

pub(super) fn string(value: &ScalarValue) -> Option<&str> {
    match value {
        ScalarValue::Str(text) => Some(text),
        _ => None,
    }
}
