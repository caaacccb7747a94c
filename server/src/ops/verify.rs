//! `roundsman verify`: needs no data folder, and believes nothing but the key.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use shared::problem::Code;
use shared::published::{Verified, VerifyFault, verify as verify_revision, verify_receipt};

use super::{DONE, Format, REFUSED, Report, print_json};
use crate::error::{ApiError, ApiResult};

#[derive(Serialize)]
struct Verdict<'a, T: Serialize> {
    verified: bool,
    #[serde(flatten)]
    what: Option<T>,
    faults: Vec<String>,
    file: &'a Path,
}

/// Verifies an exported revision, or a receipt with its proof.
pub fn verify(file: &Path, key: &str, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let key = read_key(key)?;
    let unreadable = |e: std::io::Error| ApiError::with(Code::Invalid, format!("{}: {e}", file.display()));
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let no_text = vec![VerifyFault::Unreadable { line: 1, what: "it is no UTF-8 text".into() }];
    let Ok(text) = String::from_utf8(bytes) else { return say::<Verified>(file, Err(no_text), "", format, report) };
    // A receipt is one JSON value, a revision a line of JSON each.
    if is_receipt(&text) {
        let verdict = verify_receipt(&text, &key);
        let sentence = verdict.as_ref().map_or_else(
            |_| String::new(),
            |proven| {
                let receipt = &proven.receipt;
                let (person, indicator, points) = (&receipt.person_id, &receipt.indicator, &receipt.points);
                format!(
                    "{person} {indicator} {}: {points} points, recomputed from {} facts, published in revision {} and signed by this key\n\
                     (facts, formula and gate; its title, status and steps only say it in words)",
                    receipt.month,
                    receipt.facts.len(),
                    proven.proof.revision
                )
            },
        );
        return say(file, verdict, &sentence, format, report);
    }
    let verdict = verify_revision(&text, &key);
    let sentence = verdict.as_ref().map_or_else(
        |_| String::new(),
        |verified| {
            let Verified { month, revision, managers, points, visits, hash, input_hash } = verified;
            format!(
                "{month} revision {revision}: {managers} managers, {points} points recomputed from {visits} visits, signed by this key\n\
                 hash        {hash}\ninput hash  {input_hash}"
            )
        },
    );
    say(file, verdict, &sentence, format, report)
}

fn is_receipt(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.get("proof").is_some())
}

fn say<T: Serialize>(
    file: &Path,
    verdict: Result<T, Vec<VerifyFault>>,
    sentence: &str,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    let (what, faults) = match verdict {
        Ok(what) => (Some(what), Vec::new()),
        Err(faults) => (None, faults),
    };
    let verified = what.is_some();
    if format == Format::Json {
        let faults = faults.iter().map(ToString::to_string).collect();
        print_json(report, &Verdict { verified, what, faults, file })?;
    } else if verified {
        report.out(&format!("{sentence}\n"));
    } else {
        faults.iter().for_each(|fault| report.err(&format!("{}: {fault}\n", file.display())));
    }
    Ok(if verified { DONE } else { REFUSED })
}

/// 32 bytes as base64url, or a file with them.
fn read_key(key: &str) -> ApiResult<[u8; 32]> {
    let text = std::fs::read_to_string(key).unwrap_or_else(|_| key.to_string());
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| ApiError::with(Code::Invalid, "--key is neither a public key (32 bytes, base64url) nor a file that holds one"))
}
