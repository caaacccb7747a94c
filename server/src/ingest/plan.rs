//! What becomes of a document's incoming changes: a pure decision over what the log knows of the document.

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::{Actor, ChangeHash};
use shared::limits;
use shared::wire::{Reason, Verdict};

use super::CheckedChange;

/// What the log knows of one document.
pub trait History {
    /// Whether the change is in the log (or is the genesis).
    fn holds(&mut self, hash: &ChangeHash) -> bool;
    /// The change of an actor at a sequence number that the log has reached.
    fn at(&mut self, actor: &Actor, seq: u64) -> Option<ChangeHash>;
    /// What is held back, and why; rejected changes too.
    fn held_back(&mut self, hash: &ChangeHash) -> Option<(Verdict, Reason)>;
}

/// How far an actor has come in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Clock {
    pub seq: u64,
    pub max_op: u64,
}

/// A document's frontier, as its row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    pub heads: BTreeSet<ChangeHash>,
    pub clocks: BTreeMap<Actor, Clock>,
    /// Changes in the log.
    pub count: u64,
    /// Bytes of the changes in the log.
    pub bytes: u64,
    /// Changes waiting for others.
    pub waiting: usize,
}

/// What is decided of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// Whether the change is already where the verdict says, so that nothing is to be written.
    pub known: bool,
}

impl Decision {
    fn new(verdict: Verdict) -> Self {
        Self { verdict, reason: None, known: false }
    }
    /// What a device is told that had been told to wait: what is in the log already has landed.
    pub fn settled(&self) -> Verdict {
        if self.verdict == Verdict::Duplicate { Verdict::Durable } else { self.verdict }
    }
    fn quarantined(reason: Reason) -> Self {
        Self { verdict: Verdict::Quarantined, reason: Some(reason), known: false }
    }
}

/// The decisions of one request over one document. Accepted changes move the frontier.
#[derive(Default)]
pub struct Planner {
    pub frontier: Frontier,
    accepted: BTreeSet<ChangeHash>,
    held: BTreeSet<ChangeHash>,
    /// Hashes by actor and sequence number that this plan has accepted.
    seqs: BTreeMap<(Actor, u64), ChangeHash>,
}

impl Planner {
    pub fn new(frontier: Frontier) -> Self {
        Self { frontier, ..Self::default() }
    }

    /// Decides one change; `refused` is the reason why it may not be accepted, if there is one.
    pub fn decide(&mut self, history: &mut dyn History, change: &CheckedChange, refused: Option<Reason>) -> Decision {
        let clock = self.frontier.clocks.get(&change.actor).copied().unwrap_or_default();
        // What an actor has in the log are its first numbers, without a gap: only one of those can be there already.
        let there = if change.seq <= clock.seq { self.hash_at(history, &change.actor, change.seq) } else { None };
        if there == Some(change.hash) {
            return Decision { known: true, ..Decision::new(Verdict::Duplicate) };
        }
        // What was held back for who brought it, or for what it builds on, is judged afresh when nothing is said against
        // it any more.
        if let Some((verdict, reason)) = history.held_back(&change.hash)
            && !(verdict == Verdict::Quarantined && reason.passes() && refused.is_none())
        {
            self.held.insert(change.hash);
            return Decision { verdict, reason: Some(reason), known: true };
        }
        let decision = match refused {
            Some(reason) => Decision::quarantined(reason),
            None => self.place(history, change, clock),
        };
        match decision.verdict {
            Verdict::Durable => self.accept(change),
            Verdict::Waiting => {
                self.held.remove(&change.hash);
                self.frontier.waiting += 1;
            }
            _ => drop(self.held.insert(change.hash)),
        }
        decision
    }

    fn place(&self, history: &mut dyn History, change: &CheckedChange, clock: Clock) -> Decision {
        if change.seq <= clock.seq {
            return Decision::quarantined(Reason::ActorConflict);
        }
        if change.deps.iter().any(|dep| self.is_held(history, dep)) {
            return Decision::quarantined(Reason::BecauseOf);
        }
        let bytes = self.frontier.bytes + change.bytes.len() as u64;
        if self.frontier.count >= limits::DOCUMENT_CHANGES_MAX || bytes > limits::DOCUMENT_BYTES_MAX {
            return Decision::quarantined(Reason::DocumentFull);
        }
        if !change.deps.iter().all(|dep| self.holds(history, dep)) {
            let full = self.frontier.waiting >= limits::DOCUMENT_WAITING_MAX;
            return if full { Decision::quarantined(Reason::TooManyWaiting) } else { Decision::new(Verdict::Waiting) };
        }
        if change.seq != clock.seq + 1 || change.start_op <= clock.max_op {
            return Decision::quarantined(Reason::WrongSequence);
        }
        let heads = self.frontier.heads.iter().filter(|head| !change.deps.contains(head)).count() + 1;
        if heads > limits::DOCUMENT_HEADS_MAX {
            return Decision::quarantined(Reason::TooManyBranches);
        }
        Decision::new(Verdict::Durable)
    }

    fn accept(&mut self, change: &CheckedChange) {
        let frontier = &mut self.frontier;
        for dep in &change.deps {
            frontier.heads.remove(dep);
        }
        frontier.heads.insert(change.hash);
        frontier.clocks.insert(change.actor, Clock { seq: change.seq, max_op: change.max_op });
        frontier.count += 1;
        frontier.bytes += change.bytes.len() as u64;
        self.held.remove(&change.hash);
        self.accepted.insert(change.hash);
        self.seqs.insert((change.actor, change.seq), change.hash);
    }

    fn holds(&self, history: &mut dyn History, hash: &ChangeHash) -> bool {
        self.accepted.contains(hash) || self.frontier.heads.contains(hash) || history.holds(hash)
    }

    fn is_held(&self, history: &mut dyn History, hash: &ChangeHash) -> bool {
        self.held.contains(hash) || (!self.holds(history, hash) && history.held_back(hash).is_some())
    }

    fn hash_at(&self, history: &mut dyn History, actor: &Actor, seq: u64) -> Option<ChangeHash> {
        self.seqs.get(&(*actor, seq)).copied().or_else(|| history.at(actor, seq))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Log {
        held_back: BTreeMap<ChangeHash, (Verdict, Reason)>,
        log: BTreeMap<ChangeHash, (Actor, u64)>,
    }

    impl History for Log {
        fn holds(&mut self, hash: &ChangeHash) -> bool {
            *hash == h(0) || self.log.contains_key(hash)
        }
        fn at(&mut self, actor: &Actor, seq: u64) -> Option<ChangeHash> {
            self.log.iter().find(|(_, at)| **at == (*actor, seq)).map(|(hash, _)| *hash)
        }
        fn held_back(&mut self, hash: &ChangeHash) -> Option<(Verdict, Reason)> {
            self.held_back.get(hash).copied()
        }
    }

    fn h(n: u8) -> ChangeHash {
        ChangeHash([n; 32])
    }

    fn change(n: u8, actor: u8, seq: u64, deps: &[u8]) -> CheckedChange {
        let deps = deps.iter().map(|n| h(*n)).collect();
        CheckedChange {
            hash: h(n),
            actor: Actor([actor; 24]),
            seq,
            start_op: seq * 10,
            max_op: seq * 10 + 5,
            deps,
            at_ms: 0,
            bytes: vec![],
        }
    }

    fn run(log: &mut Log, changes: &[CheckedChange]) -> (Vec<(Verdict, Option<Reason>)>, Frontier) {
        let mut planner = Planner::new(Frontier::default());
        let decisions = changes.iter().map(|c| planner.decide(log, c, None)).map(|d| (d.verdict, d.reason)).collect();
        (decisions, planner.frontier)
    }

    #[test]
    fn a_chain_is_durable_and_moves_the_heads() {
        let (decisions, frontier) = run(&mut Log::default(), &[change(1, 1, 1, &[0]), change(2, 1, 2, &[1]), change(3, 2, 1, &[1])]);
        assert_eq!(decisions, [(Verdict::Durable, None); 3]);
        assert_eq!(frontier.heads, BTreeSet::from([h(2), h(3)]));
    }

    #[test]
    fn the_same_again_is_a_duplicate_and_changes_nothing() {
        let (decisions, frontier) = run(&mut Log::default(), &[change(1, 1, 1, &[0]), change(1, 1, 1, &[0])]);
        assert_eq!(decisions, [(Verdict::Durable, None), (Verdict::Duplicate, None)]);
        assert_eq!(frontier.count, 1);
    }

    #[test]
    fn what_comes_before_its_dependency_waits() {
        let (decisions, _) = run(&mut Log::default(), &[change(2, 1, 2, &[1])]);
        assert_eq!(decisions, [(Verdict::Waiting, None)]);
    }

    #[test]
    fn two_changes_of_one_number_are_an_actor_conflict_and_hold_up_nobody_else() {
        let (decisions, _) =
            run(&mut Log::default(), &[change(1, 1, 1, &[0]), change(9, 1, 1, &[0]), change(8, 1, 2, &[9]), change(2, 2, 1, &[0])]);
        let quarantined = |reason| (Verdict::Quarantined, Some(reason));
        assert_eq!(
            decisions,
            [(Verdict::Durable, None), quarantined(Reason::ActorConflict), quarantined(Reason::BecauseOf), (Verdict::Durable, None)]
        );
    }

    #[test]
    fn a_number_left_out_is_refused_though_its_dependencies_are_here() {
        let (decisions, _) = run(&mut Log::default(), &[change(1, 1, 1, &[0]), change(3, 1, 3, &[1])]);
        assert_eq!(decisions[1], (Verdict::Quarantined, Some(Reason::WrongSequence)));
    }

    #[test]
    fn what_was_held_back_is_told_again_with_its_reason() {
        let mut log = Log::default();
        log.held_back.insert(h(1), (Verdict::Rejected, Reason::NotAssigned));
        let (decisions, _) = run(&mut log, &[change(1, 1, 1, &[0]), change(2, 1, 2, &[1])]);
        assert_eq!(decisions, [(Verdict::Rejected, Some(Reason::NotAssigned)), (Verdict::Quarantined, Some(Reason::BecauseOf))]);
    }
}
