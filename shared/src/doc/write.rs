//! Targeted writes: an action becomes one change that touches only the fields that it is about. A field is written if its
//! value differs, or if it is in conflict: writing the winner's value again settles it.

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, Prop, ReadDoc, ScalarValue, Value};

use super::{Action, Chunk, Document};
use crate::ids::{ActionId, Actor, DocumentId};
use crate::limits;

/// Why an action can't be done. The sentence is for the user's log; screens translate by `code`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionFault {
    #[error("{action} does not belong in {document}")]
    WrongDocument { action: &'static str, document: String },
    #[error("there is no visit {0}")]
    UnknownVisit(String),
    #[error("there is no {what} {id}")]
    Unknown { what: &'static str, id: String },
    #[error("{what} is {found}, and must be {bound}")]
    OutOfBounds { what: String, found: String, bound: String },
    #[error("the document is damaged: {0}")]
    Damaged(String),
}

impl ActionFault {
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongDocument { .. } => "wrong_document",
            Self::UnknownVisit(_) => "unknown_visit",
            Self::Unknown { .. } => "unknown",
            Self::OutOfBounds { .. } => "out_of_bounds",
            Self::Damaged(_) => "damaged",
        }
    }
}

impl From<automerge::AutomergeError> for ActionFault {
    fn from(error: automerge::AutomergeError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl Document {
    /// Does an action, as one change by `actor`. None: everything was already so. On a fault nothing is changed.
    pub fn act(&mut self, actor: Actor, id: ActionId, at_ms: i64, action: &Action) -> Result<Option<Chunk>, ActionFault> {
        let document = self.id().clone();
        self.transact(actor, id, at_ms, |tx| match &document {
            DocumentId::Day { .. } => super::day::write(tx, &document, action),
            DocumentId::Shop { .. } => super::shop::write(tx, &document, action),
            DocumentId::Goals { .. } => super::goals::write(tx, &document, action),
        })
    }
}

pub(super) fn wrong_document(document: &DocumentId, action: &Action) -> ActionFault {
    ActionFault::WrongDocument { action: action.name(), document: document.to_string() }
}

/// A container of the root, by the genesis.
pub(super) fn container(document: &DocumentId, key: &str) -> Result<ObjId, ActionFault> {
    super::genesis::container(document, key).ok_or_else(|| ActionFault::Damaged(format!("`{key}` is missing")))
}

pub(super) fn child(tx: &Transaction<'_>, parent: &ObjId, key: &str) -> Result<Option<ObjId>, ActionFault> {
    Ok(match tx.get(parent, key)? {
        Some((Value::Object(_), id)) => Some(id),
        _ => None,
    })
}

/// Puts a scalar, unless the field is already so and not in conflict.
pub(super) fn put(tx: &mut Transaction<'_>, object: &ObjId, key: &str, value: impl Into<ScalarValue>) -> Result<(), ActionFault> {
    let value = value.into();
    let current = tx.get_all(object, key)?;
    if let [(Value::Scalar(only), _)] = current.as_slice()
        && **only == value
    {
        return Ok(());
    }
    Ok(tx.put(object, Prop::from(key), value)?)
}

/// Makes a text object's content `text`, by its differences.
pub(super) fn put_text(tx: &mut Transaction<'_>, target: &ObjId, what: &str, text: &str) -> Result<(), ActionFault> {
    bounded_text(what, text)?;
    if tx.text(target)? != text {
        tx.update_text(target, text)?;
    }
    Ok(())
}

/// A new map with its scalar fields.
pub(super) fn put_map(tx: &mut Transaction<'_>, parent: &ObjId, key: &str, fields: Vec<(&str, ScalarValue)>) -> Result<ObjId, ActionFault> {
    let map = tx.put_object(parent, key, ObjType::Map)?;
    for (field, value) in fields {
        tx.put(&map, field, value)?;
    }
    Ok(map)
}

/// Creates the map `key` if it is not there, then puts its fields.
pub(super) fn upsert(tx: &mut Transaction<'_>, parent: &ObjId, key: &str, fields: Vec<(&str, ScalarValue)>) -> Result<(), ActionFault> {
    bounded_key(key)?;
    for (name, value) in &fields {
        if let ScalarValue::Str(text) = value {
            bounded_text(name, text)?;
        }
    }
    let Some(map) = child(tx, parent, key)? else {
        let entries = tx.length(parent);
        bounded("entries", entries as i64, 0, limits::DOCUMENT_ENTRIES_MAX as i64 - 1)?;
        return put_map(tx, parent, key, fields).map(drop);
    };
    fields.into_iter().try_for_each(|(field, value)| put(tx, &map, field, value))
}

pub(super) fn bounded(what: &str, found: i64, least: i64, most: i64) -> Result<(), ActionFault> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(ActionFault::OutOfBounds { what: what.into(), found: found.to_string(), bound: format!("{least} to {most}") })
}

pub(super) fn bounded_text(what: &str, text: &str) -> Result<(), ActionFault> {
    if text.len() <= limits::TEXT_BYTES_MAX {
        return Ok(());
    }
    let found = format!("{} bytes long", text.len());
    Err(ActionFault::OutOfBounds { what: what.into(), found, bound: format!("at most {} bytes", limits::TEXT_BYTES_MAX) })
}

/// A key within a document: 1–64 bytes.
pub(super) fn bounded_key(key: &str) -> Result<(), ActionFault> {
    if (1..=limits::ID_BYTES_MAX).contains(&key.len()) {
        return Ok(());
    }
    let found = format!("{} bytes long", key.len());
    Err(ActionFault::OutOfBounds { what: "a key".into(), found, bound: format!("1 to {} bytes", limits::ID_BYTES_MAX) })
}
