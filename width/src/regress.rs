//! Width by the features within one cluster: ordinary least squares.

use linfa_linalg::qr::{LeastSquaresQr, QR};
use ndarray::{Array2, Axis, concatenate};

use crate::spread::{Fences, deviation, mean};
use crate::{FEATURES, Features, UNBOUNDED};

/// What the cluster's width is a linear function of.
pub struct Regression {
    pub intercept: f64,
    /// SKUs for one more of the feature. None: the cluster's shops do not differ in it, or only together with those before.
    pub coefficients: [Option<f64>; FEATURES.len()],
    fences: [Fences; FEATURES.len()],
}

/// What a column may have left of its own, beside those before it, and still count as a copy of them.
const OWN_SHARE_MIN: f64 = 1e-6;

/// A column that takes part, of mean 0 and deviation 1.
struct Column {
    feature: usize,
    mean: f64,
    deviation: f64,
    values: Array2<f64>,
}

impl Regression {
    /// Of at least one shop.
    pub fn of(shops: &[Features], widths: &[f64]) -> Self {
        let fences = std::array::from_fn(|feature| match UNBOUNDED.contains(&feature) {
            true => Fences::of(shops.iter().map(|shop| shop[feature])),
            false => Fences::NONE,
        });
        let columns = independent(shops, &fences);
        let level = mean(widths);
        let centred = Array2::from_shape_fn((widths.len(), 1), |(row, _)| widths[row] - level);
        let slopes = match design(&columns) {
            Some(design) => {
                design.least_squares(&centred).map_or_else(|_| vec![0.0; columns.len()], |slopes| slopes.iter().copied().collect())
            }
            None => Vec::new(),
        };
        let mut regression = Self { intercept: level, coefficients: [None; FEATURES.len()], fences };
        for (column, slope) in columns.iter().zip(slopes) {
            let coefficient = slope / column.deviation;
            regression.coefficients[column.feature] = Some(coefficient);
            regression.intercept -= coefficient * column.mean;
        }
        regression
    }

    /// SKUs. A far-out feature counts as its fence, here as in the fit.
    pub fn predict(&self, shop: &Features) -> f64 {
        let terms = self.coefficients.iter().enumerate().filter_map(|(at, slope)| Some(slope.as_ref()? * self.fences[at].within(shop[at])));
        self.intercept + terms.sum::<f64>()
    }
}

/// The features in which shops differ, each with something of its own beside those before it.
fn independent(shops: &[Features], fences: &[Fences; FEATURES.len()]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for feature in 0..FEATURES.len() {
        let values: Vec<f64> = shops.iter().map(|shop| fences[feature].within(shop[feature])).collect();
        let (mean, deviation) = (mean(&values), deviation(&values));
        if deviation <= f64::EPSILON * mean.abs() {
            continue;
        }
        let values = Array2::from_shape_fn((values.len(), 1), |(row, _)| (values[row] - mean) / deviation);
        columns.push(Column { feature, mean, deviation, values });
        if !own(&columns) {
            columns.pop();
        }
    }
    columns
}

fn design(columns: &[Column]) -> Option<Array2<f64>> {
    let views: Vec<_> = columns.iter().map(|column| column.values.view()).collect();
    concatenate(Axis(1), &views).ok()
}

/// Whether the last column has something of its own: its diagonal in R is what the columns before it leave of it.
fn own(columns: &[Column]) -> bool {
    let Some(design) = design(columns) else { return false };
    let (shops, last) = (design.nrows() as f64, columns.len() - 1);
    design.qr().is_ok_and(|qr| qr.into_r()[[last, last]] > OWN_SHARE_MIN * shops.sqrt())
}
