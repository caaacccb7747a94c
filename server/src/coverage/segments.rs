//! Shops by what they bring and what they need. Staff set two thresholds, which make four segments; a shop that was not
//! checked lately needs nobody knows what, and stands apart.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{RetailerId, RouteId};
use shared::limits;

use super::DAYS;
use super::shops::each_shop;
use crate::error::ApiResult;
use crate::progress::Money;
use crate::state::App;

/// From which a contribution, and a need, is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Value invoiced in the last [`DAYS`] days.
    pub contribution: Dec,
    /// SKUs that were out of stock at the latest check of these days.
    pub need: u64,
}

/// Where a shop stands; the first word is of its contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    HighNeedy,
    HighSupplied,
    LowNeedy,
    LowSupplied,
    /// Not checked in the last days.
    Unknown,
}

pub const ALL: [Segment; 5] = [Segment::HighNeedy, Segment::HighSupplied, Segment::LowNeedy, Segment::LowSupplied, Segment::Unknown];

/// The segment of a shop; a value that meets its threshold is high.
pub fn segment(contribution: Money, need: Option<u64>, thresholds: &Thresholds) -> Segment {
    let high = contribution.is_at_least(thresholds.contribution);
    match (high, need.map(|need| need >= thresholds.need)) {
        (_, None) => Segment::Unknown,
        (true, Some(true)) => Segment::HighNeedy,
        (true, Some(false)) => Segment::HighSupplied,
        (false, Some(true)) => Segment::LowNeedy,
        (false, Some(false)) => Segment::LowSupplied,
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Segments {
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    pub days: i32,
    #[schema(value_type = String, format = "decimal")]
    pub contribution: Dec,
    pub need: u64,
    /// Each of the five.
    pub sizes: Vec<SegmentSize>,
    /// Those that bring most first.
    pub shops: Vec<SegmentShop>,
    /// Shops that were asked for beyond these.
    pub left_off: usize,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SegmentSize {
    pub segment: Segment,
    pub shops: u64,
    #[schema(value_type = String, format = "decimal")]
    pub value: Money,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SegmentShop {
    pub segment: Segment,
    #[schema(value_type = String)]
    pub retailer_id: RetailerId,
    pub shop: String,
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub route: String,
    pub grade: u8,
    #[schema(value_type = String, format = "decimal")]
    pub value: Money,
    /// None: not checked in the last days.
    pub out_of_stock: Option<u64>,
}

/// The district's shops in their segments; `only`: the shops of one.
pub fn segments(app: &App, as_of: Date, thresholds: &Thresholds, only: Option<Segment>) -> ApiResult<Segments> {
    let directory = app.directory();
    let mut sizes = ALL.map(|segment| SegmentSize { segment, shops: 0, value: Money::default() });
    let mut shops = Vec::new();
    each_shop(app, as_of, &mut |found| {
        let value = found.sold.value;
        let out_of_stock = found.latest(as_of).map(|visit| visit.stock.values().filter(|packs| *packs == 0).count() as u64);
        let segment = segment(value, out_of_stock, thresholds);
        for size in sizes.iter_mut().filter(|size| size.segment == segment) {
            size.shops += 1;
            size.value.add(value);
        }
        if only.is_none_or(|only| only == segment) {
            shops.push(SegmentShop {
                segment,
                retailer_id: found.retailer.clone(),
                shop: found.shop.name.clone(),
                route_id: found.route.clone(),
                route: directory.reference.routes.get(found.route).cloned().unwrap_or_default(),
                grade: found.shop.grade,
                value,
                out_of_stock,
            });
        }
    })?;
    shops.sort_by(|a, b| b.value.compare(&a.value).then_with(|| a.retailer_id.cmp(&b.retailer_id)));
    let left_off = shops.len().saturating_sub(limits::SEGMENT_SHOPS_MAX);
    shops.truncate(limits::SEGMENT_SHOPS_MAX);
    let Thresholds { contribution, need } = *thresholds;
    Ok(Segments { as_of, days: DAYS, contribution, need, sizes: sizes.into(), shops, left_off })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thresholds_make_four_segments_and_what_nobody_checked_is_none_of_them() {
        let thresholds = Thresholds { contribution: "5000".parse().unwrap(), need: 2 };
        for (value, need, expected) in [
            ("5000.00", Some(2), Segment::HighNeedy),
            ("5000", Some(1), Segment::HighSupplied),
            ("4999.99", Some(2), Segment::LowNeedy),
            ("4999.99", Some(0), Segment::LowSupplied),
            ("-10", Some(9), Segment::LowNeedy),
            ("99999", None, Segment::Unknown),
        ] {
            assert_eq!(segment(Money::of(1, value.parse().unwrap()), need, &thresholds), expected, "{value} {need:?}");
        }
    }
}
