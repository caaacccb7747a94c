//! `roundsman serve` as a process of its own on a core of its own, and what it has used.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::seed::Failure;

/// The core that a server has to itself.
pub const SERVER_CORE: usize = 0;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// CPU time so far, user and system, in ms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// Of the threads that turn documents into facts and facts into scores.
    pub materialising: f64,
    /// Of all others.
    pub syncing: f64,
}

impl Cpu {
    pub fn since(self, before: Self) -> Self {
        Self { materialising: self.materialising - before.materialising, syncing: self.syncing - before.syncing }
    }
}

/// A command that runs on one core, where there is `taskset`.
pub fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

impl Server {
    pub fn start(program: &Path, data: &Path) -> Result<Self, Failure> {
        let mut child = on_core(SERVER_CORE, program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("taskset {}: {e}", program.display()))?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().ok_or("the server ended at once")??;
        let address = first.split("http://").nth(1).ok_or("the server does not say where it listens")?.trim().parse()?;
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    pub fn cpu(&self) -> Result<Cpu, Failure> {
        let mut out = Cpu::default();
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            // A thread may end while it is looked at; it was an idle one.
            let (Ok(name), Ok(used)) = (std::fs::read_to_string(task.join("comm")), std::fs::read_to_string(task.join("schedstat"))) else {
                continue;
            };
            let ns: f64 = used.split_whitespace().next().ok_or("an empty schedstat")?.parse()?;
            match name.trim() {
                "materialiser" => out.materialising += ns / 1e6,
                _ => out.syncing += ns / 1e6,
            }
        }
        Ok(out)
    }

    /// The most memory that it has held, in MB.
    pub fn peak_rss_mb(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let fields: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(':')).collect();
        let peak = fields.get("VmHWM").and_then(|value| value.split_whitespace().next()).ok_or("no VmHWM")?;
        Ok(peak.parse::<f64>()? / 1024.0)
    }

    /// SIGKILL: nothing is flushed, nothing is ended.
    pub fn kill(mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; either way it must not outlive the run.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
