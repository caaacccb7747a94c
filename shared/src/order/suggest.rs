//! The suggestion for one shop: up to the cover that the district wants, in whole cartons, within the quota.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{self, Break, Continue};

use jiff::civil::Date;
use serde::Serialize;

use super::demand::{Demand, Learning, Lessons};
use super::festival::Pace;
use super::history::{Shelf, Shelves, Span, days_between};
use super::reason::{FestivalAhead, Quota, Reason, ReasonCode, Sold};
use crate::decimal::Dec;
use crate::facts::Visit;
use crate::ids::{RetailerId, RouteId, Sku, VisitId};
use crate::limits::{CARTONS_MAX, PLAN_AHEAD_DAYS};
use crate::reference::{Reference, Retailer};
use crate::time::{days, days_before, next_day};

/// What a district that says nothing else wants to be met, of what is asked for.
pub const TARGET_FILL: f64 = 0.95;
/// Days that an order has to last where no next visit is planned.
const COVER_DAYS: i32 = 14;
/// No shelf is filled beyond so many times what it is expected to sell until the next chance, but for one carton: where
/// counts scatter more widely than that, they are wrong sooner than demand is so wild.
const FILLED_MOST: f64 = 2.0;

/// What is known of every shop at hand before a day, and what was learned from it. What is counted on the day itself says at
/// once how much its shop has left and sells; of how demand goes in general it says nothing that can't wait a day.
pub struct Learned {
    shelves: Shelves,
    start: Date,
    lessons: Lessons,
}

impl Learned {
    /// From sales until a day, and visits of days before it.
    pub fn before(reference: &Reference, visits: &[Visit], date: Date) -> Self {
        let mut learning = BeingLearned::read(reference, visits, date);
        loop {
            match learning.step() {
                Continue(next) => learning = next,
                Break(learned) => return learned,
            }
        }
    }
}

/// The same on its way, a step at a time.
pub struct BeingLearned {
    shelves: Shelves,
    start: Date,
    learning: Learning,
}

impl BeingLearned {
    /// Of [`Learned::before`].
    pub fn read(reference: &Reference, visits: &[Visit], date: Date) -> Self {
        let shelves = Shelves::read(reference, visits, date);
        let learning = Learning::of(shelves.panel(date, Pace(&reference.festivals)));
        Self { start: shelves.start(date), shelves, learning }
    }

    pub fn step(self) -> ControlFlow<Learned, Self> {
        let Self { shelves, start, learning } = self;
        match learning.step() {
            Continue(learning) => Continue(Self { shelves, start, learning }),
            Break(lessons) => Break(Learned { shelves, start, lessons }),
        }
    }
}

/// What a suggestion is asked for.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub learned: &'a Learned,
    /// With the sales that were learned from.
    pub reference: &'a Reference,
    /// Those that were learned from.
    pub visits: &'a [Visit],
    /// Those of the day itself.
    pub today: &'a [Visit],
    pub retailer: &'a RetailerId,
    pub date: Date,
}

/// What a shop is to order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    pub retailer: RetailerId,
    pub date: Date,
    /// ISO.
    pub week: String,
    pub target_fill: f64,
    /// None: no visit is planned within what the beat plan says.
    pub next_visit: Option<Date>,
    /// By SKU; also those of which nothing is to be ordered.
    pub lines: Vec<Line>,
    pub cartons: i64,
    /// Of all lines at wholesale prices; none where it is beyond what can be written.
    pub value: Option<Dec>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub sku: Sku,
    pub name: String,
    pub cartons: i64,
    pub value: Option<Dec>,
    pub reason: Reason,
}

impl Suggestion {
    /// As an order plan: only what is to be ordered.
    pub fn order(&self) -> BTreeMap<Sku, i64> {
        self.lines.iter().filter(|line| line.cartons > 0).map(|line| (line.sku.clone(), line.cartons)).collect()
    }
}

/// The ISO week of a date, as in `allocations.csv`.
pub fn iso_week(date: Date) -> String {
    let week = date.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// What the district wants to be met.
pub fn target_fill(reference: &Reference) -> f64 {
    let wanted = reference.org.as_ref().and_then(|org| org.target_fill);
    // Reading a decimal rounds the same way everywhere.
    wanted.and_then(|fill| fill.to_string().parse().ok()).unwrap_or(TARGET_FILL)
}

/// None: the shop is not known, or closed.
pub fn suggest(question: &Question<'_>) -> Option<Suggestion> {
    let Question { reference, today, retailer, date, .. } = *question;
    let shop = reference.retailer_on(retailer.as_str(), date)?;
    let route = shop.route.as_ref()?;
    let next_visit = next_visit(reference, route, date);
    let week = iso_week(date);
    let context =
        Context { question, shop, week: &week, cover_days: next_visit.map_or(COVER_DAYS, |next| days_between(date, next)), next_visit };
    let shelves = question.learned.shelves.of_shop(retailer, today);
    let lines: Vec<Line> = shelves.iter().filter_map(|(sku, shelf)| context.line(sku, shelf)).collect();
    let cartons = lines.iter().map(|line| line.cartons).sum();
    let value = value_of(reference, lines.iter().map(|line| (&line.sku, line.cartons)));
    Some(Suggestion { retailer: retailer.clone(), date, target_fill: target_fill(reference), next_visit, lines, cartons, value, week })
}

/// The next day after one on which the beat plan has a route.
pub fn next_visit(reference: &Reference, route: &RouteId, after: Date) -> Option<Date> {
    let last = days(after, Date::MAX).nth(PLAN_AHEAD_DAYS)?;
    days(next_day(after), last).find(|day| reference.planned(route, *day))
}

/// Cartons at wholesale prices.
pub fn value_of<'a>(reference: &Reference, lines: impl Iterator<Item = (&'a Sku, i64)>) -> Option<Dec> {
    let mut sum = (0i128, 0u32);
    for (sku, cartons) in lines.filter(|(_, cartons)| *cartons != 0) {
        let (mantissa, scale) = reference.skus.get(sku)?.wholesale_price.parts();
        let places = sum.1.max(scale);
        let at = |mantissa: i128, scale: u32| mantissa.checked_mul(10i128.checked_pow(places - scale)?);
        sum = (at(sum.0, sum.1)?.checked_add(at(mantissa.checked_mul(i128::from(cartons))?, scale)?)?, places);
    }
    Dec::from_parts(i64::try_from(sum.0).ok()?, sum.1)
}

struct Context<'a> {
    question: &'a Question<'a>,
    shop: &'a Retailer,
    week: &'a str,
    cover_days: i32,
    next_visit: Option<Date>,
}

impl Context<'_> {
    /// None: a SKU that the district does not sell any more.
    fn line(&self, sku: &Sku, shelf: &Shelf) -> Option<Line> {
        let Question { reference, date, .. } = *self.question;
        let info = reference.skus.get(sku)?;
        let demand = self.demand(sku, shelf);
        let rate = demand.rate();
        let (counted, left) = self.left(sku, shelf, rate);
        let weeks = self.pace().weeks(sku, date, self.covered_until());
        let per_carton = i64::from(info.packs_per_carton.max(1));
        let ordered = self.ordered(sku, None);
        let incoming = self.ordered(sku, shelf.deliveries.last().map(|(date, _)| *date)).saturating_mul(per_carton);
        let on_hand = left.saturating_add(incoming);
        let sold = shelf.sold();
        let last = sold.last();
        let sells = sold.iter().any(|sold| sold.packs > 0) || shelf.deliveries.iter().any(|(_, packs)| *packs > 0);
        let mut code = ReasonCode::Cover;
        let mut wanted = self.cartons(&demand, weeks, on_hand, per_carton);
        if wanted == 0 {
            let keeps = on_hand == 0 && sells;
            code = if keeps { ReasonCode::KeepOnShelf } else { ReasonCode::Enough };
            wanted = i64::from(keeps);
        }
        let quota = reference.quota(self.week, self.shop.grade, sku).map(|most| Quota { cartons: most, left: (most - ordered).max(0) });
        let cartons = quota.map_or(wanted, |quota| wanted.min(quota.left));
        if cartons < wanted {
            code = ReasonCode::CutToQuota;
        }
        let reason = Reason {
            code,
            sold: last.map(|sold| Sold { packs: sold.packs, days: sold.days(), out: sold.out }),
            left,
            counted,
            incoming,
            packs_a_week: libm::round(rate * 10.0) / 10.0,
            next_visit_days: self.next_visit.map(|next| days_between(date, next)),
            cover_days: self.cover_days,
            festival: self.festival(weeks),
            quota,
            wanted,
        };
        let value = value_of(reference, std::iter::once((sku, cartons)));
        Some(Line { sku: sku.clone(), name: info.name.clone(), cartons, value, reason })
    }

    fn demand(&self, sku: &Sku, shelf: &Shelf) -> Demand {
        let Question { learned, retailer, date, .. } = *self.question;
        let span = Span { start: learned.start, today: date, pace: self.pace() };
        learned.lessons.demand(learned.shelves.series(retailer, sku), &shelf.periods(0, sku, span))
    }

    fn pace(&self) -> Pace<'_> {
        Pace(&self.question.reference.festivals)
    }

    /// The day until which an order has to last.
    fn covered_until(&self) -> Date {
        days_before(self.question.date, -self.cover_days)
    }

    /// The festival that makes the days until then differ from so many ordinary weeks.
    fn festival(&self, weeks: f64) -> Option<FestivalAhead> {
        let date = self.question.date;
        let (day, name) = self.pace().first(date, self.covered_until())?;
        let percent = libm::round((weeks * 7.0 / f64::from(self.cover_days) - 1.0) * 100.0) as i32;
        (percent != 0).then(|| FestivalAhead { name: name.to_string(), days: days_between(date, day), percent })
    }

    /// When the shelf was last counted, and what is on it now: the count, what came since, less what will have sold.
    fn left(&self, sku: &Sku, shelf: &Shelf, rate: f64) -> (Option<Date>, i64) {
        let date = self.question.date;
        let first = shelf.deliveries.last().map(|(date, packs)| (*date, (*packs).max(0)));
        let Some((day, packs)) = shelf.counts.last().copied().or(first) else { return (None, 0) };
        let sold = libm::round(rate * self.pace().weeks(sku, day, date)) as i64;
        let counted = shelf.counts.last().map(|(date, _)| *date);
        (counted, (packs + shelf.delivered(day, date) - sold).max(0))
    }

    /// Cartons of this week's other order plans, of days after a delivery or all; as staff have ruled, where they have.
    fn ordered(&self, sku: &Sku, after: Option<Date>) -> i64 {
        let Question { reference, visits, retailer, .. } = *self.question;
        let same = |visit: &&Visit| visit.retailer == *retailer && iso_week(visit.date) == self.week;
        let later = |visit: &&Visit| after.is_none_or(|after| visit.date > after);
        let cartons = |visit: &Visit| {
            let drafted = visit.order.get(sku.as_str())?;
            Some(ruled(reference, &visit.visit, sku).unwrap_or(drafted))
        };
        visits.iter().filter(same).filter(later).filter_map(cartons).sum()
    }

    /// A carton is ordered while its packs, on average, sell before the next chance with more than the chance that the
    /// district is ready to run of missing a sale.
    fn cartons(&self, demand: &Demand, weeks: f64, on_hand: i64, per_carton: i64) -> i64 {
        let risk = 1.0 - target_fill(self.question.reference);
        let most = FILLED_MOST * weeks * demand.rate();
        let cartons_most = libm::ceil((most - on_hand as f64) / per_carton as f64).clamp(0.0, CARTONS_MAX as f64) as i64;
        let on_hand = usize::try_from(on_hand).unwrap_or(usize::MAX);
        let mut chances = demand.chances(weeks).skip(on_hand);
        let mut cartons = 0;
        while cartons < cartons_most {
            let sum: f64 = chances.by_ref().take(per_carton as usize).sum();
            if sum <= risk * per_carton as f64 {
                break;
            }
            cartons += 1;
        }
        cartons
    }
}

/// What staff let stand of a line; none: they have not ruled.
fn ruled(reference: &Reference, visit: &VisitId, sku: &Sku) -> Option<i64> {
    Some(reference.order_rulings.get(visit)?.lines.get(sku)?.cartons)
}
