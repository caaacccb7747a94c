//! The samod peer: a plain sync server that never announces documents, with one `Repo` for each URL path, which is for each device.
//!
//! samod's examples have one `Repo` for everybody. A repository for each device is what a careful user would build, so that no device
//! is ever asked about the documents of another.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use samod::{AcceptorHandle, Repo, ShareConfig};
use tokio::net::TcpSocket;
use tokio::sync::Mutex;
use url::Url;

use crate::sqlite::Sqlite;

/// All devices come at once.
const BACKLOG: u32 = 4096;
const LARGEST_MESSAGE: usize = 1 << 30;

struct Server {
    storage: Sqlite,
    url: Url,
    scopes: Mutex<HashMap<String, Scope>>,
}

struct Scope {
    /// Ends when it is dropped.
    _repo: Repo,
    acceptor: AcceptorHandle,
}

/// Serves until killed, or until the store fails.
pub async fn serve(port: u16, dir: &Path) -> Result<()> {
    let (storage, failed) = Sqlite::open(dir)?;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(BACKLOG)?;
    let port = listener.local_addr()?.port();
    let url = format!("ws://127.0.0.1:{port}/").parse()?;
    let server = Arc::new(Server { storage, url, scopes: Mutex::default() });
    println!("listening {port}");
    tokio::select! {
        served = axum::serve(listener, Router::new().fallback(connect).with_state(server)) => Ok(served?),
        Ok(why) = failed => Err(why.context("the store")),
    }
}

async fn connect(State(server): State<Arc<Server>>, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    match server.acceptor(uri.path()).await {
        Ok(acceptor) => upgrade.max_message_size(LARGEST_MESSAGE).on_upgrade(move |socket| async move {
            if let Err(why) = acceptor.accept_axum(socket, None) {
                eprintln!("not accepted: {why}");
            }
        }),
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{why:#}")).into_response(),
    }
}

impl Server {
    async fn acceptor(&self, path: &str) -> Result<AcceptorHandle> {
        let mut scopes = self.scopes.lock().await;
        if let Some(scope) = scopes.get(path) {
            return Ok(scope.acceptor.clone());
        }
        let repo = Repo::build_tokio()
            .with_peer_id("server".into())
            .with_share_policy(ShareConfig::read_write().with_announce(false))
            .with_storage(self.storage.clone())
            .load()
            .await;
        let acceptor = repo.make_acceptor(self.url.clone()).context("a repository that accepts")?;
        scopes.insert(path.to_owned(), Scope { _repo: repo, acceptor: acceptor.clone() });
        Ok(acceptor)
    }
}
