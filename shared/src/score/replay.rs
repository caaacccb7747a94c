//! A scheme tried on facts that are there: what each person would have had by it, beside what they have by the scheme in
//! force. Both are scored from the same inputs, so that every difference is the scheme's.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{IndicatorScore, ManagerScore, MonthScore, Rounded, StarsRow, StarsTable, Status};
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId};

/// One manager's month by both schemes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayedManager {
    pub person_id: PersonId,
    pub now: Rounded,
    pub then: Rounded,
    /// Then less now.
    pub difference: Rounded,
    pub gated_now: bool,
    pub gated_then: bool,
    pub effective_visits_now: u64,
    pub effective_visits_then: u64,
    /// In the order of the scheme in force, then what only the other has.
    pub indicators: Vec<ReplayedIndicator>,
}

/// One indicator by both schemes; none: the scheme has no such indicator, which is 0 points.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayedIndicator {
    pub id: IndicatorId,
    pub now: Option<Rounded>,
    pub then: Option<Rounded>,
    pub difference: Rounded,
    pub status_now: Option<Status>,
    pub status_then: Option<Status>,
}

/// One person's quarter by both schemes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayedStars {
    pub person_id: PersonId,
    /// None: unranked, by either.
    pub mean_now: Option<Rounded>,
    pub mean_then: Option<Rounded>,
    pub difference: Option<Rounded>,
    pub rank_now: Option<u32>,
    pub rank_then: Option<u32>,
    pub stars_now: u32,
    pub stars_then: u32,
    /// None: the band's pay is not set.
    pub monthly_pay_now: Option<Dec>,
    pub monthly_pay_then: Option<Dec>,
    pub tie_now: bool,
    pub tie_then: bool,
}

/// Every manager's month by both schemes, by person id. Both are of one month and of the same inputs.
pub fn replay_month(now: &MonthScore, then: &MonthScore) -> Vec<ReplayedManager> {
    let by_id: BTreeMap<&PersonId, &ManagerScore> = then.managers.iter().map(|manager| (&manager.person_id, manager)).collect();
    now.managers.iter().filter_map(|manager| Some(replayed(manager, by_id.get(&manager.person_id)?))).collect()
}

fn replayed(now: &ManagerScore, then: &ManagerScore) -> ReplayedManager {
    let find = |manager: &'_ ManagerScore, id: &IndicatorId| manager.indicators.iter().position(|other| other.id == *id);
    let only_then = then.indicators.iter().filter(|other| find(now, &other.id).is_none());
    let ids = now.indicators.iter().chain(only_then).map(|indicator| &indicator.id);
    let one = |id: &IndicatorId| indicator(id, find(now, id).map(|at| &now.indicators[at]), find(then, id).map(|at| &then.indicators[at]));
    ReplayedManager {
        person_id: now.person_id.clone(),
        difference: &then.total - &now.total,
        now: now.total.clone(),
        then: then.total.clone(),
        gated_now: now.gated,
        gated_then: then.gated,
        effective_visits_now: now.visits.effective,
        effective_visits_then: then.visits.effective,
        indicators: ids.map(one).collect(),
    }
}

fn indicator(id: &IndicatorId, now: Option<&IndicatorScore>, then: Option<&IndicatorScore>) -> ReplayedIndicator {
    let points = |score: Option<&IndicatorScore>| score.map(|score| score.points.clone());
    let (before, after) = (points(now), points(then));
    ReplayedIndicator {
        id: id.clone(),
        difference: &after.clone().unwrap_or_default() - &before.clone().unwrap_or_default(),
        now: before,
        then: after,
        status_now: now.map(|score| score.status),
        status_then: then.map(|score| score.status),
    }
}

/// A quarter's ranking by both schemes, in the order of the proposed one.
pub fn replay_stars(now: &StarsTable, then: &StarsTable) -> Vec<ReplayedStars> {
    let by_id: BTreeMap<&PersonId, &StarsRow> = now.managers.iter().map(|row| (&row.person_id, row)).collect();
    let row = |then: &StarsRow| {
        let now = by_id.get(&then.person_id)?;
        let difference = then.mean.as_ref().zip(now.mean.as_ref()).map(|(then, now)| then - now);
        Some(ReplayedStars {
            person_id: then.person_id.clone(),
            mean_now: now.mean.clone(),
            mean_then: then.mean.clone(),
            difference,
            rank_now: now.rank,
            rank_then: then.rank,
            stars_now: now.stars,
            stars_then: then.stars,
            monthly_pay_now: now.monthly_pay,
            monthly_pay_then: then.monthly_pay,
            tie_now: now.tie,
            tie_then: then.tie,
        })
    };
    then.managers.iter().filter_map(row).collect()
}

/// Indicators for which managers have no plan in the months scored, each with how many manager-months: 0 points that say
/// nothing about the work.
pub fn unplanned<'a>(months: impl IntoIterator<Item = &'a MonthScore>) -> BTreeMap<IndicatorId, u64> {
    let indicators = months.into_iter().flat_map(|month| &month.managers).flat_map(|manager| &manager.indicators);
    let mut out = BTreeMap::new();
    indicators.filter(|score| score.status == Status::NoPlan).for_each(|score| *out.entry(score.id.clone()).or_insert(0) += 1);
    out
}
