//! `allocations.csv`: the supply quotas of a week.

use std::collections::BTreeMap;

use shared::ids::Sku;
use shared::reference::{Allocation, Reference};

use super::grouped;
use crate::import::ALLOCATIONS;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Allocations;

impl Table for Allocations {
    type Key = (String, (u8, Sku));
    type Value = u32;
    const SHAPE: Shape =
        Shape { file: ALLOCATIONS, key: &["week", "grade", "sku"], required: &["week", "grade", "sku", "max_cartons"], optional: &[] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, u32)> {
        let (week, grade) = (row.week("week"), row.whole("grade", 1..=30));
        let (sku, max_cartons) = (row.sku("sku", world), row.count("max_cartons"));
        Some(((week?, (grade?, sku?)), max_cartons?))
    }

    fn take(next: &mut Reference) -> BTreeMap<Self::Key, u32> {
        let stored = std::mem::take(&mut next.allocations).into_iter();
        stored.flat_map(|(week, rows)| rows.into_iter().map(move |a| ((week.clone(), (a.grade, a.sku)), a.max_cartons))).collect()
    }

    fn put(rows: BTreeMap<Self::Key, u32>, next: &mut Reference) {
        next.allocations = grouped(rows, |(grade, sku), max_cartons| Allocation { grade, sku, max_cartons });
    }
}
