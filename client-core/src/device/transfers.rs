//! Parts of plans that managers take over from each other. What is asked and agreed is head office's to keep: it is read here
//! offline, and answered while there is a network; the next sync brings what became of it.

use serde::Serialize;
use shared::decimal::Dec;
use shared::ids::{IndicatorId, PersonId, Sku, TransferId};
use shared::reference::{Role, Transfer};
use shared::time::Month;

use super::{Device, problem_of};
use crate::Error;
use crate::transport::Transport;

/// A transfer that the device's person is part of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TransferView {
    pub id: TransferId,
    #[serde(flatten)]
    pub transfer: Transfer,
    /// The colleague.
    pub with: PersonId,
    pub with_name: String,
    /// Whether the person's own plan becomes more.
    pub takes_over: bool,
    /// Whether the person is asked to agree, or to decline.
    pub asked: bool,
}

/// What is to be taken over, from or by the device's person.
#[derive(Clone, Debug, Serialize)]
pub struct TransferProposal {
    pub id: TransferId,
    pub from: PersonId,
    pub to: PersonId,
    pub month: Month,
    pub indicator: IndicatorId,
    pub item: Option<Sku>,
    pub amount: Dec,
    pub reason: String,
}

impl Device {
    /// The transfers of a month, or all that are known here, by month and id.
    pub fn transfers(&mut self, month: Option<Month>) -> Result<Vec<TransferView>, Error> {
        let (person, reference) = (self.person()?, self.reference()?);
        let mut out = Vec::new();
        for ((owner, of), all) in &reference.transfers {
            if *owner != person || month.is_some_and(|month| month != *of) {
                continue;
            }
            for (id, transfer) in all {
                let Some(takes_over) = transfer.comes_to(&person) else { continue };
                let (with, agreed) = match takes_over {
                    true => (&transfer.from, transfer.to_agreed_ms),
                    false => (&transfer.to, transfer.from_agreed_ms),
                };
                out.push(TransferView {
                    id: id.clone(),
                    with: with.clone(),
                    with_name: reference.people.get(with).map(|known| known.name.clone()).unwrap_or_default(),
                    takes_over,
                    asked: agreed.is_none() && transfer.closed.is_none(),
                    transfer: transfer.clone(),
                });
            }
        }
        Ok(out)
    }

    /// The other managers, to choose a colleague from.
    pub fn colleagues(&mut self) -> Result<Vec<(PersonId, String)>, Error> {
        let (person, reference) = (self.person()?, self.reference()?);
        let others = reference.people.iter().filter(|(id, known)| known.role == Role::Manager && **id != person);
        Ok(others.map(|(id, known)| (id.clone(), known.name.clone())).collect())
    }

    /// Proposes a transfer that the person is part of, and agrees by it.
    pub fn propose_transfer(&mut self, transport: &dyn Transport, proposal: &TransferProposal) -> Result<(), Error> {
        let body = serde_json::to_vec(proposal).map_err(|e| Error::BadAnswer(e.to_string()))?;
        self.tell(transport, "/v1/transfers", &body)
    }

    /// Agrees to a transfer, or declines it with a reason.
    pub fn answer_transfer(&mut self, transport: &dyn Transport, id: &TransferId, agree: bool, reason: &str) -> Result<(), Error> {
        let body = serde_json::json!({ "approve": agree, "reason": reason }).to_string();
        self.tell(transport, &format!("/v1/transfers/{id}/agreement"), body.as_bytes())
    }

    fn tell(&mut self, transport: &dyn Transport, path: &str, body: &[u8]) -> Result<(), Error> {
        let token = self.token(transport)?;
        let response = transport.post(path, Some(&token), "application/json", body)?;
        if response.status == 204 { Ok(()) } else { Err(problem_of(&response)) }
    }
}
