//! `festivals.csv`: what a festival does to demand.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::Sku;
use shared::limits::{FESTIVAL_PERCENT_LEAST, FESTIVAL_PERCENT_MOST};
use shared::order::FESTIVAL_WEEKS;
use shared::reference::{Festival, Reference};

use crate::import::FESTIVALS;
use crate::import::report::Findings;
use crate::import::sheet::{Row, Shape};
use crate::import::table::{Staged, Table, spot};
use crate::import::world::World;

pub(in crate::import) struct Festivals;

/// Day, SKU (none: all that have no rows of their own) and week.
type Key = (Date, Option<Sku>, i8);
/// The festival's name, and percent of an ordinary week.
type Value = (String, u32);

impl Table for Festivals {
    type Key = Key;
    type Value = Value;
    const SHAPE: Shape =
        Shape { file: FESTIVALS, key: &["date", "sku", "week"], required: &["date", "sku", "week", "name", "percent"], optional: &[] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Key, Value)> {
        let weeks = i64::from(*FESTIVAL_WEEKS.start())..=i64::from(*FESTIVAL_WEEKS.end());
        let percents = i64::from(FESTIVAL_PERCENT_LEAST)..=i64::from(FESTIVAL_PERCENT_MOST);
        let (date, sku, week) = (row.date("date"), row.sku_or_none("sku", world), row.whole("week", weeks));
        let (name, percent) = (row.name("name"), row.whole("percent", percents));
        Some(((date?, sku?, week?), (name?, percent?)))
    }

    fn take(next: &mut Reference) -> BTreeMap<Key, Value> {
        let mut rows = BTreeMap::new();
        for (date, festival) in std::mem::take(&mut next.festivals) {
            let own = festival.skus.into_iter().map(|(sku, weeks)| (Some(sku), weeks));
            for (sku, weeks) in own.chain([(None, festival.all)]) {
                let row = |(week, percent)| ((date, sku.clone(), week), (festival.name.clone(), percent));
                rows.extend(weeks.into_iter().map(row));
            }
        }
        rows
    }

    fn put(rows: BTreeMap<Key, Value>, next: &mut Reference) {
        for ((date, sku, week), (name, percent)) in rows {
            let empty = || Festival { name, all: BTreeMap::new(), skus: BTreeMap::new() };
            let festival = next.festivals.entry(date).or_insert_with(empty);
            let weeks = match sku {
                Some(sku) => festival.skus.entry(sku).or_default(),
                None => &mut festival.all,
            };
            weeks.insert(week, percent);
        }
    }

    /// A festival has one name.
    fn check(staged: &Staged<Key, Value>, _: &World<'_>, findings: &mut Findings) {
        let mut names: BTreeMap<Date, (&Key, &str)> = BTreeMap::new();
        for (key, (name, _)) in staged.rows.iter().filter(|(key, _)| staged.counts(key)) {
            let (first, known) = *names.entry(key.0).or_insert((key, name));
            if known == name {
                continue;
            }
            let (at, own, other) = if staged.lines.contains_key(key) { (key, name.as_str(), known) } else { (first, known, name.as_str()) };
            let elsewhere = staged.place(if at == key { first } else { key });
            if let Some(spot) = spot(&Self::SHAPE, staged, at, "name", own) {
                findings.fault(spot, format!("the festival of {} is called `{other}` elsewhere ({elsewhere})", at.0));
            }
        }
    }
}
