//! The exported revision: lines of JSON, the last of them the SHA-256 of all before. [`verify`] recomputes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::PublishedScores;
use super::header::{Header, hash_of, signed_by};
use super::input::{Input, Recomputed, digest_of};
use super::merkle::{self, Hash};
use crate::hex::{hex, unhex};
use crate::ids::{IndicatorId, PersonId};
use crate::limits;
use crate::time::Month;
use crate::wire;

/// What stands in the first line.
const KIND: &str = "published month";
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    roundsman: String,
    format: u32,
    month: Month,
    revision: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainLine {
    revision: u32,
    header: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoresLine<'a> {
    #[serde(borrow)]
    scores: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputLine {
    input: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastLine {
    sha256: String,
}

fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a line is JSON") + "\n"
}

pub fn head_line(month: Month, revision: u32) -> String {
    line(&HeadLine { roundsman: KIND.into(), format: FORMAT, month, revision })
}

/// One for each revision of the month up to this one.
pub fn chain_line(revision: u32, header: &[u8], signature: &[u8]) -> String {
    line(&ChainLine { revision, header: hex(header), signature: hex(signature) })
}

pub fn scores_line(scores: &str) -> String {
    format!("{{\"scores\":{scores}}}\n")
}

/// `envelope`: an [`Input`], as [`wire::pack`] packs it.
pub fn input_line(envelope: &[u8]) -> String {
    line(&InputLine { input: STANDARD.encode(envelope) })
}

/// Sums the lines up, and makes the last one.
#[derive(Default)]
pub struct Closing(Sha256);

impl Closing {
    pub fn take(&mut self, line: &str) {
        self.0.update(line);
    }
    pub fn last_line(self) -> String {
        line(&LastLine { sha256: hex(&self.0.finalize()) })
    }
}

/// Why an exported revision is not what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyFault {
    #[error("line {line} can't be read: {what}")]
    Unreadable { line: usize, what: String },
    #[error("the file is not as it was written: its checksum is another")]
    Checksum,
    #[error("revision {0} is not signed by this key")]
    Signature(u32),
    #[error("revision {0} does not follow on the one before")]
    Chain(u32),
    #[error("the inputs are not those that revision {0} was published from")]
    Inputs(u32),
    #[error("the scheme is not that of revision {0}")]
    Scheme(u32),
    #[error("what the points rest on is not what revision {0} says: its Merkle root is another")]
    Root(u32),
    #[error("the scores are not those that the inputs come to")]
    Scores,
    #[error("the points of {person} for {indicator} are not those that their receipt comes to")]
    Receipt { person: PersonId, indicator: IndicatorId },
    #[error("the receipt is not in a revision that this key has signed")]
    Unproven,
}

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    #[serde(serialize_with = "crate::score::text")]
    pub month: Month,
    pub revision: u32,
    /// Hexadecimal: the name of the revision.
    pub hash: String,
    /// Hexadecimal: the root over what the points rest on.
    pub input_hash: String,
    pub managers: usize,
    /// Points recomputed, each from its receipt.
    pub points: usize,
    pub visits: u64,
}

/// Recomputes an exported revision: its checksum, the chain of heads up to it and their signatures, the inputs, the scores,
/// each receipt, the Merkle root. Error: everything that is wrong with it.
pub fn verify(text: &str, key: &[u8; 32]) -> Result<Verified, Vec<VerifyFault>> {
    let file = read(text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    if !file.sound {
        faults.push(VerifyFault::Checksum);
    }
    let (header, name) = chain(&file, key, &mut faults).map_err(|fault| vec![fault])?;
    match recompute(&file, &header, &mut faults) {
        Ok(verified) if faults.is_empty() => Ok(Verified { hash: hex(&name), input_hash: hex(&header.inputs_root), ..verified }),
        Ok(_) => Err(faults),
        Err(fault) => Err([faults, vec![fault]].concat()),
    }
}

struct File<'a> {
    head: HeadLine,
    chain: Vec<(usize, ChainLine)>,
    scores: &'a str,
    inputs: Vec<(usize, InputLine)>,
    sound: bool,
}

fn read(text: &str) -> Result<File<'_>, VerifyFault> {
    fn parse<'a, T: Deserialize<'a>>((at, text): (usize, &'a str)) -> Result<T, VerifyFault> {
        serde_json::from_str(text).map_err(|e| VerifyFault::Unreadable { line: at, what: e.to_string() })
    }
    let short = |line| VerifyFault::Unreadable { line, what: "the file ends too early".into() };
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    let (first, rest) = lines.split_first().ok_or(short(1))?;
    let (last, rest) = rest.split_last().ok_or(short(2))?;
    let head: HeadLine = parse(*first)?;
    if head.roundsman != KIND || head.format != FORMAT {
        return Err(VerifyFault::Unreadable { line: 1, what: format!("it is no {KIND} of format {FORMAT}") });
    }
    let chained = (head.revision as usize).min(rest.len());
    let (chain, rest) = rest.split_at(chained);
    let (scores, inputs) = rest.split_first().ok_or(short(chained + 2))?;
    let LastLine { sha256 } = parse(*last)?;
    let sum = |before: &str| hex(&Sha256::new().chain_update(before).chain_update("\n").finalize());
    let sound = text.strip_suffix('\n').and_then(|all| all.rsplit_once('\n')).is_some_and(|(before, _)| sum(before) == sha256);
    Ok(File {
        chain: chain.iter().map(|line| Ok((line.0, parse(*line)?))).collect::<Result<_, VerifyFault>>()?,
        scores: parse::<ScoresLine<'_>>(*scores)?.scores.get(),
        inputs: inputs.iter().map(|line| Ok((line.0, parse(*line)?))).collect::<Result<_, VerifyFault>>()?,
        sound,
        head,
    })
}

/// Checks every head of the chain; answers the last with its name.
fn chain(file: &File<'_>, key: &[u8; 32], faults: &mut Vec<VerifyFault>) -> Result<(Header, Hash), VerifyFault> {
    let mut before: Option<(Header, Hash)> = None;
    for (line, link) in &file.chain {
        let unreadable = |what: &str| VerifyFault::Unreadable { line: *line, what: what.into() };
        let bytes = unhex(&link.header).ok_or_else(|| unreadable("the header is not hexadecimal"))?;
        let header = Header::from_bytes(&bytes).ok_or_else(|| unreadable("the header is none"))?;
        let signature = unhex(&link.signature).ok_or_else(|| unreadable("the signature is not hexadecimal"))?;
        if !signed_by(key, &bytes, &signature) {
            faults.push(VerifyFault::Signature(link.revision));
        }
        let expected = before.as_ref().map_or(1, |(before, _)| before.revision + 1);
        let follows =
            (header.revision, header.month, header.predecessor) == (expected, file.head.month, before.as_ref().map(|(_, hash)| *hash));
        if !follows || link.revision != expected {
            faults.push(VerifyFault::Chain(link.revision));
        }
        before = Some((header, hash_of(&bytes)));
    }
    let last = before.filter(|(header, _)| header.revision == file.head.revision);
    last.ok_or(VerifyFault::Chain(file.head.revision))
}

fn recompute(file: &File<'_>, header: &Header, faults: &mut Vec<VerifyFault>) -> Result<Verified, VerifyFault> {
    let revision = header.revision;
    let mut hashes = Vec::new();
    let mut recomputed: Option<Recomputed> = None;
    for (line, InputLine { input }) in &file.inputs {
        let unreadable = |what: String| VerifyFault::Unreadable { line: *line, what };
        let envelope = STANDARD.decode(input).map_err(|e| unreadable(e.to_string()))?;
        let input: Input = wire::open(&envelope, limits::REVISION_INPUT_BYTES_MAX).map_err(|e| unreadable(e.to_string()))?;
        hashes.push(input.hash());
        match &mut recomputed {
            None => recomputed = Some(Recomputed::begin(header.month, &input).map_err(unreadable)?),
            Some(recomputed) => recomputed.add(&input).map_err(unreadable)?,
        }
    }
    let recomputed = recomputed.ok_or(VerifyFault::Inputs(revision))?;
    let mut expect = |holds: bool, fault: VerifyFault| {
        if !holds {
            faults.push(fault);
        }
    };
    expect(digest_of(&hashes) == header.inputs, VerifyFault::Inputs(revision));
    expect(recomputed.scheme().hash == header.scheme, VerifyFault::Scheme(revision));
    for (person, indicator) in recomputed.astray.clone() {
        expect(false, VerifyFault::Receipt { person, indicator });
    }
    let (score, leaves) = recomputed.finish();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
    expect(merkle::root(&hashes) == header.inputs_root && leaves.len() == header.leaves as usize, VerifyFault::Root(revision));
    let scores = PublishedScores::new(score, revision);
    expect(merkle::root(&scores.leaves()) == header.scores_root && scores.to_json() == file.scores, VerifyFault::Scores);
    Ok(Verified {
        month: header.month,
        revision,
        hash: String::new(),
        input_hash: String::new(),
        managers: scores.score.managers.len(),
        points: leaves.len(),
        visits: scores.score.visits.logged,
    })
}
