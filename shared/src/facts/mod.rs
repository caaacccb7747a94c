//! Facts: what a document says happened, as values that the scorer reads. A function of the document alone: they carry
//! no flags, since flags need other visits, reference data, the scheme and clock evidence.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::ids::{ChangeHash, DeviceId, PersonId, RetailerId, RouteId, VisitId};

mod codec;
pub mod flags;
mod lines;

pub use codec::{FactsFault, Names};
pub use lines::Lines;

/// Where a phone said it was, in integer microdegrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Position {
    #[n(0)]
    pub lat_e6: i32,
    #[n(1)]
    pub lon_e6: i32,
}

/// One visit that is not marked removed. A day is its sheet's date; times are milliseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Visit {
    pub visit: VisitId,
    pub route: RouteId,
    pub date: Date,
    pub retailer: RetailerId,
    pub person: PersonId,
    pub device: DeviceId,
    pub in_ms: i64,
    pub out_ms: Option<i64>,
    pub position: Option<Position>,
    pub accuracy_m: Option<i64>,
    pub mock: bool,
    /// Packs per SKU, as counted; empty: no stock check.
    pub stock: Lines,
    /// Cartons per SKU, as drafted.
    pub order: Lines,
    pub audits: BTreeMap<String, String>,
    pub note: String,
    /// Fields that two devices set apart, to different values.
    pub conflicts: Vec<Conflict>,
    /// The change that made the check-in.
    pub change: ChangeHash,
}

/// One field with more than one value; the first is the winner, the same on every replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The path within the visit, as `stock/6901028090063` or `out_ms`.
    pub field: String,
    pub values: Vec<ConflictValue>,
}

/// One of the values of a conflict, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConflictValue {
    pub value: String,
    pub device: DeviceId,
    pub change: ChangeHash,
    /// When the device says that it was written, in milliseconds since 1970.
    pub at_ms: i64,
}

/// A planned stop that a manager reports as not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissedStop {
    pub retailer: RetailerId,
    pub reason: String,
    pub at_ms: i64,
}

/// All facts of one day sheet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SheetFacts {
    pub route: RouteId,
    pub date: Date,
    /// By visit id.
    pub visits: Vec<Visit>,
    /// By retailer.
    pub missed: Vec<MissedStop>,
    pub diary: String,
    /// What in the document has another shape than the schema's, and so was not read.
    pub faults: Vec<String>,
}
