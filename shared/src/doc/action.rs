//! What a user does, as a value: the command that a device keeps with its change, and can author again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{DeviceId, PersonId, RetailerId, Sku, VisitId};

/// One user action on one document: it becomes one change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Creates the visit, whole, with its empty containers.
    CheckIn {
        visit: VisitId,
        retailer: RetailerId,
        person: PersonId,
        device: DeviceId,
        in_ms: i64,
        lat_e6: Option<i32>,
        lon_e6: Option<i32>,
        accuracy_m: Option<i64>,
        #[serde(default)]
        mock: bool,
    },
    /// Packs per SKU. None takes a count back. SKUs that are not named stay as they are.
    CountStock {
        visit: VisitId,
        stock: BTreeMap<Sku, Option<i64>>,
    },
    /// Cartons per SKU, as above.
    PlanOrder {
        visit: VisitId,
        order: BTreeMap<Sku, Option<i64>>,
    },
    CheckOut {
        visit: VisitId,
        out_ms: i64,
    },
    /// What an audit item was found to be.
    Audit {
        visit: VisitId,
        item: String,
        value: String,
    },
    Note {
        visit: VisitId,
        text: String,
    },
    /// Marks a visit as made by mistake; it stays in the document.
    RemoveVisit {
        visit: VisitId,
    },
    ReportMissed {
        retailer: RetailerId,
        reason: String,
        at_ms: i64,
    },
    Diary {
        text: String,
    },

    PutContact {
        id: String,
        name: String,
        role: String,
        phone: String,
        birthday: Option<String>,
    },
    RemoveContact {
        id: String,
    },
    /// A preference, habit or need of the shop.
    SetFact {
        key: String,
        value: String,
    },
    LogContact {
        id: String,
        at_ms: i64,
        person: PersonId,
        kind: String,
        text: String,
    },
    PutFollowUp {
        id: String,
        date: FollowUpDate,
        text: String,
    },
    CloseFollowUp {
        id: String,
        closed_ms: i64,
    },
    Complain {
        id: String,
        at_ms: i64,
        text: String,
        severity: Option<String>,
    },

    PutGoal {
        id: String,
        title: String,
        measure: String,
        target: String,
    },
    /// `as_manager` or as the supervisor.
    AgreeGoal {
        id: String,
        as_manager: bool,
        at_ms: i64,
    },
    RemoveGoal {
        id: String,
    },
}

/// When a follow-up is to be done, or when it is to come up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpDate {
    Due(Date),
    WakesOn(Date),
}

impl Action {
    /// The action's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CheckIn { .. } => "check_in",
            Self::CountStock { .. } => "count_stock",
            Self::PlanOrder { .. } => "plan_order",
            Self::CheckOut { .. } => "check_out",
            Self::Audit { .. } => "audit",
            Self::Note { .. } => "note",
            Self::RemoveVisit { .. } => "remove_visit",
            Self::ReportMissed { .. } => "report_missed",
            Self::Diary { .. } => "diary",
            Self::PutContact { .. } => "put_contact",
            Self::RemoveContact { .. } => "remove_contact",
            Self::SetFact { .. } => "set_fact",
            Self::LogContact { .. } => "log_contact",
            Self::PutFollowUp { .. } => "put_follow_up",
            Self::CloseFollowUp { .. } => "close_follow_up",
            Self::Complain { .. } => "complain",
            Self::PutGoal { .. } => "put_goal",
            Self::AgreeGoal { .. } => "agree_goal",
            Self::RemoveGoal { .. } => "remove_goal",
        }
    }

    /// The visit that the action is about, if any.
    pub fn visit(&self) -> Option<VisitId> {
        match self {
            Self::CheckIn { visit, .. }
            | Self::CountStock { visit, .. }
            | Self::PlanOrder { visit, .. }
            | Self::CheckOut { visit, .. }
            | Self::Audit { visit, .. }
            | Self::Note { visit, .. }
            | Self::RemoveVisit { visit } => Some(*visit),
            _ => None,
        }
    }
}
