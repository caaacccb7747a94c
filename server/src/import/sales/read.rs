//! The rows of `sales.csv`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use shared::limits::{SALES_PACKS_MAX, SALES_VALUE_DECIMALS_MAX, SALES_VALUE_MAX};

use super::blocks::Entry;
use super::ids::Ids;
use super::{SHAPE, Sale};
use crate::import::report::{FileReport, Findings};
use crate::import::sheet::{Row, Sheet};
use crate::import::world::World;
use crate::import::{Progress, RETAILERS, SALES, cells};

/// Reads every row that is sound.
pub(super) fn read(
    bytes: &[u8],
    ids: &Ids<'_>,
    world: &World<'_>,
    findings: &mut Findings,
    progress: &mut Progress<'_>,
    report: &mut FileReport,
) -> Vec<Sale> {
    let mut out = Vec::new();
    let Some(mut sheet) = Sheet::open(&SHAPE, bytes, findings) else { return out };
    let mut reader = Reader { ids, world, routed: ids.routed(), stocked: ids.stocked(), last_date: None };
    while let Some(mut row) = sheet.next(findings) {
        report.rows += 1;
        let read = if row.whole { reader.sale(&mut row) } else { None };
        out.extend(read.filter(|_| row.sound));
        if report.rows.is_multiple_of(4096) {
            progress.within(SALES, sheet.offset());
        }
    }
    out
}

struct Reader<'w, 'i> {
    ids: &'w Ids<'i>,
    world: &'w World<'w>,
    routed: Vec<bool>,
    stocked: Vec<bool>,
    /// The date of the row before: most rows have the same.
    last_date: Option<(String, Date)>,
}

impl Reader<'_, '_> {
    fn sale(&mut self, row: &mut Row<'_, '_>) -> Option<Sale> {
        let (date, retailer, sku) = (self.date(row), self.retailer(row), self.sku(row));
        let (packs, units) = (row.whole("packs", -SALES_PACKS_MAX..=SALES_PACKS_MAX), row.read("value", units));
        let entry = Entry { retailer: retailer?, sku: sku?, packs: packs?, units: units? };
        Some(Sale { date: date?, entry, line: row.sheet.line() })
    }

    fn date(&mut self, row: &mut Row<'_, '_>) -> Option<Date> {
        let text = row.cell("date")?;
        if let Some((_, date)) = self.last_date.as_ref().filter(|(last, _)| last == text) {
            return Some(*date);
        }
        let date = row.date("date")?;
        self.last_date = Some((text.to_string(), date));
        Some(date)
    }

    fn retailer(&self, row: &mut Row<'_, '_>) -> Option<u32> {
        let text = row.cell("retailer_id")?;
        let number = self.ids.retailer_number(text).filter(|number| self.routed[*number as usize]);
        if number.is_none() && row.retailer("retailer_id", self.world).is_some() && !self.world.doubts(RETAILERS, text) {
            row.fault(Some("retailer_id"), text, "has never had a route, so that its sales are nobody's");
        }
        number
    }

    fn sku(&self, row: &mut Row<'_, '_>) -> Option<u32> {
        let number = self.ids.sku_number(row.cell("sku")?).filter(|number| self.stocked[*number as usize]);
        if number.is_none() {
            row.sku("sku", self.world);
        }
        number
    }
}

/// A value in units of 10^-[`SALES_VALUE_DECIMALS_MAX`].
fn units(text: &str) -> Result<i64, String> {
    let (mantissa, scale) = cells::decimal(text)?.parts();
    let Some(more) = SALES_VALUE_DECIMALS_MAX.checked_sub(scale) else {
        return Err(format!("has over {SALES_VALUE_DECIMALS_MAX} decimal places"));
    };
    if mantissa.abs() > i128::from(SALES_VALUE_MAX) * 10_i128.pow(scale) {
        return Err(format!("is over {SALES_VALUE_MAX}"));
    }
    Ok(i64::try_from(mantissa * 10_i128.pow(more)).expect("the bound times the unit fits"))
}

/// The dates of the file that can be read.
pub(super) fn dates(bytes: &[u8]) -> BTreeSet<Date> {
    let mut findings = Findings::default();
    let mut dates = BTreeSet::new();
    let Some(mut sheet) = Sheet::open(&SHAPE, bytes, &mut findings) else { return dates };
    let mut last = String::new();
    while let Some(mut row) = sheet.next(&mut findings) {
        if let Some(text) = row.cell("date").filter(|text| *text != last) {
            dates.extend(cells::date(text).ok());
            last = text.to_string();
        }
    }
    dates
}
