//! The phone's WebAssembly: `cargo xtask wasm-check` builds `shared` for it, and compares its scorer there with the native one
//! to the byte; the web apps want its core. The target's standard library comes from rustup, or is built from Debian's
//! sources where rustup cannot fetch it.

use std::path::PathBuf;
use std::process::Command;

use crate::steps::{Failure, Steps, cargo, finish, root, succeeds};

const TARGET: &str = "wasm32-unknown-unknown";
const TARGET_FOLDER: &str = "target/wasm";
/// A Rust with its library's sources, a linker, and a C compiler for the crates that bring C.
const DEBIAN_PACKAGES: [&str; 6] = ["rustc-web", "cargo-web", "rust-web-src", "lld", "clang-19", "llvm-19"];
/// What the phone would download of SQLite and never use.
const SQLITE_WITHOUT: &[&str] = &[
    "-USQLITE_ENABLE_API_ARMOR",
    "-USQLITE_ENABLE_BYTECODE_VTAB",
    "-USQLITE_ENABLE_COLUMN_METADATA",
    "-USQLITE_ENABLE_DBPAGE_VTAB",
    "-USQLITE_ENABLE_DBSTAT_VTAB",
    "-USQLITE_ENABLE_FTS5",
    "-USQLITE_ENABLE_MATH_FUNCTIONS",
    "-USQLITE_ENABLE_OFFSET_SQL_FUNC",
    "-USQLITE_ENABLE_PREUPDATE_HOOK",
    "-USQLITE_ENABLE_RTREE",
    "-USQLITE_ENABLE_SESSION",
    "-USQLITE_ENABLE_STMTVTAB",
    "-USQLITE_ENABLE_UNKNOWN_SQL_FUNCTION",
    "-USQLITE_ENABLE_UNLOCK_NOTIFY",
    "-DSQLITE_OMIT_AUTHORIZATION",
    "-DSQLITE_OMIT_COMPLETE",
    "-DSQLITE_OMIT_JSON",
    "-DSQLITE_OMIT_PROGRESS_CALLBACK",
    "-DSQLITE_OMIT_TRACE",
    "-DSQLITE_OMIT_UTF16",
];
const C_PACKAGES: [&str; 2] = ["clang-19", "llvm-19"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Rustup,
    Debian,
}

pub fn parse_way(arguments: &[String]) -> Result<Option<Way>, Failure> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(None),
        ["--via", "rustup"] => Ok(Some(Way::Rustup)),
        ["--via", "debian"] => Ok(Some(Way::Debian)),
        _ => Err(Failure::Usage("`cargo xtask wasm-check` takes `--via rustup` or `--via debian`, or nothing".to_owned())),
    }
}

/// Builds `shared`, by the way asked for or the first that works here.
pub fn check(asked: Option<Way>) -> Result<(), Failure> {
    let mut steps = Steps::start();
    let way = steps.step(&format!("find a way to {TARGET}"), || match asked {
        None => way(),
        Some(Way::Rustup) => rustup_ready(),
        Some(Way::Debian) => debian_ready(),
    })?;
    let by = if way == Way::Rustup { "rustup's target" } else { "Debian's packages" };
    steps.step(&format!("build shared and its scorer, by {by}"), || finish(&mut scorer(way)?))?;
    steps.say(&format!("shared builds for {TARGET}"));
    steps.step("compare the scorer with the native one", compare)
}

/// Runs the module under Node, over the cases of `tests/wasm-score`.
fn compare() -> Result<(), String> {
    if !succeeds(Command::new("node").arg("--version")) {
        return Err("Node.js is missing (apt-get install nodejs, or nodejs.org)".to_owned());
    }
    let module = root().join(TARGET_FOLDER).join(TARGET).join("phone/wasm_score.wasm");
    // Asked for alone, it would have its dependencies built anew, with fewer features.
    let mut test = cargo();
    test.args(["test", "--workspace", "--test", "agree", "--", "--ignored", "--nocapture"]);
    finish(test.env("ROUNDSMAN_WASM", module))
}

/// The first way that works here.
pub fn way() -> Result<Way, String> {
    rustup_ready().or_else(|rustup| debian_ready().map_err(|debian| format!("{rustup}; {debian}")))
}

/// The phone's core, made for size and speed; where it lies.
pub fn build_core(way: Way) -> Result<PathBuf, String> {
    let mut cargo = targeted(way, "rustc")?;
    cargo.env("SQLITE_WASM_RS_FLAGS", SQLITE_WITHOUT.join(" "));
    cargo.args(["--package", "client-core", "--lib", "--crate-type", "cdylib", "--no-default-features", "--features", "wasm"]);
    finish(&mut cargo)?;
    Ok(root().join(TARGET_FOLDER).join(TARGET).join("phone/client_core.wasm"))
}

fn rustup_ready() -> Result<Way, String> {
    let installed = || sysroot().is_some_and(|path| path.join("lib/rustlib").join(TARGET).is_dir());
    if installed() || (succeeds(Command::new("rustup").args(["target", "add", TARGET])) && installed()) {
        return Ok(Way::Rustup);
    }
    Err(format!("`rustup target add {TARGET}` does not work here"))
}

fn sysroot() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end()))
}

/// A compiler for SQLite's C and its archiver: plain, or by Debian's names with a version.
fn c_compiler() -> Result<[String; 2], String> {
    let names = |version: &str| [format!("clang{version}"), format!("llvm-ar{version}")];
    let find = || {
        let candidates = std::iter::once(String::new()).chain((14..=30).rev().map(|version| format!("-{version}")));
        candidates.map(|version| names(&version)).find(|tools| tools.iter().all(|tool| succeeds(Command::new(tool).arg("--version"))))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    debian_install(&C_PACKAGES).map_err(|why| format!("SQLite's C needs clang and llvm-ar, {why}"))?;
    find().ok_or_else(|| "clang and llvm-ar are missing".to_owned())
}

fn debian_ready() -> Result<Way, String> {
    debian_install(&DEBIAN_PACKAGES)?;
    Ok(Way::Debian)
}

/// Has packages of Debian installed, as far as they are missing and that is allowed here.
pub fn debian_install(packages: &[&str]) -> Result<(), String> {
    if debian_installed(packages) {
        return Ok(());
    }
    let wanted = packages.join(" ");
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || !succeeds(Command::new("apt-get").arg("--version")) {
        return Err(format!("and Debian's packages are missing: apt-get install {wanted}"));
    }
    // The list comes first: the Rust new enough for us arrived as an update to the release.
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())?;
    if debian_installed(packages) { Ok(()) } else { Err(format!("apt-get did not install {wanted}")) }
}

fn debian_installed(packages: &[&str]) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}\n"]).args(packages).output();
    query.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).lines().filter(|line| *line == "installed").count() == packages.len())
}

/// Its chatter matters only when it fails.
fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("apt-get").arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").output();
    let output = output.map_err(|fault| format!("apt-get does not start: {fault}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("apt-get {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim_end()))
}

/// `shared` and its scorer, as the phone has them.
fn scorer(way: Way) -> Result<Command, String> {
    let mut cargo = targeted(way, "build")?;
    cargo.args(["--package", "shared", "--package", "wasm-score", "--lib"]);
    Ok(cargo)
}

/// A command of cargo for the target, in a folder of its own, so that it never disturbs the native build.
fn targeted(way: Way, command: &str) -> Result<Command, String> {
    let [compiler, archiver] = c_compiler()?;
    let mut cargo = if way == Way::Rustup { cargo() } else { debian_cargo() };
    cargo.args([command, "--locked", "--target", TARGET, "--target-dir", TARGET_FOLDER, "--profile", "phone"]);
    if way == Way::Debian {
        cargo.arg("-Zbuild-std=std,panic_abort");
    }
    // Random bytes come from the browser.
    cargo.env("RUSTFLAGS", "--cfg getrandom_backend=\"wasm_js\"");
    cargo.env("CC_wasm32_unknown_unknown", compiler).env("AR_wasm32_unknown_unknown", archiver);
    Ok(cargo)
}

fn debian_cargo() -> Command {
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.current_dir(root());
    // What rustup's cargo left behind would lead Debian's back to rustup's compiler and libraries.
    for left in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
        cargo.env_remove(left);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    cargo.env("PATH", format!("/usr/bin:{path}"));
    // Building the standard library is an unstable flag, which a stable compiler takes only when told to.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CC_wasm32_unknown_unknown", "clang-19");
    cargo.env("AR_wasm32_unknown_unknown", "llvm-ar-19");
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_asked_for_by_name_or_left_open() {
        let parse = |words: &[&str]| parse_way(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(parse(&[]), Ok(None));
        assert_eq!(parse(&["--via", "debian"]), Ok(Some(Way::Debian)));
        assert!(parse(&["--via"]).is_err());
        assert!(parse(&["--via", "nix"]).is_err());
    }
}
