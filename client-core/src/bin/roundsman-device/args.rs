//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::{Date, Time};
use shared::decimal::Dec;
use shared::ids::{PersonId, RetailerId, RouteId, Sku, TransferId, VisitId};
use shared::score::Change;
use shared::time::{Month, Quarter, Week, parse_date, parse_time};

/// A phone of Roundsman without a screen: everything works offline but `enrol`, `sync` and `replay`.
#[derive(Parser)]
#[command(name = "roundsman-device", version)]
pub struct Cli {
    /// The folder of this device (of `replay`: of its devices' folders).
    #[arg(long, global = true, default_value = "./roundsman-device-data")]
    pub data: PathBuf,
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    En,
    Zh,
}

#[derive(Subcommand)]
pub enum Command {
    /// Enrol this device with a person's one-time code, or make it known again with a new one.
    Enrol {
        /// Head office's address, as http://127.0.0.1:8080.
        #[arg(long, value_name = "URL")]
        server: String,
        /// The code that staff gave out.
        #[arg(long)]
        code: String,
        /// What staff see in the list of devices.
        #[arg(long, default_value = "headless")]
        name: String,
    },
    /// The stops of a day.
    Today {
        /// Default: today in the district.
        #[arg(long, value_parser = date)]
        date: Option<Date>,
    },
    /// Begin a visit; prints its id.
    CheckIn(CheckInArgs),
    /// Count stock, in packs.
    Stock {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
        #[arg(required = true, value_name = "SKU=PACKS", value_parser = line)]
        lines: Vec<(Sku, i64)>,
    },
    /// Draft an order, in cartons.
    Order {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
        #[arg(required = true, value_name = "SKU=CARTONS", value_parser = line)]
        lines: Vec<(Sku, i64)>,
    },
    /// What a shop is to order, and why; offline, from what this device knows.
    Suggest(SuggestArgs),
    /// Order plans, and what head office ruled on their lines.
    Orders(OrdersArgs),
    /// End a visit.
    CheckOut {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
        /// Local time of the visit's day. Default: now.
        #[arg(long, value_name = "HH:MM:SS", value_parser = time)]
        at: Option<Time>,
    },
    /// Mark a visit as made by mistake.
    Remove {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
    },
    /// Note what was said at a visit; replaces the note.
    Note {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
        text: String,
    },
    /// Note what an audit item was found to be.
    Audit {
        /// The visit's id, as `check-in` printed it.
        #[arg(long)]
        visit: VisitId,
        item: String,
        value: String,
    },
    /// Report a planned stop as not made.
    Missed {
        #[arg(long)]
        retailer: RetailerId,
        #[arg(long)]
        route: Option<RouteId>,
        #[arg(long, value_parser = date)]
        date: Option<Date>,
        #[arg(long)]
        reason: String,
    },
    /// Write the diary of a route's day; replaces it.
    Diary {
        #[arg(long)]
        route: RouteId,
        #[arg(long, value_parser = date)]
        date: Option<Date>,
        text: String,
    },
    /// A shop's file.
    #[command(subcommand)]
    Shop(ShopCommand),
    /// Send and fetch everything.
    Sync,
    /// What is on this device and what is at head office.
    Status,
    /// The provisional score of this device's person, or the receipt of one indicator.
    Score {
        /// Default: this month.
        #[arg(long)]
        month: Option<Month>,
        /// Score what was done up to this date. Default: today, or the month's end once it is past.
        #[arg(long, value_parser = date)]
        as_of: Option<Date>,
        /// Explain this indicator.
        #[arg(long)]
        indicator: Option<shared::ids::IndicatorId>,
    },
    /// What would come of other actuals: points, caps and gate, without a network.
    WhatIf {
        /// Default: this month.
        #[arg(long)]
        month: Option<Month>,
        /// slim=+3 (added), sales=20000 (set), coverage/SKU=+2 (an item).
        #[arg(required = true, value_name = "INDICATOR=AMOUNT")]
        changes: Vec<Change>,
    },
    /// Goals of a quarter with who agreed and how far they are; or put, agree on or remove one.
    Goals {
        /// Default: this quarter.
        #[arg(long)]
        quarter: Option<Quarter>,
        #[command(subcommand)]
        what: Option<GoalsCommand>,
    },
    /// Parts of plans that you take over from a colleague, or a colleague from you.
    #[command(subcommand)]
    Transfer(TransferCommand),
    /// A week's summary: what was saved of it, or else a draft; or save the edited text.
    Week {
        /// Default: the week of today in the district.
        #[arg(long)]
        week: Option<Week>,
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
        /// The draft, though a summary was saved.
        #[arg(long, conflicts_with = "save")]
        draft: bool,
        /// Save this file's text as the week's summary (-: standard input).
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// What head office has published of this person's month.
    Published {
        #[arg(long)]
        month: Month,
    },
    /// File a dispute about a published point; it goes with the next sync.
    Dispute {
        #[arg(long)]
        month: Month,
        /// Default: the latest.
        #[arg(long)]
        revision: Option<u32>,
        #[arg(long)]
        indicator: shared::ids::IndicatorId,
        /// The line of the receipt that it concerns.
        #[arg(long, default_value = "")]
        line: String,
        #[arg(long)]
        text: String,
    },
    /// This person's disputes about a month, and what was ruled.
    Disputes {
        #[arg(long)]
        month: Month,
    },
    /// Replay a field log through headless devices, one per person and phone.
    Replay(ReplayArgs),
}

#[derive(Args)]
pub struct CheckInArgs {
    /// The shop's id.
    #[arg(long)]
    pub retailer: RetailerId,
    /// Default: the shop's route on the date.
    #[arg(long)]
    pub route: Option<RouteId>,
    /// Default: today in the district.
    #[arg(long, value_parser = date)]
    pub date: Option<Date>,
    /// Degrees.
    #[arg(long, allow_hyphen_values = true, requires = "lon", value_parser = degrees)]
    pub lat: Option<i32>,
    #[arg(long, allow_hyphen_values = true, requires = "lat", value_parser = degrees)]
    pub lon: Option<i32>,
    /// Metres.
    #[arg(long)]
    pub accuracy: Option<i64>,
    /// Local time of the date. Default: now.
    #[arg(long, value_name = "HH:MM:SS", value_parser = time)]
    pub at: Option<Time>,
}

#[derive(Args)]
pub struct SuggestArgs {
    /// The shop's id.
    #[arg(long)]
    pub retailer: RetailerId,
    /// Default: the visit's date, or today in the district.
    #[arg(long, value_parser = date)]
    pub date: Option<Date>,
    /// Write it as the order plan of this visit.
    #[arg(long, requires = "visit")]
    pub accept: bool,
    /// The visit's id, as `check-in` printed it.
    #[arg(long)]
    pub visit: Option<VisitId>,
    /// Also SKUs of which nothing is to be ordered.
    #[arg(long)]
    pub all: bool,
    /// The language of the reasons.
    #[arg(long, default_value = "en")]
    pub words: Words,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Words {
    En,
    Zh,
}

#[derive(Args)]
pub struct OrdersArgs {
    /// Default: the last date.
    #[arg(long, value_parser = date)]
    pub from: Option<Date>,
    /// Default: today in the district.
    #[arg(long, value_parser = date)]
    pub to: Option<Date>,
}

#[derive(Subcommand)]
pub enum ShopCommand {
    /// Show what is known.
    Show { retailer: RetailerId },
    /// Add a contact, or change one by its id.
    Contact {
        retailer: RetailerId,
        #[arg(long)]
        id: Option<String>,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "")]
        role: String,
        #[arg(long, default_value = "")]
        phone: String,
        #[arg(long)]
        birthday: Option<String>,
    },
    /// Set a preference, habit or need.
    Fact { retailer: RetailerId, key: String, value: String },
    /// Log a call, a message or a talk.
    Log {
        retailer: RetailerId,
        #[arg(long, default_value = "call")]
        kind: String,
        text: String,
    },
    /// Set a follow-up, or close one.
    FollowUp {
        retailer: RetailerId,
        #[arg(long, value_parser = date, required_unless_present = "close", conflicts_with = "close")]
        due: Option<Date>,
        /// The id of the follow-up that is done.
        #[arg(long)]
        close: Option<String>,
        #[arg(required_unless_present = "close", default_value = "")]
        text: String,
    },
    /// Note a complaint.
    Complaint {
        retailer: RetailerId,
        #[arg(long)]
        severity: Option<String>,
        text: String,
    },
}

#[derive(Subcommand)]
pub enum GoalsCommand {
    /// Put a goal, or change one by its id: then both sides agree anew.
    Put {
        #[arg(long)]
        id: Option<String>,
        #[arg(long)]
        title: String,
        /// INDICATOR, or INDICATOR/SKU.
        #[arg(long)]
        measure: String,
        /// A number over 0, as 300 or 95%.
        #[arg(long)]
        target: String,
    },
    /// Agree on a goal; the supervisor agrees at head office.
    Agree { id: String },
    /// Take a goal back.
    Remove { id: String },
}

#[derive(Subcommand)]
pub enum TransferCommand {
    /// What is asked, agreed and confirmed, without a network.
    List {
        #[arg(long)]
        month: Option<Month>,
    },
    /// Propose one that you are part of; you agree by it. Needs a network.
    Propose {
        /// Whose plan becomes less.
        #[arg(long)]
        from: PersonId,
        /// Whose plan becomes more.
        #[arg(long)]
        to: PersonId,
        #[arg(long)]
        month: Month,
        #[arg(long)]
        indicator: shared::ids::IndicatorId,
        /// Of a per-item indicator: the SKU.
        #[arg(long)]
        item: Option<Sku>,
        #[arg(long)]
        amount: Dec,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Agree to one. Needs a network.
    Agree { id: TransferId },
    /// Decline one. Needs a network.
    Decline {
        id: TransferId,
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args)]
pub struct ReplayArgs {
    #[arg(long)]
    pub server: String,
    /// CSV: `person_id,code`.
    #[arg(long)]
    pub codes: PathBuf,
    #[arg(long)]
    pub log: PathBuf,
    #[arg(long, value_parser = date)]
    pub from: Option<Date>,
    #[arg(long, value_parser = date)]
    pub to: Option<Date>,
    /// Each device syncs after so many of its days.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub offline_days: u32,
    /// Devices that work at a time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallel: u16,
    /// Only the devices of this person.
    #[arg(long)]
    pub person: Option<PersonId>,
}

fn date(text: &str) -> Result<Date, String> {
    parse_date(text).map_err(|e| e.to_string())
}

fn time(text: &str) -> Result<Time, String> {
    parse_time(text).map_err(|e| e.to_string())
}

fn degrees(text: &str) -> Result<i32, String> {
    client_core::fieldlog::parse_degrees(text).ok_or_else(|| format!("`{text}` is not a decimal number of degrees"))
}

fn line(text: &str) -> Result<(Sku, i64), String> {
    let (sku, number) = text.rsplit_once('=').ok_or("it is not SKU=NUMBER")?;
    let number = number.parse().map_err(|_| format!("`{number}` is no whole number"))?;
    Ok((Sku::new(sku).map_err(|e| e.to_string())?, number))
}
