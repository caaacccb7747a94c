//! `scheme.toml`: each distinct content is a version.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use shared::ids::{IndicatorId, SchemeHash};
use shared::reference::{Reference, SchemeVersion};
use shared::scheme::{self, Formula, Scheme};
use shared::time::Month;

use super::org::text_of;
use crate::import::report::{FileReport, Findings, Spot};
use crate::import::sheet::Row;
use crate::import::{EVENTS, Job, SCHEME, TARGETS};

/// Every version of the scheme, parsed.
#[derive(Default)]
pub(in crate::import) struct Schemes {
    versions: Vec<(u32, Scheme)>,
    /// The folder's scheme is faulty: which indicators there are is not known.
    in_doubt: bool,
}

impl Schemes {
    /// The scheme of a month, chosen as [`scheme::scheme_of`] does.
    fn of(&self, month: Month) -> Option<&Scheme> {
        let reaching = self.versions.iter().filter(|(_, scheme)| scheme.valid_from.is_none_or(|from| from <= month));
        reaching.max_by_key(|(ordinal, scheme)| (scheme.valid_from, *ordinal)).map(|(_, scheme)| scheme)
    }

    /// The formula of an indicator in a month. None, with a fault in column `indicator`: the month's scheme lacks it. None
    /// without one: the schemes are in doubt.
    pub fn formula(&self, row: &mut Row<'_, '_>, id: &IndicatorId, month: Month) -> Option<&Formula> {
        if self.in_doubt {
            return None;
        }
        let what = match self.of(month) {
            None => format!("can't be judged: no scheme holds for {month}"),
            Some(scheme) => match scheme.indicator(id.as_str()) {
                Some(indicator) => return Some(&indicator.formula),
                None => format!("is no indicator of the scheme `{}`, which holds for {month}", scheme.id),
            },
        };
        row.fault(Some("indicator"), id.as_str(), what);
        None
    }
}

/// Takes the folder's scheme in, and parses those that are stored.
pub(in crate::import) fn import(job: &mut Job<'_>) {
    let mut report = FileReport { file: SCHEME.into(), rows: 1, ..Default::default() };
    let bytes = job.folder.files.get(SCHEME);
    if let Some(bytes) = bytes {
        match text_of(SCHEME, bytes, &mut job.findings) {
            Some(text) => add(text, &mut job.world.next, &mut report, &mut job.findings),
            None => job.world.schemes.in_doubt = true,
        }
    }
    for version in job.world.next.schemes.values() {
        match scheme::parse(&version.text) {
            Ok(scheme) => job.world.schemes.versions.push((version.ordinal, scheme)),
            Err(_) => job.world.schemes.in_doubt = true,
        }
    }
    if let Some(bytes) = bytes {
        job.findings.close(report);
        job.progress.finish(SCHEME, bytes.len());
    }
}

/// A new version is kept as the file has it; one that is known already is left as it was.
fn add(text: &str, next: &mut Reference, report: &mut FileReport, findings: &mut Findings) {
    let hash = SchemeHash(Sha256::digest(text.as_bytes()).into());
    if next.schemes.contains_key(&hash) {
        report.unchanged = 1;
        return;
    }
    for fault in scheme::parse(text).err().into_iter().flatten() {
        let at = Spot { file: SCHEME, line: Some(fault.line.into()), column: None, value: "" };
        findings.fault(at, format!("column {}: {}", fault.column, fault.what));
    }
    let ordinal = next.schemes.values().map(|version| version.ordinal + 1).max().unwrap_or(0);
    next.schemes.insert(hash, SchemeVersion { ordinal, text: text.into() });
    report.added = 1;
}

/// Warns of stored plans and points that a new scheme leaves without an indicator: they would count for nothing, unnoticed.
pub(in crate::import) fn warn_of_stranded(job: &mut Job<'_>) {
    let (next, schemes) = (&job.world.next, &job.world.schemes);
    if schemes.in_doubt || !job.findings.report.files.iter().any(|file| file.file == SCHEME && file.added > 0) {
        return;
    }
    let formula = |month, id: &IndicatorId| Some(&schemes.of(month)?.indicator(id.as_str())?.formula);
    let mut stranded = BTreeMap::<(&str, &IndicatorId), u64>::new();
    for ((_, month), targets) in &next.targets {
        for target in targets.iter().filter(|target| formula(*month, &target.indicator).is_none()) {
            *stranded.entry((TARGETS, &target.indicator)).or_default() += 1;
        }
    }
    for event in next.events.values() {
        if !matches!(formula(Month::of(event.date), &event.indicator), Some(Formula::Events { .. })) {
            *stranded.entry((EVENTS, &event.indicator)).or_default() += 1;
        }
    }
    for ((file, indicator), rows) in stranded {
        job.findings.warn(format!(
            "{SCHEME}: {rows} stored rows of {file} no longer count: the scheme of their month has no such indicator `{indicator}`"
        ));
    }
}
