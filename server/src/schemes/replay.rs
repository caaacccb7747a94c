//! A scheme tried before it is adopted: a month or a quarter by it, beside the same facts by the scheme in force. Nothing is
//! stored, and what is published stays untouched: also its months are scored anew here, so that what differs is the
//! scheme's doing alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::ids::{IndicatorId, SchemeHash};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Kind, Reference};
use shared::scheme::{GateEffect, Named, Scheme, scheme_of};
use shared::score::{
    Inputs, MonthPoints, MonthScore, Part, ReplayedManager, ReplayedStars, assemble, replay_month, replay_stars, score_parts, stars,
    unplanned,
};
use shared::time::{Month, Quarter};

use crate::error::{ApiError, ApiResult};
use crate::scores::{no_scheme, shares_of, slice_of};
use crate::state::App;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    Month(Month),
    Quarter(Quarter),
}

/// How the proposed scheme's gate is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateReading {
    /// As the scheme says
    #[default]
    AsWritten,
    /// Who is gated earns no more than the weight
    CapAtWeight,
    /// Who is gated earns nothing
    NoPoints,
    /// Each of the two, side by side
    Both,
}

/// What a scheme would have made of it.
#[derive(Debug, Serialize)]
pub struct Replay {
    pub scheme: Named,
    pub months: Vec<ScoredMonth>,
    /// One a reading of the gate.
    pub readings: Vec<Reading>,
}

/// A month, and the scheme that it is compared with.
#[derive(Debug, Serialize)]
pub struct ScoredMonth {
    pub month: Month,
    pub scheme_now: SchemeHash,
}

/// The proposed scheme with its gate read in one way.
#[derive(Debug, Serialize)]
pub struct Reading {
    /// None: the scheme has no gate.
    pub gate: Option<GateEffect>,
    pub months: Vec<ReplayedMonth>,
    /// Of a quarter.
    pub stars: Option<Vec<ReplayedStars>>,
    /// What is not set, not planned or not judged by the proposed scheme.
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct ReplayedMonth {
    pub month: Month,
    /// By person id.
    pub managers: Vec<ReplayedManager>,
}

impl Span {
    fn months(self) -> Vec<Month> {
        match self {
            Self::Month(month) => vec![month],
            Self::Quarter(quarter) => quarter.months().to_vec(),
        }
    }
}

impl GateReading {
    /// The scheme in each reading.
    fn of(self, scheme: &Scheme) -> ApiResult<Vec<Scheme>> {
        let effects = match self {
            Self::AsWritten => return Ok(vec![scheme.clone()]),
            Self::CapAtWeight => vec![GateEffect::CapAtWeight],
            Self::NoPoints => vec![GateEffect::NoPoints],
            Self::Both => vec![GateEffect::CapAtWeight, GateEffect::NoPoints],
        };
        let read = |effect| {
            let none = || ApiError::with(Code::Invalid, format!("the scheme {} has no gate that could be read in another way", scheme.id));
            scheme.with_gate_effect(effect).ok_or_else(none)
        };
        effects.into_iter().map(read).collect()
    }
}

/// A month by several schemes: first that in force.
struct MonthByAll {
    month: Month,
    now: (Scheme, MonthScore),
    then: Vec<MonthScore>,
}

/// Tries a scheme on a span. Its `valid_from` does not matter.
pub fn replay(app: &App, scheme: &Scheme, span: Span, gate: GateReading) -> ApiResult<Replay> {
    let readings = gate.of(scheme)?;
    let months: Vec<MonthByAll> = span.months().into_iter().map(|month| of_month(app, month, &readings)).collect::<ApiResult<_>>()?;
    let reference = match span {
        Span::Quarter(quarter) => Some((quarter, people_and_targets(app)?)),
        Span::Month(_) => None,
    };
    let reading = |(at, scheme): (usize, &Scheme)| {
        let mut warnings = no_plans(&months, at);
        let stars = reference.as_ref().map(|(quarter, reference)| of_quarter(reference, *quarter, &months, (at, scheme), &mut warnings));
        warnings.dedup();
        let of_month = |month: &MonthByAll| ReplayedMonth { month: month.month, managers: replay_month(&month.now.1, &month.then[at]) };
        Reading { gate: scheme.gate.as_ref().map(|gate| gate.effect), months: months.iter().map(of_month).collect(), stars, warnings }
    };
    Ok(Replay {
        scheme: Named::of(scheme),
        readings: readings.iter().enumerate().map(reading).collect(),
        months: months.iter().map(|month| ScoredMonth { month: month.month, scheme_now: month.now.0.hash }).collect(),
    })
}

/// Scores a month by the scheme in force and by each of `schemes`, some managers at a time.
fn of_month(app: &App, month: Month, schemes: &[Scheme]) -> ApiResult<MonthByAll> {
    let directory = app.directory();
    let now = scheme_of(&directory.reference, month).map_err(ApiError::internal)?.ok_or_else(|| no_scheme(month))?;
    let all: Vec<&Scheme> = std::iter::once(&now).chain(schemes).collect();
    let mut parts: Vec<Vec<Part>> = vec![Vec::new(); all.len()];
    for shares in shares_of(app, &directory, month, None)?.chunks(limits::SCORE_MANAGERS) {
        let slice = slice_of(app, &directory, shares, month)?;
        for (scheme, parts) in all.iter().zip(&mut parts) {
            let inputs = Inputs { reference: &slice.reference, scheme, visits: &slice.visits, month, as_of: None, person: None };
            parts.extend(score_parts(&inputs, shares));
        }
    }
    let whole = |(scheme, parts): (&&Scheme, &Vec<Part>)| {
        let inputs = Inputs { reference: &directory.reference, scheme, visits: &[], month, as_of: None, person: None };
        assemble(&inputs, parts.iter())
    };
    let mut scores = all.iter().zip(&parts).map(whole);
    let first = scores.next().ok_or_else(|| ApiError::internal("the scheme in force is scored first"))?;
    let then = scores.collect();
    Ok(MonthByAll { month, then, now: (now, first) })
}

/// Who is ranked, and by which targets.
fn people_and_targets(app: &App) -> ApiResult<Reference> {
    let mut reference = Reference { people: app.directory().reference.people.clone(), ..Reference::default() };
    crate::directory::load(app.store.as_ref(), &mut reference, Kind::Targets, None)?;
    Ok(reference)
}

fn of_quarter(
    reference: &Reference,
    quarter: Quarter,
    months: &[MonthByAll],
    (at, scheme): (usize, &Scheme),
    warnings: &mut Vec<String>,
) -> Vec<ReplayedStars> {
    let points = |of: &dyn Fn(&MonthByAll) -> MonthPoints| std::array::from_fn(|nth| of(&months[nth]));
    let last = &months[2].now.0;
    let now = stars(reference, quarter, last, &points(&|month| MonthPoints::of(&month.now.1, None)));
    let then = stars(reference, quarter, scheme, &points(&|month| MonthPoints::of(&month.then[at], None)));
    warnings.extend(then.warnings.iter().cloned());
    replay_stars(&now, &then)
}

/// Indicators of the proposed scheme that would earn nothing because nobody has planned them.
fn no_plans(months: &[MonthByAll], at: usize) -> Vec<String> {
    let of_all: u64 = months.iter().map(|month| month.then[at].managers.len() as u64).sum();
    let before: BTreeMap<IndicatorId, u64> = unplanned(months.iter().map(|month| &month.now.1));
    let missing = unplanned(months.iter().map(|month| &month.then[at])).into_iter();
    missing
        .filter(|(indicator, count)| before.get(indicator) != Some(count))
        .map(|(indicator, count)| format!("{indicator} has no plan in {count} of {of_all} months of managers: 0 points there"))
        .collect()
}
