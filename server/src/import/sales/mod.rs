//! `sales.csv`: the one large file. Ids are looked up once and are numbers from then on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::limits::{SALES_PACKS_MAX, SALES_VALUE_DECIMALS_MAX, SALES_VALUE_MAX};
use shared::reference::Reference;

use super::report::{FileReport, Findings, Spot};
use super::sheet::Shape;
use super::world::World;
use super::{Job, RETAILERS, SALES};

mod blocks;
mod ids;
mod needed;
mod read;

pub use needed::{SalesNeeded, sales_needed};

use blocks::{Entry, Stock};
use ids::Ids;

static SHAPE: Shape =
    Shape { file: SALES, key: &["date", "retailer_id", "sku"], required: &["date", "retailer_id", "sku", "packs", "value"], optional: &[] };

/// Values are counted in units of 10^-[`SALES_VALUE_DECIMALS_MAX`].
const UNIT: i64 = 10_i64.pow(SALES_VALUE_DECIMALS_MAX);

/// A row of the file.
struct Sale {
    date: Date,
    entry: Entry,
    line: u64,
}

/// Takes the sales of the folder in, and files stored sales anew where their shop has another route now.
pub(super) fn import(job: &mut Job<'_>, current: &Reference) {
    let Job { folder, replace, world, findings, progress } = job;
    let bytes = folder.files.get(SALES);
    let moved_since = needed::moved_since(current, &world.next);
    let mut report = FileReport { file: SALES.into(), ..Default::default() };
    let mut sales = std::mem::take(&mut world.next.sales);
    let ids = Ids::new(current, &world.next);
    let incoming = match bytes {
        Some(bytes) => summed(read::read(bytes, &ids, world, findings, progress, &mut report), findings),
        None => BTreeMap::new(),
    };
    let replace = replace.contains(SALES) && bytes.is_some();
    let stock = Stock::new(current);
    let touched = stock.dates().filter(|date| replace || moved_since.is_some_and(|since| since <= *date));
    let touched: BTreeSet<Date> = touched.chain(incoming.keys().copied()).collect();
    let mut homeless = BTreeSet::new();
    for date in touched {
        let new = incoming.get(&date).map_or(&[][..], Vec::as_slice);
        let entries = blocks::overlay(&stock.entries(date, &ids, findings), new, replace, &mut report);
        for key in stock.keys(date) {
            sales.remove(key);
        }
        sales.extend(blocks::filed(date, &entries, &ids, &mut homeless, findings));
    }
    note_homeless(&homeless, &ids, world, findings);
    world.next.sales = sales;
    if let Some(bytes) = bytes {
        findings.close(report);
        progress.finish(SALES, bytes.len());
    }
}

/// Rows of one key add up.
fn summed(mut sales: Vec<Sale>, findings: &mut Findings) -> BTreeMap<Date, Vec<Entry>> {
    let key = |sale: &Sale| (sale.date, sale.entry.key());
    sales.sort_unstable_by_key(|sale| (key(sale), sale.line));
    let mut out = BTreeMap::<Date, Vec<Entry>>::new();
    for rows in sales.chunk_by(|a, b| key(a) == key(b)) {
        let [.., last] = rows else { continue };
        let sum = |part: fn(&Entry) -> i64| rows.iter().map(|sale| i128::from(part(&sale.entry))).sum::<i128>();
        let (packs, units) = (sum(|entry| entry.packs), sum(|entry| entry.units));
        let at = |column| Spot { file: SALES, line: Some(last.line), column: Some(column), value: "" };
        if packs.abs() > SALES_PACKS_MAX.into() {
            findings.fault(at("packs"), format!("the rows of this sale add up to over {SALES_PACKS_MAX} packs"));
        } else if units.abs() > i128::from(SALES_VALUE_MAX) * i128::from(UNIT) {
            findings.fault(at("value"), format!("the rows of this sale add up to a value over {SALES_VALUE_MAX}"));
        } else {
            let fits = "it was just compared with a bound that fits";
            let entry = Entry { packs: packs.try_into().expect(fits), units: units.try_into().expect(fits), ..last.entry };
            out.entry(last.date).or_default().push(entry);
        }
    }
    out
}

/// Stored sales stay with a route: the shop's last one if it is closed, but it must have had one.
fn note_homeless(homeless: &BTreeSet<u32>, ids: &Ids<'_>, world: &World<'_>, findings: &mut Findings) {
    for id in homeless.iter().map(|retailer| ids.retailer(*retailer).as_str()) {
        if !world.doubts(RETAILERS, id) {
            let at = Spot { file: RETAILERS, line: None, column: None, value: id };
            findings.fault(at, "stored rows of sales.csv refer to this retailer, but it no longer has any route");
        }
    }
}
