//! The policies: three rules of thumb over their parameters, and ours. Each says up to how many units a shelf is to be
//! filled, in whole units, and keeps at least one of everything, so that a shelf that stood empty can sell again.

use shared::order::{Panel, Period, learn};

use crate::demand::Series;
use crate::shelf::Seen;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Policy {
    /// Last week's sales × k.
    LastWeek(f64),
    /// The mean of the last 4 weeks × k.
    MeanOf4(f64),
    /// The mean of the last 8 weeks + z standard deviations of them (n − 1).
    MeanOf8(f64),
    /// `shared::order`, at a target fill.
    Roundsman(f64),
    /// No policy, since it knows what nobody can: the least that meets a share of each series' other weeks, those to come as well.
    Hindsight(f64),
}

impl Policy {
    pub fn name(self) -> &'static str {
        match self {
            Self::LastWeek(_) => "last week × k",
            Self::MeanOf4(_) => "mean of 4 weeks × k",
            Self::MeanOf8(_) => "mean of 8 + z·sd",
            Self::Roundsman(_) => "roundsman",
            Self::Hindsight(_) => "hindsight",
        }
    }

    pub fn parameter(self) -> f64 {
        match self {
            Self::LastWeek(k) | Self::MeanOf4(k) | Self::MeanOf8(k) | Self::Roundsman(k) | Self::Hindsight(k) => k,
        }
    }

    /// Up to how many units each shelf is to be filled.
    pub fn wanted(self, series: &[Series], seen: &[Seen]) -> Vec<u32> {
        match self {
            Self::LastWeek(k) => each(seen, |sold| k * mean(last(sold, 1))),
            Self::MeanOf4(k) => each(seen, |sold| k * mean(last(sold, 4))),
            Self::MeanOf8(z) => each(seen, |sold| mean(last(sold, 8)) + z * deviation(last(sold, 8))),
            Self::Roundsman(fill) => ours(series, seen, fill),
            Self::Hindsight(share) => {
                let series = series.iter().zip(seen);
                series.map(|(series, seen)| quantile(others(&series.units, seen.sold.len()), share).max(1)).collect()
            }
        }
    }
}

/// Every policy at every parameter; with hindsight, if it is asked for.
pub fn all(hindsight: bool) -> Vec<Policy> {
    let steps = |from: u32, to: u32| (from..=to).map(|quarters| f64::from(quarters) / 4.0);
    let fills = [0.65, 0.69, 0.73, 0.765, 0.80, 0.84, 0.88, 0.91, 0.935, 0.955, 0.97];
    let rules = steps(4, 20).map(Policy::LastWeek).chain(steps(4, 16).map(Policy::MeanOf4)).chain(steps(0, 16).map(Policy::MeanOf8));
    let shares = (20..40).filter(|_| hindsight).map(|fortieths| Policy::Hindsight(f64::from(fortieths) / 40.0));
    fills.into_iter().rev().map(Policy::Roundsman).chain(rules).chain(shares).collect()
}

/// Every week but one: a quantile of a few dozen numbers leans towards each of them, and so would know the week itself.
fn others(units: &[u32], week: usize) -> Vec<u32> {
    units.iter().enumerate().filter(|(other, _)| *other != week).map(|(_, units)| *units).collect()
}

fn quantile(mut sorted: Vec<u32>, share: f64) -> u32 {
    sorted.sort_unstable();
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(0)
}

fn ours(series: &[Series], seen: &[Seen], fill: f64) -> Vec<u32> {
    let panel = panel(series, seen);
    let lessons = learn(panel.clone());
    let series = panel.series.iter().zip(panel.by_series());
    series.map(|(series, periods)| lessons.demand(*series, &periods).cover(1.0, 1.0 - fill).max(1)).collect()
}

fn panel(series: &[Series], seen: &[Seen]) -> Panel {
    let count = |of: fn(&Series) -> u32| series.iter().map(of).max().map_or(0, |most| most + 1);
    let weeks = seen.first().map_or(0, |seen| seen.sold.len());
    let period = |week: usize| {
        let seen = seen.iter().enumerate();
        seen.map(move |(index, seen)| Period {
            series: index as u32,
            week: week as u32,
            weeks: 1.0,
            sold: seen.sold[week],
            out: seen.out[week],
            counted: true,
        })
    };
    Panel {
        shops: count(|series| series.store),
        items: count(|series| series.item),
        series: series.iter().map(|series| shared::order::Series { shop: series.store, item: series.item }).collect(),
        periods: (0..weeks).flat_map(period).collect(),
        now: weeks as u32,
    }
}

fn each(seen: &[Seen], rule: impl Fn(&[u32]) -> f64) -> Vec<u32> {
    seen.iter().map(|seen| ((rule(&seen.sold) - 1e-9).ceil() as u32).max(1)).collect()
}

fn last(sold: &[u32], weeks: usize) -> &[u32] {
    &sold[sold.len().saturating_sub(weeks)..]
}

fn mean(sold: &[u32]) -> f64 {
    sold.iter().map(|units| f64::from(*units)).sum::<f64>() / sold.len() as f64
}

fn deviation(sold: &[u32]) -> f64 {
    let middle = mean(sold);
    let squares: f64 = sold.iter().map(|units| (f64::from(*units) - middle).powi(2)).sum();
    (squares / (sold.len() as f64 - 1.0)).sqrt()
}
