//! From counts of shelves and deliveries to what sold between: packs there were + packs that came − packs that are left.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::panel::{Panel, Period, Series};
use crate::facts::Visit;
use crate::ids::{RetailerId, Sku};
use crate::limits::ORDER_HISTORY_WEEKS;
use crate::reference::Reference;
use crate::time::days_before;

/// What is known of one SKU in one shop, by date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// Packs, the last count of each day.
    pub counts: Vec<(Date, i64)>,
    /// Packs that were invoiced; negative: returned.
    pub deliveries: Vec<(Date, i64)>,
}

/// What sold between two counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldBetween {
    pub from: Date,
    pub to: Date,
    /// Packs; never below nought.
    pub packs: i64,
    /// Nothing was left: there may have been demand for more.
    pub out: bool,
}

impl SoldBetween {
    pub fn days(&self) -> i32 {
        days_between(self.from, self.to)
    }
}

pub(super) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

impl Shelf {
    /// Packs that came after one day, until another.
    pub fn delivered(&self, after: Date, until: Date) -> i64 {
        self.deliveries.iter().filter(|(date, _)| after < *date && *date <= until).map(|(_, packs)| packs).sum()
    }

    /// What sold between each count and the next. What came on the day of a count is in it. A count of more than there can be
    /// is a miscount, of this one or the one before: the period goes on to the next, so that in all no more sells than came.
    pub fn sold(&self) -> Vec<SoldBetween> {
        let mut out = Vec::new();
        let mut counts = self.counts.iter();
        let Some((mut from, mut before)) = counts.next().copied() else { return out };
        for (to, left) in counts {
            let packs = before + self.delivered(from, *to) - left;
            if packs >= 0 {
                out.push(SoldBetween { from, to: *to, packs, out: *left == 0 });
                (from, before) = (*to, *left);
            }
        }
        out
    }
}

impl Shelf {
    /// What sold from `start` until the shelf was first counted, else until today, by its deliveries: what comes replaces what
    /// has sold since the delivery before. The last period goes on to the end, so that in all no more sells than came.
    fn as_delivered(&self, start: Date, today: Date) -> Vec<SoldBetween> {
        let end = self.counts.first().map_or(today, |(date, _)| *date);
        let mut from = start;
        let mut periods = Vec::new();
        for (date, packs) in self.deliveries.iter().filter(|(date, _)| *date <= end) {
            periods.push(SoldBetween { from, to: *date, packs: (*packs).max(0), out: false });
            from = *date;
        }
        if let Some(last) = periods.last_mut() {
            last.to = end;
        }
        periods
    }
}

/// Every shelf that is known, with shops and SKUs by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelves {
    pub shops: Vec<RetailerId>,
    pub skus: Vec<Sku>,
    /// By shop, then SKU.
    pub shelves: BTreeMap<(u32, u32), Shelf>,
}

impl Shelves {
    /// From sales and visits up to a day.
    pub fn read(reference: &Reference, visits: &[Visit], until: Date) -> Self {
        let invoiced = reference.sales.iter().filter(|((date, _), _)| *date <= until);
        let visits: Vec<&Visit> = visits.iter().filter(|visit| visit.date <= until && !visit.stock.is_empty()).collect();
        let mut shops: Vec<RetailerId> = invoiced.clone().flat_map(|(_, block)| block.retailers.iter().cloned()).collect();
        shops.extend(visits.iter().map(|visit| visit.retailer.clone()));
        let mut skus: Vec<Sku> = invoiced.clone().flat_map(|(_, block)| block.skus.iter().cloned()).collect();
        skus.extend(visits.iter().flat_map(|visit| visit.stock.keys().cloned()));
        shops.sort();
        shops.dedup();
        skus.sort();
        skus.dedup();
        let mut read = Self { shops, skus, shelves: BTreeMap::new() };
        for ((date, _), block) in invoiced {
            let shops: Vec<_> = block.retailers.iter().map(|shop| read.shop(shop)).collect();
            let skus: Vec<_> = block.skus.iter().map(|sku| read.sku(sku)).collect();
            for row in &block.rows {
                let (Some(shop), Some(sku)) = (shops[usize::from(row.retailer)], skus[usize::from(row.sku)]) else { continue };
                read.shelves.entry((shop, sku)).or_default().deliveries.push((*date, row.packs));
            }
        }
        read.count(visits);
        read
    }

    fn count(&mut self, mut visits: Vec<&Visit>) {
        visits.sort_by_key(|visit| (visit.date, visit.in_ms, visit.visit));
        for visit in visits {
            let Some(shop) = self.shop(&visit.retailer) else { continue };
            for (sku, packs) in visit.stock.iter() {
                let Some(sku) = self.sku(sku) else { continue };
                let counts = &mut self.shelves.entry((shop, sku)).or_default().counts;
                if counts.last().is_some_and(|(date, _)| *date == visit.date) {
                    counts.pop();
                }
                counts.push((visit.date, packs));
            }
        }
    }

    pub fn shop(&self, shop: &RetailerId) -> Option<u32> {
        self.shops.binary_search(shop).ok().map(|at| at as u32)
    }

    fn sku(&self, sku: &Sku) -> Option<u32> {
        self.skus.binary_search(sku).ok().map(|at| at as u32)
    }

    /// The shelves of one shop.
    pub fn of_shop(&self, shop: u32) -> impl Iterator<Item = (&Sku, &Shelf)> {
        self.shelves.range((shop, 0)..=(shop, u32::MAX)).map(|((_, sku), shelf)| (&self.skus[*sku as usize], shelf))
    }

    /// The place of a shelf among all, which is that of its series.
    pub fn series(&self) -> BTreeMap<(u32, u32), usize> {
        self.shelves.keys().enumerate().map(|(index, key)| (*key, index)).collect()
    }

    /// What is learned from, as of a day.
    pub fn panel(&self, today: Date) -> Panel {
        let now = ORDER_HISTORY_WEEKS;
        let mut periods = Vec::new();
        // Whoever was invoiced on the first day that is known had sold that in a week before it.
        let start = self.shelves.values().filter_map(|shelf| shelf.deliveries.first()).map(|(date, _)| *date).min();
        let start = start.map_or(today, |first| days_before(first, 7));
        for (series, shelf) in self.shelves.values().enumerate() {
            for sold in shelf.as_delivered(start, today).into_iter().chain(shelf.sold()) {
                let ago = days_between(sold.to, today).max(0) / 7;
                let Some(week) = u32::try_from(ago).ok().and_then(|ago| (now - 1).checked_sub(ago)) else { continue };
                periods.push(Period {
                    series: series as u32,
                    week,
                    weeks: f64::from(sold.days().max(1)) / 7.0,
                    sold: u32::try_from(sold.packs).unwrap_or(u32::MAX),
                    out: sold.out,
                });
            }
        }
        periods.sort_by_key(|period| (period.week, period.series));
        let series = self.shelves.keys().map(|(shop, item)| Series { shop: *shop, item: *item }).collect();
        Panel { shops: self.shops.len() as u32, items: self.skus.len() as u32, series, periods, now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_sold_between_two_counts_is_what_was_there_and_came_less_what_is_left() {
        let shelf = Shelf {
            counts: vec![(date(2026, 8, 5), 20), (date(2026, 8, 20), 6), (date(2026, 8, 27), 0)],
            deliveries: vec![(date(2026, 8, 5), 50), (date(2026, 8, 12), 30), (date(2026, 8, 20), 10)],
        };
        let sold: Vec<_> = shelf.sold().iter().map(|sold| (sold.packs, sold.days(), sold.out)).collect();
        assert_eq!(sold, [(20 + 30 + 10 - 6, 15, false), (6, 7, true)]);
    }

    #[test]
    fn a_count_of_more_than_there_can_be_makes_nothing_sell_that_never_came() {
        let counts = vec![(date(2026, 8, 3), 20), (date(2026, 8, 10), 35), (date(2026, 8, 17), 12), (date(2026, 8, 24), 4)];
        let shelf = Shelf { counts, deliveries: Vec::new() };
        let sold: Vec<_> = shelf.sold().iter().map(|sold| (sold.packs, sold.days())).collect();
        assert_eq!(sold, [(8, 14), (8, 7)]);
    }

    #[test]
    fn where_nobody_counted_no_more_sells_than_came_in_all_the_time() {
        let deliveries = vec![(date(2026, 7, 7), 60), (date(2026, 8, 4), 40)];
        let shelf = Shelf { counts: Vec::new(), deliveries };
        let (start, today) = (date(2026, 6, 30), date(2026, 8, 25));
        let periods = shelf.as_delivered(start, today);
        assert_eq!(periods.iter().map(|sold| sold.packs).sum::<i64>(), 100);
        assert_eq!(periods.iter().map(SoldBetween::days).sum::<i32>(), days_between(start, today));
        let counted = Shelf { counts: vec![(date(2026, 7, 28), 5)], ..shelf };
        assert_eq!(counted.as_delivered(start, today).iter().map(|sold| sold.packs).sum::<i64>(), 60);
    }
}
