//! A revision as a file that anybody can verify with the server's public key alone; and its receipts, each with its proof.

use shared::hex::hex;
use shared::ids::{IndicatorId, PersonId};
use shared::problem::Code;
use shared::published::{Closing, Proof, ProvenReceipt, chain_line, head_line, input_line, scores_line};
use shared::time::Month;

use super::{input, inputs_by_person, leaves, recompute};
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::{InputRef, StoredRevision};

/// Writes a revision's file, line by line.
pub fn file(app: &App, stored: &StoredRevision, write: &mut dyn FnMut(&str)) -> ApiResult<()> {
    let mut closing = Closing::default();
    let mut put = |line: &str| {
        closing.take(line);
        write(line);
    };
    put(&head_line(stored.month, stored.revision));
    for link in app.store.revisions(stored.month)?.iter().take(stored.revision as usize) {
        put(&chain_line(link.revision, &link.header, &link.signature));
    }
    put(&scores_line(&stored.scores));
    for InputRef { hash, .. } in &stored.inputs {
        let envelope = app.store.input(hash)?.ok_or_else(|| ApiError::internal(format!("input {} is gone", hex(hash))))?;
        put(&input_line(&envelope));
    }
    write(&closing.last_line());
    Ok(())
}

/// The receipt of a published point, from what was published, with its way to the signed head.
pub fn receipt(app: &App, month: Month, revision: Option<u32>, person: &PersonId, indicator: &IndicatorId) -> ApiResult<ProvenReceipt> {
    let stored = super::revision(app, month, revision)?;
    let nothing = || ApiError::with(Code::NotFound, format!("{person} has no {indicator} in revision {} of {month}", stored.revision));
    let leaves = leaves(&stored)?;
    let at = leaves.iter().position(|leaf| leaf.person == *person && leaf.indicator == *indicator).ok_or_else(nothing)?;
    let hash = inputs_by_person(&stored).remove(person).ok_or_else(nothing)?;
    let receipt = recompute(app, &stored)?.receipt(&input(app, &hash)?, indicator).map_err(ApiError::internal)?;
    if receipt.leaf() != leaves[at].hash {
        return Err(ApiError::internal(format!("the receipt of {person} for {indicator} is not the published one")));
    }
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf.hash).collect();
    Ok(ProvenReceipt { receipt, proof: Proof::new(stored.revision, &hashes, at, &stored.header, &stored.signature) })
}
