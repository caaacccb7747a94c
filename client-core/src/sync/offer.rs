//! After the server was restored from a backup: the device offers the heads of all its documents, and sends what head
//! office says it lacks, its own changes and others' alike.

use shared::limits;
use shared::wire::{DocumentHeads, SyncAnswer};

use crate::store::{Db, Meta, StoreFault, Stored};

/// The heads that the next request offers, and the last document of them; nothing unless an offer is under way.
pub(super) fn next(db: Db<'_>) -> Stored<(Vec<DocumentHeads>, Option<String>)> {
    let Some(after) = db.meta_text(Meta::Offered)? else { return Ok((vec![], None)) };
    let mut heads = Vec::new();
    let mut last = after.clone();
    for id in db.document_ids(&after, limits::SYNC_DOCUMENTS_MAX)? {
        last = id.to_string();
        match db.document(&id) {
            Ok(Some(document)) => heads.push(DocumentHeads { document: last.clone(), heads: document.heads() }),
            Ok(None) => {}
            // What can't be read can't be offered; the rest is.
            Err(StoreFault::Damaged(why)) => db.set_damaged(&id, Some(&why))?,
            Err(fault) => return Err(fault),
        }
    }
    Ok((heads, Some(last)))
}

/// Whether heads are still to be offered.
pub(super) fn under_way(db: Db<'_>) -> Stored<bool> {
    Ok(db.meta(Meta::Offered)?.is_some())
}

/// Queues what the answer wants, and goes on with the offer, or begins one.
pub(super) fn after(db: Db<'_>, offered: Option<&str>, answer: &SyncAnswer) -> Stored<()> {
    for wanted in &answer.wanted {
        queue(db, wanted)?;
    }
    if answer.restored {
        return db.set_meta(Meta::Offered, b"");
    }
    match offered {
        Some(last) if !db.document_ids(last, 1)?.is_empty() => db.set_meta(Meta::Offered, last.as_bytes()),
        Some(_) => db.clear_meta(Meta::Offered),
        None => Ok(()),
    }
}

/// Everything of a document that somebody with these heads lacks, dependencies first. What was still to be sent of it is
/// among that.
fn queue(db: Db<'_>, wanted: &DocumentHeads) -> Stored<()> {
    let Ok(id) = wanted.document.parse() else { return Ok(()) };
    let document = match db.document(&id) {
        Ok(Some(document)) => document,
        Ok(None) | Err(StoreFault::Damaged(_)) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    db.unpost_document(&id)?;
    for chunk in document.changes_since(&wanted.heads) {
        db.post(&id, &chunk.hash, &chunk.bytes)?;
        db.back_to_pending(&chunk.hash)?;
    }
    Ok(())
}
