//! Stars: a quarter's ranking and its bands (scoring.md, "Stars").

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use serde::Serialize;

use super::number::{Rounded, whole};
use super::{ManagerScore, MonthScore, text};
use crate::decimal::Dec;
use crate::ids::{IndicatorId, PersonId, SchemeHash};
use crate::reference::{Reference, Role};
use crate::scheme::{Band, Scheme};
use crate::time::{Month, Quarter};

/// A month's points as they count for the quarter: of its latest published revision, or of its open score.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthPoints {
    pub month: Month,
    /// The revision that was published; none: the month is open.
    pub revision: Option<u32>,
    pub people: BTreeMap<PersonId, PersonPoints>,
}

/// One person's rounded points of a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonPoints {
    pub total: Rounded,
    pub indicators: BTreeMap<IndicatorId, Rounded>,
}

impl PersonPoints {
    pub fn of(score: &ManagerScore) -> Self {
        let indicators = score.indicators.iter().map(|i| (i.id.clone(), i.points.clone())).collect();
        Self { total: score.total.clone(), indicators }
    }
}

impl MonthPoints {
    pub fn of(score: &MonthScore, revision: Option<u32>) -> Self {
        let people = score.managers.iter().map(|manager| (manager.person_id.clone(), PersonPoints::of(manager)));
        Self { month: score.month, revision, people: people.collect() }
    }
}

/// A quarter's ranking. In JSON the keys stand in the order of the fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StarsTable {
    #[serde(serialize_with = "text")]
    pub quarter: Quarter,
    /// The scheme's id.
    pub scheme: String,
    /// In rank order; the unranked last, by person id.
    pub managers: Vec<StarsRow>,
    pub scheme_hash: SchemeHash,
    pub months: Vec<MonthState>,
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StarsRow {
    pub person_id: PersonId,
    /// Of the three monthly totals; none: unranked.
    pub mean: Option<Rounded>,
    /// 0: none.
    pub stars: u32,
    /// As the scheme writes it; "0" without stars; none: the band's pay is not set.
    pub monthly_pay: Option<Dec>,
    /// From 1; none: unranked.
    pub rank: Option<u32>,
    /// The rank was decided by the person id alone.
    pub tie: bool,
}

/// Which of a month's scores counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthState {
    #[serde(serialize_with = "text")]
    pub month: Month,
    /// `published` or `open`.
    pub status: &'static str,
    pub revision: Option<u32>,
}

/// What decides a rank, before the person id: the rounded mean, then the points on each tie-break.
type Standing = (Rounded, Vec<Rounded>);

/// Ranks a quarter by its three months, in order, and fills the bands of `scheme` (the version of the quarter's last
/// month). A person who is no manager with a target in each of the months is listed last, unranked.
pub fn stars(reference: &Reference, quarter: Quarter, scheme: &Scheme, months: &[MonthPoints; 3]) -> StarsTable {
    assert_eq!(months.each_ref().map(|month| month.month), quarter.months(), "the months are the quarter's, in order");
    let mut warnings = Vec::new();
    let (mut ranked, mut unranked): (Vec<(Standing, PersonId)>, Vec<PersonId>) = (Vec::new(), Vec::new());
    for person in candidates(reference, quarter) {
        if eligible(reference, quarter, person) {
            ranked.push((standing(scheme, months, person, &mut warnings), person.clone()));
        } else {
            unranked.push(person.clone());
        }
    }
    ranked.sort_by(|(a, id_a), (b, id_b)| b.cmp(a).then_with(|| id_a.cmp(id_b)));
    let mut managers = rows(&ranked, scheme, &mut warnings);
    let without = |person_id| StarsRow { person_id, mean: None, stars: 0, monthly_pay: Some(Dec::default()), rank: None, tie: false };
    managers.extend(unranked.into_iter().map(without));
    let state = |month: &MonthPoints| MonthState {
        month: month.month,
        status: if month.revision.is_some() { "published" } else { "open" },
        revision: month.revision,
    };
    StarsTable {
        quarter,
        scheme: scheme.id.clone(),
        managers,
        scheme_hash: scheme.hash,
        months: months.iter().map(state).collect(),
        warnings,
    }
}

/// Every manager, and whoever has a target in the quarter, by id.
fn candidates(reference: &Reference, quarter: Quarter) -> BTreeSet<&PersonId> {
    let managers = reference.people.iter().filter(|(_, person)| person.role == Role::Manager).map(|(id, _)| id);
    let targeted = reference.targets.keys().filter(|(_, month)| month.quarter() == quarter).map(|(person, _)| person);
    managers.chain(targeted).collect()
}

fn eligible(reference: &Reference, quarter: Quarter, person: &PersonId) -> bool {
    let targeted = |month| reference.targets.get(&(person.clone(), month)).is_some_and(|targets| !targets.is_empty());
    reference.people.get(person).is_some_and(|p| p.role == Role::Manager) && quarter.months().into_iter().all(targeted)
}

fn standing(scheme: &Scheme, months: &[MonthPoints; 3], person: &PersonId, warnings: &mut Vec<String>) -> Standing {
    let nothing = PersonPoints::default();
    let points: Vec<&PersonPoints> = months
        .iter()
        .map(|month| {
            month.people.get(person).unwrap_or_else(|| {
                warnings.push(format!("{person} has a target in {} but no score: counted as 0", month.month));
                &nothing
            })
        })
        .collect();
    let sum: Rounded = points.iter().map(|points| &points.total).sum();
    let mean: BigRational = sum.to_fraction() / whole(3);
    let on = |indicator: &IndicatorId| points.iter().filter_map(|points| points.indicators.get(indicator)).sum();
    (Rounded::of(&mean), scheme.stars.tie_break.iter().map(on).collect())
}

/// The ranked rows, the bands filled from the most stars down.
fn rows(ranked: &[(Standing, PersonId)], scheme: &Scheme, warnings: &mut Vec<String>) -> Vec<StarsRow> {
    let mut places = scheme.stars.bands.iter().flat_map(|band| std::iter::repeat_n(band, band.places as usize));
    let mut unpaid: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut out = Vec::with_capacity(ranked.len());
    for (at, (standing, person)) in ranked.iter().enumerate() {
        let band: Option<&Band> = places.next();
        let monthly_pay = band.map_or(Some(Dec::default()), |band| band.monthly_pay);
        if let (Some(band), None) = (band, monthly_pay) {
            unpaid.entry(band.stars).or_default().push(person.as_str());
        }
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|other| ranked.get(other));
        out.push(StarsRow {
            person_id: person.clone(),
            mean: Some(standing.0.clone()),
            stars: band.map_or(0, |band| band.stars),
            monthly_pay,
            rank: Some(at as u32 + 1),
            tie: beside.into_iter().any(|(other, _)| other == standing),
        });
    }
    let say = |(stars, people): (u32, Vec<&str>)| {
        format!("the band of {stars} stars has no monthly_pay: the pay of {} is not set", people.join(", "))
    };
    warnings.extend(unpaid.into_iter().rev().map(say));
    out
}
