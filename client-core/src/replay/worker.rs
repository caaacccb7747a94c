//! One headless device: it does its rows of the log day by day, offline, and syncs now and then.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use shared::ids::Sku;
use shared::time::Zone;

use super::ids::{action_id, visit_id};
use super::meter::Meter;
use super::{Event, Replay, Tally};
use crate::Error;
use crate::device::{CheckIn, Device, Enrolment, Step};
use crate::fieldlog::LogRow;
use crate::transport::Transport;

/// How often a sync is tried again, where head office is busy or out of reach.
const TRIES: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A device of the log, and its rows by date and check-in.
pub(super) struct Worker<'a> {
    pub replay: &'a Replay<'a>,
    pub name: &'a str,
    /// None: it is enrolled already, or its enrolment was begun with the code that it keeps.
    pub code: Option<String>,
    pub rows: Vec<&'a LogRow>,
    pub store: &'a Path,
    pub progress: &'a (dyn Fn(Event) + Sync),
}

impl Worker<'_> {
    /// Does everything that is left to do. What was done before a fault is in the tally all the same.
    pub fn run(&self, transport: &dyn Transport, tally: &mut Tally) -> Result<(), Error> {
        metered(transport, tally, |transport, tally| self.work(transport, tally))
    }

    /// Fetches what others have done since the last sync.
    pub fn catch_up(&self, transport: &dyn Transport, tally: &mut Tally) -> Result<(), Error> {
        metered(transport, tally, |transport, tally| {
            let mut device = Device::open(self.store, (self.replay.surroundings)())?;
            // One that could not be enrolled has said so already.
            if device.enrolled()?.is_none() { Ok(()) } else { self.sync(&mut device, transport, tally) }
        })
    }

    fn work(&self, transport: &dyn Transport, tally: &mut Tally) -> Result<(), Error> {
        let mut device = Device::open(self.store, (self.replay.surroundings)())?;
        let code = match &self.code {
            Some(code) => code.clone(),
            None => device.enrolled_with()?.1.unwrap_or_default(),
        };
        let enrolment = Enrolment { server: self.replay.server, code: &code, name: self.name };
        self.patiently(|| match device.enrol(transport, &enrolment) {
            Err(Error::Refused { status: 429 | 503, .. }) => Ok(Tried::Later(1)),
            other => other.map(Tried::Done),
        })?;
        let zone = device.zone()?;
        let days = self.rows.chunk_by(|a, b| a.date == b.date);
        let result = self.days(&mut device, transport, &zone, days, tally);
        let counts = device.counts()?;
        tally.count(&counts);
        result
    }

    fn days<'r>(
        &self,
        device: &mut Device,
        transport: &dyn Transport,
        zone: &Zone,
        days: impl Iterator<Item = &'r [&'r LogRow]>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let mut offline = 0;
        for day in days {
            let mut fresh = false;
            for row in day {
                fresh |= self.row(device, zone, row, tally);
                (self.progress)(Event::Visit);
            }
            tally.days += 1;
            // A day that a replay before this one did is not synced again.
            offline += u32::from(fresh);
            if offline >= self.replay.offline_days.max(1) {
                self.sync(device, transport, tally)?;
                offline = 0;
            }
        }
        self.sync(device, transport, tally)
    }

    /// Does one row. Whether anything of it was new. A row that the documents can't take is refused; the others go on.
    fn row(&self, device: &mut Device, zone: &Zone, row: &LogRow, tally: &mut Tally) -> bool {
        match act(device, zone, row) {
            Ok(fresh) => {
                tally.visits += 1;
                fresh
            }
            Err(fault) => {
                tally.refused.push(format!("line {}: {fault}", row.line));
                false
            }
        }
    }

    fn sync(&self, device: &mut Device, transport: &dyn Transport, tally: &mut Tally) -> Result<(), Error> {
        self.patiently(|| {
            let started = Instant::now();
            let synced = device.sync(transport)?;
            if let Some(seconds) = synced.queued_s {
                return Ok(Tried::Later(seconds));
            }
            tally.sync_ms.push(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
            (self.progress)(Event::Synced);
            Ok(Tried::Done(()))
        })?;
        Ok(())
    }

    /// Tries again where head office is busy or out of reach. None: it was busy every time, and the work stays queued.
    fn patiently<T>(&self, mut work: impl FnMut() -> Result<Tried<T>, Error>) -> Result<Option<T>, Error> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match work() {
                Ok(Tried::Done(done)) => return Ok(Some(done)),
                Ok(Tried::Later(seconds)) => (self.replay.sleep)(Duration::from_secs(seconds.into()).min(LONGEST_WAIT)),
                Err(Error::Unreachable(_)) => {
                    (self.replay.sleep)(wait);
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(match work()? {
            Tried::Done(done) => Some(done),
            Tried::Later(_) => None,
        })
    }
}

/// Counts the requests of some work, and their bytes.
fn metered(
    transport: &dyn Transport,
    tally: &mut Tally,
    work: impl FnOnce(&dyn Transport, &mut Tally) -> Result<(), Error>,
) -> Result<(), Error> {
    let meter = Meter::new(transport);
    let result = work(&meter, tally);
    tally.requests = meter.requests.into_inner();
    tally.bytes_up = meter.bytes_up.into_inner();
    tally.bytes_down = meter.bytes_down.into_inner();
    result
}

/// What came of a request to head office.
enum Tried<T> {
    Done(T),
    /// It is busy: again after so many seconds.
    Later(u32),
}

/// The actions of one visit, with the log's times.
fn act(device: &mut Device, zone: &Zone, row: &LogRow) -> Result<bool, Error> {
    let (in_ms, out_ms) = (row.in_ms(zone), row.out_ms(zone));
    let visit = visit_id(row, in_ms);
    let step = |name: &str, at_ms: i64| Step::of(action_id(visit, name, at_ms), at_ms);
    let lines = |of: &BTreeMap<Sku, i64>| of.iter().map(|(sku, number)| (sku.clone(), Some(*number))).collect();
    let (_, done) = device.check_in(CheckIn {
        visit: Some(visit),
        route: Some(row.route.clone()),
        date: Some(row.date),
        at_ms: Some(in_ms),
        position: row.position,
        accuracy_m: row.accuracy_m,
        ..CheckIn::at(row.retailer.clone())
    })?;
    let mut fresh = !done.repeated;
    if !row.stock.is_empty() {
        fresh |= !device.count_stock(visit, lines(&row.stock), step("count_stock", in_ms))?.repeated;
    }
    if !row.order.is_empty() {
        fresh |= !device.plan_order(visit, lines(&row.order), step("plan_order", in_ms))?.repeated;
    }
    if let Some(out_ms) = out_ms {
        fresh |= !device.check_out(visit, step("check_out", out_ms))?.repeated;
    }
    if !row.note.is_empty() {
        fresh |= !device.note(visit, &row.note, step("note", out_ms.unwrap_or(in_ms)))?.repeated;
    }
    Ok(fresh)
}
