//! What the core takes from outside: the clock and randomness, and a place for tests to pull the plug.

/// The device's clock and randomness.
pub trait Surroundings {
    /// Milliseconds since 1970 by the device's clock, right or wrong.
    fn now_ms(&self) -> i64;

    /// Fills `bytes` with randomness that is fit for keys.
    fn random(&self, bytes: &mut [u8]);

    /// Called at every step at which a crash would matter; a test can die here.
    fn reached(&self, _point: &'static str) {}
}

impl<S: Surroundings + ?Sized> Surroundings for std::sync::Arc<S> {
    fn now_ms(&self) -> i64 {
        (**self).now_ms()
    }
    fn random(&self, bytes: &mut [u8]) {
        (**self).random(bytes);
    }
    fn reached(&self, point: &'static str) {
        (**self).reached(point);
    }
}

impl<S: Surroundings + ?Sized> Surroundings for Box<S> {
    fn now_ms(&self) -> i64 {
        (**self).now_ms()
    }
    fn random(&self, bytes: &mut [u8]) {
        (**self).random(bytes);
    }
    fn reached(&self, point: &'static str) {
        (**self).reached(point);
    }
}

/// The machine's own clock and randomness.
#[cfg(feature = "system")]
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

#[cfg(feature = "system")]
impl Surroundings for System {
    fn now_ms(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
    fn random(&self, bytes: &mut [u8]) {
        // Without randomness there are no keys and no ids: going on would be worse than stopping.
        getrandom::fill(bytes).expect("the system has a source of randomness");
    }
}
