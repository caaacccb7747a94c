//! Reference data: what the scorer and the screens read and devices don't write. Head office imports it; devices receive
//! the rows of their scopes. Both sides hold it as a [`Reference`] and exchange it as [`Row`]s.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use num_rational::BigRational;
use serde::Serialize;

use crate::ids::{
    ChangeHash, DisputeId, EventId, IndicatorId, PersonId, RetailerId, RouteId, SchemeHash, Scope, Sku, TeamId, TransferId, VisitId,
};
use crate::published::PublishedShare;
use crate::time::Month;

mod disputes;
mod orders;
mod people;
mod rows;
mod shops;
mod targets;

pub use disputes::{Dispute, Ruling};
pub use orders::{Allocation, Festival, LineRuling, LineVerdict, OrderRuling};
pub use people::{Org, Person, Role, Team};
pub use rows::{Kind, Row, RowFault, order_ruling_key, published_key};
pub use shops::{Area, Assignment, AssignmentKind, Retailer, SalesBlock, SalesRow, SkuInfo};
pub use targets::{Closing, Event, Level, Target, Transfer, WidthStandard};

/// The only unit of [`Level::District`].
pub const DISTRICT: &str = "district";

/// One version of the scheme: the file as imported. Versions are ordered by import.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct SchemeVersion {
    /// 0 for the first version that was imported.
    #[n(0)]
    pub ordinal: u32,
    #[n(1)]
    pub text: String,
}

/// All reference data that somebody holds: the server all of it, or what a question needs; a device that of its scopes.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Reference {
    pub org: Option<Org>,
    pub people: BTreeMap<PersonId, Person>,
    /// Route → its name.
    pub routes: BTreeMap<RouteId, String>,
    /// Retailer → its rows, by `from`.
    pub retailers: BTreeMap<RetailerId, Vec<Retailer>>,
    /// Route → its assignments, by kind, then `from`.
    pub assignments: BTreeMap<RouteId, Vec<Assignment>>,
    pub skus: BTreeMap<Sku, SkuInfo>,
    /// Route and month → the dates on which the route is to be visited.
    pub calendar: BTreeMap<(RouteId, Month), BTreeSet<Date>>,
    pub sales: BTreeMap<(Date, RouteId), SalesBlock>,
    pub targets: BTreeMap<(PersonId, Month), Vec<Target>>,
    pub teams: BTreeMap<TeamId, Team>,
    /// Month, level and unit ([`DISTRICT`], a team or a route) → its plans, by indicator and item.
    pub cascade: BTreeMap<(Month, Level, String), Vec<Target>>,
    /// By the person and month that they are about: each transfer stands with both of its managers.
    pub transfers: BTreeMap<(PersonId, Month), BTreeMap<TransferId, Transfer>>,
    pub width_standards: BTreeMap<RouteId, WidthStandard>,
    pub events: BTreeMap<EventId, Event>,
    /// ISO week (`2026-W27`) → its quotas, by grade, then SKU.
    pub allocations: BTreeMap<String, Vec<Allocation>>,
    /// By its day.
    pub festivals: BTreeMap<Date, Festival>,
    pub schemes: BTreeMap<SchemeHash, SchemeVersion>,
    /// Check-in change → device clock minus server clock, in ms, where it is over [`crate::limits::CLOCK_SKEW_MS`].
    /// With the route whose sheet holds the check-in.
    pub clock: BTreeMap<ChangeHash, ClockEvidence>,
    /// Visit → what staff ruled on its order plan.
    pub order_rulings: BTreeMap<VisitId, OrderRuling>,
    /// By the person and month that they are about.
    pub disputes: BTreeMap<(PersonId, Month), BTreeMap<DisputeId, Dispute>>,
    /// Person, month and revision → what was published of the person.
    pub published: BTreeMap<(PersonId, Month, u32), PublishedShare>,
}

/// What the server saw of a device's clock when a check-in first became durable.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct ClockEvidence {
    #[n(0)]
    pub route: RouteId,
    /// Device minus server.
    #[n(1)]
    pub skew_ms: i64,
}

impl Reference {
    /// A retailer as it is on a day: none before its first row.
    pub fn retailer_on(&self, retailer: &str, day: Date) -> Option<&Retailer> {
        Retailer::on(self.retailers.get(retailer)?, day)
    }

    /// Cartons of a SKU that a shop of a grade may order in an ISO week; none: its supply is not bounded.
    pub fn quota(&self, week: &str, grade: u8, sku: &Sku) -> Option<i64> {
        let rows = self.allocations.get(week)?;
        rows.iter().find(|row| row.grade == grade && row.sku == *sku).map(|row| i64::from(row.max_cartons))
    }

    /// The route of a retailer on a day: none while it is closed or unknown.
    pub fn route_on(&self, retailer: &str, day: Date) -> Option<&RouteId> {
        Retailer::route_on(self.retailers.get(retailer)?, day)
    }

    /// Who is `kind` of a route on a day.
    pub fn assigned(&self, route: &str, kind: AssignmentKind, day: Date) -> Option<&PersonId> {
        self.assignments.get(route)?.iter().find(|a| a.kind == kind && a.covers(day)).map(|a| &a.person)
    }

    pub fn owner(&self, route: &str, day: Date) -> Option<&PersonId> {
        self.assigned(route, AssignmentKind::Owner, day)
    }

    /// The substitute of the day, else the owner.
    pub fn responsible(&self, route: &str, day: Date) -> Option<&PersonId> {
        self.assigned(route, AssignmentKind::Substitute, day).or_else(|| self.owner(route, day))
    }

    /// Whether the beat plan has the route on the day.
    pub fn planned(&self, route: &RouteId, day: Date) -> bool {
        self.calendar.get(&(route.clone(), Month::of(day))).is_some_and(|dates| dates.contains(&day))
    }

    /// The shops of a route on a day, in the order of their sequence.
    pub fn stops(&self, route: &str, day: Date) -> Vec<(&RetailerId, &Retailer)> {
        let mut stops: Vec<_> = self
            .retailers
            .keys()
            .filter_map(|id| Some((id, self.retailer_on(id.as_str(), day)?)))
            .filter(|(_, row)| row.route.as_ref().is_some_and(|r| r.as_str() == route))
            .collect();
        stops.sort_by_key(|(id, row)| (row.sequence, (*id).clone()));
        stops
    }

    /// The confirmed transfers of a person's month, by id, each with whether it comes to the person.
    pub fn transfers_of<'r, 'p>(
        &'r self,
        person: &'p PersonId,
        month: Month,
    ) -> impl Iterator<Item = (&'r TransferId, &'r Transfer, bool)> + use<'r, 'p> {
        let all = self.transfers.get(&(person.clone(), month)).into_iter().flatten();
        all.filter(|(_, transfer)| transfer.confirmed()).filter_map(move |(id, transfer)| Some((id, transfer, transfer.comes_to(person)?)))
    }

    /// What confirmed transfers took of a person's plans of a month, less what they brought, by indicator and item: below 0 where
    /// they brought more.
    pub fn taken(&self, person: &PersonId, month: Month) -> BTreeMap<(IndicatorId, Option<Sku>), BigRational> {
        let mut out = BTreeMap::<_, BigRational>::new();
        for (_, transfer, comes) in self.transfers_of(person, month) {
            let amount = transfer.amount.to_fraction();
            let taken = out.entry((transfer.indicator.clone(), transfer.item.clone())).or_default();
            *taken += if comes { -amount } else { amount };
        }
        out
    }

    /// A person's plans of a month as they count: as imported, with what was transferred.
    pub fn effective_targets(&self, person: &PersonId, month: Month) -> Vec<Target> {
        let mut plans = self.targets.get(&(person.clone(), month)).cloned().unwrap_or_default();
        for (_, transfer, comes) in self.transfers_of(person, month) {
            let amount = if comes { transfer.amount } else { transfer.amount.negated() };
            match plans.iter_mut().find(|plan| plan.indicator == transfer.indicator && plan.item == transfer.item) {
                // Staff confirm only what can be added exactly; an import since then may have made it otherwise.
                Some(plan) => plan.plan = plan.plan.plus(amount).unwrap_or(plan.plan),
                None => plans.push(Target { indicator: transfer.indicator.clone(), item: transfer.item.clone(), plan: amount }),
            }
        }
        plans
    }

    /// The latest revision of a month of which a share was published to a person.
    pub fn latest_published(&self, person: &PersonId, month: Month) -> Option<(u32, &PublishedShare)> {
        let revisions = self.published.range((person.clone(), month, 0)..=(person.clone(), month, u32::MAX));
        revisions.map(|((.., revision), share)| (*revision, share)).next_back()
    }

    /// The disputes of a person's month, by id.
    pub fn disputes_of<'r, 'p>(
        &'r self,
        person: &'p PersonId,
        month: Month,
    ) -> impl Iterator<Item = (&'r DisputeId, &'r Dispute)> + use<'r, 'p> {
        self.disputes.get(&(person.clone(), month)).into_iter().flatten()
    }

    /// The rulings in force on a person's month that give or take points, by dispute.
    pub fn rulings_of<'r, 'p>(
        &'r self,
        person: &'p PersonId,
        month: Month,
    ) -> impl Iterator<Item = (&'r DisputeId, &'r Dispute, &'r Ruling)> + use<'r, 'p> {
        let ruled = self.disputes_of(person, month).filter_map(|(id, dispute)| Some((id, dispute, dispute.ruling.as_ref()?)));
        ruled.filter(|(.., ruling)| !ruling.points.is_zero())
    }

    /// The scheme version of a month: the greatest `valid_from` not after it, the latest imported among equals.
    /// `valid_from` comes from the parsed scheme, so the caller brings it.
    pub fn scheme_of(&self, month: Month, valid_from: impl Fn(&SchemeVersion) -> Option<Month>) -> Option<(&SchemeHash, &SchemeVersion)> {
        self.schemes
            .iter()
            .map(|(hash, version)| (valid_from(version), version.ordinal, hash, version))
            .filter(|(from, ..)| from.is_none_or(|from| from <= month))
            .max_by_key(|(from, ordinal, ..)| (*from, *ordinal))
            .map(|(_, _, hash, version)| (hash, version))
    }

    /// The scope of a shop file: the shop's route on the day, or its last one if it is closed.
    pub fn shop_scope(&self, retailer: &str, day: Date) -> Option<Scope> {
        let rows = self.retailers.get(retailer)?;
        let on_day = rows.iter().rev().filter(|row| row.from.is_none_or(|from| from <= day)).find_map(|row| row.route.as_ref());
        on_day.or_else(|| rows.iter().find_map(|row| row.route.as_ref())).map(|route| Scope::Route(route.clone()))
    }
}
