//! The phone: commands in, screens' data out, all of it offline. One [`Device`] over one SQLite store; the clock, the
//! randomness and the network come from outside. Only [`store`] knows SQL; [`sync`] plans purely and applies in one
//! transaction; no action ever needs a token, a network or a permission.

pub mod bindings;
pub mod device;
pub mod error;
#[cfg(feature = "replay")]
pub mod fieldlog;
#[cfg(feature = "replay")]
pub mod replay;
pub mod screens;
mod signing;
pub mod store;
pub mod surroundings;
pub mod sync;
pub mod transport;

pub use device::Device;
pub use error::Error;
pub use surroundings::Surroundings;
#[cfg(feature = "system")]
pub use surroundings::System;
