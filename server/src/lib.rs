//! Head office: receives field work, keeps it, merges it, and alone scores it.

pub mod admission;
pub mod attempts;
pub mod auth;
pub mod clock;
pub mod decisions;
pub mod directory;
pub mod error;
pub mod handlers;
pub mod housekeeping;
pub mod import;
pub mod ingest;
pub mod materialise;
pub mod months;
pub mod ops;
pub mod progress;
pub mod quarantine;
pub mod rescue;
pub mod router;
pub mod scores;
pub mod serve;
pub mod shops;
pub mod state;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod web;
