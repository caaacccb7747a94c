//! The district folder comes in (`roundsman import`): a folder's files are laid over the reference data that is stored, and
//! either all of it is sound or nothing is taken and every fault is listed. Pure but for [`read_folder`]: whoever calls
//! loads the stored data, and commits what [`plan`] answers in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::EventId;
use shared::reference::{Event, Reference};

mod cells;
mod changes;
mod folder;
mod records;
mod removed;
mod report;
mod sales;
mod sheet;
mod table;
mod tables;
mod workbook;
mod world;

#[cfg(test)]
mod tests;

pub use changes::{Change, Told, difference, told};
pub use folder::{Folder, ImportError, read_folder};
pub use report::{Fault, FileReport, Report};
pub use sales::{SalesNeeded, sales_needed};
pub use workbook::read_workbook;

use report::{Findings, Spot};
use world::World;

const ORG: &str = "org.toml";
pub const SCHEME: &str = "scheme.toml";
const PEOPLE: &str = "people.csv";
const ROUTES: &str = "routes.csv";
const RETAILERS: &str = "retailers.csv";
const ASSIGNMENTS: &str = "assignments.csv";
const SKUS: &str = "skus.csv";
const CALENDAR: &str = "calendar.csv";
const SALES: &str = "sales.csv";
const TARGETS: &str = "targets.csv";
const WIDTH_STANDARDS: &str = "width-standards.csv";
const EVENTS: &str = "events.csv";
const ALLOCATIONS: &str = "allocations.csv";
const FESTIVALS: &str = "festivals.csv";
const TEAMS: &str = "teams.csv";
const CASCADE: &str = "target-cascade.csv";
/// Replayed through devices, never imported.
const FIELD_LOG: &str = "field-log.csv";

/// The files of a folder, in the order in which they come in: none refers to a later one.
/// People and teams refer to each other: see [`world::World`].
pub const FILES: [&str; 16] = [
    ORG,
    SCHEME,
    PEOPLE,
    TEAMS,
    ROUTES,
    SKUS,
    RETAILERS,
    ASSIGNMENTS,
    CALENDAR,
    WIDTH_STANDARDS,
    TARGETS,
    CASCADE,
    EVENTS,
    ALLOCATIONS,
    FESTIVALS,
    SALES,
];

/// An import that is sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The stored reference data with the folder laid over it.
    pub next: Reference,
    /// Without faults.
    pub report: Report,
}

/// Every event that staff have recorded, with what counts of it: nothing before another has approved it.
pub type Recorded = BTreeMap<EventId, Option<Event>>;

/// Told now and then how far an import is: the file, the bytes of the folder that are done, and all its bytes.
pub type OnProgress<'a> = &'a mut dyn FnMut(&str, u64, u64);

/// Lays a folder over `current`. The files named in `replace` are the whole truth: stored rows that they lack go. Of sales,
/// `current` has to hold the blocks that [`sales_needed`] asks for. What staff have `recorded` is no file's to say. Nothing is
/// read or written elsewhere.
///
/// Errors: the folder has faults; the report lists them, and nothing is to be imported.
pub fn plan(
    current: &Reference,
    recorded: &Recorded,
    folder: &Folder,
    replace: &BTreeSet<String>,
    progress: OnProgress<'_>,
) -> Result<Planned, Report> {
    let mut job = Job::new(World::new(current.clone(), recorded), folder, replace, progress);
    job.check_names();
    tables::import_org(&mut job);
    tables::import_scheme(&mut job);
    job.import_shops();
    table::import::<tables::Assignments>(&mut job);
    table::import::<tables::Calendar>(&mut job);
    table::import::<tables::WidthStandards>(&mut job);
    table::import::<tables::Targets>(&mut job);
    table::import::<tables::Cascade>(&mut job);
    table::import::<tables::Events>(&mut job);
    table::import::<tables::Allocations>(&mut job);
    table::import::<tables::Festivals>(&mut job);
    tables::warn_of_stranded(&mut job);
    sales::import(&mut job, current);
    removed::check(&mut job, current);
    let report = job.findings.report;
    if report.faults_found == 0 { Ok(Planned { next: job.world.next, report }) } else { Err(report) }
}

/// An import under way.
struct Job<'a> {
    folder: &'a Folder,
    replace: &'a BTreeSet<String>,
    world: World<'a>,
    findings: Findings,
    progress: Progress<'a>,
}

impl<'a> Job<'a> {
    fn new(world: World<'a>, folder: &'a Folder, replace: &'a BTreeSet<String>, call: OnProgress<'a>) -> Self {
        let total = folder.files.values().map(|bytes| bytes.len() as u64).sum();
        let progress = Progress { call, done: 0, total };
        Self { folder, replace, world, findings: Findings::default(), progress }
    }

    /// What the rows of other files refer to.
    fn import_shops(&mut self) {
        tables::foresee_teams(self);
        table::import::<tables::People>(self);
        table::import::<tables::Teams>(self);
        table::import::<tables::Routes>(self);
        table::import::<tables::Skus>(self);
        table::import::<tables::Retailers>(self);
    }

    fn check_names(&mut self) {
        for name in self.folder.files.keys().chain(&self.folder.unknown) {
            if name != FIELD_LOG && !FILES.contains(&name.as_str()) {
                self.findings.warn(format!("unknown file `{}` is ignored", report::escaped(name)));
            }
        }
        for file in self.replace.iter().filter(|file| !FILES.contains(&file.as_str()) || !self.folder.files.contains_key(*file)) {
            let at = Spot { file, line: None, column: None, value: "" };
            self.findings.fault(at, "is to be replaced, but the folder has no such file to import");
        }
    }
}

/// Who is told how far the import is.
struct Progress<'a> {
    call: OnProgress<'a>,
    /// Bytes of the files that are done.
    done: u64,
    total: u64,
}

impl Progress<'_> {
    fn within(&mut self, file: &str, offset: u64) {
        (self.call)(file, self.done + offset, self.total);
    }

    fn finish(&mut self, file: &str, bytes: usize) {
        self.done += bytes as u64;
        (self.call)(file, self.done, self.total);
    }
}
