//! One walk through the weeks: how much each item sells in each shop, as three means that forget at different speeds, each
//! leaning on the slower one, and the slowest on what shop and item sell elsewhere; and how far each week was above or
//! below, by item, by shop and in all. Every week is described by what was known before it.

use std::ops::ControlFlow;

use libm::{exp, log};

use super::negbin::NegBin;
use super::panel::{Panel, Period, Series};
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
/// Each week's goes on from the one before.
const RAKINGS: usize = 2;

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

/// The past, described.
pub struct Described {
    /// Of each of [`Panel::periods`]: what was known before its week.
    pub periods: Vec<Traits>,
    pub past: Past,
}

/// What each week was like for everybody: with it, a series can be described by its own periods alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    weeks: Vec<Week>,
    now: Rates,
}

#[derive(Clone, Debug, PartialEq)]
struct Week {
    /// Before it.
    rates: Rates,
    /// How far it was above or below, as what stock-outs hid is read with, and as it turned out to be.
    read_with: Swings,
    swings: Swings,
}

/// Packs a week: `by_shop × by_item` where nothing else is known.
#[derive(Clone, Debug, PartialEq)]
struct Rates {
    by_shop: Vec<f64>,
    by_item: Vec<f64>,
    /// Of an item of which nothing is known, in a shop of which nothing is.
    usual: f64,
}

impl Rates {
    fn elsewhere(&self, series: Series) -> f64 {
        let shop = self.by_shop.get(series.shop as usize).unwrap_or(&1.0);
        (shop * self.by_item.get(series.item as usize).unwrap_or(&self.usual)).max(RATE_LEAST)
    }
}

/// Logs of factors; 0 is as ever.
#[derive(Clone, Debug, PartialEq)]
struct Swings {
    items: Vec<f64>,
    shops: Vec<f64>,
    all: f64,
}

impl Swings {
    fn none(panel: &Panel) -> Self {
        Self { items: vec![0.0; panel.items as usize], shops: vec![0.0; panel.shops as usize], all: 0.0 }
    }
    fn factors(&self) -> Self {
        let of = |logs: &[f64]| logs.iter().map(|log| exp(*log)).collect();
        Self { items: of(&self.items), shops: of(&self.shops), all: exp(self.all) }
    }
    fn item(&self, series: Series) -> f64 {
        self.items.get(series.item as usize).copied().unwrap_or_default()
    }
    fn shop(&self, series: Series) -> f64 {
        self.shops.get(series.shop as usize).copied().unwrap_or_default()
    }
}

/// What one series sold, by three speeds of forgetting.
#[derive(Clone, Copy, Default)]
struct Means {
    slow: Evidence,
    middle: Evidence,
    fast: Evidence,
}

impl Means {
    fn fade(&mut self) {
        for (mean, speed) in [(&mut self.slow, SLOW), (&mut self.middle, MIDDLE), (&mut self.fast, FAST)] {
            mean.fade(&speed);
        }
    }
    fn add(&mut self, seen: Evidence) {
        [&mut self.slow, &mut self.middle, &mut self.fast].into_iter().for_each(|mean| mean.add(seen));
    }
}

impl Past {
    /// A series before a week; the week after the last one is now.
    fn traits(&self, week: usize, series: Series, means: &Means) -> Traits {
        let rates = self.weeks.get(week).map_or(&self.now, |week| &week.rates);
        let elsewhere = rates.elsewhere(series);
        let slow = means.slow.rate(elsewhere, SLOW.leans);
        let middle = means.middle.rate(slow, MIDDLE.leans);
        let fast = means.fast.rate(middle, FAST.leans);
        let ago =
            |weeks: usize, of: fn(&Swings, Series) -> f64| week.checked_sub(weeks).map_or(0.0, |week| of(&self.weeks[week].swings, series));
        [
            1.0,
            log(slow),
            log(middle / slow),
            log(fast / middle),
            log(elsewhere / slow),
            ago(1, Swings::item),
            ago(2, Swings::item),
            (ago(3, Swings::item) + ago(4, Swings::item)) / 2.0,
            ago(1, Swings::shop),
            (ago(2, Swings::shop) + ago(3, Swings::shop)) / 2.0,
            ago(1, |swings, _| swings.all),
            ago(2, |swings, _| swings.all),
        ]
    }

    /// A series before each of its periods, which are by week, and now. Of a shop or an item that was not there, what is
    /// usual is thought.
    pub fn describe(&self, series: Series, periods: &[Period], spread: f64) -> (Vec<Traits>, Traits) {
        let (mut means, mut rest) = (Means::default(), periods);
        let mut out = Vec::with_capacity(periods.len());
        for (number, week) in self.weeks.iter().enumerate() {
            let these = rest.iter().take_while(|period| period.week as usize <= number).count();
            let (these, others) = rest.split_at(these);
            rest = others;
            let traits = (!these.is_empty()).then(|| self.traits(number, series, &means));
            means.fade();
            for (period, traits) in these.iter().zip(traits.iter().cycle()) {
                out.push(*traits);
                let rate = usual(traits) * exp(week.read_with.item(series) + week.read_with.shop(series));
                means.add(period.evidence(rate, spread));
            }
        }
        (out, self.traits(self.weeks.len(), series, &means))
    }
}

/// Packs a week by the means that are slow to forget.
fn usual(traits: &Traits) -> f64 {
    exp(traits[1] + traits[2])
}

/// The walk through the weeks, as far as it has come.
pub struct Walk {
    means: Vec<Means>,
    periods: Vec<Traits>,
    past: Past,
    /// With which stock-outs are read.
    spread: f64,
}

/// What was seen of each, and what its rates had led to expect.
#[derive(Clone, Copy, Default)]
struct Swing {
    seen: f64,
    expected: f64,
}

impl Swing {
    fn log(self, doubt: f64) -> f64 {
        log(((self.seen + doubt) / (self.expected + doubt)).max(0.01))
    }
}

impl Walk {
    pub fn new(panel: &Panel, spread: f64) -> Self {
        let now = Rates { by_shop: vec![1.0; panel.shops as usize], by_item: vec![1.0; panel.items as usize], usual: 1.0 };
        let past = Past { weeks: Vec::with_capacity(panel.now as usize), now };
        let periods = Vec::with_capacity(panel.periods.len());
        Self { means: vec![Means::default(); panel.series.len()], periods, past, spread }
    }

    /// Goes on by some weeks of the same panel; everything, if that came to now.
    pub fn go(mut self, panel: &Panel, weeks: usize) -> ControlFlow<Described, Self> {
        for _ in 0..weeks {
            let (number, before) = (self.past.weeks.len(), self.periods.len());
            self.rake(panel);
            if number == panel.now as usize {
                return ControlFlow::Break(Described { periods: self.periods, past: self.past });
            }
            let week = panel.of_week(number as u32, before);
            for period in week {
                let of = period.series as usize;
                self.periods.push(self.past.traits(number, panel.series[of], &self.means[of]));
            }
            self.live(panel, week, before);
        }
        ControlFlow::Continue(self)
    }

    /// Shop and item effects that together explain what sold where (iterative proportional fitting).
    fn rake(&mut self, panel: &Panel) {
        let Rates { by_shop, by_item, usual } = &mut self.past.now;
        let (mut shops, mut items) = (vec![0.0; by_shop.len()], vec![0.0; by_item.len()]);
        let mut all = Evidence::default();
        let known = || panel.series.iter().zip(self.means.iter().map(|means| means.slow));
        for (series, seen) in known() {
            shops[series.shop as usize] += seen.packs;
            items[series.item as usize] += seen.packs;
            all.add(seen);
        }
        *usual = (all.packs / all.weeks.max(1e-9)).max(0.01);
        for _ in 0..RAKINGS {
            let mut weeks = vec![0.5 / *usual; items.len()];
            for (series, seen) in known() {
                weeks[series.item as usize] += by_shop[series.shop as usize] * seen.weeks;
            }
            for ((rate, packs), weeks) in by_item.iter_mut().zip(&items).zip(&weeks) {
                *rate = (packs + 0.5) / weeks;
            }
            let mut weeks = vec![0.5; shops.len()];
            for (series, seen) in known() {
                weeks[series.shop as usize] += by_item[series.item as usize] * seen.weeks;
            }
            for ((rate, packs), weeks) in by_shop.iter_mut().zip(&shops).zip(&weeks) {
                *rate = (packs + 0.5) / weeks;
            }
        }
    }

    /// Takes in a week, of whose periods is described what was known before: its swings first, since they say what an empty
    /// shelf hid.
    fn live(&mut self, panel: &Panel, week: &[Period], before: usize) {
        let mut seen = vec![Evidence::default(); week.len()];
        let usual: Vec<f64> = self.periods[before..].iter().map(usual).collect();
        let (mut swings, mut read_with) = (Swings::none(panel), Swings::none(panel));
        for _ in 0..2 {
            let (mut items, mut shops) = (vec![Swing::default(); swings.items.len()], vec![Swing::default(); swings.shops.len()]);
            let (mut all, factors) = (Swing::default(), swings.factors());
            for ((period, seen), usual) in week.iter().zip(&mut seen).zip(&usual) {
                let of = panel.series[period.series as usize];
                let (item, shop) = (factors.item(of), factors.shop(of));
                *seen = period.evidence(usual * item * shop, self.spread);
                // What nothing was known of can't have been above or below it.
                if self.means[period.series as usize].slow.weeks == 0.0 {
                    continue;
                }
                let expected = usual * seen.weeks;
                items[of.item as usize].take(seen.packs, expected * shop);
                shops[of.shop as usize].take(seen.packs, expected * item);
                all.take(seen.packs, expected);
            }
            let logs = |swings: Vec<Swing>, doubt: f64| swings.into_iter().map(|swing| swing.log(doubt)).collect();
            let found = Swings { items: logs(items, ITEM_DOUBT), shops: logs(shops, SHOP_DOUBT), all: all.log(SHOP_DOUBT) };
            read_with = std::mem::replace(&mut swings, found);
        }
        self.past.weeks.push(Week { rates: self.past.now.clone(), read_with, swings });
        self.means.iter_mut().for_each(Means::fade);
        for (period, seen) in week.iter().zip(seen) {
            self.means[period.series as usize].add(seen);
        }
    }
}

impl Swing {
    fn take(&mut self, seen: f64, expected: f64) {
        self.seen += seen;
        self.expected += expected;
    }
}

impl Period {
    /// What a period says of a rate that was thought to be `rate`. After a stock-out that is more packs than were sold,
    /// in fewer weeks than it took: where the shelf stood empty all the time, nothing.
    fn evidence(&self, rate: f64, spread: f64) -> Evidence {
        if !self.out {
            return Evidence { packs: f64::from(self.sold), weeks: self.weeks };
        }
        let demand = NegBin { mean: rate * self.weeks, size: size_of(rate, spread) * self.weeks };
        let said = demand.given_at_least(self.sold);
        Evidence { packs: said.mean - (1.0 - said.weight) * demand.mean, weeks: said.weight * self.weeks }
    }
}
