//! Commands about order plans: what awaits a ruling, and rulings on lines.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::ids::{PersonId, Sku, VisitId};
use shared::order::OrderPlan;
use shared::reference::LineVerdict;
use shared::time::parse_date;

use super::terminal::table;
use super::{By, DONE, Format, Report, print_json};
use crate::decisions;
use crate::error::ApiResult;
use crate::orders::{Asked, NewRuling, plans, rule};
use crate::state::SharedApp;

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderCommand {
    /// Order plans with lines that nobody has ruled on
    List {
        /// Default: 14 days before `--to`
        #[arg(long, value_parser = parse_date)]
        from: Option<Date>,
        /// Default: today in the district
        #[arg(long, value_parser = parse_date)]
        to: Option<Date>,
        #[arg(long)]
        person: Option<PersonId>,
        /// Also what is ruled on
        #[arg(long)]
        all: bool,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Let lines stand as they are drafted
    Approve {
        #[command(flatten)]
        plan: Plan,
        /// Only this line (may be repeated; default: every line that awaits)
        #[arg(long)]
        sku: Vec<Sku>,
        #[command(flatten)]
        by: By,
    },
    /// Change a line, and say why
    Amend {
        #[command(flatten)]
        plan: Plan,
        #[arg(long)]
        sku: Sku,
        #[arg(long)]
        cartons: i64,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Decline a line, and say why
    Decline {
        #[command(flatten)]
        plan: Plan,
        #[arg(long)]
        sku: Sku,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
}

/// Which order plan.
#[derive(Clone, Copy, Debug, Args, Serialize, Deserialize)]
pub struct Plan {
    /// The visit's date, as listed
    #[arg(long, value_parser = parse_date)]
    date: Date,
    /// The visit, as listed
    #[arg(long)]
    visit: VisitId,
}

pub fn orders(app: &SharedApp, what: &OrderCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let new = |sku: &Sku, ruling, cartons, reason: &str| NewRuling {
        sku: sku.clone(),
        ruling,
        drafted: None,
        ruled_ms: None,
        cartons,
        reason: reason.into(),
    };
    let (plan, by, rulings) = match what {
        OrderCommand::List { from, to, person, all, format } => {
            let asked = Asked { from: *from, to: *to, person: person.clone(), awaiting: !all };
            return list(&plans(app, &asked)?, *format, report);
        }
        OrderCommand::Approve { plan, sku, by } => {
            let skus = if sku.is_empty() { awaiting(app, plan)? } else { sku.clone() };
            (plan, by, skus.iter().map(|sku| new(sku, LineVerdict::Approved, None, "")).collect::<Vec<_>>())
        }
        OrderCommand::Amend { plan, sku, cartons, reason, by } => (plan, by, vec![new(sku, LineVerdict::Amended, Some(*cartons), reason)]),
        OrderCommand::Decline { plan, sku, reason, by } => (plan, by, vec![new(sku, LineVerdict::Declined, None, reason)]),
    };
    let ruled = rule(app, plan.date, plan.visit, &rulings, &decisions::by(app, by.by.as_ref())?)?;
    report.out(&text(&[ruled]));
    Ok(DONE)
}

fn awaiting(app: &SharedApp, plan: &Plan) -> ApiResult<Vec<Sku>> {
    let asked = Asked { from: Some(plan.date), to: Some(plan.date), person: None, awaiting: true };
    let found = plans(app, &asked)?.into_iter().filter(|found| found.visit == plan.visit);
    Ok(found.flat_map(|found| found.lines).filter(|line| line.awaits).map(|line| line.sku).collect())
}

fn list(plans: &[OrderPlan], format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    if format == Format::Json {
        return print_json(report, &plans);
    }
    report.out(&text(plans));
    Ok(DONE)
}

fn text(plans: &[OrderPlan]) -> String {
    let rows = plans.iter().flat_map(|plan| {
        plan.lines.iter().map(|line| {
            let (said, why) = match line.ruling.as_ref().filter(|_| !line.awaits) {
                Some(ruling) => (format!("{} {}", ruling.ruling.as_str(), ruling.cartons), format!("{}: {}", ruling.by, ruling.reason)),
                None => ("awaits".to_string(), String::new()),
            };
            let (date, visit) = (plan.date.to_string(), plan.visit.to_string());
            vec![date, plan.person.to_string(), plan.retailer.to_string(), visit, line.sku.to_string(), line.drafted.to_string(), said, why]
        })
    });
    table(&["date", "manager", "retailer", "visit", "sku", "drafted", "ruling", "why"], &["drafted"], rows)
}
