//! A command is a row of named steps: each is announced with the seconds gone by, and a failure carries its step's name.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Why a command ended early.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The words on the command line are not understood.
    Usage(String),
    Step {
        step: String,
        why: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) => f.write_str(why),
            Self::Step { step, why } => write!(f, "{step}: {why}"),
        }
    }
}

/// The steps taken so far, and how long each took.
pub struct Steps {
    started: Instant,
    taken: Vec<(String, Duration)>,
}

impl Steps {
    pub fn start() -> Self {
        Self { started: Instant::now(), taken: Vec::new() }
    }

    /// Announces a step and does it.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, Failure> {
        self.say(name);
        let begun = Instant::now();
        let done = work();
        self.taken.push((name.to_owned(), begun.elapsed()));
        done.map_err(|why| Failure::Step { step: name.to_owned(), why })
    }

    /// One line, with the seconds since the start.
    pub fn say(&self, line: &str) {
        println!("[{:6.1} s] {line}", self.started.elapsed().as_secs_f64());
    }

    /// What each step took.
    pub fn print_times(&self) {
        for (name, took) in &self.taken {
            println!("{:8.1} s  {name}", took.as_secs_f64());
        }
    }
}

/// The workspace's root: commands run there, wherever they were called from.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// The cargo that started this program, at the workspace's root.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    command
}

/// Runs a command to its end, its output going straight through.
pub fn finish(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|fault| format!("{program} does not start: {fault}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}

/// Whether a command can be run here and succeeds; its output is nobody's concern.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
