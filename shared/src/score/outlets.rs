//! What the score counts, shop by shop: the same sales, holdings and stops, not summed over the manager's shops.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde::Serialize;

use super::Inputs;
use super::measures::Counted;
use super::number::Rounded;
use super::period::Period;
use crate::ids::{IndicatorId, PersonId, RetailerId, RouteId};
use crate::scheme::{Formula, Measure, VolumeFilter};
use crate::time::Month;

/// What one shop gives to one manager's month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutletMonth {
    /// None: the shop is credited to another on the last day of the period.
    pub standing: Option<Standing>,
    /// By volume indicator.
    pub cartons: BTreeMap<IndicatorId, BigRational>,
    pub value: BigRational,
    pub all_cartons: BigRational,
    pub planned: u64,
    pub visited: u64,
}

/// A shop on the last day of a period, with whom it is credited to.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub month: Month,
    pub route: RouteId,
    pub width: u64,
    pub standard: Option<u32>,
    /// By per-item indicator: how many of the planned SKUs it holds, and how many are planned.
    pub items: BTreeMap<IndicatorId, (u64, u64)>,
}

/// A shop over some months: amounts are summed, what it holds is that of the latest month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutletRow {
    pub retailer: RetailerId,
    /// Whom it is credited to in the latest month; none: to nobody.
    pub person: Option<PersonId>,
    pub route: Option<RouteId>,
    /// By volume indicator, summed.
    pub cartons: BTreeMap<IndicatorId, Rounded>,
    pub value: Rounded,
    /// None: no cartons.
    pub value_per_carton: Option<Rounded>,
    /// Summed.
    pub planned: u64,
    pub visited: u64,
    /// SKUs that it holds.
    pub width: Option<u64>,
    pub standard: Option<u32>,
    pub items: BTreeMap<IndicatorId, (u64, u64)>,
}

/// The shops of one manager's month.
pub fn outlets(inputs: &Inputs<'_>, person: &PersonId) -> BTreeMap<RetailerId, OutletMonth> {
    let inputs = Inputs { person: Some(person), ..*inputs };
    let period = Period::new(&inputs);
    let counted = Counted::new(&period, person);
    let mut out: BTreeMap<RetailerId, OutletMonth> = BTreeMap::new();
    let mut volumes: Vec<(&IndicatorId, &VolumeFilter)> = Vec::new();
    for indicator in &period.scheme.indicators {
        if let Formula::Ratio { measure: Measure::Volume(filter), .. } = &indicator.formula {
            volumes.push((&indicator.id, filter));
        }
    }
    for sale in period.sales_of(person) {
        let Some(info) = sale.index.map(|at| period.skus.ascending[at].1) else { continue };
        let shop = out.entry(sale.retailer.clone()).or_default();
        let cartons = BigRational::new(sale.packs.into(), info.packs_per_carton.max(1).into());
        for (id, _) in volumes.iter().filter(|(_, filter)| filter.passes(info)) {
            *shop.cartons.entry((*id).clone()).or_insert_with(BigRational::zero) += &cartons;
        }
        shop.all_cartons += cartons;
        shop.value += BigRational::new(sale.value.into(), BigInt::from(10).pow(sale.scale));
    }
    for stop in period.stops_of(person, period.cut) {
        let shop = out.entry(stop.retailer.clone()).or_default();
        shop.planned += 1;
        shop.visited += u64::from(period.visits_to(stop.retailer, stop.date).iter().any(|visit| visit.effective));
    }
    for shop in &counted.shops {
        let mut items: BTreeMap<IndicatorId, (u64, u64)> = BTreeMap::new();
        for target in period.targets_of(person).iter().filter(|target| target.plan.is_positive()) {
            let Some(sku) = &target.item else { continue };
            let count = items.entry(target.indicator.clone()).or_default();
            count.0 += u64::from(period.skus.index(sku).is_some_and(|sku| shop.holds(sku)));
            count.1 += 1;
        }
        let standard = period.reference.width_standards.get(shop.route).map(|standard| standard.standard);
        let standing = Standing { month: period.month, route: shop.route.clone(), width: shop.width(), standard, items };
        out.entry(shop.retailer.clone()).or_default().standing = Some(standing);
    }
    out
}

/// Shops over managers and months, by retailer.
pub fn outlet_rows(months: impl IntoIterator<Item = (PersonId, BTreeMap<RetailerId, OutletMonth>)>) -> Vec<OutletRow> {
    let mut all: BTreeMap<RetailerId, (OutletMonth, Option<PersonId>)> = BTreeMap::new();
    for (person, shops) in months {
        for (retailer, month) in shops {
            let (sum, with) = all.entry(retailer).or_default();
            for (id, cartons) in month.cartons {
                *sum.cartons.entry(id).or_insert_with(BigRational::zero) += cartons;
            }
            sum.value += month.value;
            sum.all_cartons += month.all_cartons;
            sum.planned += month.planned;
            sum.visited += month.visited;
            if let Some(standing) = month.standing
                && sum.standing.as_ref().is_none_or(|known| known.month <= standing.month)
            {
                sum.standing = Some(standing);
                *with = Some(person.clone());
            }
        }
    }
    all.into_iter().map(|(retailer, (sum, person))| row(retailer, sum, person)).collect()
}

fn row(retailer: RetailerId, sum: OutletMonth, person: Option<PersonId>) -> OutletRow {
    let OutletMonth { standing, cartons, value, all_cartons, planned, visited } = sum;
    let per_carton = (all_cartons > BigRational::zero()).then(|| Rounded::of(&(&value / &all_cartons)));
    let (route, width, standard, items) = match standing {
        Some(standing) => (Some(standing.route), Some(standing.width), standing.standard, standing.items),
        None => (None, None, None, BTreeMap::new()),
    };
    OutletRow {
        retailer,
        person,
        route,
        cartons: cartons.into_iter().map(|(id, cartons)| (id, Rounded::of(&cartons))).collect(),
        value: Rounded::of(&value),
        value_per_carton: per_carton,
        planned,
        visited,
        width,
        standard,
        items,
    }
}
