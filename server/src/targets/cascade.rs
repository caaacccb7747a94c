//! A month's cascade of one indicator, with names; and the sums of all of them that don't agree.

use std::collections::BTreeSet;

use serde::Serialize;
use shared::ids::{IndicatorId, Sku};
use shared::problem::Code;
use shared::reference::{Kind, Reference};
use shared::targets::{self, CascadeRow, Difference};
use shared::time::Month;

use super::scheme;
use crate::directory::load;
use crate::error::{ApiError, ApiResult};
use crate::schemes::view::TitleView;
use crate::state::App;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CascadeView {
    #[schema(value_type = String)]
    pub month: Month,
    /// What is planned in the month, in the scheme's order.
    pub planned: Vec<PlannedView>,
    /// Which of it the rows are of.
    #[schema(value_type = String)]
    pub indicator: IndicatorId,
    #[schema(value_type = Option<String>)]
    pub item: Option<Sku>,
    /// From the district down, each unit before those below it.
    pub rows: Vec<NamedUnit>,
    /// Sums of all indicators that were looked at, and those that don't agree.
    pub sums: u64,
    pub differences: Vec<NamedDifference>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PlannedView {
    #[schema(value_type = String)]
    pub indicator: IndicatorId,
    pub title: TitleView,
    #[schema(value_type = Option<String>)]
    pub item: Option<Sku>,
    pub item_name: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NamedUnit {
    pub name: String,
    #[schema(value_type = UnitPlan)]
    pub plan: CascadeRow,
}

/// As [`CascadeRow`] is written.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes shared::targets::CascadeRow")]
pub struct UnitPlan {
    /// `district`, `team`, `manager` or `route`.
    level: String,
    unit: String,
    plan: Option<String>,
    /// Of a manager: with what was transferred.
    effective: Option<String>,
    /// What the units below add up to.
    sum: Option<String>,
    difference: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NamedDifference {
    pub level: String,
    pub name: String,
    pub indicator: String,
    pub item: Option<String>,
    pub plan: Option<String>,
    pub sum: String,
    pub difference: String,
}

/// The month's cascade of one indicator; none named: of the first that is planned.
pub fn view(app: &App, month: Month, indicator: Option<&IndicatorId>, item: Option<&Sku>) -> ApiResult<CascadeView> {
    let mut reference = app.directory().reference.clone();
    for kind in [Kind::Targets, Kind::Cascade, Kind::Transfer] {
        load(app.store.as_ref(), &mut reference, kind, None)?;
    }
    let scheme = scheme(app, month)?;
    let planned = in_order(targets::planned(&reference, month), &scheme);
    let found = match indicator {
        Some(indicator) => planned.iter().find(|(known, of)| known == indicator && of.as_ref() == item).cloned(),
        None => planned.first().cloned(),
    };
    let (indicator, item) = found.ok_or_else(|| ApiError::with(Code::NotFound, format!("nobody plans that in {month}")))?;
    let check = targets::check(&reference, &scheme, month);
    let title = |id: &IndicatorId| scheme.indicator(id.as_str()).map_or_else(|| TitleView::of(id.as_str()), |known| (&known.title).into());
    let sku = |item: &Sku| reference.skus.get(item).map_or_else(|| item.to_string(), |info| info.name.clone());
    let named = |(indicator, item): (IndicatorId, Option<Sku>)| PlannedView {
        title: title(&indicator),
        indicator,
        item_name: item.as_ref().map(sku),
        item,
    };
    let rows = targets::cascade(&reference, &scheme, month, &indicator, item.as_ref());
    let unit = |plan: CascadeRow| NamedUnit { name: name_of(&reference, plan.level, &plan.unit), plan };
    let difference = |one: Difference| NamedDifference {
        level: one.level.into(),
        name: name_of(&reference, one.level, &one.unit),
        indicator: one.indicator.to_string(),
        item: one.item.map(|item| item.to_string()),
        plan: one.plan.map(|plan| plan.to_string()),
        sum: one.sum.to_string(),
        difference: one.difference.to_string(),
    };
    Ok(CascadeView {
        month,
        planned: planned.into_iter().map(named).collect(),
        rows: rows.into_iter().map(unit).collect(),
        sums: check.sums,
        differences: check.differences.into_iter().map(difference).collect(),
        indicator,
        item,
    })
}

fn in_order(planned: BTreeSet<(IndicatorId, Option<Sku>)>, scheme: &shared::scheme::Scheme) -> Vec<(IndicatorId, Option<Sku>)> {
    let place = |id: &IndicatorId| scheme.indicators.iter().position(|known| known.id == *id).unwrap_or(usize::MAX);
    let mut planned: Vec<_> = planned.into_iter().collect();
    planned.sort_by_key(|(indicator, _)| place(indicator));
    planned
}

fn name_of(reference: &Reference, level: &str, unit: &str) -> String {
    let known = match level {
        "district" => reference.org.as_ref().map(|org| org.name.clone()),
        "team" => reference.teams.get(unit).map(|team| team.name.clone()),
        "manager" => reference.people.get(unit).map(|person| person.name.clone()),
        _ => reference.routes.get(unit).cloned(),
    };
    known.unwrap_or_else(|| unit.to_string())
}
