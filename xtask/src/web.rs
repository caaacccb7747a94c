//! The web apps: the phone's core as WebAssembly, then both apps by vite. Each is built only when what it is made of has
//! changed since, so that a second run costs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::steps::{Failure, Steps, finish, root, succeeds};
use crate::wasm;

/// Where the core's bindings go: `core.js`, `core_bg.wasm` and their types.
const CORE: &str = "web/device/src/core/generated";
const APPS: [&str; 2] = ["web/device", "web/console"];

/// Builds what the server shows. What is missing here is said in one line, and the rest is built all the same.
pub fn build(steps: &mut Steps) -> Result<(), Failure> {
    if let Err(why) = npm_ready() {
        steps.say(&format!("no web apps: {why}"));
        return Ok(());
    }
    steps.step("npm packages", packages)?;
    let core = match !is_app("web/device") || core_is_fresh() {
        true => Ok(()),
        false => match wasm::way() {
            Ok(way) => steps.step("the phone's core, as WebAssembly", || build_core(way)).map(Ok)?,
            Err(why) => Err(why),
        },
    };
    for app in APPS {
        if !is_app(app) {
            continue;
        }
        match (&core, app) {
            (Err(why), "web/device") => steps.say(&format!("no phone app: {why}")),
            _ if is_fresh(app) => {}
            _ => steps.step(app, || finish(npm().args(["run", "build", "--workspace", app.trim_start_matches("web/")])))?,
        }
    }
    Ok(())
}

/// Everything that the tests in a browser need, or why they can't run.
pub fn ready(steps: &mut Steps) -> Result<Result<PathBuf, String>, Failure> {
    if let Err(why) = npm_ready() {
        return Ok(Err(why));
    }
    build(steps)?;
    if !root().join("web/device/dist/index.html").exists() {
        return Ok(Err("the phone app is not built".to_owned()));
    }
    Ok(chromium())
}

/// npm in `web/`.
pub fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir(root().join("web"));
    command
}

pub fn npm_ready() -> Result<(), String> {
    if succeeds(npm().arg("--version")) { Ok(()) } else { Err("npm is missing (Node.js 20.19 or newer)".to_owned()) }
}

fn packages() -> Result<(), String> {
    let lock = root().join("web/package-lock.json");
    let installed = root().join("web/node_modules/.package-lock.json");
    if modified(&installed) > modified(&lock) {
        return Ok(());
    }
    finish(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]))?;
    // npm keeps that file's time if nothing changed, and would be asked again.
    fs::File::options()
        .append(true)
        .open(&installed)
        .and_then(|file| file.set_modified(SystemTime::now()))
        .map_err(|fault| fault.to_string())
}

fn core_is_fresh() -> bool {
    let sources = ["shared/src", "client-core/src", "shared/Cargo.toml", "client-core/Cargo.toml", "Cargo.lock"];
    let newest = sources.iter().map(|source| newest(&root().join(source))).max();
    modified(&root().join(CORE).join("core_bg.wasm")) > newest.flatten()
}

fn build_core(way: wasm::Way) -> Result<(), String> {
    let module = wasm::build_core(way)?;
    let out = root().join(CORE);
    fs::create_dir_all(&out).map_err(|fault| fault.to_string())?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(module)
        .web(true)
        .and_then(|bindgen| {
            bindgen.typescript(true).remove_name_section(true).remove_producers_section(true).out_name("core").generate(&out)
        })
        .map_err(|fault| format!("wasm-bindgen: {fault:#}"))?;
    Ok(())
}

fn is_app(app: &str) -> bool {
    root().join(app).join("index.html").exists()
}

/// Whether an app's `dist` is newer than all that it is built of.
fn is_fresh(app: &str) -> bool {
    let sources = [app, "web/ui", "web/package-lock.json", "web/tsconfig.base.json"].map(|source| newest(&root().join(source)));
    modified(&root().join(app).join("dist/index.html")) > sources.into_iter().max().flatten()
}

/// The newest file of a folder, without what is made from others.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    let made = ["dist", "node_modules", "tests"];
    let entries = fs::read_dir(path).ok()?.flatten();
    entries.filter(|entry| !made.iter().any(|name| entry.file_name() == *name)).filter_map(|entry| newest(&entry.path())).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// A browser to test in: Debian's, which is fetched if that is allowed here.
pub fn chromium() -> Result<PathBuf, String> {
    let installed = || ["/usr/bin/chromium", "/usr/bin/chromium-browser"].map(PathBuf::from).into_iter().find(|path| path.exists());
    if let Some(path) = installed() {
        return Ok(path);
    }
    wasm::debian_install(&["chromium", "fonts-noto-cjk"])?;
    installed().ok_or_else(|| "apt-get did not install chromium".to_owned())
}
