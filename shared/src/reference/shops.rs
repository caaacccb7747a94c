//! Shops and their routes, who works these when, what is sold and what was invoiced.

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::decimal::Dec;
use crate::ids::{PersonId, RetailerId, RouteId, Sku};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    #[n(0)]
    Town,
    #[n(1)]
    Rural,
}

/// A retailer from a date on. Without a route it is closed.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Retailer {
    /// None: from the beginning.
    #[cbor(n(0), with = "crate::cbor::date_option")]
    pub from: Option<Date>,
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub route: Option<RouteId>,
    #[n(3)]
    pub sequence: u32,
    /// 1–30.
    #[n(4)]
    pub grade: u8,
    #[n(5)]
    pub area: Area,
    #[n(6)]
    pub format: String,
    #[n(7)]
    pub position: Option<crate::facts::Position>,
}

impl Retailer {
    /// The row of a retailer, of all its rows by `from`, that holds on a day: none before the first.
    pub fn on(rows: &[Retailer], day: Date) -> Option<&Retailer> {
        rows.iter().rev().find(|row| row.from.is_none_or(|from| from <= day))
    }

    /// Its route on a day: none while it is closed, or before its first row.
    pub fn route_on(rows: &[Retailer], day: Date) -> Option<&RouteId> {
        Self::on(rows, day)?.route.as_ref()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    #[n(0)]
    Owner,
    #[n(1)]
    Substitute,
}

/// Who owns a route, or stands in for its owner, from one date to another, both included.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Assignment {
    #[n(0)]
    pub kind: AssignmentKind,
    #[cbor(n(1), with = "crate::cbor::date")]
    pub from: Date,
    #[n(2)]
    pub person: PersonId,
    #[cbor(n(3), with = "crate::cbor::date_option")]
    pub to: Option<Date>,
}

impl Assignment {
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
    /// Whether any day from `first` to `last` is covered.
    pub fn touches(&self, first: Date, last: Date) -> bool {
        self.from <= last && self.to.is_none_or(|to| first <= to)
    }
}

#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct SkuInfo {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub maker: String,
    /// 1–5.
    #[n(2)]
    pub price_class: u8,
    #[n(3)]
    pub origin: String,
    #[n(4)]
    pub slim: bool,
    /// At least 1.
    #[n(5)]
    pub packs_per_carton: u32,
    /// Per carton.
    #[n(6)]
    pub wholesale_price: Dec,
}

/// The sales of one route's shops on one date, in columns. A shop's route is its route on the date (a closed shop's
/// sales are filed with its last route).
#[derive(Clone, Debug, PartialEq, Default, Encode, Decode)]
pub struct SalesBlock {
    /// Ascending; `SalesRow::retailer` indexes it.
    #[n(0)]
    pub retailers: Vec<RetailerId>,
    /// Ascending; `SalesRow::sku` indexes it.
    #[n(1)]
    pub skus: Vec<Sku>,
    /// Decimal places of every `value`.
    #[n(2)]
    pub scale: u32,
    /// By retailer, then SKU; one row a pair.
    #[n(3)]
    pub rows: Vec<SalesRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SalesRow {
    #[n(0)]
    pub retailer: u16,
    #[n(1)]
    pub sku: u16,
    /// Negative: returned.
    #[n(2)]
    pub packs: i64,
    /// × 10^-`scale`.
    #[n(3)]
    pub value: i64,
}
