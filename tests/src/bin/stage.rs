//! A district for tests in a browser: `stage [monday FROM | empty]` says where it is in one line of JSON, then takes one
//! command a line and answers each in one line. It ends when its input does.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use tests::stage::Stage;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut stage = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["empty"] => Stage::empty(),
        ["monday", from] => Stage::monday(from),
        _ => Stage::monday("2026-08-03"),
    };
    let logins: Value = ["s01", "a01", "admin"]
        .iter()
        .filter_map(|login| {
            let known = server::auth::password::account(stage.office.app(), login).is_some();
            known.then(|| ((*login).to_string(), json!(stage.password(login))))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    say(&json!({ "url": stage.office.url(), "passwords": logins }));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let answer = match serde_json::from_str(&line) {
            Ok(command) => stage.act(&command),
            Err(fault) => json!({ "error": fault.to_string() }),
        };
        say(&answer);
    }
}

fn say(answer: &Value) {
    let mut out = std::io::stdout().lock();
    // Who asked may be gone; then the input ends, too.
    drop(writeln!(out, "{answer}").and_then(|()| out.flush()));
}
