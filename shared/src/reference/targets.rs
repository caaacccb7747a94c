//! What is planned and for whom, and the points that staff record.

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId, RetailerId, Sku};
use crate::time::Month;

/// What one person is to reach in one month: of an indicator, or of one SKU of it.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Target {
    #[n(0)]
    pub indicator: IndicatorId,
    #[n(1)]
    pub item: Option<Sku>,
    #[n(2)]
    pub plan: Dec,
}

/// Whose plan a row of the cascade is. A manager's are the [`Target`]s themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    #[n(0)]
    District,
    #[n(1)]
    Team,
    #[n(2)]
    Route,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::District, Self::Team, Self::Route];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Team => "team",
            Self::Route => "route",
        }
    }
}

/// A part of a plan that one manager takes over from another: both agree, then staff confirm, and from then on it counts.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Transfer {
    /// Whose plan becomes less.
    #[n(0)]
    pub from: PersonId,
    /// Whose plan becomes more.
    #[n(1)]
    pub to: PersonId,
    #[cbor(n(2), with = "crate::cbor::text")]
    pub month: Month,
    #[n(3)]
    pub indicator: IndicatorId,
    #[n(4)]
    pub item: Option<Sku>,
    /// Over 0.
    #[n(5)]
    pub amount: Dec,
    #[n(6)]
    pub reason: String,
    /// A person id, or `operator`.
    #[n(7)]
    pub proposed_by: String,
    /// Milliseconds since 1970, as all of these.
    #[n(8)]
    pub proposed_ms: i64,
    #[n(9)]
    pub from_agreed_ms: Option<i64>,
    #[n(10)]
    pub to_agreed_ms: Option<i64>,
    #[n(11)]
    pub closed: Option<Closing>,
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Closing {
    /// False: one of the managers, or staff, declined.
    #[n(0)]
    pub confirmed: bool,
    #[n(1)]
    pub by: String,
    #[n(2)]
    pub at_ms: i64,
    /// Why it was declined.
    #[n(3)]
    pub reason: String,
}

impl Transfer {
    pub fn confirmed(&self) -> bool {
        self.closed.as_ref().is_some_and(|closing| closing.confirmed)
    }
    /// Whether the amount comes to a person; none: the transfer is not about them.
    pub fn comes_to(&self, person: &PersonId) -> Option<bool> {
        if self.to == *person { Some(true) } else { (self.from == *person).then_some(false) }
    }
}

/// How many SKUs a shop of a route is to hold.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct WidthStandard {
    #[n(0)]
    pub standard: u32,
    #[n(1)]
    pub ideal: u32,
}

/// Points that staff gave or took.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Event {
    #[cbor(n(0), with = "crate::cbor::date")]
    pub date: Date,
    #[n(1)]
    pub person: PersonId,
    #[n(2)]
    pub indicator: IndicatorId,
    #[n(3)]
    pub points: Dec,
    #[n(4)]
    pub retailer: Option<RetailerId>,
    #[n(5)]
    pub note: String,
}
