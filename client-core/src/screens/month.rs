//! My score: what head office has acknowledged, what is still on its way, what is held back, each by the same scorer.

use std::collections::BTreeSet;

use serde::Serialize;
use shared::facts::Visit;
use shared::ids::{ChangeHash, IndicatorId};
use shared::reference::Reference;
use shared::scheme::{Class, Formula, Scheme, Source, Title, scheme_of};
use shared::score::{GateScore, IndicatorScore, Inputs, ManagerScore, MonthScore, Rounded, VisitCounts, score_month};
use shared::time::Month;

use crate::Error;
use crate::device::{Counts, Device};
use crate::store::{Meta, State};
use crate::sync::rewrite::rebuild;

/// A month's score in its parts. The three shares add up to the total, to the last digit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthView {
    pub month: String,
    pub as_of: String,
    pub scheme: String,
    pub scheme_title: Title,
    pub gated: bool,
    pub gate: Option<GateScore>,
    pub total: Share,
    pub indicators: Vec<IndicatorView>,
    pub visits: VisitCounts,
    pub counts: Counts,
    pub complete_up_to_ms: Option<i64>,
    pub last_sync_ms: Option<i64>,
}

/// Points by where the work is that they rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// With everything on this phone.
    pub points: Rounded,
    /// With what head office has for good.
    pub acknowledged: Rounded,
    /// What the work adds that is not there yet; may be below zero.
    pub pending: Rounded,
    /// What the work adds that is held back there: it counts only if staff release it.
    pub held_back: Rounded,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorView {
    #[serde(flatten)]
    pub score: IndicatorScore,
    pub title: Title,
    pub class: Class,
    pub source: Source,
    pub share: Share,
    /// Points at 100 % of the plan; none: events, which have no plan.
    pub weight: Option<String>,
    pub cap: Option<String>,
    /// Whether the cap cut something off.
    pub capped: bool,
}

impl Device {
    /// A month's score in its parts, of the device's person.
    pub fn month(&mut self, month: Month) -> Result<MonthView, Error> {
        let (reference, scheme) = self.scorers(month)?;
        let all = self.visits(month.first_day(), month.last_day())?;
        let full = self.score_of(&reference, &scheme, month, &all)?;
        // Without open work all three are the same.
        let sent: &[State] = &[State::Quarantined, State::Rejected];
        let sent = self.visits_without(month, sent)?.map(|visits| self.score_of(&reference, &scheme, month, &visits)).transpose()?;
        let open: &[State] = &[State::Pending, State::Waiting, State::Quarantined, State::Rejected];
        let there = self.visits_without(month, open)?.map(|visits| self.score_of(&reference, &scheme, month, &visits)).transpose()?;
        let manager = full.managers.first().cloned().ok_or(Error::NotAManager)?;
        let of = |score: &Option<MonthScore>| {
            score.as_ref().and_then(|score| score.managers.first()).cloned().unwrap_or_else(|| manager.clone())
        };
        let (sent, there) = (of(&sent), of(&there));
        let db = self.store.db();
        Ok(MonthView {
            month: month.to_string(),
            as_of: full.as_of.to_string(),
            scheme: full.scheme,
            scheme_title: scheme.title.clone(),
            gated: manager.gated,
            gate: manager.gate.clone(),
            total: share(&manager.total, &sent.total, &there.total),
            indicators: views(&scheme, &manager, &sent, &there),
            visits: manager.visits.clone(),
            complete_up_to_ms: db.meta_number(Meta::CompleteUpTo)?,
            last_sync_ms: db.meta_number(Meta::LastSync)?,
            counts: self.counts()?,
        })
    }

    fn scorers(&mut self, month: Month) -> Result<(Reference, Scheme), Error> {
        let reference = self.store.db().reference(true)?.0;
        let scheme = scheme_of(&reference, month).map_err(|e| Error::BadScheme(e.to_string()))?.ok_or(Error::NoScheme(month))?;
        Ok((reference, scheme))
    }

    fn score_of(&mut self, reference: &Reference, scheme: &Scheme, month: Month, visits: &[Visit]) -> Result<MonthScore, Error> {
        let person = self.person()?;
        let as_of = Some(self.date()?);
        Ok(score_month(&Inputs { reference, scheme, visits, month, as_of, person: Some(&person) }))
    }

    /// The month's visits as they would be without the changes of actions in some states; none: there is no such action.
    fn visits_without(&self, month: Month, states: &[State]) -> Result<Option<Vec<Visit>>, Error> {
        let db = self.store.db();
        let left_out = |intent: &crate::store::Intent| states.contains(&intent.state);
        let open: Vec<_> = db.open_intents()?.into_iter().filter(left_out).collect();
        let hashes: BTreeSet<ChangeHash> = open.iter().filter_map(|intent| intent.hash).collect();
        let documents: BTreeSet<_> = open.iter().map(|intent| &intent.document).collect();
        let mut sheets = db.sheets(month.first_day(), month.last_day())?;
        let mut touched = false;
        for sheet in &mut sheets {
            let id = shared::ids::DocumentId::Day { route: sheet.route.clone(), date: sheet.date };
            if !documents.contains(&id) {
                continue;
            }
            touched = true;
            let document = db.document(&id)?;
            let rebuilt = document.and_then(|document| rebuild(&document, &hashes).ok());
            if let Some(facts) = rebuilt.and_then(|(document, _)| document.sheet_facts()) {
                *sheet = facts;
            }
        }
        Ok(touched.then(|| sheets.into_iter().flat_map(|sheet| sheet.visits).collect()))
    }
}

fn views(scheme: &Scheme, full: &ManagerScore, sent: &ManagerScore, there: &ManagerScore) -> Vec<IndicatorView> {
    let points = |score: &ManagerScore, id: &IndicatorId| {
        score.indicators.iter().find(|indicator| indicator.id == *id).map(|indicator| indicator.points.clone()).unwrap_or_default()
    };
    let view = |score: &IndicatorScore| {
        let indicator = scheme.indicators.iter().find(|indicator| indicator.id == score.id)?;
        let (weight, cap) = match &indicator.formula {
            Formula::Ratio { weight, cap, .. } => (Some(weight.to_string()), cap.map(|cap| cap.to_string())),
            Formula::PerItem { weight, item_cap, .. } => (Some(weight.to_string()), Some(item_cap.to_string())),
            Formula::Events { max, .. } => (None, max.map(|max| max.to_string())),
        };
        let at_cap = match &indicator.formula {
            Formula::Ratio { weight, cap: Some(cap), .. } => score.exact == weight.to_fraction() * cap.to_fraction(),
            _ => false,
        };
        Some(IndicatorView {
            title: indicator.title.clone(),
            class: indicator.class,
            source: indicator.source,
            share: share(&score.points, &points(sent, &score.id), &points(there, &score.id)),
            weight,
            cap,
            capped: at_cap,
            score: score.clone(),
        })
    };
    full.indicators.iter().filter_map(view).collect()
}

fn share(full: &Rounded, sent: &Rounded, there: &Rounded) -> Share {
    let apart = |a: &Rounded, b: &Rounded| Rounded::of(&(a.to_fraction() - b.to_fraction()));
    Share { points: full.clone(), acknowledged: there.clone(), pending: apart(sent, there), held_back: apart(full, sent) }
}
