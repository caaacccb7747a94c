//! CSV text into records (RFC 4180), each field with the line it begins on. Stricter than the `csv` crate, which takes a
//! quote that is never closed for the rest of the file, and counts a record's line from the end of the one before, blank
//! lines and the second half of a CRLF included: a fault must stand on the line where an editor shows it.

use std::borrow::Cow;

/// One field, unquoted.
pub(super) struct Field<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub line: u64,
}

/// Why a record could not be read to its end. The field at fault is the one after those that were read.
pub(super) struct Defect {
    pub line: u64,
    pub what: &'static str,
}

/// One record; reused from one to the next.
#[derive(Default)]
pub(super) struct Record<'a> {
    pub line: u64,
    pub fields: Vec<Field<'a>>,
    pub defect: Option<Defect>,
    /// The record as it stands in the file.
    pub raw: &'a [u8],
}

/// The records of a file, one after the other.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

enum End {
    Field,
    Record,
}

impl<'a> Records<'a> {
    /// Over a file's bytes; a byte-order mark is skipped.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes), at: 0, line: 1 }
    }

    /// Bytes read so far.
    pub fn offset(&self) -> u64 {
        self.at as u64
    }

    /// Reads the next record; false at the end of the file. After a defect, reading goes on with the next physical line,
    /// so that one forgotten quote doesn't hide what is wrong behind it.
    pub fn read(&mut self, record: &mut Record<'a>) -> bool {
        self.skip_blank_lines();
        record.fields.clear();
        record.defect = None;
        record.line = self.line;
        let start = self.at;
        if start == self.bytes.len() {
            return false;
        }
        loop {
            match self.field(&mut record.fields) {
                Ok(End::Field) => {}
                Ok(End::Record) => break,
                Err(defect) => {
                    record.defect = Some(defect);
                    (self.at, self.line) = (start, record.line);
                    self.skip_line();
                    break;
                }
            }
        }
        record.raw = self.bytes[start..self.at].trim_ascii_end();
        true
    }

    fn skip_blank_lines(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            let blank = if rest.starts_with(b"\n") {
                1
            } else if rest.starts_with(b"\r\n") {
                2
            } else {
                return;
            };
            self.at += blank;
            self.line += 1;
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |newline| newline + 1);
        self.line += 1;
    }

    fn field(&mut self, fields: &mut Vec<Field<'a>>) -> Result<End, Defect> {
        let line = self.line;
        let bytes = if self.bytes.get(self.at) == Some(&b'"') { self.quoted()? } else { Cow::Borrowed(self.plain()?) };
        fields.push(Field { bytes, line });
        let rest = &self.bytes[self.at..];
        let (skip, end) = match rest {
            [b',', ..] => (1, End::Field),
            [b'\n', ..] => (1, End::Record),
            [b'\r', b'\n', ..] => (2, End::Record),
            _ => (rest.len(), End::Record),
        };
        self.at += skip;
        if skip > 0 && matches!(end, End::Record) {
            self.line += 1;
        }
        Ok(end)
    }

    /// A field without quotes; stops before what ends it.
    fn plain(&mut self) -> Result<&'a [u8], Defect> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|b| matches!(b, b',' | b'\n' | b'"')).unwrap_or(rest.len());
        let text = match rest.get(len) {
            Some(b'"') => return Err(Defect { line: self.line, what: "a quote inside a field that is not quoted" }),
            Some(b',') => &rest[..len],
            _ => rest[..len].strip_suffix(b"\r").unwrap_or(&rest[..len]),
        };
        self.at += text.len();
        Ok(text)
    }

    /// A field in quotes; stops after the closing one.
    fn quoted(&mut self) -> Result<Cow<'a, [u8]>, Defect> {
        let opened = self.line;
        let start = self.at + 1;
        let mut at = start;
        let mut doubled = false;
        loop {
            let rest = &self.bytes[at..];
            let Some(quote) = rest.iter().position(|b| *b == b'"') else {
                return Err(Defect { line: opened, what: "the quote that opens here is never closed: is the file cut off?" });
            };
            at += quote + 1;
            if self.bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
            doubled = true;
        }
        let inner = &self.bytes[start..at - 1];
        if !matches!(&self.bytes[at..], [] | [b'\r'] | [b',' | b'\n', ..] | [b'\r', b'\n', ..]) {
            return Err(Defect { line: opened, what: "text after the closing quote of this field" });
        }
        self.line += inner.iter().filter(|b| **b == b'\n').count() as u64;
        self.at = at;
        Ok(if doubled { Cow::Owned(undoubled(inner)) } else { Cow::Borrowed(inner) })
    }
}

fn undoubled(inner: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(quote) = rest.iter().position(|b| *b == b'"') {
        out.extend_from_slice(&rest[..=quote]);
        rest = &rest[quote + 2..];
    }
    out.extend_from_slice(rest);
    out
}
