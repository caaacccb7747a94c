//! The fit on shops made from rules that are known.

use proptest::prelude::*;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use shared::reference::Area;

use crate::{Cluster, Fit, Shop, fit};

/// How shops of a kind come about: where their features lie, and the rule for their width.
struct Kind {
    town: bool,
    grade: std::ops::Range<u8>,
    order: std::ops::Range<f64>,
    ratio: std::ops::Range<f64>,
    /// Intercept, then SKUs for one more grade, carton and month of stock.
    rule: [f64; 4],
}

/// Small country shops, middling town shops, large town shops.
const KINDS: [Kind; 3] = [
    Kind { town: false, grade: 2..8, order: 8.0..20.0, ratio: 1.6..2.4, rule: [4.0, 0.5, 0.2, 1.5] },
    Kind { town: true, grade: 11..17, order: 40.0..60.0, ratio: 0.9..1.3, rule: [9.0, 0.25, 0.1, 2.0] },
    Kind { town: true, grade: 22..28, order: 110.0..140.0, ratio: 0.3..0.6, rule: [20.0, 0.4, 0.05, -3.0] },
];
const SKUS: usize = 80;

struct Dice(Xoshiro256Plus);

impl Dice {
    fn new() -> Self {
        Self(Xoshiro256Plus::seed_from_u64(7))
    }
    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        self.0.next_u32() as f64 / (f64::from(u32::MAX) + 1.0)
    }
    fn between(&mut self, range: &std::ops::Range<f64>) -> f64 {
        range.start + (range.end - range.start) * self.share()
    }
}

impl Kind {
    fn exact(&self, grade: u8, order: f64, ratio: f64) -> f64 {
        let [intercept, by_grade, by_order, by_ratio] = self.rule;
        intercept + by_grade * f64::from(grade) + by_order * order + by_ratio * ratio
    }
}

/// `per_route` shops of each kind on each of four routes, with their kind; `noise`: by how much a width may be off.
fn shops(per_route: usize, noise: f64) -> Vec<(usize, Shop)> {
    let mut dice = Dice::new();
    let mut out = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        for nth in 0..4 * per_route {
            let grade = kind.grade.start + (dice.share() * f64::from(kind.grade.end - kind.grade.start)) as u8;
            let (monthly_order, stock_to_sales) = (dice.between(&kind.order), dice.between(&kind.ratio));
            let shop = Shop {
                retailer_id: format!("t{number}{nth:04}").parse().unwrap(),
                // Each kind has a route of its own and shares another with its neighbour.
                route_id: format!("r{}", number + nth % 2).parse().unwrap(),
                area: if kind.town { Area::Town } else { Area::Rural },
                grade,
                monthly_order,
                stock_to_sales,
                width: kind.exact(grade, monthly_order, stock_to_sales) + dice.between(&(-noise..noise)),
            };
            out.push((number, shop));
        }
    }
    out
}

fn table(shops: &[(usize, Shop)]) -> Vec<Shop> {
    shops.iter().map(|(_, shop)| shop.clone()).collect()
}

fn slopes(cluster: &Cluster) -> [Option<f64>; 4] {
    ["town", "grade", "monthly_order", "stock_to_sales"].map(|feature| cluster.coefficients[feature].map(|slope| slope.0))
}

#[test]
fn shops_made_from_a_known_rule_give_the_rule_back() {
    let made = shops(20, 0.0);
    let found = fit(&table(&made), SKUS).unwrap();
    // Clusters are named from small shops to large ones, as the kinds are listed.
    let kind_of = |fitted: &crate::FittedShop| made.iter().find(|(_, shop)| shop.retailer_id == fitted.shop.retailer_id).unwrap().0;
    assert_eq!(found.clusters.len(), 3, "{:?}", found.tried);
    assert!(found.shops.iter().all(|fitted| fitted.cluster == kind_of(fitted) + 1));
    for (kind, cluster) in KINDS.iter().zip(&found.clusters) {
        let [intercept, by_grade, by_order, by_ratio] = kind.rule;
        assert!((cluster.intercept - intercept).abs() < 1e-9, "{cluster:?}");
        let [town, grade, order, ratio] = slopes(cluster);
        assert_eq!(town, None, "no cluster has shops of both areas");
        for (found, known) in [(grade, by_grade), (order, by_order), (ratio, by_ratio)] {
            assert!((found.unwrap() - known).abs() < 1e-9, "{cluster:?}");
        }
        assert!((cluster.r2.unwrap() - 1.0).abs() < 1e-12 && cluster.ideal_margin < 1e-9);
    }
    for route in &found.routes {
        let widths: Vec<f64> = made.iter().filter(|(_, shop)| shop.route_id == route.route_id).map(|(_, shop)| shop.width).collect();
        let mean = widths.iter().sum::<f64>() / widths.len() as f64;
        assert_eq!((route.standard, route.ideal, route.shops), (mean.round() as u32, mean.round() as u32, widths.len()));
    }
}

#[test]
fn noise_widens_the_ideal_and_leaves_the_rule_within_reach() {
    let made = shops(60, 3.0);
    let found = fit(&table(&made), SKUS).unwrap();
    assert_eq!(found.clusters.len(), 3);
    for (kind, cluster) in KINDS.iter().zip(&found.clusters) {
        let [_, grade, order, ratio] = slopes(cluster);
        let [_, by_grade, by_order, by_ratio] = kind.rule;
        // Uniform noise of ±3 has a deviation of 1.73; three standard errors of 240 shops.
        for (found, known, range) in [
            (grade, by_grade, f64::from(kind.grade.end - kind.grade.start)),
            (order, by_order, kind.order.end - kind.order.start),
            (ratio, by_ratio, kind.ratio.end - kind.ratio.start),
        ] {
            let error = 3.0 * 1.73 / ((240.0_f64).sqrt() * range / 12.0_f64.sqrt());
            assert!((found.unwrap() - known).abs() < error, "{found:?} {known} {error}");
        }
        // The 0.8 quantile of that noise is 1.8.
        assert!((cluster.ideal_margin - 1.8).abs() < 0.35 && (cluster.residuals.deviation - 1.73).abs() < 0.2, "{cluster:?}");
    }
    let by_rule = |route: &str| {
        let theirs: Vec<f64> = made
            .iter()
            .filter(|(_, shop)| shop.route_id.as_str() == route)
            .map(|(kind, shop)| KINDS[*kind].exact(shop.grade, shop.monthly_order, shop.stock_to_sales))
            .collect();
        theirs.iter().sum::<f64>() / theirs.len() as f64
    };
    for route in &found.routes {
        let known = by_rule(route.route_id.as_str());
        assert!((f64::from(route.standard) - known).abs() < 1.0 && (f64::from(route.ideal) - known - 1.8).abs() < 1.3, "{route:?} {known}");
    }
}

#[test]
fn too_few_shops_are_no_table_and_few_are_one_cluster() {
    let one_kind: Vec<Shop> = table(&shops(10, 1.0)).into_iter().take(39).map(|shop| Shop { grade: 14, ..shop }).collect();
    assert_eq!(
        fit(&one_kind[..19], SKUS).unwrap_err().to_string(),
        "19 shops have a full quarter, sales and a stock check; a fit needs at least 20"
    );
    let found = fit(&one_kind, SKUS).unwrap();
    assert_eq!((found.clusters.len(), found.tried.len()), (1, 0));
    assert_eq!(slopes(&found.clusters[0])[1], None, "all have one grade");
}

#[test]
fn one_shop_far_out_moves_nobody_elses_cluster() {
    let mut made = table(&shops(20, 0.0));
    made[0].stock_to_sales = 900.0;
    let found = fit(&made, SKUS).unwrap();
    assert_eq!(found.clusters.iter().map(|cluster| cluster.shops).sum::<usize>(), 240);
    assert_eq!(found.clusters.len(), 3, "{:?}", found.tried);
    // It counts as the fence of its cluster: the slope of the stock stays what a shop's stock can say.
    let by_ratio = slopes(&found.clusters[0])[3].unwrap();
    assert!((by_ratio - KINDS[0].rule[3]).abs() < 0.6, "{by_ratio}");
    assert!(found.shops.iter().all(|shop| (0.0..=SKUS as f64).contains(&shop.predicted)));
}

#[test]
fn features_that_say_the_same_are_taken_once() {
    let mut made = table(&shops(20, 0.5));
    for shop in &mut made {
        shop.monthly_order = f64::from(shop.grade) * 2.0;
    }
    let found = fit(&made, SKUS).unwrap();
    for cluster in &found.clusters {
        let [_, grade, order, _] = slopes(cluster);
        assert!(grade.is_some() && order.is_none(), "{cluster:?}");
    }
    // All shops alike: the mean is all there is to say, and no variance to explain.
    made.iter_mut()
        .for_each(|shop| (shop.area, shop.grade, shop.monthly_order, shop.stock_to_sales, shop.width) = (Area::Town, 5, 10.0, 1.0, 17.5));
    let found = fit(&made, SKUS).unwrap();
    assert_eq!((found.clusters.len(), found.r2, slopes(&found.clusters[0])), (1, None, [None; 4]));
    // 17.5 to the even neighbour.
    assert!(found.routes.iter().all(|route| (route.standard, route.ideal) == (18, 18)));
}

fn bytes(found: &Fit) -> String {
    serde_json::to_string(found).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn the_order_of_the_table_does_not_matter(shuffled in Just(table(&shops(8, 2.0))).prop_shuffle()) {
        prop_assert_eq!(bytes(&fit(&shuffled, SKUS).unwrap()), bytes(&fit(&table(&shops(8, 2.0)), SKUS).unwrap()));
    }
}
