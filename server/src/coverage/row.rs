//! A row of coverage: what the lines of stock checks and invoices add up to.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::Visit;
use shared::ids::Sku;
use shared::reference::SkuInfo;
use shared::time::days_before;

use super::WEEKS;

/// One row: a SKU, a route or an area.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct CoverageRow {
    pub key: String,
    pub name: String,
    /// Of a SKU: its maker and price class.
    pub maker: Option<String>,
    pub price_class: Option<u8>,
    /// Shops on a route on the day.
    pub shops: u64,
    /// Of these with an effective stock check in the days before; of a SKU: all checked shops.
    pub checked: u64,
    /// SKU: shops that hold it or were invoiced it. Else: lines so.
    pub covered: u64,
    /// SKU: shops that had it in stock when checked. Else: lines so.
    pub listed: u64,
    /// SKU: shops that had none left when checked. Else: lines so.
    pub out: u64,
    /// Packs that the checks found.
    pub stock: i64,
    /// Packs sold in the same days to shops that were checked.
    pub sold: i64,
    /// By week, oldest first: listed lines among all lines of the week's checks.
    pub trend: Vec<TrendWeek>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TrendWeek {
    pub checked: u64,
    pub listed: u64,
    pub out: u64,
}

/// Price class → the lines of its SKUs.
pub(super) fn by_class(skus: &BTreeMap<Sku, SkuInfo>, by_sku: &BTreeMap<Sku, CoverageRow>) -> BTreeMap<u8, CoverageRow> {
    let mut out: BTreeMap<u8, CoverageRow> = BTreeMap::new();
    for (sku, row) in by_sku {
        if let Some(info) = skus.get(sku) {
            out.entry(info.price_class).or_default().add(row);
        }
    }
    out
}

impl CoverageRow {
    pub(super) fn line(&mut self, packs: i64, sold: i64) {
        self.covered += u64::from(packs > 0 || sold > 0);
        self.listed += u64::from(packs > 0);
        self.out += u64::from(packs == 0);
        self.stock += packs;
        self.sold += sold;
    }

    /// The lines of another row, too.
    fn add(&mut self, other: &Self) {
        self.covered += other.covered;
        self.listed += other.listed;
        self.out += other.out;
        self.stock += other.stock;
        self.sold += other.sold;
        self.trend.resize(WEEKS, TrendWeek::default());
        for (sum, week) in self.trend.iter_mut().zip(&other.trend) {
            sum.checked += week.checked;
            sum.listed += week.listed;
            sum.out += week.out;
        }
    }

    /// Invoiced, but the check says nothing of it.
    pub(super) fn line_not_counted(&mut self, sold: i64) {
        self.covered += 1;
        self.sold += sold;
    }

    /// Of each week the shop's last check: its lines, or that of one SKU.
    pub(super) fn weeks(&mut self, as_of: Date, checks: &[&Visit], sku: Option<&Sku>) {
        self.trend.resize(WEEKS, TrendWeek::default());
        for (week, sums) in self.trend.iter_mut().enumerate() {
            let last = days_before(as_of, 7 * (WEEKS - 1 - week) as i32);
            let first = days_before(last, 6);
            let Some(visit) = checks.iter().rev().find(|visit| visit.date >= first && visit.date <= last) else { continue };
            let mut add = |packs: i64| {
                sums.checked += 1;
                sums.listed += u64::from(packs > 0);
                sums.out += u64::from(packs == 0);
            };
            match sku {
                Some(sku) => visit.stock.get(sku.as_str()).into_iter().for_each(&mut add),
                None => visit.stock.values().for_each(&mut add),
            }
        }
    }
}
