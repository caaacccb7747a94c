//! Sales as they are stored: a block for each date and route. Blocks are canonical: equal sales give equal bytes, however
//! their numbers were written and in whatever order they came.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::limits::{SALES_BLOCK_ROWS_MAX, SALES_VALUE_DECIMALS_MAX};
use shared::reference::{Reference, SalesBlock, SalesRow};

use super::ids::Ids;
use crate::import::SALES;
use crate::import::report::{FileReport, Findings, Spot};

/// What one shop was sold of one SKU on a date.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Entry {
    pub retailer: u32,
    pub sku: u32,
    pub packs: i64,
    /// × 10^-[`SALES_VALUE_DECIMALS_MAX`].
    pub units: i64,
}

impl Entry {
    pub fn key(&self) -> (u32, u32) {
        (self.retailer, self.sku)
    }
}

type Key = (Date, RouteId);

/// The stored blocks, by date.
pub(super) struct Stock<'a>(BTreeMap<Date, Vec<(&'a Key, &'a SalesBlock)>>);

impl<'a> Stock<'a> {
    pub fn new(current: &'a Reference) -> Self {
        let mut by_date = BTreeMap::<Date, Vec<_>>::new();
        for block in &current.sales {
            by_date.entry(block.0.0).or_default().push(block);
        }
        Self(by_date)
    }

    pub fn dates(&self) -> impl Iterator<Item = Date> {
        self.0.keys().copied()
    }

    pub fn keys(&self, date: Date) -> impl Iterator<Item = &'a Key> {
        self.0.get(&date).into_iter().flatten().map(|(key, _)| *key)
    }

    /// All sales of a date, by retailer and SKU.
    pub fn entries(&self, date: Date, ids: &Ids<'_>, findings: &mut Findings) -> Vec<Entry> {
        let mut out = Vec::new();
        for ((date, route), block) in self.0.get(&date).into_iter().flatten() {
            if unpack(block, ids, &mut out).is_none() {
                let at = Spot { file: SALES, line: None, column: None, value: route.as_str() };
                findings.fault(at, format!("the stored sales of this route on {date} are damaged"));
            }
        }
        out.sort_unstable_by_key(Entry::key);
        out
    }
}

/// None: the block names what there is not.
fn unpack(block: &SalesBlock, ids: &Ids<'_>, out: &mut Vec<Entry>) -> Option<()> {
    let factor = 10_i64.pow(SALES_VALUE_DECIMALS_MAX.checked_sub(block.scale)?);
    let retailers: Vec<u32> = block.retailers.iter().map(|id| ids.retailer_number(id.as_str())).collect::<Option<_>>()?;
    let skus: Vec<u32> = block.skus.iter().map(|id| ids.sku_number(id.as_str())).collect::<Option<_>>()?;
    for row in &block.rows {
        let (retailer, sku) = (*retailers.get(usize::from(row.retailer))?, *skus.get(usize::from(row.sku))?);
        out.push(Entry { retailer, sku, packs: row.packs, units: row.value.checked_mul(factor)? });
    }
    Some(())
}

/// New sales over those that are stored, counted; both by retailer and SKU. With `replace`, only the new ones stay.
pub(super) fn overlay(stored: &[Entry], new: &[Entry], replace: bool, report: &mut FileReport) -> Vec<Entry> {
    let mut out = Vec::with_capacity(stored.len() + new.len());
    let (mut stored, mut new) = (stored.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (stored.peek(), new.peek()) {
            (Some(old), Some(new)) => old.key().cmp(&new.key()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return out,
        };
        let old = if order == Ordering::Greater { None } else { stored.next() };
        let fresh = if order == Ordering::Less { None } else { new.next() };
        match (old, fresh) {
            (_, None) if replace => report.removed += 1,
            (_, None) => {}
            (None, Some(_)) => report.added += 1,
            (Some(old), Some(fresh)) if old == fresh => report.unchanged += 1,
            (Some(_), Some(_)) => report.changed += 1,
        }
        out.extend(fresh.or(old.filter(|_| !replace)));
    }
}

/// The sales of a date as blocks. Whoever has no route to be filed with is noted as homeless.
pub(super) fn filed(
    date: Date,
    entries: &[Entry],
    ids: &Ids<'_>,
    homeless: &mut BTreeSet<u32>,
    findings: &mut Findings,
) -> Vec<(Key, SalesBlock)> {
    let mut by_route = BTreeMap::<RouteId, Vec<Entry>>::new();
    for shop in entries.chunk_by(|a, b| a.retailer == b.retailer) {
        let [first, ..] = shop else { continue };
        match ids.route(ids.retailer(first.retailer).as_str(), date) {
            Some(route) => by_route.entry(route).or_default().extend_from_slice(shop),
            None => drop(homeless.insert(first.retailer)),
        }
    }
    let mut out = Vec::with_capacity(by_route.len());
    for (route, entries) in by_route {
        if entries.len() > SALES_BLOCK_ROWS_MAX {
            let at = Spot { file: SALES, line: None, column: None, value: route.as_str() };
            findings.fault(at, format!("this route has over {SALES_BLOCK_ROWS_MAX} sales on {date}"));
            continue;
        }
        out.push(((date, route), block(&entries, ids)));
    }
    out
}

fn block(entries: &[Entry], ids: &Ids<'_>) -> SalesBlock {
    let dictionary = |part: fn(&Entry) -> u32| {
        let numbers: BTreeSet<u32> = entries.iter().map(part).collect();
        numbers.into_iter().collect::<Vec<u32>>()
    };
    let (retailers, skus) = (dictionary(|entry| entry.retailer), dictionary(|entry| entry.sku));
    let place = |dictionary: &[u32], number: u32| {
        let place = dictionary.binary_search(&number).expect("the dictionary holds every number");
        u16::try_from(place).expect("a block has fewer rows than u16 counts")
    };
    let scale = scale(entries);
    let unit = 10_i64.pow(SALES_VALUE_DECIMALS_MAX - scale);
    let row = |entry: &Entry| SalesRow {
        retailer: place(&retailers, entry.retailer),
        sku: place(&skus, entry.sku),
        packs: entry.packs,
        value: entry.units / unit,
    };
    SalesBlock {
        rows: entries.iter().map(row).collect(),
        retailers: retailers.iter().map(|number| ids.retailer(*number).clone()).collect(),
        skus: skus.iter().map(|number| ids.sku(*number).clone()).collect(),
        scale,
    }
}

/// The fewest decimal places that hold every value exactly.
fn scale(entries: &[Entry]) -> u32 {
    let holds = |scale: &u32| {
        let unit = 10_i64.pow(SALES_VALUE_DECIMALS_MAX - scale);
        entries.iter().all(|entry| entry.units % unit == 0)
    };
    (0..SALES_VALUE_DECIMALS_MAX).find(holds).unwrap_or(SALES_VALUE_DECIMALS_MAX)
}
