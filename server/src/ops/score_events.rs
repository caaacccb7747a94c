//! Commands about points that staff record and another approves, and the complaints that they rule on.

use clap::Subcommand;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{EventId, IndicatorId, PersonId, RetailerId};
use shared::time::{Month, parse_date};

use super::people::local_time;
use super::terminal::table;
use super::{By, DONE, Format, Report, print_json};
use crate::decisions;
use crate::error::ApiResult;
use crate::months::events::{self, ComplaintRef, EventView, NewEvent, State};
use crate::state::SharedApp;

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventCommand {
    /// What staff have recorded
    List {
        /// Only what awaits approval
        #[arg(long)]
        awaiting: bool,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Record points, or a ruling on a complaint, and print the event's id; another approves it
    Record {
        /// Of a complaint: default its day
        #[arg(long, value_parser = parse_date)]
        date: Option<Date>,
        #[arg(long)]
        person: PersonId,
        #[arg(long, requires = "points")]
        indicator: Option<IndicatorId>,
        #[arg(long, allow_hyphen_values = true, requires = "indicator")]
        points: Option<Dec>,
        #[arg(long)]
        retailer: Option<RetailerId>,
        #[arg(long, default_value = "")]
        note: String,
        /// The complaint that it rules on: DOCUMENT and ID; without points, the manager is not liable
        #[arg(long, num_args = 2, value_names = ["DOCUMENT", "ID"])]
        complaint: Option<Vec<String>>,
        #[command(flatten)]
        by: By,
    },
    /// Approve what another has recorded: from now on it counts
    Approve {
        #[arg(long)]
        id: EventId,
        #[command(flatten)]
        by: By,
    },
    /// Decline what is recorded: it never counts
    Decline {
        #[arg(long)]
        id: EventId,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
}

pub fn run(app: &SharedApp, what: &EventCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let who = |by: &By| decisions::by(app, by.by.as_ref());
    match what {
        EventCommand::List { awaiting, format } => {
            let all = events::cases(app)?.into_iter().filter(|(_, case)| !awaiting || case.body.awaits());
            let views: Vec<EventView> = all.map(EventView::of).collect();
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
            let new = NewEvent { id: None, date, person: person.clone(), indicator, points: *points, retailer, note, complaint };
            report.out(&format!("{}\n", events::record(app, &new, &who(by)?)?));
        }
        EventCommand::Approve { id, by } => {
            events::approve(app, id, &who(by)?, None)?;
            report.out(&format!("event {id} is approved\n"));
        }
        EventCommand::Decline { id, reason, by } => {
            events::decline(app, id, reason, &who(by)?, None)?;
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
