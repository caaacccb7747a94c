//! What the handlers share.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use shared::ids::{Actor, DeviceId, Scope};
use tokio::sync::{Semaphore, broadcast};

use crate::admission::Admission;
use crate::attempts::Attempts;
use crate::auth::keys::Keys;
use crate::auth::password;
use crate::clock::Clock;
use crate::computing::Computing;
use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::store::{Epoch, Store};
use crate::telemetry::Metrics;
use shared::limits;
use shared::problem::Code;

pub type SharedApp = Arc<App>;

/// What listeners are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poke {
    /// A scope has news, up to a position.
    News { scope: Scope, position: u64 },
    /// The server ends.
    End,
}

pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub keys: Keys,
    pub metrics: Metrics,
    pub pokes: broadcast::Sender<Poke>,
    pub attempts: Attempts,
    pub admission: Arc<Admission>,
    computing: Computing,
    /// Passwords that are being hashed: it takes memory on purpose.
    pub hashing: Arc<Semaphore>,
    pub listeners: Arc<Semaphore>,
    /// Held while a folder is imported, and while documents are materialised: one at a time.
    pub importing: Mutex<()>,
    pub materialising: Mutex<()>,
    /// Held while head office writes into a document.
    pub authoring: Mutex<()>,
    /// As whom head office writes: derived from its key, of a fresh generation in each process and so in each epoch.
    pub office: Actor,
    pub wake: crate::materialise::Wake,
    pub boards: crate::scores::Boards,
    pub presence: crate::progress::Presence,
    /// Where backups go; unknown where the data is in no folder.
    pub backups: OnceLock<std::path::PathBuf>,
    pub coverage: crate::coverage::Kept,
    directory: RwLock<Arc<Directory>>,
    refreshing: Mutex<()>,
    epochs: Vec<Epoch>,
    decoy: OnceLock<String>,
}

impl App {
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> ApiResult<SharedApp> {
        let keys = Keys::from_seed(&server_seed(store.as_ref())?);
        let directory = RwLock::new(Arc::new(Directory::read(store.as_ref())?));
        let epochs = store.epochs()?;
        let mut generation = [0; 8];
        getrandom::fill(&mut generation).map_err(ApiError::internal)?;
        let part = DeviceId::of_key(&keys.public_bytes()).part().ok_or_else(|| ApiError::internal("a device id is made from a key"))?;
        let office = Actor::new(part, generation);
        Ok(Arc::new(Self {
            store,
            clock,
            keys,
            metrics: Metrics::default(),
            pokes: broadcast::channel(limits::POKES_BEHIND_MAX).0,
            attempts: Attempts::default(),
            admission: Admission::new(),
            computing: Computing::start()?,
            hashing: Arc::new(Semaphore::new(limits::HASHING_AT_ONCE)),
            listeners: Arc::new(Semaphore::new(limits::LISTENERS_MAX)),
            importing: Mutex::new(()),
            materialising: Mutex::new(()),
            authoring: Mutex::new(()),
            office,
            wake: crate::materialise::Wake::default(),
            boards: crate::scores::Boards::default(),
            presence: crate::progress::Presence::default(),
            backups: OnceLock::new(),
            coverage: crate::coverage::Kept::default(),
            directory,
            refreshing: Mutex::default(),
            epochs,
            decoy: OnceLock::new(),
        }))
    }

    pub fn directory(&self) -> Arc<Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the directory again, after reference data changed.
    pub fn refresh_directory(&self) -> ApiResult<()> {
        // One at a time: what was read first would otherwise be able to take the place of what was read after it.
        let _alone = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = Arc::new(Directory::read(self.store.as_ref())?);
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = directory;
        self.boards.note_upheaval();
        self.wake.ring();
        Ok(())
    }

    /// Oldest first; a restore needs the server stopped, so they don't change while it runs.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    pub fn epoch(&self) -> u64 {
        self.epochs.last().map_or(1, |epoch| epoch.epoch)
    }

    pub fn poke<'a>(&self, moved: impl IntoIterator<Item = (&'a Scope, &'a u64)>) {
        for (scope, position) in moved {
            // Nobody listening is no fault.
            drop(self.pokes.send(Poke::News { scope: scope.clone(), position: *position }));
        }
    }

    /// Random bytes from the system. There is no safe way on without them.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the system has randomness");
        bytes
    }

    pub fn decoy_hash(&self) -> &str {
        self.decoy.get_or_init(|| password::decoy(self.random()))
    }

    /// Runs what blocks on a thread that may.
    pub async fn blocking<T: Send + 'static>(self: Arc<Self>, work: impl FnOnce() -> ApiResult<T> + Send + 'static) -> ApiResult<T> {
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|e| Err(ApiError::internal(e)))
    }

    /// Runs a part of a sync on a thread that may block, of which there are few.
    pub async fn computing<T: Send + 'static>(self: Arc<Self>, work: impl FnOnce() -> ApiResult<T> + Send + 'static) -> ApiResult<T> {
        self.computing.run(work).await
    }

    pub fn busy() -> ApiError {
        ApiError::new(Code::Busy)
    }
}

/// The server's secret, made on the first start.
fn server_seed(store: &dyn Store) -> ApiResult<[u8; 32]> {
    const KEY: &str = "server_key";
    if let Some(stored) = store.meta(KEY)? {
        return stored.try_into().map_err(|_| ApiError::internal("the server's key is damaged"));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(ApiError::internal)?;
    store.set_meta(KEY, &seed)?;
    Ok(seed)
}
