//! Facts: what a document says happened, as values that the scorer reads. A function of the document alone: they carry
//! no flags, since flags need other visits, reference data, the scheme and clock evidence.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::ids::{ChangeHash, DeviceId, PersonId, RetailerId, RouteId, Sku, VisitId};

pub mod flags;

/// Where a phone said it was, in integer microdegrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Position {
    #[n(0)]
    pub lat_e6: i32,
    #[n(1)]
    pub lon_e6: i32,
}

/// One visit that is not marked removed. A day is its sheet's date; times are milliseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Visit {
    #[n(0)]
    pub visit: VisitId,
    #[n(1)]
    pub route: RouteId,
    #[cbor(n(2), with = "crate::cbor::date")]
    pub date: Date,
    #[n(3)]
    pub retailer: RetailerId,
    #[n(4)]
    pub person: PersonId,
    #[n(5)]
    pub device: DeviceId,
    #[n(6)]
    pub in_ms: i64,
    #[n(7)]
    pub out_ms: Option<i64>,
    #[n(8)]
    pub position: Option<Position>,
    #[n(9)]
    pub accuracy_m: Option<i64>,
    #[n(10)]
    pub mock: bool,
    /// Packs per SKU, as counted; empty: no stock check.
    #[n(11)]
    pub stock: BTreeMap<Sku, i64>,
    /// Cartons per SKU, as drafted.
    #[n(12)]
    pub order: BTreeMap<Sku, i64>,
    #[n(13)]
    pub audits: BTreeMap<String, String>,
    #[n(14)]
    pub note: String,
    /// Fields that two devices set apart, to different values.
    #[n(15)]
    pub conflicts: Vec<Conflict>,
    /// The change that made the check-in.
    #[n(16)]
    pub change: ChangeHash,
}

/// One field with more than one value; the first is the winner, the same on every replica.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Conflict {
    /// The path within the visit, as `stock/6901028090063` or `out_ms`.
    #[n(0)]
    pub field: String,
    #[n(1)]
    pub values: Vec<ConflictValue>,
}

/// One of the values of a conflict, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct ConflictValue {
    #[n(0)]
    pub value: String,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub change: ChangeHash,
    /// When the device says that it was written, in milliseconds since 1970.
    #[n(3)]
    pub at_ms: i64,
}

/// A planned stop that a manager reports as not made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct MissedStop {
    #[n(0)]
    pub retailer: RetailerId,
    #[n(1)]
    pub reason: String,
    #[n(2)]
    pub at_ms: i64,
}

/// All facts of one day sheet.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct SheetFacts {
    #[n(0)]
    pub route: RouteId,
    #[cbor(n(1), with = "crate::cbor::date")]
    pub date: Date,
    /// By visit id.
    #[n(2)]
    pub visits: Vec<Visit>,
    /// By retailer.
    #[n(3)]
    pub missed: Vec<MissedStop>,
    #[n(4)]
    pub diary: String,
    /// What in the document has another shape than the schema's, and so was not read.
    #[n(5)]
    pub faults: Vec<String>,
}
