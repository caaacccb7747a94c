//! Shops into clusters: k-means on standardised features, k by the mean silhouette.

use linfa::DatasetBase;
use linfa::metrics::SilhouetteScore;
use linfa::traits::{Fit, Predict};
use linfa_clustering::KMeans;
use ndarray::{Array1, Array2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::Serialize;
use shared::limits;

use crate::spread::{Fences, deviation, mean};
use crate::{FEATURES, Features, UNBOUNDED, rounded_option};

/// Any number does, as long as it stays: it is printed with the fit.
pub const SEED: u64 = 20_260_701;
/// From so many shops on, a cluster can carry the five numbers of its regression.
pub const CLUSTER_SHOPS_MIN: usize = 20;
/// Kaufman and Rousseeuw: at or below it a clustering has found no structure. Then all shops are one cluster.
pub const SILHOUETTE_MIN: f64 = 0.25;

/// How well one number of clusters separates the shops.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tried {
    pub clusters: usize,
    /// Shops of the smallest.
    pub smallest: usize,
    /// None: a cluster is smaller than [`CLUSTER_SHOPS_MIN`], so this number is not taken.
    #[serde(serialize_with = "rounded_option")]
    pub silhouette: Option<f64>,
}

/// The cluster of each shop, from 0, and what was tried.
pub struct Clustering {
    pub labels: Vec<usize>,
    pub tried: Vec<Tried>,
}

/// Clusters shops, which are given in an order that is always the same.
pub fn cluster(shops: &[Features]) -> Clustering {
    let points = standardised(shops);
    let sample = sample(&points);
    let mut best: Option<(f64, Vec<usize>)> = None;
    let mut tried = Vec::new();
    let most = limits::WIDTH_CLUSTERS_MAX.min(shops.len() / CLUSTER_SHOPS_MIN);
    for clusters in 2..=most {
        let Some((labels, of_sample)) = k_means(&points, &sample, clusters) else { continue };
        let smallest = (0..clusters).map(|label| labels.iter().filter(|at| **at == label).count()).min().unwrap_or(0);
        let silhouette = if smallest < CLUSTER_SHOPS_MIN { None } else { silhouette(&sample, of_sample) };
        tried.push(Tried { clusters, smallest, silhouette });
        if let Some(value) = silhouette.filter(|value| *value > best.as_ref().map_or(SILHOUETTE_MIN, |(best, _)| *best)) {
            best = Some((value, labels));
        }
    }
    let labels = best.map_or_else(|| vec![0; shops.len()], |(_, labels)| labels);
    Clustering { labels: by_size_of_shop(shops, &labels), tried }
}

/// To mean 0 and deviation 1, far-out values on their fence; a feature in which no shop differs is 0.
fn standardised(shops: &[Features]) -> Array2<f64> {
    let mut points = Array2::zeros((shops.len(), FEATURES.len()));
    for feature in 0..FEATURES.len() {
        let fences = if UNBOUNDED.contains(&feature) { Fences::of(shops.iter().map(|shop| shop[feature])) } else { Fences::NONE };
        let column: Vec<f64> = shops.iter().map(|shop| fences.within(shop[feature])).collect();
        let (mean, deviation) = (mean(&column), deviation(&column));
        if deviation > 0.0 {
            points.column_mut(feature).assign(&Array1::from_iter(column.iter().map(|value| (value - mean) / deviation)));
        }
    }
    points
}

/// Every nth shop, where there are more than the centres and the silhouette need.
fn sample(points: &Array2<f64>) -> Array2<f64> {
    let (all, most) = (points.nrows(), limits::WIDTH_SAMPLE_SHOPS);
    let rows: Vec<usize> = if all <= most { (0..all).collect() } else { (0..most).map(|nth| nth * all / most).collect() };
    points.select(Axis(0), &rows)
}

/// The labels of all shops and of the sample. None: too few distinct shops for so many clusters.
fn k_means(points: &Array2<f64>, sample: &Array2<f64>, clusters: usize) -> Option<(Vec<usize>, Array1<usize>)> {
    let random = Xoshiro256Plus::seed_from_u64(SEED);
    let model = KMeans::params_with_rng(clusters, random).fit(&DatasetBase::from(sample.view())).ok()?;
    Some((model.predict(points).to_vec(), model.predict(sample)))
}

fn silhouette(sample: &Array2<f64>, labels: Array1<usize>) -> Option<f64> {
    let score = DatasetBase::new(sample.view(), labels).silhouette_score().ok()?;
    score.is_finite().then_some(score)
}

/// Names clusters by what their shops order, the least first: the same clusters have the same names whatever they were
/// found from.
fn by_size_of_shop(shops: &[Features], labels: &[usize]) -> Vec<usize> {
    let found = labels.iter().max().map_or(0, |most| most + 1);
    let centre = |label: usize| {
        let of = |feature: usize| {
            let values: Vec<f64> = shops.iter().zip(labels).filter(|(_, at)| **at == label).map(|(shop, _)| shop[feature]).collect();
            mean(&values)
        };
        [of(2), of(1), of(3), of(0)]
    };
    let mut order: Vec<(usize, [f64; 4])> = (0..found).map(|label| (label, centre(label))).collect();
    order.sort_by(|(_, a), (_, b)| a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|by| by.is_ne()).unwrap_or(std::cmp::Ordering::Equal));
    let mut names = vec![0; found];
    order.iter().enumerate().for_each(|(name, (label, _))| names[*label] = name);
    labels.iter().map(|label| names[*label]).collect()
}
