//! `slow PID RUN_US STOP_US`: a slow processor for a process and all that descend from it. They run for RUN_US, are stopped
//! for STOP_US, and so on, all of them at once, until this program's input ends; then they run as before. It reaches every
//! thread, a browser's workers among them. What the system does meanwhile, as writing to a disk, is not slowed.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

fn main() -> ExitCode {
    let numbers: Vec<i32> = std::env::args().skip(1).map_while(|word| word.parse().ok()).collect();
    let [root, run, stop] = numbers[..] else {
        eprintln!("slow PID RUN_US STOP_US");
        return ExitCode::from(2);
    };
    let [run, stop] = [run, stop].map(|us| Duration::from_micros(us.unsigned_abs().into()));
    let ended = Arc::new(AtomicBool::new(false));
    let seen = ended.clone();
    std::thread::spawn(move || {
        // However the input ends, it is over.
        drop(std::io::stdin().read_to_end(&mut Vec::new()));
        seen.store(true, Ordering::Release);
    });
    let mut turn = Instant::now();
    while !ended.load(Ordering::Acquire) {
        let family = family(root);
        send(&family, Signal::CONT);
        turn += run;
        sleep_until(turn);
        send(&family, Signal::STOP);
        turn += stop;
        // Late by more than a turn: it goes on from here, and does not make up for it.
        turn = turn.max(Instant::now());
        sleep_until(turn);
    }
    send(&family(root), Signal::CONT);
    ExitCode::SUCCESS
}

fn sleep_until(at: Instant) {
    std::thread::sleep(at.saturating_duration_since(Instant::now()));
}

fn send(family: &[Pid], signal: Signal) {
    for pid in family {
        let _has_ended = kill_process(*pid, signal).is_err();
    }
}

/// A process and its descendants, as they are now.
fn family(root: i32) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let parents: BTreeMap<i32, i32> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        let of = family[at];
        family.extend(parents.iter().filter(|(_, parent)| **parent == of).map(|(pid, _)| *pid));
        at += 1;
    }
    family.into_iter().filter_map(Pid::from_raw).collect()
}

/// The field after the state; a name in parentheses, which may hold anything, comes before.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
