//! Tables to take away: what a page of the console shows, as CSV or as an Excel workbook.

use shared::problem::Code;

use crate::error::{ApiError, ApiResult};
use crate::progress::Money;

mod day;
mod district;
mod months;
mod orders;
mod schemes;
mod scores;
mod shops;
mod targets;
mod width;
mod write;

pub use day::{board, day};
pub use district::{assignments, calendar, devices, people, quarantine};
pub use months::{audit, complaints, disputes, points, restatement};
pub use orders::{orders, quotas};
pub use schemes::{comparison, replay};
pub use scores::{scores, stars};
pub use shops::{coverage, segments};
pub use targets::{cascade, goals, outlets, roll_up, transfers};
pub use width::{width_clusters, width_routes, width_shops};
pub use write::{csv_to_xlsx, to_csv, to_xlsx};

/// A table: named columns, and rows of as many cells.
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// A column: its stable name, and what people call it in Chinese.
#[derive(Clone)]
pub struct Column {
    pub key: String,
    pub zh: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Whole(i64),
    /// A decimal, as it is written.
    Decimal(String),
}

impl Table {
    fn new(name: &str, columns: &[(&str, &str)]) -> Self {
        let column = |(key, zh): &(&str, &str)| Column { key: (*key).into(), zh: (*zh).into() };
        Self { name: name.into(), columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }
    fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column of {}", self.name);
        self.rows.push(row);
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.into()) }
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Decimal(number.to_string()), Self::Whole)
    }
}
impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Decimal(money.to_string())
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// How a table is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Xlsx,
}

impl std::str::FromStr for Format {
    type Err = ApiError;
    fn from_str(text: &str) -> ApiResult<Self> {
        match text {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(ApiError::with(Code::Invalid, "format: csv or xlsx")),
        }
    }
}
