//! An Excel workbook as a district folder: a sheet a file. Cells become what the CSV would have: dates as `YYYY-MM-DD`,
//! whole numbers without a point. What follows is the same import with the same checks; a fault's line is the sheet's row.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};

use super::{FILES, Folder};

/// Cells that a workbook may have: as many as a large import, and no bomb.
pub const CELLS_MAX: usize = 20_000_000;

/// Reads a workbook. Error: it is none, or too large, or has none of the sheets.
pub fn read_workbook(bytes: &[u8]) -> Result<Folder, String> {
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|e| format!("it is no Excel workbook (.xlsx): {e}"))?;
    let mut folder = Folder { files: BTreeMap::new(), ..Folder::default() };
    let mut cells: u64 = 0;
    for name in book.sheet_names() {
        let file = file_of(&name);
        if !FILES.contains(&file.as_str()) || !file.ends_with(".csv") {
            folder.unknown.insert(name);
            continue;
        }
        cells += spanned(&mut book, &name).map_err(|e| format!("sheet {name}: {e}"))?;
        if cells > CELLS_MAX as u64 {
            return Err(format!("it has more than {CELLS_MAX} cells"));
        }
        let sheet = book.worksheet_range(&name).map_err(|e| format!("sheet {name}: {e}"))?;
        folder.files.insert(file, to_csv(&sheet).map_err(|e| format!("sheet {name}: {e}"))?);
    }
    if folder.files.is_empty() {
        let sheets: Vec<&str> = FILES.iter().filter_map(|file| file.strip_suffix(".csv")).collect();
        return Err(format!("it has none of the sheets {}", sheets.join(", ")));
    }
    Ok(folder)
}

/// Cells from the first to the last that holds anything, counted before there is room for them: two cells can be a sheet apart.
fn spanned(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<u64, calamine::XlsxError> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let (mut rows, mut columns) = ((u32::MAX, 0), (u32::MAX, 0));
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        rows = (rows.0.min(row), rows.1.max(row));
        columns = (columns.0.min(column), columns.1.max(column));
    }
    let many = |(first, last): (u32, u32)| u64::from(last.saturating_sub(first)) + 1;
    Ok(many(rows) * many(columns))
}

/// `People`, `people.csv` and ` people ` are people.csv.
fn file_of(sheet: &str) -> String {
    let name = sheet.trim().to_lowercase().replace('_', "-");
    if name.ends_with(".csv") { name } else { format!("{name}.csv") }
}

fn to_csv(sheet: &calamine::Range<Data>) -> Result<Vec<u8>, String> {
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Rows before the first that holds anything are lines all the same.
    let (first_row, first_column) = sheet.start().unwrap_or((0, 0));
    for _ in 0..first_row {
        csv.write_record([""]).map_err(|e| e.to_string())?;
    }
    let mut rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(text_of).collect()).collect();
    // Rows that were only formatted hold nothing.
    while rows.last().is_some_and(|row| row.iter().all(String::is_empty)) {
        rows.pop();
    }
    for row in rows {
        let cells = std::iter::repeat_n(String::new(), first_column as usize).chain(row);
        csv.write_record(cells).map_err(|e| e.to_string())?;
    }
    csv.into_inner().map_err(|e| e.to_string())
}

fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) => text.trim().to_string(),
        Data::Bool(yes) => i32::from(*yes).to_string(),
        Data::Int(number) => number.to_string(),
        // As a spreadsheet shows it: the shortest text that is this number.
        Data::Float(number) => number.to_string(),
        Data::DateTime(_) => date_of(cell),
        other => other.to_string(),
    }
}

fn date_of(cell: &Data) -> String {
    let Some(serial) = cell.get_datetime() else { return cell.to_string() };
    let (year, month, day, ..) = serial.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    #[test]
    fn a_sheet_is_the_file_that_it_is_named_after_cell_by_cell() {
        let mut book = Workbook::new();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet().set_name("Calendar").unwrap();
        sheet.write_row(0, 0, ["date", "route_id"]).unwrap();
        sheet.write_datetime_with_format(1, 0, ExcelDateTime::from_ymd(2026, 8, 5).unwrap(), &date).unwrap();
        sheet.write_string(1, 1, "r001").unwrap();
        let sheet = book.add_worksheet().set_name("skus").unwrap();
        sheet.write_row(0, 0, ["sku", "wholesale_price"]).unwrap();
        sheet.write_number(1, 0, 6_901_028_000_000.0).unwrap();
        sheet.write_number(1, 1, 158.92).unwrap();
        book.add_worksheet().set_name("notes").unwrap();
        let folder = read_workbook(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(folder.files["calendar.csv"], b"date,route_id\n2026-08-05,r001\n");
        assert_eq!(folder.files["skus.csv"], b"sku,wholesale_price\n6901028000000,158.92\n");
        assert_eq!(folder.unknown.into_iter().collect::<Vec<_>>(), ["notes"]);
    }

    #[test]
    fn two_cells_a_sheet_apart_are_refused_before_there_is_room_for_what_is_between() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("people").unwrap();
        sheet.write_string(0, 0, "person_id").unwrap();
        sheet.write_string(1_048_575, 16_383, "m01").unwrap();
        assert_eq!(read_workbook(&book.save_to_buffer().unwrap()).unwrap_err(), format!("it has more than {CELLS_MAX} cells"));
    }

    #[test]
    fn what_is_no_workbook_is_refused_by_name() {
        assert!(read_workbook(b"date,route_id\n").unwrap_err().contains("no Excel workbook"));
    }
}
