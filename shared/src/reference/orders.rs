//! What orders may come to: allocations, festivals, and what staff rule on the lines of order plans.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ids::{RetailerId, RouteId, Sku};

/// Supply quota: cartons of a SKU that one shop of a grade may order in a week.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Allocation {
    #[n(0)]
    pub grade: u8,
    #[n(1)]
    pub sku: Sku,
    #[n(2)]
    pub max_cartons: u32,
}

/// What a festival does to demand.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Festival {
    #[n(0)]
    pub name: String,
    /// Week, from [`crate::order::FESTIVAL_WEEKS`] → percent of an ordinary one: of the SKUs that have none of their own. What
    /// is not said is ordinary.
    #[n(1)]
    pub all: BTreeMap<i8, u32>,
    #[n(2)]
    pub skus: BTreeMap<Sku, BTreeMap<i8, u32>>,
}

impl Festival {
    /// The weeks that are not ordinary for a SKU, each with its percentage.
    pub fn of(&self, sku: &Sku) -> impl Iterator<Item = (i8, u32)> {
        self.skus.get(sku).unwrap_or(&self.all).iter().map(|(week, percent)| (*week, *percent))
    }
}

/// What staff ruled on the lines of one visit's order plan.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct OrderRuling {
    #[n(0)]
    pub route: RouteId,
    #[n(1)]
    pub retailer: RetailerId,
    /// The sheet's date.
    #[cbor(n(2), with = "crate::cbor::date")]
    pub date: Date,
    #[n(3)]
    pub lines: BTreeMap<Sku, LineRuling>,
}

/// What staff ruled on a line. It is of the line as it was then: one that is drafted anew waits again.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct LineRuling {
    #[n(0)]
    pub ruling: LineVerdict,
    /// Cartons, as drafted when it was ruled on.
    #[n(1)]
    pub drafted: i64,
    /// Cartons that stand: none of a line that is declined.
    #[n(2)]
    pub cartons: i64,
    /// Why; may be empty where it is approved.
    #[n(3)]
    pub reason: String,
    #[n(4)]
    pub by: String,
    /// Milliseconds since 1970.
    #[n(5)]
    pub at_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum LineVerdict {
    #[n(0)]
    Approved,
    #[n(1)]
    Amended,
    #[n(2)]
    Declined,
}

impl LineVerdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Amended => "amended",
            Self::Declined => "declined",
        }
    }
}
