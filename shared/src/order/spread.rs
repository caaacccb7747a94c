//! How widely demand scatters around its mean: a negative binomial's size, learned over all series, then for each item,
//! then for each series, each leaning on the one before.

use libm::{exp, sqrt};

use super::fit::Rows;
use super::panel::Panel;

/// Multipliers of a size that are weighed against each other, as logs.
pub const CHOICES: usize = 9;
const STEP: f64 = 0.4;
/// How far an item's spread is from the usual, and a series' from its item's, as standard deviations of logs.
const OF_ITEMS: f64 = 0.35;
const OF_SERIES: f64 = 0.5;
/// The size at a rate of 1 a week: where the search begins, its step and how far it may go.
pub const COMMON_FIRST: f64 = 1.284;
const COMMON_STEP: f64 = 1.284;
const COMMON_STEPS_MAX: usize = 12;
const SIZES: (f64, f64) = (0.22, 55.0);

/// The size of a week's demand at a rate, packs a week: it grows with the root of the rate, so that the variance grows faster
/// than the mean and slower than its square.
pub fn size_of(rate: f64, common: f64) -> f64 {
    (common * sqrt(rate)).clamp(SIZES.0, SIZES.1)
}

/// The choices themselves.
pub const TIMES: [f64; CHOICES] = {
    const E_TO_STEP: f64 = 1.4918246976412703;
    let mut times = [1.0; CHOICES];
    let mut off = 1;
    while off <= CHOICES / 2 {
        times[CHOICES / 2 + off] = times[CHOICES / 2 + off - 1] * E_TO_STEP;
        times[CHOICES / 2 - off] = times[CHOICES / 2 - off + 1] / E_TO_STEP;
        off += 1;
    }
    times
};

/// The log of a choice.
fn choice(index: usize) -> f64 {
    (index as f64 - (CHOICES / 2) as f64) * STEP
}

/// The chances of the choices, for one series.
pub type Chances = [f64; CHOICES];

/// The spread that explains all series best: uphill from one that was thought.
pub fn common(rows: &Rows, first: f64) -> f64 {
    let likelihood = |value: f64| rows.likelihood(|_, rate| size_of(rate, value));
    let mut best = (likelihood(first), first);
    for step in [COMMON_STEP, 1.0 / COMMON_STEP] {
        for _ in 0..COMMON_STEPS_MAX {
            let next = best.1 * step;
            let there = likelihood(next);
            if there <= best.0 {
                break;
            }
            best = (there, next);
        }
        if best.1 != first {
            break;
        }
    }
    best.1
}

/// What is known of each series' own spread, and about which log of a multiplier those of each item lie.
pub fn own(panel: &Panel, rows: &Rows, common: f64) -> (Vec<Chances>, Vec<f64>) {
    let mut series = vec![[0.0; CHOICES]; panel.series.len()];
    weigh(rows, common, |of, choice, log| series[of][choice] += log);
    let mut items = vec![[0.0; CHOICES]; panel.items as usize];
    for (of, logs) in panel.series.iter().zip(&series) {
        items[of.item as usize].iter_mut().zip(logs).for_each(|(sum, log)| *sum += log);
    }
    let centres: Vec<f64> = items.iter().map(|logs| mean(&chances(logs, 0.0, OF_ITEMS))).collect();
    let own = panel.series.iter().zip(&series).map(|(of, logs)| chances(logs, centres[of.item as usize], OF_SERIES)).collect();
    (own, centres)
}

/// What is known of the own spread of the one series that rows are of.
pub fn of_series(rows: &Rows, centre: f64, common: f64) -> Chances {
    let mut logs = [0.0; CHOICES];
    weigh(rows, common, |_, choice, log| logs[choice] += log);
    chances(&logs, centre, OF_SERIES)
}

/// How likely each choice makes each period: its series, the choice and the log.
fn weigh(rows: &Rows, common: f64, mut take: impl FnMut(usize, usize, f64)) {
    for (index, times) in TIMES.into_iter().enumerate() {
        rows.each_likelihood(|_, rate| size_of(rate, common) * times, |of, log| take(of, index, log));
    }
}

/// The multiplier that stands for all choices.
pub fn typical(chances: &Chances) -> f64 {
    exp(mean(chances))
}

fn mean(chances: &Chances) -> f64 {
    chances.iter().enumerate().map(|(index, chance)| chance * choice(index)).sum()
}

fn chances(logs: &Chances, centre: f64, width: f64) -> Chances {
    let mut out = [0.0; CHOICES];
    for (index, log) in logs.iter().enumerate() {
        let off = (choice(index) - centre) / width;
        out[index] = log - off * off / 2.0;
    }
    let most = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    out.iter_mut().for_each(|value| *value = exp(*value - most));
    let sum: f64 = out.iter().sum();
    out.iter_mut().for_each(|value| *value /= sum);
    out
}
