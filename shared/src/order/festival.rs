//! Festivals: the weeks before one sell as much as several ordinary weeks, the week after it less than one. How much is
//! measured the last time that there was one, over the whole district; from then on time is counted in ordinary weeks, so that
//! what sold before a festival makes no shop look as if it sold so for ever, and an order that has to last over one is larger.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::Serialize;

use super::history::days_between;
use crate::ids::{RouteId, Sku};
use crate::limits::{FESTIVAL_PERCENT_LEAST, FESTIVAL_PERCENT_MOST};
use crate::reference::{Festival, SalesBlock};
use crate::time::days_before;

/// The weeks around a festival that differ: week 0 begins on its day, week -1 ends before it.
pub const FESTIVAL_WEEKS: RangeInclusive<i8> = -3..=1;
/// The weeks that tell what is ordinary.
const ORDINARY_WEEKS: RangeInclusive<i8> = -11..=-4;
/// So many of them have to be known.
const ORDINARY_LEAST: usize = 4;
/// Packs in ordinary weeks as many as which a SKU is believed more than the district as a whole.
const DOUBT: f64 = 60.0;

/// Time, counted in ordinary weeks.
#[derive(Clone, Copy)]
pub struct Pace<'a>(pub &'a BTreeMap<Date, Festival>);

impl<'a> Pace<'a> {
    /// How many ordinary weeks of a SKU's demand the days after one day, until another, are.
    pub fn weeks(self, sku: &Sku, after: Date, until: Date) -> f64 {
        let mut weeks = f64::from(days_between(after, until).max(0)) / 7.0;
        for (date, festival) in self.around(after, until) {
            for (week, percent) in festival.of(sku) {
                let days = days_of(after, until, week_of(date, week));
                weeks += f64::from(days) / 7.0 * (f64::from(percent) / 100.0 - 1.0);
            }
        }
        weeks
    }

    /// The first festival whose weeks touch the days after one day, until another.
    pub fn first(self, after: Date, until: Date) -> Option<(Date, &'a str)> {
        self.around(after, until).next().map(|(date, festival)| (date, festival.name.as_str()))
    }

    fn around(self, after: Date, until: Date) -> impl Iterator<Item = (Date, &'a Festival)> {
        let days = |weeks: &i8| 7 * i32::from(*weeks);
        // A festival's weeks begin so many days before it, and the last one ends on its seventh day.
        let (from, to) = (days_before(after, days(FESTIVAL_WEEKS.end()) + 5), days_before(until, days(FESTIVAL_WEEKS.start())));
        self.0.range(from..=to).map(|(date, festival)| (*date, festival))
    }
}

/// The day before a week around a festival, and its last day.
fn week_of(festival: Date, week: i8) -> (Date, Date) {
    let after = days_before(festival, 1 - 7 * i32::from(week));
    (after, days_before(after, -7))
}

/// How many days two stretches have in common, each from the day after its first to its last.
fn days_of(after: Date, until: Date, (from, to): (Date, Date)) -> i32 {
    days_between(after.max(from), until.min(to)).max(0)
}

/// What was delivered around a festival, and before it, in the whole district. What shops were counted to have sold would be
/// nearer to demand, but is known of fewer shops, and at the ends of what is known it can't be told from what they still have.
pub struct FestivalSales {
    date: Date,
    /// The first and the last day of which anything is known.
    known: Option<(Date, Date)>,
    skus: BTreeMap<Sku, Packs>,
}

/// Of one SKU, or of all, in each of [`ORDINARY_WEEKS`] and [`FESTIVAL_WEEKS`].
#[derive(Clone, Copy, Default)]
struct Packs {
    ordinary: [f64; 8],
    weeks: [f64; 5],
}

/// Packs of one SKU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Around {
    /// In the mean of the ordinary weeks of which anything is known.
    pub ordinary: f64,
    /// In each of [`FESTIVAL_WEEKS`].
    pub weeks: [f64; 5],
}

impl FestivalSales {
    pub fn before(date: Date) -> Self {
        Self { date, known: None, skus: BTreeMap::new() }
    }

    /// The first and the last day of the sales that are asked for: a week more on each side, since nobody delivers on all days,
    /// and a week is known where something is known beyond it.
    pub fn days(date: Date) -> (Date, Date) {
        let (from, to) = (week_of(date, *ORDINARY_WEEKS.start()).0, week_of(date, *FESTIVAL_WEEKS.end()).1);
        (days_before(from, 6), days_before(to, -7))
    }

    /// Takes sales in, each of them once; those of other days do not matter.
    pub fn add(&mut self, sales: &BTreeMap<(Date, RouteId), SalesBlock>) {
        for ((date, _), block) in sales {
            let (first, last) = self.known.unwrap_or((*date, *date));
            self.known = Some((first.min(*date), last.max(*date)));
            let week = days_between(self.date, *date).div_euclid(7);
            for row in &block.rows {
                let packs = self.skus.entry(block.skus[usize::from(row.sku)].clone()).or_default();
                if let Some(of_week) = packs.week(week) {
                    *of_week += row.packs as f64;
                }
            }
        }
    }

    /// What was delivered in all, and by SKU. None: too little is known of ordinary weeks.
    pub fn measured(&self) -> Option<(Around, BTreeMap<Sku, Around>)> {
        let mut all = Packs::default();
        for packs in self.skus.values() {
            all.ordinary.iter_mut().zip(packs.ordinary).for_each(|(sum, packs)| *sum += packs);
            all.weeks.iter_mut().zip(packs.weeks).for_each(|(sum, packs)| *sum += packs);
        }
        let ordinary: Vec<usize> = ORDINARY_WEEKS.zip(0..).filter(|(week, _)| self.knows(*week)).map(|(_, at)| at).collect();
        let known = ordinary.len();
        let sum = |packs: &Packs| ordinary.iter().map(|at| packs.ordinary[*at]).sum::<f64>();
        let weeks = |packs: &Packs| {
            let mut weeks = packs.weeks;
            weeks.iter_mut().zip(FESTIVAL_WEEKS).filter(|(_, week)| !self.knows(*week)).for_each(|(packs, _)| *packs = 0.0);
            weeks
        };
        let mean = |packs: &Packs| Around { ordinary: sum(packs) / known as f64, weeks: weeks(packs) };
        let skus = self.skus.iter().map(|(sku, packs)| (sku.clone(), mean(packs)));
        (known >= ORDINARY_LEAST && sum(&all) > 0.0).then(|| (mean(&all), skus.collect()))
    }

    /// Whether the days of a week are among those of which anything is known.
    fn knows(&self, week: i8) -> bool {
        let (after, end) = week_of(self.date, week);
        self.known.is_some_and(|(first, last)| first <= days_before(after, -1) && end <= last)
    }
}

/// What a festival does by what was measured, each SKU leaning on the district as a whole. A week of which nothing is known
/// is ordinary. None: that is so of all of them.
pub fn festival(name: &str, all: &Around, skus: &BTreeMap<Sku, Around>) -> Option<Festival> {
    let of = |around: &Around| -> BTreeMap<i8, u32> {
        let percent = |(week, at): (i8, usize)| {
            let usual = all.weeks[at] / all.ordinary;
            let factor = (around.weeks[at] + DOUBT * usual) / (around.ordinary + DOUBT);
            let percent = libm::round(factor * 100.0).clamp(FESTIVAL_PERCENT_LEAST.into(), FESTIVAL_PERCENT_MOST.into());
            (week, percent as u32)
        };
        FESTIVAL_WEEKS.zip(0..).filter(|(_, at)| all.weeks[*at] > 0.0).map(percent).collect()
    };
    // A SKU that did not sell in ordinary weeks says nothing of its own.
    let own = skus.iter().filter(|(_, around)| around.ordinary > 0.0).map(|(sku, around)| (sku.clone(), of(around)));
    let known = all.weeks.iter().any(|packs| *packs > 0.0);
    known.then(|| Festival { name: name.to_string(), all: of(all), skus: own.collect() })
}

impl Packs {
    fn week(&mut self, week: i32) -> Option<&mut f64> {
        let place = |weeks: RangeInclusive<i8>| usize::try_from(week - i32::from(*weeks.start())).ok();
        let festival = place(FESTIVAL_WEEKS).and_then(|at| self.weeks.get_mut(at));
        festival.or_else(|| place(ORDINARY_WEEKS).and_then(|at| self.ordinary.get_mut(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::SalesRow;
    use jiff::civil::date;

    const LAST: Date = date(2026, 2, 17);
    const NEXT: Date = date(2027, 2, 6);

    fn days_after(date: Date, days: i32) -> Date {
        days_before(date, -days)
    }

    /// Twenty shops take ten packs a week, but around a festival.
    fn sales() -> BTreeMap<(Date, RouteId), SalesBlock> {
        let packs = |week: i8| match week {
            -2 => 15,
            -1 => 30,
            0 => 5,
            _ => 10,
        };
        let shops = (0..20).map(|shop| format!("n{shop:05}").parse().unwrap()).collect::<Vec<_>>();
        let of_week = |week: i8| {
            let rows = (0..20).map(|retailer| SalesRow { retailer, sku: 0, packs: packs(week), value: 0 });
            let block = SalesBlock { retailers: shops.clone(), skus: vec![sku()], rows: rows.collect(), scale: 0 };
            ((week_of(LAST, week).1, "r001".parse().unwrap()), block)
        };
        (-11..=1).map(of_week).collect()
    }

    fn sku() -> Sku {
        "s001".parse().unwrap()
    }

    #[test]
    fn what_a_festival_did_is_found_again_and_does_it_again() {
        let mut measured = FestivalSales::before(LAST);
        measured.add(&sales());
        let (all, skus) = measured.measured().unwrap();
        assert_eq!((all.ordinary, all.weeks), (200.0, [200.0, 300.0, 600.0, 100.0, 200.0]));
        let festival = festival("春节", &all, &skus).unwrap();
        assert_eq!(festival.of(&sku()).collect::<Vec<_>>(), [(-3, 100), (-2, 150), (-1, 300), (0, 50), (1, 100)]);
        let other: Sku = "s999".parse().unwrap();
        assert!(festival.of(&other).eq(festival.of(&sku())), "what was not sold then does as the district did");

        let festivals = BTreeMap::from([(NEXT, festival)]);
        let pace = Pace(&festivals);
        let weeks = |from: i32, to: i32| pace.weeks(&sku(), days_after(NEXT, from), days_after(NEXT, to));
        assert_eq!(weeks(-60, -46), 2.0);
        assert_eq!(weeks(-15, -1), 1.5 + 3.0);
        assert_eq!(weeks(-8, 6), 3.0 + 0.5);
        assert_eq!(weeks(30, 30), 0.0);
        assert_eq!(pace.first(days_after(NEXT, -30), days_after(NEXT, -23)), None);
        assert_eq!(pace.first(days_after(NEXT, -23), days_after(NEXT, -21)), Some((NEXT, "春节")));
        assert_eq!(pace.first(days_after(NEXT, 12), days_after(NEXT, 20)), Some((NEXT, "春节")));
        assert_eq!(pace.first(days_after(NEXT, 13), days_after(NEXT, 20)), None);
    }

    #[test]
    fn days_without_a_festival_are_weeks_of_seven() {
        let none = BTreeMap::new();
        assert_eq!(Pace(&none).weeks(&sku(), LAST, days_after(LAST, 11)), 11.0 / 7.0);
    }

    #[test]
    fn of_a_district_that_has_no_sales_from_before_nothing_is_said() {
        let mut measured = FestivalSales::before(LAST);
        assert!(measured.measured().is_none());
        measured.add(&sales().into_iter().filter(|((date, _), _)| *date >= days_before(LAST, 40)).collect());
        assert!(measured.measured().is_none());
    }

    #[test]
    fn weeks_that_end_on_a_day_without_deliveries_are_known() {
        let monday = date(2026, 2, 16);
        let (first, last) = FestivalSales::days(monday);
        let (_, block) = sales().pop_first().unwrap();
        let fridays = crate::time::days(first, last).filter(|day| day.weekday() == jiff::civil::Weekday::Friday);
        let mut measured = FestivalSales::before(monday);
        measured.add(&fridays.map(|day| ((day, "r001".parse().unwrap()), block.clone())).collect());
        let (all, skus) = measured.measured().unwrap();
        let festival = festival("春节", &all, &skus).unwrap();
        assert_eq!(festival.of(&sku()).collect::<Vec<_>>(), FESTIVAL_WEEKS.map(|week| (week, 100)).collect::<Vec<_>>());
    }

    #[test]
    fn a_week_of_which_nothing_is_known_is_ordinary() {
        let mut measured = FestivalSales::before(LAST);
        measured.add(&sales().into_iter().filter(|((date, _), _)| *date < LAST).collect());
        let (all, skus) = measured.measured().unwrap();
        let festival = festival("春节", &all, &skus).unwrap();
        assert_eq!(festival.of(&sku()).collect::<Vec<_>>(), [(-3, 100), (-2, 150), (-1, 300)]);
    }
}
