//! `cargo xtask ci`: all that a change must pass before it is shown to anybody, cheapest first.

use crate::steps::{Failure, Steps, cargo, finish, succeeds};
use crate::{test, wasm};

pub fn ci() -> Result<(), Failure> {
    let mut steps = Steps::start();
    let done = all(&mut steps);
    steps.print_times();
    done
}

fn all(steps: &mut Steps) -> Result<(), Failure> {
    steps.step("format", || finish(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("clippy", || finish(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])))?;
    steps.step("tests", || test::test(&[]).map_err(|failure| failure.to_string()))?;
    steps.step("WebAssembly", || wasm::check(None).map_err(|failure| failure.to_string()))?;
    deny(steps)
}

fn deny(steps: &mut Steps) -> Result<(), Failure> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        steps.say("licences, bans, sources: left out, as cargo-deny is not installed (cargo install cargo-deny --locked)");
        return Ok(());
    }
    steps.step("licences, bans, sources", || {
        finish(cargo().args(["deny", "--log-level", "error", "check", "licenses", "bans", "sources"]))
    })?;
    // Without a network there is no database of advisories, which says nothing about the change at hand.
    if !succeeds(cargo().args(["deny", "fetch", "db"])) {
        steps.say("advisories: left out, as their database cannot be fetched from here");
        return Ok(());
    }
    steps.step("advisories", || finish(cargo().args(["deny", "check", "--disable-fetch", "advisories"])))
}
