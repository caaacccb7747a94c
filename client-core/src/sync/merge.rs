//! Takes others' changes into a document. What can't be applied is kept and tried again with what comes later; it never
//! holds up the rest, nor another document.

use shared::doc::{DocFault, Document, facts_in_line};
use shared::ids::DocumentId;

use crate::store::{Db, StoreFault};

/// From so many changes on, the document is written whole: a first sync brings months of them.
const WHOLE_FROM: usize = 16;

/// Merges changes into a stored document, with its facts. False: nothing of them was new.
pub(super) fn merge(db: Db<'_>, id: &DocumentId, arrived: &[&[u8]]) -> Result<bool, StoreFault> {
    // Most of a first sync: nothing to merge with, and so no document to make.
    if !db.has_document(id)?
        && let Some(facts) = facts_in_line(id, arrived.iter().copied())
    {
        db.put_changes(id, arrived.iter().copied())?;
        facts.iter().try_for_each(|facts| db.put_sheet(facts))?;
        return Ok(true);
    }
    let mut document = match db.document(id) {
        Ok(document) => document.unwrap_or_else(|| Document::new(id.clone())),
        // What is stored can't be read: nothing is thrown away, and other documents go on.
        Err(StoreFault::Damaged(why)) => {
            db.set_damaged(id, Some(&why))?;
            keep(db, id, arrived)?;
            return Ok(false);
        }
        Err(fault) => return Err(fault),
    };
    let strays = db.strays(id)?;
    let chunks: Vec<&[u8]> = strays.iter().map(Vec::as_slice).chain(arrived.iter().copied()).collect();
    let before = document.heads();
    let (left, fault) = take(&mut document, &chunks);
    if !left.is_empty() || !strays.is_empty() {
        db.put_strays(id, left.iter().copied())?;
        db.set_damaged(id, fault.map(|fault| fault.to_string()).as_deref())?;
    }
    if document.heads() == before {
        return Ok(false);
    }
    let taken = chunks.into_iter().filter(|chunk| !left.contains(chunk));
    match arrived.len() < WHOLE_FROM {
        true => db.add_changes(&document, taken)?,
        false => db.put_document(&document)?,
    }
    db.put_facts(&document)?;
    Ok(true)
}

/// Applies all changes, or, if one of them is unsound, each that can be: the others are returned, with the last fault.
fn take<'a>(document: &mut Document, chunks: &[&'a [u8]]) -> (Vec<&'a [u8]>, Option<DocFault>) {
    let Err(mut fault) = document.apply(chunks.iter().copied()) else { return (vec![], None) };
    let mut left = chunks.to_vec();
    loop {
        let tried = left.len();
        left.retain(|chunk| match document.apply([*chunk]) {
            Ok(()) => false,
            Err(why) => {
                fault = why;
                true
            }
        });
        // A stray may depend on a later one: again, as long as some go in.
        if left.is_empty() {
            return (left, None);
        } else if left.len() == tried {
            return (left, Some(fault));
        }
    }
}

fn keep(db: Db<'_>, id: &DocumentId, arrived: &[&[u8]]) -> Result<(), StoreFault> {
    let strays = db.strays(id)?;
    db.put_strays(id, strays.iter().map(Vec::as_slice).chain(arrived.iter().copied()))
}
