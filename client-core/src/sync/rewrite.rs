//! Authors actions again whose changes can never be taken: after a rejection, or where two copies of a store wrote under
//! one actor. The document is rebuilt without those changes and what builds on them, and the actions are done again, in
//! order, under a fresh actor.

use std::collections::BTreeSet;

use automerge::Change;
use shared::doc::Document;
use shared::ids::{Actor, ChangeHash, DocumentId};
use shared::wire::Reason;

use crate::store::{Db, Intent, State, StoreFault};

/// How many actions were authored again.
pub(super) fn rewrite(db: Db<'_>, id: &DocumentId, unsound: &BTreeSet<ChangeHash>, actor: Actor) -> Result<u64, StoreFault> {
    let rebuilt = match db.document(id) {
        Ok(Some(document)) => rebuild(&document, unsound),
        Ok(None) => return Ok(0),
        Err(StoreFault::Damaged(why)) => Err(why),
        Err(fault) => return Err(fault),
    };
    let (mut rebuilt, dropped) = match rebuilt {
        Ok(rebuilt) => rebuilt,
        // Better the document as it is, said to be damaged, than one with less in it.
        Err(why) => {
            db.set_damaged(id, Some(&why))?;
            return Ok(0);
        }
    };
    for hash in &dropped {
        db.unpost(hash)?;
    }
    let mut again = 0;
    // The last change before each action of which nothing is settled: what an action that changes nothing rests on.
    let mut last = None;
    for intent in db.unsettled_intents_of(id)? {
        if intent.hash.is_some_and(|hash| dropped.contains(&hash)) {
            last = author(db, &mut rebuilt, &intent, actor, last)?;
            again += 1;
        } else if let Some(hash) = intent.hash {
            last = Some((hash, intent.state));
        }
    }
    db.put_document(&rebuilt)?;
    db.put_facts(&rebuilt)?;
    Ok(again)
}

type Last = Option<(ChangeHash, State)>;

fn author(db: Db<'_>, document: &mut Document, intent: &Intent, actor: Actor, last: Last) -> Result<Last, StoreFault> {
    match document.act(actor, intent.id, intent.at_ms, &intent.action) {
        Ok(Some(chunk)) => {
            db.post(document.id(), &chunk.hash, &chunk.bytes)?;
            db.set_hash(&intent.id, Some(&chunk.hash), State::Pending)?;
            Ok(Some((chunk.hash, State::Pending)))
        }
        // Everything is so already: by an action before, or by what the other copy of the store brought to head office.
        Ok(None) => {
            let state = last.map_or(State::Durable, |(_, state)| state);
            db.set_hash(&intent.id, last.map(|(hash, _)| hash).as_ref(), state)?;
            Ok(last)
        }
        // As a stock check of a visit that was refused: it falls with it, and stays listed.
        Err(_) => {
            db.set_state(&intent.id, State::Rejected, Some(Reason::BecauseOf))?;
            Ok(last)
        }
    }
}

/// The document without some changes and all that builds on them, and which those are.
pub(crate) fn rebuild(document: &Document, unsound: &BTreeSet<ChangeHash>) -> Result<(Document, BTreeSet<ChangeHash>), String> {
    let mut dropped = unsound.clone();
    let mut kept = Vec::new();
    for chunk in document.changes_since(&[]) {
        let change = Change::try_from(chunk.bytes.as_slice()).map_err(|e| e.to_string())?;
        let builds_on_dropped = change.deps().iter().any(|dep| dropped.contains(&ChangeHash(dep.0)));
        if builds_on_dropped {
            dropped.insert(chunk.hash);
        } else if !dropped.contains(&chunk.hash) {
            kept.push(chunk.bytes);
        }
    }
    let mut rebuilt = Document::new(document.id().clone());
    rebuilt.apply(kept.iter().map(Vec::as_slice)).map_err(|e| e.to_string())?;
    Ok((rebuilt, dropped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::doc::Action;
    use shared::ids::ActionId;

    #[test]
    fn what_builds_on_a_dropped_change_goes_with_it_and_the_rest_stays() {
        let id: DocumentId = "day/r1/2026-07-01".parse().unwrap();
        let [mine, theirs] = [1, 2].map(|n| Actor::new([n; 16], [n; 8]));
        let missed = |retailer: &str| Action::ReportMissed { retailer: retailer.parse().unwrap(), reason: "closed".into(), at_ms: 1 };
        let mut here = Document::new(id.clone());
        let mut there = Document::new(id);
        let first = here.act(mine, ActionId([1; 16]), 1, &missed("t1")).unwrap().unwrap();
        let second = here.act(mine, ActionId([2; 16]), 2, &missed("t2")).unwrap().unwrap();
        let other = there.act(theirs, ActionId([3; 16]), 3, &missed("t3")).unwrap().unwrap();
        here.apply([other.bytes.as_slice()]).unwrap();
        let (rebuilt, dropped) = rebuild(&here, &BTreeSet::from([first.hash])).unwrap();
        assert_eq!(dropped, BTreeSet::from([first.hash, second.hash]));
        let left: Vec<String> = rebuilt.sheet_facts().unwrap().missed.iter().map(|stop| stop.retailer.to_string()).collect();
        assert_eq!(left, ["t3"]);
    }
}
