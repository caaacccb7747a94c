//! What head office has published of this person, and disputes about it. All of it offline: a dispute is filed here and goes
//! with the next sync.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use shared::ids::{DisputeId, IndicatorId};
use shared::limits;
use shared::published::HeldBack;
use shared::reference::{Dispute, Ruling};
use shared::time::Month;

use super::Device;
use crate::Error;
use crate::store::{FilingState, Meta};

/// A revision as this person's devices keep it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublishedMonth {
    pub month: String,
    pub revision: u32,
    /// The person's score, as it was published.
    pub score: Value,
    pub published_ms: i64,
    pub published_by: String,
    /// Whether the person stays as published before, and why.
    pub held_back: Option<String>,
    /// The key that this phone was enrolled with has signed it.
    pub verified: bool,
}

/// A dispute with where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FiledDispute {
    pub id: DisputeId,
    pub month: String,
    pub revision: u32,
    pub indicator: IndicatorId,
    pub line: String,
    pub text: String,
    pub filed_ms: i64,
    pub state: FilingState,
    /// Why head office has refused it.
    pub reason: Option<String>,
    pub ruling: Option<Ruling>,
}

/// What is disputed.
#[derive(Clone, Debug)]
pub struct NewDispute {
    pub month: Month,
    /// None: the latest that this phone knows.
    pub revision: Option<u32>,
    pub indicator: IndicatorId,
    /// The line of the receipt that it concerns; empty: the whole.
    pub line: String,
    pub text: String,
}

impl Device {
    /// What was published of a month, oldest first.
    pub fn published(&mut self, month: Month) -> Result<Vec<PublishedMonth>, Error> {
        let person = self.person()?;
        let key = self.store.db().meta_text(Meta::ServerKey)?.and_then(|key| URL_SAFE_NO_PAD.decode(key).ok());
        let key: Option<[u8; 32]> = key.and_then(|key| key.try_into().ok());
        let reference = self.reference()?;
        let shares = reference.published.iter().filter(|((of, about, _), _)| (of, *about) == (&person, month));
        let view = |((_, _, revision), share): (&(_, Month, u32), &shared::published::PublishedShare)| {
            let verified = key.as_ref().and_then(|key| share.verify(key));
            let header = verified.clone().or_else(|| shared::published::Header::from_bytes(&share.header));
            let held = header.iter().flat_map(|header| &header.held_back).find(|held| held.person == person);
            PublishedMonth {
                month: month.to_string(),
                revision: *revision,
                score: serde_json::from_str(&share.score).unwrap_or(Value::Null),
                published_ms: header.as_ref().map_or(0, |header| header.published_ms),
                published_by: header.as_ref().map_or_else(String::new, |header| header.published_by.clone()),
                held_back: held.map(|HeldBack { reason, .. }| reason.clone()),
                // Of this month and revision, and not another's put in its place.
                verified: verified.is_some_and(|header| (header.month, header.revision) == (month, *revision)),
            }
        };
        Ok(shares.map(view).collect())
    }

    /// Files a dispute about an indicator of a revision; it goes with the next sync.
    pub fn file_dispute(&mut self, new: NewDispute) -> Result<DisputeId, Error> {
        let person = self.person()?;
        let known: Vec<u32> = self.published(new.month)?.iter().map(|published| published.revision).collect();
        let revision = new.revision.or(known.last().copied()).filter(|revision| known.contains(revision));
        let revision = revision.ok_or_else(|| Error::NotPublished(new.month))?;
        for (what, text, least) in [("text", &new.text, 1), ("line", &new.line, 0)] {
            if text.trim().len() < least || text.len() > limits::TEXT_BYTES_MAX {
                return Err(Error::BadDispute(format!("{what}: from {least} to {} bytes", limits::TEXT_BYTES_MAX)));
            }
        }
        let mut random = [0; 16];
        self.surroundings.random(&mut random);
        let id: DisputeId = shared::hex::hex(&random).parse().map_err(|e: shared::ids::IdFault| Error::BadDispute(e.to_string()))?;
        let NewDispute { month, indicator, line, text, .. } = new;
        let dispute = Dispute { person, month, revision, indicator, line, text, filed_ms: self.surroundings.now_ms(), ruling: None };
        self.store.write(|db| db.put_filing(&id, &dispute))?;
        Ok(id)
    }

    /// The person's disputes about a month, with what staff have ruled; also those that others have filed for them.
    pub fn disputes(&mut self, month: Month) -> Result<Vec<FiledDispute>, Error> {
        let person = self.person()?;
        let reference = self.reference()?;
        let here = self.store.db().filings(None)?;
        let view = |id: &DisputeId, dispute: &Dispute, state, reason: Option<String>| FiledDispute {
            id: id.clone(),
            month: dispute.month.to_string(),
            revision: dispute.revision,
            indicator: dispute.indicator.clone(),
            line: dispute.line.clone(),
            text: dispute.text.clone(),
            filed_ms: dispute.filed_ms,
            state,
            reason,
            ruling: dispute.ruling.clone(),
        };
        let at_head_office = || reference.disputes_of(&person, month);
        let mut out: Vec<FiledDispute> = at_head_office().map(|(id, dispute)| view(id, dispute, FilingState::AtHeadOffice, None)).collect();
        let only_here = here.iter().filter(|filed| filed.dispute.month == month && !at_head_office().any(|(id, _)| *id == filed.id));
        out.extend(only_here.map(|filed| view(&filed.id, &filed.dispute, filed.state, filed.reason.clone())));
        out.sort_by_key(|dispute| dispute.filed_ms);
        Ok(out)
    }
}
