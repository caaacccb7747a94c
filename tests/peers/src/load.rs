//! One run's load: all devices connect at once, and the server is killed with the last device's acknowledgement.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use futures::future::{join, join_all};
use samod::{DocHandle, Repo};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::client::{Memory, Traffic, connect, received};
use crate::data::{self, Device, Replica};
use crate::process;

#[derive(Args)]
pub struct Options {
    /// The derived devices
    #[arg(long)]
    devices: PathBuf,
    #[arg(long)]
    port: u16,
    #[arg(long)]
    server_pid: u32,
    #[arg(long)]
    timeout_s: u64,
    /// Where to write what the server acknowledged
    #[arg(long)]
    acknowledged: PathBuf,
}

/// What one run's load measured. Bytes and frames are those of one device.
#[derive(Serialize, Deserialize)]
pub struct Load {
    pub ok: bool,
    finished: usize,
    devices_per_s: f64,
    p50_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    server_cpu_ms_per_device: f64,
    bytes_up: f64,
    bytes_down: f64,
    frames: f64,
    /// None if the server died by itself
    peak_rss_mb: Option<f64>,
}

/// A document that the server said it has: the device's number, and the document's place among the device's.
pub type Acknowledged = (u32, usize);

struct Returning {
    n: u32,
    repo: Repo,
    /// Documents that the server must get, with their places.
    up: Vec<(usize, DocHandle)>,
    /// Documents of which the device must get the server's copy.
    down: Vec<(DocHandle, Replica)>,
    traffic: Arc<Traffic>,
}

#[derive(Default)]
struct Seen {
    acknowledged: RefCell<Vec<Acknowledged>>,
    finished_ms: RefCell<Vec<f64>>,
}

pub async fn load(options: &Options) -> Result<()> {
    let mut raw = Vec::new();
    data::each(&options.devices, |device| {
        raw.push(device);
        Ok(())
    })?;
    let mut devices = Vec::new();
    for device in raw {
        devices.push(open(device).await?);
    }
    // What the repositories still do about opening their documents belongs to no device's return.
    sleep(Duration::from_millis(300)).await;

    let seen = Seen::default();
    let own_cpu = process::cpu_ms(std::process::id())?;
    let server_cpu = process::cpu_ms(options.server_pid)?;
    let started = Instant::now();
    let all = join_all(devices.iter().map(|device| come_back(device, options.port, started, &seen)));
    let in_time = timeout(Duration::from_secs(options.timeout_s), all).await.is_ok();
    let seconds = started.elapsed().as_secs_f64();
    let server_cpu = process::cpu_ms(options.server_pid)? - server_cpu;
    let peak_rss_mb = process::peak_rss_mb(options.server_pid).ok();
    process::kill(options.server_pid)?;

    let own_cpu = process::cpu_ms(std::process::id())? - own_cpu;
    let count = devices.len() as f64;
    eprintln!("  {seconds:.2} s; the load itself took {:.0} ms of its core for each device", own_cpu / count);
    let mut finished_ms = seen.finished_ms.into_inner();
    finished_ms.sort_by(f64::total_cmp);
    let mean = |counter: fn(&Traffic) -> &AtomicU64| {
        rounded(devices.iter().map(|device| counter(&device.traffic).load(Relaxed)).sum::<u64>() as f64 / count)
    };
    let measured = Load {
        ok: in_time && finished_ms.len() == devices.len(),
        finished: finished_ms.len(),
        devices_per_s: rounded(finished_ms.len() as f64 / seconds),
        p50_ms: percentile(&finished_ms, 50),
        p95_ms: percentile(&finished_ms, 95),
        p99_ms: percentile(&finished_ms, 99),
        server_cpu_ms_per_device: rounded(server_cpu / count),
        bytes_up: mean(|traffic| &traffic.bytes_up),
        bytes_down: mean(|traffic| &traffic.bytes_down),
        frames: mean(|traffic| &traffic.frames),
        peak_rss_mb: peak_rss_mb.map(rounded),
    };
    fs::write(&options.acknowledged, serde_json::to_vec(&seen.acknowledged.into_inner())?)?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// A device as it is before it has signal: every document open.
async fn open(device: Device) -> Result<Returning> {
    let memory = Memory::default();
    for doc in &device.docs {
        memory.hold(doc)?;
    }
    let name = format!("device-{:05}", device.n);
    let repo = Repo::build_tokio().with_peer_id(name.as_str().into()).with_storage(memory).load().await;
    let mut returning = Returning { n: device.n, repo, up: Vec::new(), down: Vec::new(), traffic: Arc::default() };
    for (place, doc) in device.docs.into_iter().enumerate() {
        let handle = returning.repo.find(doc.id()?).await?.context("a device lacks its own document")?;
        if doc.goes_up() {
            returning.up.push((place, handle));
        } else if let Some(copy) = doc.into_comes_down() {
            returning.down.push((handle, copy));
        }
    }
    Ok(returning)
}

async fn come_back(device: &Returning, port: u16, started: Instant, seen: &Seen) {
    let connection = match connect(&device.repo, port, device.n, device.traffic.clone()).await {
        Ok(connection) => connection,
        // The device then counts as not finished.
        Err(why) => return eprintln!("  device {}: {why:#}", device.n),
    };
    let up = device.up.iter().map(|(place, document)| async move {
        document.they_have_our_changes(connection).await;
        seen.acknowledged.borrow_mut().push((device.n, *place));
    });
    let down = device.down.iter().map(|(document, copy)| received(document, copy));
    join(join_all(up), join_all(down)).await;
    seen.finished_ms.borrow_mut().push(started.elapsed().as_secs_f64() * 1000.0);
}

/// The smallest value that so many percent don't exceed.
fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    sorted.get((sorted.len() * percent).div_ceil(100).checked_sub(1)?).copied().map(rounded)
}

/// To three places: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
