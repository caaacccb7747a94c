//! Warnings: what the score could not credit or judge, said aloud instead of guessed. Each belongs to a person or to a
//! route, so that a phone with some routes shows for them what head office shows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::Serialize;

use super::measures::Counted;
use super::period::Period;
use crate::ids::{PersonId, RouteId, Sku};
use crate::reference::AssignmentKind;
use crate::time::days;

/// Something that a person should look into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize)]
pub struct Warning {
    #[n(0)]
    pub code: Code,
    #[n(1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    #[n(2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_id: Option<RouteId>,
    /// One sentence.
    #[n(3)]
    pub what: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The district or its time zone is unknown.
    #[n(0)]
    NoZone,
    /// A route with shops has no owner on some days.
    #[n(1)]
    OwnerGap,
    /// Sales to a shop that is closed, unknown or on another route that day.
    #[n(2)]
    StraySales,
    /// A SKU that the district doesn't know was sold, counted or planned.
    #[n(3)]
    UnknownSku,
    #[n(4)]
    GateNoPlan,
    #[n(5)]
    GateNoData,
    #[n(6)]
    GateNoPace,
}

impl Warning {
    pub(super) fn of_person(code: Code, person: &PersonId, what: String) -> Self {
        Self { code, person_id: Some(person.clone()), route_id: None, what }
    }
    fn of_route(code: Code, route: &RouteId, what: String) -> Self {
        Self { code, person_id: None, route_id: Some(route.clone()), what }
    }
}

/// Warnings of the district: without its zone, days are not its own.
pub(super) fn of_district(zone_known: bool) -> Option<Warning> {
    let what = "the district or its time zone is unknown: visits were dated in UTC".to_string();
    (!zone_known).then_some(Warning { code: Code::NoZone, person_id: None, route_id: None, what })
}

/// Warnings of a route: days without an owner, and sales that are nobody's.
pub(super) fn of_route(period: &Period<'_>, route: &RouteId, warnings: &mut Vec<Warning>) {
    for (from, to) in owner_gaps(period, route) {
        let what = format!("route {route} has no owner from {from} to {to}: what was sold or planned then is credited to nobody");
        warnings.push(Warning::of_route(Code::OwnerGap, route, what));
    }
    let shops: BTreeSet<_> = period.stray_sales(route).map(|sale| sale.retailer).collect();
    for shop in shops {
        let what = format!("sales to {shop} are filed with route {route}, which it was not on that day: credited to nobody");
        warnings.push(Warning::of_route(Code::StraySales, route, what));
    }
}

/// Runs of days of the period on which the route has shops but no owner.
fn owner_gaps(period: &Period<'_>, route: &RouteId) -> Vec<(Date, Date)> {
    let assignments = period.reference.assignments.get(route).map_or(&[][..], Vec::as_slice);
    let owned = |day| assignments.iter().any(|a| a.kind == AssignmentKind::Owner && a.covers(day));
    let mut gaps: Vec<(Date, Date)> = Vec::new();
    for day in days(period.month.first_day(), period.cut).filter(|day| !owned(*day)) {
        if period.shops_on(route, day).next().is_none() {
            continue;
        }
        match gaps.last_mut() {
            Some((_, to)) if to.tomorrow().ok() == Some(day) => *to = day,
            _ => gaps.push((day, day)),
        }
    }
    gaps
}

/// Warnings of a person: SKUs unknown to the district among what is credited to them.
pub(super) fn of_person(period: &Period<'_>, person: &PersonId, counted: &Counted<'_>, warnings: &mut Vec<Warning>) {
    let counted = counted.unknown.iter().chain(counted.shops.iter().flat_map(|shop| &shop.unknown)).copied();
    let planned = period.targets_of(person).iter().filter_map(|target| target.item.as_ref());
    let planned = planned.filter(|sku| period.skus.index(sku).is_none());
    let skus: BTreeSet<&Sku> = counted.chain(planned).collect();
    for sku in skus {
        let what = format!("SKU {sku} among the sales, stock checks or targets of {person} is unknown to the district: not counted");
        warnings.push(Warning::of_person(Code::UnknownSku, person, what));
    }
}
