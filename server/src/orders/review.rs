//! Order plans as those look at them who rule on them: named, beside their quota and what is usual.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::decimal::Dec;
use shared::ids::{PersonId, RetailerId, RouteId, Scope, Sku, VisitId};
use shared::limits;
use shared::order::{OrderLine, OrderPlan, QuotaUse, Quotas, Unusual, Usual};
use shared::reference::{Kind, LineRuling, Reference};
use shared::time::{Quarter, days_before, monday_of};

use super::{Asked, between, span};
use crate::directory::{Directory, load, load_scoped, sales_of};
use crate::error::ApiResult;
use crate::progress::Money;
use crate::state::App;
use crate::store::{FactsQuery, ScopedKind};

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderReview {
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// By date and route.
    pub plans: Vec<ReviewedPlan>,
    /// Plans that were asked for beyond these.
    pub left_off: usize,
    /// Of the weeks that the days are in, whole.
    pub quotas: Vec<NamedQuota>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReviewedPlan {
    #[schema(value_type = String)]
    pub visit: VisitId,
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub route: String,
    #[schema(value_type = String)]
    pub retailer_id: RetailerId,
    pub shop: String,
    /// None: the shop is not known on the day.
    pub grade: Option<u8>,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub person: String,
    /// As drafted.
    pub cartons: i64,
    #[schema(value_type = String, format = "decimal")]
    pub value: Money,
    pub awaits: bool,
    pub lines: Vec<ReviewedLine>,
    /// Far from what the shop or its peers usually order.
    #[schema(value_type = Vec<UnusualOrder>)]
    pub unusual: Vec<Unusual>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReviewedLine {
    #[schema(value_type = String)]
    pub sku: Sku,
    pub name: String,
    /// Per carton; none: the SKU is not known here.
    #[schema(value_type = Option<String>, format = "decimal")]
    pub price: Option<Dec>,
    pub drafted: i64,
    /// As ruled, or as drafted where nobody has ruled on that.
    pub stands: i64,
    pub awaits: bool,
    /// What was ruled last.
    #[schema(value_type = Option<RuledLine>)]
    pub ruling: Option<LineRuling>,
    /// Cartons that the shop may order in the week; none: as many as it wants.
    pub quota: Option<i64>,
    /// Cartons that its other plans of the week take.
    pub elsewhere: i64,
}

/// What the shops of a grade take of a quota in a week.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NamedQuota {
    /// Of the SKU.
    pub name: String,
    #[schema(value_type = QuotaFigures)]
    pub figures: QuotaUse,
}

/// As [`QuotaUse`] is written.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes shared::order::QuotaUse")]
pub struct QuotaFigures {
    week: String,
    grade: u8,
    sku: String,
    quota: i64,
    shops: u64,
    may: i64,
    ordered: i64,
    full: u64,
    over: u64,
}

/// As [`Unusual`] is written.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes shared::order::Unusual")]
pub struct UnusualOrder {
    /// `own` or `peers`.
    compared_with: String,
    cartons: i64,
    usual: i64,
    lower: i64,
    upper: i64,
    orders: usize,
}

/// As [`LineRuling`] is written.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes shared::reference::LineRuling")]
pub struct RuledLine {
    /// `approved`, `amended` or `declined`.
    ruling: String,
    drafted: i64,
    cartons: i64,
    reason: String,
    by: String,
    at_ms: i64,
}

/// Order plans with their quotas and what is unusual.
pub fn review(app: &App, asked: &Asked) -> ApiResult<OrderReview> {
    let (from, to) = span(app, asked)?;
    let mut wanted = super::plans(app, asked)?;
    let left_off = wanted.len().saturating_sub(limits::ORDERS_REVIEW_MAX);
    wanted.truncate(limits::ORDERS_REVIEW_MAX);
    let of_weeks = between(app, monday_of(from), days_before(monday_of(to), -6))?;
    let mut reference = material(app, &of_weeks)?;
    for week in of_weeks.iter().map(|plan| shared::order::iso_week(plan.date)).collect::<BTreeSet<_>>() {
        load(app.store.as_ref(), &mut reference, Kind::Allocations, Some((&week, &format!("{week}\0"))))?;
    }
    let quotas = Quotas::of(&reference, &of_weeks);
    let directory = app.directory();
    let unusual = unusual(app, &directory, &wanted)?;
    let plan = |plan: &OrderPlan| {
        let unusual = unusual.get(&plan.visit).cloned().unwrap_or_default();
        reviewed(&directory, &reference, &quotas, plan, unusual)
    };
    let named = |figures: QuotaUse| NamedQuota { name: sku_name(&directory, &figures.sku), figures };
    Ok(OrderReview { from, to, left_off, plans: wanted.iter().map(plan).collect(), quotas: quotas.used().into_iter().map(named).collect() })
}

fn shops_of(route: &RouteId) -> ScopedKind {
    ScopedKind::every(Scope::Route(route.clone()), Kind::Retailer)
}

/// The shops of the plans' routes.
fn material(app: &App, plans: &[OrderPlan]) -> ApiResult<Reference> {
    let routes: BTreeSet<&RouteId> = plans.iter().map(|plan| &plan.route).collect();
    let mut reference = Reference::default();
    load_scoped(app.store.as_ref(), &mut reference, &routes.into_iter().map(shops_of).collect::<Vec<_>>())?;
    Ok(reference)
}

/// By visit. A shop's peers are those that the same manager's phone knows: the shops of their routes.
fn unusual(app: &App, directory: &Directory, plans: &[OrderPlan]) -> ApiResult<BTreeMap<VisitId, Vec<Unusual>>> {
    let mut by_person: BTreeMap<&PersonId, Vec<&OrderPlan>> = BTreeMap::new();
    plans.iter().for_each(|plan| by_person.entry(&plan.person).or_default().push(plan));
    let mut out = BTreeMap::new();
    for (person, plans) in by_person {
        let (Some(first), Some(last)) = (plans.iter().map(|plan| plan.date).min(), plans.iter().map(|plan| plan.date).max()) else {
            continue;
        };
        let theirs = |route: &&RouteId| directory.reference.responsible(route.as_str(), last) == Some(person);
        let mut routes: BTreeSet<RouteId> = directory.reference.routes.keys().filter(theirs).cloned().collect();
        routes.extend(plans.iter().map(|plan| plan.route.clone()));
        // As far back as the phone has sales.
        let since = Quarter::of(first).previous().first_day();
        let wanted: Vec<ScopedKind> = routes.iter().flat_map(|route| [shops_of(route), sales_of(route, since, last)]).collect();
        let mut reference = Reference { skus: directory.reference.skus.clone(), ..Reference::default() };
        load_scoped(app.store.as_ref(), &mut reference, &wanted)?;
        let facts = app.store.facts(&FactsQuery { routes, people: BTreeSet::new(), first: since, last })?;
        let visits: Vec<_> = facts.own.into_iter().flat_map(|sheet| sheet.visits).collect();
        let usual = Usual::of(&reference, &visits);
        for plan in plans {
            let cartons = plan.lines.iter().map(|line| line.drafted).sum();
            out.insert(plan.visit, usual.warnings(&reference, &plan.retailer, plan.date, cartons));
        }
    }
    Ok(out)
}

fn sku_name(directory: &Directory, sku: &Sku) -> String {
    directory.reference.skus.get(sku).map_or_else(|| sku.to_string(), |info| info.name.clone())
}

fn reviewed(directory: &Directory, reference: &Reference, quotas: &Quotas<'_>, plan: &OrderPlan, unusual: Vec<Unusual>) -> ReviewedPlan {
    let shop = reference.retailer_on(plan.retailer.as_str(), plan.date);
    let price = |sku: &Sku| directory.reference.skus.get(sku).map(|info| info.wholesale_price);
    let line = |line: &OrderLine| ReviewedLine {
        name: sku_name(directory, &line.sku),
        price: price(&line.sku),
        quota: quotas.quota(&plan.retailer, plan.date, &line.sku),
        elsewhere: quotas.ordered(&plan.retailer, plan.date, &line.sku) - line.stands(),
        sku: line.sku.clone(),
        drafted: line.drafted,
        stands: line.stands(),
        awaits: line.awaits,
        ruling: line.ruling.clone(),
    };
    let mut value = Money::default();
    plan.lines.iter().filter_map(|line| Some(Money::of(line.drafted, price(&line.sku)?))).for_each(|one| value.add(one));
    ReviewedPlan {
        visit: plan.visit,
        date: plan.date,
        route_id: plan.route.clone(),
        route: directory.reference.routes.get(&plan.route).cloned().unwrap_or_default(),
        retailer_id: plan.retailer.clone(),
        shop: shop.map_or_else(|| plan.retailer.to_string(), |shop| shop.name.clone()),
        grade: shop.map(|shop| shop.grade),
        person_id: plan.person.clone(),
        person: directory.reference.people.get(&plan.person).map_or_else(|| plan.person.to_string(), |person| person.name.clone()),
        cartons: plan.lines.iter().map(|line| line.drafted).sum(),
        value,
        awaits: plan.awaits(),
        lines: plan.lines.iter().map(line).collect(),
        unusual,
    }
}
