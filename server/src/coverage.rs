//! What shops hold and sell: coverage, listing, stock-outs and stock-to-sales, by SKU, route or area. Each shop stands by
//! its latest effective stock check of the last weeks; what was not checked is not counted as empty.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::Visit;
use shared::facts::flags::flag_visits;
use shared::ids::{RetailerId, RouteId, Sku};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Reference, SkuInfo};
use shared::scheme::scheme_of;
use shared::time::{Month, days_before};

use crate::directory::{Directory, sales_keys};
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::{FactsQuery, ScopedKind};
use shared::ids::Scope;
use shared::reference::Kind;

/// Days that a stock check and sales are looked for.
pub const DAYS: i32 = 30;
/// Weeks of the trend, the last one ending with the day asked for.
pub const WEEKS: usize = 8;

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
    let routes: Vec<RouteId> = directory.reference.routes.keys().cloned().collect();
    for routes in routes.chunks(limits::SCORE_ROUTES) {
        sums.take(app, &directory, as_of, routes)?;
    }
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

fn by_class(skus: &BTreeMap<Sku, SkuInfo>, by_sku: &BTreeMap<Sku, CoverageRow>) -> BTreeMap<u8, CoverageRow> {
    let mut out: BTreeMap<u8, CoverageRow> = BTreeMap::new();
    for (sku, row) in by_sku {
        if let Some(info) = skus.get(sku) {
            out.entry(info.price_class).or_default().add(row);
        }
    }
    out
}

#[derive(Default)]
struct Sums {
    shops: u64,
    checked: u64,
    by_sku: BTreeMap<Sku, CoverageRow>,
    by_route: BTreeMap<RouteId, CoverageRow>,
    by_area: BTreeMap<String, CoverageRow>,
}

/// What some routes' shops were found to hold, and were sold.
struct Material {
    reference: Reference,
    visits: Vec<Visit>,
}

fn material(app: &App, directory: &Directory, as_of: Date, routes: &[RouteId]) -> ApiResult<Material> {
    let store = app.store.as_ref();
    let first = days_before(as_of, (7 * WEEKS as i32).max(DAYS) - 1);
    let own: BTreeSet<RouteId> = routes.iter().cloned().collect();
    let facts = store.facts(&FactsQuery { routes: own, people: BTreeSet::new(), first, last: as_of })?;
    let visits = facts.own.into_iter().chain(facts.beside).flat_map(|sheet| sheet.visits).collect();
    let mut reference = Reference { skus: directory.reference.skus.clone(), ..Reference::default() };
    let (from, to) = sales_keys(days_before(as_of, DAYS - 1), as_of);
    let all = |route: &RouteId, kind| ScopedKind { scope: Scope::Route(route.clone()), kind, from: String::new(), to: "\u{10ffff}".into() };
    let wanted = routes.iter().flat_map(|route| {
        let sales = ScopedKind { scope: Scope::Route(route.clone()), kind: Kind::Sales, from: from.clone(), to: to.clone() };
        [all(route, Kind::Retailer), all(route, Kind::Clock), all(route, Kind::Calendar), sales]
    });
    for row in store.scoped(&wanted.collect::<Vec<_>>())? {
        reference.apply(&row).map_err(ApiError::internal)?;
    }
    Ok(Material { reference, visits })
}

impl Sums {
    fn take(&mut self, app: &App, directory: &Directory, as_of: Date, routes: &[RouteId]) -> ApiResult<()> {
        let Material { reference, visits } = material(app, directory, as_of, routes)?;
        let scheme = scheme_of(&directory.reference, Month::of(as_of)).map_err(ApiError::internal)?;
        let scheme = scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid on {as_of}")))?;
        let flagged = flag_visits(&visits, &reference, &directory.zone, &scheme.visits);
        let mut checks: BTreeMap<&RetailerId, Vec<&Visit>> = BTreeMap::new();
        for flagged in flagged.iter().filter(|flagged| flagged.effective && !flagged.visit.stock.is_empty()) {
            checks.entry(&flagged.visit.retailer).or_default().push(flagged.visit);
        }
        let sold = sold(&reference);
        let own: BTreeSet<&RouteId> = routes.iter().collect();
        let none = BTreeMap::new();
        for retailer in reference.retailers.keys() {
            let Some(shop) = reference.retailer_on(retailer.as_str(), as_of) else { continue };
            let Some(route) = shop.route.as_ref().filter(|route| own.contains(route)) else { continue };
            let area = serde_json::to_value(shop.area).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default();
            let checks = checks.get(retailer).map_or(&[][..], Vec::as_slice);
            self.shop(as_of, route, area, checks, sold.get(retailer).unwrap_or(&none));
        }
        Ok(())
    }

    /// One shop: `checks` by day, `sold` in the last days.
    fn shop(&mut self, as_of: Date, route: &RouteId, area: String, checks: &[&Visit], sold: &BTreeMap<Sku, i64>) {
        let first = days_before(as_of, DAYS - 1);
        let latest = checks.last().filter(|visit| visit.date >= first);
        self.shops += 1;
        self.checked += u64::from(latest.is_some());
        let own = [self.by_route.entry(route.clone()).or_default(), self.by_area.entry(area).or_default()];
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
            row.weeks(as_of, checks, None);
        }
        if let Some(visit) = latest {
            for (sku, packs) in visit.stock.iter() {
                self.by_sku.entry(sku.clone()).or_default().line(packs, sold.get(sku).copied().unwrap_or(0));
            }
            for (sku, packs) in sold.iter().filter(|(sku, packs)| **packs > 0 && visit.stock.get(sku.as_str()).is_none()) {
                self.by_sku.entry(sku.clone()).or_default().line_not_counted(*packs);
            }
        }
        let skus: BTreeSet<Sku> = checks.iter().flat_map(|visit| visit.stock.keys()).cloned().collect();
        for sku in skus {
            self.by_sku.entry(sku.clone()).or_default().weeks(as_of, checks, Some(&sku));
        }
    }
}

impl CoverageRow {
    fn line(&mut self, packs: i64, sold: i64) {
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
    fn line_not_counted(&mut self, sold: i64) {
        self.covered += 1;
        self.sold += sold;
    }

    /// Of each week the shop's last check: its lines, or that of one SKU.
    fn weeks(&mut self, as_of: Date, checks: &[&Visit], sku: Option<&Sku>) {
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

/// Packs by shop and SKU.
fn sold(reference: &Reference) -> BTreeMap<RetailerId, BTreeMap<Sku, i64>> {
    let mut out: BTreeMap<RetailerId, BTreeMap<Sku, i64>> = BTreeMap::new();
    for block in reference.sales.values() {
        for row in &block.rows {
            if let (Some(retailer), Some(sku)) = (block.retailers.get(usize::from(row.retailer)), block.skus.get(usize::from(row.sku))) {
                *out.entry(retailer.clone()).or_default().entry(sku.clone()).or_default() += row.packs;
            }
        }
    }
    out
}
