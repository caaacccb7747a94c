//! The core for other languages: one call is one JSON value in and one out. [`calls`] is the whole of it, and plain Rust;
//! the platforms only carry texts and bytes.

pub mod calls;
#[cfg(all(target_family = "wasm", feature = "wasm"))]
mod wasm;
