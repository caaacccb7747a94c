//! What the command lines do, as values: run in the process that holds the data folder, whichever that is.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, IndicatorId, PersonId};
use shared::time::{Month, Quarter, parse_date};

use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

pub mod assign;
pub mod backups;
pub mod control;
pub mod export;
pub mod folder;
pub mod import;
pub mod people;
mod scores;
pub mod terminal;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Text,
    Json,
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
    /// A month's data as CSV
    Export {
        #[arg(value_enum)]
        what: Export,
        #[arg(long)]
        month: Month,
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
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    Visits,
    Stock,
    Orders,
    Missed,
    Scores,
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
        Command::Import { folder, replace, format } => import::import(app, folder, replace, *format, report),
        Command::Enrol { person, all: _ } => people::enrol(app, person.as_ref(), report),
        Command::Score { month, as_of, person, format } => scores::score(app, *month, *as_of, person.as_ref(), *format, report),
        Command::Stars { quarter, format } => scores::stars(app, *quarter, *format, report),
        Command::Explain { month, as_of, person, indicator, format } => {
            scores::explain(app, *month, *as_of, person, indicator, *format, report)
        }
        Command::Progress { date, format } => scores::progress(app, *date, *format, report),
        Command::Export { what, month } => export::export(app, *what, *month, report),
        Command::Backup { file } => folder::backup(app, file, report),
        Command::Devices { format } => people::devices(app, *format, report),
        Command::Revoke { device } => people::revoke(app, device, report),
        Command::Password { login } => people::password(app, login, report),
        Command::Quarantine { release, reject, format } => people::quarantine(app, *release, *reject, *format, report),
    }
}

/// A value as JSON, for programs.
fn print_json(report: &mut dyn Report, value: &impl Serialize) -> ApiResult<u8> {
    let text = serde_json::to_string_pretty(value).map_err(ApiError::internal)?;
    report.out(&(text + "\n"));
    Ok(DONE)
}
