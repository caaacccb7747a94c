//! The façade: everything that a screen, a script or a test does with a phone.

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use shared::doc::Document;
use shared::ids::{Actor, DeviceId, DocumentId, PersonId};
use shared::reference::Reference;
use shared::time::Zone;

use crate::Error;
use crate::signing::Key;
use crate::store::{Draft, Meta, Store, StoreFault, StoreMark};
use crate::surroundings::Surroundings;

mod act;
mod enrol;
mod field;
mod goals;
mod orders;
mod prepare;
mod published;
mod read;
mod score;
mod shop;
mod status;
mod today;
mod transfers;
mod unfinished;
mod week;

pub use crate::store::FilingState;
pub use act::{Done, Step, Warning};
pub(crate) use enrol::problem_of;
pub use enrol::{ENROL_PATH, EnrolStep, Enrolled, Enrolment};
pub use field::CheckIn;
pub use published::{FiledDispute, NewDispute, PublishedMonth};
pub use read::SheetConflicts;
pub use score::Provisional;
pub use status::{Counts, Damage, ScopeStatus, Status};
pub use today::{RouteDay, Stop, Today, VisitView};
pub use transfers::{TransferProposal, TransferView};
pub use unfinished::Begun;
pub use week::{SavedWeek, WeekSummary};

/// How many documents stay loaded: a manager works on one sheet and one shop file at a time.
const CACHED: usize = 4;

/// A phone: one store, and what it takes from outside.
pub struct Device {
    pub(crate) store: Store,
    pub(crate) surroundings: Box<dyn Surroundings + Send>,
    identity: Option<Identity>,
    cached: Vec<Document>,
    reference: Option<(Arc<Reference>, Vec<String>)>,
    lessons: Option<Box<orders::Lessons>>,
    rehearsed: bool,
}

/// Who this device is, once it is enrolled.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub device: DeviceId,
    pub person: PersonId,
    pub actor: Actor,
    pub zone: Zone,
}

impl Device {
    /// Opens or creates the store in a file. A file that is found to be a copy gets a fresh store generation.
    pub fn open(path: &Path, surroundings: impl Surroundings + Send + 'static) -> Result<Self, Error> {
        let store = Store::open(path)?;
        Self::start(store, StoreMark::of(path), Box::new(surroundings))
    }

    /// Opens or creates the store under a name in a browser's file system, which has been made SQLite's by then. No copy of
    /// it can be made there, so that nothing has to notice one.
    #[cfg(target_family = "wasm")]
    pub fn open_named(name: &str, surroundings: impl Surroundings + Send + 'static) -> Result<Self, Error> {
        Self::start(Store::open(Path::new(name))?, None, Box::new(surroundings))
    }

    /// A device that is gone with the process.
    pub fn in_memory(surroundings: impl Surroundings + Send + 'static) -> Result<Self, Error> {
        Self::start(Store::in_memory()?, None, Box::new(surroundings))
    }

    fn start(mut store: Store, mark: Option<StoreMark>, surroundings: Box<dyn Surroundings + Send>) -> Result<Self, Error> {
        let kept = store.db().meta(Meta::Mark)?;
        let moved = mark.as_ref().is_some_and(|mark| kept.is_some_and(|kept| kept != mark.0));
        let missing = store.db().meta(Meta::Generation)?.is_none();
        if moved || missing {
            let mut generation = [0; 8];
            surroundings.random(&mut generation);
            store.write(|db| -> Result<(), StoreFault> {
                db.set_meta(Meta::Generation, &generation)?;
                // What this generation's predecessor sent since the copy was made is fetched, as another's work is.
                db.clear_meta(Meta::Cursor)
            })?;
        }
        if let Some(mark) = mark {
            store.write(|db| db.set_meta(Meta::Mark, &mark.0))?;
        }
        Ok(Self { store, surroundings, identity: None, cached: Vec::new(), reference: None, lessons: None, rehearsed: false })
    }

    /// The device's key; it is made when enrolment begins.
    pub(crate) fn key(&self) -> Result<Key, Error> {
        let secret = self.store.db().meta(Meta::Secret)?.ok_or(Error::NotEnrolled)?;
        let secret = secret.try_into().map_err(|_| StoreFault::Damaged("the device's key is not 32 bytes".into()))?;
        Ok(Key::from_secret(&secret))
    }

    pub(crate) fn identity(&mut self) -> Result<&Identity, Error> {
        if self.identity.is_none() {
            self.identity = Some(self.read_identity()?);
        }
        self.identity.as_ref().ok_or(Error::NotEnrolled)
    }

    fn read_identity(&self) -> Result<Identity, Error> {
        let db = self.store.db();
        let damaged = |what: &str| StoreFault::Damaged(format!("the device's {what} can't be read"));
        let person = db.meta_text(Meta::Person)?.ok_or(Error::NotEnrolled)?;
        let device = self.key()?.device();
        let generation = db.meta(Meta::Generation)?.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| damaged("generation"))?;
        let part = device.part().ok_or_else(|| damaged("id"))?;
        let zone = db.meta_text(Meta::Timezone)?.unwrap_or_else(|| "UTC".into());
        Ok(Identity {
            person: PersonId::new(&person).map_err(|_| damaged("person"))?,
            actor: Actor::new(part, generation),
            zone: Zone::named(&zone).map_err(|_| damaged("time zone"))?,
            device,
        })
    }

    /// Whose device this is.
    pub fn person(&mut self) -> Result<PersonId, Error> {
        Ok(self.identity()?.person.clone())
    }

    /// The device's id.
    pub fn id(&mut self) -> Result<DeviceId, Error> {
        Ok(self.identity()?.device.clone())
    }

    /// The district's time zone.
    pub fn zone(&mut self) -> Result<Zone, Error> {
        Ok(self.identity()?.zone.clone())
    }

    /// The date that it is in the district, by this device's clock.
    pub fn date(&mut self) -> Result<Date, Error> {
        let now = self.surroundings.now_ms();
        Ok(self.identity()?.zone.date_of(now))
    }

    /// The reference data of the screens: without sales.
    pub fn reference(&mut self) -> Result<Arc<Reference>, Error> {
        Ok(self.read_reference()?.0.clone())
    }

    /// Why reference rows can't be read by this version.
    pub(crate) fn unreadable(&mut self) -> Result<&[String], Error> {
        Ok(&self.read_reference()?.1)
    }

    fn read_reference(&mut self) -> Result<&(Arc<Reference>, Vec<String>), Error> {
        let kept = match self.reference.take() {
            Some(kept) => kept,
            None => {
                let (reference, unreadable) = self.store.db().reference(false)?;
                (Arc::new(reference), unreadable)
            }
        };
        Ok(self.reference.insert(kept))
    }

    /// Keeps what is being typed, until the action with this step's name is done or the draft is dropped.
    pub fn put_draft(&mut self, step: &str, content: &str) -> Result<(), Error> {
        let draft = Draft { step: step.into(), content: content.into(), at_ms: self.surroundings.now_ms() };
        Ok(self.store.write(|db| db.put_draft(&draft))?)
    }

    pub fn drop_draft(&mut self, step: &str) -> Result<(), Error> {
        Ok(self.store.write(|db| db.drop_draft(step))?)
    }

    /// What was begun and is not finished, the oldest first.
    pub fn drafts(&self) -> Result<Vec<Draft>, Error> {
        Ok(self.store.db().drafts()?)
    }

    /// A document to work on; from its genesis if nothing of it is here.
    fn take_document(&mut self, id: &DocumentId) -> Result<Document, Error> {
        if let Some(at) = self.cached.iter().position(|document| document.id() == id) {
            return Ok(self.cached.remove(at));
        }
        Ok(self.store.db().document(id)?.unwrap_or_else(|| Document::new(id.clone())))
    }

    /// Keeps a document loaded that is as it is stored.
    fn keep_document(&mut self, document: Document) {
        self.cached.insert(0, document);
        self.cached.truncate(CACHED);
    }

    /// After a sync: what is loaded is old where something new has come. Most syncs of a day bring nothing.
    pub(crate) fn forget(&mut self, documents: bool, reference: bool) {
        if documents {
            self.cached.clear();
            self.identity = None;
        }
        if reference {
            self.reference = None;
        }
        if documents || reference {
            self.lessons = None;
        }
    }
}
