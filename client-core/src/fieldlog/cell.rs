//! One row's cells, each read into its type, with a fault for each that can't be.

use std::collections::BTreeMap;

use csv::StringRecord;
use jiff::civil::{Date, Time};
use shared::decimal::Dec;
use shared::facts::Position;
use shared::ids::{IdFault, Sku};
use shared::limits;
use shared::time::{parse_date, parse_time};

use super::{COLUMNS, LogFault, fault};

/// A row that is being read. What returns None has noted a fault.
pub(super) struct Cells<'r> {
    record: &'r StringRecord,
    line: u64,
    columns: &'r [usize; COLUMNS.len()],
    pub faults: Vec<LogFault>,
}

impl<'r> Cells<'r> {
    pub fn new(record: &'r StringRecord, line: u64, columns: &'r [usize; COLUMNS.len()]) -> Self {
        Self { record, line, columns, faults: Vec::new() }
    }

    pub fn text(&self, column: &str) -> &'r str {
        let place = COLUMNS.iter().position(|name| *name == column).expect("the column is one of COLUMNS");
        self.record.get(self.columns[place]).unwrap_or("")
    }

    fn refuse<T>(&mut self, column: &str, value: &str, what: impl Into<String>) -> Option<T> {
        self.faults.push(fault(self.line, column, value, what.into()));
        None
    }

    pub fn id<T>(&mut self, column: &str, new: impl Fn(&str) -> Result<T, IdFault>) -> Option<T> {
        let text = self.text(column);
        match new(text) {
            Ok(id) => Some(id),
            Err(why) => self.refuse(column, text, why.why),
        }
    }

    /// The phone's name has the form of an id, since it becomes a folder and a part of visit ids.
    pub fn device(&mut self) -> Option<String> {
        self.id("device", Sku::new).map(|name| name.to_string())
    }

    pub fn date(&mut self) -> Option<Date> {
        let text = self.text("date");
        match parse_date(text) {
            Ok(date) => Some(date),
            Err(why) => self.refuse("date", text, format!("it is not {}", why.form)),
        }
    }

    pub fn time(&mut self, column: &str) -> Option<Time> {
        let text = self.text(column);
        match parse_time(text) {
            Ok(time) => Some(time),
            Err(why) => self.refuse(column, text, format!("it is not {}", why.form)),
        }
    }

    /// Both coordinates, or no position.
    pub fn position(&mut self) -> Option<Option<Position>> {
        if self.text("lat").is_empty() || self.text("lon").is_empty() {
            return Some(None);
        }
        let lat_e6 = self.degrees("lat", 90);
        let lon_e6 = self.degrees("lon", 180);
        Some(Some(Position { lat_e6: lat_e6?, lon_e6: lon_e6? }))
    }

    fn degrees(&mut self, column: &str, most: i32) -> Option<i32> {
        let text = self.text(column);
        let e6 = parse_degrees(text).filter(|e6| e6.abs() <= most * 1_000_000);
        e6.or_else(|| self.refuse(column, text, format!("it is not a decimal number of -{most} to {most} degrees")))
    }

    pub fn accuracy(&mut self) -> Option<Option<i64>> {
        let text = self.text("accuracy_m");
        if text.is_empty() {
            return Some(None);
        }
        match whole(text, limits::ACCURACY_M_MAX) {
            Some(metres) => Some(Some(metres)),
            None => self.refuse("accuracy_m", text, format!("it is not a whole number of 0 to {} metres", limits::ACCURACY_M_MAX)),
        }
    }

    /// `sku:number;sku:number…`
    pub fn quantities(&mut self, column: &str, unit: &str, most: i64) -> Option<BTreeMap<Sku, i64>> {
        let before = self.faults.len();
        let mut out = BTreeMap::new();
        for line in self.text(column).split(';').filter(|line| !line.is_empty()) {
            let Some((sku, number)) = line.rsplit_once(':') else {
                self.refuse::<()>(column, line, "it is not sku:number");
                continue;
            };
            match (Sku::new(sku), whole(number, most)) {
                (Err(why), _) => drop(self.refuse::<()>(column, line, format!("the SKU: {}", why.why))),
                (_, None) => drop(self.refuse::<()>(column, line, format!("it is not a whole number of 0 to {most} {unit}"))),
                (Ok(sku), Some(number)) => {
                    if out.insert(sku, number).is_some() {
                        self.refuse::<()>(column, line, "the SKU is there twice");
                    }
                }
            }
        }
        if out.len() > limits::VISIT_LINES_MAX {
            self.refuse::<()>(column, "", format!("it has more than {} lines", limits::VISIT_LINES_MAX));
        }
        (self.faults.len() == before).then_some(out)
    }

    pub fn note(&mut self) -> Option<String> {
        let text = self.text("note");
        match text.len() <= limits::TEXT_BYTES_MAX {
            true => Some(text.to_string()),
            false => self.refuse("note", text, format!("it is longer than {} bytes", limits::TEXT_BYTES_MAX)),
        }
    }
}

/// Digits alone, at most `most`.
fn whole(text: &str, most: i64) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?.filter(|number| *number <= most)
}

/// Decimal degrees as whole microdegrees.
pub fn parse_degrees(text: &str) -> Option<i32> {
    text.parse::<Dec>().ok().and_then(microdegrees)
}

/// Whole microdegrees; what is beyond them is rounded half to even, exactly.
fn microdegrees(degrees: Dec) -> Option<i32> {
    let (mantissa, scale) = degrees.parts();
    let Some(beyond) = scale.checked_sub(6) else {
        return i32::try_from(mantissa.checked_mul(10_i128.pow(6 - scale))?).ok();
    };
    let unit = 10_i128.pow(beyond);
    let (floor, rest) = (mantissa.div_euclid(unit), mantissa.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && floor % 2 != 0);
    i32::try_from(floor + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::microdegrees;

    #[test]
    fn degrees_become_whole_microdegrees() {
        let cases = [
            ("37.476408", 37_476_408),
            ("-0.5", -500_000),
            ("121", 121_000_000),
            ("0.0000005", 0),
            ("0.0000015", 2),
            ("0.00000051", 1),
            ("-0.0000015", -2),
        ];
        for (text, e6) in cases {
            assert_eq!(microdegrees(text.parse().unwrap()), Some(e6), "{text}");
        }
    }
}
