//! The folders of the web apps are there before the server is built, so that a debug build finds what is put in them later;
//! a release, which carries their files, is built again when they change.

fn main() -> std::io::Result<()> {
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    for app in ["device", "console"] {
        let dist = format!("../web/{app}/dist");
        std::fs::create_dir_all(&dist)?;
        if release {
            println!("cargo::rerun-if-changed={dist}");
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
