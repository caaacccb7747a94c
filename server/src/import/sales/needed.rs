//! Which stored sales an import has to see.

use std::collections::BTreeSet;

use jiff::civil::Date;
use shared::reference::Reference;

use super::read;
use crate::import::world::World;
use crate::import::{Folder, Job, Recorded, SALES, SKUS};

/// The dates of which [`crate::import::plan`] needs the stored sales.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesNeeded {
    /// The dates of `sales.csv`.
    pub dates: BTreeSet<Date>,
    /// And every date from this one on, because shops have other routes from then on; `Date::MIN`: all sales.
    pub since: Option<Date>,
}

impl SalesNeeded {
    pub fn covers(&self, date: Date) -> bool {
        self.since.is_some_and(|since| since <= date) || self.dates.contains(&date)
    }
}

/// Asks what to load before [`crate::import::plan`]. `current` needs no sales for this.
pub fn sales_needed(current: &Reference, folder: &Folder, replace: &BTreeSet<String>) -> SalesNeeded {
    let recorded = Recorded::new();
    let mut quietly = |_: &str, _: u64, _: u64| {};
    let mut job = Job::new(World::new(current.clone(), &recorded), folder, replace, &mut quietly);
    job.import_shops();
    // A SKU that goes may stand in any sale.
    let all = [SALES, SKUS].iter().any(|file| replace.contains(*file));
    let since = if all { Some(Date::MIN) } else { moved_since(current, &job.world.next) };
    SalesNeeded { dates: folder.files.get(SALES).map(|bytes| read::dates(bytes)).unwrap_or_default(), since }
}

/// The first date on which the sales of a stored shop are filed with another route than before.
pub(super) fn moved_since(current: &Reference, next: &Reference) -> Option<Date> {
    let moved = |(id, rows): (&shared::ids::RetailerId, &Vec<_>)| {
        let new = next.retailers.get(id);
        if new == Some(rows) {
            return None;
        }
        let dates = rows.iter().chain(new.into_iter().flatten()).map(|row| row.from.unwrap_or(Date::MIN));
        let dates: BTreeSet<Date> = dates.chain([Date::MIN]).collect();
        dates.into_iter().find(|date| current.shop_scope(id.as_str(), *date) != next.shop_scope(id.as_str(), *date))
    };
    current.retailers.iter().filter_map(moved).min()
}
