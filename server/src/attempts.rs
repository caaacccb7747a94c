//! Guessing is bounded: so many attempts a login and minute, and a bounded memory of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use shared::limits;
use shared::problem::Code;

use crate::error::{ApiError, ApiResult};

#[derive(Default)]
pub struct Attempts {
    /// What is attempted → when its window began, and how often since.
    windows: Mutex<BTreeMap<String, (i64, u32)>>,
}

impl Attempts {
    /// Counts an attempt, or refuses it.
    pub fn admit(&self, what: &str, now_ms: i64) -> ApiResult<()> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= limits::ATTEMPT_LOGINS_MAX {
            windows.retain(|_, (began, _)| now_ms - *began < limits::ATTEMPT_WINDOW_MS);
        }
        if windows.len() >= limits::ATTEMPT_LOGINS_MAX && !windows.contains_key(what) {
            return Err(ApiError::new(Code::TooMany));
        }
        let (began, count) = windows.entry(what.to_string()).or_insert((now_ms, 0));
        if now_ms - *began >= limits::ATTEMPT_WINDOW_MS {
            (*began, *count) = (now_ms, 0);
        }
        *count += 1;
        if *count > limits::ATTEMPTS_MAX { Err(ApiError::new(Code::TooMany)) } else { Ok(()) }
    }

    pub fn forget(&self, what: &str) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).remove(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_attempts_a_login_waits_out_its_minute() {
        let attempts = Attempts::default();
        for _ in 0..limits::ATTEMPTS_MAX {
            attempts.admit("s01", 0).unwrap();
        }
        assert!(attempts.admit("s01", 59_999).is_err());
        assert!(attempts.admit("s02", 59_999).is_ok());
        assert!(attempts.admit("s01", 60_000).is_ok());
    }
}
