//! A transport that counts what goes through it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::transport::{Response, Transport, TransportFault};

/// Counts requests and bytes; faults too, since their bytes went up.
pub(super) struct Meter<'t> {
    inner: &'t dyn Transport,
    pub requests: AtomicU64,
    pub bytes_up: AtomicU64,
    pub bytes_down: AtomicU64,
}

impl<'t> Meter<'t> {
    pub fn new(inner: &'t dyn Transport) -> Self {
        Self { inner, requests: AtomicU64::new(0), bytes_up: AtomicU64::new(0), bytes_down: AtomicU64::new(0) }
    }
}

impl Transport for Meter<'_> {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        self.requests.fetch_add(1, Relaxed);
        self.bytes_up.fetch_add(body.len() as u64, Relaxed);
        let response = self.inner.post(path, bearer, content_type, body)?;
        self.bytes_down.fetch_add(response.body.len() as u64, Relaxed);
        Ok(response)
    }
}
