//! *Return to office*, measured: see `cargo xtask bench burst`.

mod console;
mod district;
mod export;
mod floor;
mod forms;
mod http;
mod load;
mod overload;
mod phone;
mod process;
mod report;
mod run;
mod seed;
mod template;
mod workload;
mod year;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the head office that runs work on copies of, unless it is there
    Seed(run::Options),
    /// Measure
    Run(run::Options),
    /// A manager's year
    Year(year::Options),
    /// Make a head office with a manager's year, for a phone to fetch
    Phone(phone::Options),
    /// The forms in which a day can travel
    Forms(forms::Options),
    /// The console while all return
    Console(console::Options),
    /// Ten times as much as the server can do
    Overload(overload::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Seed(options) => run::seed(&options),
        Command::Run(options) => run::run(&options),
        Command::Year(options) => year::run(&options),
        Command::Phone(options) => phone::run(&options),
        Command::Forms(options) => forms::run(&options),
        Command::Console(options) => console::run(&options),
        Command::Overload(options) => overload::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("failed: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Where things are.
#[derive(Clone, Debug, clap::Args)]
pub struct Places {
    /// Seeds and copies
    #[arg(long, default_value = "target/burst")]
    pub work: PathBuf,
    /// The server's program
    #[arg(long, default_value = "target/release/roundsman")]
    pub server: PathBuf,
}
