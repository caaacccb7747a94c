//! From the table of shops to standards.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::ids::RouteId;

use crate::cluster::{CLUSTER_SHOPS_MIN, Clustering, SEED, Tried, cluster};
use crate::regress::Regression;
use crate::spread::{Spread, ascending, mean, quantile};
use crate::{FEATURES, Features, Shop, rounded, rounded_option};

/// What one shop of its kind in five exceeds: shown to be possible by many, not the record of one.
pub const IDEAL_QUANTILE: f64 = 0.8;

/// What a quarter's shops came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// By route; written elsewhere, beside what holds today.
    #[serde(skip)]
    pub routes: Vec<RouteFit>,
    /// From the shops that order least to those that order most.
    pub clusters: Vec<Cluster>,
    /// Share of the variance of all widths that the clusters' regressions explain. None: all widths are one.
    #[serde(serialize_with = "rounded_option")]
    pub r2: Option<f64>,
    pub residuals: Spread,
    /// Every number of clusters that was tried; that with the greatest silhouette was taken.
    pub tried: Vec<Tried>,
    pub seed: u64,
    pub ideal_quantile: f64,
    /// By retailer.
    pub shops: Vec<FittedShop>,
}

/// Shops of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cluster {
    /// From 1.
    pub cluster: usize,
    pub shops: usize,
    pub centre: BTreeMap<&'static str, Rounded>,
    #[serde(serialize_with = "rounded")]
    pub mean_width: f64,
    #[serde(serialize_with = "rounded")]
    pub intercept: f64,
    /// SKUs for one more of the feature; a feature in which the cluster does not vary is null.
    pub coefficients: BTreeMap<&'static str, Option<Rounded>>,
    #[serde(serialize_with = "rounded_option")]
    pub r2: Option<f64>,
    pub residuals: Spread,
    /// The [`IDEAL_QUANTILE`] of the residuals.
    #[serde(serialize_with = "rounded")]
    pub ideal_margin: f64,
}

/// A number that is written to 4 places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounded(pub f64);

impl Serialize for Rounded {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        rounded(&self.0, s)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FittedShop {
    #[serde(flatten)]
    pub shop: Shop,
    pub cluster: usize,
    /// SKUs, from 0 to all that the district has.
    #[serde(serialize_with = "rounded")]
    pub predicted: f64,
    /// Observed less predicted.
    #[serde(serialize_with = "rounded")]
    pub residual: f64,
    /// Predicted and the cluster's margin.
    #[serde(serialize_with = "rounded")]
    pub ideal: f64,
}

/// What is proposed for a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteFit {
    pub route_id: RouteId,
    /// Of its shops, those in the fit.
    pub shops: usize,
    /// The mean of what is predicted for its shops, rounded half to even.
    pub standard: u32,
    /// The mean of their ideals, rounded likewise; never below the standard.
    pub ideal: u32,
}

/// Too few shops to say anything of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} shops have a full quarter, sales and a stock check; a fit needs at least {CLUSTER_SHOPS_MIN}")]
pub struct TooFew {
    pub found: usize,
}

/// Fits a table of shops, of which no retailer stands twice. `skus`: how many the district has. The order of the table does
/// not matter.
pub fn fit(shops: &[Shop], skus: usize) -> Result<Fit, TooFew> {
    if shops.len() < CLUSTER_SHOPS_MIN {
        return Err(TooFew { found: shops.len() });
    }
    let mut shops = shops.to_vec();
    shops.sort_by(|a, b| a.retailer_id.cmp(&b.retailer_id));
    let features: Vec<Features> = shops.iter().map(Shop::features).collect();
    let Clustering { labels, tried } = cluster(&features);
    let mut fitted: Vec<Option<FittedShop>> = vec![None; shops.len()];
    let mut clusters = Vec::new();
    for label in 0..=labels.iter().copied().max().unwrap_or(0) {
        let members: Vec<usize> = (0..shops.len()).filter(|at| labels[*at] == label).collect();
        let (cluster, found) = of_cluster(label + 1, &members, &shops, &features, skus as f64);
        clusters.push(cluster);
        members.into_iter().zip(found).for_each(|(at, shop)| fitted[at] = Some(shop));
    }
    let shops: Vec<FittedShop> = fitted.into_iter().flatten().collect();
    Ok(Fit {
        routes: routes(&shops, skus as f64),
        clusters,
        r2: r2(&shops),
        residuals: Spread::of(shops.iter().map(|shop| shop.residual)),
        tried,
        seed: SEED,
        ideal_quantile: IDEAL_QUANTILE,
        shops,
    })
}

fn of_cluster(name: usize, members: &[usize], shops: &[Shop], features: &[Features], skus: f64) -> (Cluster, Vec<FittedShop>) {
    let theirs: Vec<Features> = members.iter().map(|at| features[*at]).collect();
    let widths: Vec<f64> = members.iter().map(|at| shops[*at].width).collect();
    let regression = Regression::of(&theirs, &widths);
    let predicted: Vec<f64> = theirs.iter().map(|shop| regression.predict(shop).clamp(0.0, skus)).collect();
    let residuals: Vec<f64> = widths.iter().zip(&predicted).map(|(width, predicted)| width - predicted).collect();
    let ideal_margin = quantile(&ascending(residuals.iter().copied()), IDEAL_QUANTILE).max(0.0);
    let fitted = members.iter().zip(predicted.iter().zip(&residuals)).map(|(at, (predicted, residual))| FittedShop {
        shop: shops[*at].clone(),
        cluster: name,
        predicted: *predicted,
        residual: *residual,
        ideal: (predicted + ideal_margin).min(skus),
    });
    let fitted: Vec<FittedShop> = fitted.collect();
    let centre = |feature: usize| Rounded(mean(&theirs.iter().map(|shop| shop[feature]).collect::<Vec<_>>()));
    let cluster = Cluster {
        cluster: name,
        shops: members.len(),
        centre: FEATURES.iter().enumerate().map(|(at, feature)| (*feature, centre(at))).collect(),
        mean_width: mean(&widths),
        intercept: regression.intercept,
        coefficients: FEATURES.into_iter().zip(regression.coefficients.map(|slope| slope.map(Rounded))).collect(),
        r2: r2(&fitted),
        residuals: Spread::of(residuals.iter().copied()),
        ideal_margin,
    };
    (cluster, fitted)
}

fn r2(shops: &[FittedShop]) -> Option<f64> {
    let widths: Vec<f64> = shops.iter().map(|fitted| fitted.shop.width).collect();
    let level = mean(&widths);
    let all: f64 = widths.iter().map(|width| (width - level).powi(2)).sum();
    let left: f64 = shops.iter().map(|shop| shop.residual.powi(2)).sum();
    (all > 0.0).then(|| 1.0 - left / all)
}

fn routes(shops: &[FittedShop], skus: f64) -> Vec<RouteFit> {
    let mut by_route: BTreeMap<&RouteId, Vec<&FittedShop>> = BTreeMap::new();
    shops.iter().for_each(|fitted| by_route.entry(&fitted.shop.route_id).or_default().push(fitted));
    let whole = |values: Vec<f64>| half_to_even(mean(&values)).clamp(1.0, skus.max(1.0)) as u32;
    let route = |(route, shops): (&RouteId, Vec<&FittedShop>)| {
        let standard = whole(shops.iter().map(|shop| shop.predicted).collect());
        let ideal = whole(shops.iter().map(|shop| shop.ideal).collect()).max(standard);
        RouteFit { route_id: route.clone(), shops: shops.len(), standard, ideal }
    };
    by_route.into_iter().map(route).collect()
}

/// What is a half but for the last bits of the arithmetic is a half.
fn half_to_even(value: f64) -> f64 {
    ((value * 1e6).round() / 1e6).round_ties_even()
}
