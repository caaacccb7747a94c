//! A table as a file. Texts that a spreadsheet would take for a formula are made harmless.

use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use super::{Cell, Column, Table};
use crate::error::{ApiError, ApiResult};

/// Columns of the month's exports that hold numbers; everything else there is text, ids with leading zeros included.
const NUMBERS: [&str; 9] = ["packs", "cartons", "points", "actual", "plan", "total", "dwell_s", "accuracy_m", "distance_m"];

/// Excel's own bound of rows in a sheet, without the header.
const SHEET_ROWS_MAX: usize = 1_048_575;

/// Excel's own bound of characters in a cell.
const CELL_CHARS_MAX: usize = 32_767;

/// What a cell has room for: a longer text ends in an ellipsis.
fn fitting(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(CELL_CHARS_MAX - 1).collect();
    if chars.next().is_none() { short } else { short + "…" }
}

fn heads(table: &Table, zh: bool) -> impl Iterator<Item = &str> {
    table.columns.iter().map(move |column| if zh { column.zh.as_str() } else { column.key.as_str() })
}

/// A cell that begins like a formula is text all the same.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() }
}

/// UTF-8 with the mark by which Excel knows it.
pub fn to_csv(table: &Table, zh: bool) -> ApiResult<Vec<u8>> {
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    csv.write_record(heads(table, zh)).map_err(ApiError::internal)?;
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => harmless(text),
            Cell::Whole(number) => number.to_string(),
            Cell::Decimal(number) => number.clone(),
        });
        csv.write_record(cells).map_err(ApiError::internal)?;
    }
    csv.into_inner().map_err(ApiError::internal)
}

pub fn to_xlsx(table: &Table, zh: bool) -> ApiResult<Vec<u8>> {
    xlsx(table, zh).map_err(ApiError::internal)
}

fn xlsx(table: &Table, zh: bool) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(table.name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect::<String>())?;
    let bold = CellFormat::new().set_bold();
    for (at, head) in heads(table, zh).enumerate() {
        sheet.write_string_with_format(0, at as u16, head, &bold)?;
    }
    for (line, row) in table.rows.iter().take(SHEET_ROWS_MAX).enumerate() {
        for (at, cell) in row.iter().enumerate() {
            let (line, at) = (line as u32 + 1, at as u16);
            match cell {
                Cell::Empty => continue,
                Cell::Text(text) => sheet.write_string(line, at, fitting(text))?,
                Cell::Whole(number) => sheet.write_number(line, at, *number as f64)?,
                Cell::Decimal(text) => match text.parse::<f64>() {
                    Ok(number) => sheet.write_number(line, at, number)?,
                    Err(_) => sheet.write_string(line, at, text)?,
                },
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}

/// A month's export as a workbook.
pub fn csv_to_xlsx(name: &str, text: &str) -> ApiResult<Vec<u8>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().map_err(ApiError::internal)?.clone();
    let columns = heads.iter().map(|head| Column { key: head.into(), zh: head.into() }).collect();
    let mut table = Table { name: name.into(), columns, rows: Vec::new() };
    for record in reader.records() {
        let record = record.map_err(ApiError::internal)?;
        let cells = record.iter().zip(heads.iter());
        table.rows.push(cells.map(|(cell, head)| if NUMBERS.contains(&head) { Cell::Decimal(cell.into()) } else { cell.into() }).collect());
    }
    to_xlsx(&table, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader};

    #[test]
    fn a_table_is_the_same_in_both_files_and_no_text_becomes_a_formula() {
        let mut table = Table::new("t", &[("name", "姓名"), ("cartons", "条"), ("value", "金额")]);
        table.push(vec!["=1+1".into(), Cell::Whole(-3), Cell::Decimal("12.50".into())]);
        table.push(vec!["黄艳".into(), Cell::Empty, Cell::Empty]);
        let csv = String::from_utf8(to_csv(&table, true).unwrap()).unwrap();
        assert_eq!(csv, "\u{feff}姓名,条,金额\n'=1+1,-3,12.50\n黄艳,,\n");
        let book = to_xlsx(&table, false).unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range("t").unwrap();
        assert_eq!(sheet.get_value((0, 0)), Some(&Data::String("name".into())));
        assert_eq!(sheet.get_value((1, 0)), Some(&Data::String("=1+1".into())));
        assert_eq!(sheet.get_value((1, 2)), Some(&Data::Float(12.5)));
        assert_eq!(sheet.get_value((2, 0)), Some(&Data::String("黄艳".into())));
    }
}
