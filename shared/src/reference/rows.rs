//! Reference data as rows: kind, key and a CBOR value, each in the scopes that need it. A row is the unit that travels
//! and that changes; a row without a value is gone.

use std::collections::BTreeSet;
use std::str::FromStr;

use minicbor::{Decode, Encode};

use super::{Assignment, Level, OrderRuling, Reference};
use crate::ids::{IdFault, PersonId, RouteId, Scope, VisitId};
use crate::time::{Month, parse_date};

/// What a row is about; its number, from 0 in the order of [`Kind::ALL`], is part of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Key `district`.
    Org,
    Person,
    Route,
    Retailer,
    /// Key: the route.
    Assignments,
    Sku,
    /// Key: `{route}/{month}`.
    Calendar,
    /// Key: `{date}/{route}`.
    Sales,
    /// Key: `{person}/{month}`.
    Targets,
    /// Key: the route.
    WidthStandard,
    Event,
    /// Key: the ISO week.
    Allocations,
    /// Key: the hash of the file.
    Scheme,
    /// Key: the hash of the check-in's change.
    Clock,
    /// Key: `{person}/{month}/{dispute}`.
    Dispute,
    /// Key: `{person}/{month}/{revision}`, the revision in four digits.
    Published,
    Team,
    /// Key: `{month}/{level}/{unit}`.
    Cascade,
    /// Key: `{person}/{month}/{transfer}`, a row for each of its two managers.
    Transfer,
    /// Key: `{date}/{visit}`.
    OrderRuling,
    /// Key: the date.
    Festival,
    /// Of a number that this version does not know: a newer head office sent it. It is kept as it came, and not read.
    Newer(u8),
}

impl Kind {
    /// All that this version knows.
    pub const ALL: [Kind; 21] = [
        Self::Org,
        Self::Person,
        Self::Route,
        Self::Retailer,
        Self::Assignments,
        Self::Sku,
        Self::Calendar,
        Self::Sales,
        Self::Targets,
        Self::WidthStandard,
        Self::Event,
        Self::Allocations,
        Self::Scheme,
        Self::Clock,
        Self::Dispute,
        Self::Published,
        Self::Team,
        Self::Cascade,
        Self::Transfer,
        Self::OrderRuling,
        Self::Festival,
    ];

    pub fn number(self) -> u8 {
        match self {
            Self::Newer(number) => number,
            known => Self::ALL.iter().position(|k| *k == known).expect("ALL holds every kind") as u8,
        }
    }
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl<C> Encode<C> for Kind {
    fn encode<W: minicbor::encode::Write>(&self, e: &mut minicbor::Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u8(self.number())?.ok()
    }
}

/// Head office is updated before phones are: a kind that is not known yet must not keep a phone from its answer.
impl<'b, C> Decode<'b, C> for Kind {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let number = d.u8()?;
        Ok(Self::from_number(number).unwrap_or(Self::Newer(number)))
    }
}

/// One row of reference data; `value` is CBOR, none: the row is gone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Row {
    #[n(0)]
    pub kind: Kind,
    #[n(1)]
    pub key: String,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub value: Option<Vec<u8>>,
}

/// A row that can't be read: from a newer server, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("reference row {kind:?} {key}: {why}")]
pub struct RowFault {
    pub kind: Kind,
    pub key: String,
    pub why: String,
}

fn bytes<T: Encode<()>>(value: &T) -> Option<Vec<u8>> {
    Some(minicbor::to_vec(value).expect("encoding into memory does not fail"))
}

/// The key of what was published of a person: revisions sort as numbers.
pub fn published_key(person: &PersonId, month: Month, revision: u32) -> String {
    format!("{person}/{month}/{revision:04}")
}

/// The key of what was ruled on a visit's order plan: by date, so that a device receives those of its history alone.
pub fn order_ruling_key(visit: &VisitId, ruling: &OrderRuling) -> String {
    format!("{}/{visit}", ruling.date)
}

fn three<C: FromStr>(key: &str) -> Option<(PersonId, Month, C)> {
    let (pair, third) = key.rsplit_once('/')?;
    let (person, month) = two(pair)?;
    Some((person, month, third.parse().ok()?))
}

fn two<A: FromStr, B: FromStr>(key: &str) -> Option<(A, B)> {
    let (a, b) = key.rsplit_once('/')?;
    Some((a.parse().ok()?, b.parse().ok()?))
}

impl Reference {
    /// Every row of this reference data with every scope that receives it. Values are canonical: equal data, equal bytes.
    pub fn rows(&self) -> Vec<(Scope, Row)> {
        let mut out = Vec::new();
        let mut push = |scope: Scope, kind, key: String, value| out.push((scope, Row { kind, key, value }));
        if let Some(org) = &self.org {
            push(Scope::Org, Kind::Org, "district".into(), bytes(org));
        }
        for (id, person) in &self.people {
            push(Scope::Org, Kind::Person, id.to_string(), bytes(person));
        }
        for (id, name) in &self.routes {
            push(Scope::Org, Kind::Route, id.to_string(), bytes(name));
        }
        for (id, rows) in &self.retailers {
            let routes: BTreeSet<&RouteId> = rows.iter().filter_map(|row| row.route.as_ref()).collect();
            let value = bytes(rows);
            // A shop that has never been on a route is nobody's; the district keeps it all the same.
            if routes.is_empty() {
                push(Scope::Org, Kind::Retailer, id.to_string(), value.clone());
            }
            for route in routes {
                push(Scope::Route(route.clone()), Kind::Retailer, id.to_string(), value.clone());
            }
        }
        for (route, assignments) in &self.assignments {
            push(Scope::Org, Kind::Assignments, route.to_string(), bytes(assignments));
        }
        for (sku, info) in &self.skus {
            push(Scope::Org, Kind::Sku, sku.to_string(), bytes(info));
        }
        for ((route, month), dates) in &self.calendar {
            let days: Vec<i8> = dates.iter().map(|date| date.day()).collect();
            push(Scope::Route(route.clone()), Kind::Calendar, format!("{route}/{month}"), bytes(&days));
        }
        for ((date, route), block) in &self.sales {
            push(Scope::Route(route.clone()), Kind::Sales, format!("{date}/{route}"), bytes(block));
        }
        for ((person, month), targets) in &self.targets {
            push(Scope::Person(person.clone()), Kind::Targets, format!("{person}/{month}"), bytes(targets));
        }
        for (route, standard) in &self.width_standards {
            push(Scope::Org, Kind::WidthStandard, route.to_string(), bytes(standard));
        }
        for (id, event) in &self.events {
            push(Scope::Person(event.person.clone()), Kind::Event, id.to_string(), bytes(event));
        }
        for (week, allocations) in &self.allocations {
            push(Scope::Org, Kind::Allocations, week.clone(), bytes(allocations));
        }
        for (date, festival) in &self.festivals {
            push(Scope::Org, Kind::Festival, date.to_string(), bytes(festival));
        }
        for (hash, version) in &self.schemes {
            push(Scope::Org, Kind::Scheme, hash.to_string(), bytes(version));
        }
        for ((person, month), disputes) in &self.disputes {
            for (id, dispute) in disputes {
                push(Scope::Person(person.clone()), Kind::Dispute, format!("{person}/{month}/{id}"), bytes(dispute));
            }
        }
        for ((person, month, revision), share) in &self.published {
            push(Scope::Person(person.clone()), Kind::Published, published_key(person, *month, *revision), bytes(share));
        }
        for (id, team) in &self.teams {
            push(Scope::Org, Kind::Team, id.to_string(), bytes(team));
        }
        for ((month, level, unit), targets) in &self.cascade {
            // A route's plan is for who works it, the others are for everybody to see.
            let scope = match RouteId::new(unit) {
                Ok(route) if *level == Level::Route => Scope::Route(route),
                _ => Scope::Org,
            };
            push(scope, Kind::Cascade, format!("{month}/{}/{unit}", level.as_str()), bytes(targets));
        }
        for ((person, month), transfers) in &self.transfers {
            for (id, transfer) in transfers {
                push(Scope::Person(person.clone()), Kind::Transfer, format!("{person}/{month}/{id}"), bytes(transfer));
            }
        }
        for (visit, ruling) in &self.order_rulings {
            push(Scope::Route(ruling.route.clone()), Kind::OrderRuling, order_ruling_key(visit, ruling), bytes(ruling));
        }
        for (change, evidence) in &self.clock {
            push(Scope::Route(evidence.route.clone()), Kind::Clock, change.to_string(), bytes(evidence));
        }
        out
    }

    /// Takes a row in, or out if it has no value.
    pub fn apply(&mut self, row: &Row) -> Result<(), RowFault> {
        let fault = |why: String| RowFault { kind: row.kind, key: row.key.clone(), why };
        self.try_apply(row).map_err(fault)
    }

    fn try_apply(&mut self, row: &Row) -> Result<(), String> {
        fn read<'b, T: Decode<'b, ()>>(value: &'b [u8]) -> Result<T, String> {
            minicbor::decode(value).map_err(|e| e.to_string())
        }
        fn put<K: Ord, V>(map: &mut std::collections::BTreeMap<K, V>, key: K, value: Option<V>) {
            match value {
                Some(value) => drop(map.insert(key, value)),
                None => drop(map.remove(&key)),
            }
        }
        let id = |e: IdFault| e.to_string();
        let pair = || "its key is not a pair".to_string();
        let triple = || "its key is not three parts".to_string();
        let key = row.key.as_str();
        let value = row.value.as_deref();
        match row.kind {
            Kind::Org => self.org = value.map(read).transpose()?,
            Kind::Person => put(&mut self.people, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Route => put(&mut self.routes, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Retailer => put(&mut self.retailers, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Assignments => {
                let mut rows: Option<Vec<Assignment>> = value.map(read).transpose()?;
                rows.iter_mut().for_each(|rows| self.share_people(rows));
                let route = self.shared_route(key).map_err(id)?;
                put(&mut self.assignments, route, rows);
            }
            Kind::Sku => put(&mut self.skus, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Calendar => {
                let (route, month) = two::<RouteId, Month>(key).ok_or_else(pair)?;
                let days: Option<Vec<i8>> = value.map(read).transpose()?;
                let dates = days.map(|days| days.iter().filter_map(|day| month.first_day().with().day(*day).build().ok()).collect());
                put(&mut self.calendar, (route, month), dates);
            }
            Kind::Sales => {
                let (date, route) = key.split_once('/').ok_or_else(pair)?;
                let key = (parse_date(date).map_err(|e| e.to_string())?, route.parse().map_err(id)?);
                put(&mut self.sales, key, value.map(read).transpose()?);
            }
            Kind::Targets => put(&mut self.targets, two::<PersonId, Month>(key).ok_or_else(pair)?, value.map(read).transpose()?),
            Kind::WidthStandard => {
                let route = self.shared_route(key).map_err(id)?;
                put(&mut self.width_standards, route, value.map(read).transpose()?);
            }
            Kind::Event => put(&mut self.events, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Allocations => put(&mut self.allocations, key.to_string(), value.map(read).transpose()?),
            Kind::Scheme => put(&mut self.schemes, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Dispute => {
                let (person, month, id) = three(key).ok_or_else(triple)?;
                put(self.disputes.entry((person, month)).or_default(), id, value.map(read).transpose()?);
            }
            Kind::Team => put(&mut self.teams, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Cascade => {
                let parts = key.split_once('/').and_then(|(month, rest)| {
                    let (level, unit) = rest.split_once('/')?;
                    let level = Level::ALL.into_iter().find(|known| known.as_str() == level)?;
                    Some((month.parse().ok()?, level, unit.to_string()))
                });
                put(&mut self.cascade, parts.ok_or_else(triple)?, value.map(read).transpose()?);
            }
            Kind::Transfer => {
                let (person, month, id) = three(key).ok_or_else(triple)?;
                put(self.transfers.entry((person, month)).or_default(), id, value.map(read).transpose()?);
            }
            Kind::Published => put(&mut self.published, three(key).ok_or_else(triple)?, value.map(read).transpose()?),
            Kind::OrderRuling => {
                let (_, visit) = key.split_once('/').ok_or_else(pair)?;
                put(&mut self.order_rulings, visit.parse().map_err(id)?, value.map(read).transpose()?);
            }
            Kind::Festival => put(&mut self.festivals, parse_date(key).map_err(|e| e.to_string())?, value.map(read).transpose()?),
            Kind::Clock => put(&mut self.clock, key.parse().map_err(id)?, value.map(read).transpose()?),
            Kind::Newer(_) => {}
        }
        Ok(())
    }

    /// A route's id; of a known route the one copy that all rows about it have in common: a district has many routes.
    fn shared_route(&self, id: &str) -> Result<RouteId, IdFault> {
        self.routes.get_key_value(id).map_or_else(|| id.parse(), |(known, _)| Ok(known.clone()))
    }

    /// Likewise the people of assignments, in no more room than these take.
    fn share_people(&self, rows: &mut Vec<Assignment>) {
        rows.shrink_to_fit();
        for row in rows {
            if let Some((known, _)) = self.people.get_key_value(&row.person) {
                row.person = known.clone();
            }
        }
    }
}
