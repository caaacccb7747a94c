//! Which devices have synced, and until when each person's work is here; in memory, since a board is asked for far more
//! often than the store wants to read every device.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use shared::ids::{DeviceId, PersonId, RouteId};
use shared::limits;

use crate::error::ApiResult;
use crate::state::App;
use crate::store::Device;
use crate::sync::complete_up_to;

/// A sync that was committed.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub device: DeviceId,
    pub at_ms: i64,
    /// Whether the device had nothing more to send.
    pub complete: bool,
    /// Changes that are durable by it.
    pub changes: u64,
    /// Routes with news.
    pub routes: Vec<RouteId>,
}

#[derive(Default)]
pub struct Presence {
    /// Syncs that are not counted yet. Locked for moments only: the store's writer hands them over.
    news: Mutex<News>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct News {
    arrivals: Vec<Arrival>,
    /// Devices were enrolled or revoked, or nobody looked for so long that the news were dropped.
    reread: bool,
}

#[derive(Default)]
struct Known {
    /// How often all devices were read; 0: never yet.
    reads: u64,
    by_person: BTreeMap<PersonId, Vec<Device>>,
    person_of: BTreeMap<DeviceId, PersonId>,
    /// Newest first, those that brought something.
    recent: VecDeque<Arrival>,
}

/// A person's devices, as far as a board tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub last_sync_ms: Option<i64>,
    /// See [`complete_up_to`].
    pub complete_up_to_ms: Option<i64>,
}

/// What is known of everybody's devices at one moment.
pub struct Present {
    pub seen: BTreeMap<PersonId, Seen>,
    /// The latest arrivals, newest first, and whose they are.
    pub recent: Vec<(PersonId, Arrival)>,
    /// How many changes of each person's devices are held back.
    pub held: BTreeMap<PersonId, u64>,
    /// Another number: devices were enrolled or revoked.
    pub reads: u64,
}

impl Presence {
    /// A sync was committed.
    pub fn note(&self, arrival: Arrival) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if news.arrivals.len() >= limits::ARRIVALS_UNREAD_MAX {
            news.arrivals.clear();
            news.reread = true;
        }
        news.arrivals.push(arrival);
    }

    /// Devices were enrolled or revoked.
    pub fn note_devices(&self) {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).reread = true;
    }

    pub fn read(&self, app: &App) -> ApiResult<Present> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        // What is read below is at least as new as the news are; taking them in again changes nothing.
        if known.reads == 0 || news.reread {
            known.take_devices(app.store.devices()?);
        }
        news.arrivals.into_iter().for_each(|arrival| known.take(arrival));
        let seen = known.by_person.iter().map(|(person, devices)| (person.clone(), seen(devices))).collect();
        let recent = known.recent.iter().filter_map(|arrival| Some((known.person_of.get(&arrival.device)?.clone(), arrival.clone())));
        let recent = recent.collect();
        let mut held = BTreeMap::new();
        for (device, count) in app.store.held_counts()? {
            let person = known.person_of.get(&device);
            person.into_iter().for_each(|person| *held.entry(person.clone()).or_insert(0) += count);
        }
        Ok(Present { seen, recent, held, reads: known.reads })
    }
}

fn seen(devices: &[Device]) -> Seen {
    Seen { last_sync_ms: devices.iter().filter_map(|device| device.last_sync_ms).max(), complete_up_to_ms: complete_up_to(devices) }
}

impl Known {
    fn take_devices(&mut self, devices: Vec<Device>) {
        self.reads += 1;
        self.by_person.clear();
        self.person_of.clear();
        for device in devices {
            self.person_of.insert(device.device.clone(), device.person.clone());
            self.by_person.entry(device.person.clone()).or_default().push(device);
        }
    }

    fn take(&mut self, arrival: Arrival) {
        let devices = self.person_of.get(&arrival.device).and_then(|person| self.by_person.get_mut(person));
        if let Some(device) = devices.into_iter().flatten().find(|device| device.device == arrival.device) {
            device.last_sync_ms = device.last_sync_ms.max(Some(arrival.at_ms));
            if arrival.complete {
                device.complete_ms = device.complete_ms.max(Some(arrival.at_ms));
            }
        }
        if arrival.changes > 0 {
            self.recent.push_front(arrival);
            self.recent.truncate(limits::ARRIVALS_SHOWN);
        }
    }
}
