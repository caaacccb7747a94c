//! The rescue file: all that head office has not judged yet, as signed requests that anybody may carry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared::limits;
use shared::wire::{self, RESCUE_AUDIENCE, RESCUE_VERSION, Rescue, RescueDraft, RescueRound};

use super::filings;
use super::plan::{Budget, Known, plan};
use crate::Error;
use crate::device::{Begun, Device};
use crate::store::Outgoing;

impl Device {
    /// Everything that is only on this phone. It stays here, too: what arrives twice is one.
    pub fn rescue(&mut self) -> Result<Rescue, Error> {
        let identity = self.identity()?;
        let (device, person, actor) = (identity.device.clone(), identity.person.clone(), identity.actor);
        let made_ms = self.surroundings.now_ms();
        let mut left = self.store.db().outbox(|_| true)?;
        let mut disputes = filings(self.store.db(), usize::MAX)?;
        let mut rounds = Vec::new();
        while !left.is_empty() || !disputes.is_empty() {
            let mut budget = Budget::default();
            let many = left.iter().take_while(|next| budget.takes(next)).count();
            let next: Vec<Outgoing> = left.drain(..many).collect();
            let known = Known {
                device: device.clone(),
                actor,
                now_ms: made_ms,
                epoch: 0,
                cursor: Vec::new(),
                heads: Vec::new(),
                outbox_len: (next.len() + left.len()) as u64,
                filings: disputes.drain(..disputes.len().min(limits::SYNC_FILINGS_MAX)).collect(),
            };
            let body = wire::pack(&plan(known, next).request);
            let token = self.key()?.sign(RESCUE_AUDIENCE, &body, &*self.surroundings);
            rounds.push(RescueRound { token, body: STANDARD.encode(&body) });
        }
        // That a visit is under way says its check-in.
        let drafts = self.drafts()?.into_iter().filter(|draft| !matches!(Begun::of(&draft.step), Some(Begun::Visit(_))));
        let drafts = drafts.map(|draft| RescueDraft { step: draft.step, content: draft.content, at_ms: draft.at_ms }).collect();
        Ok(Rescue { roundsman_rescue: RESCUE_VERSION, device, person, made_ms, rounds, drafts })
    }
}
