//! The files of a folder, one by one.

use std::collections::BTreeMap;

mod allocations;
mod assignments;
mod calendar;
mod cascade;
mod events;
mod festivals;
mod org;
mod people;
mod retailers;
mod routes;
mod scheme;
mod skus;
mod targets;
mod teams;

pub(super) use allocations::Allocations;
pub(super) use assignments::Assignments;
pub(super) use calendar::Calendar;
pub(super) use cascade::Cascade;
pub(super) use events::Events;
pub(super) use festivals::Festivals;
pub(super) use org::import as import_org;
pub(super) use people::People;
pub(super) use retailers::Retailers;
pub(super) use routes::{Routes, WidthStandards};
pub(super) use scheme::{Schemes, import as import_scheme, warn_of_stranded};
pub(super) use skus::Skus;
pub(super) use targets::Targets;
pub(super) use teams::{Teams, foresee as foresee_teams};

/// Groups rows of two-part keys by the first part, in the order of the second.
fn grouped<A: Ord, B: Ord, V, T>(rows: BTreeMap<(A, B), V>, join: impl Fn(B, V) -> T) -> BTreeMap<A, Vec<T>> {
    let mut out = BTreeMap::<A, Vec<T>>::new();
    for ((group, rest), value) in rows {
        out.entry(group).or_default().push(join(rest, value));
    }
    out
}
