//! What shops hold and sell: coverage, listing, stock-outs and stock-to-sales, by SKU, route or area. Each shop stands by
//! its latest effective stock check of the last weeks; what was not checked is not counted as empty.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::{RouteId, Sku};
use shared::limits;

use crate::error::ApiResult;
use crate::state::App;

mod row;
pub mod segments;
mod shops;

use row::by_class;
pub use row::{CoverageRow, TrendWeek};
use shops::{Found, each_shop};

/// Days that a stock check and sales are looked for.
pub const DAYS: i32 = 30;
/// Weeks of the trend, the last one ending with the day asked for.
pub const WEEKS: usize = 8;

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    #[schema(value_type = String, format = Date)]
    pub as_of: Date,
    pub days: i32,
    /// When it was computed: it may be a few minutes old.
    pub made_ms: i64,
    pub by_sku: Vec<CoverageRow>,
    /// By price class, as lines of its SKUs; SKUs that the district does not know are in none.
    pub by_class: Vec<CoverageRow>,
    pub by_route: Vec<CoverageRow>,
    pub by_area: Vec<CoverageRow>,
}

/// The last coverage that was computed.
#[derive(Default)]
pub struct Kept(Mutex<Option<Arc<Coverage>>>);

/// The coverage of a day; one that was computed a moment ago is answered again.
pub fn coverage(app: &App, as_of: Date) -> ApiResult<Arc<Coverage>> {
    let mut kept = app.coverage.0.lock().unwrap_or_else(PoisonError::into_inner);
    let now = app.clock.now_ms();
    if let Some(known) = kept.as_ref().filter(|known| known.as_of == as_of && now - known.made_ms < limits::COVERAGE_KEPT_MS) {
        return Ok(known.clone());
    }
    let made = Arc::new(compute(app, as_of, now)?);
    *kept = Some(made.clone());
    Ok(made)
}

fn compute(app: &App, as_of: Date, made_ms: i64) -> ApiResult<Coverage> {
    let directory = app.directory();
    let mut sums = Sums::default();
    each_shop(app, as_of, &mut |found| sums.shop(as_of, found))?;
    let skus = &directory.reference.skus;
    let class =
        |class: u8, row| CoverageRow { key: class.to_string(), name: class.to_string(), shops: sums.shops, checked: sums.checked, ..row };
    let by_class = by_class(skus, &sums.by_sku).into_iter().map(|(of, row)| class(of, row)).collect();
    let by_sku = sums.by_sku.into_iter().map(|(sku, row)| {
        let info = skus.get(&sku);
        CoverageRow {
            key: sku.to_string(),
            name: info.map_or_else(|| sku.to_string(), |info| info.name.clone()),
            maker: info.map(|info| info.maker.clone()),
            price_class: info.map(|info| info.price_class),
            shops: sums.shops,
            checked: sums.checked,
            ..row
        }
    });
    let route = |(route, row): (RouteId, CoverageRow)| CoverageRow {
        name: directory.reference.routes.get(&route).cloned().unwrap_or_default(),
        key: route.to_string(),
        ..row
    };
    Ok(Coverage {
        as_of,
        days: DAYS,
        made_ms,
        by_sku: by_sku.collect(),
        by_class,
        by_route: sums.by_route.into_iter().map(route).collect(),
        by_area: sums.by_area.into_iter().map(|(area, row)| CoverageRow { key: area.clone(), name: area, ..row }).collect(),
    })
}

#[derive(Default)]
struct Sums {
    shops: u64,
    checked: u64,
    by_sku: BTreeMap<Sku, CoverageRow>,
    by_route: BTreeMap<RouteId, CoverageRow>,
    by_area: BTreeMap<String, CoverageRow>,
}

impl Sums {
    fn shop(&mut self, as_of: Date, found: &Found<'_>) {
        let (latest, sold) = (found.latest(as_of), &found.sold.packs);
        let area = serde_json::to_value(found.shop.area).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default();
        self.shops += 1;
        self.checked += u64::from(latest.is_some());
        let own = [self.by_route.entry(found.route.clone()).or_default(), self.by_area.entry(area).or_default()];
        for row in own {
            row.shops += 1;
            row.checked += u64::from(latest.is_some());
            if let Some(visit) = latest {
                for (sku, packs) in visit.stock.iter() {
                    row.line(packs, sold.get(sku).copied().unwrap_or(0));
                }
                let invoiced = sold.iter().filter(|(sku, packs)| **packs > 0 && visit.stock.get(sku.as_str()).is_none());
                invoiced.for_each(|(_, packs)| row.line_not_counted(*packs));
            }
            row.weeks(as_of, found.checks, None);
        }
        if let Some(visit) = latest {
            for (sku, packs) in visit.stock.iter() {
                self.by_sku.entry(sku.clone()).or_default().line(packs, sold.get(sku).copied().unwrap_or(0));
            }
            for (sku, packs) in sold.iter().filter(|(sku, packs)| **packs > 0 && visit.stock.get(sku.as_str()).is_none()) {
                self.by_sku.entry(sku.clone()).or_default().line_not_counted(*packs);
            }
        }
        let skus: BTreeSet<Sku> = found.checks.iter().flat_map(|visit| visit.stock.keys()).cloned().collect();
        for sku in skus {
            self.by_sku.entry(sku.clone()).or_default().weeks(as_of, found.checks, Some(&sku));
        }
    }
}
