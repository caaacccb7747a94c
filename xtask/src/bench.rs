//! `cargo xtask bench`: figures, never tests. Everything is built first, for release; what is made for a run is kept in
//! `target/burst`.

use std::process::Command;

use crate::browser::Ready;
use crate::steps::{Failure, Steps, cargo, finish, root};
use crate::web;

const BURST: &str = "target/release/burst";
const ORDERS: &str = "target/release/orders";
const PEERS: &str = "target/peers/release/peers";

pub fn bench(arguments: &[String]) -> Result<(), Failure> {
    let Some((what, rest)) = arguments.split_first() else {
        return Err(Failure::Usage(
            "`cargo xtask bench` wants to know what: burst, console, overload, year, forms, score, orders or phone".into(),
        ));
    };
    match what.as_str() {
        "burst" => burst(rest),
        "overload" | "year" | "forms" => {
            step("build", build(&["--package", "server", "--package", "burst"]))?;
            step(what, finish(Command::new(root().join(BURST)).current_dir(root()).arg(what).args(rest)))
        }
        // It needs the scorer alone, so it does not wait for the server to be built.
        "score" => {
            let mut run = cargo();
            run.args(["bench", "--package", "shared", "--bench", "score", "--"]).args(rest);
            step("score", finish(&mut run))
        }
        "console" => console(rest),
        "orders" => orders(rest),
        "phone" => phone(rest),
        _ => Err(Failure::Usage(format!("there is no `cargo xtask bench {what}`"))),
    }
}

/// The seed is made on all cores; the load then has one to itself, and the server another.
fn burst(arguments: &[String]) -> Result<(), Failure> {
    let peers = arguments.iter().any(|word| word == "--peers");
    let arguments: Vec<&String> = arguments.iter().filter(|word| *word != "--peers").collect();
    step("build", build(&["--package", "server", "--package", "burst"]))?;
    if peers {
        let manifest = "tests/peers/Cargo.toml";
        step("build the peers", build(&["--locked", "--manifest-path", manifest, "--target-dir", "target/peers"]))?;
    }
    step("seed", finish(Command::new(root().join(BURST)).current_dir(root()).arg("seed").args(&arguments)))?;
    let mut run = Command::new("taskset");
    run.current_dir(root()).args(["--cpu-list", "1", BURST, "run"]).args(&arguments);
    if peers {
        run.args(["--peers", PEERS]);
    }
    step("run", finish(&mut run))
}

/// The console is built first: the server takes its files in.
fn console(arguments: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::start();
    web::npm_ready().map_err(|why| Failure::Step { step: "bench console".into(), why })?;
    web::build(&mut steps)?;
    let chromium = web::chromium().map_err(|why| Failure::Step { step: "bench console".into(), why })?;
    step("build", build(&["--package", "server", "--package", "burst"]))?;
    step("seed", finish(Command::new(root().join(BURST)).current_dir(root()).args(["seed", "--devices", "1000", "--today"])))?;
    let mut run = Command::new("taskset");
    run.current_dir(root()).env("ROUNDSMAN_CHROMIUM", chromium).args(["--cpu-list", "1", BURST, "console"]).args(arguments);
    step("run", finish(&mut run))
}

/// The phone is built as it ships; the programs are those that its tests run against.
fn phone(arguments: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::start();
    let Some(ready) = Ready::make(&mut steps)? else { return Ok(()) };
    steps.step("the phone's budgets", || ready.bench(arguments))
}

/// Paths are the caller's, so it runs where the caller stands.
fn orders(arguments: &[String]) -> Result<(), Failure> {
    step("build", build(&["--package", "orders"]))?;
    step("orders", finish(Command::new(root().join(ORDERS)).args(arguments)))
}

/// Cargo's own words go to stderr: what is printed on stdout is the result alone.
fn build(arguments: &[&str]) -> Result<(), String> {
    finish(cargo().args(["build", "--release"]).args(arguments))
}

fn step(name: &str, done: Result<(), String>) -> Result<(), Failure> {
    done.map_err(|why| Failure::Step { step: name.to_owned(), why })
}
