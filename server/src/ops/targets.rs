//! Commands about targets, transfers, goals and roll-ups.

use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::doc::Action;
use shared::ids::{DocumentId, IndicatorId, PersonId, Sku, TransferId};
use shared::reference::Role;
use shared::score::{By as RollUpBy, GoalView, Rounded};
use shared::time::{Month, Quarter};

use super::terminal::table;
use super::{By, DONE, Format, REFUSED, Report, print_json};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::rollup::{self, Period};
use crate::state::SharedApp;
use crate::targets::{self, NewTransfer};
use crate::{goals, office};

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetsCommand {
    /// Whether the sums of the cascade agree: district, teams, managers, routes (exit code 1: they don't)
    Check {
        #[arg(long)]
        month: Month,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Parts of plans that managers take over from each other
    Transfers {
        #[arg(long)]
        month: Option<Month>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Propose a transfer; both managers agree on their devices
    Propose {
        #[arg(long)]
        id: TransferId,
        /// Whose plan becomes less
        #[arg(long)]
        from: PersonId,
        /// Whose plan becomes more
        #[arg(long)]
        to: PersonId,
        #[arg(long)]
        month: Month,
        #[arg(long)]
        indicator: IndicatorId,
        /// Of a per-item indicator: the SKU
        #[arg(long)]
        item: Option<Sku>,
        #[arg(long)]
        amount: Dec,
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Confirm a transfer that both managers have agreed on: from now on it counts
    Confirm {
        #[arg(long)]
        id: TransferId,
        #[command(flatten)]
        by: By,
    },
    /// Decline a transfer: it never counts
    Decline {
        #[arg(long)]
        id: TransferId,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalsCommand {
    /// Agree on a manager's goal as the supervisor
    Agree {
        #[arg(long)]
        person: PersonId,
        #[arg(long)]
        quarter: Quarter,
        #[arg(long)]
        id: String,
        #[command(flatten)]
        by: By,
    },
    /// Put a goal, or change one: then both agree anew
    Put {
        #[arg(long)]
        person: PersonId,
        #[arg(long)]
        quarter: Quarter,
        #[arg(long)]
        id: String,
        #[arg(long)]
        title: String,
        /// INDICATOR, or INDICATOR/SKU
        #[arg(long)]
        measure: String,
        /// A number over 0, as 300 or 95%
        #[arg(long)]
        target: String,
        #[command(flatten)]
        by: By,
    },
    /// Take a goal back
    Remove {
        #[arg(long)]
        person: PersonId,
        #[arg(long)]
        quarter: Quarter,
        #[arg(long)]
        id: String,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Person,
    Team,
    Department,
    District,
    Outlet,
}

pub fn targets(app: &SharedApp, what: &TargetsCommand, report: &mut dyn Report) -> ApiResult<u8> {
    match what {
        TargetsCommand::Check { month, format } => return check(app, *month, *format, report),
        TargetsCommand::Transfers { month, format } => return transfers(app, *month, *format, report),
        TargetsCommand::Propose { id, from, to, month, indicator, item, amount, reason, by } => {
            let who = decisions::by(app, by.by.as_ref())?;
            let (id, from, to, indicator, item, reason) =
                (id.clone(), from.clone(), to.clone(), indicator.clone(), item.clone(), reason.clone());
            let new = NewTransfer { id, from, to, month: *month, indicator, item, amount: *amount, reason };
            targets::propose(app, &new, &who, None)?;
            report.out(&format!("{}: {} and {} are to agree on their devices\n", new.id, new.from, new.to));
        }
        TargetsCommand::Confirm { id, by } => {
            targets::confirm(app, id, &decisions::by(app, by.by.as_ref())?)?;
            report.out(&format!("{id} is confirmed and counts from now on\n"));
        }
        TargetsCommand::Decline { id, reason, by } => {
            targets::decline(app, id, &decisions::by(app, by.by.as_ref())?, None, reason)?;
            report.out(&format!("{id} is declined\n"));
        }
    }
    Ok(DONE)
}

fn check(app: &SharedApp, month: Month, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let check = targets::check(app, month)?;
    let code = if check.differences.is_empty() && check.overdrawn.is_empty() { DONE } else { REFUSED };
    if format == Format::Json {
        return print_json(report, &check).map(|_| code);
    }
    let rows = check.differences.iter().map(|difference| {
        let plan = difference.plan.map_or_else(|| "none".into(), |plan| plan.to_string());
        let item = difference.item.as_ref().map_or("", Sku::as_str);
        let below = difference.children.first().map_or("", |child| child.level);
        vec![
            format!("{} {}", difference.level, difference.unit),
            difference.indicator.to_string(),
            item.into(),
            plan,
            difference.sum.to_string(),
            difference.difference.to_string(),
            format!("{} {below}s", difference.children.len()),
        ]
    });
    let mut out = format!("{month}: {} sums looked at, {} differ\n", check.sums, check.differences.len());
    if !check.differences.is_empty() {
        out += &format!(
            "\n{}",
            table(&["unit", "indicator", "item", "plan", "sum", "difference", "of"], &["plan", "sum", "difference"], rows)
        );
    }
    for row in &check.overdrawn {
        let item = row.item.as_ref().map_or(String::new(), |item| format!("/{item}"));
        let plan = row.plan.map_or_else(|| "nothing".into(), |plan| plan.to_string());
        out += &format!(
            "overdrawn: {} plans {plan} of {}{item}, and confirmed transfers took {} of it\n",
            row.person, row.indicator, row.taken
        );
    }
    for person in &check.without_team {
        out += &format!("warning: {person} is in no team, and stands beside the teams\n");
    }
    for row in &check.transfers {
        let t = &row.transfer;
        let item = t.item.as_ref().map_or(String::new(), |item| format!("/{item}"));
        out += &format!("transfer {}: {} of {}{item} from {} to {}\n", row.id, t.amount, t.indicator, t.from, t.to);
    }
    report.out(&out);
    Ok(code)
}

fn transfers(app: &SharedApp, month: Option<Month>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let all = targets::list(app, month, None)?;
    if format == Format::Json {
        return print_json(report, &all);
    }
    if all.is_empty() {
        report.out("no transfers\n");
        return Ok(DONE);
    }
    let rows = all.iter().map(|row| {
        let t = &row.transfer;
        let agreed = |ms: Option<i64>, person: &PersonId| if ms.is_some() { format!("{person} agreed") } else { format!("{person} asked") };
        let state = match &t.closed {
            Some(closing) if closing.confirmed => format!("confirmed by {}", closing.by),
            Some(closing) => format!("declined by {}: {}", closing.by, closing.reason),
            None => format!("{}, {}", agreed(t.from_agreed_ms, &t.from), agreed(t.to_agreed_ms, &t.to)),
        };
        let what = t.item.as_ref().map_or_else(|| t.indicator.to_string(), |item| format!("{}/{item}", t.indicator));
        vec![row.id.to_string(), t.month.to_string(), t.from.to_string(), t.to.to_string(), what, t.amount.to_string(), state]
    });
    report.out(&table(&["id", "month", "from", "to", "indicator", "amount", "state"], &["amount"], rows));
    Ok(DONE)
}

/// Who does it, with their role; whoever runs commands on the data folder may do what an admin may.
fn writer(app: &SharedApp, by: &By) -> ApiResult<(String, Role)> {
    let who = decisions::by(app, by.by.as_ref())?;
    let role = by.by.as_ref().and_then(|person| app.directory().role_of(person)).unwrap_or(Role::Admin);
    Ok((who, role))
}

pub fn goal(app: &SharedApp, what: &GoalsCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let now = app.clock.now_ms();
    let (person, quarter, action, by) = match what.clone() {
        GoalsCommand::Agree { person, quarter, id, by } => (person, quarter, Action::AgreeGoal { id, as_manager: false, at_ms: now }, by),
        GoalsCommand::Put { person, quarter, id, title, measure, target, by } => {
            (person, quarter, Action::PutGoal { id, title, measure, target }, by)
        }
        GoalsCommand::Remove { person, quarter, id, by } => (person, quarter, Action::RemoveGoal { id }, by),
    };
    let (who, role) = writer(app, &by)?;
    let document = DocumentId::Goals { person: person.clone(), quarter };
    goals::check(app, &document, &action)?;
    let written = office::act(app, (&who, role), &document, &action, office::fresh_id(app))?;
    report.out(&match written.change {
        Some(_) => format!("{document}: done; the phone is told with its next sync\n"),
        None => format!("{document}: it was so already\n"),
    });
    for view in goals::goals(app, quarter, Some(&person))?.iter().flat_map(|view| &view.goals) {
        for warning in &view.warnings {
            report.err(&format!("warning: {}: {warning}\n", view.id));
        }
    }
    Ok(DONE)
}

pub fn list_goals(app: &SharedApp, quarter: Quarter, person: Option<&PersonId>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let all = goals::goals(app, quarter, person)?;
    if format == Format::Json {
        return print_json(report, &all);
    }
    let rows: Vec<Vec<String>> = all.iter().flat_map(|view| view.goals.iter().map(|goal| goal_row(&view.person_id, goal))).collect();
    let header = ["manager", "goal", "title", "measure", "actual", "target", "progress", "agreed by"];
    let mut out = if rows.is_empty() { "no goals\n".into() } else { table(&header, &["actual", "target", "progress"], rows) };
    for view in &all {
        view.faults.iter().for_each(|fault| out += &format!("fault: {}: {fault}\n", view.person_id));
        for goal in &view.goals {
            goal.faults.iter().for_each(|fault| out += &format!("fault: {} {}: {fault}\n", view.person_id, goal.id));
            goal.warnings.iter().for_each(|warning| out += &format!("warning: {} {}: {warning}\n", view.person_id, goal.id));
        }
    }
    report.out(&out);
    Ok(DONE)
}

fn goal_row(person: &PersonId, goal: &GoalView) -> Vec<String> {
    let sides = [("manager", goal.agreed_by.person), ("supervisor", goal.agreed_by.supervisor)];
    let agreed: Vec<&str> = sides.into_iter().filter(|(_, at)| at.is_some()).map(|(side, _)| side).collect();
    vec![
        person.to_string(),
        goal.id.clone(),
        goal.title.clone(),
        goal.measure.clone(),
        goal.actual.as_ref().map_or_else(|| "–".into(), |actual| Rounded::of(&actual.0).to_string()),
        goal.target.clone(),
        goal.progress.as_ref().map_or_else(|| "–".into(), ToString::to_string),
        if agreed.is_empty() { "nobody".into() } else { agreed.join(", ") },
    ]
}

pub fn roll_up(
    app: &SharedApp,
    period: Period,
    unit: Unit,
    person: Option<&PersonId>,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let by = match unit {
        Unit::Person => RollUpBy::Person,
        Unit::Team => RollUpBy::Team,
        Unit::Department => RollUpBy::Department,
        Unit::District => RollUpBy::District,
        Unit::Outlet => return outlets(app, period, person, format, report),
    };
    let all = rollup::of_people(app, period, by)?;
    if format == Format::Json {
        return print_json(report, &all);
    }
    let months: Vec<String> = all.months.iter().map(|month| format!("{} {}", month.month, month.status)).collect();
    let mut out = format!("{}: {}\n\n", all.period, months.join(", "));
    let name = |unit: &str| if unit.is_empty() { "(none)".to_string() } else { unit.to_string() };
    let rows = all.rows.iter().map(|row| {
        vec![name(&row.unit), row.name.clone(), row.members.len().to_string(), row.total.to_string(), row.gated_months.to_string()]
    });
    out += &table(&["unit", "name", "managers", "points", "gated months"], &["managers", "points", "gated months"], rows);
    let ids: Vec<String> = all.rows.iter().map(|row| name(&row.unit)).collect();
    let header: Vec<&str> = std::iter::once("indicator").chain(ids.iter().map(String::as_str)).collect();
    let first = all.rows.first().map_or(&[][..], |row| row.indicators.as_slice());
    let rows = first.iter().enumerate().map(|(at, indicator)| {
        let cell = |row: &shared::score::RollUpRow| {
            let one = &row.indicators[at];
            let reached = one.reached.as_ref().map_or(String::new(), |reached| format!(" ({reached})"));
            format!("{}{reached}", one.points)
        };
        std::iter::once(indicator.id.to_string()).chain(all.rows.iter().map(cell)).collect()
    });
    let right: Vec<&str> = ids.iter().map(String::as_str).collect();
    out += &format!("\n{}\n", table(&header, &right, rows));
    all.how.iter().for_each(|how| out += &format!("{how}\n"));
    report.out(&out);
    Ok(DONE)
}

fn outlets(app: &SharedApp, period: Period, person: Option<&PersonId>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let all = rollup::of_outlets(app, period, person)?;
    if format == Format::Json {
        return print_json(report, &all);
    }
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".into());
    let rows = all.rows.iter().map(|row| {
        vec![
            row.retailer.to_string(),
            text(row.person.as_ref().map(ToString::to_string)),
            text(row.route.as_ref().map(ToString::to_string)),
            row.value.to_string(),
            text(row.value_per_carton.as_ref().map(ToString::to_string)),
            format!("{} of {}", row.visited, row.planned),
            text(row.width.map(|width| width.to_string())),
            text(row.standard.map(|standard| standard.to_string())),
        ]
    });
    let header = ["outlet", "manager", "route", "value", "per carton", "stops", "width", "standard"];
    report.out(&format!("{}\n\n{}\n{}\n", all.period, table(&header, &["value", "per carton", "width", "standard"], rows), all.how));
    Ok(DONE)
}

/// The one of the three that was given.
pub fn period(month: Option<Month>, quarter: Option<Quarter>, year: Option<i16>) -> ApiResult<Period> {
    match (month, quarter, year) {
        (Some(month), _, _) => Ok(Period::Month(month)),
        (None, Some(quarter), _) => Ok(Period::Quarter(quarter)),
        (None, None, Some(year)) => Ok(Period::Year(year)),
        (None, None, None) => Err(ApiError::with(shared::problem::Code::Invalid, "name a month, a quarter or a year")),
    }
}
