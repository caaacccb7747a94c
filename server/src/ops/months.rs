//! Commands about a month's life: publishing, restatements, the audit log.

use serde_json::Value;
use shared::ids::PersonId;
use shared::limits;
use shared::problem::Code;
use shared::published::HeldBack;
use shared::time::Month;

use super::people::local_time;
use super::terminal::table;
use super::{By, DONE, Format, REFUSED, Report, print_json};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::months::hold::hold as hold_back;
use crate::months::publish::{Publication, publish as publish_month};
use crate::months::restatement::{Difference, restatement as restate};
use crate::months::{latest, life};
use crate::state::SharedApp;

/// Characters of a cell of the audit log's table.
const AUDIT_CELL_CHARS: usize = 400;

fn held(text: &str) -> ApiResult<HeldBack> {
    let faulty = || ApiError::with(Code::Invalid, format!("`{text}` is not PERSON=REASON"));
    let (person, reason) = text.split_once('=').ok_or_else(faulty)?;
    let person: PersonId = person.trim().parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    Ok(HeldBack { person, reason: reason.trim().into() })
}

/// What is asked for with `publish`.
pub struct Asked<'a> {
    pub month: Month,
    pub seen: Option<u32>,
    pub incomplete: bool,
    pub hold: &'a [String],
    pub release: &'a [PersonId],
    pub by: &'a By,
}

pub fn publish(app: &SharedApp, asked: &Asked<'_>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let Asked { month, seen, incomplete, hold, release, by } = *asked;
    let who = decisions::by(app, by.by.as_ref())?;
    let seen = match seen {
        Some(seen) => seen,
        None => latest(app, month)?.map_or(0, |latest| latest.revision),
    };
    let hold = hold.iter().map(|text| held(text)).collect::<ApiResult<_>>()?;
    let published = publish_month(app, month, &who, &Publication { seen, incomplete, hold, release: release.to_vec() })?;
    if format == Format::Json {
        return print_json(report, &published);
    }
    report.out(&format!(
        "{month} is published: revision {}, {} managers, {} points\nhash        {}\ninput hash  {}\n",
        published.revision, published.managers, published.points, published.hash, published.input_hash
    ));
    for held in &published.held_back {
        report.err(&format!("{} stays as published before: {}\n", held.person, held.reason));
    }
    for person in &published.silent {
        report.err(&format!("warning: the work of {person} up to the month's end is not all here\n"));
    }
    for held in &published.held_work {
        report.err(&format!("warning: {} changes of {} are held back at head office, to be ruled on\n", held.changes, held.person));
    }
    for what in &published.awaiting_approval {
        report.err(&format!("warning: {what} awaits approval and is not in this revision\n"));
    }
    Ok(DONE)
}

pub fn month(app: &SharedApp, month: Month, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let life = life(app, month)?;
    if format == Format::Json {
        return print_json(report, &life);
    }
    let zone = app.directory().zone.clone();
    let rows = life.revisions.iter().map(|revision| {
        let held: Vec<String> = revision.held_back.iter().map(|held| format!("{}: {}", held.person, held.reason)).collect();
        let (when, hash) = (local_time(&zone, revision.published_ms), revision.hash.chars().take(16).collect());
        vec![revision.revision.to_string(), when, revision.published_by.clone(), hash, held.join("; ")]
    });
    let mut out = format!("{month}  {}\n", life.status);
    if !life.revisions.is_empty() {
        out += &format!("\n{}", table(&["revision", "published", "by", "hash", "held back"], &["revision"], rows));
    }
    report.out(&out);
    Ok(DONE)
}

pub fn restatement(app: &SharedApp, month: Month, hold: Option<&str>, by: &By, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    if let Some(text) = hold {
        hold_back(app, month, &decisions::by(app, by.by.as_ref())?, &held(text)?)?;
    }
    let restatement = restate(app, month)?;
    if format == Format::Json {
        return print_json(report, &restatement);
    }
    let mut out = format!("{month}, compared with revision {}\n", restatement.revision);
    if restatement.rules_changed {
        out += "the scheme or the SKUs have changed since\n";
    }
    if restatement.managers.is_empty() {
        out += "nothing is different\n";
    }
    let points = |points: &Option<shared::score::Rounded>| points.as_ref().map_or("–".into(), ToString::to_string);
    for manager in &restatement.managers {
        out += &format!("\n{}: {} → {}\n", manager.person_id, points(&manager.total_before), points(&manager.total_after));
        if let Some(held) = &manager.held_back {
            out += &format!("  held back by {}: {}\n", held.by, held.reason);
        }
        if let Some(held) = &manager.held_before {
            out += &format!("  was held back by {}, and has changed since: {}\n", held.by, held.reason);
        }
        manager.differences.iter().for_each(|difference| out += &difference_text(difference));
    }
    report.out(&out);
    Ok(DONE)
}

fn difference_text(difference: &Difference) -> String {
    let points = |points: &Option<shared::score::Rounded>| points.as_ref().map_or("–".into(), ToString::to_string);
    let mut out = format!("  {}: {} → {}\n", difference.indicator, points(&difference.before), points(&difference.after));
    if difference.terms_changed {
        out += "    the gate or the rules are others\n";
    }
    for (sign, facts) in [("−", &difference.facts_gone), ("+", &difference.facts_new)] {
        for fact in facts {
            let text =
                serde_json::from_value::<shared::score::Fact>(fact.clone()).map_or_else(|_| fact.to_string(), |fact| fact.to_string());
            out += &format!("    {sign} {text}\n");
        }
    }
    if difference.facts_unlisted > 0 {
        out += &format!("    and {} facts more\n", difference.facts_unlisted);
    }
    out
}

pub fn audit(app: &SharedApp, after: u64, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let broken = app.store.audit_broken()?;
    let zone = app.directory().zone.clone();
    let mut at = after;
    let mut rows = Vec::new();
    loop {
        let page = app.store.audit_log(at, limits::AUDIT_PAGE)?;
        let Some(last) = page.last() else { break };
        at = last.id;
        rows.extend(page);
    }
    if format == Format::Json {
        let rows: Vec<Value> = rows.iter().map(crate::months::audit_view).collect();
        print_json(report, &rows)?;
    } else {
        let lines = rows.iter().map(|row| {
            // What an import changed is a long text: JSON has all of it.
            let text = |json: &Option<String>| {
                let mut chars = json.as_deref().unwrap_or_default().chars();
                let shown: String = chars.by_ref().take(AUDIT_CELL_CHARS).collect();
                if chars.next().is_none() { shown } else { shown + "…" }
            };
            let (id, when) = (row.id.to_string(), local_time(&zone, row.at_ms));
            vec![id, when, row.who.clone(), row.action.clone(), row.subject.clone(), text(&row.before), text(&row.after)]
        });
        report.out(&table(&["row", "when", "who", "action", "subject", "before", "after"], &["row"], lines));
    }
    match broken {
        None => Ok(DONE),
        Some(row) => {
            report.err(&format!("row {row} of the audit log is not as it was written, or a row before it is gone\n"));
            Ok(REFUSED)
        }
    }
}
