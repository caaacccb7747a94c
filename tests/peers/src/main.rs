//! How two existing Automerge sync servers do on the work that Roundsman's own server does when devices return to the office.

mod client;
mod data;
mod load;
mod peer;
mod process;
mod run;
mod seed;
mod server;
mod sqlite;
mod verify;

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures other Automerge sync servers on the return to the office")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve as a samod sync server over SQLite, until killed
    Serve {
        #[arg(long, value_parser = ["samod"], default_value = "samod")]
        peer: String,
        #[arg(long, default_value_t = 0)]
        port: u16,
        #[arg(long)]
        dir: PathBuf,
    },
    /// Seed, load, kill and verify a peer; prints one JSON object
    Run(run::Options),
    /// One run's load, in a process of its own so that it can be pinned and starts cold
    #[command(hide = true)]
    Load(load::Options),
    /// What an empty client still finds of what was acknowledged
    #[command(hide = true)]
    Verify(verify::Options),
}

fn main() -> ExitCode {
    match command() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("failed: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Result<()> {
    match Arguments::parse().command {
        Command::Serve { port, dir, .. } => tokio::runtime::Runtime::new()?.block_on(server::serve(port, &dir)),
        Command::Run(options) => run::run(&options),
        Command::Load(options) => on_one_thread(load::load(&options)),
        Command::Verify(options) => on_one_thread(verify::verify(&options)),
    }
}

/// The clients share one core, so more threads would only get into each other's way.
fn on_one_thread(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
