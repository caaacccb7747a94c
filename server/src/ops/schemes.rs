//! Commands about versions of the scheme.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use shared::ids::PersonId;
use shared::limits;
use shared::problem::Code;
use shared::scheme::{Change, Comparison, Scheme, Verdict, compare};
use shared::time::{Month, Quarter};

use super::terminal::table;
use super::{By, DONE, Format, REFUSED, Report, print_json};
use crate::decisions;
use crate::error::{ApiError, ApiResult};
use crate::schemes;
use crate::schemes::replay::{GateReading, Reading, Replay, Span, replay};
use crate::state::SharedApp;

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemeCommand {
    /// Every version, the first imported first
    List {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// A version as its file was imported
    Show {
        /// Or its first digits
        hash: String,
    },
    /// Take a scheme in as a further version
    Import {
        file: PathBuf,
        #[command(flatten)]
        by: By,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What differs between two schemes, indicator by indicator; each a file, or a version's hash or its first digits
    Compare {
        a: String,
        b: String,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What a scheme would have made of a month or a quarter, per person; nothing is stored
    #[command(group(clap::ArgGroup::new("span").required(true).args(["quarter", "month"])))]
    Replay {
        /// A file, or a version's hash or its first digits
        #[arg(long, value_name = "FILE|HASH")]
        scheme: String,
        #[arg(long)]
        quarter: Option<Quarter>,
        #[arg(long)]
        month: Option<Month>,
        /// How the scheme's gate is read
        #[arg(long, value_enum, default_value_t)]
        gate: GateReading,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

impl SchemeCommand {
    /// What names a file here does so wherever the command is run.
    pub fn make_files_absolute(&mut self) -> std::io::Result<()> {
        if let Self::Import { file, .. } = self {
            *file = std::path::absolute(&*file)?;
        }
        let named: Vec<&mut String> = match self {
            Self::Compare { a, b, .. } => vec![a, b],
            Self::Replay { scheme, .. } => vec![scheme],
            Self::List { .. } | Self::Show { .. } | Self::Import { .. } => vec![],
        };
        for name in named.into_iter().filter(|name| Path::new(name.as_str()).is_file()) {
            *name = std::path::absolute(&*name)?.to_string_lossy().into_owned();
        }
        Ok(())
    }
}

pub fn run(app: &SharedApp, command: &SchemeCommand, report: &mut dyn Report) -> ApiResult<u8> {
    match command {
        SchemeCommand::List { format } => list(app, *format, report),
        SchemeCommand::Show { hash } => {
            report.out(&schemes::text_of(app, hash)?);
            Ok(DONE)
        }
        SchemeCommand::Import { file, by, format } => import(app, file, by.by.as_ref(), *format, report),
        SchemeCommand::Compare { a, b, format } => {
            let comparison = compare(&named(app, a)?, &named(app, b)?);
            if *format == Format::Json {
                return print_json(report, &comparison);
            }
            report.out(&comparison_text(&comparison));
            Ok(DONE)
        }
        SchemeCommand::Replay { scheme, quarter, month, gate, format } => {
            crate::materialise::settle(app)?;
            let span = quarter.map(Span::Quarter).or(month.map(Span::Month));
            let span = span.ok_or_else(|| ApiError::with(Code::Invalid, "either --quarter or --month"))?;
            let replay = replay(app, &named(app, scheme)?, span, *gate)?;
            if *format == Format::Json {
                return print_json(report, &replay);
            }
            report.out(&replay_text(app, &replay));
            Ok(DONE)
        }
    }
}

/// A scheme by its file or its hash.
fn named(app: &SharedApp, name: &str) -> ApiResult<Scheme> {
    let path = Path::new(name);
    if !path.is_absolute() {
        return schemes::version(app, name);
    }
    let text = String::from_utf8(read(path)?).map_err(|_| ApiError::with(Code::Invalid, format!("{name} is not UTF-8")))?;
    schemes::proposed(text.trim_start_matches('\u{feff}'))
}

/// One byte more than a scheme may have tells one that is too large.
fn read(path: &Path) -> ApiResult<Vec<u8>> {
    let fail = |e: std::io::Error| ApiError::with(Code::Invalid, format!("{}: {e}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(limits::SCHEME_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

fn import(app: &SharedApp, file: &Path, by: Option<&PersonId>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let who = decisions::by(app, by)?;
    let taken = schemes::import(app, read(file)?, &who)?;
    let (code, found) = match taken {
        Ok(found) => (DONE, found),
        Err(found) => (REFUSED, found),
    };
    match format {
        Format::Json => report.out(&found.to_json()),
        Format::Text if code == DONE => report.out(&found.to_text()),
        Format::Text => report.err(&found.to_text()),
    }
    Ok(code)
}

/// Enough digits of a hash to tell versions apart.
fn short(hash: &impl std::fmt::Display) -> String {
    hash.to_string().chars().take(12).collect()
}

fn list(app: &SharedApp, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let versions = schemes::versions(app)?;
    if format == Format::Json {
        return print_json(report, &versions);
    }
    let rows = versions.iter().map(|version| {
        vec![
            (version.ordinal + 1).to_string(),
            short(&version.named.hash),
            version.named.id.clone(),
            version.named.title.en.clone(),
            version.named.valid_from.map_or_else(|| "any month".into(), |month| month.to_string()),
            version.indicators.to_string(),
            if version.in_force { "in force".into() } else { String::new() },
        ]
    });
    report.out(&table(&["", "hash", "id", "title", "from", "indicators", ""], &["", "indicators"], rows));
    Ok(DONE)
}

fn comparison_text(comparison: &Comparison) -> String {
    let name = |scheme: &shared::scheme::Named| format!("{} ({})", scheme.id, short(&scheme.hash));
    let mut out = format!("a: {}\nb: {}\n\n", name(&comparison.a), name(&comparison.b));
    if comparison.same {
        return out + "they come to the same in everything\n";
    }
    let row = |part: &str, change: &Change| {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
        vec![part.to_string(), change.field.clone(), value(&change.a), value(&change.b)]
    };
    let parts = [("general", &comparison.general), ("gate", &comparison.gate), ("visits", &comparison.visits)];
    let mut rows: Vec<Vec<String>> = parts.iter().flat_map(|(part, changes)| changes.iter().map(move |change| row(part, change))).collect();
    let mut same = 0;
    for indicator in &comparison.indicators {
        let part = match indicator.verdict {
            Verdict::Same => {
                same += 1;
                continue;
            }
            Verdict::Changed => indicator.id.to_string(),
            Verdict::Added => format!("{} (added)", indicator.id),
            Verdict::Removed => format!("{} (removed)", indicator.id),
        };
        rows.extend(indicator.fields.iter().map(|change| row(&part, change)));
    }
    rows.extend(comparison.stars.iter().map(|change| row("stars", change)));
    out += &table(&["", "", "a", "b"], &[], rows);
    out + &format!("\n{same} indicators are the same in both\n")
}

fn replay_text(app: &SharedApp, replay: &Replay) -> String {
    let mut out = String::new();
    for reading in &replay.readings {
        let gate = reading.gate.map_or("none", |effect| match effect {
            shared::scheme::GateEffect::CapAtWeight => "cap_at_weight",
            shared::scheme::GateEffect::NoPoints => "no_points",
        });
        let months: Vec<String> = replay.months.iter().map(|month| format!("{} ({})", month.month, short(&month.scheme_now))).collect();
        out += &format!("{} ({})  gate: {gate}  beside {}\n\n", replay.scheme.id, short(&replay.scheme.hash), months.join(", "));
        out += &people_text(app, reading);
        out += &format!("\n{}", differences_text(reading));
        for warning in &reading.warnings {
            out += &format!("warning: {warning}\n");
        }
        out += "\n";
    }
    out
}

/// A row a person: each month's total by both, and of a quarter the stars and the pay.
fn people_text(app: &SharedApp, reading: &Reading) -> String {
    let directory = app.directory();
    let name = |id: &PersonId| directory.reference.people.get(id).map_or_else(String::new, |person| person.name.clone());
    let mut rows = Vec::new();
    for month in &reading.months {
        for manager in &month.managers {
            let gated = match (manager.gated_now, manager.gated_then) {
                (false, false) => "",
                (true, true) => "gated",
                (false, true) => "gated then",
                (true, false) => "gated now",
            };
            let id = &manager.person_id;
            let [now, then, difference] = [&manager.now, &manager.then, &manager.difference].map(ToString::to_string);
            rows.push(vec![month.month.to_string(), id.to_string(), name(id), now, then, difference, gated.to_string()]);
        }
    }
    let mut out = table(&["month", "manager", "name", "now", "then", "difference", ""], &["now", "then", "difference"], rows);
    let Some(stars) = &reading.stars else { return out };
    let rows = stars.iter().map(|row| {
        let maybe = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        let pay = |pay: Option<shared::decimal::Dec>| pay.map_or_else(|| "not set".into(), |pay| pay.to_string());
        let tie = if row.tie_then { "tie" } else { "" };
        vec![
            maybe(row.rank_then.map(|rank| rank.to_string())),
            row.person_id.to_string(),
            name(&row.person_id),
            maybe(row.mean_now.as_ref().map(ToString::to_string)),
            maybe(row.mean_then.as_ref().map(ToString::to_string)),
            maybe(row.difference.as_ref().map(ToString::to_string)),
            maybe(row.rank_now.map(|rank| rank.to_string())),
            "★".repeat(row.stars_now as usize),
            "★".repeat(row.stars_then as usize),
            pay(row.monthly_pay_now),
            pay(row.monthly_pay_then),
            tie.into(),
        ]
    });
    let header = ["rank", "manager", "name", "mean now", "then", "difference", "rank now", "stars now", "then", "pay now", "then", ""];
    out += &format!("\n{}", table(&header, &["rank", "mean now", "then", "difference", "rank now", "pay now"], rows));
    out
}

/// Only what differs: a quarter of a district has a hundred thousand points.
fn differences_text(reading: &Reading) -> String {
    let mut rows = Vec::new();
    for month in &reading.months {
        for manager in &month.managers {
            for indicator in manager.indicators.iter().filter(|i| i.now != i.then) {
                let points = |points: &Option<shared::score::Rounded>| points.as_ref().map_or_else(|| "–".into(), ToString::to_string);
                rows.push(vec![
                    month.month.to_string(),
                    manager.person_id.to_string(),
                    indicator.id.to_string(),
                    points(&indicator.now),
                    points(&indicator.then),
                    indicator.difference.to_string(),
                ]);
            }
        }
    }
    if rows.is_empty() {
        return "no indicator differs\n".into();
    }
    table(&["month", "manager", "indicator", "now", "then", "difference"], &["now", "then", "difference"], rows)
}
