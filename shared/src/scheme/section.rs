//! One table of a scheme file, read key by key. What is wrong is noted with its place, and reading goes on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::SchemeFault;
use crate::decimal::Dec;
use crate::limits::TEXT_BYTES_MAX;

/// The faults found so far, with what is needed to say where they are.
pub(super) struct Faults<'t> {
    text: &'t str,
    list: Vec<SchemeFault>,
    /// Lines with a syntax fault: what was recovered from them is not judged.
    unsound: Vec<u32>,
}

impl<'t> Faults<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, list: Vec::new(), unsound: Vec::new() }
    }

    pub fn at(&mut self, offset: usize, what: String) {
        let (line, column) = self.place(offset);
        if !self.unsound.contains(&line) {
            self.list.push(SchemeFault { line, column, what });
        }
    }

    /// A fault of the TOML itself. After one, missing keys are not reported: the parser may have dropped them.
    pub fn syntax(&mut self, offset: usize, what: String) {
        self.at(offset, what);
        self.unsound.push(self.place(offset).0);
    }

    pub fn missing(&mut self, offset: usize, what: String) {
        if self.unsound.is_empty() {
            self.at(offset, what);
        }
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_begun = before.rsplit('\n').next().unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line as u32, line_begun.chars().count() as u32 + 1)
    }

    /// The source of a value, shortened, for a message.
    fn source(&self, span: Range<usize>) -> String {
        let source = self.text.get(span).unwrap_or_default();
        let short: String = source.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
        if short.len() < source.len() { format!("{short}…") } else { short }
    }

    /// By line.
    pub fn into_list(mut self) -> Vec<SchemeFault> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// Whether a key has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// A table with its name for messages.
pub(super) struct Section<'d, 't> {
    /// As `[gate]` or ``indicator `sales` ``.
    pub name: String,
    /// Where it begins.
    pub at: usize,
    table: &'d DeTable<'t>,
}

impl<'d, 't> Section<'d, 't> {
    pub fn root(table: &'d DeTable<'t>) -> Self {
        Self { name: "the scheme".into(), at: 0, table }
    }

    /// A value as a table; otherwise a fault.
    pub fn of(name: String, value: &'d Spanned<DeValue<'t>>, faults: &mut Faults<'_>) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref().as_table() {
            Some(table) => Some(Self { name, at, table }),
            None => {
                let source = faults.source(value.span());
                faults.at(at, format!("{name} is {source}; it must be a table"));
                None
            }
        }
    }

    /// Every key that is none of `known` is a fault.
    pub fn only(&self, known: &[&str], faults: &mut Faults<'_>) {
        for key in self.table.keys() {
            if !known.contains(&&**key.get_ref()) {
                let what = format!("`{}` is no key of {}; known are {}", key.get_ref(), self.name, known.join(", "));
                faults.at(key.span().start, what);
            }
        }
    }

    pub fn value(&self, key: &str, need: Need, faults: &mut Faults<'_>) -> Option<&'d Spanned<DeValue<'t>>> {
        let value = self.table.get(key);
        if value.is_none() && need == Need::Required {
            faults.missing(self.at, format!("{} lacks `{key}`", self.name));
        }
        value
    }

    /// A value that `read` understands; `form` says what it must be.
    pub fn read<T>(
        &self,
        key: &str,
        need: Need,
        form: &str,
        faults: &mut Faults<'_>,
        read: impl FnOnce(&'d DeValue<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key, need, faults)?;
        let out = read(value.get_ref());
        if out.is_none() {
            self.refuse(key, form, faults);
        }
        out
    }

    /// Notes that the value of `key`, if there is one, is not what it must be.
    pub fn refuse(&self, key: &str, form: &str, faults: &mut Faults<'_>) {
        let Some(span) = self.table.get(key).map(Spanned::span) else { return };
        let source = faults.source(span.clone());
        faults.at(span.start, format!("`{key}` of {} is {source}; it must be {form}", self.name));
    }

    /// A text that isn't blank.
    pub fn text(&self, key: &str, need: Need, faults: &mut Faults<'_>) -> Option<String> {
        let sound = |text: &&str| !text.trim().is_empty() && text.len() <= TEXT_BYTES_MAX && !text.contains(char::is_control);
        self.read(key, need, "a text of one line", faults, |value| value.as_str().filter(sound).map(String::from))
    }

    /// A decimal, written as a string, that `fits`.
    pub fn decimal(&self, key: &str, need: Need, form: &str, faults: &mut Faults<'_>, fits: fn(Dec) -> bool) -> Option<Dec> {
        self.read(key, need, form, faults, |value| value.as_str()?.parse().ok().filter(|decimal| fits(*decimal)))
    }

    pub fn integer(&self, key: &str, need: Need, least: u32, most: u32, faults: &mut Faults<'_>) -> Option<u32> {
        self.read(key, need, &format!("an integer from {least} to {most}"), faults, |value| {
            integer(value).filter(|number| (least..=most).contains(number))
        })
    }

    /// One of the named choices.
    pub fn choice<T: Clone>(&self, key: &str, need: Need, choices: &[(&str, T)], faults: &mut Faults<'_>) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        self.read(key, need, &format!("one of {}", names.join(", ")), faults, |value| {
            let text = value.as_str()?;
            choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| choice.clone())
        })
    }

    /// A list without repetitions, each entry of which `read` understands; `form` says what an entry must be.
    pub fn list<T: PartialEq>(
        &self,
        key: &str,
        need: Need,
        form: &str,
        faults: &mut Faults<'_>,
        read: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let entries = self.read(key, need, "a list", faults, |value| value.as_array())?;
        let mut out: Vec<T> = Vec::new();
        for entry in entries.iter() {
            let source = faults.source(entry.span());
            match read(entry.get_ref()) {
                Some(value) if out.contains(&value) => {
                    faults.at(entry.span().start, format!("`{key}` of {} has {source} twice", self.name));
                }
                Some(value) => out.push(value),
                None => faults.at(entry.span().start, format!("`{key}` of {} has {source}; each must be {form}", self.name)),
            }
        }
        Some(out)
    }

    /// The tables of `[[key]]`, each with where it begins; bounded.
    pub fn tables(&self, key: &str, need: Need, most: usize, faults: &mut Faults<'_>) -> Vec<&'d Spanned<DeValue<'t>>> {
        let Some(entries) = self.read(key, need, "a list of tables", faults, |value| value.as_array()) else { return Vec::new() };
        if let Some(beyond) = entries.get(most) {
            faults.at(beyond.span().start, format!("{} has {} of `{key}`; at most {most} are allowed", self.name, entries.len()));
        }
        entries.iter().take(most).collect()
    }
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// As [`Section::decimal`] wants it.
pub(super) fn any(_: Dec) -> bool {
    true
}

pub(super) fn not_negative(decimal: Dec) -> bool {
    decimal >= Dec::default()
}
