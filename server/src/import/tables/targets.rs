//! `targets.csv`: the plans of a month.

use std::collections::BTreeMap;

use shared::decimal::Dec;
use shared::ids::{IndicatorId, PersonId, Sku};
use shared::reference::{Reference, Target};
use shared::scheme::Formula;
use shared::targets::hardly_met;
use shared::time::Month;

use super::grouped;
use crate::import::TARGETS;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Targets;

impl Table for Targets {
    type Key = ((PersonId, Month), (IndicatorId, Option<Sku>));
    type Value = Dec;
    const SHAPE: Shape = Shape {
        file: TARGETS,
        key: &["month", "person_id", "indicator", "item"],
        required: &["month", "person_id", "indicator", "item", "plan"],
        optional: &[],
    };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, Dec)> {
        let (month, person) = (row.month("month"), row.manager("person_id", world));
        let indicator = row.id::<IndicatorId>("indicator");
        let formula = month.zip(indicator.as_ref()).and_then(|(month, id)| world.schemes.formula(row, id, month));
        let item = item(row, formula, world);
        let plan = row.decimal("plan");
        if let (Some(formula), Some(plan)) = (formula, plan)
            && let Some(what) = hardly_met(formula, plan)
        {
            let line = row.sheet.line();
            row.findings.warn(format!("{TARGETS}:{line}: plan: {what} ({plan})"));
        }
        Some((((person?, month?), (indicator?, item?)), plan?))
    }

    fn take(next: &mut Reference) -> BTreeMap<Self::Key, Dec> {
        let stored = std::mem::take(&mut next.targets).into_iter();
        stored.flat_map(|(group, rows)| rows.into_iter().map(move |t| ((group.clone(), (t.indicator, t.item)), t.plan))).collect()
    }

    fn put(rows: BTreeMap<Self::Key, Dec>, next: &mut Reference) {
        next.targets = grouped(rows, |(indicator, item), plan| Target { indicator, item, plan });
    }
}

/// A SKU for a per-item indicator, else nothing. An indicator in doubt may have either.
pub(super) fn item(row: &mut Row<'_, '_>, formula: Option<&Formula>, world: &World<'_>) -> Option<Option<Sku>> {
    let text = row.cell("item")?;
    let per_item = formula.map(|formula| matches!(formula, Formula::PerItem { .. }));
    match (text.is_empty(), per_item) {
        (true, Some(true)) => {
            row.fault(Some("item"), text, "is empty: this indicator is planned per item, so it needs a SKU");
            None
        }
        (false, Some(false)) => {
            row.fault(Some("item"), text, "is not empty: this indicator has one plan for all SKUs");
            None
        }
        (true, _) => Some(None),
        (false, _) => row.sku("item", world).map(Some),
    }
}
