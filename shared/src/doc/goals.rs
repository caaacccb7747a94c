//! A manager's goals of a quarter: agreed, quantified, at most [`limits::GOALS_MAX`] of them; more are shown as a fault.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjType, ScalarValue};
use serde::Serialize;

use super::read::Reader;
use super::shop::each;
use super::write::{ActionFault, child, container, put, upsert, wrong_document};
use super::{Action, Document};
use crate::ids::DocumentId;
use crate::limits;

pub(super) fn write(tx: &mut Transaction<'_>, document: &DocumentId, action: &Action) -> Result<(), ActionFault> {
    let goals = container(document, "goals")?;
    let known =
        |tx: &Transaction<'_>, id: &str| child(tx, &goals, id)?.ok_or_else(|| ActionFault::Unknown { what: "goal", id: id.to_string() });
    match action {
        Action::PutGoal { id, title, measure, target } => {
            let fields: Vec<(&str, ScalarValue)> =
                vec![("title", title.as_str().into()), ("measure", measure.as_str().into()), ("target", target.as_str().into())];
            upsert(tx, &goals, id, fields)?;
            let goal = known(tx, id)?;
            if child(tx, &goal, "agreed_by")?.is_none() {
                tx.put_object(&goal, "agreed_by", ObjType::Map)?;
            }
            Ok(())
        }
        Action::AgreeGoal { id, as_manager, at_ms } => {
            let goal = known(tx, id)?;
            let agreed = child(tx, &goal, "agreed_by")?.ok_or_else(|| ActionFault::Damaged("`agreed_by` is missing".into()))?;
            put(tx, &agreed, if *as_manager { "person" } else { "supervisor" }, *at_ms)
        }
        Action::RemoveGoal { id } => {
            let goal = known(tx, id)?;
            put(tx, &goal, "removed", true)
        }
        other => Err(wrong_document(document, other)),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Goal {
    pub title: String,
    pub measure: String,
    pub target: String,
    pub agreed_by: Agreed,
}

/// When each side agreed, in ms since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Agreed {
    pub person: Option<i64>,
    pub supervisor: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Goals {
    pub goals: BTreeMap<String, Goal>,
    pub faults: Vec<String>,
}

impl Goals {
    pub fn read(document: &Document) -> Self {
        let mut reader = Reader::new(document);
        let mut out = Self::default();
        each(&mut reader, "goals", |id, field| {
            if field.flag("removed") {
                return;
            }
            let goal = Goal {
                title: field.text("title"),
                measure: field.text("measure"),
                target: field.text("target"),
                agreed_by: Agreed { person: field.nested("agreed_by", "person"), supervisor: field.nested("agreed_by", "supervisor") },
            };
            out.goals.insert(id, goal);
        });
        out.faults = reader.faults;
        if out.goals.len() > limits::GOALS_MAX {
            out.faults.push(format!("{} goals, of at most {}", out.goals.len(), limits::GOALS_MAX));
        }
        out
    }
}
