//! A manager's year: what it weighs at head office, sealed and not; its first sync on a new phone, also when the line
//! breaks off in the middle; and a phone that comes back after 90 days. Real devices, the real server on loopback.

use std::cell::Cell;
use std::path::Path;
use std::time::Instant;

use client_core::device::Enrolment;
use client_core::transport::{Http, Response, Transport, TransportFault};
use client_core::{Device, System};
use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags};
use server::clock::SystemClock;
use server::ops::folder::DataFolder;
use server::state::SharedApp;
use shared::ids::DocumentId;
use shared::time::{Zone, days_before};
use std::sync::Arc;

use crate::Places;
use crate::process::Server;
use crate::seed::{self, Failure, why};
use crate::template::Change;
use crate::workload::{Manager, ROUTES, Rng, Workload};

const SHEETS: usize = 260;
const AWAY_DAYS: i32 = 90;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    #[command(flatten)]
    places: Places,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(&options.places.work)?;
    let today = Zone::named("Asia/Shanghai")?.date_of(jiff::Timestamp::now().as_millisecond());
    let workload = Workload::new(options.seed, today);
    let manager = workload.manager(0);
    let (app, data) = seed::head_office(folder.path(), &workload, 1)?;
    let codes = (0..3).map(|_| server::auth::device::new_code(&app, &manager.person).map_err(why)).collect::<Result<Vec<_>, _>>()?;
    let empty = weight(&data)?;
    let sheets = sheets(&workload, &manager);
    let since = days_before(today, AWAY_DAYS);
    let (old, recent): (Vec<Sheet>, Vec<Sheet>) = sheets.into_iter().partition(|sheet| sheet.date < since);
    fill(&app, &workload, &manager, &old)?;
    drop(app);
    drop(data);

    let data = folder.path().join("data");
    let server = Server::start(&options.places.server, &data)?;
    let mut away = phone(folder.path(), "away", &server, &codes[0])?;
    sync(&mut away, &Line::to(&server))?;
    server.kill()?;

    let (app, lock) = opened(&data)?;
    append_sheets(&app, &manager, &recent, "recent")?;
    let documents = workload.documents(&manager);
    let edits = documents.iter().filter(|doc| !doc.office.is_empty()).map(|doc| (&doc.id, doc.office.as_slice()));
    seed::append(&app, &manager.office_actor.device(), "staff", edits)?;
    server::materialise::settle(&app).map_err(why)?;
    let before = weight(&lock)?;
    while app.store.seal(today, 64)? > 0 {}
    let sealed = weight(&lock)?;
    println!("a manager's year         {SHEETS} sheets, {} shop files", crate::workload::SHOPS);
    println!(
        "at head office           {} kB ({} kB of them changes as they came)",
        (before.file - empty.file) / 1000,
        before.bodies / 1000
    );
    println!("sealed                   {} kB ({} kB of them changes)", (sealed.file - empty.file) / 1000, sealed.bodies / 1000);
    drop((app, lock));

    let server = Server::start(&options.places.server, &data)?;
    let back = sync(&mut away, &Line::to(&server))?;
    println!("back after {AWAY_DAYS} days       {back}, {} sheets new", recent.len());
    let mut new = phone(folder.path(), "new", &server, &codes[1])?;
    println!("first sync               {}", sync(&mut new, &Line::to(&server))?);
    let mut cut = phone(folder.path(), "cut", &server, &codes[2])?;
    let breaking = Line { left: Cell::new(Some(1)), ..Line::to(&server) };
    let first = sync(&mut cut, &breaking);
    let broke = breaking.bytes.get();
    let rest = sync(&mut cut, &Line::to(&server))?;
    println!("the same, cut off        after {} kB ({}), then {rest}", broke / 1000, if first.is_err() { "an error" } else { "done" });
    Ok(())
}

pub struct Sheet {
    date: Date,
    id: DocumentId,
    changes: Vec<Change>,
}

/// As many as a year has, on the days that a device receives.
pub fn sheets(workload: &Workload, manager: &Manager) -> Vec<Sheet> {
    let first = server::ingest::authorise::visible_from(workload.today);
    let days = (i64::from(first.until(workload.today).expect("two dates").get_days()) as usize).min(SHEETS / 2);
    let mut rng = Rng(workload.seed);
    let at = |n: usize| {
        let date = workload.today.checked_sub((1 + (n % days) as i64).days()).expect("a date");
        let (id, changes) = workload.sheet_of(manager, date, (n / days + n) % ROUTES, &mut rng);
        Sheet { date, id, changes }
    };
    (0..SHEETS).map(at).collect()
}

pub fn fill(app: &SharedApp, workload: &Workload, manager: &Manager, old: &[Sheet]) -> Result<(), Failure> {
    seed::enrol(app, manager)?;
    let documents = workload.documents(manager);
    let shops = documents.iter().filter(|doc| matches!(doc.id, DocumentId::Shop { .. })).map(|doc| (&doc.id, doc.common.as_slice()));
    seed::append(app, &manager.office_actor.device(), "history", shops)?;
    append_sheets(app, manager, old, "old")?;
    server::materialise::settle(app).map_err(why)
}

fn append_sheets(app: &SharedApp, manager: &Manager, sheets: &[Sheet], what: &str) -> Result<(), Failure> {
    seed::append(app, &manager.phone_actor.device(), what, sheets.iter().map(|sheet| (&sheet.id, sheet.changes.as_slice())))
}

fn opened(data: &Path) -> Result<(SharedApp, DataFolder), Failure> {
    let folder = DataFolder::take(data).map_err(why)?.ok_or("the folder is in use")?;
    Ok((folder.open(Arc::new(SystemClock)).map_err(why)?, folder))
}

/// Bytes: of the pages in use, and of changes' bodies, sealed or not.
struct Weight {
    file: i64,
    bodies: i64,
}

fn weight(folder: &DataFolder) -> Result<Weight, Failure> {
    let db = Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let pages = number("PRAGMA page_count")? - number("PRAGMA freelist_count")?;
    let bodies = "SELECT (SELECT total(length(body)) FROM changes) + (SELECT total(length(body)) FROM seals)";
    let bodies = db.query_row(bodies, [], |row| row.get::<_, f64>(0))? as i64;
    Ok(Weight { file: pages * number("PRAGMA page_size")?, bodies })
}

fn phone(folder: &Path, name: &str, server: &Server, code: &str) -> Result<Device, Failure> {
    let mut device = Device::open(&folder.join(format!("{name}.db")), System)?;
    let url = format!("http://{}", server.address);
    device.enrol(&Http::new(&url), &Enrolment { server: &url, code, name })?;
    Ok(device)
}

/// A line to the server that counts, and may break off.
struct Line {
    http: Http,
    bytes: Cell<usize>,
    /// Answers until it breaks off; none: never.
    left: Cell<Option<usize>>,
}

impl Line {
    fn to(server: &Server) -> Self {
        Self { http: Http::new(&format!("http://{}", server.address)), bytes: Cell::new(0), left: Cell::new(None) }
    }
}

impl Transport for Line {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        if self.left.get() == Some(0) {
            return Err(TransportFault("no signal".into()));
        }
        self.left.set(self.left.get().map(|left| left - 1));
        let response = self.http.post(path, bearer, content_type, body)?;
        self.bytes.set(self.bytes.get() + response.body.len());
        Ok(response)
    }
}

fn sync(device: &mut Device, line: &Line) -> Result<String, Failure> {
    let began = Instant::now();
    let synced = device.sync(line)?;
    let took = began.elapsed().as_secs_f64();
    Ok(format!("{took:.2} s, {} changes, {} kB in {} answers", synced.changes, line.bytes.get() / 1000, synced.requests))
}
