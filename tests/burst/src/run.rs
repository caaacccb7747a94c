//! The runs: each is a burst on a fresh copy that is then let settle, and a burst on another whose server is killed at the
//! last acknowledgement.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::{Connection, request};
use crate::load::{self, Ready};
use crate::process::Server;
use crate::report::{self, Run, Scored};
use crate::seed::{Failure, Seed};
use crate::{Places, district, export, floor};

/// So many syncs at the least are behind every figure.
const SYNCS_MIN: usize = 1_000;
/// How long a server may take to score what it was sent.
const SCORED_WITHIN: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Devices that arrive at once
    #[arg(long, default_value_t = 1000)]
    devices: usize,
    #[arg(long, default_value_t = 3)]
    runs: usize,
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// A head office that was made on another day won't do
    #[arg(long)]
    today: bool,
    #[arg(long)]
    json: bool,
    /// The program of `tests/peers`, to be run on the same documents
    #[arg(long)]
    peers: Option<PathBuf>,
    #[command(flatten)]
    places: Places,
}

impl Options {
    fn pool(&self) -> usize {
        self.devices.max(SYNCS_MIN)
    }
}

pub fn seed(options: &Options) -> Result<(), Failure> {
    let made = if options.today { Seed::of_today } else { Seed::ready };
    made(&options.places.work, options.seed, options.pool()).map(drop)
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let seed = Seed::ready(&options.places.work, options.seed, options.pool())?;
    let devices = Arc::new((0..options.pool()).map(|n| Ready::new(&seed, n)).collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut runs = Vec::new();
    for n in 0..options.runs {
        for kill in [false, true] {
            eprintln!("run {} of {}{}", n + 1, options.runs, if kill { ", to be killed" } else { "" });
            let copy = tempfile::tempdir_in(&options.places.work)?;
            seed.copy_to(copy.path())?;
            runs.push(runtime.block_on(one(options, &seed, &devices, copy.path(), kill))?);
        }
    }
    let floor = floor::measure(&seed, SYNCS_MIN, &options.places.work)?;
    let figures = report::figures(&runs);
    let peers = match &options.peers {
        Some(program) => export::peers(&seed, program, options.devices, options.runs, &options.places.work)?,
        None => Vec::new(),
    };
    match options.json {
        true => println!("{}", report::as_json(options.devices, &figures, floor, &peers)),
        false => print!("{}", report::table(options.devices, &figures, floor, &peers)),
    }
    Ok(())
}

async fn one(options: &Options, seed: &Seed, devices: &Arc<Vec<Ready>>, data: &Path, kill: bool) -> Result<Run, Failure> {
    let server = Server::start(&options.places.server, data)?;
    // It has been open all day: what was there before is scored.
    scored(&server).await?;
    let before = server.cpu()?;
    let (done, lasted) = load::burst(server.address, devices, options.devices).await?;
    if kill {
        let (cpu, peak_rss_mb) = (server.cpu()?.since(before), server.peak_rss_mb()?);
        server.kill()?;
        let again = Server::start(&options.places.server, data)?;
        let lost = load::lost(again.address, devices).await?;
        return Ok(Run { done, lasted_s: lasted.as_secs_f64(), cpu, peak_rss_mb, scored: None, lost: Some(lost) });
    }
    let cpu = server.cpu()?.since(before);
    let scored = settle(&server, seed).await?;
    let cpu_ms = server.cpu()?.since(before).materialising;
    let scored = Some(Scored { cpu_ms, ..scored });
    Ok(Run { done, lasted_s: lasted.as_secs_f64(), cpu, peak_rss_mb: server.peak_rss_mb()?, scored, lost: None })
}

/// Waits until everything is scored, then asks for the month's scores.
async fn settle(server: &Server, seed: &Seed) -> Result<Scored, Failure> {
    let began = Instant::now();
    scored(server).await?;
    let token = session(server.address, seed).await?;
    let mut connection = Connection::to(server.address);
    let month = shared::time::Month::of(seed.workload.today);
    let asked = Instant::now();
    let scores = connection.call(&request("GET", &format!("/v1/scores/{month}"), Some(&token), "application/json", &[])).await?;
    match scores.status {
        200 => Ok(Scored { after_s: began.elapsed().as_secs_f64(), score_ms: asked.elapsed().as_secs_f64() * 1e3, cpu_ms: 0.0 }),
        status => Err(format!("scores: status {status}").into()),
    }
}

/// A session of the one member of staff.
pub async fn session(address: SocketAddr, seed: &Seed) -> Result<String, Failure> {
    let login = serde_json::json!({ "login": district::LOGIN, "password": seed.notes.password });
    let ask = request("POST", "/v1/sessions", None, "application/json", login.to_string().as_bytes());
    let session = Connection::to(address).call(&ask).await?;
    let session: Value = serde_json::from_slice(&session.body)?;
    Ok(session["token"].as_str().ok_or("no session")?.to_owned())
}

/// Waits until every document is materialised and every manager scored.
pub async fn scored(server: &Server) -> Result<(), Failure> {
    let began = Instant::now();
    let mut connection = Connection::to(server.address);
    let metrics = request("GET", "/metrics", None, "text/plain", &[]);
    loop {
        let answer = connection.call(&metrics).await?;
        let text = String::from_utf8_lossy(&answer.body);
        if ["roundsman_documents_dirty 0", "roundsman_scores_behind 0"].iter().all(|done| text.lines().any(|line| line == *done)) {
            return Ok(());
        }
        if began.elapsed() > SCORED_WITHIN {
            return Err("it is not scored in time".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
