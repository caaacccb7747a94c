//! The field log: what managers did, as CSV. Pure: bytes in, rows and faults out. A row that can't be read is refused by
//! name (line, column, value), the others go on.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use jiff::civil::{Date, Time};
use serde::Serialize;
use shared::facts::Position;
use shared::ids::{PersonId, RetailerId, RouteId, Sku};
use shared::time::{Zone, next_day};

mod cell;

pub use cell::parse_degrees;

/// Every column that a field log has.
pub const COLUMNS: [&str; 13] = [
    "person_id",
    "device",
    "route_id",
    "date",
    "retailer_id",
    "check_in",
    "lat",
    "lon",
    "accuracy_m",
    "check_out",
    "stock",
    "order",
    "note",
];

/// One visit of the log. Times are local, of the district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Of the file, from 1; the header is line 1.
    pub line: u64,
    pub person: PersonId,
    /// The log's own name of the phone.
    pub device: String,
    pub route: RouteId,
    pub date: Date,
    pub retailer: RetailerId,
    pub check_in: Time,
    pub position: Option<Position>,
    pub accuracy_m: Option<i64>,
    /// None: never checked out.
    pub check_out: Option<Time>,
    /// Packs.
    pub stock: BTreeMap<Sku, i64>,
    /// Cartons.
    pub order: BTreeMap<Sku, i64>,
    pub note: String,
}

impl LogRow {
    /// The instant of the check-in.
    pub fn in_ms(&self, zone: &Zone) -> i64 {
        zone.instant(self.date, self.check_in)
    }

    /// The instant of the check-out; one earlier in the day than the check-in is on the next day.
    pub fn out_ms(&self, zone: &Zone) -> Option<i64> {
        let out = self.check_out?;
        let day = if out < self.check_in { next_day(self.date) } else { self.date };
        Some(zone.instant(day, out))
    }
}

/// A row, or a whole file, that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}{}: {what}{}", column_of(.column), value_of(.value))]
pub struct LogFault {
    pub line: u64,
    /// Empty: the row as a whole.
    pub column: String,
    pub value: String,
    pub what: String,
}

fn column_of(column: &str) -> String {
    if column.is_empty() { String::new() } else { format!(", column {column}") }
}

fn value_of(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" (`{value}`)") }
}

/// A field log as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldLog {
    /// In the order of the file.
    pub rows: Vec<LogRow>,
    pub faults: Vec<LogFault>,
    /// Columns that are not the log's, and were ignored.
    pub ignored: Vec<String>,
}

/// Reads a field log.
pub fn parse(bytes: &[u8]) -> FieldLog {
    let mut log = FieldLog::default();
    // `flexible`: a row of another length is this row's fault, not the file's end.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(why) => {
            log.faults.push(fault(1, "", "", format!("the header can't be read: {why}")));
            return log;
        }
    };
    let known = |name: &&str| COLUMNS.contains(name);
    log.ignored = header.iter().filter(|name| !known(name)).map(str::to_string).collect();
    let Some(columns) = find_columns(&header, &mut log.faults) else { return log };
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                match read(&record, line, header.len(), &columns) {
                    Ok(row) if !seen.insert(key(&row)) => {
                        log.faults.push(fault(line, "check_in", &row.check_in.to_string(), "the log holds this visit already".into()));
                    }
                    Ok(row) => log.rows.push(row),
                    Err(faults) => log.faults.extend(faults),
                }
            }
            Err(why) => {
                let line = why.position().map_or(0, csv::Position::line);
                log.faults.push(fault(line, "", "", format!("the row can't be read: {why}")));
            }
        }
    }
    log
}

/// What makes a visit the same visit.
fn key(row: &LogRow) -> (PersonId, String, Date, RetailerId, Time) {
    (row.person.clone(), row.device.clone(), row.date, row.retailer.clone(), row.check_in)
}

/// Where each column stands; none if one is missing or there twice.
fn find_columns(header: &StringRecord, faults: &mut Vec<LogFault>) -> Option<[usize; COLUMNS.len()]> {
    let mut at = [0; COLUMNS.len()];
    for (column, at) in COLUMNS.iter().zip(&mut at) {
        let mut places = header.iter().enumerate().filter(|(_, name)| name == column).map(|(place, _)| place);
        match (places.next(), places.next()) {
            (Some(place), None) => *at = place,
            (None, _) => faults.push(fault(1, column, "", "the column is missing".into())),
            (Some(_), Some(_)) => faults.push(fault(1, column, "", "the column is there twice".into())),
        }
    }
    faults.is_empty().then_some(at)
}

fn read(record: &StringRecord, line: u64, width: usize, columns: &[usize; COLUMNS.len()]) -> Result<LogRow, Vec<LogFault>> {
    if record.len() != width {
        return Err(vec![fault(line, "", "", format!("the row has {} fields, the header {width}", record.len()))]);
    }
    let mut cells = cell::Cells::new(record, line, columns);
    let person = cells.id("person_id", PersonId::new);
    let device = cells.device();
    let route = cells.id("route_id", RouteId::new);
    let date = cells.date();
    let retailer = cells.id("retailer_id", RetailerId::new);
    let check_in = cells.time("check_in");
    let position = cells.position();
    let accuracy_m = cells.accuracy();
    let check_out = if cells.text("check_out").is_empty() { Some(None) } else { cells.time("check_out").map(Some) };
    let stock = cells.quantities("stock", "packs", shared::limits::PACKS_MAX);
    let order = cells.quantities("order", "cartons", shared::limits::CARTONS_MAX);
    let note = cells.note();
    let row = (|| {
        Some(LogRow {
            line,
            person: person?,
            device: device?,
            route: route?,
            date: date?,
            retailer: retailer?,
            check_in: check_in?,
            position: position?,
            accuracy_m: accuracy_m?,
            check_out: check_out?,
            stock: stock?,
            order: order?,
            note: note?,
        })
    })();
    row.ok_or(cells.faults)
}

fn fault(line: u64, column: &str, value: &str, what: String) -> LogFault {
    LogFault { line, column: column.into(), value: value.chars().take(60).collect(), what }
}

#[cfg(test)]
mod tests;
