//! The server as a child: started, waited for until it is ready, and ended as an operator would, by a signal.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::steps::finish;

const READY_WITHIN: Duration = Duration::from_secs(60);
const ENDED_WITHIN: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(50);
/// A first start says how to get in within its first lines; what comes later is its log.
const FIRST_LINES: usize = 20;

pub struct Server {
    child: Child,
    /// The first lines that the server said.
    said: Receiver<String>,
    /// Lets all that the server says through.
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it and returns when it answers that it is ready.
    pub fn start(mut command: Command, address: SocketAddr) -> Result<Self, String> {
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|fault| format!("it does not start: {fault}"))?;
        let (first_lines, said) = mpsc::channel();
        let reader = child.stdout.take().map(|output| thread::spawn(move || let_through(output, &first_lines)));
        let mut server = Self { child, said, reader };
        server.wait_until("ready", READY_WITHIN, |server| match server.ended()? {
            Some(status) => Err(format!("it ended with {status}")),
            None => Ok(is_ready(address).then_some(())),
        })?;
        Ok(server)
    }

    /// Ends it gracefully; what it said first comes back.
    pub fn stop(&mut self) -> Result<Vec<String>, String> {
        let said = self.said.try_iter().collect();
        // Std can only kill outright, which no server can answer by closing its books.
        finish(Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]))?;
        let status = self.wait_until("ended", ENDED_WITHIN, Self::ended)?;
        if let Some(reader) = self.reader.take() {
            reader.join().map_err(|_panic| "its output broke off".to_owned())?;
        }
        if status.success() { Ok(said) } else { Err(format!("it ended with {status}")) }
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.child.try_wait().map_err(|fault| fault.to_string())
    }

    fn wait_until<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut condition: impl FnMut(&mut Self) -> Result<Option<T>, String>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(met) = condition(self)? {
                return Ok(met);
            }
            if Instant::now() > deadline {
                return Err(format!("it was not {what} within {} s", limit.as_secs()));
            }
            thread::sleep(POLL_EVERY);
        }
    }
}

impl Drop for Server {
    /// When a step fails, the server must not outlive it.
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None))
            && let Err(why) = self.stop()
        {
            let killed = self.child.kill().and_then(|()| self.child.wait());
            eprintln!("the server: {why}; killed: {killed:?}");
        }
    }
}

/// Puts the server in this program's place, so that signals and the exit code are its own. Returns only if that fails.
pub fn become_it(mut command: Command) -> Result<(), String> {
    Err(format!("it does not start: {}", command.exec()))
}

fn let_through(output: impl Read, first_lines: &Sender<String>) {
    for (number, line) in BufReader::new(output).lines().map_while(Result::ok).enumerate() {
        println!("{line}");
        if number < FIRST_LINES {
            // When nobody listens any more, the line has still been shown.
            first_lines.send(line).unwrap_or_default();
        }
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status_line = String::new();
        BufReader::new(stream).read_line(&mut status_line)?;
        Ok(status_line)
    };
    ask().is_ok_and(|status_line| status_line.split(' ').nth(1) == Some("200"))
}
