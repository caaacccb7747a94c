//! What merges: day sheets, shop files and goals as Automerge documents. Every document starts from one fixed genesis
//! change that both sides compute, so that containers are never created apart; writes are targeted; reads show conflicts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::transaction::{CommitOptions, Transaction};
use automerge::{ActorId, Automerge, Change, ReadDoc};

use crate::ids::{ActionId, Actor, ChangeHash, DocumentId};

mod action;
pub mod chunk;
mod column;
mod day;
mod genesis;
mod goals;
mod line;
mod read;
mod shop;
mod trail;
mod write;

pub use action::{Action, FollowUpDate};
pub use genesis::{GENESIS_ACTOR, genesis_hash};
pub use goals::{Agreed, Goal, Goals};
pub use line::{facts_in_line, writes_to};
pub use shop::{Complaint, Contact, ContactLog, FollowUp, ShopFile};
pub use trail::{Touched, Trace};
pub use write::ActionFault;

/// What the audit item of a visit begins with that is a note of staff; the person's id follows. Only head office writes it.
pub const STAFF_NOTE: &str = "staff/";

/// Why bytes are not (part of) a document of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocFault {
    #[error("the bytes are not Automerge's: {0}")]
    Unreadable(String),
    #[error("a change depends on one that is not here")]
    MissingDependency,
    #[error("the document does not begin with its genesis change")]
    NoGenesis,
    #[error("applying the change broke the document: {0}")]
    Broken(String),
}

/// A change as it travels: its hash and its uncompressed chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub hash: ChangeHash,
    pub bytes: Vec<u8>,
}

/// A document of known kind and subject.
#[derive(Clone)]
pub struct Document {
    id: DocumentId,
    automerge: Automerge,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({}, {:?})", self.id, self.heads())
    }
}

impl Document {
    /// A document with nothing in it but its genesis.
    pub fn new(id: DocumentId) -> Self {
        Self { automerge: genesis::document(&id), id }
    }

    /// A document as [`Self::save`] left it.
    pub fn load(id: DocumentId, saved: &[u8]) -> Result<Self, DocFault> {
        let automerge = guarded(|| Automerge::load(saved).map_err(|e| DocFault::Unreadable(e.to_string())))?;
        if automerge.get_change_by_hash(&automerge::ChangeHash(genesis_hash(&id).0)).is_none() {
            return Err(DocFault::NoGenesis);
        }
        Ok(Self { id, automerge })
    }

    /// A document that holds these changes, dependencies before dependants.
    pub fn of_changes<'a>(id: DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DocFault> {
        let mut document = Self::new(id);
        document.take_in(chunks)?;
        Ok(document)
    }

    pub fn id(&self) -> &DocumentId {
        &self.id
    }

    /// The whole document, compressed.
    pub fn save(&self) -> Vec<u8> {
        self.automerge.save()
    }

    /// Takes changes in, dependencies before dependants; those that are here already do nothing. On a fault the document
    /// is as it was.
    pub fn apply<'a>(&mut self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(), DocFault> {
        let mut next = self.clone();
        next.take_in(chunks)?;
        *self = next;
        Ok(())
    }

    /// On a fault the document is of no use any more.
    fn take_in<'a>(&mut self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(), DocFault> {
        let changes: Result<Vec<Change>, _> = chunks.into_iter().map(|bytes| guarded(|| parse(bytes))).collect();
        let changes = changes?;
        let hashes: Vec<_> = changes.iter().map(Change::hash).collect();
        guarded(|| self.automerge.apply_changes(changes).map_err(|e| DocFault::Broken(e.to_string())))?;
        match hashes.iter().any(|hash| self.automerge.get_change_meta_by_hash(hash).is_none()) {
            true => Err(DocFault::MissingDependency),
            false => Ok(()),
        }
    }

    /// Ascending.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.automerge.get_heads().into_iter().map(|hash| ChangeHash(hash.0)).collect()
    }

    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.automerge.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    }

    pub fn change(&self, hash: &ChangeHash) -> Option<Chunk> {
        self.automerge.get_change_by_hash(&automerge::ChangeHash(hash.0)).map(|change| chunk(&change))
    }

    /// The change that an action became, if it is here.
    pub fn change_of(&self, action: &ActionId) -> Option<ChangeHash> {
        let message = action.to_string();
        let changes = self.automerge.get_changes(&[]);
        changes.iter().find(|change| change.message().is_some_and(|said| *said == message)).map(|change| ChangeHash(change.hash().0))
    }

    /// What somebody lacks who has `heads`; heads that are not here are left out of account. Never the genesis.
    pub fn changes_since(&self, heads: &[ChangeHash]) -> Vec<Chunk> {
        let known: Vec<_> = heads.iter().filter(|hash| self.contains(hash)).map(|hash| automerge::ChangeHash(hash.0)).collect();
        let genesis = genesis_hash(&self.id);
        self.automerge.get_changes(&known).iter().map(chunk).filter(|chunk| chunk.hash != genesis).collect()
    }

    /// Writes in one change, by `actor`, with the action's id as its message. None: `write` wrote nothing.
    /// `at_ms` is advisory: it is shown with conflicts, never compared.
    fn transact(
        &mut self,
        actor: Actor,
        action: ActionId,
        at_ms: i64,
        write: impl FnOnce(&mut Transaction<'_>) -> Result<(), ActionFault>,
    ) -> Result<Option<Chunk>, ActionFault> {
        self.automerge.set_actor(ActorId::from(&actor.0[..]));
        let mut tx = self.automerge.transaction();
        if let Err(fault) = write(&mut tx) {
            tx.rollback();
            return Err(fault);
        }
        let options = CommitOptions::default().with_message(action.to_string()).with_time(at_ms.div_euclid(1000));
        let (hash, _) = tx.commit_with(options);
        Ok(hash.and_then(|hash| self.automerge.get_change_by_hash(&hash)).map(|change| chunk(&change)))
    }
}

fn chunk(change: &Change) -> Chunk {
    Chunk { hash: ChangeHash(change.hash().0), bytes: change.raw_bytes().to_vec() }
}

fn parse(bytes: &[u8]) -> Result<Change, DocFault> {
    Change::try_from(bytes).map_err(|e| DocFault::Unreadable(e.to_string()))
}

/// Automerge panics on some damaged inputs; here a panic is a fault like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, DocFault>) -> Result<T, DocFault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(DocFault::Broken(said.unwrap_or("it panicked").to_string()))
    })
}
