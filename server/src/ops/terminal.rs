//! Output for people: aligned tables, progress on long work, colour only on a terminal.

use std::io::{IsTerminal, Write};

use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};

use super::Report;

/// The process's own terminal.
#[derive(Default)]
pub struct Terminal {
    bar: Option<(String, ProgressBar)>,
}

impl Report for Terminal {
    fn out(&mut self, text: &str) {
        self.end_bar();
        // A reader that has gone, as `head` does, is no fault of the command's.
        drop(std::io::stdout().write_all(text.as_bytes()));
    }

    fn err(&mut self, text: &str) {
        self.end_bar();
        drop(std::io::stderr().write_all(text.as_bytes()));
    }

    fn progress(&mut self, what: &str, done: u64, total: u64) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        if self.bar.as_ref().is_none_or(|(name, _)| name != what) {
            self.end_bar();
            let bar = ProgressBar::new(total);
            let style = ProgressStyle::with_template("{msg:24} {wide_bar} {percent:>3} % {elapsed:>4}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what.to_string());
            self.bar = Some((what.to_string(), bar));
        }
        if let Some((_, bar)) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
        }
    }
}

impl Terminal {
    fn end_bar(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A table without lines, whose columns named in `right` are aligned to the right.
pub fn table(header: &[&str], right: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for (at, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
            if right.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_string()).collect();
    lines.join("\n") + "\n"
}
