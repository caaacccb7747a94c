//! Brand-width standards: how many SKUs a shop of its kind holds, fitted from a quarter. Shops are clustered on area, grade,
//! mean monthly order and stock-to-sales ratio; within a cluster their width is regressed on the same; a route's standard
//! and ideal follow from its shops. What comes out is a proposal in the form of `width-standards.csv`: only an import by
//! staff makes it a standard, so that the floating point in here touches nobody's pay.
//!
//! [`fit`] is a pure function of the table of shops; the server's `width` fills the table from the store. It is a crate of its
//! own so that what it brings is built once, and the server without it. Of a shop and a quarter:
//!
//! - *width*: the mean over the three months of the width that the score counts (scoring.md, "Holding");
//! - *monthly order*: net invoiced cartons of the quarter ÷ 3;
//! - *stock-to-sales*: packs in the quarter's latest effective stock check ÷ (net invoiced packs ÷ 3), that is, the months
//!   for which its stock lasts. Over a quarter a shop sells what it takes in, but for the change of its stock; that is not
//!   taken out, as it would need two checks and make two measures of one;
//! - *area*, *grade*, *route*: as on the quarter's last day.
//!
//! A shop that was not on a route from the quarter's first day to its last, took nothing in, or was never counted has no
//! ratio or no full quarter. Nothing is put in the place of what is missing: it is left out of the fit and of its route's
//! standard, and listed with the reason.

use serde::Serialize;
use shared::ids::{RetailerId, RouteId};
use shared::reference::Area;

mod cluster;
mod fit;
mod regress;
mod spread;

#[cfg(test)]
mod tests;

pub use fit::{Cluster, Fit, FittedShop, RouteFit, fit};
pub use spread::{Spread, mean};

/// One shop of the table, complete.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shop {
    pub retailer_id: RetailerId,
    pub route_id: RouteId,
    pub area: Area,
    /// 1–30.
    pub grade: u8,
    /// Cartons.
    #[serde(serialize_with = "rounded")]
    pub monthly_order: f64,
    /// Months for which the stock lasts.
    #[serde(serialize_with = "rounded")]
    pub stock_to_sales: f64,
    /// SKUs; what is explained.
    #[serde(serialize_with = "rounded")]
    pub width: f64,
}

/// Why a shop is not in the fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It was not on a route from the quarter's first day to its last.
    NotAllQuarter,
    /// It took nothing in, net.
    NoSales,
    /// No effective visit of the quarter counted its stock.
    NoStockCheck,
}

/// A shop that is not in the fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    pub route_id: RouteId,
    pub retailer_id: RetailerId,
    pub why: Missing,
}

/// What the shops are clustered on and their width is explained by.
pub const FEATURES: [&str; 4] = ["town", "grade", "monthly_order", "stock_to_sales"];
/// Those of [`FEATURES`] that have no bounds of their own, and so can be far out.
const UNBOUNDED: [usize; 2] = [2, 3];
type Features = [f64; FEATURES.len()];

impl Shop {
    fn features(&self) -> Features {
        let town = if self.area == Area::Town { 1.0 } else { 0.0 };
        [town, f64::from(self.grade), self.monthly_order, self.stock_to_sales]
    }
}

/// To 4 places, so that what is printed does not follow the last bits of a machine's arithmetic.
fn round4(value: f64) -> f64 {
    // Plus 0 makes of −0 a 0.
    (value * 1e4).round() / 1e4 + 0.0
}

/// For serde.
pub fn rounded<S: serde::Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(round4(*value))
}

fn rounded_option<S: serde::Serializer>(value: &Option<f64>, s: S) -> Result<S::Ok, S::Error> {
    value.map(round4).serialize(s)
}
