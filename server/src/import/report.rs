//! What an import found: counts per file, warnings, faults; as values, as text for people and as JSON for programs.

use std::fmt;

use serde::Serialize;
use shared::limits;

/// One thing that is wrong with a folder, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub file: String,
    /// The physical line, from 1; none: the file as a whole.
    pub line: Option<u64>,
    /// The name of the CSV column or TOML key; none: the row or the file as a whole.
    pub column: Option<String>,
    /// As it stands in the file, shortened.
    pub value: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if let Some(column) = &self.column {
            write!(f, " {column}:")?;
        }
        write!(f, " {}", self.what)?;
        // Escaped, so that a value can't forge a line of the report or steer a terminal.
        if self.value.is_empty() { Ok(()) } else { write!(f, " ({})", escaped(&self.value)) }
    }
}

/// What an import of one file does. Rows are counted by their keys: several rows of one sale are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    pub file: String,
    /// Data rows that the file has.
    pub rows: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Only by `--replace`.
    pub removed: u64,
}

/// All that is to be said about an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub files: Vec<FileReport>,
    pub warnings: Vec<String>,
    /// By file and line; at most [`limits::IMPORT_FAULTS_LISTED`].
    pub faults: Vec<Fault>,
    /// All faults, listed or not. 0: the folder can be imported.
    pub faults_found: u64,
}

impl Report {
    /// For people: a table of the files and the warnings or, if there are faults, these alone with their number.
    pub fn to_text(&self) -> String {
        if self.faults_found == 0 { self.table() + &self.warning_lines() } else { self.warning_lines() + &self.fault_lines() }
    }

    /// For programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is made of texts and numbers")
    }

    fn table(&self) -> String {
        let mut out = format!("{:<20}{:>10}{:>10}{:>10}{:>11}{:>10}\n", "file", "rows", "added", "changed", "unchanged", "removed");
        for f in &self.files {
            let row = format!("{:<20}{:>10}{:>10}{:>10}{:>11}{:>10}\n", f.file, f.rows, f.added, f.changed, f.unchanged, f.removed);
            out.push_str(&row);
        }
        out
    }

    fn warning_lines(&self) -> String {
        self.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect()
    }

    fn fault_lines(&self) -> String {
        let mut out: String = self.faults.iter().map(|fault| format!("{fault}\n")).collect();
        let unlisted = self.faults_found - self.faults.len() as u64;
        if unlisted > 0 {
            out.push_str(&format!("… and {unlisted} more\n"));
        }
        let noun = if self.faults_found == 1 { "fault" } else { "faults" };
        out + &format!("{} {noun}: nothing was imported\n", self.faults_found)
    }
}

/// Where a fault is.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub file: &'a str,
    pub line: Option<u64>,
    pub column: Option<&'a str>,
    pub value: &'a str,
}

/// A report in the making.
#[derive(Default)]
pub(super) struct Findings {
    pub report: Report,
    /// Listed faults of the files before this one.
    earlier: usize,
}

impl Findings {
    pub fn fault(&mut self, at: Spot<'_>, what: impl Into<String>) {
        self.report.faults_found += 1;
        if self.report.faults.len() < limits::IMPORT_FAULTS_LISTED {
            self.report.faults.push(Fault {
                file: at.file.into(),
                line: at.line,
                column: at.column.map(shortened),
                value: shortened(at.value),
                what: what.into(),
            });
        }
    }

    pub fn warn(&mut self, warning: String) {
        if self.report.warnings.len() < limits::IMPORT_WARNINGS_LISTED {
            self.report.warnings.push(warning);
        }
    }

    /// Ends a file: its faults stand by line, however they were found.
    pub fn close(&mut self, file: FileReport) {
        self.report.faults[self.earlier..].sort_by_key(|fault| fault.line);
        self.earlier = self.report.faults.len();
        self.report.files.push(file);
    }
}

/// At most 80 characters of a value.
pub(super) fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(80).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Control characters escaped, everything else as it is.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() {
            out.extend(c.escape_default())
        } else {
            out.push(c)
        }
        out
    })
}
