//! A month's data as CSV, for spreadsheets and for whoever wants to check.

use std::collections::BTreeSet;

use clap::ValueEnum;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::facts::flags::{Flagged, flag_visits};
use shared::facts::{Lines, Visit};
use shared::problem::Code;
use shared::scheme::scheme_of;
use shared::time::{Month, days};

use super::{DONE, Report};
use crate::error::{ApiError, ApiResult};
use crate::materialise::neighbours;
use crate::scores::slice::{Slice, Wanted};
use crate::state::SharedApp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    Visits,
    Stock,
    Orders,
    Missed,
    Scores,
    Revision,
}

pub fn export(app: &SharedApp, what: Export, month: Month, revision: Option<u32>, report: &mut dyn Report) -> ApiResult<u8> {
    if what == Export::Revision {
        let stored = crate::months::revision(app, month, revision)?;
        crate::months::export::file(app, &stored, &mut |line| report.out(line))?;
        return Ok(DONE);
    }
    if revision.is_some() {
        return Err(ApiError::with(Code::Invalid, "--revision goes with `export revision`"));
    }
    report.out(&to_csv(app, what, month)?);
    Ok(DONE)
}

/// A month's data as CSV.
pub fn to_csv(app: &SharedApp, what: Export, month: Month) -> ApiResult<String> {
    crate::materialise::settle(app)?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    match what {
        Export::Visits => visits(app, month, &mut csv)?,
        Export::Stock => lines(app, month, &mut csv, "packs", |visit| &visit.stock)?,
        Export::Orders => lines(app, month, &mut csv, "cartons", |visit| &visit.order)?,
        Export::Missed => missed(app, month, &mut csv)?,
        Export::Scores => scores(app, month, &mut csv)?,
        Export::Revision => return Err(ApiError::with(Code::Invalid, "a revision is no CSV: it has a file of its own")),
    }
    let bytes = csv.into_inner().map_err(ApiError::internal)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

type Csv = csv::Writer<Vec<u8>>;

fn write(csv: &mut Csv, row: &[String]) -> ApiResult<()> {
    csv.write_record(row).map_err(ApiError::internal)
}

fn header(csv: &mut Csv, names: &[&str]) -> ApiResult<()> {
    csv.write_record(names).map_err(ApiError::internal)
}

/// The days of a month: what is read of one is let go before the next.
fn days_of(month: Month) -> impl Iterator<Item = Date> {
    days(month.first_day(), month.last_day())
}

/// A day's visits, with all that flags need.
fn day_slice(app: &SharedApp, month: Month, day: Date) -> ApiResult<Slice> {
    let routes = app.store.routes_with_sheets(day, day)?;
    let wanted = Wanted { routes, people: BTreeSet::new(), month, first: day, last: day };
    Slice::read(app.store.as_ref(), &app.directory(), &wanted)
}

fn visits(app: &SharedApp, month: Month, csv: &mut Csv) -> ApiResult<()> {
    let directory = app.directory();
    neighbours::ensure(app, directory.grounds)?;
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(shared::problem::Code::NotFound, format!("no scheme is valid in {month}")))?;
    header(
        csv,
        &[
            "date",
            "route_id",
            "retailer_id",
            "person_id",
            "device",
            "visit",
            "in_ms",
            "out_ms",
            "lat_e6",
            "lon_e6",
            "effective",
            "flags",
            "change",
        ],
    )?;
    for day in days_of(month) {
        let slice = day_slice(app, month, day)?;
        for flagged in flag_visits(&slice.visits, &slice.reference, &directory.zone, &scheme.visits) {
            write(csv, &visit_row(&flagged))?;
        }
    }
    Ok(())
}

fn visit_row(flagged: &Flagged<'_>) -> [String; 13] {
    let v = flagged.visit;
    let flags: Vec<&str> = flagged.flags.iter().map(|flag| flag.as_str()).collect();
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    [
        v.date.to_string(),
        v.route.to_string(),
        v.retailer.to_string(),
        v.person.to_string(),
        v.device.to_string(),
        v.visit.to_string(),
        v.in_ms.to_string(),
        number(v.out_ms),
        number(v.position.map(|p| p.lat_e6.into())),
        number(v.position.map(|p| p.lon_e6.into())),
        flagged.effective.to_string(),
        flags.join(" "),
        v.change.to_string(),
    ]
}

fn lines(app: &SharedApp, month: Month, csv: &mut Csv, unit: &str, of: impl Fn(&Visit) -> &Lines) -> ApiResult<()> {
    header(csv, &["date", "route_id", "retailer_id", "person_id", "visit", "sku", unit])?;
    for day in days_of(month) {
        for (visit, sku, quantity) in app
            .store
            .sheets(day, day)?
            .iter()
            .flat_map(|sheet| &sheet.visits)
            .flat_map(|visit| of(visit).iter().map(move |(sku, quantity)| (visit, sku, quantity)))
        {
            let (date, route, retailer) = (visit.date.to_string(), visit.route.to_string(), visit.retailer.to_string());
            let (person, id) = (visit.person.to_string(), visit.visit.to_string());
            write(csv, &[date, route, retailer, person, id, sku.to_string(), quantity.to_string()])?;
        }
    }
    Ok(())
}

fn missed(app: &SharedApp, month: Month, csv: &mut Csv) -> ApiResult<()> {
    header(csv, &["date", "route_id", "retailer_id", "reason", "at_ms"])?;
    for day in days_of(month) {
        for (sheet, stop) in app.store.sheets(day, day)?.iter().flat_map(|sheet| sheet.missed.iter().map(move |stop| (sheet, stop))) {
            let (date, route) = (sheet.date.to_string(), sheet.route.to_string());
            write(csv, &[date, route, stop.retailer.to_string(), stop.reason.clone(), stop.at_ms.to_string()])?;
        }
    }
    Ok(())
}

/// A month as it was published last; an open one by what is known now.
fn scores(app: &SharedApp, month: Month, csv: &mut Csv) -> ApiResult<()> {
    header(csv, &["month", "person_id", "gated", "indicator", "points", "total", "status", "revision"])?;
    let answer = crate::scores::answer(app, month, &crate::scores::Asked::default())?;
    let answer: Value = serde_json::from_str(&answer).map_err(ApiError::internal)?;
    let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let revision = answer.get("revision").filter(|revision| !revision.is_null()).map(text).unwrap_or_default();
    for manager in rows(&answer["managers"]) {
        for indicator in rows(&manager["indicators"]) {
            let (person, gated) = (text(&manager["person_id"]), text(&manager["gated"]));
            let (id, points, total) = (text(&indicator["id"]), text(&indicator["points"]), text(&manager["total"]));
            write(csv, &[month.to_string(), person, gated, id, points, total, text(&answer["status"]), revision.clone()])?;
        }
    }
    Ok(())
}
