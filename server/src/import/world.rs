//! What a row is checked against: the reference data as it will be, and what is in doubt because its own row is faulty.

use std::collections::{BTreeSet, HashMap, HashSet};

use shared::ids::TeamId;
use shared::reference::Reference;

use super::Recorded;
use super::tables::Schemes;

/// The reference data as imported so far. Files are taken in an order in which none refers to a later one.
pub(super) struct World<'a> {
    pub next: Reference,
    pub recorded: &'a Recorded,
    pub schemes: Schemes,
    /// Teams that the folder brings: people come in before them, and refer to them.
    pub coming_teams: BTreeSet<TeamId>,
    doubtful: HashMap<&'static str, Doubtful>,
}

/// The keys of a file that nothing can be said about.
enum Doubtful {
    /// The file could not be read at all.
    All,
    Some(HashSet<String>),
}

impl<'a> World<'a> {
    pub fn new(next: Reference, recorded: &'a Recorded) -> Self {
        Self { next, recorded, schemes: Schemes::default(), coming_teams: BTreeSet::new(), doubtful: HashMap::new() }
    }

    /// Notes that a file as a whole could not be read.
    pub fn doubt_all(&mut self, file: &'static str) {
        self.doubtful.insert(file, Doubtful::All);
    }

    /// Notes that the row of `id` is faulty.
    pub fn doubt(&mut self, file: &'static str, id: &str) {
        if let Doubtful::Some(ids) = self.doubtful.entry(file).or_insert_with(|| Doubtful::Some(HashSet::new())) {
            ids.insert(id.to_string());
        }
    }

    /// Whether a reference to `id` can't be judged: one fault is to be reported once, not with every row that refers to it.
    pub fn doubts(&self, file: &str, id: &str) -> bool {
        match self.doubtful.get(file) {
            None => false,
            Some(Doubtful::All) => true,
            Some(Doubtful::Some(ids)) => ids.contains(id),
        }
    }
}
