//! Commands about disputes: filed, ruled on, approved by another.

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{DisputeId, IndicatorId, PersonId};
use shared::reference::Dispute;
use shared::time::Month;

use super::terminal::table;
use super::{By, DONE, Format, Report, print_json};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::months::{disputes, revision};
use crate::state::SharedApp;

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeCommand {
    /// All disputes, or those about a month
    List {
        #[arg(long)]
        month: Option<Month>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// File a dispute for a manager, and print its id
    File {
        #[arg(long)]
        month: Month,
        /// Default: the latest
        #[arg(long)]
        revision: Option<u32>,
        #[arg(long)]
        person: PersonId,
        #[arg(long)]
        indicator: IndicatorId,
        /// The line of the receipt that it concerns
        #[arg(long, default_value = "")]
        line: String,
        #[arg(long)]
        text: String,
        #[command(flatten)]
        by: By,
    },
    /// Record a ruling; another approves it
    Rule {
        #[arg(long)]
        id: DisputeId,
        /// Added to the indicator from the next revision on; 0: the score stands
        #[arg(long, allow_hyphen_values = true)]
        points: Dec,
        #[arg(long)]
        text: String,
        #[command(flatten)]
        by: By,
    },
    /// Approve the ruling that another has recorded
    Approve {
        #[arg(long)]
        id: DisputeId,
        #[command(flatten)]
        by: By,
    },
    /// Send the recorded ruling back: the dispute is open again
    SendBack {
        #[arg(long)]
        id: DisputeId,
        #[command(flatten)]
        by: By,
    },
}

pub fn run(app: &SharedApp, what: &DisputeCommand, report: &mut dyn Report) -> ApiResult<u8> {
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
            disputes::rule(app, id, (*points, text), &who(by)?, None)?;
            report.out(&format!("the ruling on {id} is recorded; it is in force when another approves it\n"));
        }
        DisputeCommand::Approve { id, by } => {
            disputes::approve(app, id, &who(by)?, None)?;
            report.out(&format!("the ruling on {id} is in force; its points are in the month's next revision\n"));
        }
        DisputeCommand::SendBack { id, by } => {
            disputes::send_back(app, id, &who(by)?, None)?;
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
