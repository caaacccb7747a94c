//! The driver: for each run a fresh copy of the seeded store, a cold server and a cold load, a kill, and a look at what is left.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::data::{self, Workload};
use crate::load::Load;
use crate::peer::{Peer, Program};
use crate::process::{allow_open_files, pinned};
use crate::seed;
use crate::verify::Verdict;

#[derive(Args)]
pub struct Options {
    #[arg(long)]
    peer: Peer,
    /// How many devices return at once
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    devices: u32,
    /// The devices' and the server's documents
    #[arg(long)]
    data: PathBuf,
    /// Where derived documents, seeded stores and the node server are kept
    #[arg(long)]
    work: PathBuf,
    /// After so long a run is given up
    #[arg(long, default_value_t = 300)]
    timeout_s: u64,
    #[arg(long, default_value_t = 3)]
    runs: u32,
    #[arg(long, default_value_t = 0)]
    server_core: u32,
    #[arg(long, default_value_t = 1)]
    load_core: u32,
}

#[derive(Serialize)]
struct Report<'a> {
    peer: &'a str,
    version: &'a str,
    devices: u32,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    #[serde(flatten)]
    load: Load,
    lost: usize,
}

pub fn run(options: &Options) -> Result<()> {
    allow_open_files()?;
    fs::create_dir_all(&options.work).with_context(|| options.work.display().to_string())?;
    let work = fs::canonicalize(&options.work)?;
    let program = options.peer.prepare(&work)?;
    let workload = data::prepare(&options.data, options.devices, &work)?;
    let seed = seed::store(options.peer, &workload, &work)?;
    let mut runs = Vec::new();
    for number in 1..=options.runs {
        eprintln!("{}, {} devices, run {number} of {}", options.peer.name(), options.devices, options.runs);
        runs.push(one(options, &program, &workload, &seed, &work.join("run"))?);
    }
    let report = Report { peer: options.peer.name(), version: &program.version, devices: options.devices, runs };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn one(options: &Options, program: &Program, workload: &Workload, seed: &Path, dir: &Path) -> Result<Run> {
    let (store, acknowledged, log) = (dir.join("store"), dir.join("acknowledged.json"), dir.join("server.log"));
    seed::copy(seed, &store)?;
    let files = [OsStr::new("--devices"), workload.file.as_os_str(), OsStr::new("--acknowledged"), acknowledged.as_os_str()];

    let server = program.start(options.server_core, &store, &log)?;
    let numbers = [("--port", server.port.into()), ("--server-pid", server.pid().into()), ("--timeout-s", options.timeout_s)];
    let load: Load = child(options.load_core, "load", &files, &numbers)?;
    drop(server);
    if !load.ok {
        eprintln!("  not all devices finished within {} s", options.timeout_s);
    }

    let server = program.start(options.server_core, &store, &log)?;
    let verdict: Verdict = child(options.load_core, "verify", &files, &[("--port", server.port.into())])?;
    drop(server);
    eprintln!("  lost {} of what was acknowledged", verdict.lost);
    fs::remove_dir_all(&store)?;
    Ok(Run { load, lost: verdict.lost })
}

/// Runs a subcommand of this program on a core and reads the JSON that it prints.
fn child<T: DeserializeOwned>(core: u32, subcommand: &str, files: &[&OsStr], numbers: &[(&str, u64)]) -> Result<T> {
    let mut command = pinned(core, std::env::current_exe()?);
    command.arg(subcommand).args(files).stderr(Stdio::inherit());
    for (name, number) in numbers {
        command.args([*name, &number.to_string()]);
    }
    let output = command.output().context("taskset")?;
    ensure!(output.status.success(), "{subcommand} failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}
