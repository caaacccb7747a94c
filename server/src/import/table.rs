//! How a CSV file comes in: rows are read and checked, laid over the stored ones by their keys, and counted.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use shared::reference::Reference;

use super::report::{FileReport, Findings, Spot};
use super::sheet::{Row, Shape, Sheet};
use super::world::World;
use super::{Job, Progress};

/// A CSV file of the folder, row by row.
pub(super) trait Table {
    type Key: Ord + Clone;
    type Value: PartialEq;
    const SHAPE: Shape;

    /// Reads every field, so that every fault is noted; none if there is one.
    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, Self::Value)>;
    /// Takes the stored rows out.
    fn take(next: &mut Reference) -> BTreeMap<Self::Key, Self::Value>;
    /// Puts them, and the new ones, in their place.
    fn put(rows: BTreeMap<Self::Key, Self::Value>, next: &mut Reference);
    /// Leaves what is stored of a row as it was where the file `lacks` an optional column: only an empty field clears.
    fn keep(_value: &mut Self::Value, _stored: &Self::Value, _lacks: &dyn Fn(&str) -> bool) {}
    /// Whether a stored row stays although a file that is the whole truth lacks it.
    fn stays(_key: &Self::Key, _world: &World<'_>) -> bool {
        false
    }
    /// What must hold between rows.
    fn check(_staged: &Staged<Self::Key, Self::Value>, _world: &World<'_>, _findings: &mut Findings) {}
}

/// A file's rows over the stored ones.
pub(super) struct Staged<K, V> {
    pub rows: BTreeMap<K, V>,
    /// The lines of the rows that the file has.
    pub lines: BTreeMap<K, u64>,
    /// The keys of stored rows that go.
    pub removed: BTreeSet<K>,
    /// Whether every row of the file could be read.
    complete: bool,
}

impl<K: Ord, V> Staged<K, V> {
    /// Whether a row is to be checked against others. A stored one isn't while the file has faulty rows: one of these may
    /// be the row that changes it.
    pub fn counts(&self, key: &K) -> bool {
        self.complete || self.lines.contains_key(key)
    }

    /// Where a row is, for a message.
    pub fn place(&self, key: &K) -> String {
        self.lines.get(key).map_or_else(|| "already stored".into(), |line| format!("line {line}"))
    }
}

pub(super) fn import<T: Table>(job: &mut Job<'_>) {
    let shape: &'static Shape = &T::SHAPE;
    let Some(bytes) = job.folder.files.get(shape.file) else { return };
    let faults_before = job.findings.report.faults_found;
    let Some(mut sheet) = Sheet::open(shape, bytes, &mut job.findings) else {
        job.world.doubt_all(shape.file);
        job.findings.close(FileReport { file: shape.file.into(), ..Default::default() });
        return;
    };
    let mut report = FileReport { file: shape.file.into(), ..Default::default() };
    let mut incoming = read_rows::<T>(&mut sheet, &mut job.world, &mut job.findings, &mut job.progress, &mut report);
    let stored = T::take(&mut job.world.next);
    for (key, (value, _)) in &mut incoming {
        if let Some(stored) = stored.get(key) {
            T::keep(value, stored, &|column| sheet.lacks(column));
        }
    }
    let gone = |key: &T::Key| job.replace.contains(shape.file) && !T::stays(key, &job.world);
    let mut staged = overlay(stored, incoming, gone, &mut report);
    staged.complete = job.findings.report.faults_found == faults_before;
    T::check(&staged, &job.world, &mut job.findings);
    T::put(staged.rows, &mut job.world.next);
    job.findings.close(report);
    job.progress.finish(shape.file, bytes.len());
}

type Incoming<T> = BTreeMap<<T as Table>::Key, (<T as Table>::Value, u64)>;

fn read_rows<T: Table>(
    sheet: &mut Sheet<'_>,
    world: &mut World<'_>,
    findings: &mut Findings,
    progress: &mut Progress<'_>,
    report: &mut FileReport,
) -> Incoming<T> {
    let shape = sheet.shape;
    if sheet.lacks(shape.key[0]) {
        world.doubt_all(shape.file);
    }
    let mut incoming = BTreeMap::new();
    while let Some(mut row) = sheet.next(findings) {
        report.rows += 1;
        let read = if row.whole { T::read(&mut row, world) } else { None };
        let line = row.sheet.line();
        match read.filter(|_| row.sound).map(|(key, value)| (incoming.entry(key), value)) {
            Some((Entry::Vacant(entry), value)) => drop(entry.insert((value, line))),
            Some((Entry::Occupied(entry), _)) => note_double(&mut row, entry.get().1),
            None => {
                if let Some(id) = row.cell(shape.key[0]) {
                    world.doubt(shape.file, id);
                }
            }
        }
        if report.rows.is_multiple_of(1024) {
            progress.within(shape.file, sheet.offset());
        }
    }
    incoming
}

fn note_double(row: &mut Row<'_, '_>, first: u64) {
    let key = row.sheet.shape.key;
    let cells: Vec<&str> = key.iter().map(|column| row.cell(column).unwrap_or_default()).collect();
    row.fault(Some(key[0]), &cells.join(", "), format!("the key ({}) is on line {first} already", key.join(", ")));
}

fn overlay<K: Ord + Clone, V: PartialEq>(
    mut rows: BTreeMap<K, V>,
    incoming: BTreeMap<K, (V, u64)>,
    gone: impl Fn(&K) -> bool,
    report: &mut FileReport,
) -> Staged<K, V> {
    let removed: BTreeSet<K> = rows.keys().filter(|key| !incoming.contains_key(*key) && gone(key)).cloned().collect();
    removed.iter().for_each(|key| drop(rows.remove(key)));
    report.removed = removed.len() as u64;
    let mut lines = BTreeMap::new();
    for (key, (value, line)) in incoming {
        match rows.entry(key.clone()) {
            Entry::Vacant(entry) => {
                report.added += 1;
                entry.insert(value);
            }
            Entry::Occupied(entry) if *entry.get() == value => report.unchanged += 1,
            Entry::Occupied(mut entry) => {
                report.changed += 1;
                entry.insert(value);
            }
        }
        lines.insert(key, line);
    }
    Staged { rows, lines, removed, complete: true }
}

/// The spot of a row that the file has; none if the row was stored before.
pub(super) fn spot<'a, K: Ord, V>(shape: &Shape, staged: &Staged<K, V>, key: &K, column: &'a str, value: &'a str) -> Option<Spot<'a>> {
    let line = *staged.lines.get(key)?;
    Some(Spot { file: shape.file, line: Some(line), column: Some(column), value })
}
