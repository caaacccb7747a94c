//! Roll-ups over a month, a quarter or a year: of people, teams, departments and the district from the scores as they are
//! published, or else as they stand; of outlets from what the scores count.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use shared::ids::{PersonId, RetailerId};
use shared::problem::Code;
use shared::reference::{Kind, Reference, Role};
use shared::scheme::scheme_of;
use shared::score::{By, MonthRows, OutletRow, RollUp, outlet_rows, outlets, roll_up};
use shared::time::{Month, Quarter, TimeFault};

use crate::error::{ApiError, ApiResult};
use crate::scores::{self, Asked};
use crate::state::App;

/// What is summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Month(Month),
    Quarter(Quarter),
    Year(i16),
}

impl Period {
    /// In order.
    fn months(self) -> Vec<Month> {
        match self {
            Self::Month(month) => vec![month],
            Self::Quarter(quarter) => quarter.months().into(),
            Self::Year(year) => (1..=12).filter_map(|month| Month::new(year, month)).collect(),
        }
    }
    fn text(self) -> String {
        match self {
            Self::Month(month) => month.to_string(),
            Self::Quarter(quarter) => quarter.to_string(),
            Self::Year(year) => format!("{year:04}"),
        }
    }
}

/// `2026-08`, `2026Q3` or `2026`.
impl FromStr for Period {
    type Err = TimeFault;
    fn from_str(text: &str) -> Result<Self, TimeFault> {
        if let Ok(month) = text.parse() {
            return Ok(Self::Month(month));
        }
        if let Ok(quarter) = text.parse() {
            return Ok(Self::Quarter(quarter));
        }
        let year = Some(text).filter(|text| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).and_then(|text| text.parse().ok());
        let year = year.filter(|year| (1..=9998).contains(year));
        year.map(Self::Year).ok_or_else(|| TimeFault { text: text.chars().take(40).collect(), form: "a month, a quarter or a year" })
    }
}

/// Outlets over a period.
#[derive(Debug, Serialize)]
pub struct OutletRollUp {
    pub period: String,
    pub months: Vec<Month>,
    pub rows: Vec<OutletRow>,
    /// What the shops are called.
    pub names: BTreeMap<RetailerId, String>,
    pub how: &'static str,
}

/// The months of a period that count: those that are published, or that somebody has a plan for.
fn counting(app: &App, period: Period) -> ApiResult<Vec<Month>> {
    let mut reference = Reference::default();
    crate::directory::load(app.store.as_ref(), &mut reference, Kind::Targets, None)?;
    let published = app.store.published_months()?;
    let planned = |month: &Month| reference.targets.keys().any(|(_, of)| of == month);
    let months: Vec<Month> = period.months().into_iter().filter(|month| published.contains_key(month) || planned(month)).collect();
    if months.is_empty() {
        return Err(ApiError::with(Code::NotFound, format!("nobody has a plan or a score in {}", period.text())));
    }
    Ok(months)
}

/// A roll-up of people.
pub fn of_people(app: &App, period: Period, by: By) -> ApiResult<RollUp> {
    let months = counting(app, period)?;
    let mut rows = Vec::with_capacity(months.len());
    for month in &months {
        let json = scores::answer(app, *month, &Asked::default())?;
        rows.push(serde_json::from_str::<MonthRows>(&json).map_err(ApiError::internal)?);
    }
    let directory = app.directory();
    let last = months.last().copied().unwrap_or(months[0]);
    let scheme = scheme_of(&directory.reference, last).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid in {last}")))?;
    Ok(roll_up(&directory.reference, &scheme, by, period.text(), &rows))
}

/// A roll-up of outlets: of all managers, or of one.
pub fn of_outlets(app: &App, period: Period, person: Option<&PersonId>) -> ApiResult<OutletRollUp> {
    let months = counting(app, period)?;
    let directory = app.directory();
    let managers = directory.reference.people.iter().filter(|(_, known)| known.role == Role::Manager).map(|(id, _)| id);
    let managers: Vec<&PersonId> = managers.filter(|id| person.is_none_or(|only| only == *id)).collect();
    if managers.is_empty() {
        return Err(ApiError::with(Code::NotFound, "no such manager in this district"));
    }
    let (mut parts, mut names) = (Vec::new(), BTreeMap::new());
    for month in &months {
        for manager in &managers {
            let material = scores::material(app, *month, None, manager)?;
            let inputs = material.inputs(*month, None, manager);
            let shops = outlets(&inputs, manager);
            let named = |id: &RetailerId| Some((id.clone(), inputs.reference.retailers.get(id)?.last()?.name.clone()));
            names.extend(shops.keys().filter_map(named));
            parts.push(((*manager).clone(), shops));
        }
    }
    let how = "cartons, value and stops are summed over the months; width and items are those of the latest";
    Ok(OutletRollUp { period: period.text(), months, rows: outlet_rows(parts), names, how })
}
