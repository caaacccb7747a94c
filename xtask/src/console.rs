//! The console in a real browser: its tests, and its pictures for docs. Both need npm and a Chromium; what is missing is said
//! in one line.

use std::process::Command;

use crate::browser;
use crate::steps::{Failure, Steps, cargo, finish, root};
use crate::web;

/// The district that does as the browser's tests tell it.
const STAGE: &str = "target/debug/stage";

/// Runs the console's tests: how many passed and failed; none, if they can't be run here.
pub fn test(steps: &mut Steps) -> Result<(u64, u64), Failure> {
    match ready(steps)? {
        Err(why) => {
            steps.say(&format!("no tests of the console: {why}"));
            Ok((0, 0))
        }
        Ok(node) => steps.step("test the console in a browser", || browser::count_tests(node, &["web/console/tests/".to_owned()])),
    }
}

/// Takes a picture of every page in both languages.
pub fn screens() -> Result<(), Failure> {
    let mut steps = Steps::start();
    match ready(&mut steps)? {
        Err(why) => Err(Failure::Step { step: "pictures of the console".into(), why }),
        Ok(mut node) => steps.step("pictures of the console, in docs/console", || finish(node.arg("web/console/tests/screens.mjs"))),
    }
}

/// Node with all that a script about the console needs, or why that can't be had.
fn ready(steps: &mut Steps) -> Result<Result<Command, String>, Failure> {
    if let Err(why) = web::npm_ready() {
        return Ok(Err(why));
    }
    web::build(steps)?;
    if !root().join("web/console/dist/index.html").exists() {
        return Ok(Err("the console is not built".into()));
    }
    let chromium = match web::chromium() {
        Ok(chromium) => chromium,
        Err(why) => return Ok(Err(why)),
    };
    // After the console: the server takes its files in when it is built.
    steps.step("build the stage", || finish(cargo().args(["build", "--workspace", "--bins"])))?;
    let mut node = Command::new("node");
    node.current_dir(root()).env("ROUNDSMAN_STAGE", root().join(STAGE)).env("ROUNDSMAN_CHROMIUM", chromium);
    Ok(Ok(node))
}
