//! What matters before going into a shop: what the last visit found, what has happened since, what was promised.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::doc::ShopFile;
use shared::facts::{SheetFacts, Visit};
use shared::ids::{RetailerId, RouteId, Sku, VisitId};
use shared::reference::{Reference, SalesBlock};
use shared::time::days_before;
use shared::week::route_note;

use super::{Named, named};
use crate::store::{Db, Stored};

/// How many sheets of the route are looked through for the last visit.
const SHEETS: usize = 12;
/// A birthday and an appointment are told so many days ahead.
const AHEAD_DAYS: i32 = 7;
/// The key of the shop's fact that holds its next appointment, as `YYYY-MM-DD HH:MM`.
const APPOINTMENT: &str = "appointment";

/// Before going in. What there is nothing to say about is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Brief {
    pub last: Option<LastVisit>,
    /// Out at the last visit, and delivered since.
    pub back: Vec<Named>,
    /// Ordered at the last visit, and nothing delivered since.
    pub pending: Option<Pending>,
    pub follow_ups: Vec<FollowUpDue>,
    /// Who of the shop has a birthday within a week, and when.
    pub birthday: Option<(String, Date)>,
    /// The next one, if it is within a week.
    pub appointment: Option<Appointment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Appointment {
    pub date: Date,
    /// `HH:MM`; empty: no time was agreed.
    pub time: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LastVisit {
    pub visit: VisitId,
    pub date: Date,
    /// Whether stock was counted.
    pub counted: bool,
    /// What the count found none of.
    pub out: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub date: Date,
    pub cartons: i64,
}

/// A follow-up that is open and due, or has come up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FollowUpDue {
    pub id: String,
    pub text: String,
    pub date: String,
}

/// The route's recent past, read once for all its stops.
pub(super) struct Past {
    date: Date,
    /// The latest first.
    sheets: Vec<SheetFacts>,
    sales: Vec<(Date, SalesBlock)>,
}

impl Past {
    pub fn of(db: Db<'_>, route: &RouteId, date: Date) -> Stored<Self> {
        let sheets = db.sheets_before(route, date, SHEETS)?;
        let first = sheets.last().map_or(date, |sheet| sheet.date);
        let sales = db.sales_of(route, first.max(days_before(date, super::SALES_DAYS)), date)?;
        Ok(Self { date, sheets, sales })
    }

    /// The note for whoever stands in that holds on the day.
    pub fn note(&self) -> Option<(Date, &str)> {
        let left = self.sheets.iter().find_map(|sheet| Some((sheet.date, route_note::find(&sheet.diary)?)));
        left.filter(|(_, text)| !text.is_empty())
    }

    /// The last visit to a shop before the day.
    pub fn last_visit(&self, retailer: &RetailerId) -> Option<&Visit> {
        self.sheets.iter().find_map(|sheet| sheet.visits.iter().filter(|visit| visit.retailer == *retailer).max_by_key(|visit| visit.in_ms))
    }

    /// The last count of a shop before the day.
    pub fn last_count(&self, retailer: &RetailerId) -> Option<&Visit> {
        let counted = |sheet: &'_ SheetFacts| sheet.visits.iter().position(|visit| visit.retailer == *retailer && !visit.stock.is_empty());
        self.sheets.iter().find_map(|sheet| counted(sheet).map(|at| &sheet.visits[at]))
    }

    /// Packs invoiced to a shop after a date, per SKU.
    fn delivered_after(&self, retailer: &RetailerId, date: Date) -> BTreeMap<&Sku, i64> {
        let mut packs = BTreeMap::new();
        for (_, block) in self.sales.iter().filter(|(day, _)| *day > date) {
            for (sku, row) in rows_of(block, retailer) {
                *packs.entry(sku).or_default() += row;
            }
        }
        packs
    }

    pub fn brief(&self, reference: &Reference, file: &ShopFile, retailer: &RetailerId) -> Brief {
        let mut brief = of_file(file, self.date);
        let Some(last) = self.last_visit(retailer) else { return brief };
        let out: Vec<&Sku> = last.stock.iter().filter(|(_, packs)| *packs == 0).map(|(sku, _)| sku).collect();
        let delivered = self.delivered_after(retailer, last.date);
        brief.back =
            out.iter().filter(|sku| delivered.get(*sku).is_some_and(|packs| *packs > 0)).map(|sku| named(reference, sku)).collect();
        let cartons: i64 = last.order.values().sum();
        brief.pending = (cartons > 0 && delivered.is_empty()).then_some(Pending { date: last.date, cartons });
        brief.last = Some(LastVisit {
            visit: last.visit,
            date: last.date,
            counted: !last.stock.is_empty(),
            out: out.into_iter().map(|sku| named(reference, sku)).collect(),
        });
        brief
    }
}

/// Packs per SKU of one shop in a block.
pub(super) fn rows_of<'a>(block: &'a SalesBlock, retailer: &RetailerId) -> impl Iterator<Item = (&'a Sku, i64)> {
    let at = block.retailers.binary_search(retailer).ok().and_then(|at| u16::try_from(at).ok());
    let rows = block.rows.iter().filter(move |row| Some(row.retailer) == at);
    rows.filter_map(|row| Some((block.skus.get(usize::from(row.sku))?, row.packs)))
}

fn of_file(file: &ShopFile, date: Date) -> Brief {
    let today = date.to_string();
    let due = |id: &String, follow_up: &shared::doc::FollowUp| {
        let on = follow_up.due.as_ref().or(follow_up.wakes_on.as_ref())?;
        (follow_up.closed_ms.is_none() && *on <= today).then(|| FollowUpDue {
            id: id.clone(),
            text: follow_up.text.clone(),
            date: on.clone(),
        })
    };
    Brief {
        follow_ups: file.followups.iter().filter_map(|(id, follow_up)| due(id, follow_up)).collect(),
        birthday: file
            .contacts
            .values()
            .filter_map(|contact| Some((contact.name.clone(), next(contact.birthday.as_deref()?, date)?)))
            .min_by_key(|(_, on)| *on),
        appointment: file.facts.get(APPOINTMENT).and_then(|at| appointment(at, date)),
        ..Brief::default()
    }
}

/// An appointment of today or of the week ahead.
fn appointment(at: &str, today: Date) -> Option<Appointment> {
    let (date, time) = at.split_once(' ').unwrap_or((at, ""));
    let date = shared::time::parse_date(date).ok()?;
    (date >= today && date <= days_before(today, -AHEAD_DAYS)).then(|| Appointment { date, time: time.into() })
}

/// The next return of a birthday (`YYYY-MM-DD` or `MM-DD`), if it is within a week.
fn next(birthday: &str, today: Date) -> Option<Date> {
    let tail = birthday.get(birthday.len().checked_sub(5)?..)?;
    (0..=AHEAD_DAYS).map(|ahead| days_before(today, -ahead)).find(|day| format!("{:02}-{:02}", day.month(), day.day()) == tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_appointment_is_told_from_a_week_before_until_its_day() {
        let told = |today| appointment("2026-07-08 10:30", today).map(|at| (at.date, at.time));
        let expected = Some((date(2026, 7, 8), "10:30".to_string()));
        assert_eq!(told(date(2026, 6, 30)), None);
        assert_eq!(told(date(2026, 7, 1)), expected);
        assert_eq!(told(date(2026, 7, 8)), expected);
        assert_eq!(told(date(2026, 7, 9)), None, "it is over");
        assert_eq!(appointment("2026-07-08", date(2026, 7, 8)).map(|at| at.time), Some(String::new()));
        assert_eq!(appointment("next week", date(2026, 7, 8)), None);
    }
}
