//! A device of the peers: one samod `Repo` with its documents in memory, over one websocket whose payload is counted.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::future::{Future, ready};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use automerge::ReadDoc;
use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use samod::storage::{Storage, StorageKey};
use samod::{BackoffConfig, ConnectionId, DialError, Dialer, DocHandle, Repo, Transport};
use tungstenite::Message;
use url::Url;

use crate::data::{Doc, Replica};
use crate::sqlite::{key, parts};

/// What a device has on its disk; in memory, since the device's disk is not what is measured.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Memory {
    pub fn hold(&self, doc: &Doc) -> Result<()> {
        self.rows().insert(format!("{}/snapshot/0", doc.id()?), doc.dev.saved.clone());
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for Memory {
    fn load(&self, at: StorageKey) -> impl Future<Output = Option<Vec<u8>>> + Send {
        ready(self.rows().get(&key(&at)).cloned())
    }

    fn load_range(&self, prefix: StorageKey) -> impl Future<Output = HashMap<StorageKey, Vec<u8>>> + Send {
        let prefix = key(&prefix) + "/";
        let rows = self.rows();
        let within = rows.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        ready(within.filter_map(|(key, value)| Some((parts(key)?, value.clone()))).collect())
    }

    fn put(&self, at: StorageKey, data: Vec<u8>) -> impl Future<Output = ()> + Send {
        self.rows().insert(key(&at), data);
        ready(())
    }

    fn delete(&self, at: StorageKey) -> impl Future<Output = ()> + Send {
        self.rows().remove(&key(&at));
        ready(())
    }
}

/// Binary websocket payload, without the frames' own headers.
#[derive(Default)]
pub struct Traffic {
    pub bytes_up: AtomicU64,
    pub bytes_down: AtomicU64,
    pub frames: AtomicU64,
}

impl Traffic {
    fn count(&self, bytes: &AtomicU64, payload: usize) {
        bytes.fetch_add(payload as u64, Relaxed);
        self.frames.fetch_add(1, Relaxed);
    }
}

struct Counting {
    url: Url,
    traffic: Arc<Traffic>,
}

impl Dialer for Counting {
    type Error = Infallible;

    fn url(&self) -> Url {
        self.url.clone()
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Infallible>>> {
        let (url, up, down) = (self.url.clone(), self.traffic.clone(), self.traffic.clone());
        Box::pin(async move {
            let (socket, _) = tokio_tungstenite::connect_async(url.as_str()).await.map_err(DialError::transient)?;
            let (sink, stream) = socket.split();
            let stream = stream.filter_map(move |message| {
                ready(match message {
                    Ok(Message::Binary(payload)) => {
                        down.count(&down.bytes_down, payload.len());
                        Some(Ok(payload.to_vec()))
                    }
                    Ok(_) => None,
                    Err(why) => Some(Err(why)),
                })
            });
            let sink = sink.with(move |payload: Vec<u8>| {
                up.count(&up.bytes_up, payload.len());
                ready(Ok::<_, tungstenite::Error>(Message::Binary(payload.into())))
            });
            Ok(Transport::new(stream.boxed(), Box::pin(sink)))
        })
    }
}

/// Connects a device at a path of its own; a server with one repository for everybody overlooks the path.
pub async fn connect(repo: &Repo, port: u16, device: u32, traffic: Arc<Traffic>) -> Result<ConnectionId> {
    let url = format!("ws://127.0.0.1:{port}/device-{device:05}").parse()?;
    let dialed = repo.dial(BackoffConfig::default(), Arc::new(Counting { url, traffic })).context("the device has stopped")?;
    dialed.established().await.context("not connected")?;
    dialed.connection_id().context("the connection is gone")
}

pub fn holds(document: &DocHandle, copy: &Replica) -> bool {
    document.with_document(|document| copy.heads().all(|head| document.get_change_by_hash(&head).is_some()))
}

/// Waits until the document has everything of the copy.
pub async fn received(document: &DocHandle, copy: &Replica) {
    let mut changes = document.changes();
    while !holds(document, copy) {
        if changes.next().await.is_none() {
            // The repository is gone, and so nothing will come any more.
            std::future::pending::<()>().await;
        }
    }
}
