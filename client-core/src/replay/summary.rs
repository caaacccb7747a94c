//! What a replay did.

use std::time::Duration;

use serde::Serialize;

use crate::device::Counts;

/// What one device did.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub visits: u64,
    pub days: u64,
    pub refused: Vec<String>,
    pub requests: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub sync_ms: Vec<u64>,
    acknowledged: u64,
    pending: u64,
    waiting: u64,
    quarantined: u64,
    rejected: u64,
}

impl Tally {
    /// The states in which the device's actions are in the end.
    pub fn count(&mut self, counts: &Counts) {
        self.acknowledged = counts.durable;
        self.pending = counts.pending;
        self.waiting = counts.waiting;
        self.quarantined = counts.quarantined;
        self.rejected = counts.rejected;
    }
}

/// What a replay did. `acknowledged` to `rejected` count the actions of all its devices as they are in the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub devices: u64,
    /// Device and day.
    pub device_days: u64,
    pub visits: u64,
    /// Rows that could not be read, or not be done.
    pub refused_rows: u64,
    pub acknowledged: u64,
    /// Still on the devices.
    pub pending: u64,
    pub waiting: u64,
    pub quarantined: u64,
    pub rejected: u64,
    pub requests: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub syncs: u64,
    pub sync_p50_ms: u64,
    pub sync_p99_ms: u64,
    pub elapsed_ms: u64,
    pub device_days_per_s: f64,
    /// What went wrong, row by row and device by device.
    pub faults: Vec<String>,
}

impl Summary {
    pub(super) fn of(devices: usize, tallies: Vec<Tally>, mut faults: Vec<String>, unread_rows: u64, elapsed: Duration) -> Self {
        let mut summary = Self { devices: devices as u64, refused_rows: unread_rows, ..Self::default() };
        let mut sync_ms = Vec::new();
        for mut tally in tallies {
            summary.device_days += tally.days;
            summary.visits += tally.visits;
            summary.refused_rows += tally.refused.len() as u64;
            summary.acknowledged += tally.acknowledged;
            summary.pending += tally.pending;
            summary.waiting += tally.waiting;
            summary.quarantined += tally.quarantined;
            summary.rejected += tally.rejected;
            summary.requests += tally.requests;
            summary.bytes_up += tally.bytes_up;
            summary.bytes_down += tally.bytes_down;
            faults.append(&mut tally.refused);
            sync_ms.append(&mut tally.sync_ms);
        }
        sync_ms.sort_unstable();
        summary.syncs = sync_ms.len() as u64;
        summary.sync_p50_ms = percentile(&sync_ms, 50);
        summary.sync_p99_ms = percentile(&sync_ms, 99);
        summary.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        summary.device_days_per_s = (summary.device_days as f64 / elapsed.as_secs_f64().max(0.001) * 10.0).round() / 10.0;
        summary.faults = faults;
        summary
    }

    /// Whether everything of the log was done and synced.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.refused_rows == 0
    }
}

/// The smallest value that `percent` of 100 of the sorted values do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (50, 99));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99), percentile(&[], 50)), (7, 7, 0));
    }
}
