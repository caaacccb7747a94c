//! The house's own commands: `cargo xtask` lists them. Plain std, but for the bindings of the
//! phone's core, so that a newcomer waits little for it.

mod bench;
mod browser;
mod ci;
mod console;
mod run;
mod steps;
mod test;
mod today;
mod wasm;
mod web;

use std::process::ExitCode;

use steps::Failure;

const HELP: &str = "\
cargo xtask run [--port 8080] [--days 7]
    build, import the example district, replay days of its field work through devices, and serve it until Ctrl-C
cargo xtask test [ARGUMENTS OF cargo test]
    every test of the workspace, and how many passed; then the console's, in a browser
cargo xtask bench burst [--devices D] [--runs N] [--peers] [--json]
    devices that return to the office at once: the server on one core, the load on another; beside the floor and the peers
cargo xtask bench console [--runs N] [--json]
    the board of a thousand managers while all return at once: its server's time, and what a supervisor's screen shows
cargo xtask bench overload
    ten times as much as the server can do, and how soon it is well again
cargo xtask bench year
    a manager's year: what it weighs, its first sync, and a device that comes back after 90 days
cargo xtask bench forms
    the forms in which a day's changes can travel: bytes, and what they cost phone and server
cargo xtask bench score [--runs N] [--json]
    a month scored from facts: the sample's managers, and a thousand of their shape
cargo xtask bench phone [--runs N] [--json]
    the phone's budgets in a browser on a processor a quarter as fast: tap to durable, cold start, first sync, install
cargo xtask test-web [ARGUMENTS OF node --test]
    the phone's tests in a browser alone
cargo xtask screens
    a picture of every page of the console and every screen of the phone, in both languages, for docs
cargo xtask web
    the phone's core as WebAssembly and both web apps, as far as their sources have changed
cargo xtask bench orders --data FILE [--half even|odd] [--json]
    order suggestions against real demand, beside rules of thumb: what is sold, and what is held for it
cargo xtask ci
    what a change must pass: format, clippy, tests, WebAssembly, and licences and bans where cargo-deny is installed
cargo xtask wasm-check [--via rustup|debian]
    `shared` builds for wasm32-unknown-unknown, by rustup's target or by Debian's packages, whichever works here, and its
    scorer comes under Node to the bytes of the native one
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(why)) => {
            eprintln!("{why}\n\n{HELP}");
            ExitCode::from(2)
        }
        Err(failure) => {
            eprintln!("failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match name.as_str() {
        "run" => run::run(&run::Options::parse(rest)?),
        "test" => test::test(rest),
        "bench" => bench::bench(rest),
        "ci" => {
            no_arguments(name, rest)?;
            ci::ci()
        }
        "test-web" => test::test_web(rest),
        "screens" => {
            no_arguments(name, rest)?;
            console::screens()?;
            browser::screens()
        }
        "web" => {
            no_arguments(name, rest)?;
            web::build(&mut steps::Steps::start())
        }
        "wasm-check" => wasm::check(wasm::parse_way(rest)?),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(Failure::Usage(format!("there is no `cargo xtask {name}`"))),
    }
}

fn no_arguments(name: &str, rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Failure::Usage(format!("`cargo xtask {name}` takes no `{extra}`"))),
    }
}
