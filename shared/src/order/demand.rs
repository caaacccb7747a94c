//! What each series will sell, as chances, and the stock that meets them.

use std::ops::ControlFlow::{self, Break, Continue};

use super::fit::{Rows, Weeks, rate};
use super::levels::{Described, Past, Traits, Walk};
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
/// Weeks that one step of learning walks through.
const WEEKS_A_STEP: usize = 8;
/// The packs beyond which no order is thought of.
const STOCK_MAX: usize = 100_000;

/// Learning, as far as it has come. It goes in two rounds: the second reads stock-outs with the spread that the first found. A
/// dozen weights need no more than some shops to be learned from; what each week was like takes all. In steps, since a phone
/// learns while nobody waits, and a tap must not wait for all of it.
pub struct Learning {
    panel: Panel,
    /// The weights are learned from one shop of so many.
    every: u32,
    weeks: Weeks,
    round: Round,
}

enum Round {
    Some { some: Panel, walk: Walk },
    Weights(Rows),
    ReadWith(Rows),
    All { walk: Walk, read_with: f64, weights: Traits },
    Common(Found),
    Own { found: Found, common: f64 },
    Shape { found: Found, common: f64, own: Vec<Chances>, centres: Vec<f64> },
}

/// Of the second round.
struct Found {
    rows: Rows,
    past: Past,
    read_with: f64,
}

impl Learning {
    pub fn of(panel: Panel) -> Self {
        let every = panel.periods.len().div_ceil(LEARNED_MOST).max(1) as u32;
        let some = panel.only(|period| is_asked(&panel, every, period));
        let round = Round::Some { walk: Walk::new(&some, COMMON_FIRST), some };
        Self { weeks: Weeks::of(&panel), panel, every, round }
    }

    /// What was learned, after the last step.
    pub fn step(self) -> ControlFlow<Lessons, Self> {
        let Self { panel, every, weeks, round } = self;
        let round = match round {
            Round::Some { some, walk } => match walk.go(&some, WEEKS_A_STEP) {
                Continue(walk) => Round::Some { some, walk },
                Break(described) => Round::Weights(Rows::new(&mut some.periods.into_iter().zip(described.periods), weeks)),
            },
            Round::Weights(mut rows) => {
                rows.learn(3, |_, rate| size_of(rate, COMMON_FIRST));
                Round::ReadWith(rows)
            }
            Round::ReadWith(rows) => {
                let read_with = spread::common(&rows, COMMON_FIRST);
                Round::All { walk: Walk::new(&panel, read_with), read_with, weights: rows.weights }
            }
            Round::All { walk, read_with, weights } => match walk.go(&panel, WEEKS_A_STEP) {
                Continue(walk) => Round::All { walk, read_with, weights },
                Break(Described { periods, past }) => {
                    let described = panel.periods.iter().copied().zip(periods);
                    let mut asked = described.filter(|(period, _)| is_asked(&panel, every, period));
                    Round::Common(Found { rows: Rows::new(&mut asked, weeks).starting_at(weights), past, read_with })
                }
            },
            Round::Common(mut found) => {
                found.rows.learn(2, |_, rate| size_of(rate, found.read_with));
                Round::Own { common: spread::common(&found.rows, found.read_with), found }
            }
            Round::Own { mut found, common } => {
                let (own, centres) = spread::own(&panel, &found.rows, common);
                let typical: Vec<f64> = own.iter().map(spread::typical).collect();
                found.rows.learn(2, |of, rate| size_of(rate, common) * typical[of]);
                Round::Shape { found, common, own, centres }
            }
            Round::Shape { found: Found { rows, past, read_with }, common, own, centres } => {
                let (shape, shapes) = shape::learn(&panel, &rows, &own, common);
                let items = shapes.into_iter().zip(centres).map(|(shape, centre)| Item { shape, centre }).collect();
                let other = Item { shape, centre: 0.0 };
                return Break(Lessons { weights: rows.weights, read_with, common, items, other, learned: weeks, past });
            }
        };
        Continue(Self { panel, every, weeks, round })
    }
}

fn is_asked(panel: &Panel, every: u32, period: &Period) -> bool {
    panel.series[period.series as usize].shop.is_multiple_of(every)
}

/// All steps at once.
pub fn learn(panel: Panel) -> Lessons {
    let mut learning = Learning::of(panel);
    loop {
        match learning.step() {
            Continue(next) => learning = next,
            Break(lessons) => return lessons,
        }
    }
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
            spread: spread::of_series(
                &Rows::of_series(&mut periods.iter().copied().zip(before), self.learned, self.weights),
                item.centre,
                self.common,
            ),
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
