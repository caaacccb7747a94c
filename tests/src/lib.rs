//! The harness: head office on a real socket with a real store, phones with a real core, a clock that tests set.

pub mod clock;
pub mod conformance;
pub mod forge;
pub mod office;
pub mod phone;
pub mod program;
pub mod stage;
