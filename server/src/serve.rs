//! The running server: listener, materialiser, control socket, and an end that finishes what was begun.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::{TcpListener, TcpSocket};

use crate::materialise;
use crate::ops::control::{self, ControlSocket};
use crate::router::{self, Listening};
use crate::state::{Poke, SharedApp};

/// Serves until `stop` resolves, then lets requests in flight end.
pub async fn serve(
    app: SharedApp,
    listening: Listening,
    control: ControlSocket,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    let materialiser = materialise::start(&app, ended.clone())?;
    let commands = tokio::spawn(control::serve(app.clone(), control.listener));
    let housekeeping = tokio::spawn(crate::housekeeping::run(app.clone()));
    let (closing, closed) = tokio::sync::oneshot::channel::<()>();
    let pokes = app.pokes.clone();
    let graceful = async move {
        stop.await;
        // Listeners for pokes never end by themselves; that there may be none is no fault.
        drop(pokes.send(Poke::End));
        drop(closing);
    };
    let served = router::serve(app.clone(), listening, graceful);
    tokio::select! {
        result = served => result?,
        () = grace(closed) => tracing::warn!("requests were still open when the time to end them was over"),
    }
    housekeeping.abort();
    commands.abort();
    // Whether it is still there or not: nobody listens on it any more.
    drop(std::fs::remove_file(control.path));
    ended.store(true, Ordering::Release);
    app.wake.ring();
    let joined = tokio::task::spawn_blocking(move || materialiser.join()).await;
    if !matches!(joined, Ok(Ok(()))) {
        tracing::error!("the materialiser did not end in order");
    }
    Ok(())
}

/// The time that requests have to end after the stop.
async fn grace(closed: tokio::sync::oneshot::Receiver<()>) {
    drop(closed.await);
    tokio::time::sleep(std::time::Duration::from_secs(shared::limits::SHUTDOWN_SECONDS)).await;
}

/// Listens with room for a burst of connections: one that finds none tries again only after a second.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // After a restart the port is taken again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(shared::limits::CONNECTIONS_PENDING_MAX)
}

pub fn url(address: SocketAddr, tls: bool) -> String {
    format!("{}://{address}", if tls { "https" } else { "http" })
}
