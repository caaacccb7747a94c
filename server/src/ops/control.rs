//! The control socket: a command goes in as one line of JSON; its output comes back as lines, and its exit code last.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shared::limits;
use shared::problem::Code;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream as AsyncUnixStream};
use tokio::sync::mpsc;

use super::{Command, Report};
use crate::error::{ApiError, ApiResult};
use crate::state::SharedApp;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Out(String),
    Err(String),
    Progress(String, u64, u64),
    Exit(u8),
}

/// Connects to the server that holds the folder; none if nobody listens (any more, or yet).
pub fn connect(socket: &Path) -> Option<UnixStream> {
    UnixStream::connect(socket).ok()
}

/// Sends a command to a server, and passes its output on.
pub fn send(mut stream: UnixStream, command: &Command, report: &mut dyn Report) -> ApiResult<u8> {
    let fail = |e: std::io::Error| ApiError::with(Code::Busy, format!("the server does not answer: {e}"));
    let request = serde_json::to_string(command).map_err(ApiError::internal)?;
    stream.write_all((request + "\n").as_bytes()).map_err(fail)?;
    for line in BufReader::new(stream).lines() {
        match serde_json::from_str(&line.map_err(fail)?).map_err(ApiError::internal)? {
            Line::Out(text) => report.out(&text),
            Line::Err(text) => report.err(&text),
            Line::Progress(what, done, total) => report.progress(&what, done, total),
            Line::Exit(code) => return Ok(code),
        }
    }
    Err(ApiError::with(Code::Internal, "the server ended before the command did"))
}

/// A socket that commands come in by.
pub struct ControlSocket {
    pub listener: UnixListener,
    pub path: PathBuf,
}

/// Listens on a fresh socket that only its owner may use.
pub fn listen(path: PathBuf) -> std::io::Result<ControlSocket> {
    // The lock is ours, so a socket that is there is a dead server's.
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(ControlSocket { listener, path })
}

/// Serves commands until the listener fails or the task is ended.
pub async fn serve(app: SharedApp, listener: UnixListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = serve_one(app, stream).await {
                tracing::warn!(%error, "a command was not answered to its end");
            }
        });
    }
}

async fn serve_one(app: SharedApp, stream: AsyncUnixStream) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    tokio::io::BufReader::new(reader).take(limits::REQUEST_BYTES_MAX as u64).read_line(&mut line).await?;
    let command: Command = serde_json::from_str(&line)?;
    let (sender, mut lines) = mpsc::channel(64);
    let worker = tokio::task::spawn_blocking(move || {
        let mut remote = Remote(sender);
        let code = super::run(&app, &command, &mut remote);
        remote.send(Line::Exit(code));
    });
    while let Some(line) = lines.recv().await {
        writer.write_all((serde_json::to_string(&line)? + "\n").as_bytes()).await?;
    }
    writer.shutdown().await?;
    worker.await.map_err(std::io::Error::other)
}

struct Remote(mpsc::Sender<Line>);

impl Remote {
    fn send(&self, line: Line) {
        // One who has gone away is not told; the command is done all the same.
        drop(self.0.blocking_send(line));
    }
}

impl Report for Remote {
    fn out(&mut self, text: &str) {
        self.send(Line::Out(text.into()));
    }
    fn err(&mut self, text: &str) {
        self.send(Line::Err(text.into()));
    }
    fn progress(&mut self, what: &str, done: u64, total: u64) {
        self.send(Line::Progress(what.into(), done, total));
    }
}
