//! Commands about a month's life: publishing, restatements, disputes, points that staff record, the audit log.

use serde_json::Value;
use shared::ids::{DisputeId, PersonId};
use shared::limits;
use shared::problem::Code;
use shared::published::HeldBack;
use shared::reference::Dispute;
use shared::time::Month;

use super::people::local_time;
use super::terminal::table;
use super::{By, DONE, DisputeCommand, EventCommand, Format, REFUSED, Report, print_json};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::months::events::{ComplaintRef, EventView, NewEvent, State};
use crate::months::publish::{Publication, hold as hold_back, publish as publish_month};
use crate::months::restatement::{Difference, restatement as restate};
use crate::months::{disputes, events, latest, life, revision};
use crate::state::SharedApp;

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
    pub by: &'a By,
}

pub fn publish(app: &SharedApp, asked: &Asked<'_>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let Asked { month, seen, incomplete, hold, by } = *asked;
    let who = decisions::by(app, by.by.as_ref())?;
    let seen = match seen {
        Some(seen) => seen,
        None => latest(app, month)?.map_or(0, |latest| latest.revision),
    };
    let hold = hold.iter().map(|text| held(text)).collect::<ApiResult<_>>()?;
    let published = publish_month(app, month, &who, &Publication { seen, incomplete, hold })?;
    if format == Format::Json {
        return print_json(report, &published);
    }
    report.out(&format!(
        "{month} is published: revision {}, {} managers, {} points\nhash        {}\ninput hash  {}\n",
        published.revision, published.managers, published.points, published.hash, published.input_hash
    ));
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

pub fn dispute(app: &SharedApp, what: &DisputeCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let who = |by: &By| decisions::by(app, by.by.as_ref());
    match what {
        DisputeCommand::List { month, format } => return list_disputes(app, *month, *format, report),
        DisputeCommand::File { month, revision: asked, person, indicator, line, text, by } => {
            let revision = revision(app, *month, *asked)?.revision;
            let id: DisputeId = shared::hex::hex(&app.random::<16>()).parse().map_err(ApiError::internal)?;
            let (person, indicator, line, text) = (person.clone(), indicator.clone(), line.clone(), text.clone());
            let filed_ms = app.clock.now_ms();
            let dispute = Dispute { person, month: *month, revision, indicator, line, text, filed_ms, ruling: None };
            disputes::file(app, &id, &dispute, &who(by)?)?;
            report.out(&format!("{id}\n"));
        }
        DisputeCommand::Rule { id, points, text, by } => {
            disputes::rule(app, id, *points, text, &who(by)?)?;
            report.out(&format!("the ruling on {id} is recorded; it is in force when another approves it\n"));
        }
        DisputeCommand::Approve { id, by } => {
            disputes::approve(app, id, &who(by)?)?;
            report.out(&format!("the ruling on {id} is in force; its points are in the month's next revision\n"));
        }
        DisputeCommand::SendBack { id, by } => {
            disputes::send_back(app, id, &who(by)?)?;
            report.out(&format!("dispute {id} is open again\n"));
        }
    }
    Ok(DONE)
}

fn list_disputes(app: &SharedApp, month: Option<Month>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let disputes = disputes::seen_by(disputes::cases(app, month)?, None);
    if format == Format::Json {
        return print_json(report, &disputes);
    }
    let rows = disputes.iter().map(|view| {
        let dispute = &view.case.dispute;
        let state = match (&dispute.ruling, &view.case.proposal) {
            (Some(ruling), _) => format!("{} points: {} ({}, approved by {})", ruling.points, ruling.text, ruling.by, ruling.approved_by),
            (None, Some(proposal)) => format!("{} points: {} ({}, awaits approval)", proposal.points, proposal.text, proposal.by),
            (None, None) => "open".into(),
        };
        let about = format!("{} revision {}", dispute.month, dispute.revision);
        vec![view.id.clone(), about, dispute.person.to_string(), dispute.indicator.to_string(), dispute.text.clone(), state]
    });
    report.out(&table(&["id", "about", "manager", "indicator", "text", "ruling"], &[], rows));
    Ok(DONE)
}

pub fn event(app: &SharedApp, what: &EventCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let who = |by: &By| decisions::by(app, by.by.as_ref());
    match what {
        EventCommand::List { awaiting, format } => {
            let all = events::cases(app)?.into_iter().filter(|(_, case)| !awaiting || case.body.awaits());
            let views: Vec<EventView> = all.map(|(id, case)| EventView { id, case: case.body }).collect();
            if *format == Format::Json {
                return print_json(report, &views);
            }
            let header = ["id", "date", "manager", "indicator", "points", "note", "recorded by", "state"];
            report.out(&table(&header, &["points"], views.iter().map(event_row)));
        }
        EventCommand::Record { date, person, indicator, points, retailer, note, complaint, by } => {
            let complaint = complaint.as_ref().and_then(|parts| match parts.as_slice() {
                [document, id] => Some(ComplaintRef { document: document.clone(), id: id.clone() }),
                _ => None,
            });
            let date = date.map(|date| date.to_string());
            let (indicator, retailer, note) = (indicator.clone(), retailer.clone(), note.clone());
            let new = NewEvent { date, person: person.clone(), indicator, points: *points, retailer, note, complaint };
            report.out(&format!("{}\n", events::record(app, &new, &who(by)?)?));
        }
        EventCommand::Approve { id, by } => {
            events::approve(app, id, &who(by)?)?;
            report.out(&format!("event {id} is approved\n"));
        }
        EventCommand::Decline { id, reason, by } => {
            events::decline(app, id, reason, &who(by)?)?;
            report.out(&format!("event {id} is declined\n"));
        }
    }
    Ok(DONE)
}

fn state_text(state: &State) -> String {
    match state {
        State::AwaitsApproval => "awaits approval".into(),
        State::Approved { by, .. } => format!("approved by {by}"),
        State::Declined { by, reason, .. } => format!("declined by {by}: {reason}"),
    }
}

fn event_row(view: &EventView) -> Vec<String> {
    let case = &view.case;
    let (indicator, points) =
        case.scored.as_ref().map_or(("not liable".into(), String::new()), |s| (s.indicator.to_string(), s.points.to_string()));
    let (date, person) = (case.date.to_string(), case.person.to_string());
    vec![view.id.clone(), date, person, indicator, points, case.note.clone(), case.recorded_by.clone(), state_text(&case.state)]
}

pub fn complaints(app: &SharedApp, month: Month, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let complaints = events::complaints(app, month)?;
    if format == Format::Json {
        return print_json(report, &complaints);
    }
    let zone = app.directory().zone.clone();
    let rows = complaints.iter().map(|complaint| {
        let ruling = complaint.ruling.as_ref().map_or("open".into(), |view| {
            let liable = view.case.scored.as_ref().map_or("not liable".into(), |scored| format!("liable, {}", scored.points));
            format!("{} {liable}; {}", view.case.person, state_text(&view.case.state))
        });
        let severity = complaint.severity.clone().unwrap_or_default();
        vec![complaint.document.clone(), complaint.id.clone(), local_time(&zone, complaint.at_ms), severity, complaint.text.clone(), ruling]
    });
    report.out(&table(&["shop file", "id", "when", "severity", "text", "ruling"], &[], rows));
    Ok(DONE)
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
            let text = |json: &Option<String>| json.clone().unwrap_or_default();
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
