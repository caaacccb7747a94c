//! HTTPS: off localhost a phone keeps data for nobody else. Certificate chain and key are PEM files; TLS 1.2 and 1.3 by
//! rustls over aws-lc.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use shared::limits;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Reads a certificate chain and its key; what is wrong is said in one sentence that names the file.
pub fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let chain = CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect);
    let chain: Vec<CertificateDer<'static>> = chain.map_err(|fault| unreadable(certificates, "certificate", fault))?;
    if chain.is_empty() {
        return Err(unreadable(certificates, "certificate", pem::Error::NoItemsFound));
    }
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|fault| unreadable(key, "private key", fault))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|fault| fault.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key_der);
    let mut config = config.map_err(|fault| match fault {
        rustls::Error::InconsistentKeys(_) => {
            format!("{} is not the key of the first certificate in {}", key.display(), certificates.display())
        }
        fault => format!("{}, with {}: {fault}", certificates.display(), key.display()),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn unreadable(path: &Path, what: &str, fault: pem::Error) -> String {
    match fault {
        pem::Error::NoItemsFound => format!("{} holds no {what} in PEM", path.display()),
        pem::Error::Io(fault) => format!("{}: {fault}", path.display()),
        fault => format!("{}: {fault}", path.display()),
    }
}

/// Connections whose handshake is done. Handshakes go on beside each other, so that a slow one holds nobody up.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    pub fn start(listener: TcpListener, acceptor: TlsAcceptor) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(limits::HANDSHAKES_MAX);
        tokio::spawn(accept(listener, acceptor, done));
        Ok(Self { ready, address })
    }
}

async fn accept(mut listener: TcpListener, acceptor: TlsAcceptor, done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    let places = Arc::new(Semaphore::new(limits::HANDSHAKES_MAX));
    while let Ok(place) = places.clone().acquire_owned().await {
        // What can't be accepted for the moment is waited out there.
        let (stream, address) = Listener::accept(&mut listener).await;
        if done.is_closed() {
            return;
        }
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            let _place = place;
            let handshake = tokio::time::timeout(Duration::from_secs(limits::HANDSHAKE_SECONDS), acceptor.accept(stream));
            // A stranger who speaks no TLS is not worth a line in the log; nobody may be left to serve the rest.
            if let Ok(Ok(stream)) = handshake.await {
                drop(done.send((stream, address)).await);
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}
