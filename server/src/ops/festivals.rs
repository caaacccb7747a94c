//! What festivals do to demand: as a table, as JSON and as the file that an import takes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::order::{Around, FESTIVAL_WEEKS};

use super::terminal::table;
use super::{DONE, Format, Report, print_json, write_new};
use crate::error::ApiResult;
use crate::festivals::{self, FestivalFit};
use crate::state::SharedApp;

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FestivalCommand {
    /// Measure what a festival did the last time, for order suggestions before the next
    Fit {
        #[arg(long)]
        name: String,
        /// Its day the last time
        #[arg(long, value_name = "DATE")]
        last: Date,
        /// Its day the next time
        #[arg(long, value_name = "DATE")]
        next: Date,
        /// Write what was measured as a festivals.csv, to be imported; a file that exists is not overwritten
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub fn run(app: &SharedApp, command: &FestivalCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let FestivalCommand::Fit { name, last, next, out, format } = command;
    let found = festivals::measure(app, name, *last, *next)?;
    if let Some(file) = out {
        write_new(file, &festivals::to_csv(*next, &found.festival)?)?;
    }
    if *format == Format::Json {
        return print_json(report, &found);
    }
    report.out(&text(&found));
    if let Some(file) = out {
        report.out(&format!("\n{}: {} SKUs; import it to make it hold\n", file.display(), found.festival.skus.len()));
    }
    Ok(DONE)
}

/// A week's percentage of an ordinary one, beside what sold in that.
fn text(found: &FestivalFit) -> String {
    let weeks = FESTIVAL_WEEKS.map(|week| format!("week {week}"));
    let header: Vec<String> = ["SKU".into(), "packs a week".into()].into_iter().chain(weeks).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let row = |name: &str, around: &Around, weeks: &BTreeMap<i8, u32>| -> Vec<String> {
        let percents = FESTIVAL_WEEKS.map(|week| weeks.get(&week).map_or_else(|| "–".into(), |percent| format!("{percent} %")));
        [name.to_string(), format!("{:.1}", around.ordinary)].into_iter().chain(percents).collect()
    };
    let own = found.festival.skus.iter().map(|(sku, weeks)| row(sku.as_str(), &found.skus[sku], weeks));
    let rows = std::iter::once(row("all", &found.all, &found.festival.all)).chain(own);
    let mut out = format!("{}  {} → {}\n\n", found.festival.name, found.last, found.next);
    out += &table(&header, &header[1..], rows);
    for warning in &found.warnings {
        out += &format!("warning: {warning}\n");
    }
    out
}
