//! The scorer by tables: every edge of the contract on a district of three shops.

mod assignments;
mod flags;
mod formulas;
mod gate;
mod holding;
mod monotone;
mod order;
mod receipts;
mod stars;
mod transfers;
mod what_if;
mod world;
