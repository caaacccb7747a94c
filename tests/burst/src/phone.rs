//! Head office with a manager's year, as `cargo xtask bench phone` has a browser fetch it: 260 sheets of 12 visits and 40
//! stock lines, 130 shop files, and today's stops still to be visited.

use std::path::PathBuf;

use shared::time::Zone;

use crate::seed::{self, Failure};
use crate::workload::Workload;
use crate::year;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Where the head office is made; its data folder is `data` in it
    #[arg(long)]
    out: PathBuf,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let today = Zone::named("Asia/Shanghai")?.date_of(jiff::Timestamp::now().as_millisecond());
    let workload = Workload::new(options.seed, today);
    let manager = workload.manager(0);
    let (app, _data) = seed::head_office(&options.out, &workload, 1)?;
    year::fill(&app, &workload, &manager, &year::sheets(&workload, &manager))?;
    while app.store.seal(today, 64)? > 0 {}
    println!("{}", manager.person);
    Ok(())
}
