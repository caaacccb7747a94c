//! What single shops hold and take in a month, by the rules of the score (scoring.md, "Holding"): for whoever looks at
//! shops instead of managers.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use super::Inputs;
use super::measures::{Shop, shops_of};
use super::period::Period;
use crate::facts::Visit;
use crate::ids::{RetailerId, RouteId};

/// One shop's month.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    pub retailer: RetailerId,
    /// Its route on the last day of the period.
    pub route: RouteId,
    /// SKUs that it holds.
    pub width: u64,
    /// Packs of the district's SKUs in its latest effective stock check; none: nobody counted.
    pub stock: Option<i128>,
    /// Net invoiced packs, and the same in cartons, of the district's SKUs.
    pub packs: i128,
    pub cartons: BigRational,
}

/// The shops that are on these routes on the last day of the period, by id.
pub fn holdings(inputs: &Inputs<'_>, routes: &BTreeSet<RouteId>) -> Vec<Holding> {
    let period = Period::new(inputs);
    let known = period.routes_with_shops().filter(|route| routes.contains(*route));
    let shops = shops_of(&period, known);
    let retailers: Vec<&RetailerId> = shops.iter().map(|shop| shop.retailer).collect();
    let mut taken: Vec<BTreeMap<u32, i128>> = vec![BTreeMap::new(); shops.len()];
    for (at, sale) in period.sales_to(&retailers) {
        let Some(sku) = sale.index else { continue };
        let size = period.skus.ascending[sku].1.packs_per_carton.max(1);
        *taken[at].entry(size).or_default() += i128::from(sale.packs);
    }
    let known_packs = |check: &Visit| {
        let known = check.stock.iter().filter(|(sku, _)| period.skus.index(sku).is_some());
        known.map(|(_, packs)| i128::from(packs)).sum()
    };
    let holding = |(shop, by_size): (&Shop<'_>, BTreeMap<u32, i128>)| Holding {
        retailer: shop.retailer.clone(),
        route: shop.route.clone(),
        width: shop.width(),
        stock: shop.check.map(known_packs),
        packs: by_size.values().sum(),
        cartons: by_size.into_iter().map(|(size, packs)| BigRational::new(packs.into(), size.into())).sum(),
    };
    shops.iter().zip(taken).map(holding).collect()
}
