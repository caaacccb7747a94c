//! Disputes about published points, and what is ruled on them.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId};
use crate::time::Month;

/// A manager's objection to an indicator of a published revision, and what staff ruled.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Dispute {
    #[n(0)]
    pub person: PersonId,
    #[cbor(n(1), with = "crate::cbor::text")]
    pub month: Month,
    /// From 1.
    #[n(2)]
    pub revision: u32,
    #[n(3)]
    pub indicator: IndicatorId,
    /// The line of the receipt that it concerns: an import row's key or a visit; empty: the whole.
    #[n(4)]
    pub line: String,
    #[n(5)]
    pub text: String,
    /// Milliseconds since 1970, by the device that filed it.
    #[n(6)]
    pub filed_ms: i64,
    /// In force: recorded by one of staff, approved by another.
    #[n(7)]
    pub ruling: Option<Ruling>,
}

/// What staff ruled on a dispute.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Ruling {
    /// Added to the indicator after its formula, from the month's next revision on; 0: the score stands.
    #[n(0)]
    pub points: Dec,
    #[n(1)]
    pub text: String,
    /// Who recorded and who approved it.
    #[n(2)]
    pub by: String,
    #[n(3)]
    pub approved_by: String,
    /// When it was approved.
    #[n(4)]
    pub at_ms: i64,
}
