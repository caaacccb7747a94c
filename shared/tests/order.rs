//! What is learned of demand, on demand that was made from known rules.

use shared::order::{Demand, Panel, Period, Series, learn};

const SHOPS: u32 = 12;
const ITEMS: u32 = 8;
const WEEKS: u32 = 40;

/// Packs a week that an item sells in a shop: shop × item.
fn rate(shop: u32, item: u32) -> f64 {
    (0.5 + 0.25 * f64::from(shop)) * (0.4 + 0.5 * f64::from(item))
}

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A count with this mean (Poisson, by multiplying).
    fn count(&mut self, mean: f64) -> u32 {
        let (floor, mut product, mut count) = ((-mean).exp(), self.roll(), 0);
        while product > floor {
            product *= self.roll();
            count += 1;
        }
        count
    }
}

/// Shelves of all shops and items; `stock` says how much each holds at the beginning of a week, `known` whether a series
/// was counted in a week.
fn panel(stock: impl Fn(u32, u32) -> u32, known: impl Fn(u32, u32) -> bool) -> Panel {
    let mut dice = Dice(7);
    let pairs: Vec<(u32, u32)> = (0..SHOPS).flat_map(|shop| (0..ITEMS).map(move |item| (shop, item))).collect();
    let mut periods = Vec::new();
    for week in 0..WEEKS {
        for (series, (shop, item)) in pairs.iter().enumerate() {
            let demand = dice.count(rate(*shop, *item));
            let held = stock(*shop, *item);
            if known(*shop, *item) {
                periods.push(Period {
                    series: series as u32,
                    week,
                    weeks: 1.0,
                    sold: demand.min(held),
                    out: demand >= held,
                    counted: true,
                });
            }
        }
    }
    let series = pairs.into_iter().map(|(shop, item)| Series { shop, item }).collect();
    Panel { shops: SHOPS, items: ITEMS, series, periods, now: WEEKS }
}

/// What each series is to sell, by what was learned of all.
fn known(panel: &Panel) -> Vec<Demand> {
    let lessons = learn(panel.clone());
    panel.series.iter().zip(panel.by_series()).map(|(series, periods)| lessons.demand(*series, &periods)).collect()
}

fn place(shop: u32, item: u32) -> usize {
    (shop * ITEMS + item) as usize
}

/// By how much the learned rates are off, on average over the series that `of` names.
fn off(demand: &[Demand], of: impl Fn(u32, u32) -> bool) -> f64 {
    let pairs = (0..SHOPS).flat_map(|shop| (0..ITEMS).map(move |item| (shop, item))).filter(|(shop, item)| of(*shop, *item));
    let ratios: Vec<f64> = pairs.map(|(shop, item)| demand[place(shop, item)].rate() / rate(shop, item) - 1.0).collect();
    ratios.iter().sum::<f64>() / ratios.len() as f64
}

#[test]
fn an_empty_shelf_hides_demand_and_is_not_taken_for_a_lack_of_it() {
    let short = |shop: u32, item: u32| (rate(shop, item) * 0.8).ceil() as u32;
    let panel = panel(short, |_, _| true);
    let sold: u32 = panel.periods.iter().map(|period| period.sold).sum();
    let asked: f64 = (0..SHOPS).flat_map(|shop| (0..ITEMS).map(move |item| rate(shop, item))).sum::<f64>() * f64::from(WEEKS);
    assert!(f64::from(sold) < 0.8 * asked, "the shelves are too small: {sold} of {asked}");
    let bias = off(&known(&panel), |_, _| true);
    // Most weeks end with an empty shelf, so how much more was asked for is read from the few that don't.
    assert!(bias.abs() < 0.25, "{bias}");
}

#[test]
fn a_shelf_of_which_nothing_is_known_is_judged_by_what_its_shop_and_its_item_sell_elsewhere() {
    let unknown = |shop: u32, item: u32| shop % 4 == 1 && item % 3 == 1;
    let demand = known(&panel(|_, _| 1_000, |shop, item| !unknown(shop, item)));
    for shop in (1..SHOPS).step_by(4) {
        for item in (1..ITEMS).step_by(3) {
            let (learned, real) = (demand[place(shop, item)].rate(), rate(shop, item));
            assert!((learned / real - 1.0).abs() < 0.3, "shop {shop}, item {item}: {learned} for {real}");
        }
    }
}

#[test]
fn a_surer_cover_and_a_longer_one_are_never_less_and_half_weeks_are_read_as_such() {
    let panel = panel(|_, _| 1_000, |_, _| true);
    let demand = known(&panel);
    for series in &demand {
        let cover = |weeks: f64, risk: f64| series.cover(weeks, risk);
        assert!(cover(1.0, 0.3) <= cover(1.0, 0.1) && cover(1.0, 0.1) <= cover(1.0, 0.02));
        assert!(cover(1.0, 0.1) <= cover(2.0, 0.1));
    }
    let mut halves = panel.clone();
    halves.periods.iter_mut().for_each(|period| period.weeks = 0.5);
    let twice = off(&known(&halves), |_, item| item > 2);
    assert!((twice - 1.0).abs() < 0.2, "sold in half the time, it is twice the rate: {twice}");
}

#[test]
fn nothing_known_is_nothing_learned() {
    let demand = known(&Panel::default());
    assert_eq!(demand, known(&Panel::default()));
    let alone = Panel { shops: 1, items: 1, series: vec![Series { shop: 0, item: 0 }], periods: Vec::new(), now: 0 };
    assert!(known(&alone)[0].rate().is_finite());
}

#[test]
fn of_what_is_bought_by_twos_an_odd_pack_more_sells_hardly_sooner_than_the_next() {
    let mut panel = panel(|_, _| 1_000, |_, _| true);
    panel.periods.iter_mut().for_each(|period| period.sold *= if panel.series[period.series as usize].item < 4 { 2 } else { 1 });
    let demand = known(&panel);
    // The chances of selling the 3rd and the 4th pack: of one by twos nearly the same, of another far apart.
    let falls = |item: u32| {
        let chances: Vec<f64> = demand[place(6, item)].chances(1.0).take(4).collect();
        1.0 - chances[3] / chances[2]
    };
    assert!(falls(2) < 0.1 && falls(4) > 0.15, "{} {}", falls(2), falls(4));
}

#[test]
fn what_is_thought_from_deliveries_that_come_in_lumps_makes_demand_no_wilder() {
    let counted = panel(|_, _| 1_000, |_, _| true);
    let mut lumps = counted.clone();
    // Every other item as it would be invoiced: once in four weeks, twice as much in one four as in the next.
    let odd = |period: &Period| period.series % 2 == 1;
    let (mut invoiced, rest): (Vec<Period>, Vec<Period>) = lumps.periods.into_iter().partition(odd);
    invoiced.retain(|period| period.week % 4 == 3);
    for period in &mut invoiced {
        let (shop, item) = (period.series / ITEMS, period.series % ITEMS);
        let times = if period.week % 8 == 3 { 8.0 / 3.0 } else { 16.0 / 3.0 };
        *period = Period { weeks: 4.0, sold: (rate(shop, item) * times).round() as u32, counted: false, ..*period };
    }
    lumps.periods = [rest, invoiced].concat();
    lumps.periods.sort_by_key(|period| (period.week, period.series));
    let cover = |panel: &Panel| -> u32 {
        let demand = known(panel);
        (0..panel.series.len()).map(|series| demand[series].cover(1.0, 0.05)).sum()
    };
    let (counted, lumps) = (f64::from(cover(&counted)), f64::from(cover(&lumps)));
    assert!((lumps / counted - 1.0).abs() < 0.1, "{counted} {lumps}");
}

#[test]
fn what_was_learned_yesterday_foretells_a_shelf_that_was_counted_today_and_one_that_is_new() {
    let panel = panel(|_, _| 1_000, |_, _| true);
    let lessons = learn(panel.clone());
    let (counted, of_series) = (place(6, 4), panel.by_series());
    let mut periods = of_series[counted].clone();
    let before = lessons.demand(panel.series[counted], &periods);
    periods.last_mut().unwrap().sold = 3 * periods.last().unwrap().sold + 5;
    let now = lessons.demand(panel.series[counted], &periods);
    assert!(now.rate() > 1.1 * before.rate(), "{} {}", now.rate(), before.rate());

    // In a shop that nobody knew, an item that nobody had: it is judged by what it has sold, and with the usual scatter.
    let once = Period { series: 0, week: WEEKS - 1, weeks: 1.0, sold: 7, out: false, counted: true };
    let new = lessons.demand(Series { shop: u32::MAX, item: u32::MAX }, &[once]);
    assert!((1.0..8.0).contains(&new.rate()), "{}", new.rate());
    assert!(new.cover(1.0, 0.05) > new.cover(1.0, 0.5));
}
