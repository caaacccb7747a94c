//! What people read: aligned tables, colour only on a terminal. Programs ask for JSON.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};

use client_core::device::{Done, FiledDispute, FilingState, Provisional, PublishedMonth, Status, Today, TransferView, VisitView, Warning};
use client_core::sync::Synced;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;
use shared::doc::ShopFile;
use shared::score::{GoalsView, Rounded};
use shared::time::Zone;

use crate::args::Format;

/// How to say things.
pub struct Show {
    format: Format,
    pub colour: bool,
}

impl Show {
    pub fn new(format: Format) -> Self {
        Self { format, colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// Prints a value as JSON, or as the text made of it.
    pub fn say<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) {
        let text = match self.format {
            Format::Text => text(),
            Format::Json => serde_json::to_string_pretty(value).expect("the core's values have text keys"),
        };
        // A reader that has seen enough, as `head`, is no fault.
        if let Err(why) = writeln!(std::io::stdout(), "{text}")
            && why.kind() != ErrorKind::BrokenPipe
        {
            complain(format_args!("roundsman-device: {why}"));
        }
    }
}

/// Says something to people on stderr. If nobody listens, that is no fault: what was done is done.
pub fn complain(text: impl Display) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// A table without lines; the columns of `right` are numbers.
pub fn table(header: &[&str], rows: Vec<Vec<String>>, right: &[usize], colour: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if !header.is_empty() {
        let cell = |text: &&str| if colour { Cell::new(text).add_attribute(Attribute::Bold) } else { Cell::new(text) };
        table.set_header(header.iter().map(cell));
    }
    table.add_rows(rows);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_string()).collect::<Vec<_>>().join("\n")
}

/// Warnings go to stderr: the action is done all the same.
pub fn warn(done: &Done) {
    for warning in &done.warnings {
        let text = match warning {
            Warning::NotAssigned { route, date } => format!("by what this device knows, {route} is somebody else's on {date}"),
            Warning::UnknownRoute { route } => format!("this device has not heard of route {route}"),
            Warning::UnknownShop { retailer } => format!("this device has not heard of shop {retailer}"),
            Warning::NotYours { person } => format!("these are the goals of {person}"),
        };
        complain(format_args!("roundsman-device: warning: {text}; it is done, and head office judges"));
    }
}

pub fn today(today: &Today, colour: bool) -> String {
    let mut out = Vec::new();
    for route in &today.routes {
        let plan = if route.planned { "" } else { ", not in the plan" };
        out.push(format!("{} {} {}{plan}", today.date, route.route, route.name));
        let rows = route.stops.iter().map(|stop| {
            let done = stop.visits.iter().map(visit).chain(stop.missed.iter().map(|missed| format!("missed: {}", missed.reason)));
            let sequence = stop.sequence.map_or(String::new(), |sequence| sequence.to_string());
            vec![sequence, stop.retailer.to_string(), stop.name.clone(), done.collect::<Vec<_>>().join("; ")]
        });
        out.push(table(&["#", "shop", "name", "done"], rows.collect(), &[0], colour));
        if !route.diary.is_empty() {
            out.push(format!("diary: {}", route.diary));
        }
    }
    if out.is_empty() { format!("{}: nothing planned, nothing done", today.date) } else { out.join("\n") }
}

fn visit(view: &VisitView) -> String {
    let flags: Vec<&str> = view.flags.iter().map(|flag| flag.as_str()).collect();
    let counts = match view.effective {
        Some(true) => "visit",
        Some(false) => "visit that doesn't count",
        None => "visit, not judged yet",
    };
    let flags = if flags.is_empty() { String::new() } else { format!(" [{}]", flags.join(" ")) };
    format!("{counts} {}{flags}", view.visit.visit)
}

pub fn synced(synced: &Synced) -> String {
    let mut out = format!(
        "{} at head office, {} waiting, {} held back, {} refused; received {} changes, {} rows; {} requests, {} bytes up, {} down",
        synced.acknowledged,
        synced.waiting,
        synced.quarantined,
        synced.rejected,
        synced.changes,
        synced.rows,
        synced.requests,
        synced.bytes_up,
        synced.bytes_down
    );
    if let Some(seconds) = synced.queued_s {
        out.push_str(&format!("\nhead office is busy: queued, try again in {seconds} s"));
    }
    out
}

pub fn status(status: &Status, zone: Option<&Zone>, colour: bool) -> String {
    let instant = |ms: Option<i64>| match (ms, zone) {
        (Some(ms), Some(zone)) => format!("{} {}", zone.date_of(ms), zone.time_of(ms).strftime("%H:%M:%S")),
        _ => "never".to_string(),
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none: not enrolled".into());
    let counts = &status.counts;
    let rows = [
        ("person", text(&status.person.as_ref().map(ToString::to_string))),
        ("server", text(&status.server)),
        ("on this phone", counts.pending.to_string()),
        ("at head office", counts.durable.to_string()),
        ("waiting", counts.waiting.to_string()),
        ("held back", counts.quarantined.to_string()),
        ("refused", counts.rejected.to_string()),
        ("last sync", instant(status.last_sync_ms)),
        ("complete up to", instant(status.complete_up_to_ms)),
    ];
    let mut out = vec![table(&[], rows.map(|(what, value)| vec![what.into(), value]).into(), &[], colour)];
    if !status.open.is_empty() {
        let rows = status.open.iter().map(|intent| {
            let why = intent.reason.map_or("", |reason| reason.sentence(false));
            vec![
                instant(Some(intent.at_ms)),
                intent.action.name().into(),
                intent.document.to_string(),
                intent.state.sentence(false).into(),
                why.into(),
            ]
        });
        out.push(table(&["when", "action", "document", "where", "why"], rows.collect(), &[], colour));
    }
    out.extend(status.damaged.iter().map(|damage| format!("{} is not whole: {}", damage.document, damage.why)));
    out.extend(status.unreadable.iter().map(|row| format!("not readable by this version: {row}")));
    out.join("\n")
}

pub fn score(score: &Provisional, colour: bool) -> String {
    let mut out = Vec::new();
    for manager in &score.score.managers {
        let gated = if manager.gated { ", gated" } else { "" };
        out.push(format!(
            "{} {} as of {}: {} points (provisional{gated})",
            manager.person_id, score.score.month, score.score.as_of, manager.total
        ));
        let rows = manager.indicators.iter().map(|indicator| {
            let value = serde_json::to_value(indicator).unwrap_or_default();
            let field = |name: &str| value.get(name).and_then(|v| v.as_str()).unwrap_or("").to_string();
            vec![indicator.id.to_string(), field("status"), field("actual"), field("plan"), field("points")]
        });
        out.push(table(&["indicator", "status", "actual", "plan", "points"], rows.collect(), &[2, 3, 4], colour));
        out.push(format!("{} visits, {} count", manager.visits.logged, manager.visits.effective));
    }
    let elsewhere = score.counts.pending + score.counts.waiting + score.counts.quarantined;
    out.push(format!("{elsewhere} of this phone's actions don't count at head office yet"));
    out.join("\n")
}

pub fn shop(file: &ShopFile) -> String {
    let mut out = Vec::new();
    for (id, contact) in &file.contacts {
        let birthday = contact.birthday.as_ref().map_or(String::new(), |day| format!(", born {day}"));
        out.push(format!("contact {id}: {} {} {}{birthday}", contact.name, contact.role, contact.phone));
    }
    out.extend(file.facts.iter().map(|(key, value)| format!("{key}: {value}")));
    for (id, followup) in &file.followups {
        let when = followup.due.as_ref().or(followup.wakes_on.as_ref()).map_or("", String::as_str);
        let closed = if followup.closed_ms.is_some() { " (closed)" } else { "" };
        out.push(format!("follow-up {id} {when}: {}{closed}", followup.text));
    }
    out.extend(file.log.values().map(|entry| format!("{} by {}: {}", entry.kind, entry.person, entry.text)));
    out.extend(file.complaints.values().map(|complaint| format!("complaint: {}", complaint.text)));
    if out.is_empty() { "nothing is known yet".into() } else { out.join("\n") }
}

pub fn goals(view: &GoalsView, colour: bool) -> String {
    let mut out = Vec::new();
    let rows = view.goals.iter().map(|goal| {
        let sides = [("you", goal.agreed_by.person), ("supervisor", goal.agreed_by.supervisor)];
        let agreed: Vec<&str> = sides.into_iter().filter(|(_, at)| at.is_some()).map(|(side, _)| side).collect();
        let text = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        vec![
            goal.id.clone(),
            goal.title.clone(),
            goal.measure.clone(),
            text(goal.actual.as_ref().map(|actual| Rounded::of(&actual.0).to_string())),
            goal.target.clone(),
            text(goal.progress.as_ref().map(ToString::to_string)),
            if agreed.is_empty() { "nobody".into() } else { agreed.join(", ") },
        ]
    });
    match view.goals.len() {
        0 => out.push(format!("{}: no goals", view.quarter)),
        _ => {
            out.push(table(&["goal", "title", "measure", "actual", "target", "progress", "agreed by"], rows.collect(), &[3, 4, 5], colour))
        }
    }
    out.extend(view.faults.iter().map(|fault| format!("fault: {fault}")));
    for goal in &view.goals {
        out.extend(goal.faults.iter().map(|fault| format!("fault: {}: {fault}", goal.id)));
        out.extend(goal.warnings.iter().map(|warning| format!("warning: {}: {warning}", goal.id)));
    }
    out.join("\n")
}

pub fn transfers(all: &[TransferView], colour: bool) -> String {
    if all.is_empty() {
        return "no transfers".into();
    }
    let rows = all.iter().map(|view| {
        let t = &view.transfer;
        let what = t.item.as_ref().map_or_else(|| t.indicator.to_string(), |item| format!("{}/{item}", t.indicator));
        let amount = if view.takes_over { format!("+{}", t.amount) } else { format!("-{}", t.amount) };
        let state = match &t.closed {
            Some(closing) if closing.confirmed => format!("confirmed by {}", closing.by),
            Some(closing) => format!("declined by {}: {}", closing.by, closing.reason),
            None if view.asked => "you are asked".into(),
            None => "agreed; awaits the others".into(),
        };
        vec![view.id.to_string(), t.month.to_string(), what, amount, format!("{} {}", view.with, view.with_name), state]
    });
    table(&["id", "month", "indicator", "plan", "with", "state"], rows.collect(), &[3], colour)
}

/// The revisions of a month, as this person keeps them.
pub fn published(published: &[PublishedMonth]) -> String {
    if published.is_empty() {
        return "not published yet, by what this device knows".into();
    }
    let rows = published.iter().map(|month| {
        let total = month.score["total"].as_str().unwrap_or("?").to_string();
        let signed = if month.verified { "signed by head office" } else { "NOT signed by the key of this device's enrolment" };
        let held = month.held_back.as_ref().map_or_else(String::new, |reason| format!("held back: {reason}"));
        vec![month.revision.to_string(), total, month.published_by.clone(), signed.into(), held]
    });
    table(&["revision", "points", "published by", "", ""], rows.collect(), &[0, 1], false)
}

/// Disputes and what became of them.
pub fn disputes(disputes: &[FiledDispute]) -> String {
    let rows = disputes.iter().map(|dispute| {
        let state = match (&dispute.ruling, dispute.state) {
            (Some(ruling), _) => format!("ruled: {} points, {}", ruling.points, ruling.text),
            (None, FilingState::Pending) => "on this phone only".into(),
            (None, FilingState::AtHeadOffice) => "at head office".into(),
            (None, FilingState::Refused) => format!("refused: {}", dispute.reason.as_deref().unwrap_or("no reason is known")),
        };
        vec![dispute.id.to_string(), dispute.revision.to_string(), dispute.indicator.to_string(), dispute.text.clone(), state]
    });
    table(&["dispute", "revision", "indicator", "text", ""], rows.collect(), &[], false)
}
