//! The peers: what has to be there before one can run, its version, and its process.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use crate::process::pinned;

const LOCK: &str = include_str!("../Cargo.lock");
const PACKAGE: &str = include_str!("../js/package.json");
const PACKAGE_LOCK: &str = include_str!("../js/package-lock.json");
const SERVER: &str = include_str!("../js/server.mjs");

#[derive(Clone, Copy, ValueEnum)]
pub enum Peer {
    Samod,
    AutomergeRepo,
}

/// A peer that can be started: what to run, up to the store's folder.
pub struct Program {
    pub version: String,
    command: Vec<OsString>,
}

/// A running server. It is killed when dropped, if the load has not done so already.
pub struct Running {
    child: Child,
    pub port: u16,
}

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Samod => "samod",
            Self::AutomergeRepo => "automerge-repo",
        }
    }

    pub fn prepare(self, work: &Path) -> Result<Program> {
        match self {
            Self::Samod => {
                let itself = std::env::current_exe()?.into_os_string();
                let rest = ["serve", "--peer", "samod", "--port", "0", "--dir"].map(OsString::from);
                Ok(Program { version: locked("samod")?, command: [itself].into_iter().chain(rest).collect() })
            }
            Self::AutomergeRepo => {
                let js = install(work)?;
                let manifest = fs::read(js.join("node_modules/@automerge/automerge-repo/package.json"))?;
                let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
                let version = manifest["version"].as_str().context("automerge-repo has no version")?.to_owned();
                Ok(Program { version, command: vec!["node".into(), js.join("server.mjs").into(), "0".into()] })
            }
        }
    }
}

impl Program {
    /// Starts the server alone on a core, and waits until it listens.
    pub fn start(&self, core: u32, store: &Path, log: &Path) -> Result<Running> {
        let (program, arguments) = self.command.split_first().context("no command")?;
        let mut command = pinned(core, program);
        command.args(arguments).arg(store).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?);
        let mut running = Running { child: command.spawn().context("taskset")?, port: 0 };
        let mut line = String::new();
        BufReader::new(running.child.stdout.as_mut().context("no output")?).read_line(&mut line)?;
        let port = line.trim().strip_prefix("listening ").and_then(|port| port.parse().ok());
        running.port = port.with_context(|| format!("the server did not start; see {}", log.display()))?;
        Ok(running)
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(why) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("process {} may still run: {why}", self.child.id());
        }
    }
}

/// The version of a crate that this program was built with.
fn locked(name: &str) -> Result<String> {
    let (_, after) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \"")).context("not in the lock file")?;
    Ok(after.split('"').next().context("no version")?.to_owned())
}

/// A copy of `js/` with its packages, in the work directory, so that nothing is installed into the sources.
fn install(work: &Path) -> Result<PathBuf> {
    need("node")?;
    let js = work.join("js");
    fs::create_dir_all(&js)?;
    fs::write(js.join("server.mjs"), SERVER)?;
    let installed = js.join("installed");
    if fs::read_to_string(&installed).is_ok_and(|lock| lock == PACKAGE_LOCK) {
        return Ok(js);
    }
    need("npm")?;
    eprintln!("installing automerge-repo");
    fs::write(js.join("package.json"), PACKAGE)?;
    fs::write(js.join("package-lock.json"), PACKAGE_LOCK)?;
    // Its chatter goes where progress goes: stdout has one JSON object only.
    let npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&js)
        .stdout(std::io::stderr())
        .status()?;
    ensure!(npm.success(), "npm install failed in {}", js.display());
    fs::write(installed, PACKAGE_LOCK)?;
    Ok(js)
}

fn need(program: &str) -> Result<()> {
    match Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Err(why) if why.kind() == ErrorKind::NotFound => bail!("automerge-repo needs {program}, which is not installed"),
        started => started.map(|_| ()).with_context(|| program.to_owned()),
    }
}
