//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use server::clock::Clock;
use shared::time::{Zone, parse_date, parse_time};

#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// At a local time of the sample district: `at("2026-08-05", "17:30:00")`.
    pub fn at(date: &str, time: &str) -> Self {
        Self(Arc::new(AtomicI64::new(local(date, time))))
    }
    pub fn set(&self, date: &str, time: &str) {
        self.0.store(local(date, time), Ordering::SeqCst);
    }
    pub fn set_ms(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.now()
    }
}

/// The sample district's zone.
pub fn zone() -> Zone {
    Zone::named("Asia/Shanghai").expect("the zone is compiled in")
}

/// The instant of a local date and time of the sample district.
pub fn local(date: &str, time: &str) -> i64 {
    zone().instant(day(date), parse_time(time).expect("HH:MM:SS"))
}

pub fn day(date: &str) -> Date {
    parse_date(date).expect("YYYY-MM-DD")
}
