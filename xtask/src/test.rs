//! `cargo xtask test`: every test of the workspace, streamed as it goes, with the totals over all test binaries at the end.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use crate::browser::Ready;
use crate::console;
use crate::steps::{Failure, Steps, cargo, finish};

/// Summed over the test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

impl Totals {
    fn and(&self, other: &Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed, ignored: self.ignored + other.ignored }
    }

    /// Takes in `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`; any other line counts nothing.
    fn take_in(&mut self, line: &str) {
        let Some((_verdict, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split(';') {
            let Some((number, word)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

pub fn test(arguments: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::start();
    // Tests start the real programs, and cargo builds those only for the tests of the same package.
    steps.step("build the programs", || finish(cargo().args(["build", "--workspace", "--bins"])))?;
    let (totals, ended) = steps.step("test the workspace", || run_tests(arguments))?;
    // Words for cargo are about its tests alone.
    let (browser, in_browser) = if arguments.is_empty() { browser_tests(&mut steps, &[])? } else { (Totals::default(), Ok(())) };
    steps.say(&totals.and(&browser).to_string());
    ended.map_err(|why| Failure::Step { step: "test the workspace".to_owned(), why })?;
    in_browser.map_err(|why| Failure::Step { step: "test in a browser".to_owned(), why })
}

/// The phone's tests in a browser alone.
pub fn test_web(arguments: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::start();
    let (totals, ended) = browser_tests(&mut steps, arguments)?;
    steps.say(&totals.to_string());
    ended.map_err(|why| Failure::Step { step: "test in a browser".to_owned(), why })
}

/// Where there is no browser nothing is tested in one, and that has been said.
fn browser_tests(steps: &mut Steps, arguments: &[String]) -> Result<(Totals, Result<(), String>), Failure> {
    let (mut passed, mut failed) = match Ready::make(steps)? {
        Some(ready) => steps.step("test the phone in a browser", || ready.test(arguments))?,
        None => (0, 0),
    };
    // With arguments somebody is after one test of the phone.
    if arguments.is_empty() {
        let (more, worse) = console::test(steps)?;
        (passed, failed) = (passed + more, failed + worse);
    }
    let ended = if failed == 0 { Ok(()) } else { Err(format!("{failed} failed")) };
    Ok((Totals { passed, failed, ignored: 0 }, ended))
}

/// The totals are worth printing whether or not all is well, so how it ended comes beside them.
fn run_tests(arguments: &[String]) -> Result<(Totals, Result<(), String>), String> {
    let mut child = cargo()
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("cargo does not start: {fault}"))?;
    let output = child.stdout.take().ok_or("cargo has no output")?;
    let totals = stream(output, &mut std::io::stdout().lock()).map_err(|fault| format!("the output broke off: {fault}"))?;
    let status = child.wait().map_err(|fault| format!("cargo test: {fault}"))?;
    let ended = match totals.failed {
        0 if status.success() => Ok(()),
        0 => Err(format!("cargo test ended with {status}")),
        failed => Err(format!("{failed} failed")),
    };
    Ok((totals, ended))
}

/// Lets every line through as it comes, as bytes: a test may print what is no UTF-8.
fn stream(from: impl Read, to: &mut impl Write) -> std::io::Result<Totals> {
    let mut totals = Totals::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        totals.take_in(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_of_all_binaries_add_up_and_every_byte_goes_through() {
        let output: &[u8] = b"
running 2 tests
test ids::a ... ok
\xff\xfe no UTF-8
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s

     Running tests/sync.rs
test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
error: test failed, to rerun pass `-p shared`";
        let mut through = Vec::new();
        let totals = stream(output, &mut through).expect("memory does not fail");
        assert_eq!(totals.to_string(), "19 passed, 2 failed, 1 ignored");
        assert_eq!(through, output);
    }

    #[test]
    fn a_coloured_verdict_counts_and_a_test_that_talks_of_results_does_not() {
        let mut totals = Totals::default();
        totals.take_in("test result: \x1b[32mok\x1b[m. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        totals.take_in("the test result: ok. 5 passed; 0 failed");
        totals.take_in("test result: unclear");
        assert_eq!(totals, Totals { passed: 3, failed: 0, ignored: 0 });
    }
}
