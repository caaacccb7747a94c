//! Reference data: what the scorer and the screens read and devices don't write. Head office imports it; devices receive
//! the rows of their scopes. Both sides hold it as a [`Reference`] and exchange it as [`Row`]s.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::decimal::Dec;
use crate::ids::{
    ChangeHash, DisputeId, EventId, IndicatorId, PersonId, RetailerId, RouteId, SchemeHash, Scope, Sku, TeamId, TransferId, VisitId,
};
use crate::published::PublishedShare;
use crate::time::Month;

mod rows;
pub use rows::{Kind, Row, RowFault, order_ruling_key, published_key};

/// The district.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Org {
    #[n(0)]
    pub name: String,
    /// IANA.
    #[n(1)]
    pub timezone: String,
    #[n(2)]
    pub currency: String,
    /// The share of what shops are asked for that orders are to meet. None: [`crate::order::TARGET_FILL`].
    #[n(3)]
    pub target_fill: Option<Dec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[n(0)]
    Manager,
    #[n(1)]
    Supervisor,
    #[n(2)]
    Analyst,
    #[n(3)]
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
    pub fn is_staff(self) -> bool {
        self != Self::Manager
    }
}

#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Person {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub role: Role,
    #[n(2)]
    pub login: String,
    #[n(3)]
    pub team: Option<TeamId>,
}

/// A team of managers.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Team {
    #[n(0)]
    pub name: String,
    /// None: the district itself.
    #[n(1)]
    pub department: Option<String>,
    /// A person of staff.
    #[n(2)]
    pub supervisor: Option<PersonId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    #[n(0)]
    Town,
    #[n(1)]
    Rural,
}

/// A retailer from a date on. Without a route it is closed.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Retailer {
    /// None: from the beginning.
    #[cbor(n(0), with = "crate::cbor::date_option")]
    pub from: Option<Date>,
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub route: Option<RouteId>,
    #[n(3)]
    pub sequence: u32,
    /// 1–30.
    #[n(4)]
    pub grade: u8,
    #[n(5)]
    pub area: Area,
    #[n(6)]
    pub format: String,
    #[n(7)]
    pub position: Option<crate::facts::Position>,
}

impl Retailer {
    /// The row of a retailer, of all its rows by `from`, that holds on a day: none before the first.
    pub fn on(rows: &[Retailer], day: Date) -> Option<&Retailer> {
        rows.iter().rev().find(|row| row.from.is_none_or(|from| from <= day))
    }

    /// Its route on a day: none while it is closed, or before its first row.
    pub fn route_on(rows: &[Retailer], day: Date) -> Option<&RouteId> {
        Self::on(rows, day)?.route.as_ref()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    #[n(0)]
    Owner,
    #[n(1)]
    Substitute,
}

/// Who owns a route, or stands in for its owner, from one date to another, both included.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Assignment {
    #[n(0)]
    pub kind: AssignmentKind,
    #[cbor(n(1), with = "crate::cbor::date")]
    pub from: Date,
    #[n(2)]
    pub person: PersonId,
    #[cbor(n(3), with = "crate::cbor::date_option")]
    pub to: Option<Date>,
}

impl Assignment {
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
    /// Whether any day from `first` to `last` is covered.
    pub fn touches(&self, first: Date, last: Date) -> bool {
        self.from <= last && self.to.is_none_or(|to| first <= to)
    }
}

#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct SkuInfo {
    #[n(0)]
    pub name: String,
    #[n(1)]
    pub maker: String,
    /// 1–5.
    #[n(2)]
    pub price_class: u8,
    #[n(3)]
    pub origin: String,
    #[n(4)]
    pub slim: bool,
    /// At least 1.
    #[n(5)]
    pub packs_per_carton: u32,
    /// Per carton.
    #[n(6)]
    pub wholesale_price: Dec,
}

/// What one person is to reach in one month: of an indicator, or of one SKU of it.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Target {
    #[n(0)]
    pub indicator: IndicatorId,
    #[n(1)]
    pub item: Option<Sku>,
    #[n(2)]
    pub plan: Dec,
}

/// Whose plan a row of the cascade is. A manager's are the [`Target`]s themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    #[n(0)]
    District,
    #[n(1)]
    Team,
    #[n(2)]
    Route,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::District, Self::Team, Self::Route];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Team => "team",
            Self::Route => "route",
        }
    }
}

/// The only unit of [`Level::District`].
pub const DISTRICT: &str = "district";

/// A part of a plan that one manager takes over from another: both agree, then staff confirm, and from then on it counts.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Transfer {
    /// Whose plan becomes less.
    #[n(0)]
    pub from: PersonId,
    /// Whose plan becomes more.
    #[n(1)]
    pub to: PersonId,
    #[cbor(n(2), with = "crate::cbor::text")]
    pub month: Month,
    #[n(3)]
    pub indicator: IndicatorId,
    #[n(4)]
    pub item: Option<Sku>,
    /// Over 0.
    #[n(5)]
    pub amount: Dec,
    #[n(6)]
    pub reason: String,
    /// A person id, or `operator`.
    #[n(7)]
    pub proposed_by: String,
    /// Milliseconds since 1970, as all of these.
    #[n(8)]
    pub proposed_ms: i64,
    #[n(9)]
    pub from_agreed_ms: Option<i64>,
    #[n(10)]
    pub to_agreed_ms: Option<i64>,
    #[n(11)]
    pub closed: Option<Closing>,
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Closing {
    /// False: one of the managers, or staff, declined.
    #[n(0)]
    pub confirmed: bool,
    #[n(1)]
    pub by: String,
    #[n(2)]
    pub at_ms: i64,
    /// Why it was declined.
    #[n(3)]
    pub reason: String,
}

impl Transfer {
    pub fn confirmed(&self) -> bool {
        self.closed.as_ref().is_some_and(|closing| closing.confirmed)
    }
    /// Whether the amount comes to a person; none: the transfer is not about them.
    pub fn comes_to(&self, person: &PersonId) -> Option<bool> {
        if self.to == *person { Some(true) } else { (self.from == *person).then_some(false) }
    }
}

/// How many SKUs a shop of a route is to hold.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct WidthStandard {
    #[n(0)]
    pub standard: u32,
    #[n(1)]
    pub ideal: u32,
}

/// Points that staff gave or took.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Event {
    #[cbor(n(0), with = "crate::cbor::date")]
    pub date: Date,
    #[n(1)]
    pub person: PersonId,
    #[n(2)]
    pub indicator: IndicatorId,
    #[n(3)]
    pub points: Dec,
    #[n(4)]
    pub retailer: Option<RetailerId>,
    #[n(5)]
    pub note: String,
}

/// Supply quota: cartons of a SKU that one shop of a grade may order in a week.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Allocation {
    #[n(0)]
    pub grade: u8,
    #[n(1)]
    pub sku: Sku,
    #[n(2)]
    pub max_cartons: u32,
}

/// What a festival does to demand.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct Festival {
    #[n(0)]
    pub name: String,
    /// Week, from [`crate::order::FESTIVAL_WEEKS`] → percent of an ordinary one: of the SKUs that have none of their own. What
    /// is not said is ordinary.
    #[n(1)]
    pub all: BTreeMap<i8, u32>,
    #[n(2)]
    pub skus: BTreeMap<Sku, BTreeMap<i8, u32>>,
}

impl Festival {
    /// The weeks that are not ordinary for a SKU, each with its percentage.
    pub fn of(&self, sku: &Sku) -> impl Iterator<Item = (i8, u32)> {
        self.skus.get(sku).unwrap_or(&self.all).iter().map(|(week, percent)| (*week, *percent))
    }
}

/// A manager's objection to an indicator of a published revision, and what staff ruled.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Dispute {
    #[n(0)]
    pub person: PersonId,
    #[cbor(n(1), with = "crate::cbor::text")]
    pub month: Month,
    /// From 1.
    #[n(2)]
    pub revision: u32,
    #[n(3)]
    pub indicator: IndicatorId,
    /// The line of the receipt that it concerns: an import row's key or a visit; empty: the whole.
    #[n(4)]
    pub line: String,
    #[n(5)]
    pub text: String,
    /// Milliseconds since 1970, by the device that filed it.
    #[n(6)]
    pub filed_ms: i64,
    /// In force: recorded by one of staff, approved by another.
    #[n(7)]
    pub ruling: Option<Ruling>,
}

/// What staff ruled on a dispute.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct Ruling {
    /// Added to the indicator after its formula, from the month's next revision on; 0: the score stands.
    #[n(0)]
    pub points: Dec,
    #[n(1)]
    pub text: String,
    /// Who recorded and who approved it.
    #[n(2)]
    pub by: String,
    #[n(3)]
    pub approved_by: String,
    /// When it was approved.
    #[n(4)]
    pub at_ms: i64,
}

/// What staff ruled on the lines of one visit's order plan.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct OrderRuling {
    #[n(0)]
    pub route: RouteId,
    #[n(1)]
    pub retailer: RetailerId,
    /// The sheet's date.
    #[cbor(n(2), with = "crate::cbor::date")]
    pub date: Date,
    #[n(3)]
    pub lines: BTreeMap<Sku, LineRuling>,
}

/// What staff ruled on a line. It is of the line as it was then: one that is drafted anew waits again.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize, Deserialize)]
pub struct LineRuling {
    #[n(0)]
    pub ruling: LineVerdict,
    /// Cartons, as drafted when it was ruled on.
    #[n(1)]
    pub drafted: i64,
    /// Cartons that stand: none of a line that is declined.
    #[n(2)]
    pub cartons: i64,
    /// Why; may be empty where it is approved.
    #[n(3)]
    pub reason: String,
    #[n(4)]
    pub by: String,
    /// Milliseconds since 1970.
    #[n(5)]
    pub at_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum LineVerdict {
    #[n(0)]
    Approved,
    #[n(1)]
    Amended,
    #[n(2)]
    Declined,
}

impl LineVerdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Amended => "amended",
            Self::Declined => "declined",
        }
    }
}

/// One version of the scheme: the file as imported. Versions are ordered by import.
#[derive(Clone, Debug, PartialEq, Encode, Decode, Serialize)]
pub struct SchemeVersion {
    /// 0 for the first version that was imported.
    #[n(0)]
    pub ordinal: u32,
    #[n(1)]
    pub text: String,
}

/// The sales of one route's shops on one date, in columns. A shop's route is its route on the date (a closed shop's
/// sales are filed with its last route).
#[derive(Clone, Debug, PartialEq, Default, Encode, Decode)]
pub struct SalesBlock {
    /// Ascending; `SalesRow::retailer` indexes it.
    #[n(0)]
    pub retailers: Vec<RetailerId>,
    /// Ascending; `SalesRow::sku` indexes it.
    #[n(1)]
    pub skus: Vec<Sku>,
    /// Decimal places of every `value`.
    #[n(2)]
    pub scale: u32,
    /// By retailer, then SKU; one row a pair.
    #[n(3)]
    pub rows: Vec<SalesRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SalesRow {
    #[n(0)]
    pub retailer: u16,
    #[n(1)]
    pub sku: u16,
    /// Negative: returned.
    #[n(2)]
    pub packs: i64,
    /// × 10^-`scale`.
    #[n(3)]
    pub value: i64,
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
