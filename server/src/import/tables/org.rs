//! `org.toml`: the district.

use std::str;

use shared::decimal::Dec;
use shared::limits::TARGET_FILL_BOUNDS;
use shared::reference::Org;
use shared::time::Zone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::import::report::{FileReport, Findings, Spot, escaped};
use crate::import::{Job, ORG};

const KEYS: [&str; 3] = ["name", "timezone", "currency"];
/// May be left out.
const TARGET_FILL: &str = "target_fill";

/// A whole file as text; otherwise a fault, on the line of the first byte that is no UTF-8.
pub(super) fn text_of<'a>(file: &str, bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    let fault = match str::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(fault) => fault,
    };
    let line = line_at(bytes, fault.valid_up_to());
    let value = String::from_utf8_lossy(bytes.split(|b| *b == b'\n').nth(line as usize - 1).unwrap_or_default());
    findings.fault(Spot { file, line: Some(line), column: None, value: &value }, "not UTF-8");
    None
}

/// The line of a byte, from 1.
fn line_at(bytes: &[u8], offset: usize) -> u64 {
    bytes.iter().take(offset).filter(|b| **b == b'\n').count() as u64 + 1
}

/// Takes the folder's district in.
pub(in crate::import) fn import(job: &mut Job<'_>) {
    let Some(bytes) = job.folder.files.get(ORG) else { return };
    let mut report = FileReport { file: ORG.into(), rows: 1, ..Default::default() };
    if let Some(org) = text_of(ORG, bytes, &mut job.findings).and_then(|text| read(text, &mut job.findings)) {
        match &job.world.next.org {
            None => report.added = 1,
            Some(stored) if *stored == org => report.unchanged = 1,
            Some(_) => report.changed = 1,
        }
        job.world.next.org = Some(org);
    }
    job.findings.close(report);
    job.progress.finish(ORG, bytes.len());
}

fn read(text: &str, findings: &mut Findings) -> Option<Org> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = line_at(text.as_bytes(), error.span().map_or(0, |span| span.start));
        findings.fault(Spot { file: ORG, line: Some(line), column: None, value: "" }, format!("no TOML: {}", error.message()));
    }
    if !errors.is_empty() {
        return None;
    }
    for key in root.get_ref().keys().filter(|key| !KEYS.contains(&&**key.get_ref()) && **key.get_ref() != *TARGET_FILL) {
        findings.warn(format!("{ORG}: unknown key `{}` is ignored", escaped(key.get_ref())));
    }
    let [name, timezone, currency] = KEYS.map(|key| value(text, root.get_ref(), key, findings));
    let target_fill = target_fill(text, root.get_ref(), findings);
    Some(Org { name: name?, timezone: timezone?, currency: currency?, target_fill: target_fill? })
}

/// A decimal in quotes within the bounds; none where the file says nothing, and no answer where it says something else.
fn target_fill(text: &str, root: &DeTable<'_>, findings: &mut Findings) -> Option<Option<Dec>> {
    let Some(found) = root.get(TARGET_FILL) else { return Some(None) };
    let written = found.get_ref().as_str().unwrap_or_default();
    let (least, most) = TARGET_FILL_BOUNDS;
    let read: Option<Dec> = written.parse().ok();
    let within = |fill: &Dec| least.parse().is_ok_and(|least: Dec| *fill >= least) && most.parse().is_ok_and(|most: Dec| *fill <= most);
    if let Some(fill) = read.filter(within) {
        return Some(Some(fill));
    }
    let line = line_at(text.as_bytes(), found.span().start);
    let spot = Spot { file: ORG, line: Some(line), column: Some(TARGET_FILL), value: written };
    findings.fault(spot, format!("is no decimal in quotes from {least} to {most}"));
    None
}

/// A text that is not blank and, for the time zone, names one.
fn value(text: &str, root: &DeTable<'_>, key: &str, findings: &mut Findings) -> Option<String> {
    let found: Option<&Spanned<DeValue<'_>>> = root.get(key);
    let line = found.map_or(1, |value| line_at(text.as_bytes(), value.span().start));
    let string = found.and_then(|value| value.get_ref().as_str());
    let what = match string {
        None if found.is_none() => "the file lacks this key",
        None => "is no text in quotes",
        Some(text) if text.trim().is_empty() => "is empty",
        Some(text) if text.contains(char::is_control) => "has a control character",
        Some(text) if key == "timezone" && Zone::named(text).is_err() => "is no IANA time zone",
        Some(text) => return Some(text.to_string()),
    };
    findings.fault(Spot { file: ORG, line: Some(line), column: Some(key), value: string.unwrap_or_default() }, what);
    None
}
