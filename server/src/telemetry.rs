//! Logs and metrics. Logs are structured, carry the request's id, and never a token, a code, a password or a body.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Starts the log on stderr: readable on a terminal, JSON otherwise. `RUST_LOG` says how much.
pub fn start_log(terminal: bool) {
    let asked = std::env::var("RUST_LOG").ok().and_then(|asked| asked.parse::<Targets>().ok());
    let log = tracing_subscriber::registry().with(asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, as in tests, keeps the first log.
    let started = if terminal { log.with(lines.compact()).try_init() } else { log.with(lines.json()).try_init() };
    drop(started);
}

macro_rules! counters {
    ($($name:ident = $help:literal;)*) => {
        /// Counters since the start.
        #[derive(Default)]
        pub struct Metrics { $(pub $name: Counter,)* }

        impl Metrics {
            /// The Prometheus text format.
            pub fn render(&self, dirty: u64, scores_behind: u64) -> String {
                let mut out = String::new();
                $(write_metric(&mut out, stringify!($name), "counter", $help, self.$name.get());)*
                write_metric(&mut out, "documents_dirty", "gauge", "Documents whose facts are older than their changes.", dirty);
                let help = "Managers whose score of the current month is older than their facts.";
                write_metric(&mut out, "scores_behind", "gauge", help, scores_behind);
                out
            }
        }
    };
}

counters! {
    syncs = "Sync requests answered.";
    syncs_shed = "Sync requests sent away with 503.";
    changes_durable = "Changes committed.";
    changes_duplicate = "Changes that were there already.";
    changes_waiting = "Changes kept until their dependencies come.";
    changes_quarantined = "Changes held back.";
    bytes_received = "Bytes of sync requests.";
    bytes_sent = "Bytes of sync answers.";
    documents_materialised = "Documents turned into facts.";
    documents_broken = "Times that changes were found to break a document.";
    problems = "Requests answered with a problem.";
}

#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

fn write_metric(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    let total = if kind == "counter" { "_total" } else { "" };
    let name = format!("roundsman_{name}{total}");
    *out += &format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
}
