//! What each series will sell, as chances, and the stock that meets them.

use libm::exp;

use super::fit::{Rows, log_rate};
use super::levels::{Traits, describe};
use super::panel::{Panel, Series};
use super::shape::{self, Mixed, Shape};
use super::spread::{self, COMMON_FIRST, Chances, size_of};

/// What is learned of demand from a [`Panel`].
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    series: Vec<Learned>,
    /// By item.
    shapes: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
struct Learned {
    item: usize,
    /// Packs a week.
    rate: f64,
    /// Of a week.
    size: f64,
    spread: Chances,
}

/// The packs beyond which no order is thought of.
const STOCK_MAX: usize = 100_000;

/// Learns in two rounds: the second reads stock-outs with the spread that the first found.
pub fn learn(panel: &Panel) -> Demand {
    let described = describe(panel, COMMON_FIRST);
    let mut rows = Rows::new(panel, &described);
    rows.learn(3, |_, rate| size_of(rate, COMMON_FIRST));
    let common = spread::common(&rows, COMMON_FIRST);
    let weights = rows.weights;

    let described = describe(panel, common);
    let mut rows = Rows::new(panel, &described).starting_at(weights);
    rows.learn(2, |_, rate| size_of(rate, common));
    let common = spread::common(&rows, common);
    let own = spread::own(panel, &rows, common);
    let typical: Vec<f64> = own.iter().map(spread::typical).collect();
    rows.learn(2, |of, rate| size_of(rate, common) * typical[of]);
    let weights = rows.weights;
    let shapes = shape::learn(panel, &rows, &own, common);
    let learned = |((series, traits), spread): ((&Series, &Traits), Chances)| {
        let rate = log_rate(traits, &weights);
        Learned { item: series.item as usize, rate: exp(rate), size: size_of(rate, common), spread }
    };
    let series = panel.series.iter().zip(&described.now).zip(own).map(learned).collect();
    Demand { series, shapes }
}

impl Demand {
    /// Packs a week that a series is expected to sell.
    pub fn rate(&self, series: usize) -> f64 {
        self.series[series].rate
    }

    /// The chances of selling the first, the second… pack within some weeks.
    pub fn chances(&self, series: usize, weeks: f64) -> impl Iterator<Item = f64> + '_ {
        let learned = &self.series[series];
        let mut mixed = Mixed::new(learned.rate, learned.size, learned.spread, weeks);
        let shape = self.shapes[learned.item].iter().copied().chain(std::iter::repeat(1.0));
        shape.take(STOCK_MAX).scan(1.0, move |chance: &mut f64, likelier| {
            *chance *= (1.0 - mixed.stops() * likelier).max(0.0);
            Some(*chance)
        })
    }

    /// The least stock of which one pack more would sell, within some weeks, with no more than a chance of `risk`.
    pub fn cover(&self, series: usize, weeks: f64, risk: f64) -> u32 {
        self.chances(series, weeks).take_while(|chance| *chance > risk).count() as u32
    }
}
