//! The console at half past five: the board in a browser and eight more who watch it, while all devices return.

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Places;
use crate::district::LOGIN;
use crate::http::{Connection, request};
use crate::load::{self, Ready};
use crate::process::Server;
use crate::report::percentile;
use crate::run::{scored, session};
use crate::seed::{Failure, Seed};
use crate::workload::person;

const DEVICES: usize = 1_000;
/// Supervisors beside the one in the browser; each asks as often as the console does.
const WATCHERS: usize = 8;
const PACE: Duration = Duration::from_millis(400);
/// Of these, one at a time opens the console: it asks for the whole board.
const OPENS_EVERY: usize = 8;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[arg(long, default_value_t = 3)]
    runs: usize,
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    #[arg(long)]
    json: bool,
    /// The script that looks at the console; the environment names the browser
    #[arg(long, default_value = "web/console/tests/bench.mjs")]
    script: PathBuf,
    #[command(flatten)]
    places: Places,
}

/// What one run showed, in ms.
struct Seen {
    /// What making an answer took the server, waiting for its core included: of what changed since, and of whole boards.
    changes: Vec<f64>,
    whole: Vec<f64>,
    browser: Looked,
}

/// What the script saw on its screen, in ms.
#[derive(Deserialize)]
struct Looked {
    /// From each acknowledgement to the row as it stays, for the rows in view.
    updates_ms: Vec<f64>,
    /// From the last acknowledgement to the totals as they stay.
    total_after_last_ms: f64,
    /// 0: none of 50 ms or more, which is what browsers tell.
    longest_task_ms: f64,
    first_paint_ms: f64,
    /// From the start of loading the page to the managers' rows.
    board_shown_ms: f64,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let seed = Seed::of_today(&options.places.work, options.seed, DEVICES)?;
    let devices = Arc::new((0..DEVICES).map(|n| Ready::new(&seed, n)).collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut runs = Vec::new();
    for n in 0..options.runs {
        eprintln!("run {} of {}", n + 1, options.runs);
        let copy = tempfile::tempdir_in(&options.places.work)?;
        seed.copy_to(copy.path())?;
        let server = Server::start(&options.places.server, copy.path())?;
        runs.push(runtime.block_on(one(options, &seed, &devices, &server))?);
    }
    report(&runs, options.json);
    Ok(())
}

async fn one(options: &Options, seed: &Seed, devices: &Arc<Vec<Ready>>, server: &Server) -> Result<Seen, Failure> {
    scored(server).await?;
    let mut browser = Browser::open(options, server.address, &seed.notes.password)?;
    let over = Arc::new(AtomicBool::new(false));
    let token = session(server.address, seed).await?;
    let watchers: Vec<_> = (0..WATCHERS).map(|n| tokio::spawn(watch(server.address, token.clone(), n, over.clone()))).collect();
    let began_ms = jiff::Timestamp::now().as_microsecond() as f64 / 1e3;
    let (done, _) = load::burst(server.address, devices, DEVICES).await?;
    scored(server).await?;
    over.store(true, Ordering::Relaxed);
    let (mut changes, mut whole) = (Vec::new(), Vec::new());
    for watcher in watchers {
        let (more_changes, more_whole) = watcher.await??;
        changes.extend(more_changes);
        whole.extend(more_whole);
    }
    let acknowledged: serde_json::Map<String, Value> =
        done.iter().map(|done| (person(done.device).to_string(), json!(began_ms + done.took.as_secs_f64() * 1e3))).collect();
    let browser = browser.compare(&json!({ "acknowledged": acknowledged }))?;
    Ok(Seen { changes, whole, browser })
}

/// Asks for what changed, as the console does, now and then for everything; answers how long each took the server.
async fn watch(address: SocketAddr, token: String, n: usize, over: Arc<AtomicBool>) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let mut connection = Connection::to(address);
    let (mut changes, mut whole) = (Vec::new(), Vec::new());
    let mut version: Option<String> = None;
    tokio::time::sleep(PACE.mul_f64(n as f64 / WATCHERS as f64)).await;
    for look in n.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let since = version.as_ref().filter(|_| look % OPENS_EVERY != 0).map_or_else(String::new, |version| format!("&since={version}"));
        let asked = Instant::now();
        let ask = request("GET", &format!("/v1/board?stops=true{since}"), Some(&token), "application/json", &[]);
        let answer = connection.call(&ask).await?;
        let took = asked.elapsed();
        if answer.status != 200 {
            return Err(format!("board: status {}", answer.status).into());
        }
        let server_ms = answer.server_ms.ok_or("the board does not say how long it took")?;
        if since.is_empty() { &mut whole } else { &mut changes }.push(server_ms);
        // Not read as JSON: that would take more of the load's core than the load.
        let body = std::str::from_utf8(&answer.body)?;
        version = body.split_once("\"version\":\"").and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
        tokio::time::sleep(PACE.saturating_sub(took)).await;
    }
    Ok((changes, whole))
}

/// The script with its browser, which it ends when its input does.
struct Browser {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Until the board is on the screen.
    fn open(options: &Options, address: SocketAddr, password: &str) -> Result<Self, Failure> {
        // On both cores: on the load's alone, the load is what would be seen to stutter.
        let mut child = Command::new("taskset")
            .args(["--cpu-list", "0-1", "node"])
            .arg(&options.script)
            .args([&format!("http://{address}"), LOGIN, password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().ok_or("the script has no output")?).lines();
        match lines.next() {
            Some(Ok(line)) if line == "ready" => Ok(Self { child, input, lines }),
            _ => Err("the browser did not get to the board".into()),
        }
    }

    /// Tells it when each manager's work was acknowledged; it answers what it saw.
    fn compare(&mut self, acknowledged: &Value) -> Result<Looked, Failure> {
        writeln!(self.input.as_ref().ok_or("the script has no input")?, "{acknowledged}")?;
        let line = self.lines.next().ok_or("the browser has ended")??;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.input = None;
        drop(self.child.wait());
    }
}

fn report(runs: &[Seen], as_json: bool) {
    let all = |of: fn(&Seen) -> &Vec<f64>| runs.iter().flat_map(of).copied().collect::<Vec<f64>>();
    let at = |values: &[f64], percent| percentile(values.to_vec(), percent);
    let most = |of: fn(&Looked) -> f64| runs.iter().map(|run| of(&run.browser)).fold(0.0, f64::max);
    let (changes, whole, updates) = (all(|run| &run.changes), all(|run| &run.whole), all(|run| &run.browser.updates_ms));
    let figures = json!({
        "managers": DEVICES,
        "runs": runs.len(),
        "board_asked": changes.len() + whole.len(),
        "changes_p50_ms": at(&changes, 50),
        "changes_p99_ms": at(&changes, 99),
        "whole_p50_ms": at(&whole, 50),
        "whole_p99_ms": at(&whole, 99),
        "updates": updates.len(),
        "update_p50_ms": at(&updates, 50),
        "update_max_ms": at(&updates, 100),
        "total_after_last_ms": most(|looked| looked.total_after_last_ms),
        "longest_task_ms": most(|looked| looked.longest_task_ms),
        "first_paint_ms": most(|looked| looked.first_paint_ms),
        "board_shown_ms": most(|looked| looked.board_shown_ms),
    });
    if as_json {
        println!("{figures}");
        return;
    }
    let of = |key: &str| figures[key].as_f64().unwrap_or_default();
    println!("{DEVICES} managers return at once, {} runs; {WATCHERS} more supervisors watch", runs.len());
    println!("server time of the board, what changed: p50 {:.0} ms, p99 {:.0} ms", of("changes_p50_ms"), of("changes_p99_ms"));
    println!("server time of the board, whole: p50 {:.0} ms, p99 {:.0} ms", of("whole_p50_ms"), of("whole_p99_ms"));
    println!("a row on the screen after its acknowledgement: p50 {:.0} ms, most {:.0} ms", of("update_p50_ms"), of("update_max_ms"));
    println!("the last total after the last acknowledgement: {:.0} ms", of("total_after_last_ms"));
    match of("longest_task_ms") {
        0.0 => println!("no task of the page took 50 ms"),
        longest => println!("longest task of the page: {longest:.0} ms"),
    }
    println!("first paint {:.0} ms, board shown after {:.0} ms", of("first_paint_ms"), of("board_shown_ms"));
}
