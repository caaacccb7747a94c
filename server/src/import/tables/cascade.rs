//! `target-cascade.csv`: what the district, a team or a route is to reach in a month. Managers' plans are in `targets.csv`;
//! whether the sums agree is looked at by `roundsman targets check`, not here: files come in one by one.

use std::collections::BTreeMap;

use shared::decimal::Dec;
use shared::ids::{IndicatorId, Sku};
use shared::reference::{DISTRICT, Level, Reference, Target};
use shared::time::Month;

use super::grouped;
use super::targets::item;
use crate::import::CASCADE;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

const LEVELS: [(&str, Level); 3] = [("district", Level::District), ("team", Level::Team), ("route", Level::Route)];

pub(in crate::import) struct Cascade;

impl Table for Cascade {
    type Key = ((Month, Level, String), (IndicatorId, Option<Sku>));
    type Value = Dec;
    const SHAPE: Shape = Shape {
        file: CASCADE,
        key: &["month", "level", "unit", "indicator", "item"],
        required: &["month", "level", "unit", "indicator", "item", "plan"],
        optional: &[],
    };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, Dec)> {
        let (month, level) = (row.month("month"), row.one_of("level", &LEVELS));
        let unit = level.and_then(|level| unit(row, level, world));
        let indicator = row.id::<IndicatorId>("indicator");
        let formula = month.zip(indicator.as_ref()).and_then(|(month, id)| world.schemes.formula(row, id, month));
        let item = item(row, formula, world);
        let plan = row.decimal("plan");
        Some((((month?, level?, unit?), (indicator?, item?)), plan?))
    }

    fn take(next: &mut Reference) -> BTreeMap<Self::Key, Dec> {
        let stored = std::mem::take(&mut next.cascade).into_iter();
        stored.flat_map(|(group, rows)| rows.into_iter().map(move |t| ((group.clone(), (t.indicator, t.item)), t.plan))).collect()
    }

    fn put(rows: BTreeMap<Self::Key, Dec>, next: &mut Reference) {
        next.cascade = grouped(rows, |(indicator, item), plan| Target { indicator, item, plan });
    }
}

/// A team, a route, or for the district the word itself, or nothing.
fn unit(row: &mut Row<'_, '_>, level: Level, world: &World<'_>) -> Option<String> {
    match level {
        Level::District => row.read("unit", |text| match text {
            "" | DISTRICT => Ok(DISTRICT.to_string()),
            _ => Err(format!("is not `{DISTRICT}`: the district is one")),
        }),
        Level::Team => row.team("unit", world).map(|team| team.to_string()),
        Level::Route => row.route("unit", world).map(|route| route.to_string()),
    }
}
