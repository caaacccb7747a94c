//! The phone in a real browser: its tests and its pictures. Node runs them; here is what they need: the programs,
//! the app, a browser, and head office's data with a past until yesterday.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{DISTRICT, server::Server};
use crate::steps::{Failure, Steps, cargo, finish, root};
use crate::today::{self, Day};
use crate::web;

/// Whose past is replayed: the managers that the tests are.
const MANAGERS: [&str; 5] = ["m03", "m04", "m05", "m06", "m07"];
/// Each route's last visit is in it.
const PAST_DAYS: i64 = 30;

/// What a browser runs against.
pub struct Ready {
    roundsman: PathBuf,
    seed: PathBuf,
    chromium: PathBuf,
}

impl Ready {
    /// None: what is missing here has been said in one line.
    pub fn make(steps: &mut Steps) -> Result<Option<Self>, Failure> {
        let chromium = match web::ready(steps)? {
            Ok(chromium) => chromium,
            Err(why) => {
                steps.say(&format!("no browser: {why}"));
                return Ok(None);
            }
        };
        steps.step("build the programs", || finish(cargo().args(["build", "--workspace", "--bins"])))?;
        let programs = root().join("target/debug");
        let seed = steps.step("head office with a past until yesterday", || seed(&programs))?;
        Ok(Some(Self { roundsman: programs.join("roundsman"), seed, chromium }))
    }

    /// A script of `web/device`, run by Node.
    pub fn node(&self, arguments: &[&str]) -> Command {
        let mut node = Command::new("node");
        node.current_dir(root().join("web/device")).args(arguments);
        node.env("ROUNDSMAN", &self.roundsman).env("ROUNDSMAN_SEED", &self.seed).env("CHROMIUM", &self.chromium);
        node
    }

    /// The phone's budgets, against a head office with a manager's year.
    pub fn bench(&self, arguments: &[String]) -> Result<(), String> {
        let fault = |fault: std::io::Error| fault.to_string();
        let programs = self.roundsman.parent().ok_or("the programs are nowhere")?;
        let place = root().join("target/phone-year");
        if place.exists() {
            fs::remove_dir_all(&place).map_err(fault)?;
        }
        finish(Command::new(programs.join("burst")).args(["phone", "--out"]).arg(&place).stdout(Stdio::null()))?;
        let mut node = self.node(&["tests/bench.mjs"]);
        node.args(arguments).env("ROUNDSMAN_SEED", place.join("data")).env("SLOW", programs.join("slow"));
        finish(&mut node)
    }

    /// Runs the phone's tests: how many passed and failed.
    pub fn test(&self, arguments: &[String]) -> Result<(u64, u64), String> {
        let files = ["tests/day.test.mjs", "tests/phone.test.mjs"].map(str::to_owned);
        count_tests(self.node(&["--test-concurrency=1"]), &[arguments, &files].concat())
    }
}

/// Runs tests by Node, letting every line through: how many passed and failed.
pub fn count_tests(mut node: Command, arguments: &[String]) -> Result<(u64, u64), String> {
    let mut child = node
        .args(["--test", "--test-reporter=spec"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("node does not start: {fault}"))?;
    let output = child.stdout.take().ok_or("node has no output")?;
    let (mut passed, mut failed) = (0, 0);
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("{line}");
        passed += count(&line, "pass").unwrap_or(0);
        failed += count(&line, "fail").unwrap_or(0);
    }
    let status = child.wait().map_err(|fault| format!("node: {fault}"))?;
    if failed == 0 && !status.success() { Err(format!("node ended with {status}")) } else { Ok((passed, failed)) }
}

/// Of `ℹ pass 12`, node's own summary.
fn count(line: &str, word: &str) -> Option<u64> {
    line.trim_start_matches(['\u{2139}', '#', ' ']).strip_prefix(word)?.trim().parse().ok()
}

/// A data folder with the example and its continuation until yesterday; made again on another day, or by other programs.
fn seed(programs: &Path) -> Result<PathBuf, String> {
    let fault = |fault: std::io::Error| fault.to_string();
    let place = root().join("target/browser");
    let (data, mark) = (place.join("data"), place.join("made-of"));
    let today = Day::today();
    let built = fs::metadata(programs.join("roundsman")).and_then(|data| data.modified()).map_err(fault)?;
    let made_of = format!("{today} {built:?} {PAST_DAYS}");
    if fs::read_to_string(&mark).is_ok_and(|text| text == made_of) {
        return Ok(data);
    }
    if place.exists() {
        fs::remove_dir_all(&place).map_err(fault)?;
    }
    fs::create_dir_all(&place).map_err(fault)?;
    let roundsman = |command: &str| {
        let mut roundsman = Command::new(programs.join("roundsman"));
        roundsman.arg(command).arg("--data").arg(&data).current_dir(root()).stdout(Stdio::null());
        roundsman
    };
    finish(roundsman("import").arg(DISTRICT))?;
    let later = place.join("until-today");
    today::write(&root().join(DISTRICT), &later, today)?;
    finish(roundsman("import").arg(&later))?;
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).map_err(fault)?;
    replay(programs, &roundsman, &place, &later, address, today)?;
    fs::write(&mark, made_of).map_err(fault)?;
    Ok(data)
}

fn replay(
    programs: &Path,
    roundsman: &impl Fn(&str) -> Command,
    place: &Path,
    later: &Path,
    address: SocketAddr,
    today: Day,
) -> Result<(), String> {
    let fault = |fault: std::io::Error| fault.to_string();
    let mut serve = roundsman("serve");
    serve.args(["--listen", &address.to_string()]).stderr(Stdio::null());
    let mut server = Server::start(serve, address)?;
    let codes = place.join("codes.csv");
    finish(roundsman("enrol").arg("--all").stdout(File::create(&codes).map_err(fault)?))?;
    let log = fs::read_to_string(later.join("field-log.csv")).map_err(fault)?;
    let mut kept = File::create(place.join("field-log.csv")).map_err(fault)?;
    for (at, line) in log.lines().enumerate() {
        if at == 0 || MANAGERS.iter().any(|manager| line.starts_with(manager)) {
            writeln!(kept, "{line}").map_err(fault)?;
        }
    }
    let mut device = Command::new(programs.join("roundsman-device"));
    device.args(["replay", "--server", &format!("http://{address}"), "--codes"]).arg(&codes).arg("--log").arg(place.join("field-log.csv"));
    device.arg("--data").arg(place.join("devices"));
    device.args(["--from", &today.plus(-PAST_DAYS).to_string(), "--to", &today.plus(-1).to_string()]).stdout(Stdio::null());
    finish(&mut device)?;
    server.stop().map(drop)
}

/// Pictures of the phone's screens.
pub fn screens() -> Result<(), Failure> {
    let mut steps = Steps::start();
    let Some(ready) = Ready::make(&mut steps)? else { return Ok(()) };
    steps.step("take the pictures", || finish(ready.node(&["tests/screens.mjs"]).arg(root().join("docs/screens"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_summary_is_counted_and_nothing_else() {
        for (line, expected) in
            [("\u{2139} pass 12", Some(12)), ("# pass 3", Some(3)), ("\u{2714} passes a test", None), ("\u{2139} passed 1", None)]
        {
            assert_eq!(count(line, "pass"), expected, "{line}");
        }
    }
}
