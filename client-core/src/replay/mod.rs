//! Replays a field log through real devices: one headless device per person and phone, each over its own store, through
//! the same core as the phone. It can be stopped and run again: what was done is not done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use shared::ids::PersonId;

use crate::device::Device;
use crate::fieldlog::{FieldLog, LogRow};
use crate::transport::Transport;
use crate::{Error, Surroundings, System};

mod codes;
mod ids;
mod meter;
mod summary;
mod worker;

pub use codes::Codes;
pub use summary::Summary;
use summary::Tally;
use worker::Worker;

/// The store's file within a device's folder.
pub const STORE_FILE: &str = "device.db";

/// What to replay, and how.
pub struct Replay<'a> {
    pub log: &'a FieldLog,
    pub codes: &'a Codes,
    /// The first and the last date, both included.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Each device syncs after so many of its days.
    pub offline_days: u32,
    /// The folder of the devices' folders.
    pub data: PathBuf,
    /// The server's address; only kept in the stores.
    pub server: &'a str,
    /// How many devices work at a time.
    pub parallel: usize,
    /// How a device waits until it tries again.
    pub sleep: &'a (dyn Fn(Duration) + Sync),
    /// Each device's clock and randomness. What it signs carries this clock; what it did, the log's times.
    pub surroundings: &'a (dyn Fn() -> Box<dyn Surroundings + Send> + Sync),
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A row was done, or had been done before.
    Visit,
    Synced,
}

/// Why a replay can't begin.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFault {
    #[error("codes.csv, line {line}: {what}")]
    Codes { line: u64, what: String },
    #[error("codes.csv has too few codes for {0}: each of their devices needs one")]
    TooFewCodes(PersonId),
    #[error("the folder {path} can't be made: {why}")]
    Folder { path: PathBuf, why: std::io::Error },
    #[error("device {device}: {fault}")]
    Device { device: String, fault: Error },
}

impl Replay<'_> {
    /// How many visits there are to do.
    pub fn visits(&self) -> usize {
        self.log.rows.iter().filter(|row| self.takes(row)).count()
    }

    fn takes(&self, row: &LogRow) -> bool {
        self.from.is_none_or(|from| from <= row.date) && self.to.is_none_or(|to| row.date <= to)
    }
}

/// A phone of the log: whose, its name, and its rows.
struct Phone<'a> {
    person: &'a PersonId,
    name: &'a str,
    rows: Vec<&'a LogRow>,
    store: PathBuf,
}

impl Phone<'_> {
    fn title(&self) -> String {
        format!("{}/{}", self.person, self.name)
    }
}

/// Replays. `connect` makes each device's own transport; `progress` hears of every row. Faults of a row or a device are
/// in the summary, and hold up nobody else.
pub fn run(
    replay: &Replay<'_>,
    connect: &(dyn Fn() -> Box<dyn Transport> + Sync),
    progress: &(dyn Fn(Event) + Sync),
) -> Result<Summary, ReplayFault> {
    let started = Instant::now();
    let phones = phones(replay)?;
    let codes = deal(replay, &phones)?;
    let done: Mutex<Vec<(Tally, Option<String>)>> = Mutex::new(Vec::new());
    each_phone(replay, &phones, |at, phone| {
        let code = codes[at].clone();
        let worker = Worker { replay, name: phone.name, code, rows: phone.rows.clone(), store: &phone.store, progress };
        let mut tally = Tally::default();
        let fault = worker.run(&connect(), &mut tally).err();
        note(&done, phone, tally, fault);
    });
    // Those who were back first have not heard of what the others did on their routes.
    each_phone(replay, &phones, |_, phone| {
        let worker = Worker { replay, name: phone.name, code: None, rows: Vec::new(), store: &phone.store, progress };
        let mut tally = Tally::default();
        let fault = worker.catch_up(&connect(), &mut tally).err();
        note(&done, phone, tally, fault);
    });
    let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (tallies, device_faults): (Vec<Tally>, Vec<Option<String>>) = done.into_iter().unzip();
    let unread = replay.log.faults.iter().map(ToString::to_string);
    let faults = unread.chain(device_faults.into_iter().flatten()).collect();
    Ok(Summary::of(phones.len(), tallies, faults, replay.log.faults.len() as u64, started.elapsed()))
}

/// Does `work` for every phone, for so many at a time.
fn each_phone<'a>(replay: &Replay<'_>, phones: &[Phone<'a>], work: impl Fn(usize, &Phone<'a>) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..replay.parallel.clamp(1, phones.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    let Some(phone) = phones.get(at) else { return };
                    work(at, phone);
                }
            });
        }
    });
}

fn note(done: &Mutex<Vec<(Tally, Option<String>)>>, phone: &Phone<'_>, tally: Tally, fault: Option<Error>) {
    let fault = fault.map(|fault| format!("device {}: {fault}", phone.title()));
    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((tally, fault));
}

/// The phones of the log with rows in the range, in the order of person and name, each with its folder.
fn phones<'a>(replay: &'a Replay<'_>) -> Result<Vec<Phone<'a>>, ReplayFault> {
    let mut rows: BTreeMap<(&PersonId, &str), Vec<&LogRow>> = BTreeMap::new();
    for row in replay.log.rows.iter().filter(|row| replay.takes(row)) {
        rows.entry((&row.person, &row.device)).or_default().push(row);
    }
    let mut phones = Vec::new();
    for ((person, name), mut rows) in rows {
        rows.sort_by_key(|row| (row.date, row.check_in, row.line));
        let folder = replay.data.join(folder_name(person.as_str(), name));
        std::fs::create_dir_all(&folder).map_err(|why| ReplayFault::Folder { path: folder.clone(), why })?;
        phones.push(Phone { person, name, rows, store: folder.join(STORE_FILE) });
    }
    Ok(phones)
}

/// A code for each phone that has none yet. A phone whose enrolment was begun keeps its code.
fn deal(replay: &Replay<'_>, phones: &[Phone<'_>]) -> Result<Vec<Option<String>>, ReplayFault> {
    let mut taken = BTreeSet::new();
    let mut wanting = Vec::new();
    for phone in phones {
        let kept = if phone.store.exists() { kept_code(&phone.store, phone)? } else { None };
        wanting.push(kept.is_none());
        taken.extend(kept);
    }
    // Phones of the same folder that are not in this range have theirs too.
    taken.extend(other_codes(replay, phones));
    let without = phones.iter().zip(&wanting).filter(|(_, wants)| **wants).map(|(phone, _)| phone.person);
    let mut dealt = replay.codes.deal(without, &taken)?.into_iter();
    Ok(wanting.into_iter().map(|wants| if wants { dealt.next() } else { None }).collect())
}

fn kept_code(store: &Path, phone: &Phone<'_>) -> Result<Option<String>, ReplayFault> {
    let fault = |fault| ReplayFault::Device { device: phone.title(), fault };
    Ok(Device::open(store, System).and_then(|device| device.enrolled_with()).map_err(fault)?.1)
}

/// The codes of phones in the folder that have no rows in this replay's range.
fn other_codes(replay: &Replay<'_>, phones: &[Phone<'_>]) -> Vec<String> {
    let mine: BTreeSet<&Path> = phones.iter().map(|phone| phone.store.as_path()).collect();
    let folders = std::fs::read_dir(&replay.data).into_iter().flatten().flatten();
    let stores = folders.map(|folder| folder.path().join(STORE_FILE)).filter(|store| store.exists() && !mine.contains(store.as_path()));
    // One that can't be opened is somebody else's; the server will say if its code is taken.
    stores.filter_map(|store| Device::open(&store, System).ok()?.enrolled_with().ok()?.1).collect()
}

/// `person+device`, with everything but letters, digits, `-`, `_` and `.` written as its bytes.
fn folder_name(person: &str, device: &str) -> String {
    let plain = |text: &str| -> String {
        let keeps = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || (c == '.' && !text.starts_with('.'));
        let escape = |c: char| c.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        text.chars().map(|c| if keeps(c) { c.to_string() } else { escape(c) }).collect()
    };
    format!("{}+{}", plain(person), plain(device))
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn folders_keep_phones_apart_and_stay_within_their_folder() {
        assert_eq!(folder_name("m01", "m01-phone"), "m01+m01-phone");
        assert_eq!(folder_name("..", "a+b c"), "%2e%2e+a%2bb%20c");
        assert_ne!(folder_name("a+b", "c"), folder_name("a", "b+c"));
    }
}
