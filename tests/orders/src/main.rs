//! Order suggestions against real demand: see `cargo xtask bench orders`.

mod demand;
mod policy;
mod report;
mod shelf;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Parser;

use crate::demand::Series;
use crate::policy::Policy;
use crate::report::Outcome;

/// What weekly orders by each policy would have sold and held
#[derive(Parser)]
pub struct Options {
    /// CSV: week, store, item, units
    #[arg(long)]
    data: PathBuf,
    /// Units in all weeks from which a series is looked at
    #[arg(long, default_value_t = 26)]
    least: u64,
    /// Only every other store and item, the even or the odd ones: what is tuned on one half is judged on the other
    #[arg(long)]
    half: Option<demand::Half>,
    /// Beside them what would have come of knowing each series' other weeks beforehand, those to come as well
    #[arg(long)]
    hindsight: bool,
    /// One JSON array on stdout
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let series = match demand::read(&options.data, options.least, options.half) {
        Ok(series) => series,
        Err(why) => {
            eprintln!("failed: {why}");
            return ExitCode::FAILURE;
        }
    };
    let outcomes = run_all(&series, &policy::all(options.hindsight));
    match options.json {
        true => println!("{}", report::json(&outcomes)),
        false => print!("{}", report::text(&series, &outcomes)),
    }
    ExitCode::SUCCESS
}

/// Every policy, on as many threads as there are cores; the outcomes in the policies' order.
fn run_all(series: &[Series], policies: &[Policy]) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(policy) = policies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = Outcome { policy: *policy, kept: shelf::run(series, policy) };
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            });
        }
    });
    let mut outcomes = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|outcome| policies.iter().position(|policy| *policy == outcome.policy));
    outcomes
}
