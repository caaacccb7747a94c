//! From counts of shelves and deliveries to what sold between: packs there were + packs that came − packs that are left.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::festival::Pace;
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
    /// A later count; of a day the last one stands.
    fn count(&mut self, date: Date, packs: i64) {
        self.counts.pop_if(|(counted, _)| *counted == date);
        self.counts.push((date, packs));
    }

    /// Packs that came after one day, until another.
    pub fn delivered(&self, after: Date, until: Date) -> i64 {
        self.deliveries.iter().filter(|(date, _)| after < *date && *date <= until).map(|(_, packs)| packs).sum()
    }

    /// What sold between each count and the next, where the two can both be right. What came on the day of a count is in it.
    pub fn sold(&self) -> Vec<SoldBetween> {
        let between = |pair: &[(Date, i64)]| {
            let [(from, before), (to, left)] = [pair[0], pair[1]];
            SoldBetween { from, to, packs: before + self.delivered(from, to) - left, out: left == 0 }
        };
        self.counts.windows(2).map(between).filter(|sold| sold.packs >= 0).collect()
    }

    /// What sold from `start` to the last count, in all as much as came and is not there. Before the first count, what comes
    /// replaces what has sold since the delivery before. What sold until a day never falls: where it seems to, two counts can't
    /// both be right (or there was a return), each is believed by half, and the two periods become one (isotonic regression by
    /// pooling adjacent violators). To drop such counts instead would keep the low ones and make shops sell what never came.
    fn flow(&self, start: Date, today: Date) -> Vec<SoldBetween> {
        let mut blocks: Vec<Block> = Vec::new();
        for block in self.sold_until(start, today) {
            blocks.push(block);
            while let [.., before, last] = blocks.as_slice()
                && last.mean() < before.mean()
            {
                let pooled = Block { to: last.to, sum: before.sum + last.sum, points: before.points + last.points, out: false };
                blocks.truncate(blocks.len() - 2);
                blocks.push(pooled);
            }
        }
        let level = |block: &Block| libm::round(block.mean()) as i64;
        let between =
            |pair: &[Block]| SoldBetween { from: pair[0].to, to: pair[1].to, packs: level(&pair[1]) - level(&pair[0]), out: pair[1].out };
        blocks.windows(2).map(between).filter(|sold| sold.from < sold.to).collect()
    }

    /// Packs sold until each day of which anything is known, by that day alone.
    fn sold_until(&self, start: Date, today: Date) -> Vec<Block> {
        let point = |to: Date, packs: i64, out: bool| Block { to, sum: packs as f64, points: 1.0, out };
        let first = self.counts.first();
        let end = first.map_or(today, |(date, _)| *date);
        let mut came = 0;
        let mut known = vec![point(start, 0, false)];
        for (date, packs) in self.deliveries.iter().filter(|(date, _)| *date <= end) {
            came += packs;
            known.push(point(*date, came, false));
        }
        match known.as_mut_slice() {
            // Nobody knows since when what was counted had been there.
            [only] => only.to = end,
            [.., last] => last.to = end,
            [] => {}
        }
        for (date, left) in self.counts.iter().skip(1) {
            let before = first.map_or(0, |(_, packs)| *packs);
            known.push(point(*date, came + before + self.delivered(end, *date) - left, *left == 0));
        }
        known
    }
}

/// Days of which one number says how much had sold.
#[derive(Clone, Copy)]
struct Block {
    /// The last of them.
    to: Date,
    sum: f64,
    points: f64,
    /// Nothing was left on it.
    out: bool,
}

impl Block {
    fn mean(&self) -> f64 {
        self.sum / self.points
    }
}

/// As they were made.
fn in_order(visits: &mut [&Visit]) {
    visits.sort_by_key(|visit| (visit.date, visit.in_ms, visit.visit));
}

/// Every shelf that is known, with shops and SKUs by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelves {
    shops: Vec<RetailerId>,
    skus: Vec<Sku>,
    /// By shop, then SKU.
    shelves: BTreeMap<(u32, u32), Shelf>,
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
        in_order(&mut visits);
        for visit in visits {
            let Some(shop) = self.shop(&visit.retailer) else { continue };
            for (sku, packs) in visit.stock.iter() {
                let Some(sku) = self.sku(sku) else { continue };
                self.shelves.entry((shop, sku)).or_default().count(visit.date, packs);
            }
        }
    }

    fn shop(&self, shop: &RetailerId) -> Option<u32> {
        self.shops.binary_search(shop).ok().map(|at| at as u32)
    }

    fn sku(&self, sku: &Sku) -> Option<u32> {
        self.skus.binary_search(sku).ok().map(|at| at as u32)
    }

    /// The numbers of an item in a shop; of one that is not here, a number that nothing has.
    pub fn series(&self, shop: &RetailerId, sku: &Sku) -> Series {
        Series { shop: self.shop(shop).unwrap_or(u32::MAX), item: self.sku(sku).unwrap_or(u32::MAX) }
    }

    /// The shelves of one shop, and what later visits counted on them.
    pub fn of_shop<'a>(&'a self, shop: &RetailerId, later: &'a [Visit]) -> BTreeMap<&'a Sku, Shelf> {
        let known = self.shop(shop).into_iter().flat_map(|number| self.shelves.range((number, 0)..=(number, u32::MAX)));
        let mut shelves: BTreeMap<&Sku, Shelf> = known.map(|((_, sku), shelf)| (&self.skus[*sku as usize], shelf.clone())).collect();
        let mut later: Vec<&Visit> = later.iter().filter(|visit| visit.retailer == *shop).collect();
        in_order(&mut later);
        for visit in later {
            visit.stock.iter().for_each(|(sku, packs)| shelves.entry(sku).or_default().count(visit.date, packs));
        }
        shelves
    }

    /// Whoever was invoiced on the first day that is known had sold that in a week before it.
    pub fn start(&self, today: Date) -> Date {
        let start = self.shelves.values().filter_map(|shelf| shelf.deliveries.first()).map(|(date, _)| *date).min();
        start.map_or(today, |first| days_before(first, 7))
    }

    /// What is learned from, as of a day; periods are so long as demand is in them.
    pub fn panel(&self, today: Date, pace: Pace<'_>) -> Panel {
        let span = Span { start: self.start(today), today, pace };
        let mut periods = Vec::new();
        for (series, ((_, sku), shelf)) in self.shelves.iter().enumerate() {
            periods.extend(shelf.periods(series as u32, &self.skus[*sku as usize], span));
        }
        periods.sort_by_key(|period| (period.week, period.series));
        let series = self.shelves.keys().map(|(shop, item)| Series { shop: *shop, item: *item }).collect();
        Panel { shops: self.shops.len() as u32, items: self.skus.len() as u32, series, periods, now: ORDER_HISTORY_WEEKS }
    }
}

/// The time that is looked at.
#[derive(Clone, Copy)]
pub struct Span<'a> {
    /// [`Shelves::start`].
    pub start: Date,
    pub today: Date,
    pub pace: Pace<'a>,
}

impl Shelf {
    /// What is learned from, by week.
    pub fn periods(&self, series: u32, sku: &Sku, span: Span<'_>) -> Vec<Period> {
        let period = |sold: &SoldBetween| {
            let ago = days_between(sold.to, span.today).max(0) / 7;
            Some(Period {
                series,
                week: u32::try_from(ago).ok().and_then(|ago| (ORDER_HISTORY_WEEKS - 1).checked_sub(ago))?,
                weeks: span.pace.weeks(sku, sold.from, sold.to),
                sold: u32::try_from(sold.packs).unwrap_or(u32::MAX),
                out: sold.out,
                counted: self.counts.first().is_some_and(|(first, _)| *first <= sold.from),
            })
        };
        self.flow(span.start, span.today).iter().filter_map(period).collect()
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
    fn of_two_counts_that_cannot_both_be_right_each_is_believed_by_half() {
        let counts = vec![(date(2026, 8, 3), 20), (date(2026, 8, 10), 12), (date(2026, 8, 17), 16), (date(2026, 8, 24), 4)];
        let shelf = Shelf { counts, deliveries: Vec::new() };
        let flow: Vec<_> = shelf.flow(date(2026, 8, 1), date(2026, 8, 30)).iter().map(|sold| (sold.packs, sold.days())).collect();
        assert_eq!(flow, [(6, 14), (10, 7)]);
        let sold: Vec<_> = shelf.sold().iter().map(|sold| sold.packs).collect();
        assert_eq!(sold, [8, 12]);
    }

    #[test]
    fn no_more_sells_than_came_however_wrongly_shelves_are_counted() {
        let deliveries: Vec<_> = (0..12).map(|week| (days_after(date(2026, 7, 6), week * 7), 20)).collect();
        let (mut sold, mut seed) = (0, 7u32);
        for _ in 0..200 {
            // Counts that say nothing at all.
            let mut count = |week: i32| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (days_after(date(2026, 7, 8), week * 14), i64::from(seed >> 16) % 90)
            };
            let shelf = Shelf { counts: (0..6).map(&mut count).collect(), deliveries: deliveries.clone() };
            sold += shelf.flow(date(2026, 6, 29), date(2026, 9, 27)).iter().map(|sold| sold.packs).sum::<i64>();
        }
        let weekly = sold as f64 / 200.0 / 12.0;
        assert!((17.0..23.0).contains(&weekly), "20 came a week, {weekly} sold");
    }

    fn days_after(date: Date, days: i32) -> Date {
        date.checked_add(jiff::Span::new().days(days)).unwrap()
    }

    #[test]
    fn where_nobody_counted_no_more_sells_than_came_in_all_the_time() {
        let deliveries = vec![(date(2026, 7, 7), 60), (date(2026, 8, 4), 40)];
        let shelf = Shelf { counts: Vec::new(), deliveries };
        let (start, today) = (date(2026, 6, 30), date(2026, 8, 25));
        let periods = shelf.flow(start, today);
        assert_eq!(periods.iter().map(|sold| sold.packs).sum::<i64>(), 100);
        assert_eq!(periods.iter().map(SoldBetween::days).sum::<i32>(), days_between(start, today));
        let counted = Shelf { counts: vec![(date(2026, 7, 28), 5)], ..shelf };
        assert_eq!(counted.flow(start, today).iter().map(|sold| sold.packs).sum::<i64>(), 60);
    }
}
