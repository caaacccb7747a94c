//! What the tests share: a phone whose plug can be pulled, and a head office that fits into a test.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use client_core::device::{CheckIn, Done, Enrolment, Step};
use client_core::{Device, Surroundings};
use sha2::{Digest, Sha256};
use shared::ids::{RetailerId, RouteId, Sku, VisitId};

mod gate;
pub mod office;
pub use office::Office;

/// 2026-07-01 09:00 in Shanghai.
pub const NINE: i64 = 1_782_867_600_000;

/// A clock that stands still, randomness from a seed, and a step at which the phone dies.
pub struct Phone {
    pub now: AtomicI64,
    seed: u64,
    drawn: AtomicU64,
    dies_at: Mutex<Option<&'static str>>,
    pub passed: Mutex<Vec<&'static str>>,
}

impl Phone {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(NINE), seed, drawn: 0.into(), dies_at: Mutex::new(None), passed: Mutex::default() })
    }

    /// Does `work` and dies at a point of it, the store closing as it falls. Whether it got there.
    pub fn dying_at<T>(&self, point: &'static str, work: impl FnOnce() -> T) -> bool {
        *self.dies_at.lock().unwrap() = Some(point);
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err();
        *self.dies_at.lock().unwrap() = None;
        died
    }
}

impl Surroundings for Phone {
    fn now_ms(&self) -> i64 {
        self.now.load(SeqCst)
    }
    fn random(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let mut sha = Sha256::new();
            sha.update(self.seed.to_be_bytes());
            sha.update(self.drawn.fetch_add(1, SeqCst).to_be_bytes());
            part.copy_from_slice(&sha.finalize()[..part.len()]);
        }
    }
    fn reached(&self, point: &'static str) {
        self.passed.lock().unwrap().push(point);
        let dies = *self.dies_at.lock().unwrap() == Some(point);
        if dies {
            // Without the panic hook: dying is what the test wants.
            std::panic::resume_unwind(Box::new(point));
        }
    }
}

/// A device of m01 in a file, enrolled if it was not.
pub fn open(path: &Path, phone: &Arc<Phone>, office: &Office) -> Device {
    let mut device = Device::open(path, phone.clone()).unwrap();
    enrol(&mut device, office, "code-m01");
    device
}

/// A device in memory, enrolled with a code (`code-` and the person).
pub fn device(seed: u64, code: &str, office: &Office) -> Device {
    let mut device = Device::in_memory(Phone::new(seed)).unwrap();
    enrol(&mut device, office, code);
    device
}

pub fn enrol(device: &mut Device, office: &Office, code: &str) {
    device.enrol(office, &Enrolment { server: "http://office", code, name: "test" }).unwrap();
}

pub fn retailer(id: &str) -> RetailerId {
    RetailerId::new(id).unwrap()
}

pub fn route(id: &str) -> RouteId {
    RouteId::new(id).unwrap()
}

pub fn lines(of: &[(&str, i64)]) -> BTreeMap<Sku, Option<i64>> {
    of.iter().map(|(sku, number)| (Sku::new(sku).unwrap(), Some(*number))).collect()
}

/// A check-in at a shop of r1.
pub fn at(shop: &str) -> CheckIn {
    CheckIn { route: Some(route("r1")), ..CheckIn::at(retailer(shop)) }
}

pub fn check_in(device: &mut Device, shop: &str) -> (VisitId, Done) {
    device.check_in(at(shop)).unwrap()
}

/// A whole visit to a shop of r1: four actions.
pub fn visit(device: &mut Device, shop: &str) -> VisitId {
    let (visit, _) = check_in(device, shop);
    device.count_stock(visit, lines(&[("a", 4), ("b", 0)]), Step::default()).unwrap();
    device.plan_order(visit, lines(&[("b", 3)]), Step::default()).unwrap();
    device.check_out(visit, Step { at_ms: Some(NINE + 600_000), ..Step::default() }).unwrap();
    visit
}

/// Of all visits of the day: shop and stock.
pub fn visits_of(device: &Device) -> Vec<(String, Vec<i64>)> {
    let day = jiff::civil::date(2026, 7, 1);
    let visits = device.visits(day, day).unwrap();
    let mut found: Vec<_> = visits.into_iter().map(|visit| (visit.retailer.to_string(), visit.stock.values().collect())).collect();
    found.sort();
    found
}
