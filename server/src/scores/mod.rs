//! Scores: of everybody from the boards, of one person from their slice of the store. Each says until when it is complete.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use shared::ids::{IndicatorId, PersonId};
use shared::problem::Code;
use shared::reference::{Kind, Reference, Role};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Change, Inputs, MonthPoints, MonthScore, Receipt, StarsTable, WhatIf, routes_of, score_month};
use shared::time::{Month, Quarter};

use self::kept::Kept;
use self::slice::{Slice, Wanted};
use crate::error::{ApiError, ApiResult};
use crate::materialise::neighbours;
use crate::state::App;
use crate::store::Device;
use crate::sync::complete_up_to;

/// What is asked of a month's scores.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// As if this were the last day known; none: the month's last.
    pub as_of: Option<Date>,
    pub person: Option<PersonId>,
    /// By what is known now, also where the month is published.
    pub live: bool,
    /// A certain revision; none: the latest.
    pub revision: Option<u32>,
}

/// A month's scores as JSON, byte for byte as they were published; none: the month is open, or what is known now is asked for.
fn published(app: &App, month: Month, asked: &Asked) -> ApiResult<Option<String>> {
    let published = match asked {
        Asked { live: false, as_of: None, revision: None, .. } => crate::months::latest(app, month)?,
        Asked { revision: Some(revision), .. } => Some(crate::months::revision(app, month, Some(*revision))?),
        _ => None,
    };
    match (published, &asked.person) {
        (Some(stored), None) => Ok(Some(stored.scores)),
        (Some(stored), Some(person)) => Ok(Some(crate::months::scores_json(&stored, Some(person))?.to_string())),
        (None, _) => Ok(None),
    }
}

/// A month's scores as JSON: as they were published, byte for byte, or where the month is open, or it is asked for, by what
/// is known now. [`pages`] says the same in less memory.
pub fn answer(app: &App, month: Month, asked: &Asked) -> ApiResult<String> {
    match published(app, month, asked)? {
        Some(json) => Ok(json),
        None => serde_json::to_string(&self::month(app, month, asked.as_of, asked.person.as_ref())?).map_err(ApiError::internal),
    }
}

/// A month's score, and until when head office has all work of each manager (ms since 1970; none: a device of theirs has
/// never sent everything, or they have none).
#[derive(Debug, Serialize)]
pub struct Live {
    #[serde(flatten)]
    pub score: MonthScore,
    /// `open`: by what is known now.
    pub status: &'static str,
    pub complete_up_to: BTreeMap<PersonId, Option<i64>>,
    /// Changes of each manager that are held back, and so not in this score.
    pub held_back: BTreeMap<PersonId, u64>,
    /// Documents with changes that are not in this score yet.
    pub documents_behind: u64,
}

mod board;
mod boards;
mod kept;
mod pages;
pub mod slice;

pub use board::{shares_of, slice_of};
pub use boards::Boards;
pub use pages::{Pages, pages};

/// What one person's month is scored from.
pub struct Material {
    slice: Slice,
    scheme: Scheme,
}

pub fn no_scheme(month: Month) -> ApiError {
    ApiError::with(Code::NotFound, format!("no scheme is valid in {month}"))
}

pub fn material(app: &App, month: Month, as_of: Option<Date>, person: &PersonId) -> ApiResult<Material> {
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?.ok_or_else(|| no_scheme(month))?;
    neighbours::ensure(app, directory.grounds)?;
    let wanted = Wanted {
        routes: routes_of(&directory.reference, person, month, as_of),
        people: BTreeSet::from([person.clone()]),
        month,
        first: month.first_day(),
        last: month.last_day(),
    };
    Ok(Material { slice: Slice::read(app.store.as_ref(), &directory, &wanted)?, scheme })
}

impl Material {
    pub fn inputs<'a>(&'a self, month: Month, as_of: Option<Date>, person: &'a PersonId) -> Inputs<'a> {
        let Slice { reference, visits, .. } = &self.slice;
        Inputs { reference, scheme: &self.scheme, visits, month, as_of, person: Some(person) }
    }
}

fn of_all(app: &App, month: Month, as_of: Option<Date>) -> ApiResult<Kept> {
    app.boards.board(app, month, as_of).score(app)?.ok_or_else(|| no_scheme(month))
}

/// What is said of a score beside it, read before it, so that what is said to be here is here: a sync in between only adds.
struct Known {
    complete: BTreeMap<PersonId, Option<i64>>,
    held: BTreeMap<PersonId, u64>,
    documents_behind: u64,
}

impl Known {
    fn read(app: &App) -> ApiResult<Self> {
        Ok(Self { complete: completeness(app)?, held: held_by_person(app)?, documents_behind: app.boards.documents_behind(app)? })
    }

    /// `people`: whose scores these are.
    fn publish<'p>(&self, score: MonthScore, people: impl Iterator<Item = &'p PersonId> + Clone) -> Live {
        let complete_up_to = people.clone().map(|id| (id.clone(), self.complete.get(id).copied().flatten())).collect();
        let held_back = people.filter_map(|id| Some((id.clone(), *self.held.get(id)?))).collect();
        Live { status: "open", score, complete_up_to, held_back, documents_behind: self.documents_behind }
    }
}

/// A month's scores by what is known now, in one piece.
pub fn month(app: &App, month: Month, as_of: Option<Date>, person: Option<&PersonId>) -> ApiResult<Live> {
    known_manager(app, person)?;
    let known = Known::read(app)?;
    let score = match person {
        Some(person) => score_month(&material(app, month, as_of, person)?.inputs(month, as_of, person)),
        None => of_all(app, month, as_of)?.whole()?,
    };
    let people: Vec<PersonId> = score.managers.iter().map(|manager| manager.person_id.clone()).collect();
    Ok(known.publish(score, people.iter()))
}

/// Until when each person's work is all here; see [`complete_up_to`].
pub fn completeness(app: &App) -> ApiResult<BTreeMap<PersonId, Option<i64>>> {
    let mut by_person: BTreeMap<PersonId, Vec<Device>> = BTreeMap::new();
    for device in app.store.devices()? {
        by_person.entry(device.person.clone()).or_default().push(device);
    }
    Ok(by_person.into_iter().map(|(person, devices)| (person, complete_up_to(&devices))).collect())
}

/// How many changes of each person's devices are held back.
pub fn held_by_person(app: &App) -> ApiResult<BTreeMap<PersonId, u64>> {
    let counts = app.store.held_counts()?;
    let mut out = BTreeMap::new();
    for device in app.store.devices()? {
        if let Some(count) = counts.get(&device.device) {
            *out.entry(device.person).or_insert(0) += count;
        }
    }
    Ok(out)
}

/// What a quarter is ranked from: people and targets, the scheme of its last month, each month's points.
pub struct Ranking {
    pub reference: Reference,
    pub scheme: Scheme,
    pub months: [MonthPoints; 3],
}

pub fn ranking(app: &App, quarter: Quarter) -> ApiResult<Ranking> {
    let last = quarter.months()[2];
    let mut points = Vec::with_capacity(3);
    for month in quarter.months() {
        points.push(match crate::months::latest(app, month)? {
            Some(revision) => crate::months::points(&revision)?,
            None => MonthPoints::of(&of_all(app, month, None)?.whole()?, None),
        });
    }
    let months: [MonthPoints; 3] = points.try_into().map_err(|_| ApiError::internal("a quarter has three months"))?;
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, last).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| no_scheme(last))?;
    let mut reference = Reference { people: directory.reference.people.clone(), ..Reference::default() };
    crate::directory::load(app.store.as_ref(), &mut reference, Kind::Targets, None)?;
    Ok(Ranking { reference, scheme, months })
}

pub fn stars(app: &App, quarter: Quarter) -> ApiResult<StarsTable> {
    let Ranking { reference, scheme, months } = ranking(app, quarter)?;
    Ok(shared::score::stars(&reference, quarter, &scheme, &months))
}

/// What would come of other actuals, star included. A published month's points stay what they are: its quarter shows what a
/// restatement would do.
pub fn what_if(app: &App, month: Month, as_of: Option<Date>, person: &PersonId, changes: &[Change]) -> ApiResult<WhatIf> {
    known_manager(app, Some(person))?;
    let material = material(app, month, as_of, person)?;
    let played = shared::score::what_if(&material.inputs(month, as_of, person), person, changes);
    let played = played.map_err(|fault| ApiError::with(Code::Invalid, fault))?;
    // A quarter whose last month has no scheme yet has no stars.
    match ranking(app, month.quarter()) {
        Ok(Ranking { reference, scheme, months }) => Ok(played.with_stars(&reference, &scheme, &months)),
        Err(error) if error.code == Code::NotFound => Ok(played),
        Err(error) => Err(error),
    }
}

pub fn explain(app: &App, month: Month, as_of: Option<Date>, person: &PersonId, indicator: &IndicatorId) -> ApiResult<Receipt> {
    known_manager(app, Some(person))?;
    let material = material(app, month, as_of, person)?;
    let inputs = material.inputs(month, as_of, person);
    shared::score::explain(&inputs, person, indicator).map_err(|fault| ApiError::with(Code::NotFound, fault))
}

/// The receipt of one indicator as JSON: of a published month, with its proof, as it was published.
pub fn receipt(app: &App, month: Month, asked: &Asked, person: &PersonId, indicator: &IndicatorId) -> ApiResult<Value> {
    let published = asked.revision.is_some() || !asked.live && asked.as_of.is_none() && crate::months::latest(app, month)?.is_some();
    if published {
        let proven = crate::months::export::receipt(app, month, asked.revision, person, indicator)?;
        return serde_json::to_value(proven).map_err(ApiError::internal);
    }
    serde_json::to_value(explain(app, month, asked.as_of, person, indicator)?).map_err(ApiError::internal)
}

fn known_manager(app: &App, person: Option<&PersonId>) -> ApiResult<()> {
    match person {
        Some(person) if app.directory().role_of(person) != Some(Role::Manager) => {
            Err(ApiError::with(Code::NotFound, format!("{person} is not a manager of this district")))
        }
        _ => Ok(()),
    }
}
