//! Commands that print scores, stars, receipts and progress.

use jiff::civil::Date;
use shared::ids::{IndicatorId, PersonId};
use shared::score::{ManagerScore, VisitCounts};
use shared::time::{Month, Quarter, Zone};

use super::people::local_time;
use super::terminal::table;
use super::{DONE, Format, Report, print_json};
use crate::error::ApiResult;
use crate::progress::{Counts, ManagerProgress};
use crate::scores::{self, Published};
use crate::state::SharedApp;

pub fn score(
    app: &SharedApp,
    month: Month,
    as_of: Option<Date>,
    person: Option<&PersonId>,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let published = scores::month(app, month, as_of, person)?;
    if format == Format::Json {
        return print_json(report, &published);
    }
    report.out(&score_text(app, &published));
    Ok(DONE)
}

fn score_text(app: &SharedApp, published: &Published) -> String {
    let directory = app.directory();
    let score = &published.score;
    let mut out = format!("{}  scheme {}  as of {}\n\n", score.month, score.scheme, score.as_of);
    let rows = score.managers.iter().map(|manager| {
        let name = directory.reference.people.get(&manager.person_id).map_or("", |person| person.name.as_str());
        let complete = published.complete_up_to.get(&manager.person_id).copied().flatten();
        vec![
            manager.person_id.to_string(),
            name.to_string(),
            manager.total.to_string(),
            if manager.gated { "gated".into() } else { String::new() },
            manager.visits.effective.to_string(),
            manager.visits.logged.to_string(),
            complete.map_or_else(|| "not known".into(), |ms| local_time(&directory.zone, ms)),
        ]
    });
    let header = ["manager", "name", "points", "gate", "effective", "visits", "complete up to"];
    out += &table(&header, &["points", "effective", "visits"], rows);
    out += &indicator_text(&score.managers);
    out += &visits_text(&score.visits);
    for warning in &score.warnings {
        out += &format!("warning: {}\n", warning.what);
    }
    if published.documents_behind > 0 {
        out += &format!("{} documents are not counted yet\n", published.documents_behind);
    }
    out
}

/// Points per indicator, a column a manager.
fn indicator_text(managers: &[ManagerScore]) -> String {
    let Some(first) = managers.first() else { return "\nno managers\n".into() };
    let ids: Vec<&str> = managers.iter().map(|m| m.person_id.as_str()).collect();
    let header: Vec<&str> = std::iter::once("indicator").chain(ids.iter().copied()).collect();
    let rows = first.indicators.iter().enumerate().map(|(at, indicator)| {
        let points = managers.iter().map(|m| m.indicators.get(at).map_or_else(String::new, |i| i.points.to_string()));
        std::iter::once(indicator.id.to_string()).chain(points).collect()
    });
    format!("\n{}", table(&header, &ids, rows))
}

fn visits_text(visits: &VisitCounts) -> String {
    let flags: Vec<String> = visits.flags.iter().map(|(flag, count)| format!("{} {count}", flag.as_str())).collect();
    let flags = if flags.is_empty() { String::new() } else { format!("; flags: {}", flags.join(", ")) };
    format!("\n{} visits, {} effective{flags}\n", visits.logged, visits.effective)
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

pub fn explain(
    app: &SharedApp,
    month: Month,
    as_of: Option<Date>,
    person: &PersonId,
    indicator: &IndicatorId,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let receipt = scores::explain(app, month, as_of, person, indicator)?;
    if format == Format::Json {
        return print_json(report, &receipt);
    }
    report.out(&receipt.to_string());
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
