//! One walk through the weeks: how much each item sells in each shop, as three means that forget at different speeds, each
//! leaning on the slower one, and the slowest on what shop and item sell elsewhere; and how far each week was above or
//! below, by item, by shop and in all. Every week is described by what was known before it.

use libm::log;

use super::negbin::NegBin;
use super::panel::{Panel, Series};
use super::spread::size_of;

/// What describes a series before a week.
pub const TRAITS: usize = 12;
pub type Traits = [f64; TRAITS];

/// What a mean keeps of itself each week, and how many weeks of evidence the slower one beside it counts as.
struct Speed {
    keeps: f64,
    leans: f64,
}
const SLOW: Speed = Speed { keeps: 0.95, leans: 4.0 };
const MIDDLE: Speed = Speed { keeps: 0.85, leans: 4.0 };
const FAST: Speed = Speed { keeps: 0.5, leans: 3.0 };
/// Packs of evidence that a week's swing is nought, for an item over all shops and for a shop over all items.
const ITEM_DOUBT: f64 = 10.0;
const SHOP_DOUBT: f64 = 20.0;
/// Packs a week below which no item is thought to sell where it is sold at all.
const RATE_LEAST: f64 = 0.02;
const RAKINGS: usize = 3;

/// What sold, and in how many weeks, both fading.
#[derive(Clone, Copy, Default)]
struct Evidence {
    packs: f64,
    weeks: f64,
}

impl Evidence {
    fn rate(self, prior: f64, leans: f64) -> f64 {
        (self.packs + leans * prior) / (self.weeks + leans)
    }
    fn fade(&mut self, speed: &Speed) {
        self.packs *= speed.keeps;
        self.weeks *= speed.keeps;
    }
    fn add(&mut self, seen: Evidence) {
        self.packs += seen.packs;
        self.weeks += seen.weeks;
    }
}

/// The past, described: a row a period, and one a series for the week to come.
pub struct Described {
    /// Of each of [`Panel::periods`].
    pub periods: Vec<Traits>,
    /// Of each series now.
    pub now: Vec<Traits>,
}

pub fn describe(panel: &Panel, spread: f64) -> Described {
    let mut walk = Walk::new(panel);
    let mut periods = Vec::with_capacity(panel.periods.len());
    for week in panel.by_week() {
        let before = walk.traits();
        periods.extend(week.iter().map(|period| before[period.series as usize]));
        walk.live(week, &before, spread);
    }
    Described { periods, now: walk.traits() }
}

struct Walk<'p> {
    series: &'p [Series],
    slow: Vec<Evidence>,
    middle: Vec<Evidence>,
    fast: Vec<Evidence>,
    /// Rates are `by_shop × by_item` where nothing else is known.
    by_shop: Vec<f64>,
    by_item: Vec<f64>,
    /// The logs of the last weeks' swings, the last week first.
    shop_swings: Vec<[f64; 4]>,
    item_swings: Vec<[f64; 4]>,
    swings: [f64; 4],
}

/// What was seen of each, and what its rates had led to expect.
#[derive(Clone, Copy, Default)]
struct Swing {
    seen: f64,
    expected: f64,
}

impl Swing {
    fn factor(self, doubt: f64) -> f64 {
        ((self.seen + doubt) / (self.expected + doubt)).max(0.01)
    }
}

impl<'p> Walk<'p> {
    fn new(panel: &'p Panel) -> Self {
        let (series, shops, items) = (panel.series.len(), panel.shops as usize, panel.items as usize);
        Self {
            series: &panel.series,
            slow: vec![Evidence::default(); series],
            middle: vec![Evidence::default(); series],
            fast: vec![Evidence::default(); series],
            by_shop: vec![1.0; shops],
            by_item: vec![1.0; items],
            shop_swings: vec![[0.0; 4]; shops],
            item_swings: vec![[0.0; 4]; items],
            swings: [0.0; 4],
        }
    }

    /// Shop and item effects that together explain what sold where (iterative proportional fitting).
    fn rake(&mut self) {
        let (mut shops, mut items) = (vec![0.0; self.by_shop.len()], vec![0.0; self.by_item.len()]);
        let mut all = Evidence::default();
        for (series, seen) in self.series.iter().zip(&self.slow) {
            shops[series.shop as usize] += seen.packs;
            items[series.item as usize] += seen.packs;
            all.add(*seen);
        }
        let usual = (all.packs / all.weeks.max(1e-9)).max(0.01);
        for _ in 0..RAKINGS {
            let mut weeks = vec![0.5 / usual; items.len()];
            for (series, seen) in self.series.iter().zip(&self.slow) {
                weeks[series.item as usize] += self.by_shop[series.shop as usize] * seen.weeks;
            }
            for ((rate, packs), weeks) in self.by_item.iter_mut().zip(&items).zip(&weeks) {
                *rate = (packs + 0.5) / weeks;
            }
            let mut weeks = vec![0.5; shops.len()];
            for (series, seen) in self.series.iter().zip(&self.slow) {
                weeks[series.shop as usize] += self.by_item[series.item as usize] * seen.weeks;
            }
            for ((rate, packs), weeks) in self.by_shop.iter_mut().zip(&shops).zip(&weeks) {
                *rate = (packs + 0.5) / weeks;
            }
        }
    }

    fn traits(&mut self) -> Vec<Traits> {
        self.rake();
        let describe = |(index, series): (usize, &Series)| {
            let (shop, item) = (series.shop as usize, series.item as usize);
            let elsewhere = (self.by_shop[shop] * self.by_item[item]).max(RATE_LEAST);
            let slow = self.slow[index].rate(elsewhere, SLOW.leans);
            let middle = self.middle[index].rate(slow, MIDDLE.leans);
            let fast = self.fast[index].rate(middle, FAST.leans);
            let (items, shops, all) = (&self.item_swings[item], &self.shop_swings[shop], &self.swings);
            [
                1.0,
                log(slow),
                log(middle / slow),
                log(fast / middle),
                log(elsewhere / slow),
                items[0],
                items[1],
                (items[2] + items[3]) / 2.0,
                shops[0],
                (shops[1] + shops[2]) / 2.0,
                all[0],
                all[1],
            ]
        };
        self.series.iter().enumerate().map(describe).collect()
    }

    /// Takes in a week: its swings first, since they say what an empty shelf hid.
    fn live(&mut self, week: &[super::Period], before: &[Traits], spread: f64) {
        let mut items = vec![1.0; self.by_item.len()];
        let mut shops = vec![1.0; self.by_shop.len()];
        let mut seen = vec![Evidence::default(); week.len()];
        let mut all = Swing::default();
        for _ in 0..2 {
            let (mut by_item, mut by_shop) = (vec![Swing::default(); items.len()], vec![Swing::default(); shops.len()]);
            all = Swing::default();
            for (period, seen) in week.iter().zip(&mut seen) {
                let of = self.series[period.series as usize];
                let (shop, item) = (of.shop as usize, of.item as usize);
                let traits = &before[period.series as usize];
                let usual = libm::exp(traits[1] + traits[2]) * period.weeks;
                let rate = usual / period.weeks * items[item] * shops[shop];
                *seen = period.evidence(rate, spread);
                // What nothing was known of can't have been above or below it.
                if self.slow[period.series as usize].weeks == 0.0 {
                    continue;
                }
                let share = seen.weeks / period.weeks;
                by_item[item].take(seen.packs, usual * shops[shop] * share);
                by_shop[shop].take(seen.packs, usual * items[item] * share);
                all.take(seen.packs, usual * share);
            }
            items = by_item.into_iter().map(|swing| swing.factor(ITEM_DOUBT)).collect();
            shops = by_shop.into_iter().map(|swing| swing.factor(SHOP_DOUBT)).collect();
        }
        for (known, factor) in self.item_swings.iter_mut().zip(&items) {
            push(known, log(*factor));
        }
        for (known, factor) in self.shop_swings.iter_mut().zip(&shops) {
            push(known, log(*factor));
        }
        push(&mut self.swings, log(all.factor(SHOP_DOUBT)));
        for (means, speed) in [(&mut self.slow, SLOW), (&mut self.middle, MIDDLE), (&mut self.fast, FAST)] {
            means.iter_mut().for_each(|mean| mean.fade(&speed));
            for (period, seen) in week.iter().zip(&seen) {
                means[period.series as usize].add(*seen);
            }
        }
    }
}

impl Swing {
    fn take(&mut self, seen: f64, expected: f64) {
        self.seen += seen;
        self.expected += expected;
    }
}

impl super::Period {
    /// What a period says of a rate that was thought to be `rate`. After a stock-out that is more packs than were sold,
    /// in fewer weeks than it took: where the shelf stood empty all the time, nothing.
    fn evidence(&self, rate: f64, spread: f64) -> Evidence {
        if !self.out {
            return Evidence { packs: f64::from(self.sold), weeks: self.weeks };
        }
        let demand = NegBin { mean: rate * self.weeks, size: size_of(log(rate), spread) * self.weeks };
        let said = demand.given_at_least(self.sold);
        Evidence { packs: said.mean - (1.0 - said.weight) * demand.mean, weeks: said.weight * self.weeks }
    }
}

fn push(known: &mut [f64; 4], last: f64) {
    known.rotate_right(1);
    known[0] = last;
}
