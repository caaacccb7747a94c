//! A manager's goals of a quarter: agreed, quantified, at most [`limits::GOALS_MAX`] of them; more are shown as a fault.

use std::collections::BTreeMap;

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value};
use serde::Serialize;

use super::read::Reader;
use super::shop::each;
use super::write::{ActionFault, bounded, child, container, put, upsert, wrong_document};
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
            let before = child(tx, &goals, id)?;
            if before.is_none() {
                let others = alive(tx, &goals)? as i64;
                bounded("goals", others + 1, 0, limits::GOALS_MAX as i64)?;
            }
            let changes = match &before {
                Some(goal) => fields.iter().any(|(field, value)| !is_so(tx, goal, field, value)),
                None => false,
            };
            upsert(tx, &goals, id, fields)?;
            let goal = known(tx, id)?;
            match child(tx, &goal, "agreed_by")? {
                None => drop(tx.put_object(&goal, "agreed_by", ObjType::Map)?),
                // What was agreed was another goal.
                Some(agreed) if changes => {
                    for side in SIDES {
                        if tx.get(&agreed, side)?.is_some() {
                            put(tx, &agreed, side, ScalarValue::Null)?;
                        }
                    }
                }
                Some(_) => {}
            }
            Ok(())
        }
        Action::AgreeGoal { id, as_manager, at_ms } => {
            let goal = known(tx, id)?;
            let agreed = child(tx, &goal, "agreed_by")?.ok_or_else(|| ActionFault::Damaged("`agreed_by` is missing".into()))?;
            put(tx, &agreed, SIDES[usize::from(!*as_manager)], *at_ms)
        }
        Action::RemoveGoal { id } => {
            let goal = known(tx, id)?;
            put(tx, &goal, "removed", true)
        }
        other => Err(wrong_document(document, other)),
    }
}

/// Who agrees: the manager, and the supervisor.
const SIDES: [&str; 2] = ["person", "supervisor"];

/// Goals that are not removed.
fn alive(tx: &Transaction<'_>, goals: &ObjId) -> Result<usize, ActionFault> {
    let mut count = 0;
    for id in tx.keys(goals) {
        let Some(goal) = child(tx, goals, &id)? else { continue };
        count += usize::from(!is_so(tx, &goal, "removed", &true.into()));
    }
    Ok(count)
}

/// Whether a field has this value, and no other beside it.
fn is_so(tx: &Transaction<'_>, object: &ObjId, key: &str, value: &ScalarValue) -> bool {
    let all = tx.get_all(object, key).unwrap_or_default();
    matches!(all.as_slice(), [(Value::Scalar(only), _)] if **only == *value)
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Goal {
    pub title: String,
    pub measure: String,
    pub target: String,
    pub agreed_by: Agreed,
}

/// When each side agreed, in ms since 1970; a goal that is changed is to be agreed on again.
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
        let mut apart = Vec::new();
        each(&mut reader, "goals", |id, field| {
            if field.flag("removed") {
                return;
            }
            if field.is_apart() {
                apart.push(format!("{id}: it was changed on two devices at once, or agreed on while it was changed: look at it again"));
            }
            let goal = Goal {
                title: field.text("title"),
                measure: field.text("measure"),
                target: field.text("target"),
                agreed_by: Agreed {
                    person: field.nested_alone("agreed_by", SIDES[0]),
                    supervisor: field.nested_alone("agreed_by", SIDES[1]),
                },
            };
            out.goals.insert(id, goal);
        });
        out.faults = reader.faults;
        out.faults.append(&mut apart);
        if out.goals.len() > limits::GOALS_MAX {
            out.faults.push(format!("{} goals, of at most {}", out.goals.len(), limits::GOALS_MAX));
        }
        out
    }
}
