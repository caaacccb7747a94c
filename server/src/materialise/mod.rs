//! Documents become facts: load, derive, replace. It can stop anywhere and go on: a document is dirty until the facts of
//! its last change are stored, and doing it again gives the same. Then the boards make the scores that are due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use jiff::civil::Date;
use shared::doc::{Document, ShopFile, facts_in_line, writes_to};
use shared::facts::{SheetFacts, Visit};
use shared::ids::{DocumentId, RouteId, Scope};
use shared::limits;
use shared::reference::{ClockEvidence, Kind, Reference, Row};

use crate::error::ApiResult;
use crate::ingest::guard::split;
use crate::state::App;
use crate::store::{Batch, Dirty, Materialised};

pub mod neighbours;

/// How nice the materialiser is to the threads that answer devices: at 10 it gets a tenth of a core that both want.
const BEHIND_SYNCS: i32 = 10;

/// Says that there is something to do.
#[derive(Default)]
pub struct Wake {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Wake {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }
    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*rung {
            rung = self.bell.wait(rung).unwrap_or_else(PoisonError::into_inner);
        }
        *rung = false;
    }
}

/// Materialises in the background for as long as the app lives and `stop` is not set; ring once more to let it see that.
pub fn start(app: &Arc<App>, stop: Arc<std::sync::atomic::AtomicBool>) -> std::io::Result<std::thread::JoinHandle<()>> {
    let app: Weak<App> = Arc::downgrade(app);
    std::thread::Builder::new().name("materialiser".into()).spawn(move || {
        // Whoever waits to have his day acknowledged goes first; with a core to spare this makes no difference. On Linux it
        // is this thread's alone.
        if let Err(error) = rustix::process::nice(BEHIND_SYNCS) {
            tracing::warn!(%error, "materialising takes as much of a busy core as syncs do");
        }
        while let Some(app) = app.upgrade() {
            if stop.load(std::sync::atomic::Ordering::Acquire) {
                return;
            }
            if let Err(error) = settle(&app) {
                tracing::error!(?error, "materialising failed; it is tried again with the next change");
            }
            if let Err(error) = app.boards.refresh(&app) {
                tracing::error!(?error, "scoring failed; it is tried again with the next change");
            }
            app.wake.wait();
        }
    })
}

/// Materialises until nothing is dirty.
pub fn settle(app: &App) -> ApiResult<()> {
    let _alone = app.materialising.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        neighbours::catch_up(app)?;
        let dirty = app.store.dirty(limits::MATERIALISE_GROUP)?;
        if dirty.is_empty() {
            return Ok(());
        }
        let mut results: Vec<Materialised> = dirty.iter().map(derive).collect();
        let directory = app.directory();
        for result in &mut results {
            result.about = result.facts.as_ref().map(|facts| neighbours::about(facts, &directory)).unwrap_or_default();
        }
        let broken = results.iter().filter(|result| !result.breaking.is_empty()).count();
        app.metrics.documents_broken.add(broken as u64);
        app.metrics.documents_materialised.add((results.len() - broken) as u64);
        let sheets = dirty.iter().filter_map(|dirty| sheet(&dirty.document)).collect();
        let replaced = app.boards.replacing(sheets, || Ok(app.store.materialised(&results)?))?;
        // Before the poke: whoever comes because of it finds what it is about.
        if let Err(error) = app.boards.days.refresh(app) {
            tracing::error!(?error, "counting a day failed; it is tried again with the next change");
        }
        app.poke(&replaced.moved);
        let scopes: BTreeSet<Scope> = dirty.iter().filter_map(|dirty| Some(Scope::Route(sheet(&dirty.document)?.0))).collect();
        app.poke(&app.store.positions_of(&scopes)?);
    }
}

fn sheet(document: &DocumentId) -> Option<(RouteId, Date)> {
    match document {
        DocumentId::Day { route, date } => Some((route.clone(), *date)),
        _ => None,
    }
}

/// The facts of a document, or which of its log rows break it.
fn derive(dirty: &Dirty) -> Materialised {
    let result = |facts, evidence| Materialised {
        id: dirty.id,
        version: dirty.version,
        facts,
        about: BTreeSet::new(),
        complaints: BTreeMap::new(),
        evidence,
        breaking: Vec::new(),
        fault: None,
    };
    let chunks = || dirty.batches.iter().flat_map(|batch| split(&batch.body));
    // Few shop files have a complaint, and only those are read whole.
    let complains = writes_to(&dirty.document, "complaints", chunks());
    if !complains && let Some(facts) = facts_in_line(&dirty.document, chunks()) {
        let evidence = facts.as_ref().map_or_else(Vec::new, |facts| evidence(facts, &dirty.batches));
        return result(facts, evidence);
    }
    let document = match Document::of_changes(dirty.document.clone(), chunks()) {
        Ok(document) => document,
        Err(fault) => {
            return match first_breaking(dirty) {
                Some((row, why)) => Materialised { breaking: vec![row], fault: Some(why), ..result(None, Vec::new()) },
                // One by one they go in: it is their sum that is refused, and no row can be named.
                None => Materialised { fault: Some(fault.to_string()), ..result(None, Vec::new()) },
            };
        }
    };
    let facts = document.sheet_facts();
    let evidence = facts.as_ref().map_or_else(Vec::new, |facts| evidence(facts, &dirty.batches));
    let complaints = if complains { ShopFile::overlay([&document]).complaints } else { BTreeMap::new() };
    Materialised { complaints, ..result(facts, evidence) }
}

fn first_breaking(dirty: &Dirty) -> Option<(i64, String)> {
    let mut document = Document::new(dirty.document.clone());
    dirty.batches.iter().find_map(|batch| document.apply(split(&batch.body)).err().map(|fault| (batch.row, fault.to_string())))
}

/// Check-ins that came from a device whose clock was off: when it synced, or when it made them, since none can have been made
/// after it was here.
fn evidence(facts: &SheetFacts, batches: &[Batch]) -> Vec<(Scope, Row)> {
    let skewed = |visit: &Visit| {
        let batch = batches.iter().find(|batch| batch.hashes.contains(&visit.change))?;
        let ahead = visit.in_ms.saturating_sub(batch.received_ms);
        let skews = batch.skew_ms.into_iter().chain((ahead > 0).then_some(ahead));
        skews.filter(|skew| skew.saturating_abs() > limits::CLOCK_SKEW_MS).max_by_key(|skew| skew.saturating_abs())
    };
    let mut reference = Reference::default();
    for visit in &facts.visits {
        if let Some(skew_ms) = skewed(visit) {
            reference.clock.insert(visit.change, ClockEvidence { route: facts.route.clone(), skew_ms });
        }
    }
    let rows = reference.rows();
    debug_assert!(rows.iter().all(|(_, row)| row.kind == Kind::Clock));
    rows
}
