//! The acknowledgement: a verdict per change, in run lengths in the request's order, so that fifty cost a few bytes.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::ChangeHash;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Committed with fsync: it survives the server's power cut.
    #[n(0)]
    Durable,
    /// Was durable already.
    #[n(1)]
    Duplicate,
    /// Its dependencies are not here yet; kept, with fsync.
    #[n(2)]
    Waiting,
    /// Kept apart, with a reason, until staff release or reject it.
    #[n(3)]
    Quarantined,
    /// Staff have refused it.
    #[n(4)]
    Rejected,
}

impl Verdict {
    /// In the order of their numbers on the wire.
    pub const ALL: [Self; 5] = [Self::Durable, Self::Duplicate, Self::Waiting, Self::Quarantined, Self::Rejected];
}

macro_rules! reasons {
    ($($number:literal $name:ident = $code:literal, $en:literal, $zh:literal;)*) => {
        /// Why a change is quarantined; codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
        #[cbor(index_only)]
        pub enum Reason { $(#[n($number)] $name,)* }

        impl Reason {
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// One sentence for people.
            pub fn sentence(self, zh: bool) -> &'static str {
                match self { $(Self::$name => if zh { $zh } else { $en },)* }
            }
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.code() == code)
            }
        }
    };
}

reasons! {
    0 Malformed = "malformed", "The change can't be read.", "无法读取此更改。";
    1 WrongChecksum = "wrong_checksum", "The change was damaged on the way: its checksum is wrong.", "更改已损坏：校验和不符。";
    2 TooLarge = "too_large", "The change is larger than a change may be.", "更改超过大小上限。";
    3 TooManyOperations = "too_many_operations", "The change holds more operations than a change may.", "更改的操作数超过上限。";
    4 TooManyDependencies = "too_many_dependencies", "The change depends on more changes than a change may.", "更改的依赖数超过上限。";
    5 BadDocument = "bad_document", "There can be no document of this name.", "文档名称无效。";
    6 GenesisActor = "genesis_actor", "The change claims to be a document's beginning, which is never sent.", "更改冒充文档的起始更改。";
    7 ForeignActor = "foreign_actor", "The change was written by another device.", "更改由其他设备写入。";
    8 NotAssigned = "not_assigned", "No assignment lets this person work on this route on that day.", "该人员当日未被指派到此线路。";
    9 DeviceRevoked = "device_revoked", "The device has been revoked.", "设备已被停用。";
    10 ActorConflict = "actor_conflict", "Two copies of this phone's data have written apart.", "此手机数据的两个副本各自写入了更改。";
    11 BecauseOf = "because_of", "It builds on a change that is held back.", "其所依赖的更改被扣留。";
    12 TooManyWaiting = "too_many_waiting", "Too many changes of this document wait for others.", "此文档等待中的更改过多。";
    13 DocumentFull = "document_full", "The document holds as many changes as a document may.", "文档的更改数已达上限。";
    15 WrongSequence = "wrong_sequence", "The change does not follow on the device's last one.", "更改与设备上一更改不连续。";
    16 WrongShape = "wrong_shape", "The change does not fit the document's form.", "更改不符合文档的结构。";
    17 TooManyBranches = "too_many_branches", "Too many devices have written to the document without knowing of each other.", "过多设备在互不知情的情况下写入了此文档。";
    19 ForeignVisit = "foreign_visit", "It checks in in the name of another person or device, or takes another's visit back.", "以他人或其他设备的名义签到，或撤销他人的拜访。";
    18 Compressed = "compressed", "Changes are sent uncompressed.", "更改须以未压缩形式发送。";
    14 BrokenDocument = "broken_document", "Applying the change would break the document.", "应用此更改会损坏文档。";
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl Reason {
    /// Whether it is about who brought the change, or what it builds on, and so may pass.
    pub fn passes(self) -> bool {
        matches!(self, Self::ForeignActor | Self::ForeignVisit | Self::NotAssigned | Self::DeviceRevoked | Self::BecauseOf)
    }
}

/// So many changes in a row with the same verdict.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Run {
    #[n(0)]
    pub verdict: Verdict,
    #[n(1)]
    pub count: u32,
    #[n(2)]
    pub reason: Option<Reason>,
}

/// A verdict for each change of the request, in its order, and a digest of the hashes of the accepted ones.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Acknowledgement {
    #[n(0)]
    pub runs: Vec<Run>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub digest: [u8; 32],
}

impl Acknowledgement {
    pub fn of(verdicts: &[(Verdict, Option<Reason>)], digest: [u8; 32]) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for (verdict, reason) in verdicts {
            match runs.last_mut() {
                Some(run) if run.verdict == *verdict && run.reason == *reason => run.count += 1,
                _ => runs.push(Run { verdict: *verdict, count: 1, reason: *reason }),
            }
        }
        Self { runs, digest }
    }

    /// One verdict a change; none if their number is not `expected`.
    pub fn verdicts(&self, expected: usize) -> Option<Vec<(Verdict, Option<Reason>)>> {
        let total: u64 = self.runs.iter().map(|run| u64::from(run.count)).sum();
        if total != expected as u64 {
            return None;
        }
        Some(self.runs.iter().flat_map(|run| std::iter::repeat_n((run.verdict, run.reason), run.count as usize)).collect())
    }
}

/// SHA-256 over the hashes of the durable and duplicate changes, in the request's order: what the device believes to be
/// at head office is what is there.
pub fn accepted_digest<'a>(hashes: impl IntoIterator<Item = &'a ChangeHash>) -> [u8; 32] {
    let mut sha = Sha256::new();
    for hash in hashes {
        sha.update(hash.0);
    }
    sha.finalize().into()
}

/// A verdict that came later.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Settled {
    #[n(0)]
    pub hash: ChangeHash,
    #[n(1)]
    pub verdict: Verdict,
    #[n(2)]
    pub reason: Option<Reason>,
}
