//! The one error that leaves the core: narrow, with a stable code for screens and scripts.

use shared::doc::ActionFault;
use shared::ids::{PersonId, RetailerId, VisitId};
use shared::score::WhatIfFault;
use shared::time::{Month, Week};

use crate::store::StoreFault;
use crate::transport::TransportFault;

/// Why something was not done. Whatever was done before stays done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this device is not enrolled yet")]
    NotEnrolled,
    #[error(transparent)]
    Action(#[from] ActionFault),
    #[error("there is no visit {0} on this device")]
    UnknownVisit(VisitId),
    #[error("only {0} can take their visit back")]
    NotYourVisit(PersonId),
    #[error("the route of shop {0} is not known here: name the route")]
    UnknownRoute(RetailerId),
    #[error("no scheme for {0} has reached this device yet")]
    NoScheme(Month),
    #[error("the scheme on this device can't be read: {0}")]
    BadScheme(String),
    #[error("the person of this device is no manager, and so has no score")]
    NotAManager,
    #[error("the call can't be understood: {0}")]
    BadCall(String),
    #[error("{0}")]
    NoReceipt(String),
    #[error("no such revision of {0} has reached this device")]
    NotPublished(Month),
    #[error("{0}")]
    BadDispute(String),
    #[error(transparent)]
    WhatIf(#[from] WhatIfFault),
    #[error("{0}")]
    BadGoal(String),
    #[error("nothing of {0} is here: there is no day sheet to keep its summary in")]
    NothingOfWeek(Week),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Unreachable(#[from] TransportFault),
    /// Head office said no, in its own words.
    #[error("{title}{}", detail.as_ref().map(|d| format!(" ({d})")).unwrap_or_default())]
    Refused { status: u16, code: String, title: String, detail: Option<String> },
    #[error("head office's answer can't be used: {0}")]
    BadAnswer(String),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::NotEnrolled => "not_enrolled",
            Self::Action(fault) => fault.code(),
            Self::UnknownVisit(_) => "unknown_visit",
            Self::NotYourVisit(_) => "not_your_visit",
            Self::UnknownRoute(_) => "unknown_route",
            Self::NoScheme(_) => "no_scheme",
            Self::BadScheme(_) => "bad_scheme",
            Self::NotAManager => "not_a_manager",
            Self::BadCall(_) => "bad_call",
            Self::NoReceipt(_) => "no_receipt",
            Self::WhatIf(_) => "what_if",
            Self::BadGoal(_) => "bad_goal",
            Self::NothingOfWeek(_) => "nothing_of_week",
            Self::NotPublished(_) => "not_published",
            Self::BadDispute(_) => "bad_dispute",
            Self::Store(StoreFault::InUse) => "store_in_use",
            Self::Store(StoreFault::Newer { .. }) => "store_newer",
            Self::Store(StoreFault::Damaged(_)) => "store_damaged",
            Self::Store(StoreFault::Full) => "store_full",
            Self::Store(StoreFault::Sqlite(_)) => "store_failed",
            Self::Unreachable(_) => "unreachable",
            Self::Refused { code, .. } => code,
            Self::BadAnswer(_) => "bad_answer",
        }
    }
}
