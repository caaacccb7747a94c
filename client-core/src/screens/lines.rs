//! Count and order: a shop's SKUs, what it sells most first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::decimal::Dec;
use shared::ids::{Sku, VisitId};
use shared::reference::Reference;
use shared::time::days_before;

use super::brief::{Past, rows_of};
use super::{SALES_DAYS, named};
use crate::Error;
use crate::device::{Begun, Device};

/// A SKU of a shop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub sku: Sku,
    pub name: String,
    pub maker: String,
    pub packs_per_carton: u32,
    /// Per carton.
    pub price: Option<Dec>,
    /// Packs found at the last count.
    pub last: Option<i64>,
    /// Packs counted in this visit.
    pub counted: Option<i64>,
    /// Cartons ordered in this visit.
    pub ordered: Option<i64>,
    /// Cartons ordered at the last visit.
    pub ordered_last: Option<i64>,
    /// Packs invoiced in the last eight weeks.
    pub sold: i64,
}

/// What a visit's count begins with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountSheet {
    pub visit: VisitId,
    pub shop: String,
    pub last_date: Option<Date>,
    /// The shop's own, what it sells most first.
    pub lines: Vec<Line>,
    /// Everything else that the district sells, by name.
    pub others: Vec<Line>,
    /// What was being typed.
    pub draft: Option<String>,
}

/// What a visit's order begins with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderSheet {
    pub visit: VisitId,
    pub shop: String,
    pub counted: bool,
    pub lines: Vec<Line>,
    pub others: Vec<Line>,
    /// Cartons of a SKU that a shop of this grade may order in the visit's week.
    pub quota: BTreeMap<Sku, u32>,
    pub draft: Option<String>,
}

impl Device {
    pub fn count_sheet(&mut self, visit: VisitId) -> Result<CountSheet, Error> {
        let lines = self.shop_lines(visit)?;
        let draft = self.store.db().draft(&Begun::Stock(visit).step())?;
        Ok(CountSheet { visit, shop: lines.shop, last_date: lines.last_date, lines: lines.own, others: lines.others, draft })
    }

    pub fn order_sheet(&mut self, visit: VisitId) -> Result<OrderSheet, Error> {
        let lines = self.shop_lines(visit)?;
        let draft = self.store.db().draft(&Begun::Order(visit).step())?;
        let counted = lines.own.iter().any(|line| line.counted.is_some());
        Ok(OrderSheet { visit, shop: lines.shop, counted, lines: lines.own, others: lines.others, quota: lines.quota, draft })
    }

    fn shop_lines(&mut self, visit: VisitId) -> Result<ShopLines, Error> {
        let facts = self.visit(visit)?.ok_or(Error::UnknownVisit(visit))?;
        let reference = self.reference()?;
        let db = self.store.db();
        let past = Past::of(db, &facts.route, facts.date)?;
        let (last, count) = (past.last_visit(&facts.retailer), past.last_count(&facts.retailer));
        let mut sold: BTreeMap<Sku, i64> = BTreeMap::new();
        for (_, block) in db.sales_of(&facts.route, days_before(facts.date, SALES_DAYS), facts.date)? {
            for (sku, packs) in rows_of(&block, &facts.retailer) {
                *sold.entry(sku.clone()).or_default() += packs;
            }
        }
        let line = |sku: &Sku| Line {
            name: named(&reference, sku).name,
            maker: reference.skus.get(sku).map(|info| info.maker.clone()).unwrap_or_default(),
            packs_per_carton: reference.skus.get(sku).map_or(1, |info| info.packs_per_carton),
            price: reference.skus.get(sku).map(|info| info.wholesale_price),
            last: count.and_then(|visit| visit.stock.get(sku.as_str())),
            counted: facts.stock.get(sku.as_str()),
            ordered: facts.order.get(sku.as_str()),
            ordered_last: last.and_then(|visit| visit.order.get(sku.as_str())),
            sold: sold.get(sku).copied().unwrap_or(0),
            sku: sku.clone(),
        };
        let counted = count.into_iter().flat_map(|visit| visit.stock.keys());
        let of_visit = facts.stock.keys().chain(facts.order.keys());
        let own: BTreeSet<&Sku> = sold.iter().filter(|(_, packs)| **packs > 0).map(|(sku, _)| sku).chain(counted).chain(of_visit).collect();
        let mut lines: Vec<Line> = own.iter().map(|sku| line(sku)).collect();
        lines.sort_by(|a, b| b.sold.cmp(&a.sold).then_with(|| a.name.cmp(&b.name)));
        let mut others: Vec<Line> = reference.skus.keys().filter(|sku| !own.contains(sku)).map(line).collect();
        others.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(ShopLines {
            shop: super::shop_name(&reference, &facts.retailer, facts.date),
            last_date: count.map(|visit| visit.date),
            quota: quota(&reference, facts.retailer.as_str(), facts.date),
            own: lines,
            others,
        })
    }
}

struct ShopLines {
    shop: String,
    last_date: Option<Date>,
    own: Vec<Line>,
    others: Vec<Line>,
    quota: BTreeMap<Sku, u32>,
}

/// The week's quota of a shop's grade.
fn quota(reference: &Reference, retailer: &str, date: Date) -> BTreeMap<Sku, u32> {
    let Some(shop) = reference.retailer_on(retailer, date) else { return BTreeMap::new() };
    let week = date.iso_week_date();
    let allocations = reference.allocations.get(&format!("{:04}-W{:02}", week.year(), week.week()));
    let of_grade = allocations.into_iter().flatten().filter(|allocation| allocation.grade == shop.grade);
    of_grade.map(|allocation| (allocation.sku.clone(), allocation.max_cartons)).collect()
}
