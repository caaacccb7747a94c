//! Who signs: what a sync asks of every request, kept in memory. A device's key and person never change; a revocation
//! takes its entry out after it is committed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use shared::ids::DeviceId;
use shared::limits;

use super::super::{Device, Result};

#[derive(Default)]
pub struct Signers(RwLock<BTreeMap<DeviceId, Arc<Device>>>);

impl Signers {
    /// From memory, if it is there.
    pub fn known(&self, device: &DeviceId) -> Option<Arc<Device>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(device).cloned()
    }

    /// From memory, or by `read`. Who is not there is not remembered.
    pub fn get(&self, device: &DeviceId, read: impl FnOnce() -> Result<Option<Device>>) -> Result<Option<Arc<Device>>> {
        if let Some(known) = self.known(device) {
            return Ok(Some(known));
        }
        // Held while it is read: a revocation that comes between would otherwise be overwritten.
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = read()?.map(Arc::new) else { return Ok(None) };
        if known.len() >= limits::SIGNERS_MAX {
            known.clear();
        }
        known.insert(device.clone(), found.clone());
        Ok(Some(found))
    }

    pub fn forget(&self, device: &DeviceId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(device);
    }
}
