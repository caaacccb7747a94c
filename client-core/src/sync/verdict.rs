//! What a verdict makes of an action: pure.

use shared::ids::ChangeHash;
use shared::wire::{Acknowledgement, Reason, Settled, Verdict, accepted_digest};

use crate::store::State;

/// A verdict on one change.
pub(crate) type Judged = (ChangeHash, Verdict, Option<Reason>);

/// The verdicts on what was sent. None: the acknowledgement is about something else than what was sent, and nothing of
/// it may be believed.
pub(crate) fn judged(sent: &[ChangeHash], acknowledgement: &Acknowledgement) -> Option<Vec<Judged>> {
    let verdicts = acknowledgement.verdicts(sent.len())?;
    let judged: Vec<Judged> = sent.iter().zip(verdicts).map(|(hash, (verdict, reason))| (*hash, verdict, reason)).collect();
    let accepted = judged.iter().filter(|(_, verdict, _)| matches!(verdict, Verdict::Durable | Verdict::Duplicate));
    (accepted_digest(accepted.map(|(hash, ..)| hash)) == acknowledgement.digest).then_some(judged)
}

/// Verdicts on earlier requests.
pub(crate) fn settled(settled: &[Settled]) -> impl Iterator<Item = Judged> + '_ {
    settled.iter().map(|settled| (settled.hash, settled.verdict, settled.reason))
}

/// What is to be done about an action on which there is a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in this state now.
    Is(State, Option<Reason>),
    /// Its change can never be taken, but the action can: it is to be authored again, under a fresh actor.
    Rewrite,
    /// Staff refuse the action: its change is to be taken out of the document.
    Refused(Option<Reason>),
    /// A later word than this one has been heard already.
    Stands,
}

/// The pure heart of `apply`.
pub(crate) fn outcome(current: State, verdict: Verdict, reason: Option<Reason>) -> Outcome {
    match (current, verdict) {
        (_, Verdict::Durable | Verdict::Duplicate) => Outcome::Is(State::Durable, None),
        // Taken out of the log again, since it breaks its document, or with what does. A release is told after it.
        (State::Durable, Verdict::Quarantined) if matches!(reason, Some(Reason::BrokenDocument | Reason::BecauseOf)) => {
            Outcome::Is(State::Quarantined, reason)
        }
        // What is durable or refused stays so; after a restore of the server it is pending again by then.
        (State::Durable | State::Rejected, _) => Outcome::Stands,
        (_, Verdict::Waiting) => Outcome::Is(State::Waiting, None),
        // Refused only for what it builds on: the action itself may well stand without it.
        (_, Verdict::Rejected) if reason == Some(Reason::BecauseOf) => Outcome::Rewrite,
        (_, Verdict::Rejected) => Outcome::Refused(reason),
        (_, Verdict::Quarantined) => match reason {
            Some(Reason::ActorConflict | Reason::WrongSequence) => Outcome::Rewrite,
            _ => Outcome::Is(State::Quarantined, reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_verdict_has_an_outcome() {
        use State::{Durable as AtOffice, Pending, Quarantined as HeldBack, Rejected as Refused, Waiting as Waits};
        use Verdict::{Duplicate, Durable, Quarantined, Rejected, Waiting};
        let (not_assigned, broken) = (Some(Reason::NotAssigned), Some(Reason::BrokenDocument));
        let cases = [
            (Pending, Durable, None, Outcome::Is(AtOffice, None)),
            (Pending, Duplicate, None, Outcome::Is(AtOffice, None)),
            (Pending, Waiting, None, Outcome::Is(Waits, None)),
            (Pending, Quarantined, not_assigned, Outcome::Is(HeldBack, not_assigned)),
            (Pending, Quarantined, Some(Reason::ActorConflict), Outcome::Rewrite),
            (Pending, Quarantined, Some(Reason::WrongSequence), Outcome::Rewrite),
            (Pending, Rejected, not_assigned, Outcome::Refused(not_assigned)),
            (Waits, Durable, None, Outcome::Is(AtOffice, None)),
            (Waits, Quarantined, Some(Reason::BecauseOf), Outcome::Is(HeldBack, Some(Reason::BecauseOf))),
            (HeldBack, Durable, None, Outcome::Is(AtOffice, None)),
            (HeldBack, Rejected, not_assigned, Outcome::Refused(not_assigned)),
            (HeldBack, Rejected, Some(Reason::BecauseOf), Outcome::Rewrite),
            (AtOffice, Quarantined, not_assigned, Outcome::Stands),
            (AtOffice, Quarantined, broken, Outcome::Is(HeldBack, broken)),
            (AtOffice, Rejected, broken, Outcome::Stands),
            (AtOffice, Waiting, None, Outcome::Stands),
            (Refused, Quarantined, not_assigned, Outcome::Stands),
            (Refused, Durable, None, Outcome::Is(AtOffice, None)),
        ];
        for (current, verdict, reason, expected) in cases {
            assert_eq!(outcome(current, verdict, reason), expected, "{current:?} {verdict:?} {reason:?}");
        }
    }

    #[test]
    fn an_acknowledgement_of_something_else_is_not_believed() {
        let sent = [ChangeHash([1; 32]), ChangeHash([2; 32]), ChangeHash([3; 32])];
        let verdicts = [(Verdict::Durable, None), (Verdict::Quarantined, Some(Reason::NotAssigned)), (Verdict::Duplicate, None)];
        let sound = Acknowledgement::of(&verdicts, accepted_digest([&sent[0], &sent[2]]));
        assert_eq!(judged(&sent, &sound).map(|judged| judged.len()), Some(3));
        assert_eq!(judged(&sent[..2], &sound), None, "of another number");
        let other = Acknowledgement::of(&verdicts, accepted_digest([&sent[0], &sent[1]]));
        assert_eq!(judged(&sent, &other), None, "of other changes");
    }
}
