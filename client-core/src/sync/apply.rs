//! Takes an answer in: within one transaction, so that a crash leaves either all of it or nothing, and then the same
//! round trip again brings the same.

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::{Actor, ChangeHash, DocumentId, Scope};
use shared::time::Week;
use shared::wire::{SyncAnswer, Verdict};

use super::verdict::{Judged, Outcome, outcome, settled};
use super::{Received, merge, offer, rewrite};
use crate::device::Begun;
use crate::store::{Db, FilingState, Meta, State, Stored};

/// What the answer is taken in with.
pub(super) struct Applying {
    /// The verdicts on what was sent, already checked against the digest.
    pub judged: Vec<Judged>,
    /// The last document of which the request offered the heads.
    pub offered: Option<String>,
    /// The part of an actor that changes with each store generation, should a fresh one be needed.
    pub spare: [u8; 8],
    pub device_part: [u8; 16],
    pub now_ms: i64,
}

/// Changes that can never be taken, per document.
type Unsound = BTreeMap<DocumentId, BTreeSet<ChangeHash>>;

pub(super) fn apply(db: Db<'_>, applying: &Applying, answer: &SyncAnswer) -> Stored<Received> {
    let mut received = Received { more: answer.more, ..Received::default() };
    let mut unsound = Unsound::new();
    for judged in applying.judged.iter().copied().chain(settled(&answer.settled)) {
        judge(db, judged, &mut unsound, &mut received)?;
    }
    for (id, chunks) in by_document(answer) {
        received.changes += chunks.len() as u64;
        merge::merge(db, &id, &chunks)?;
    }
    take_rows(db, answer, &mut received)?;
    for filed in &answer.filed {
        let state = if filed.refused.is_some() { FilingState::Refused } else { FilingState::AtHeadOffice };
        db.set_filing(&filed.id, state, filed.refused.as_deref())?;
    }
    if answer.restored {
        db.file_again()?;
    }
    let held = db.grants()?;
    db.put_grants(&answer.scopes)?;
    received.scopes_differ = db.grants()? != held;
    offer::after(db, applying.offered.as_deref(), answer)?;
    // A restored head office may have lost the very assignment: nothing is let go before it has been offered everything.
    let dropped = !offer::under_way(db)? && drop_gone_scopes(db)?;
    let moved = position(db, applying, answer)?;

    // A dropped document comes back without what this generation wrote, so that its sequence must not go on.
    let fresh = answer.fresh_generation || !unsound.is_empty() || dropped;
    if fresh {
        db.set_meta(Meta::Generation, &applying.spare)?;
        received.generations = 1;
    }
    let actor = Actor::new(applying.device_part, applying.spare);
    for (id, hashes) in &unsound {
        received.rewritten += rewrite::rewrite(db, id, hashes, actor)?;
    }
    // Head office has work of this device that this store may lack (it is a copy, or was put back), or it was put back
    // itself, and its reference rows of before are anywhere: from the start.
    if answer.fresh_generation || answer.restored || (received.apart && received.rewritten > 0) {
        db.set_meta(Meta::Cursor, &[])?;
        received.restart = true;
    }
    received.advanced = moved;
    Ok(received)
}

/// Takes the reference rows in. After a restore of head office every row of before is in doubt until it comes again: no
/// mark of deletion tells of what was published only before the restore. Until everything has come they stay in use.
fn take_rows(db: Db<'_>, answer: &SyncAnswer, received: &mut Received) -> Stored<()> {
    if answer.restored {
        db.doubt_rows()?;
    }
    for row in &answer.reference {
        db.put_row(row)?;
        received.rows += 1;
    }
    if !answer.more && !answer.restored {
        received.rows_dropped = db.drop_doubted_rows()?;
    }
    Ok(())
}

/// What arrived, with each document once: to load and to write it is most of the work. A name from a newer server is not
/// ours to read.
fn by_document(answer: &SyncAnswer) -> BTreeMap<DocumentId, Vec<&[u8]>> {
    let mut out: BTreeMap<DocumentId, Vec<&[u8]>> = BTreeMap::new();
    for group in &answer.documents {
        if let Ok(id) = group.document.parse() {
            out.entry(id).or_default().extend(group.chunks.iter().map(|chunk| chunk.as_slice()));
        }
    }
    out
}

/// One verdict: the states of the actions that rest on the change.
fn judge(db: Db<'_>, judged: Judged, unsound: &mut Unsound, received: &mut Received) -> Stored<()> {
    let (hash, verdict, reason) = judged;
    db.unpost(&hash)?;
    for (at, intent) in db.intents_on(&hash)?.into_iter().enumerate() {
        let mut drop_change = || unsound.entry(intent.document.clone()).or_default().insert(hash);
        match outcome(intent.state, verdict, reason) {
            Outcome::Stands => {}
            Outcome::Is(state, reason) => {
                received.count(state);
                db.set_state(&intent.id, state, reason)?;
            }
            Outcome::Rewrite => {
                // So that it is told as it is, should it turn out that the document can't be rebuilt.
                db.set_state(&intent.id, State::Quarantined, reason)?;
                received.apart |= verdict == Verdict::Quarantined;
                drop_change();
            }
            // The first action made the change and is refused; those that only rest on it are done again.
            Outcome::Refused(reason) => {
                if at == 0 {
                    received.count(State::Rejected);
                    db.set_state(&intent.id, State::Rejected, reason)?;
                }
                drop_change();
            }
        }
    }
    Ok(())
}

/// Keeps how far the device is. Whether that is further than before.
fn position(db: Db<'_>, applying: &Applying, answer: &SyncAnswer) -> Stored<bool> {
    let moved = db.meta(Meta::Cursor)?.unwrap_or_default() != answer.cursor;
    db.set_meta(Meta::Cursor, &answer.cursor)?;
    db.set_number(Meta::Epoch, i64::try_from(answer.epoch).unwrap_or(i64::MAX))?;
    db.set_number(Meta::ServerTime, answer.server_time_ms)?;
    db.set_number(Meta::LastSync, applying.now_ms)?;
    match answer.complete_up_to_ms {
        Some(at) => db.set_number(Meta::CompleteUpTo, at)?,
        None => db.clear_meta(Meta::CompleteUpTo)?,
    }
    db.set_meta(Meta::AccessToken, answer.access_token.as_bytes())?;
    db.clear_meta(Meta::QueuedUntil)?;
    db.clear_meta(Meta::Unknown)?;
    Ok(moved)
}

/// Lets go of the scopes that are no longer the device's, as far as nothing of them is unsynced or only typed; until then they
/// are only hidden. Whether any document went.
fn drop_gone_scopes(db: Db<'_>) -> Stored<bool> {
    let gone = db.gone_scopes()?;
    if gone.is_empty() {
        return Ok(false);
    }
    let held: BTreeSet<Scope> = db.grants()?.into_iter().map(|grant| grant.scope).collect();
    let begun = begun_in(db)?;
    let mut dropped = false;
    for scope in gone {
        let documents = documents_of(db, &scope, &held)?;
        let mut unsynced = false;
        for id in &documents {
            unsynced |= begun.contains(id) || !db.unsettled_intents_of(id)?.is_empty() || db.has_outgoing(id)?;
        }
        if unsynced {
            continue;
        }
        for id in &documents {
            db.drop_document(id)?;
            dropped = true;
        }
        db.forget_scope(&scope)?;
    }
    Ok(dropped)
}

/// The documents in which something was begun: they are what it becomes an action in.
fn begun_in(db: Db<'_>) -> Stored<Vec<DocumentId>> {
    let mut out = Vec::new();
    for begun in db.drafts()?.iter().filter_map(|draft| Begun::of(&draft.step)) {
        match begun {
            Begun::Diary(route, date) | Begun::RouteNote(route, date) => out.push(DocumentId::Day { route, date }),
            // It goes to a sheet of the week that is here.
            Begun::Week(date) => {
                let week = Week::of(date);
                let days = db.document_ids("", usize::MAX >> 1)?.into_iter();
                out.extend(days.filter(|id| matches!(id, DocumentId::Day { date, .. } if Week::of(*date) == week)));
            }
            // Another phone may have ended it.
            Begun::Visit(visit) if db.visit(&visit)?.is_none_or(|visit| visit.out_ms.is_some()) => {}
            Begun::Visit(visit) | Begun::Stock(visit) | Begun::Order(visit) | Begun::Note(visit) => out.extend(db.sheet_of(&visit)?),
        }
    }
    Ok(out)
}

/// The documents that the device has by this scope and by none that it holds.
fn documents_of(db: Db<'_>, scope: &Scope, held: &BTreeSet<Scope>) -> Stored<Vec<DocumentId>> {
    let mut out = Vec::new();
    for id in db.document_ids("", usize::MAX >> 1)? {
        let theirs = match (&id, scope) {
            (DocumentId::Day { route, .. }, Scope::Route(of)) => route == of,
            (DocumentId::Goals { person, .. }, Scope::Person(of)) => person == of,
            (DocumentId::Shop { retailer, .. }, Scope::Route(_)) => {
                let scopes = db.scopes_of_shop(retailer)?;
                scopes.contains(scope) && !scopes.iter().any(|other| held.contains(other))
            }
            _ => false,
        };
        if theirs {
            out.push(id);
        }
    }
    Ok(out)
}
