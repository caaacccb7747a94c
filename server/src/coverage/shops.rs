//! Shops with what their stock checks found and what they were sold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::decimal::Dec;
use shared::facts::Visit;
use shared::facts::flags::flag_visits;
use shared::ids::{RetailerId, RouteId, Scope, Sku};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Kind, Reference, Retailer};
use shared::scheme::scheme_of;
use shared::time::{Month, days_before};

use super::{DAYS, WEEKS};
use crate::directory::{Directory, load_scoped, sales_of};
use crate::error::{ApiError, ApiResult};
use crate::progress::Money;
use crate::state::App;
use crate::store::{FactsQuery, ScopedKind};

/// A shop that is on a route on the day.
pub struct Found<'a> {
    pub retailer: &'a RetailerId,
    pub shop: &'a Retailer,
    pub route: &'a RouteId,
    /// Its effective visits with a stock check, the latest last.
    pub checks: &'a [&'a Visit],
    /// What it was invoiced in the last days.
    pub sold: &'a Sold,
}

/// Net packs by SKU, and their value.
#[derive(Default)]
pub struct Sold {
    pub packs: BTreeMap<Sku, i64>,
    pub value: Money,
}

impl Found<'_> {
    /// The latest check, if it is of the last days.
    pub fn latest(&self, as_of: Date) -> Option<&Visit> {
        self.checks.last().copied().filter(|visit| visit.date >= days_before(as_of, DAYS - 1))
    }
}

/// Looks at every shop that is on a route on a day, some routes at a time.
pub fn each_shop(app: &App, as_of: Date, look: &mut dyn FnMut(&Found<'_>)) -> ApiResult<()> {
    let directory = app.directory();
    let routes: Vec<RouteId> = directory.reference.routes.keys().cloned().collect();
    routes.chunks(limits::SCORE_ROUTES).try_for_each(|routes| of_routes(app, &directory, as_of, routes, look))
}

fn of_routes(app: &App, directory: &Directory, as_of: Date, routes: &[RouteId], look: &mut dyn FnMut(&Found<'_>)) -> ApiResult<()> {
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
    let none = Sold::default();
    for retailer in reference.retailers.keys() {
        let Some(shop) = reference.retailer_on(retailer.as_str(), as_of) else { continue };
        let Some(route) = shop.route.as_ref().filter(|route| own.contains(route)) else { continue };
        let checks = checks.get(retailer).map_or(&[][..], Vec::as_slice);
        look(&Found { retailer, shop, route, checks, sold: sold.get(retailer).unwrap_or(&none) });
    }
    Ok(())
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
    let wanted = routes.iter().flat_map(|route| {
        let every = |kind| ScopedKind::every(Scope::Route(route.clone()), kind);
        let sales = sales_of(route, days_before(as_of, DAYS - 1), as_of);
        [every(Kind::Retailer), every(Kind::Clock), every(Kind::Calendar), sales]
    });
    load_scoped(store, &mut reference, &wanted.collect::<Vec<_>>())?;
    Ok(Material { reference, visits })
}

/// By shop.
fn sold(reference: &Reference) -> BTreeMap<RetailerId, Sold> {
    let mut out: BTreeMap<RetailerId, Sold> = BTreeMap::new();
    for block in reference.sales.values() {
        for row in &block.rows {
            if let (Some(retailer), Some(sku)) = (block.retailers.get(usize::from(row.retailer)), block.skus.get(usize::from(row.sku))) {
                let sold = out.entry(retailer.clone()).or_default();
                *sold.packs.entry(sku.clone()).or_default() += row.packs;
                sold.value.add(Dec::from_parts(row.value, block.scale).map_or_else(Money::default, |value| Money::of(1, value)));
            }
        }
    }
    out
}
