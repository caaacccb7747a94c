//! Who may sync now, who waits, and who is asked to come back, and when. What a burst costs in memory follows what is
//! admitted, never how many devices there are; and one device never takes the place of others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::DeviceId;
use shared::limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a request's body that one permit stands for.
const PERMIT_BYTES: usize = 64 << 10;

pub struct Admission {
    waiting: Arc<Semaphore>,
    /// In units of [`PERMIT_BYTES`].
    bodies: Arc<Semaphore>,
    /// In units of [`PERMIT_BYTES`].
    working: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests in flight.
    by_device: BTreeMap<DeviceId, usize>,
    pace: Pace,
}

/// A request that may be read; it counts for as long as this lives.
pub struct Admitted {
    admission: Arc<Admission>,
    device: DeviceId,
    _places: [OwnedSemaphorePermit; 2],
}

impl Admission {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            waiting: Arc::new(Semaphore::new(limits::SYNCS_ADMITTED_MAX)),
            bodies: Arc::new(Semaphore::new(limits::SYNC_BODIES_BYTES_MAX / PERMIT_BYTES)),
            working: Arc::new(Semaphore::new(limits::SYNCS_AT_ONCE)),
            state: Mutex::default(),
        })
    }

    /// Admits a device's request with a body of `bytes`, or says after how many seconds to come back.
    pub fn enter(self: &Arc<Self>, device: &DeviceId, bytes: usize, now_ms: i64) -> Result<Admitted, u32> {
        let mut state = self.state();
        let in_flight = state.by_device.get(device).copied().unwrap_or(0);
        let places = || {
            let waiting = self.waiting.clone().try_acquire_owned().ok()?;
            Some([waiting, self.bodies.clone().try_acquire_many_owned(permits(bytes)).ok()?])
        };
        let places = if in_flight < limits::SYNCS_OF_A_DEVICE_MAX { places() } else { None };
        let Some(places) = places else { return Err(state.pace.slot(now_ms)) };
        state.by_device.insert(device.clone(), in_flight + 1);
        drop(state);
        Ok(Admitted { admission: self.clone(), device: device.clone(), _places: places })
    }

    /// Waits for its turn, first come, first served. None: the server ends.
    pub async fn turn(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let permits = permits(bytes).min(limits::SYNCS_AT_ONCE as u32);
        self.working.clone().acquire_many_owned(permits).await.ok()
    }

    /// Syncs that are in flight.
    pub fn in_flight(&self) -> usize {
        limits::SYNCS_ADMITTED_MAX - self.waiting.available_permits()
    }

    /// A sync is done.
    pub fn done(&self, now_ms: i64) {
        self.state().pace.done(now_ms);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut state = self.admission.state();
        match state.by_device.get_mut(&self.device) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(state.by_device.remove(&self.device)),
        }
    }
}

fn permits(bytes: usize) -> u32 {
    bytes.div_ceil(PERMIT_BYTES).max(1) as u32
}

/// How many syncs are done in a second, and which slots of the next seconds are given to devices that were sent away: they
/// come back at the pace at which they can be served, not all at once.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    second: i64,
    done: u32,
    /// Of the last second with any.
    per_second: u32,
    /// Up to when slots are given out, in ms.
    given_ms: i64,
}

impl Pace {
    fn done(&mut self, now_ms: i64) {
        let second = now_ms.div_euclid(1000);
        if second != self.second {
            (self.per_second, self.second, self.done) = (self.done, second, 0);
        }
        self.done += 1;
    }

    /// Seconds until the next free slot, at least one.
    fn slot(&mut self, now_ms: i64) -> u32 {
        let rate = i64::from(self.per_second.max(self.done).max(limits::SYNCS_PER_SECOND_LEAST));
        // A slot is a part of a second: what is left over is jitter, since every device rounds up.
        let latest = now_ms + i64::from(limits::RETRY_AFTER_SECONDS_MAX) * 1000;
        self.given_ms = (self.given_ms.max(now_ms) + (1000 / rate).max(1)).min(latest);
        let seconds = (self.given_ms - now_ms).div_euclid(1000) + 1;
        u32::try_from(seconds).unwrap_or(1).min(limits::RETRY_AFTER_SECONDS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(n: u8) -> DeviceId {
        DeviceId::from_part([n; 16])
    }

    #[test]
    fn a_device_that_asks_twice_at_once_takes_nobody_elses_place() {
        let admission = Admission::new();
        let held: Vec<_> = (0..limits::SYNCS_OF_A_DEVICE_MAX).map(|_| admission.enter(&device(1), 10, 0).ok()).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(admission.enter(&device(1), 10, 0).is_err());
        assert!(admission.enter(&device(2), 10, 0).is_ok());
        drop(held);
        assert!(admission.enter(&device(1), 10, 0).is_ok());
        assert_eq!(admission.in_flight(), 0);
    }

    #[test]
    fn the_bytes_of_all_bodies_are_bounded() {
        let admission = Admission::new();
        let whole = limits::REQUEST_BYTES_MAX;
        let held: Vec<_> = (0..=limits::SYNC_BODIES_BYTES_MAX / whole).map(|n| admission.enter(&device(n as u8), whole, 0).ok()).collect();
        assert_eq!(held.iter().flatten().count(), limits::SYNC_BODIES_BYTES_MAX / whole);
    }

    #[test]
    fn those_who_are_sent_away_come_back_at_the_pace_of_the_server() {
        let mut pace = Pace::default();
        (0..500).for_each(|n| pace.done(n * 2));
        pace.done(1000);
        let seconds: Vec<u32> = (0..1500).map(|_| pace.slot(1000)).collect();
        for second in 1..=3 {
            let back = seconds.iter().filter(|s| **s == second).count();
            assert!((499..=501).contains(&back), "{back} come back after {second} s");
        }
        assert_eq!(Pace { given_ms: i64::MAX / 2, ..pace }.slot(0), limits::RETRY_AFTER_SECONDS_MAX);
    }
}
