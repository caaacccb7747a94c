//! Ten times as much as the server can do: what is admitted is served, the rest is sent away at once, and when it is over
//! the server is well again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::Places;
use crate::http::Connection;
use crate::load::{self, Ready};
use crate::process::Server;
use crate::seed::{Failure, Seed};
use crate::workload::Manager;

/// Seconds that it lasts.
const LASTS: Duration = Duration::from_secs(5);
/// How many times the server's capacity is asked of it.
const TIMES: f64 = 10.0;
const SOCKETS: usize = 4_000;
const DEVICES: usize = 1_000;
/// A server is well if it answers a device within this.
const WELL: Duration = Duration::from_millis(100);
/// How many answers in a row it has to be well for.
const IN_A_ROW: usize = 20;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    #[command(flatten)]
    places: Places,
}

#[derive(Default)]
struct Tally {
    offered: AtomicUsize,
    served: AtomicUsize,
    shed: AtomicUsize,
    over: AtomicBool,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let seed = Arc::new(Seed::ready(&options.places.work, options.seed, DEVICES)?);
    let ready = Arc::new((0..DEVICES).map(|n| Ready::new(&seed, n)).collect::<Vec<_>>());
    let managers = Arc::new((0..DEVICES).map(|n| seed.workload.manager(n)).collect::<Vec<_>>());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let copy = tempfile::tempdir_in(&options.places.work)?;
    seed.copy_to(copy.path())?;
    let server = Server::start(&options.places.server, copy.path())?;
    runtime.block_on(async {
        let (_, lasted) = load::burst(server.address, &ready, DEVICES).await?;
        let capacity = DEVICES as f64 / lasted.as_secs_f64();
        println!("capacity                 {capacity:.0} devices a second");
        let tally = overload(server.address, &seed, &managers, capacity * TIMES).await?;
        let count = |n: &AtomicUsize| n.load(Ordering::Relaxed) as f64 / LASTS.as_secs_f64();
        println!("offered                  {:.0} requests a second for {} s", count(&tally.offered), LASTS.as_secs());
        println!("served                   {:.0} a second", count(&tally.served));
        println!("sent away with 503       {:.0} a second", count(&tally.shed));
        println!("well again after         {:.2} s", recovery(server.address, &seed, &managers).await?.as_secs_f64());
        println!("memory, at most          {:.0} MB", server.peak_rss_mb()?);
        Ok(())
    })
}

/// Offers `rate` requests a second, whatever becomes of them.
async fn overload(address: SocketAddr, seed: &Arc<Seed>, managers: &Arc<Vec<Manager>>, rate: f64) -> Result<Arc<Tally>, Failure> {
    let tally = Arc::new(Tally::default());
    let wait = Duration::from_secs_f64(SOCKETS as f64 / rate);
    let began = tokio::time::Instant::now();
    let mut tasks = Vec::with_capacity(SOCKETS);
    for socket in 0..SOCKETS {
        let (tally, seed, managers) = (tally.clone(), seed.clone(), managers.clone());
        let first = began + wait.mul_f64(socket as f64 / SOCKETS as f64);
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::to(address);
            let (mut next, mut count) = (first, 0);
            while !tally.over.load(Ordering::Relaxed) {
                tokio::time::sleep_until(next).await;
                next += wait;
                count += 1;
                let request = load::look_in(&seed, &managers[socket % DEVICES], &format!("overload-{socket}-{count}"));
                tally.offered.fetch_add(1, Ordering::Relaxed);
                match connection.call(&request).await?.status {
                    200 => tally.served.fetch_add(1, Ordering::Relaxed),
                    503 => tally.shed.fetch_add(1, Ordering::Relaxed),
                    status => return Err(format!("status {status}").into()),
                };
            }
            Ok::<_, Failure>(())
        }));
    }
    tokio::time::sleep(LASTS).await;
    tally.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.abort();
    }
    Ok(tally)
}

/// How long until a device is answered as if nothing had been.
async fn recovery(address: SocketAddr, seed: &Seed, managers: &[Manager]) -> Result<Duration, Failure> {
    let began = Instant::now();
    let mut connection = Connection::to(address);
    let (mut well_since, mut in_a_row) = (Duration::ZERO, 0);
    for n in 0.. {
        let request = load::look_in(seed, &managers[n % DEVICES], &format!("after-{n}"));
        let asked = Instant::now();
        let well = connection.call(&request).await?.status == 200 && asked.elapsed() < WELL;
        if well && in_a_row == 0 {
            well_since = asked - began;
        }
        in_a_row = if well { in_a_row + 1 } else { 0 };
        if in_a_row == IN_A_ROW {
            break;
        }
    }
    Ok(well_since)
}
