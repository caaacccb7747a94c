//! A receipt of a published revision with the way from its leaf to the signed head: whoever has the key needs nothing else.

use serde::{Deserialize, Serialize};

use super::file::VerifyFault;
use super::header::{Header, signed_by};
use super::merkle::{self, Hash};
use crate::hex::{hex, unhex};
use crate::score::Receipt;

/// The way from a receipt's leaf to a revision's head. Hashes, header and signature are hexadecimal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    pub revision: u32,
    /// The leaf's place among all.
    pub leaf: u32,
    pub path: Vec<String>,
    pub header: String,
    pub signature: String,
}

/// A receipt as it is exported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProvenReceipt {
    #[serde(flatten)]
    pub receipt: Receipt,
    pub proof: Proof,
}

impl Proof {
    /// `leaves`: of the revision, in order.
    pub fn new(revision: u32, leaves: &[Hash], at: usize, header: &[u8], signature: &[u8]) -> Self {
        let path = merkle::path(leaves, at).iter().map(|hash| hex(hash)).collect();
        Self { revision, leaf: at as u32, path, header: hex(header), signature: hex(signature) }
    }

    fn header(&self, leaf: Hash, key: &[u8; 32]) -> Option<Header> {
        let (header, signature) = (unhex(&self.header)?, unhex(&self.signature)?);
        let path: Vec<Hash> = self.path.iter().map(|text| unhex(text)?.try_into().ok()).collect::<Option<_>>()?;
        let read = Header::from_bytes(&header)?;
        let root = merkle::climb(leaf, self.leaf as usize, read.leaves as usize, &path)?;
        (root == read.inputs_root && read.revision == self.revision && signed_by(key, &header, &signature)).then_some(read)
    }
}

/// Recomputes a published receipt from its own facts, and follows it to a head that the key has signed. Its title, its status
/// and the words of its steps are in no signature: they are for people, and only that the steps end with the points is looked
/// at.
pub fn verify_receipt(text: &str, key: &[u8; 32]) -> Result<ProvenReceipt, Vec<VerifyFault>> {
    let unreadable = |line, what: String| vec![VerifyFault::Unreadable { line, what }];
    let proven: ProvenReceipt = serde_json::from_str(text).map_err(|e| unreadable(e.line(), e.to_string()))?;
    // What a receipt does not have could say anything to who reads it.
    let read: serde_json::Value = serde_json::from_str(text).map_err(|e| unreadable(e.line(), e.to_string()))?;
    if serde_json::to_value(&proven).ok() != Some(read) {
        return Err(unreadable(1, "it has fields that a receipt does not have, or lacks some".into()));
    }
    let receipt = &proven.receipt;
    let mut faults = Vec::new();
    let ends_with = receipt.steps.last().and_then(|step| step.value.as_ref());
    if receipt.recompute() != receipt.points || ends_with != Some(&receipt.points.to_string()) {
        faults.push(VerifyFault::Receipt { person: receipt.person_id.clone(), indicator: receipt.indicator.clone() });
    }
    match proven.proof.header(receipt.leaf(), key) {
        Some(header) if header.month == receipt.month && header.scheme == receipt.scheme_hash => {}
        _ => faults.push(VerifyFault::Unproven),
    }
    if faults.is_empty() { Ok(proven) } else { Err(faults) }
}
