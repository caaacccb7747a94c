//! What a phone holds of some people and routes, read at head office: the rows and facts that their scores, receipts and
//! progress are made from, and no others.

use std::collections::BTreeSet;

use jiff::civil::Date;
use shared::facts::{SheetFacts, Visit};
use shared::ids::{PersonId, RetailerId, RouteId, Scope};
use shared::reference::{Kind, Reference};
use shared::time::Month;

use crate::directory::{Directory, load_scoped, sales_of};
use crate::error::ApiResult;
use crate::store::{FactsQuery, ScopedKind, Store};

/// What is asked for.
pub struct Wanted {
    pub routes: BTreeSet<RouteId>,
    pub people: BTreeSet<PersonId>,
    pub month: Month,
    /// Of the month: days of which facts and sales are read.
    pub first: Date,
    pub last: Date,
}

pub struct Slice {
    pub reference: Reference,
    /// Of the routes, what the people did on other routes' sheets, and every other visit to the same shops.
    pub visits: Vec<Visit>,
    /// The routes' sheets, and those of other routes on which the people were, without their visits.
    pub sheets: Vec<SheetFacts>,
}

impl Slice {
    pub fn read(store: &dyn Store, directory: &Directory, wanted: &Wanted) -> ApiResult<Self> {
        let mut reference = common(&directory.reference, wanted);
        let of_routes = wanted.routes.iter().flat_map(|route| {
            let kinds = [of_kind(route, Kind::Retailer), calendar(route, wanted.month), sales(route, wanted), of_kind(route, Kind::Clock)];
            kinds.into_iter()
        });
        let of_people = wanted.people.iter().flat_map(|person| of_person(person, wanted.month));
        let wanted_rows: Vec<ScopedKind> = of_routes.chain(of_people).collect();
        load_scoped(store, &mut reference, &wanted_rows)?;
        // A shop's sales stay with the route that it was on.
        let moved: BTreeSet<&RouteId> = reference.retailers.values().flatten().filter_map(|row| row.route.as_ref()).collect();
        let moved: Vec<ScopedKind> = moved.difference(&wanted.routes.iter().collect()).map(|route| sales(route, wanted)).collect();
        load_scoped(store, &mut reference, &moved)?;
        let (mut sheets, visits, others) = facts(store, wanted)?;
        sheets.iter_mut().for_each(|sheet| sheet.visits = Vec::new());
        let strange = others.iter().flat_map(|route| [calendar(route, wanted.month), of_kind(route, Kind::Clock)]);
        load_scoped(store, &mut reference, &strange.collect::<Vec<_>>())?;
        let strange: BTreeSet<&RetailerId> =
            visits.iter().map(|visit| &visit.retailer).filter(|id| !reference.retailers.contains_key(*id)).collect();
        for retailer in strange {
            let (from, to) = (retailer.to_string(), format!("{retailer}\0"));
            crate::directory::load(store, &mut reference, Kind::Retailer, Some((&from, &to)))?;
        }
        Ok(Self { reference, visits, sheets })
    }
}

/// The sheets asked for, all visits, and the other routes that these are of.
fn facts(store: &dyn Store, wanted: &Wanted) -> ApiResult<(Vec<SheetFacts>, Vec<Visit>, BTreeSet<RouteId>)> {
    let Wanted { routes, people, first, last, .. } = wanted;
    let query = FactsQuery { routes: routes.clone(), people: people.clone(), first: *first, last: *last };
    let mut slice = store.facts(&query)?;
    let mut visits = Vec::new();
    let mut others = BTreeSet::new();
    for sheet in slice.own.iter_mut().chain(&mut slice.beside) {
        visits.append(&mut sheet.visits);
        if !routes.contains(&sheet.route) {
            others.insert(sheet.route.clone());
        }
    }
    Ok((slice.own, visits, others))
}

/// Of what all have in common, what these people and routes need.
fn common(all: &Reference, wanted: &Wanted) -> Reference {
    let of_routes = || wanted.routes.iter();
    Reference {
        org: all.org.clone(),
        skus: all.skus.clone(),
        people: wanted.people.iter().filter_map(|id| Some((id.clone(), all.people.get(id)?.clone()))).collect(),
        assignments: of_routes().filter_map(|id| Some((id.clone(), all.assignments.get(id)?.clone()))).collect(),
        width_standards: of_routes().filter_map(|id| Some((id.clone(), all.width_standards.get(id)?.clone()))).collect(),
        ..Reference::default()
    }
}

fn of_kind(route: &RouteId, kind: Kind) -> ScopedKind {
    ScopedKind::every(Scope::Route(route.clone()), kind)
}

fn one(scope: Scope, kind: Kind, key: String) -> ScopedKind {
    let to = format!("{key}\0");
    ScopedKind { scope, kind, from: key, to }
}

pub fn calendar(route: &RouteId, month: Month) -> ScopedKind {
    one(Scope::Route(route.clone()), Kind::Calendar, format!("{route}/{month}"))
}

fn sales(route: &RouteId, wanted: &Wanted) -> ScopedKind {
    sales_of(route, wanted.first, wanted.last)
}

fn of_person(person: &PersonId, month: Month) -> [ScopedKind; 4] {
    let scope = Scope::Person(person.clone());
    let events = ScopedKind::every(scope.clone(), Kind::Event);
    // `0` follows on `/`.
    let (from, to) = (format!("{person}/{month}/"), format!("{person}/{month}0"));
    let of_month = |kind| ScopedKind { scope: scope.clone(), kind, from: from.clone(), to: to.clone() };
    let (disputes, transfers) = (of_month(Kind::Dispute), of_month(Kind::Transfer));
    [one(scope, Kind::Targets, format!("{person}/{month}")), events, disputes, transfers]
}
