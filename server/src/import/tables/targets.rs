//! `targets.csv`: the plans of a month.

use std::collections::BTreeMap;

use shared::decimal::Dec;
use shared::ids::{IndicatorId, PersonId, Sku};
use shared::reference::{Reference, Target};
use shared::scheme::Formula;
use shared::score::Exact;
use shared::targets::hardly_met;
use shared::time::Month;

use super::grouped;
use crate::import::TARGETS;
use crate::import::report::{Findings, Spot};
use crate::import::sheet::{Row, Shape};
use crate::import::table::{Staged, Table};
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

    /// A plan is not less than what colleagues have taken over of it: it would count as less than nothing, and earn nothing.
    fn check(staged: &Staged<Self::Key, Dec>, world: &World<'_>, findings: &mut Findings) {
        for (person, month) in world.next.transfers.keys() {
            for (what, taken) in world.next.taken(person, *month) {
                let key = ((person.clone(), *month), what);
                let plan = staged.rows.get(&key).copied();
                if taken <= plan.unwrap_or_default().to_fraction() {
                    continue;
                }
                let taken = Exact(taken);
                if let Some((plan, line)) = plan.zip(staged.lines.get(&key)) {
                    let at = Spot { file: TARGETS, line: Some(*line), column: Some("plan"), value: &plan.to_string() };
                    findings.fault(at, format!("is less than the {taken} that confirmed transfers took of it"));
                } else if staged.removed.contains(&key) {
                    let at = Spot { file: TARGETS, line: None, column: None, value: &name(&key) };
                    findings.fault(at, format!("the file no longer has this plan, but confirmed transfers took {taken} of it"));
                }
            }
        }
    }
}

/// A row's key, as its cells stand in the file.
fn name(((person, month), (indicator, item)): &<Targets as Table>::Key) -> String {
    let item = item.as_ref().map_or("", Sku::as_str);
    format!("{month},{person},{indicator},{item}")
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
