//! The command line when nobody reads what it says.
#![cfg(feature = "cli")]

use std::process::{Command, Stdio};

/// Both streams are closed before the command says a word: nothing panics, and the exit code is the command's own.
#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code) in [(&["status"][..], 0), (&["status", "--format", "json"], 0), (&["sync"], 1), (&["--help"], 0), (&["bogus"], 2)]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roundsman-device"));
        command.arg("--data").arg(folder.path()).args(arguments).stdin(Stdio::null());
        let (out, err) = (std::io::pipe().unwrap().1, std::io::pipe().unwrap().1);
        let status = command.stdout(out).stderr(err).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}
