//! The real programs, as processes that can be killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A built program of this workspace.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built: run `cargo xtask test`, or `cargo build --workspace --bins`", path.display());
    path
}

/// Runs a program to its end.
pub fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(program(name)).args(arguments).env("RUST_BACKTRACE", "0").output().expect("the program starts")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `roundsman serve` as a process of its own.
pub struct ServeProcess {
    child: Child,
    pub url: String,
}

impl ServeProcess {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(program("roundsman"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let output = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().expect("it says where it listens").expect("text");
        let url = first.split_whitespace().last().expect("the URL comes last").to_string();
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// SIGKILL: nothing is flushed, nothing is ended.
    pub fn kill(mut self) {
        self.child.kill().expect("it still ran");
        self.child.wait().expect("it has ended");
    }
}

impl Drop for ServeProcess {
    fn drop(&mut self) {
        // It may have been killed already; either way it must not outlive the test.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
