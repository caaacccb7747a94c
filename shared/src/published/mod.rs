//! Published months (scoring.md, "A month's life"): an immutable revision is a signed [`Header`] over what was read (a Merkle
//! tree of leaves, one a person and indicator) and what came of it (the scores). [`verify()`] recomputes an exported revision
//! and believes nothing but a pinned key.

use serde::Serialize;

use crate::score::{ManagerScore, MonthScore};

mod canonical;
mod file;
mod header;
mod input;
pub mod merkle;
mod proof;

pub use canonical::canonical;
pub use file::{Closing, Verified, VerifyFault, chain_line, head_line, input_line, scores_line, verify};
pub use header::{Header, HeldBack, PublishedShare, hash_of, message, signed_by};
pub use input::{Input, Leaf, Recomputed, digest_of};
pub use proof::{Proof, ProvenReceipt, verify_receipt};

use merkle::Hash;

/// A month's score as it is published. In JSON the keys of [`MonthScore`], then these.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublishedScores {
    #[serde(flatten)]
    pub score: MonthScore,
    pub status: &'static str,
    pub revision: u32,
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a score is JSON")
}

impl PublishedScores {
    pub fn new(score: MonthScore, revision: u32) -> Self {
        Self { score, status: "published", revision }
    }

    /// As it is kept and printed.
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// What the scores' root is over: what is of the whole district, then each manager.
    pub fn leaves(&self) -> Vec<Hash> {
        let frame = Self { score: MonthScore { managers: Vec::new(), ..self.score.clone() }, ..self.clone() };
        let managers = self.score.managers.iter().map(score_json);
        std::iter::once(frame.to_json()).chain(managers).map(|text| merkle::leaf(text.as_bytes())).collect()
    }
}

/// A manager's score as a leaf has it.
pub fn score_json(manager: &ManagerScore) -> String {
    json(manager)
}
