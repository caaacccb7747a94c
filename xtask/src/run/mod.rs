//! `cargo xtask run`: a newcomer's first command. From nothing to a served district with some days of field work in it:
//! imported, enrolled, replayed through real devices, scored. It leaves the server in its own place, so that Ctrl-C is the
//! server's to answer.

mod options;
pub mod server;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub use options::Options;
use server::Server;

use crate::steps::{Failure, Steps, cargo, finish, root};
use crate::today::{self, Day};
use crate::web;

/// The example district: a folder as head office would export it, with a log of what its managers did in the field.
pub const DISTRICT: &str = "tests/data/fushan";
/// So much of the past before today: each route's last visit is in it.
const RECENT_DAYS: i64 = 15;

pub fn run(options: &Options) -> Result<(), Failure> {
    let mut steps = Steps::start();
    steps.step("build the server and the device", || finish(cargo().args(["build", "--workspace", "--bins"])))?;
    web::build(&mut steps)?;
    let place = steps.step("empty target/run", Place::empty)?;
    let address = steps.step("choose a port", || free_address(options.port))?;
    steps.step(&format!("import {DISTRICT}"), || finish(place.roundsman("import").arg(DISTRICT)))?;
    let mut server = steps.step(&format!("start the server at {address}"), || Server::start(place.serve(address)?, address))?;
    fill(&mut steps, options, &place, address)?;
    let way_in = steps.step("stop the server, to serve in its place", || server.stop())?;

    steps.say(&format!("Roundsman is at http://{address}, its data in {} until the next run. Ctrl-C ends it.", place.folder.display()));
    way_in.iter().for_each(|line| println!("{line}"));
    steps.step("serve", || server::become_it(place.serve(address)?))
}

/// The field work of the days asked for, and what came of it.
fn fill(steps: &mut Steps, options: &Options, place: &Place, address: SocketAddr) -> Result<(), Failure> {
    let codes = place.folder.join("codes.csv");
    steps.step("enrol every manager's phone", || {
        let file = File::create(&codes).map_err(|fault| format!("{}: {fault}", codes.display()))?;
        finish(place.roundsman("enrol").arg("--all").stdout(file))
    })?;
    steps.step(&format!("replay the field work from {} to {}", options.from(), options.to()), || {
        let mut replay = place.command("roundsman-device");
        replay.arg("replay").args(["--server", &format!("http://{address}")]);
        replay.arg("--codes").arg(&codes).args(["--log", &format!("{DISTRICT}/field-log.csv")]);
        replay.arg("--data").arg(place.folder.join("devices")).args(["--from", &options.from(), "--to", &options.to()]);
        finish(&mut replay)
    })?;
    bring_up_to_now(steps, place, address, &codes)?;
    let day = options.last_workday();
    steps.step(&format!("progress on {day}"), || finish(place.roundsman("progress").args(["--date", &day])))?;
    steps.step(&format!("scores as of {}", options.to()), || {
        finish(place.roundsman("score").args(["--month", options::MONTH, "--as-of", &options.to()]))
    })
}

/// What lies between the example's end and now, so that a phone finds stops of today and a past behind them.
fn bring_up_to_now(steps: &mut Steps, place: &Place, address: SocketAddr, codes: &std::path::Path) -> Result<(), Failure> {
    let (folder, today) = (place.folder.join("until-today"), Day::today());
    if !steps.step("carry the example on until today", || today::write(&root().join(DISTRICT), &folder, today))? {
        return Ok(());
    }
    steps.step("import that", || finish(place.roundsman("import").arg(&folder)))?;
    steps.step(&format!("replay the field work of the {RECENT_DAYS} days before {today}"), || {
        let mut replay = place.command("roundsman-device");
        replay.arg("replay").args(["--server", &format!("http://{address}"), "--codes"]).arg(codes).arg("--log");
        replay.arg(folder.join("field-log.csv")).arg("--data").arg(place.folder.join("devices"));
        replay.args(["--from", &today.plus(-RECENT_DAYS).to_string(), "--to", &today.plus(-1).to_string()]);
        finish(&mut replay)
    })
}

/// Where a run keeps its data, and the programs it runs.
struct Place {
    folder: PathBuf,
    programs: PathBuf,
    lock: File,
}

impl Place {
    /// Empties `run` in cargo's target folder, unless the server of another run is still at work in it.
    fn empty() -> Result<Self, String> {
        let fault = |fault: std::io::Error| fault.to_string();
        let own = std::env::current_exe().map_err(fault)?;
        let programs = own.parent().ok_or("this program lies in no folder")?.to_owned();
        let folder = programs.parent().ok_or("cargo's target folder is missing")?.join("run");
        let lock = File::create(folder.with_extension("lock")).map_err(fault)?;
        lock.try_lock().map_err(|_held| "another `cargo xtask run` is at work there: end it first".to_owned())?;
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(fault)?;
        }
        fs::create_dir_all(&folder).map_err(fault)?;
        Ok(Self { folder, programs, lock })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(root());
        command
    }

    fn roundsman(&self, subcommand: &str) -> Command {
        let mut command = self.command("roundsman");
        command.arg(subcommand).arg("--data").arg(self.folder.join("data"));
        command
    }

    /// The server reads nothing from its input: it gets the lock there, and so holds it for as long as it lives.
    fn serve(&self, address: SocketAddr) -> Result<Command, String> {
        let lock = self.lock.try_clone().map_err(|fault| fault.to_string())?;
        let mut command = self.roundsman("serve");
        command.args(["--listen", &address.to_string()]).stdin(Stdio::from(lock));
        Ok(command)
    }
}

/// The port asked for, or another if somebody has that one.
fn free_address(port: u16) -> Result<SocketAddr, String> {
    let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = match TcpListener::bind(local(port)) {
        Err(fault) if fault.kind() == std::io::ErrorKind::AddrInUse => TcpListener::bind(local(0)),
        other => other,
    };
    listener.and_then(|listener| listener.local_addr()).map_err(|fault| format!("port {port}: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let taken = holder.local_addr().expect("it is bound");
        let chosen = free_address(taken.port()).expect("another port is free");
        assert_ne!(chosen.port(), taken.port());
    }
}
