//! The cursor: scope → position up to which a device has everything. Opaque to the device.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::ids::Scope;

#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Cursor {
    #[n(0)]
    pub scopes: BTreeMap<Scope, u64>,
    /// How far the device has been told of verdicts that came later.
    #[n(1)]
    pub settled: u64,
}

impl Cursor {
    /// Empty bytes are the beginning; what can't be read is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        minicbor::decode(bytes).ok()
    }
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("encoding into memory does not fail")
    }
    pub fn position(&self, scope: &Scope) -> u64 {
        self.scopes.get(scope).copied().unwrap_or(0)
    }
}
