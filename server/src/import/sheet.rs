//! A CSV file as rows of named columns. What is wrong with the header or with a row as such is noted here.

use std::str;

use shared::limits::{IMPORT_COLUMNS_MAX, IMPORT_FIELD_BYTES_MAX};

use super::records::{Field, Record, Records};
use super::report::{Findings, Spot, escaped};

/// Which columns a file has.
pub(super) struct Shape {
    pub file: &'static str,
    /// The columns that name a row, the most telling first.
    pub key: &'static [&'static str],
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

/// An open file, read row by row.
pub(super) struct Sheet<'a> {
    pub shape: &'static Shape,
    /// As the header has them.
    names: Vec<String>,
    /// The known columns and where they stand.
    columns: Vec<(&'static str, Option<usize>)>,
    records: Records<'a>,
    record: Record<'a>,
}

/// A row, and where its faults go.
pub(super) struct Row<'s, 'a> {
    pub sheet: &'s Sheet<'a>,
    pub findings: &'s mut Findings,
    /// Whether the row has as many fields as the header, so that a field is known to belong to its column.
    pub whole: bool,
    /// Nothing is wrong with it so far.
    pub sound: bool,
}

impl<'a> Sheet<'a> {
    /// Reads the header. None: it is no header at all.
    pub fn open(shape: &'static Shape, bytes: &'a [u8], findings: &mut Findings) -> Option<Self> {
        let mut records = Records::new(bytes);
        let mut record = Record::default();
        let at = |line, value| Spot { file: shape.file, line: Some(line), column: None, value };
        if !records.read(&mut record) {
            findings.fault(at(1, ""), "the file is empty: it lacks its header");
            return None;
        }
        if let Some(defect) = &record.defect {
            findings.fault(at(defect.line, &String::from_utf8_lossy(record.raw)), defect.what);
            return None;
        }
        if record.fields.len() > IMPORT_COLUMNS_MAX {
            findings.fault(at(record.line, ""), format!("over {IMPORT_COLUMNS_MAX} columns"));
            return None;
        }
        let names = record.fields.iter().map(|field| String::from_utf8_lossy(&field.bytes).into_owned()).collect();
        let mut sheet = Self { shape, names, columns: Vec::new(), records, record };
        sheet.find_columns(findings);
        sheet.check_names(findings);
        Some(sheet)
    }

    fn find_columns(&mut self, findings: &mut Findings) {
        let Shape { file, required, optional, .. } = *self.shape;
        for name in required.iter().chain(optional) {
            let place = self.names.iter().position(|other| other == name);
            if place.is_none() && required.contains(name) {
                let at = Spot { file, line: Some(self.record.line), column: Some(name), value: "" };
                findings.fault(at, "the header lacks this column");
            }
            self.columns.push((name, place));
        }
    }

    fn check_names(&self, findings: &mut Findings) {
        let file = self.shape.file;
        for (n, (field, name)) in self.record.fields.iter().zip(&self.names).enumerate() {
            let at = Spot { file, line: Some(field.line), column: Some(name), value: name };
            if str::from_utf8(&field.bytes).is_err() {
                findings.fault(at, "the name of this column is not UTF-8");
            } else if name.is_empty() {
                findings.warn(format!("{file}: column {} has no name and is ignored", n + 1));
            } else if self.names.iter().take(n).any(|other| other == name) {
                findings.fault(at, "the header has this column twice");
            } else if !self.columns.iter().any(|(known, _)| known == name) {
                findings.warn(format!("{file}: unknown column `{}` is ignored", escaped(name)));
            }
        }
    }

    /// Whether the header lacks a column.
    pub fn lacks(&self, column: &str) -> bool {
        self.place(column).is_none()
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().find(|(name, _)| *name == column)?.1
    }

    pub fn field(&self, column: &str) -> Option<&Field<'a>> {
        self.record.fields.get(self.place(column)?)
    }

    /// The line on which the row begins.
    pub fn line(&self) -> u64 {
        self.record.line
    }

    /// Bytes read so far.
    pub fn offset(&self) -> u64 {
        self.records.offset()
    }

    /// The next row; none at the end of the file.
    pub fn next<'s>(&'s mut self, findings: &'s mut Findings) -> Option<Row<'s, 'a>> {
        if !self.records.read(&mut self.record) {
            return None;
        }
        let mut row = Row { sheet: self, findings, whole: true, sound: true };
        row.check_form();
        Some(row)
    }
}

impl Row<'_, '_> {
    /// Notes a fault of the row; with a column, on the line on which that field begins.
    pub fn fault(&mut self, column: Option<&str>, value: &str, what: impl Into<String>) {
        self.sound = false;
        let field = column.and_then(|column| self.sheet.field(column));
        let line = field.map_or(self.sheet.record.line, |field| field.line);
        self.findings.fault(Spot { file: self.sheet.shape.file, line: Some(line), column, value }, what);
    }

    fn check_form(&mut self) {
        let sheet = self.sheet;
        let (record, names) = (&sheet.record, &sheet.names);
        if let Some(defect) = &record.defect {
            (self.whole, self.sound) = (false, false);
            let column = names.get(record.fields.len()).map(String::as_str);
            let value = String::from_utf8_lossy(record.raw);
            self.findings.fault(Spot { file: sheet.shape.file, line: Some(defect.line), column, value: &value }, defect.what);
        } else if record.fields.len() != names.len() {
            self.whole = false;
            let (has, want) = (record.fields.len(), names.len());
            let noun = if has == 1 { "field" } else { "fields" };
            let hint = if has < want { ": is the line cut off?" } else { "" };
            self.fault(None, &String::from_utf8_lossy(record.raw), format!("{has} {noun} where the header has {want}{hint}"));
        }
        for (field, name) in record.fields.iter().zip(names) {
            let what = if field.bytes.len() > IMPORT_FIELD_BYTES_MAX {
                format!("longer than {IMPORT_FIELD_BYTES_MAX} bytes")
            } else if str::from_utf8(&field.bytes).is_err() {
                "not UTF-8".to_string()
            } else {
                continue;
            };
            self.sound = false;
            let value = String::from_utf8_lossy(&field.bytes);
            self.findings.fault(Spot { file: sheet.shape.file, line: Some(field.line), column: Some(name), value: &value }, what);
        }
    }
}
