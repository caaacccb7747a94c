//! `replay`: a field log through headless devices.

use std::error::Error;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use client_core::System;
use client_core::fieldlog;
use client_core::replay::{Codes, Event, Replay, Summary};
use client_core::transport::Http;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::ReplayArgs;
use crate::show::{Show, complain, table};

pub fn run(args: &ReplayArgs, data: &Path, show: &Show) -> Result<ExitCode, Box<dyn Error>> {
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let mut log = fieldlog::parse(&read(&args.log)?);
    for column in &log.ignored {
        complain(format_args!("{}: warning: column {column} is not known and was ignored", args.log.display()));
    }
    for fault in &log.faults {
        complain(format_args!("{}: {fault}", args.log.display()));
    }
    if let Some(person) = &args.person {
        log.rows.retain(|row| row.person == *person);
    }
    let codes = Codes::parse(&read(&args.codes)?)?;
    let replay = Replay {
        log: &log,
        codes: &codes,
        from: args.from,
        to: args.to,
        offline_days: args.offline_days,
        data: data.to_path_buf(),
        server: &args.server,
        parallel: usize::from(args.parallel),
        sleep: &std::thread::sleep,
        surroundings: &|| Box::new(System),
    };
    let bar = bar(replay.visits());
    let connect = || Box::new(Http::new(&args.server)) as Box<dyn client_core::transport::Transport>;
    let progress = |event| {
        if event == Event::Visit {
            bar.inc(1);
        }
    };
    let summary = client_core::replay::run(&replay, &connect, &progress)?;
    bar.finish_and_clear();
    // Those of the log's rows are said already.
    for fault in summary.faults.iter().skip(log.faults.len()) {
        complain(format_args!("roundsman-device: {fault}"));
    }
    show.say(&summary, || text(&summary, show.colour));
    Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A bar on a terminal, else nothing.
fn bar(visits: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} visits, {eta} left");
    ProgressBar::new(visits as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn text(summary: &Summary, colour: bool) -> String {
    let s = summary;
    let rows = [
        ("devices", s.devices.to_string()),
        ("visits", s.visits.to_string()),
        ("rows refused", s.refused_rows.to_string()),
        ("actions at head office", s.acknowledged.to_string()),
        ("actions on the devices", s.pending.to_string()),
        ("actions waiting", s.waiting.to_string()),
        ("actions held back", s.quarantined.to_string()),
        ("actions refused", s.rejected.to_string()),
        ("requests", s.requests.to_string()),
        ("bytes up", s.bytes_up.to_string()),
        ("bytes down", s.bytes_down.to_string()),
        ("syncs", s.syncs.to_string()),
        ("sync p50", format!("{} ms", s.sync_p50_ms)),
        ("sync p99", format!("{} ms", s.sync_p99_ms)),
        ("elapsed", format!("{:.1} s", s.elapsed_ms as f64 / 1000.0)),
        ("device days a second", format!("{:.1}", s.device_days_per_s)),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_string(), value]);
    table(&[], rows.into(), &[1], colour)
}
