//! Real demand: units a week of each item in each store. A week without a row sold none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// One item in one store.
pub struct Series {
    /// Counted from 0, as are items.
    pub store: u32,
    pub item: u32,
    /// Of every week of the file, from the first.
    pub units: Vec<u32>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Half {
    Even,
    Odd,
}

#[derive(Deserialize)]
struct Row {
    week: u32,
    store: String,
    item: String,
    units: i64,
}

pub fn read(path: &Path, least: u64, half: Option<Half>) -> Result<Vec<Series>, String> {
    let named = |why: csv::Error| format!("{}: {why}", path.display());
    let mut cells: BTreeMap<(String, String), BTreeMap<u32, u32>> = BTreeMap::new();
    let mut weeks = BTreeSet::new();
    for row in csv::Reader::from_path(path).map_err(named)?.deserialize() {
        let Row { week, store, item, units } = row.map_err(named)?;
        weeks.insert(week);
        // What came back in a week was no demand of it.
        *cells.entry((store, item)).or_default().entry(week).or_default() += u32::try_from(units).unwrap_or(0);
    }
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
        return Err(format!("{}: no rows", path.display()));
    };
    let mut stores: Vec<String> = cells.keys().map(|(store, _)| store.clone()).collect();
    let mut items: Vec<String> = cells.keys().map(|(_, item)| item.clone()).collect();
    for names in [&mut stores, &mut items] {
        names.sort();
        names.dedup();
    }
    let place = |names: &[String], name: &String| names.binary_search(name).unwrap_or(0) as u32;
    let wanted = |index: u32| half.is_none_or(|half| index.is_multiple_of(2) == matches!(half, Half::Even));
    let series = cells.into_iter().map(|((store, item), units)| Series {
        store: place(&stores, &store),
        item: place(&items, &item),
        units: (*first..=*last).map(|week| units.get(&week).copied().unwrap_or(0)).collect(),
    });
    let enough = |series: &Series| series.units.iter().map(|units| u64::from(*units)).sum::<u64>() >= least;
    Ok(series.filter(|series| wanted(series.item) && enough(series)).collect())
}
