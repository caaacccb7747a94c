//! What each series will sell, as chances, and the stock that meets them.

use super::fit::{Rows, Weeks, rate};
use super::levels::{Described, Past, Traits, describe};
use super::panel::{Panel, Period, Series};
use super::shape::{self, Mixed, Shape};
use super::spread::{self, COMMON_FIRST, Chances, size_of};

/// How demand goes, learned from a [`Panel`]. It holds for the days after: what is counted on them only says more of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Lessons {
    /// What a unit of each trait does to the log of a rate.
    weights: Traits,
    /// The spread with which stock-outs were read, and the one that all series have in common: sizes at a rate of 1.
    read_with: f64,
    common: f64,
    items: Vec<Item>,
    /// What is thought of an item that was not there.
    other: Item,
    learned: Weeks,
    past: Past,
}

/// What holds for an item wherever it is sold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Item {
    shape: Shape,
    centre: f64,
}

/// What a series is to sell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Packs a week.
    rate: f64,
    /// Of a week.
    size: f64,
    spread: Chances,
    shape: Shape,
}

/// Periods beyond which only every second, third… shop is learned from: a phone's year has several times as many.
const LEARNED_MOST: usize = 40_000;
/// The packs beyond which no order is thought of.
const STOCK_MAX: usize = 100_000;

/// Learns in two rounds: the second reads stock-outs with the spread that the first found. A dozen weights need no more than
/// some shops to be learned from; what each week was like takes all.
pub fn learn(panel: &Panel) -> Lessons {
    let every = panel.periods.len().div_ceil(LEARNED_MOST).max(1) as u32;
    let asked = |period: &Period| panel.series[period.series as usize].shop.is_multiple_of(every);
    let (learned, some) = (Weeks::of(panel), panel.only(asked));
    let described = describe(&some, COMMON_FIRST);
    let mut rows = Rows::new(&some, &described.periods, learned);
    rows.learn(3, |_, rate| size_of(rate, COMMON_FIRST));
    let read_with = spread::common(&rows, COMMON_FIRST);
    let weights = rows.weights;

    let Described { periods, past } = describe(panel, read_with);
    let periods: Vec<Traits> = panel.periods.iter().zip(periods).filter(|(period, _)| asked(period)).map(|(_, traits)| traits).collect();
    let mut rows = Rows::new(&some, &periods, learned).starting_at(weights);
    rows.learn(2, |_, rate| size_of(rate, read_with));
    let common = spread::common(&rows, read_with);
    let (own, centres) = spread::own(&some, &rows, common);
    let typical: Vec<f64> = own.iter().map(spread::typical).collect();
    rows.learn(2, |of, rate| size_of(rate, common) * typical[of]);
    let (shape, shapes) = shape::learn(&some, &rows, &own, common);
    let items = shapes.into_iter().zip(centres).map(|(shape, centre)| Item { shape, centre }).collect();
    Lessons { weights: rows.weights, read_with, common, items, other: Item { shape, centre: 0.0 }, learned, past }
}

impl Lessons {
    /// What a series is to sell, by its periods: those that were learned from, and others of the same weeks. Shops and items
    /// have the numbers of what was learned from; of others, what is usual is thought.
    pub fn demand(&self, series: Series, periods: &[Period]) -> Demand {
        let (before, now) = self.past.describe(series, periods, self.read_with);
        let item = self.items.get(series.item as usize).unwrap_or(&self.other);
        let rate = rate(&now, &self.weights);
        Demand {
            rate,
            size: size_of(rate, self.common),
            spread: spread::of_series(&Rows::of_series(periods, &before, self.learned, self.weights), item.centre, self.common),
            shape: item.shape,
        }
    }
}

impl Demand {
    /// Packs a week that are expected to sell.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The chances of selling the first, the second… pack within some weeks.
    pub fn chances(&self, weeks: f64) -> impl Iterator<Item = f64> + '_ {
        let mut mixed = Mixed::new(self.rate, self.size, self.spread, weeks);
        let shape = self.shape.iter().copied().chain(std::iter::repeat(1.0));
        shape.take(STOCK_MAX).scan(1.0, move |chance: &mut f64, likelier| {
            *chance *= (1.0 - mixed.stops() * likelier).max(0.0);
            Some(*chance)
        })
    }

    /// The least stock of which one pack more would sell, within some weeks, with no more than a chance of `risk`.
    pub fn cover(&self, weeks: f64, risk: f64) -> u32 {
        self.chances(weeks).take_while(|chance| *chance > risk).count() as u32
    }
}
