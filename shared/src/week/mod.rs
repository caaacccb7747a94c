//! The weekly summary: drafted from a week's visits, missed stops and shop files, for the manager to edit. A draft is a value;
//! [`WeekDraft::text`] words it in English or Chinese. What was edited is kept in the diary of a day sheet, as [`kept`] says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::doc::ShopFile;
use crate::facts::flags::{FlagSet, flag_visits};
use crate::facts::{SheetFacts, Visit};
use crate::ids::{PersonId, RetailerId, RouteId};
use crate::limits;
use crate::reference::Reference;
use crate::scheme::VisitRules;
use crate::time::{Month, Week, Zone, days, days_before, next_day};

pub mod kept;
pub mod route_note;
mod shops;
mod text;

/// What a week is drafted from.
pub struct WeekInputs<'a> {
    pub week: Week,
    pub person: &'a PersonId,
    pub reference: &'a Reference,
    pub zone: &'a Zone,
    /// Of the months that the week touches; a month without rules is not judged: all its visits count.
    pub rules: &'a BTreeMap<Month, VisitRules>,
    /// Of the week, all that are known.
    pub sheets: &'a [SheetFacts],
    /// Of the shops of the person's routes.
    pub files: &'a BTreeMap<RetailerId, ShopFile>,
}

/// A week in numbers and lines. Every list is in the order of days, then shops.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekDraft {
    pub week: Week,
    pub first: Date,
    pub last: Date,
    pub person: PersonId,
    pub name: String,
    pub counts: WeekCounts,
    pub days: Vec<DayCounts>,
    /// Planned stops that were not made, with the reason that was given; empty: none was.
    pub missed: Vec<Line>,
    /// What was noted at visits.
    pub notes: Vec<Line>,
    /// What shops complained about.
    pub complaints: Vec<Line>,
    /// Calls, messages and talks besides visits, by the person.
    pub contacts: Vec<Line>,
    /// Open, and due by [`limits::WEEK_AHEAD_DAYS`] after the week; overdue ones too.
    pub follow_ups: Vec<Line>,
    /// In the [`limits::WEEK_AHEAD_DAYS`] after the week; the text is who.
    pub birthdays: Vec<Line>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WeekCounts {
    /// Planned stops that the person answers for.
    pub planned: u64,
    /// Of those: with an effective visit on the day, by anyone.
    pub done: u64,
    /// Visits of the person, all of them.
    pub visits: u64,
    pub effective: u64,
    /// Shops that the person visited.
    pub shops: u64,
    /// Stock checks of effective visits.
    pub stock_checks: u64,
    /// Order lines drafted in effective visits, and their cartons.
    pub order_lines: u64,
    pub order_cartons: i64,
}

/// One day of the week on which something was planned or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    pub date: Date,
    /// Planned, or visited.
    pub routes: Vec<RouteId>,
    /// Theirs, in the same order; the id of a route that is not known here.
    pub names: Vec<String>,
    pub planned: u64,
    pub done: u64,
    pub visits: u64,
    pub effective: u64,
}

/// Something about a shop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Line {
    /// Of a follow-up: when it is due or comes up again; of a birthday: the day it is on.
    pub date: Date,
    pub retailer: RetailerId,
    /// The shop's; empty: not known here.
    pub name: String,
    pub text: String,
}

/// Drafts a week.
pub fn draft(inputs: &WeekInputs<'_>) -> WeekDraft {
    let WeekInputs { week, person, reference, .. } = inputs;
    let mut out = WeekDraft {
        week: *week,
        first: week.first_day(),
        last: week.last_day(),
        person: (*person).clone(),
        name: reference.people.get(*person).map(|known| known.name.clone()).unwrap_or_default(),
        counts: WeekCounts::default(),
        days: Vec::new(),
        missed: Vec::new(),
        notes: Vec::new(),
        complaints: Vec::new(),
        contacts: Vec::new(),
        follow_ups: Vec::new(),
        birthdays: Vec::new(),
    };
    for date in days(out.first, out.last) {
        add_day(&mut out, inputs, date);
    }
    let mut shops: Vec<&RetailerId> = out_visits(inputs).map(|visit| &visit.retailer).collect();
    shops.sort();
    shops.dedup();
    out.counts.shops = shops.len() as u64;
    shops::add(&mut out, inputs);
    out
}

fn out_visits<'a>(inputs: &WeekInputs<'a>) -> impl Iterator<Item = &'a Visit> {
    let (person, first, last) = (inputs.person, inputs.week.first_day(), inputs.week.last_day());
    let visits = inputs.sheets.iter().filter(move |sheet| (first..=last).contains(&sheet.date)).flat_map(|sheet| &sheet.visits);
    visits.filter(move |visit| visit.person == *person)
}

fn line(reference: &Reference, retailer: &RetailerId, date: Date, text: &str) -> Line {
    let name = reference.retailer_on(retailer.as_str(), date).map_or_else(String::new, |shop| shop.name.clone());
    Line { date, retailer: retailer.clone(), name, text: text.trim().to_string() }
}

fn add_day(out: &mut WeekDraft, inputs: &WeekInputs<'_>, date: Date) {
    let WeekInputs { person, reference, zone, rules, .. } = inputs;
    let all = VisitRules { min_dwell_s: 0, geofence_m: u32::MAX, exclude: FlagSet::default() };
    let rules = rules.get(&Month::of(date)).unwrap_or(&all);
    let sheets: Vec<&SheetFacts> = inputs.sheets.iter().filter(|sheet| sheet.date == date).collect();
    let visits = flag_visits(sheets.iter().flat_map(|sheet| &sheet.visits), reference, zone, rules);
    let own = || visits.iter().filter(|flagged| flagged.visit.person == **person);
    let mut planned_routes: Vec<&RouteId> = reference.routes.keys().filter(|route| reference.planned(route, date)).collect();
    planned_routes.retain(|route| reference.responsible(route.as_str(), date) == Some(*person));
    let mut day = DayCounts { date, routes: Vec::new(), names: Vec::new(), planned: 0, done: 0, visits: 0, effective: 0 };
    for route in &planned_routes {
        for (shop, _) in reference.stops(route.as_str(), date) {
            let effective = visits.iter().any(|flagged| flagged.effective && flagged.visit.retailer == *shop);
            day.planned += 1;
            day.done += u64::from(effective);
            if !effective {
                let reported = sheets.iter().flat_map(|sheet| &sheet.missed).find(|missed| missed.retailer == *shop);
                out.missed.push(line(reference, shop, date, reported.map_or("", |missed| missed.reason.as_str())));
            }
        }
    }
    for flagged in own() {
        let visit = flagged.visit;
        day.visits += 1;
        day.effective += u64::from(flagged.effective);
        if flagged.effective {
            out.counts.stock_checks += u64::from(!visit.stock.is_empty());
            out.counts.order_lines += visit.order.iter().filter(|(_, cartons)| *cartons > 0).count() as u64;
            out.counts.order_cartons += visit.order.iter().map(|(_, cartons)| cartons).sum::<i64>();
        }
        if !visit.note.trim().is_empty() {
            out.notes.push(line(reference, &visit.retailer, date, &visit.note));
        }
    }
    let mut routes: Vec<RouteId> = planned_routes.into_iter().cloned().chain(own().map(|flagged| flagged.visit.route.clone())).collect();
    routes.sort();
    routes.dedup();
    if routes.is_empty() {
        return;
    }
    out.counts.planned += day.planned;
    out.counts.done += day.done;
    out.counts.visits += day.visits;
    out.counts.effective += day.effective;
    let name = |route: &RouteId| reference.routes.get(route).cloned().unwrap_or_else(|| route.to_string());
    out.days.push(DayCounts { names: routes.iter().map(name).collect(), routes, ..day });
}

/// The last day that the draft looks ahead to.
fn horizon(week: Week) -> Date {
    days_before(week.last_day(), -limits::WEEK_AHEAD_DAYS)
}

/// The first day after a week.
fn after(week: Week) -> Date {
    next_day(week.last_day())
}
