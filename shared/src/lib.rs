//! Everything that the phone and head office must agree on: ids, limits, documents, facts, the scheme, the score, the
//! wire. Pure: no I/O, no clock, no randomness, no async. Whoever calls brings the time and the random bytes.

pub mod decimal;
pub mod doc;
pub mod facts;
pub mod hex;
pub mod ids;
pub mod limits;
pub mod order;
pub mod problem;
pub mod published;
pub mod reference;
pub mod scheme;
pub mod score;
pub mod targets;
pub mod time;
pub mod week;
pub mod wire;

mod cbor;
