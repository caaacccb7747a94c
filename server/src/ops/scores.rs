//! Commands that print scores, stars, receipts and progress.

use jiff::civil::Date;
use serde_json::Value;
use shared::ids::{IndicatorId, PersonId};
use shared::score::{Change, Receipt};
use shared::time::{Month, Quarter, Zone};

use super::people::local_time;
use super::terminal::table;
use super::{DONE, Format, Report, print_json};
use crate::error::{ApiError, ApiResult};
use crate::progress::{Counts, ManagerProgress};
use crate::scores::{self, Asked};
use crate::state::SharedApp;

pub fn score(app: &SharedApp, month: Month, asked: &Asked, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let text = scores::answer(app, month, asked)?;
    let scores: Value = serde_json::from_str(&text).map_err(ApiError::internal)?;
    if format == Format::Json {
        return print_json(report, &scores);
    }
    report.out(&score_text(app, &scores));
    Ok(DONE)
}

/// What stands at a key, as text.
fn at(value: &Value, key: &str) -> String {
    match &value[key] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn score_text(app: &SharedApp, scores: &Value) -> String {
    let directory = app.directory();
    let standing = match scores["revision"].as_u64() {
        Some(revision) => format!("published, revision {revision}"),
        None => "open".into(),
    };
    let mut out = format!("{}  scheme {}  as of {}  {standing}\n\n", at(scores, "month"), at(scores, "scheme"), at(scores, "as_of"));
    let complete = &scores["complete_up_to"];
    let rows = list(scores, "managers").iter().map(|manager| {
        let id = at(manager, "person_id");
        let name = directory.reference.people.get(id.as_str()).map_or("", |person| person.name.as_str());
        let mut row =
            vec![id.clone(), name.to_string(), at(manager, "total"), if manager["gated"] == true { "gated".into() } else { String::new() }];
        row.extend([at(&manager["visits"], "effective"), at(&manager["visits"], "logged")]);
        if complete.is_object() {
            row.push(complete[&id].as_i64().map_or_else(|| "not known".into(), |ms| local_time(&directory.zone, ms)));
        }
        row
    });
    let header = ["manager", "name", "points", "gate", "effective", "visits", "complete up to"];
    let header = &header[..if complete.is_object() { 7 } else { 6 }];
    out += &table(header, &["points", "effective", "visits"], rows);
    out += &indicator_text(list(scores, "managers"));
    out += &visits_text(&scores["visits"]);
    for warning in list(scores, "warnings") {
        out += &format!("warning: {}\n", at(warning, "what"));
    }
    if let Some(behind) = scores["documents_behind"].as_u64().filter(|behind| *behind > 0) {
        out += &format!("{behind} documents are not counted yet\n");
    }
    out
}

/// Points per indicator, a column a manager.
fn indicator_text(managers: &[Value]) -> String {
    let Some(first) = managers.first() else { return "\nno managers\n".into() };
    let ids: Vec<String> = managers.iter().map(|manager| at(manager, "person_id")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let header: Vec<&str> = std::iter::once("indicator").chain(ids.iter().copied()).collect();
    let rows = list(first, "indicators").iter().enumerate().map(|(nth, indicator)| {
        let points = managers.iter().map(|manager| at(&manager["indicators"][nth], "points"));
        std::iter::once(at(indicator, "id")).chain(points).collect()
    });
    format!("\n{}", table(&header, &ids, rows))
}

fn visits_text(visits: &Value) -> String {
    let flags = visits["flags"].as_object().into_iter().flatten();
    let flags: Vec<String> = flags.map(|(flag, count)| format!("{flag} {count}")).collect();
    let flags = if flags.is_empty() { String::new() } else { format!("; flags: {}", flags.join(", ")) };
    format!("\n{} visits, {} effective{flags}\n", at(visits, "logged"), at(visits, "effective"))
}

pub fn stars(app: &SharedApp, quarter: Quarter, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let stars = scores::stars(app, quarter)?;
    if format == Format::Json {
        return print_json(report, &stars);
    }
    let directory = app.directory();
    let rows = stars.managers.iter().map(|row| {
        let name = directory.reference.people.get(&row.person_id).map_or("", |person| person.name.as_str());
        vec![
            row.rank.map_or_else(|| "–".into(), |rank| rank.to_string()),
            row.person_id.to_string(),
            name.to_string(),
            row.mean.as_ref().map_or_else(|| "–".into(), ToString::to_string),
            "★".repeat(row.stars as usize),
            row.monthly_pay.map_or_else(|| "not set".into(), |pay| pay.to_string()),
            if row.tie { "tie".into() } else { String::new() },
        ]
    });
    let header = ["rank", "manager", "name", "mean", "stars", "monthly pay", ""];
    let mut out = format!("{}  scheme {}\n\n{}", stars.quarter, stars.scheme, table(&header, &["rank", "mean", "monthly pay"], rows));
    let open: Vec<String> = stars.months.iter().filter(|m| m.status == "open").map(|m| m.month.to_string()).collect();
    if !open.is_empty() {
        out += &format!("\nopen months, whose scores may still change: {}\n", open.join(", "));
    }
    for warning in &stars.warnings {
        out += &format!("warning: {warning}\n");
    }
    report.out(&out);
    Ok(DONE)
}

pub fn what_if(
    app: &SharedApp,
    month: Month,
    as_of: Option<Date>,
    person: &PersonId,
    changes: &[Change],
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let played = scores::what_if(app, month, as_of, person, changes)?;
    if format == Format::Json {
        return print_json(report, &played);
    }
    report.out(&played.to_string());
    Ok(DONE)
}

pub fn explain(
    app: &SharedApp,
    month: Month,
    asked: &Asked,
    person: &PersonId,
    indicator: &IndicatorId,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let receipt = scores::receipt(app, month, asked, person, indicator)?;
    if format == Format::Json {
        return print_json(report, &receipt);
    }
    let published = receipt["proof"]["revision"].as_u64();
    let receipt: Receipt = serde_json::from_value(receipt).map_err(ApiError::internal)?;
    report.out(&receipt.to_string());
    if let Some(revision) = published {
        report.out(&format!("published in revision {revision}; --format json has the proof\n"));
    }
    Ok(DONE)
}

pub fn progress(app: &SharedApp, date: Option<Date>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let directory = app.directory();
    let date = date.unwrap_or_else(|| directory.today(app.clock.now_ms()));
    let progress = crate::progress::progress(app, date, None)?;
    if format == Format::Json {
        return print_json(report, &progress);
    }
    let mut rows = Vec::new();
    for manager in &progress.managers {
        rows.extend(manager_rows(manager, &directory.zone));
    }
    let right = ["planned", "visited", "effective", "missed", "stock", "cartons"];
    let header =
        ["manager", "route", "planned", "visited", "effective", "missed", "stock", "cartons", "flags", "last sync", "complete up to"];
    report.out(&format!("{date}\n\n{}", table(&header, &right, rows)));
    Ok(DONE)
}

fn manager_rows(manager: &ManagerProgress, zone: &Zone) -> Vec<Vec<String>> {
    let time = |ms: Option<i64>, none: &str| ms.map_or_else(|| none.to_string(), |ms| local_time(zone, ms));
    let who = format!("{} {}", manager.person_id, manager.name);
    let sync = [time(manager.last_sync_ms, "never"), time(manager.complete_up_to_ms, "not known")];
    if let [only] = manager.routes.as_slice() {
        return vec![row(who, format!("{} {}", only.route_id, only.name), &only.counts, &sync)];
    }
    let routes = manager
        .routes
        .iter()
        .map(|route| row(String::new(), format!("{} {}", route.route_id, route.name), &route.counts, &[String::new(), String::new()]));
    let label = if manager.routes.is_empty() { "–".to_string() } else { format!("{} routes", manager.routes.len()) };
    std::iter::once(row(who, label, &manager.total, &sync)).chain(routes).collect()
}

fn row(who: String, route: String, counts: &Counts, sync: &[String; 2]) -> Vec<String> {
    let flags: Vec<String> = counts.flags.iter().map(|(flag, count)| format!("{} {count}", flag.as_str())).collect();
    vec![
        who,
        route,
        counts.planned.to_string(),
        counts.visited.to_string(),
        counts.effective.to_string(),
        counts.missed.to_string(),
        counts.stock_checked.to_string(),
        counts.order_cartons.to_string(),
        flags.join(", "),
        sync[0].clone(),
        sync[1].clone(),
    ]
}
