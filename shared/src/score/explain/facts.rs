//! The facts that an indicator rests on: import rows by their key, visits with device, person and change.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::decimal::Dec;
use crate::facts::flags::{Flag, FlagSet, Flagged};
use crate::ids::{ChangeHash, DeviceId, IndicatorId, PersonId, RetailerId, RouteId, Sku, VisitId};
use crate::scheme::{Formula, Indicator, Measure, VolumeFilter};
use crate::score::measures::{Counted, Shop};
use crate::score::period::{Period, Sale};

/// One fact. `row` is the key of an import row, as `sales/2026-07-06/t00001/6901028090063`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A plan of the person, as it was imported.
    Target { row: String, item: Option<Sku>, plan: Dec },
    /// A sale credited to the person, as owner of the shop's route on the day.
    Sale { row: String, route: RouteId, packs: i64, packs_per_carton: u32, value: Dec },
    /// A planned stop, and every visit to the shop on the day.
    Stop { row: String, date: Date, route: RouteId, retailer: RetailerId, visited: bool, visits: Vec<VisitFact> },
    /// A credited shop with its width.
    Shop { retailer: RetailerId, route: RouteId, width: u64, standard: u32, reached: bool },
    /// A SKU of a credited shop that was counted in its latest stock check or invoiced in the period.
    /// `counted`: none where the check omits it, or there is none, which is 0 packs.
    Held { retailer: RetailerId, sku: Sku, held: bool, counted: Option<i64>, visit: Option<VisitId>, invoiced: i64, rows: Vec<HeldRow> },
    /// The latest stock check of a credited shop.
    StockCheck { retailer: RetailerId, visit: VisitFact },
    /// A later stock check of the shop that does not count, by its flags.
    PassedOver { retailer: RetailerId, visit: VisitFact },
    /// A part of a plan taken over from, or by, a colleague; `by`: who of staff confirmed it.
    Transfer { row: String, item: Option<Sku>, amount: Dec, with: PersonId, by: String },
    /// Points that staff gave or took.
    Event { row: String, date: Date, points: Dec, retailer: Option<RetailerId>, note: String },
    /// What staff ruled on a dispute, beyond the formula.
    Ruling { row: String, revision: u32, points: Dec, note: String, by: String, approved_by: String },
}

/// An import row of a holding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRow {
    pub row: String,
    pub packs: i64,
}

/// A visit as evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitFact {
    pub visit: VisitId,
    pub person: PersonId,
    pub device: DeviceId,
    /// The change that made the check-in.
    pub change: ChangeHash,
    pub route: RouteId,
    pub date: Date,
    /// Milliseconds since 1970.
    pub in_ms: i64,
    pub out_ms: Option<i64>,
    pub flags: FlagSet,
    pub effective: bool,
}

impl VisitFact {
    fn of(flagged: &Flagged<'_>) -> Self {
        let visit = flagged.visit;
        Self {
            visit: visit.visit,
            person: visit.person.clone(),
            device: visit.device.clone(),
            change: visit.change,
            route: visit.route.clone(),
            date: visit.date,
            in_ms: visit.in_ms,
            out_ms: visit.out_ms,
            flags: flagged.flags,
            effective: flagged.effective,
        }
    }
}

/// All facts of an indicator, its plans first.
pub(super) fn facts(period: &Period<'_>, person: &PersonId, counted: &Counted<'_>, indicator: &Indicator) -> Vec<Fact> {
    let mut out = targets(period, person, &indicator.id);
    match &indicator.formula {
        Formula::Ratio { measure: Measure::Volume(filter), .. } => out.extend(sales(period, person, filter)),
        Formula::Ratio { measure: Measure::ValuePerCarton, .. } => out.extend(sales(period, person, &VolumeFilter::default())),
        Formula::Ratio { measure: Measure::WidthCompliance, .. } => out.extend(widths(period, counted)),
        Formula::Ratio { measure: Measure::VisitCompletion, .. } => out.extend(stops(period, person)),
        Formula::PerItem { .. } => out.extend(outlets(period, person, counted, &indicator.id)),
        Formula::Events { .. } => out.extend(events(period, person, &indicator.id)),
    }
    out.extend(rulings(period, person, &indicator.id));
    out
}

/// Whether a formula counts what was found on visits.
pub(super) fn rests_on_visits(formula: &Formula) -> bool {
    matches!(formula, Formula::PerItem { .. } | Formula::Ratio { measure: Measure::WidthCompliance | Measure::VisitCompletion, .. })
}

fn rulings(period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) -> Vec<Fact> {
    let rulings = period.rulings_of(person, indicator).map(|(id, dispute, ruling)| Fact::Ruling {
        row: format!("disputes/{id}"),
        revision: dispute.revision,
        points: ruling.points,
        note: ruling.text.clone(),
        by: ruling.by.clone(),
        approved_by: ruling.approved_by.clone(),
    });
    rulings.collect()
}

fn targets(period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) -> Vec<Fact> {
    let theirs = period.imported_targets_of(person).iter().filter(|target| target.indicator == *indicator);
    let fact = |target: &crate::reference::Target| {
        let item = target.item.as_ref().map_or("", Sku::as_str);
        let row = format!("targets/{}/{person}/{indicator}/{item}", period.month);
        Fact::Target { row, item: target.item.clone(), plan: target.plan }
    };
    let moved = period.reference.transfers_of(person, period.month).filter(|(_, transfer, _)| transfer.indicator == *indicator);
    let moved = moved.map(|(id, transfer, comes)| Fact::Transfer {
        row: format!("transfers/{id}"),
        item: transfer.item.clone(),
        amount: if comes { transfer.amount } else { transfer.amount.negated() },
        with: if comes { transfer.from.clone() } else { transfer.to.clone() },
        by: transfer.closed.as_ref().map(|closing| closing.by.clone()).unwrap_or_default(),
    });
    theirs.map(fact).chain(moved).collect()
}

fn sale_row(sale: &Sale<'_>) -> String {
    format!("sales/{}/{}/{}", sale.date, sale.retailer, sale.sku)
}

fn sales(period: &Period<'_>, person: &PersonId, filter: &VolumeFilter) -> Vec<Fact> {
    let mut sales: Vec<(Sale<'_>, u32)> = period
        .sales_of(person)
        .filter_map(|sale| {
            let info = period.skus.ascending[sale.index?].1;
            filter.passes(info).then_some((sale, info.packs_per_carton))
        })
        .collect();
    sales.sort_by_key(|(sale, _)| (sale.date, sale.retailer, sale.sku));
    let fact = |(sale, packs_per_carton): (Sale<'_>, u32)| Fact::Sale {
        row: sale_row(&sale),
        route: sale.route.clone(),
        packs: sale.packs,
        packs_per_carton,
        value: Dec::from_parts(sale.value, sale.scale).unwrap_or_default(),
    };
    sales.into_iter().map(fact).collect()
}

fn stops(period: &Period<'_>, person: &PersonId) -> Vec<Fact> {
    let mut stops: Vec<_> = period.stops_of(person, period.cut).collect();
    stops.sort_by_key(|stop| (stop.date, stop.route, stop.retailer));
    let fact = |stop: crate::score::period::Stop<'_>| {
        let visits = period.visits_to(stop.retailer, stop.date);
        Fact::Stop {
            row: format!("calendar/{}/{}", stop.date, stop.route),
            date: stop.date,
            route: stop.route.clone(),
            retailer: stop.retailer.clone(),
            visited: visits.iter().any(|visit| visit.effective),
            visits: visits.iter().map(VisitFact::of).collect(),
        }
    };
    stops.into_iter().map(fact).collect()
}

fn widths(period: &Period<'_>, counted: &Counted<'_>) -> Vec<Fact> {
    let judged: Vec<_> =
        counted.shops.iter().filter_map(|shop| Some((shop, period.reference.width_standards.get(shop.route)?.standard))).collect();
    let fact = |(shop, standard): &(&Shop<'_>, u32)| {
        let width = shop.width();
        let (retailer, route) = (shop.retailer.clone(), shop.route.clone());
        Fact::Shop { retailer, route, width, standard: *standard, reached: width >= u64::from(*standard) }
    };
    let mut out: Vec<Fact> = judged.iter().map(fact).collect();
    let shops: Vec<&Shop<'_>> = judged.into_iter().map(|(shop, _)| shop).collect();
    out.extend(holdings(period, &shops, |_| true));
    out
}

fn outlets(period: &Period<'_>, person: &PersonId, counted: &Counted<'_>, indicator: &IndicatorId) -> Vec<Fact> {
    let planned = |sku: &Sku| {
        let mut targets = period.targets_of(person).iter();
        targets.any(|target| target.indicator == *indicator && target.item.as_ref() == Some(sku) && target.plan.is_positive())
    };
    holdings(period, &counted.shops.iter().collect::<Vec<_>>(), planned)
}

/// The stock checks of some shops, and per shop and SKU that `counts` what was counted and invoiced.
fn holdings(period: &Period<'_>, shops: &[&Shop<'_>], counts: impl Fn(&Sku) -> bool) -> Vec<Fact> {
    let retailers: Vec<&RetailerId> = shops.iter().map(|shop| shop.retailer).collect();
    let mut sales: BTreeMap<(&RetailerId, &Sku), Vec<Sale<'_>>> = BTreeMap::new();
    for (_, sale) in period.sales_to(&retailers).filter(|(_, sale)| sale.index.is_some() && counts(sale.sku)) {
        sales.entry((sale.retailer, sale.sku)).or_default().push(sale);
    }
    let mut out = Vec::new();
    for shop in shops {
        let visits = shop.check.map_or(&[][..], |check| period.visits_to(shop.retailer, check.date));
        let check = visits.iter().find(|flagged| shop.check.is_some_and(|check| std::ptr::eq(check, flagged.visit)));
        out.extend(check.map(|check| Fact::StockCheck { retailer: shop.retailer.clone(), visit: VisitFact::of(check) }));
        let passed_over = |visit| Fact::PassedOver { retailer: shop.retailer.clone(), visit: VisitFact::of(visit) };
        out.extend(period.passed_over(shop.retailer).map(passed_over));
        for (index, (sku, _)) in period.skus.ascending.iter().enumerate().filter(|(_, (sku, _))| counts(sku)) {
            let counted = shop.check.and_then(|check| check.stock.get(sku.as_str()));
            let sales = sales.remove(&(shop.retailer, *sku)).unwrap_or_default();
            if counted.is_some() || !sales.is_empty() {
                out.push(Fact::Held {
                    retailer: shop.retailer.clone(),
                    sku: (*sku).clone(),
                    held: shop.holds(index),
                    counted,
                    visit: shop.check.filter(|_| counted.is_some()).map(|check| check.visit),
                    // A sale is at most 10^12 packs, and a month's rows of one shop and SKU are few.
                    invoiced: sales.iter().fold(0i64, |sum, sale| sum.saturating_add(sale.packs)),
                    rows: sales.iter().map(|sale| HeldRow { row: sale_row(sale), packs: sale.packs }).collect(),
                });
            }
        }
    }
    out
}

fn events(period: &Period<'_>, person: &PersonId, indicator: &IndicatorId) -> Vec<Fact> {
    let theirs = period.events_of(person).iter().filter(|(_, event)| event.indicator == *indicator);
    let fact = |(id, event): &(&crate::ids::EventId, &crate::reference::Event)| Fact::Event {
        row: format!("events/{id}"),
        date: event.date,
        points: event.points,
        retailer: event.retailer.clone(),
        note: event.note.clone(),
    };
    theirs.map(fact).collect()
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { row, plan, .. } => write!(f, "{row}: plan {plan}"),
            Self::Sale { row, route, packs, packs_per_carton, value } => {
                write!(f, "{row}: {packs} packs, {packs_per_carton} a carton, value {value}, route {route}")
            }
            Self::Stop { row, retailer, visited, visits, .. } => {
                write!(f, "{row}: {retailer} {}", if *visited { "visited" } else { "not visited" })?;
                visits.iter().try_for_each(|visit| write!(f, "; {visit}"))
            }
            Self::Shop { retailer, route, width, standard, reached } => {
                let verdict = if *reached { "reached" } else { "not reached" };
                write!(f, "{retailer} on {route}: holds {width} SKUs, standard {standard}: {verdict}")
            }
            Self::Held { retailer, sku, held, counted, invoiced, rows, .. } => {
                let verdict = if *held { "held" } else { "not held" };
                write!(f, "{retailer} {sku} {verdict}: {} packs counted, {invoiced} net invoiced", counted.unwrap_or(0))?;
                rows.iter().try_for_each(|HeldRow { row, packs }| write!(f, "; {row}: {packs}"))
            }
            Self::StockCheck { retailer, visit } => write!(f, "{retailer} stock check: {visit}"),
            Self::PassedOver { retailer, visit } => write!(f, "{retailer} stock check that does not count: {visit}"),
            Self::Ruling { row, revision, points, note, by, approved_by } => {
                write!(f, "{row}: {points} {note} (on revision {revision}; recorded by {by}, approved by {approved_by})")
            }
            Self::Transfer { row, item, amount, with, by } => {
                let item = item.as_ref().map_or(String::new(), |item| format!(" of {item}"));
                write!(f, "{row}: {amount}{item} of the plan moved, with {with} (confirmed by {by})")
            }
            Self::Event { row, date, points, note, .. } => write!(f, "{row}: {date} {points} {note}"),
        }
    }
}

impl fmt::Display for VisitFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.effective { "effective" } else { "not effective" };
        write!(f, "visit {} of {} by {}, device {}, change {}, {verdict}", self.visit, self.date, self.person, self.device, self.change)?;
        self.flags.iter().try_for_each(|flag: Flag| write!(f, " {flag}"))
    }
}
