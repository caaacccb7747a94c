//! The negative binomial, by its mean and its size (variance = mean + mean² / size), summed from nought. `libm` alone
//! takes logarithms and powers, so that a phone and head office come to the same bits.

use libm::{erfc, exp, log, sqrt};

/// Counts up to here are summed; beyond, and where the chance of nought is below what a float holds, the normal curve of
/// the same mean and variance stands in.
const SUMMED_MAX: u32 = 600;
const LOG_LEAST: f64 = -690.0;
const LOG_CHANCE_LEAST: f64 = -27.6;

#[derive(Clone, Copy, Debug)]
pub struct NegBin {
    pub mean: f64,
    pub size: f64,
}

/// What "at least so many" says of a count.
#[derive(Clone, Copy, Debug)]
pub struct AtLeast {
    /// Of the count, given that.
    pub mean: f64,
    /// How much it says beside an exact count: 0 nothing (at least none), 1 as much.
    pub weight: f64,
}

/// The chances of one count after another.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    fails: f64,
    size: f64,
    count: f64,
    /// Of exactly `count`.
    pub here: f64,
    /// Of fewer than `count`.
    pub below: f64,
}

impl Walk {
    pub fn step(&mut self) {
        self.below += self.here;
        self.here *= (self.count + self.size) / (self.count + 1.0) * self.fails;
        self.count += 1.0;
    }
}

fn summed(up_to: u32, log_nought: f64) -> bool {
    up_to <= SUMMED_MAX && log_nought > LOG_LEAST
}

impl NegBin {
    fn log_nought(self) -> f64 {
        self.size * log(self.size / (self.size + self.mean))
    }

    pub fn variance(self) -> f64 {
        self.mean + self.mean * self.mean / self.size
    }

    /// From nought up; none where sums would be too long or too small.
    pub fn walk(self, up_to: u32) -> Option<Walk> {
        let nought = self.log_nought();
        summed(up_to, nought).then(|| Walk {
            fails: self.mean / (self.size + self.mean),
            size: self.size,
            count: 0.0,
            here: exp(nought),
            below: 0.0,
        })
    }

    fn normal_tail(self, from: f64) -> f64 {
        0.5 * erfc((from - 0.5 - self.mean) / sqrt(2.0 * self.variance()))
    }

    /// The chance of `count` or more.
    pub fn at_least(self, count: u32) -> f64 {
        match self.walk(count) {
            Some(mut walk) => {
                for _ in 0..count {
                    walk.step();
                }
                (1.0 - walk.below).max(0.0)
            }
            None => self.normal_tail(f64::from(count)),
        }
    }

    /// The log of the chance of exactly `count`, or, where the shelf was empty after it, of `count` or more.
    pub fn log_chance(self, count: u32, or_more: bool) -> f64 {
        if count == 0 {
            return if or_more { 0.0 } else { self.log_nought() };
        }
        let nought = self.log_nought();
        let chance = match or_more {
            true => self.at_least(count),
            false if !summed(count, nought) => self.normal_tail(f64::from(count)) - self.normal_tail(f64::from(count) + 1.0),
            // Learning spends most of its time here: the power of e that a walk begins with would be taken back at once.
            false => {
                let fails = self.mean / (self.size + self.mean);
                let times: f64 = (0..count).map(|k| (f64::from(k) + self.size) / (f64::from(k) + 1.0) * fails).product();
                return (nought + log(times)).max(LOG_CHANCE_LEAST);
            }
        };
        log(chance).max(LOG_CHANCE_LEAST)
    }

    /// What a stock-out after `count` says of demand.
    pub fn given_at_least(self, count: u32) -> AtLeast {
        if count == 0 {
            return AtLeast { mean: self.mean, weight: 0.0 };
        }
        let surprised = AtLeast { mean: f64::from(count) + 1.0, weight: 1.0 };
        let Some(mut walk) = self.walk(count) else {
            return AtLeast { mean: surprised.mean.max(self.mean), ..surprised };
        };
        let (mut first, mut second) = (0.0, 0.0);
        for k in 0..count {
            let k = f64::from(k);
            first += k * walk.here;
            second += k * k * walk.here;
            walk.step();
        }
        let rest = 1.0 - walk.below;
        if rest < 1e-7 {
            return surprised;
        }
        let variance = self.variance();
        let mean = (self.mean - first) / rest;
        let left = (variance + self.mean * self.mean - second) / rest - mean * mean;
        AtLeast { mean, weight: (1.0 - left / variance).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_sum_to_one_and_have_their_mean_and_variance() {
        for (mean, size) in [(0.2, 0.5), (3.0, 1.2), (40.0, 8.0)] {
            let demand = NegBin { mean, size };
            let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
            for k in 0..SUMMED_MAX {
                let chance = exp(demand.log_chance(k, false));
                sum += chance;
                first += f64::from(k) * chance;
                second += f64::from(k * k) * chance;
            }
            assert!((sum - 1.0).abs() < 1e-6 && (first - mean).abs() < 1e-4 * mean.max(1.0), "{mean} {size}: {sum} {first}");
            assert!((second - first * first - demand.variance()).abs() < 1e-3 * demand.variance(), "{mean} {size}");
        }
    }

    #[test]
    fn an_empty_shelf_that_sold_nothing_says_nothing_and_a_fuller_one_says_more() {
        let demand = NegBin { mean: 4.0, size: 1.5 };
        let said: Vec<AtLeast> = [0, 1, 4, 12].into_iter().map(|count| demand.given_at_least(count)).collect();
        assert!((said[0].mean - 4.0).abs() < 1e-12 && said[0].weight == 0.0);
        assert!(said.windows(2).all(|pair| pair[0].mean < pair[1].mean), "{said:?}");
        assert!(said[3].mean > 12.0);
    }

    #[test]
    fn the_normal_curve_takes_over_without_a_jump() {
        let demand = NegBin { mean: 580.0, size: 40.0 };
        let (summed, normal) = (demand.at_least(SUMMED_MAX), demand.at_least(SUMMED_MAX + 1));
        assert!((summed - normal).abs() < 0.03, "{summed} {normal}");
    }
}
