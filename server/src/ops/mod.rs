//! What the command lines do, as values: run in the process that holds the data folder, whichever that is.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, IndicatorId, PersonId};
use shared::problem::Code;
use shared::score::Change;
use shared::time::{Month, Quarter, parse_date};

use crate::error::{ApiError, ApiResult};
use crate::scores::Asked;
use crate::state::SharedApp;
use targets::Unit;
pub use targets::{GoalsCommand, TargetsCommand};

pub mod assign;
pub mod backups;
pub mod calendar;
pub mod control;
mod disputes;
pub mod export;
mod festivals;
pub mod folder;
pub mod import;
pub mod months;
pub mod orders;
pub mod people;
mod schemes;
mod score_events;
mod scores;
mod targets;
pub mod terminal;
pub mod verify;
mod width;

pub use disputes::DisputeCommand;
pub use export::Export;
pub use festivals::FestivalCommand;
pub use schemes::SchemeCommand;
pub use score_events::EventCommand;
pub use width::WidthCommand;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Who decides.
#[derive(Clone, Debug, Default, clap::Args, Serialize, Deserialize)]
pub struct By {
    /// Who decides, a person of staff (default: `operator`, whoever runs commands on the data folder)
    #[arg(long, value_name = "PERSON")]
    pub by: Option<PersonId>,
}

/// A command on a data folder.
#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Import a district folder: all of it, or nothing and every fault listed
    Import {
        folder: PathBuf,
        /// This file is the whole truth: rows that it no longer has are removed (may be repeated)
        #[arg(long, value_name = "FILE")]
        replace: Vec<String>,
        #[command(flatten)]
        by: By,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Take in a rescue file: a phone's unsynced work, carried by hand
    ImportRescue {
        file: PathBuf,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One-time enrolment codes, as CSV
    #[command(group(clap::ArgGroup::new("who").required(true).args(["person", "all"])))]
    Enrol {
        #[arg(long)]
        person: Option<PersonId>,
        /// Every manager
        #[arg(long)]
        all: bool,
    },
    /// The scores of a month
    Score {
        #[arg(long)]
        month: Month,
        /// As if this were the last day known (default: the month's last)
        #[arg(long, value_parser = parse_date)]
        as_of: Option<Date>,
        #[arg(long)]
        person: Option<PersonId>,
        /// By what is known now, also where the month is published
        #[arg(long, conflicts_with = "revision")]
        live: bool,
        /// A certain revision of a published month (default: the latest)
        #[arg(long)]
        revision: Option<u32>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The stars of a quarter
    Stars {
        #[arg(long)]
        quarter: Quarter,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What would come of other actuals: points, caps, gate and star
    WhatIf {
        #[arg(long)]
        month: Month,
        #[arg(long, value_parser = parse_date)]
        as_of: Option<Date>,
        #[arg(long)]
        person: PersonId,
        /// slim=+3 (added), sales=20000 (set), coverage/SKU=+2 (an item)
        #[arg(required = true, value_name = "INDICATOR=AMOUNT")]
        changes: Vec<Change>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The receipt of one indicator: what it rests on, and the arithmetic
    Explain {
        #[arg(long)]
        month: Month,
        #[arg(long, value_parser = parse_date)]
        as_of: Option<Date>,
        #[arg(long)]
        person: PersonId,
        #[arg(long)]
        indicator: IndicatorId,
        /// By what is known now, also where the month is published
        #[arg(long, conflicts_with = "revision")]
        live: bool,
        /// A certain revision of a published month (default: the latest)
        #[arg(long)]
        revision: Option<u32>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Publish a month: the next revision of its scores, immutable and signed
    Publish {
        #[arg(long)]
        month: Month,
        /// The revision that you have seen; default: whatever is the latest
        #[arg(long)]
        seen: Option<u32>,
        /// Although the work of some managers is not all here
        #[arg(long)]
        incomplete: bool,
        /// A manager who stays as published before, and why: PERSON=REASON (may be repeated)
        #[arg(long, value_name = "PERSON=REASON")]
        hold: Vec<String>,
        /// A manager whose restatement was held back, and is published now (may be repeated)
        #[arg(long, value_name = "PERSON")]
        release: Vec<PersonId>,
        #[command(flatten)]
        by: By,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// A month's revisions
    Month {
        #[arg(long)]
        month: Month,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What would be different if a published month were scored by what is known now, and the facts behind it
    Restatement {
        #[arg(long)]
        month: Month,
        /// Hold a manager's back, and why: PERSON=REASON
        #[arg(long, value_name = "PERSON=REASON")]
        hold: Option<String>,
        #[command(flatten)]
        by: By,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Disputes about published scores, and rulings on them
    Dispute {
        #[command(subcommand)]
        what: DisputeCommand,
    },
    /// Points that staff give or take: recorded by one, approved by another
    Event {
        #[command(subcommand)]
        what: EventCommand,
    },
    /// Order plans of visits: what awaits a ruling, and rulings on their lines
    Orders {
        #[command(subcommand)]
        what: orders::OrderCommand,
    },
    /// A month's complaints, and what was ruled on them
    Complaints {
        #[arg(long)]
        month: Month,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The audit log: who decided what, when, and what it was before and after
    Audit {
        /// Rows behind this one
        #[arg(long, default_value_t = 0)]
        after: u64,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The server's public key, to be pinned by whoever verifies
    Key,
    /// Targets: the cascade's sums, and transfers between managers
    Targets {
        #[command(subcommand)]
        what: TargetsCommand,
    },
    /// Goals of a quarter with who agreed and how far they are; or agree on, put or remove one
    #[command(args_conflicts_with_subcommands = true)]
    Goals {
        #[arg(long, required = true)]
        quarter: Option<Quarter>,
        #[arg(long)]
        person: Option<PersonId>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        #[command(subcommand)]
        what: Option<GoalsCommand>,
    },
    /// What scores come to for teams, departments or the district, or shop by shop
    #[command(group(clap::ArgGroup::new("period").required(true).args(["month", "quarter", "year"])))]
    Rollup {
        #[arg(long)]
        month: Option<Month>,
        #[arg(long)]
        quarter: Option<Quarter>,
        #[arg(long)]
        year: Option<i16>,
        #[arg(long, value_enum, default_value_t = Unit::Person)]
        by: Unit,
        /// With `--by outlet`: whose (default: everybody's)
        #[arg(long)]
        person: Option<PersonId>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// A day's progress: per manager and route
    Progress {
        /// Default: today in the district
        #[arg(long, value_parser = parse_date)]
        date: Option<Date>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// A month's data as CSV; `revision`: what was published, with all that it was scored from, for `roundsman verify`
    Export {
        #[arg(value_enum)]
        what: Export,
        #[arg(long)]
        month: Month,
        /// With `revision`: which one (default: the latest)
        #[arg(long)]
        revision: Option<u32>,
    },
    /// Copy the data into a new file, checked, while the server may run
    Backup { file: PathBuf },
    /// Enrolled devices
    Devices {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Revoke a device: what it still sends is heard and held back
    Revoke { device: DeviceId },
    /// Give a login a new password and print it
    Password {
        #[arg(long)]
        login: String,
    },
    /// Changes that are held back, and rulings on them
    Quarantine {
        #[arg(long, conflicts_with = "reject")]
        release: Option<i64>,
        #[arg(long)]
        reject: Option<i64>,
        #[command(flatten)]
        by: By,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Versions of the scheme: what there is, what differs, what one would have made of a quarter
    Scheme {
        #[command(subcommand)]
        what: SchemeCommand,
    },
    /// Brand-width standards from what shops hold
    Width {
        #[command(subcommand)]
        what: WidthCommand,
    },
    /// What festivals do to demand
    Festival {
        #[command(subcommand)]
        what: FestivalCommand,
    },
}

/// Where a command's output goes: to the terminal, or through the socket to another's.
pub trait Report {
    fn out(&mut self, text: &str);
    fn err(&mut self, text: &str);
    /// So much of so much is done of something.
    fn progress(&mut self, what: &str, done: u64, total: u64);
}

/// Done.
pub const DONE: u8 = 0;
/// Refused, or faulty input.
pub const REFUSED: u8 = 1;

/// Runs a command and answers its exit code.
pub fn run(app: &SharedApp, command: &Command, report: &mut dyn Report) -> u8 {
    match execute(app, command, report) {
        Ok(code) => code,
        Err(error) => {
            report.err(&format!("{}\n", sentence(&error)));
            REFUSED
        }
    }
}

/// What a terminal says of an error: what exactly, where that is known, and the stable code.
pub fn sentence(error: &ApiError) -> String {
    let what = error.detail.clone().unwrap_or_else(|| error.code.sentence(false).to_string());
    format!("{what} ({})", error.code.code())
}

fn execute(app: &SharedApp, command: &Command, report: &mut dyn Report) -> ApiResult<u8> {
    match command {
        Command::ImportRescue { file, format } => people::import_rescue(app, file, *format, report),
        Command::Import { folder, replace, by, format } => import::import(app, folder, replace, by.by.as_ref(), *format, report),
        Command::Enrol { person, all: _ } => people::enrol(app, person.as_ref(), report),
        Command::Score { month, as_of, person, live, revision, format } => {
            let asked = Asked { as_of: *as_of, person: person.clone(), live: *live, revision: *revision };
            scores::score(app, *month, &asked, *format, report)
        }
        Command::Stars { quarter, format } => scores::stars(app, *quarter, *format, report),
        Command::WhatIf { month, as_of, person, changes, format } => scores::what_if(app, *month, *as_of, person, changes, *format, report),
        Command::Explain { month, as_of, person, indicator, live, revision, format } => {
            let asked = Asked { as_of: *as_of, person: Some(person.clone()), live: *live, revision: *revision };
            scores::explain(app, *month, &asked, person, indicator, *format, report)
        }
        Command::Publish { month, seen, incomplete, hold, release, by, format } => {
            let asked = months::Asked { month: *month, seen: *seen, incomplete: *incomplete, hold, release, by };
            months::publish(app, &asked, *format, report)
        }
        Command::Month { month, format } => months::month(app, *month, *format, report),
        Command::Restatement { month, hold, by, format } => months::restatement(app, *month, hold.as_deref(), by, *format, report),
        Command::Dispute { what } => disputes::run(app, what, report),
        Command::Event { what } => score_events::run(app, what, report),
        Command::Orders { what } => orders::orders(app, what, report),
        Command::Complaints { month, format } => score_events::complaints(app, *month, *format, report),
        Command::Audit { after, format } => months::audit(app, *after, *format, report),
        Command::Key => {
            report.out(&format!("{}\n", app.keys.public()));
            Ok(DONE)
        }
        Command::Targets { what } => targets::targets(app, what, report),
        Command::Goals { what: Some(what), .. } => targets::goal(app, what, report),
        Command::Goals { quarter, person, format, what: None } => {
            let quarter = quarter.ok_or_else(|| ApiError::with(Code::Invalid, "name a quarter"))?;
            targets::list_goals(app, quarter, person.as_ref(), *format, report)
        }
        Command::Rollup { month, quarter, year, by, person, format } => {
            targets::roll_up(app, targets::period(*month, *quarter, *year)?, *by, person.as_ref(), *format, report)
        }
        Command::Progress { date, format } => scores::progress(app, *date, *format, report),
        Command::Export { what, month, revision } => export::export(app, *what, *month, *revision, report),
        Command::Backup { file } => folder::backup(app, file, report),
        Command::Devices { format } => people::devices(app, *format, report),
        Command::Revoke { device } => people::revoke(app, device, report),
        Command::Password { login } => people::password(app, login, report),
        Command::Scheme { what } => schemes::run(app, what, report),
        Command::Width { what } => width::run(app, what, report),
        Command::Festival { what } => festivals::run(app, what, report),
        Command::Quarantine { release, reject, by, format } => people::quarantine(app, *release, *reject, by.by.as_ref(), *format, report),
    }
}

/// A value as JSON, for programs.
fn print_json(report: &mut dyn Report, value: &impl Serialize) -> ApiResult<u8> {
    let text = serde_json::to_string_pretty(value).map_err(ApiError::internal)?;
    report.out(&(text + "\n"));
    Ok(DONE)
}

/// What somebody has changed by hand is not overwritten.
fn write_new(file: &Path, text: &str) -> ApiResult<()> {
    let fail = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => ApiError::with(Code::Exists, format!("{} exists; it is not overwritten", file.display())),
        _ => ApiError::with(Code::Invalid, format!("{}: {e}", file.display())),
    };
    let mut new = std::fs::File::create_new(file).map_err(fail)?;
    new.write_all(text.as_bytes()).and_then(|()| new.sync_all()).map_err(fail)
}
