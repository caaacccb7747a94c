//! Measures: what is counted for one person, from the rows that are credited to them (scoring.md, "Measures").

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::number::whole;
use super::period::Period;
use crate::facts::Visit;
use crate::ids::{PersonId, RetailerId, RouteId, Sku};
use crate::scheme::{Measure, VolumeFilter};

/// Everything that is counted for one person, once, whatever the indicators read of it.
pub(super) struct Counted<'a> {
    /// Net packs credited, by SKU index.
    packs: Vec<i128>,
    /// Net value credited: scale → value × 10^scale.
    value: BTreeMap<u32, i128>,
    pub shops: Vec<Shop<'a>>,
    pub stops: Stops,
    /// SKUs unknown to the district among the sales, one a row.
    pub unknown: Vec<&'a Sku>,
}

/// A shop credited to the person, on the last day of the period, and what it holds.
pub(super) struct Shop<'a> {
    pub retailer: &'a RetailerId,
    pub route: &'a RouteId,
    pub check: Option<&'a Visit>,
    /// By SKU index: more than 0 packs in the latest stock check, or net invoiced in the period.
    held: Vec<bool>,
    /// SKUs unknown to the district in the latest stock check.
    pub unknown: Vec<&'a Sku>,
}

/// Planned stops that the person answers for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stops {
    /// Up to the cut.
    pub planned: u64,
    /// Of those: with an effective visit on the day, by anyone.
    pub visited: u64,
    /// Of the whole month.
    pub of_month: u64,
}

impl Shop<'_> {
    pub fn holds(&self, sku: usize) -> bool {
        self.held[sku]
    }
    /// How many SKUs it holds.
    pub fn width(&self) -> u64 {
        self.held.iter().filter(|held| **held).count() as u64
    }
}

impl<'a> Counted<'a> {
    pub fn new(period: &Period<'a>, person: &PersonId) -> Self {
        let mut packs = vec![0; period.skus.ascending.len()];
        let mut value = BTreeMap::new();
        let mut unknown = Vec::new();
        for sale in period.sales_of(person) {
            // A SKU unknown to the district has no cartons to divide by: it is warned of, and neither side counts it.
            let Some(sku) = sale.index else {
                unknown.push(sale.sku);
                continue;
            };
            packs[sku] += i128::from(sale.packs);
            *value.entry(sale.scale).or_insert(0) += i128::from(sale.value);
        }
        let last = period.month.last_day();
        let of_month = period.stops_of(person, last).count() as u64;
        let mut stops = Stops { of_month, ..Stops::default() };
        for stop in period.stops_of(person, period.cut) {
            stops.planned += 1;
            stops.visited += u64::from(period.visits_to(stop.retailer, stop.date).iter().any(|visit| visit.effective));
        }
        Self { packs, value, shops: shops(period, person), stops, unknown }
    }

    /// The actual of a measure; none: it is 0 ÷ 0.
    pub fn actual(&self, period: &Period<'_>, measure: &Measure) -> Option<BigRational> {
        match measure {
            Measure::Volume(filter) => Some(self.cartons(period, filter)),
            Measure::ValuePerCarton => Some(self.value_per_carton(period)),
            Measure::WidthCompliance => {
                let (reached, all) = self.width_compliance(period);
                share(reached, all)
            }
            Measure::VisitCompletion => share(self.stops.visited, self.stops.planned),
        }
    }

    /// Cartons of the credited sales of the SKUs that pass.
    pub fn cartons(&self, period: &Period<'_>, filter: &VolumeFilter) -> BigRational {
        let mut by_size: BTreeMap<u32, i128> = BTreeMap::new();
        for ((_, info), packs) in period.skus.ascending.iter().zip(&self.packs).filter(|((_, info), _)| filter.passes(info)) {
            *by_size.entry(info.packs_per_carton.max(1)).or_default() += packs;
        }
        by_size.into_iter().map(|(size, packs)| BigRational::new(packs.into(), size.into())).sum()
    }

    /// Value of the credited sales.
    pub fn value(&self) -> BigRational {
        self.value.iter().map(|(scale, value)| BigRational::new((*value).into(), BigInt::from(10).pow(*scale))).sum()
    }

    /// 0 where the cartons are 0 or less.
    fn value_per_carton(&self, period: &Period<'_>) -> BigRational {
        let cartons = self.cartons(period, &VolumeFilter::default());
        if cartons > BigRational::zero() { self.value() / cartons } else { BigRational::zero() }
    }

    /// Credited shops whose width reaches their route's standard, and those whose route has one.
    pub fn width_compliance(&self, period: &Period<'_>) -> (u64, u64) {
        let (mut reached, mut all) = (0, 0);
        for shop in &self.shops {
            let Some(standard) = period.reference.width_standards.get(shop.route) else { continue };
            all += 1;
            reached += u64::from(shop.width() >= u64::from(standard.standard));
        }
        (reached, all)
    }

    /// Credited shops that hold a SKU.
    pub fn outlets(&self, sku: Option<usize>) -> u64 {
        sku.map_or(0, |sku| self.shops.iter().filter(|shop| shop.holds(sku)).count() as u64)
    }
}

fn share(part: u64, all: u64) -> Option<BigRational> {
    (all > 0).then(|| whole(part) / whole(all))
}

/// The shops credited to a person, by retailer id, with what they hold.
fn shops<'a>(period: &Period<'a>, person: &PersonId) -> Vec<Shop<'a>> {
    let routes = period.routes_of(person).iter().copied();
    shops_of(period, routes.filter(|route| period.reference.owner(route.as_str(), period.cut) == Some(person)))
}

/// The shops that are on some routes on the last day of the period, by retailer id, with what they hold.
pub(super) fn shops_of<'a>(period: &Period<'a>, routes: impl Iterator<Item = &'a RouteId>) -> Vec<Shop<'a>> {
    let mut shops: Vec<Shop<'a>> = routes
        .flat_map(|route| period.shops_on(route, period.cut).map(move |retailer| (retailer, route)))
        .map(|(retailer, route)| Shop { retailer, route, check: period.latest_check(retailer), held: Vec::new(), unknown: Vec::new() })
        .collect();
    shops.sort_by_key(|shop| shop.retailer);
    let retailers: Vec<&RetailerId> = shops.iter().map(|shop| shop.retailer).collect();
    let width = period.skus.ascending.len();
    let mut invoiced = vec![0i128; shops.len() * width];
    for (shop, sale) in period.sales_to(&retailers) {
        sale.index.into_iter().for_each(|sku| invoiced[shop * width + sku] += i128::from(sale.packs));
    }
    for (nth, shop) in shops.iter_mut().enumerate() {
        shop.held = invoiced[nth * width..][..width].iter().map(|packs| *packs > 0).collect();
        for (sku, packs) in shop.check.into_iter().flat_map(|check| check.stock.iter()) {
            match period.skus.index(sku) {
                Some(sku) => shop.held[sku] |= packs > 0,
                None => shop.unknown.push(sku),
            }
        }
    }
    shops
}
