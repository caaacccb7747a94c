//! What is signed of a revision, and the share of it that a person keeps.

use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::merkle::{self, Hash};
use crate::ids::{PersonId, SchemeHash};
use crate::score::Rounded;
use crate::time::Month;

/// Stands before what is signed, so that a signature on anything else is none on this.
const DOMAIN: &[u8] = b"roundsman revision 1\0";

/// The head of a published revision. Its bytes are CBOR; their hash, behind [`DOMAIN`], names the revision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    #[cbor(n(0), with = "crate::cbor::text")]
    pub month: Month,
    /// From 1.
    #[n(1)]
    pub revision: u32,
    /// The hash of the revision before; none: it is the first.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub predecessor: Option<[u8; 32]>,
    #[n(3)]
    pub scheme: SchemeHash,
    /// The input hash: the root over one leaf a person and indicator, each holding the inputs read.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub inputs_root: [u8; 32],
    #[n(5)]
    pub leaves: u32,
    /// SHA-256 over the hashes of the exported inputs, in order.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub inputs: [u8; 32],
    /// The root over the scores: first what is of the whole district, then each manager.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub scores_root: [u8; 32],
    #[n(8)]
    pub managers: u32,
    /// Milliseconds since 1970.
    #[n(9)]
    pub published_ms: i64,
    #[n(10)]
    pub published_by: String,
    /// Managers who stay as they were in the revision before, each with the reason.
    #[n(11)]
    pub held_back: Vec<HeldBack>,
}

/// A manager's restatement that is not published with a revision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
pub struct HeldBack {
    #[n(0)]
    pub person: PersonId,
    #[n(1)]
    pub reason: String,
}

impl Header {
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing into memory does not fail")
    }
    /// None: the bytes are no header, or another form of one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok().filter(|header: &Self| header.to_bytes() == bytes)
    }
}

/// What the key signs.
pub fn message(header: &[u8]) -> Vec<u8> {
    [DOMAIN, header].concat()
}

/// The name of a revision, which its successor holds.
pub fn hash_of(header: &[u8]) -> Hash {
    Sha256::digest(message(header)).into()
}

pub fn signed_by(key: &[u8; 32], header: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(key), Signature::from_slice(signature)) else { return false };
    key.verify_strict(&message(header), &signature).is_ok()
}

/// What a person's devices keep of a revision: the signed head, the person's own scores, and the way from these to the head.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PublishedShare {
    #[n(0)]
    pub header: ByteVec,
    #[n(1)]
    pub signature: ByteVec,
    /// A manager's score, as JSON.
    #[n(2)]
    pub score: String,
    /// The place of the score among those of the revision.
    #[n(3)]
    pub at: u32,
    #[n(4)]
    pub path: Vec<ByteVec>,
}

impl PublishedShare {
    /// The person's published total.
    pub fn total(&self) -> Option<Rounded> {
        #[derive(serde::Deserialize)]
        struct Score {
            total: Rounded,
        }
        serde_json::from_str(&self.score).ok().map(|score: Score| score.total)
    }

    /// The head, if the key has signed it and the score is under it.
    pub fn verify(&self, key: &[u8; 32]) -> Option<Header> {
        let header = Header::from_bytes(&self.header)?;
        let path: Vec<Hash> = self.path.iter().map(|hash| hash.as_slice().try_into().ok()).collect::<Option<_>>()?;
        let root = merkle::climb(merkle::leaf(self.score.as_bytes()), self.at as usize, header.managers as usize + 1, &path)?;
        (root == header.scores_root && signed_by(key, &self.header, &self.signature)).then_some(header)
    }
}
