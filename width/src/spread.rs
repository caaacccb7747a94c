//! How values lie: quantiles, far fences, and the summary of residuals.

use serde::Serialize;

use crate::rounded;

/// The quantile of ascending values, between two of them in proportion. No values: 0.
pub fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    ascending[below] + (ascending[above] - ascending[below]) * (at - below as f64)
}

pub fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Of the whole, not of a sample.
pub fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64).sqrt()
}

/// Tukey's far fences, the quartiles and three times their distance beyond: a value outside counts as the fence, so that a
/// shop that sold one pack does not decide how all others are measured. Where the quartiles are one there is no fence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fences(f64, f64);

impl Fences {
    pub const NONE: Self = Self(f64::NEG_INFINITY, f64::INFINITY);

    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let ascending = ascending(values);
        let (lower, upper) = (quantile(&ascending, 0.25), quantile(&ascending, 0.75));
        let reach = 3.0 * (upper - lower);
        if reach > 0.0 { Self(lower - reach, upper + reach) } else { Self::NONE }
    }

    pub fn within(self, value: f64) -> f64 {
        value.clamp(self.0, self.1)
    }
}

/// Residuals at a glance, in SKUs: observed less predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    #[serde(serialize_with = "rounded")]
    pub deviation: f64,
    #[serde(serialize_with = "rounded")]
    pub least: f64,
    #[serde(serialize_with = "rounded")]
    pub lower_quartile: f64,
    #[serde(serialize_with = "rounded")]
    pub median: f64,
    #[serde(serialize_with = "rounded")]
    pub upper_quartile: f64,
    #[serde(serialize_with = "rounded")]
    pub greatest: f64,
}

impl Spread {
    pub fn of(residuals: impl Iterator<Item = f64>) -> Self {
        let sorted = ascending(residuals);
        let at = |share| quantile(&sorted, share);
        Self {
            deviation: deviation(&sorted),
            least: at(0.0),
            lower_quartile: at(0.25),
            median: at(0.5),
            upper_quartile: at(0.75),
            greatest: at(1.0),
        }
    }
}
