//! Head office before the burst: the district imported, every device enrolled, the common history in the log and
//! materialised, staff's changes on top. Made once for a number of managers and kept; every run works on a copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minicbor::{Decode, Encode};
use server::clock::SystemClock;
use server::ingest::guard;
use server::ops::folder::DataFolder;
use server::ops::{By, Command, Format, Report};
use server::state::{App, SharedApp};
use server::store::{Incoming, Upload, UploadDocument};
use sha2::{Digest, Sha256};
use shared::ids::{DeviceId, DocumentId, Scope};
use shared::time::Zone;
use shared::wire::Cursor;

use crate::district;
use crate::template::Change;
use crate::workload::{Manager, ROUTES, Workload, route};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a run must know of the copy that it works on.
#[derive(Encode, Decode)]
pub struct Notes {
    /// The evening of the burst, `YYYY-MM-DD`.
    #[n(0)]
    pub today: String,
    #[n(1)]
    pub password: String,
    /// By manager: the cursor of a phone that has everything but staff's changes.
    #[n(2)]
    pub cursors: Vec<minicbor::bytes::ByteVec>,
}

pub struct Seed {
    folder: PathBuf,
    pub notes: Notes,
    pub workload: Workload,
}

impl Seed {
    /// Of `managers`, as it was kept in `work`, or made now.
    pub fn ready(work: &Path, number: u64, managers: usize) -> Result<Self, Failure> {
        let folder = work.join(format!("seed-{number}-{managers}-v{}", server::store::sqlite::SCHEMA));
        let notes = folder.join("notes.cbor");
        if !notes.exists() {
            if folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            let today = today()?;
            let made = make(&folder, &Workload::new(number, today), managers)?;
            std::fs::write(&notes, minicbor::to_vec(&made)?)?;
        }
        let notes: Notes = minicbor::decode(&std::fs::read(notes)?)?;
        Ok(Self { workload: Workload::new(number, shared::time::parse_date(&notes.today)?), folder, notes })
    }

    /// The same, whose day is not over: made anew where it is of another day.
    pub fn of_today(work: &Path, number: u64, managers: usize) -> Result<Self, Failure> {
        let there = Self::ready(work, number, managers)?;
        if there.workload.today == today()? {
            return Ok(there);
        }
        std::fs::remove_dir_all(&there.folder)?;
        Self::ready(work, number, managers)
    }

    /// A copy of the data folder.
    pub fn copy_to(&self, data: &Path) -> Result<(), Failure> {
        std::fs::create_dir_all(data)?;
        std::fs::copy(self.folder.join("data/roundsman.db"), data.join("roundsman.db"))?;
        std::fs::File::open(data.join("roundsman.db"))?.sync_all()?;
        Ok(())
    }
}

/// Reports faults alone.
struct Quiet;

impl Report for Quiet {
    fn out(&mut self, _: &str) {}
    fn err(&mut self, text: &str) {
        eprint!("{text}");
    }
    fn progress(&mut self, _: &str, _: u64, _: u64) {}
}

/// A head office in `folder/data` with the district of so many managers.
pub fn head_office(folder: &Path, workload: &Workload, managers: usize) -> Result<(SharedApp, DataFolder), Failure> {
    let csv = folder.join("district");
    district::write(&csv, workload, managers)?;
    let data = DataFolder::take(&folder.join("data")).map_err(why)?.ok_or("the seed's folder is in use")?;
    let app = data.open(Arc::new(SystemClock)).map_err(why)?;
    let command = Command::Import { folder: csv, replace: vec![], by: By::default(), format: Format::Text };
    match server::ops::run(&app, &command, &mut Quiet) {
        server::ops::DONE => Ok((app, data)),
        _ => Err("the district was not imported".into()),
    }
}

fn make(folder: &Path, workload: &Workload, managers: usize) -> Result<Notes, Failure> {
    eprintln!("seed: a district of {managers} managers");
    let (app, _data) = head_office(folder, workload, managers)?;
    fill(&app, workload, managers)?;
    let mut cursors = Vec::with_capacity(managers);
    let positions = app.store.positions()?;
    for n in 0..managers {
        let person = workload.manager(n).person;
        let scopes = [Scope::Org, Scope::Person(person)].into_iter().chain((0..ROUTES).map(|at| Scope::Route(route(n, at))));
        let scopes = scopes.map(|scope| (scope.clone(), positions.get(&scope).copied().unwrap_or(0))).collect();
        cursors.push(Cursor { scopes, settled: 0 }.to_bytes().into());
    }
    for n in 0..managers {
        let manager = workload.manager(n);
        let docs = workload.documents(&manager);
        let edits = docs.iter().filter(|doc| !doc.office.is_empty()).map(|doc| (&doc.id, doc.office.as_slice()));
        append(&app, &manager.office_actor.device(), "staff", edits)?;
    }
    server::materialise::settle(&app).map_err(why)?;
    let password = server::auth::password::reset(&app, district::LOGIN, server::decisions::OPERATOR).map_err(why)?;
    Ok(Notes { today: workload.today.to_string(), password, cursors })
}

fn today() -> Result<jiff::civil::Date, Failure> {
    Ok(Zone::named("Asia/Shanghai")?.date_of(jiff::Timestamp::now().as_millisecond()))
}

/// Enrols both devices of each manager, and appends what they share with head office.
fn fill(app: &App, workload: &Workload, managers: usize) -> Result<(), Failure> {
    for n in 0..managers {
        if n % 500 == 0 {
            eprintln!("seed: history of {n} of {managers}");
        }
        let manager = workload.manager(n);
        enrol(app, &manager)?;
        let docs = workload.documents(&manager);
        let of = |phone: bool| {
            let mine = docs.iter().filter(move |doc| matches!(doc.id, DocumentId::Day { .. }) == phone);
            mine.filter(|doc| !doc.common.is_empty()).map(|doc| (&doc.id, doc.common.as_slice()))
        };
        append(app, &manager.office_actor.device(), "history", of(false))?;
        append(app, &manager.phone_actor.device(), "history", of(true))?;
    }
    eprintln!("seed: materialising");
    server::materialise::settle(app).map_err(why)
}

pub fn enrol(app: &App, manager: &Manager) -> Result<(), Failure> {
    for (what, key) in [("phone", &manager.phone), ("office", &manager.office)] {
        let code: [u8; 32] = Sha256::digest(format!("{what} {}", manager.n)).into();
        app.store.add_code(&code, &manager.person, i64::MAX)?;
        let device = app.store.redeem(&code, &key.verifying_key().to_bytes(), what, None, 0)?;
        device.ok_or("a code of the seed was not taken")?;
    }
    Ok(())
}

/// Files changes of documents as a device's, in one go.
pub fn append<'a>(
    app: &App,
    device: &DeviceId,
    what: &str,
    docs: impl Iterator<Item = (&'a DocumentId, &'a [Change])>,
) -> Result<(), Failure> {
    let directory = app.directory();
    let today = directory.today(app.clock.now_ms());
    let mut documents = Vec::new();
    for (id, changes) in docs {
        let scope = match id {
            DocumentId::Day { route, .. } => Some(Scope::Route(route.clone())),
            DocumentId::Shop { retailer, .. } => directory.shops.shop_scope(retailer.as_str(), today),
            DocumentId::Goals { .. } => None,
        };
        let scope = scope.ok_or("a document of the seed belongs nowhere")?;
        let checked = changes.iter().map(|change| {
            let change = guard::check(&change.bytes, id).map_err(|(reason, _)| format!("{id}: {}", reason.code()))?;
            Ok(Incoming::Checked { change, allowed: Ok(scope.clone()), relayed: false })
        });
        documents.push(UploadDocument { document: id.to_string(), changes: checked.collect::<Result<_, Failure>>()? });
    }
    let received_ms = app.clock.now_ms();
    let upload = Upload { device: device.clone(), jti: what.into(), received_ms, skew_ms: 0, complete: true, app: None, documents };
    let appended = app.store.append(upload)?;
    match appended.verdicts.iter().all(|(_, verdict, _)| *verdict == shared::wire::Verdict::Durable) {
        true => Ok(()),
        false => Err("head office did not take the seed".into()),
    }
}

pub fn why(error: server::error::ApiError) -> Failure {
    format!("{}: {}", error.code.code(), error.detail.unwrap_or_default()).into()
}
