//! `roundsman-device`: the phone's core without a screen, for scripts, load and replays. Exit codes: 0 done, 1 refused or
//! faulty, 2 wrong usage.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod commands;
mod orders;
mod replay;
mod show;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(fault) => {
            show::complain(format_args!("roundsman-device: {fault}"));
            ExitCode::FAILURE
        }
    }
}
