//! One visit with its counts, order, notes, conflicts and trail.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::decimal::Dec;
use shared::doc::{Document, Touched};
use shared::facts::{Conflict, Visit};
use shared::ids::{ChangeHash, DocumentId, PersonId, RetailerId, RouteId, Sku, VisitId};
use shared::limits;
use shared::problem::Code;
use shared::reference::{AssignmentKind, Reference, SkuInfo};
use shared::time::days_before;

use super::{Names, VisitRow, flagged, slice_of};
use crate::error::{ApiError, ApiResult};
use crate::ingest::guard::split;
use crate::progress::Money;
use crate::scores::slice::Slice;
use crate::state::App;
use crate::store::{Batch, FactsQuery};

/// A visit, as staff look into it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VisitPage {
    pub row: VisitRow,
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    pub route: String,
    pub shop: Option<ShopRow>,
    /// By name of the SKU.
    pub stock: Vec<StockLine>,
    pub order: Vec<OrderLine>,
    /// What was found, by item.
    pub audits: BTreeMap<String, String>,
    pub conflicts: Vec<ConflictRow>,
    pub trail: Vec<TrailRow>,
    /// Who has the route on the day: its owner, and who stands in.
    pub assigned: Vec<AssignedRow>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ShopRow {
    pub name: String,
    pub grade: u8,
    /// `town` or `rural`.
    pub area: String,
    pub format: String,
    pub sequence: u32,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StockLine {
    #[schema(value_type = String)]
    pub sku: Sku,
    pub name: String,
    pub packs: i64,
    pub packs_per_carton: u32,
    /// What the last stock check before this day found.
    pub last_packs: Option<i64>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderLine {
    #[schema(value_type = String)]
    pub sku: Sku,
    pub name: String,
    pub cartons: i64,
    /// Per carton; none: the SKU is not known here.
    #[schema(value_type = Option<String>, format = "decimal")]
    pub price: Option<Dec>,
    #[schema(value_type = Option<String>, format = "decimal")]
    pub value: Option<Money>,
}

/// A field that two devices set apart, to different values.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConflictRow {
    /// The path within the visit, as `stock/6901028090063` or `out_ms`.
    pub field: String,
    /// Of the SKU, where it is about one.
    pub sku_name: Option<String>,
    pub packs_per_carton: Option<u32>,
    /// The first is in use.
    pub values: Vec<ConflictSide>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConflictSide {
    pub value: String,
    pub person: String,
    pub device_name: String,
    /// By the device's clock.
    pub at_ms: i64,
    pub received_ms: Option<i64>,
    #[schema(value_type = String)]
    pub change: ChangeHash,
}

/// One change that touched the visit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrailRow {
    /// By the device's clock.
    pub at_ms: i64,
    /// By the server's clock.
    pub received_ms: Option<i64>,
    pub person: String,
    pub device_name: String,
    #[schema(value_type = String)]
    pub change: ChangeHash,
    /// Whether its author had not seen all that stands before it.
    pub apart: bool,
    #[schema(value_type = Vec<Object>)]
    pub touched: Vec<Touched>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssignedRow {
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub person: String,
    /// `owner` or `substitute`.
    #[schema(value_type = String)]
    pub kind: AssignmentKind,
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

/// A visit of a day sheet; not found: the sheet has no such visit, or it is marked removed.
pub fn visit(app: &App, date: Date, route: &RouteId, id: &VisitId) -> ApiResult<VisitPage> {
    let names = Names::read(app)?;
    let slice = slice_of(app, date, BTreeSet::from([route.clone()]), BTreeSet::new())?;
    let flagged = flagged(&names, &slice, date)?;
    let found = flagged.iter().find(|flagged| flagged.visit.visit == *id && flagged.visit.route == *route);
    let found = found.ok_or_else(|| ApiError::with(Code::NotFound, format!("no visit {id} on the sheet of {route} on {date}")))?;
    let batches = app.store.batches(&DocumentId::Day { route: route.clone(), date })?;
    let last = last_count(app, &slice.reference, date, &found.visit.retailer)?;
    let skus = &names.directory.reference.skus;
    let visit = found.visit;
    Ok(VisitPage {
        row: VisitRow::of(&names, &slice, found),
        date,
        route: names.route(route),
        shop: shop(&slice, visit),
        stock: stock(skus, visit, last.as_ref()),
        order: order(skus, visit),
        audits: visit.audits.clone(),
        conflicts: visit.conflicts.iter().map(|conflict| conflict_row(&names, &batches, conflict)).collect(),
        trail: trail(&names, &batches, DocumentId::Day { route: route.clone(), date }, id)?,
        assigned: assigned(&names, route, date),
    })
}

fn shop(slice: &Slice, visit: &Visit) -> Option<ShopRow> {
    let row = slice.reference.retailer_on(visit.retailer.as_str(), visit.date)?;
    let area = serde_json::to_value(row.area).ok()?.as_str()?.to_string();
    Some(ShopRow { name: row.name.clone(), grade: row.grade, area, format: row.format.clone(), sequence: row.sequence })
}

/// The latest stock check of a shop before a day, not older than a bound.
fn last_count(app: &App, reference: &Reference, date: Date, retailer: &RetailerId) -> ApiResult<Option<Visit>> {
    let rows = reference.retailers.get(retailer).map_or(&[][..], Vec::as_slice);
    let routes: BTreeSet<RouteId> = rows.iter().filter_map(|row| row.route.clone()).collect();
    let (first, last) = (days_before(date, limits::LAST_COUNT_DAYS), days_before(date, 1));
    let facts = app.store.facts(&FactsQuery { routes, people: BTreeSet::new(), first, last })?;
    let visits = facts.own.into_iter().chain(facts.beside).flat_map(|sheet| sheet.visits);
    Ok(visits.filter(|visit| visit.retailer == *retailer && !visit.stock.is_empty()).max_by_key(|visit| (visit.date, visit.in_ms)))
}

fn stock(skus: &BTreeMap<Sku, SkuInfo>, visit: &Visit, last: Option<&Visit>) -> Vec<StockLine> {
    let line = |(sku, packs): (&Sku, i64)| StockLine {
        name: name(skus, sku),
        packs,
        packs_per_carton: skus.get(sku).map_or(1, |info| info.packs_per_carton),
        last_packs: last.and_then(|last| last.stock.get(sku.as_str())),
        sku: sku.clone(),
    };
    visit.stock.iter().map(line).collect()
}

fn order(skus: &BTreeMap<Sku, SkuInfo>, visit: &Visit) -> Vec<OrderLine> {
    let line = |(sku, cartons): (&Sku, i64)| {
        let price = skus.get(sku).map(|info| info.wholesale_price);
        OrderLine { name: name(skus, sku), cartons, price, value: price.map(|price| Money::of(cartons, price)), sku: sku.clone() }
    };
    visit.order.iter().map(line).collect()
}

fn name(skus: &BTreeMap<Sku, SkuInfo>, sku: &Sku) -> String {
    skus.get(sku).map_or_else(|| sku.to_string(), |info| info.name.clone())
}

fn conflict_row(names: &Names, batches: &[Batch], conflict: &Conflict) -> ConflictRow {
    let sku = conflict.field.strip_prefix("stock/").or_else(|| conflict.field.strip_prefix("order/"));
    let info = sku.and_then(|sku| names.directory.reference.skus.get(sku));
    let side = |value: &shared::facts::ConflictValue| ConflictSide {
        value: value.value.clone(),
        person: names.owner(&value.device).map_or_else(|| value.device.to_string(), |person| names.person(person)),
        device_name: names.device(&value.device),
        at_ms: value.at_ms,
        received_ms: received(batches, &value.change),
        change: value.change,
    };
    ConflictRow {
        field: conflict.field.clone(),
        sku_name: info.map(|info| info.name.clone()),
        packs_per_carton: info.map(|info| info.packs_per_carton),
        values: conflict.values.iter().map(side).collect(),
    }
}

fn received(batches: &[Batch], change: &ChangeHash) -> Option<i64> {
    batches.iter().find(|batch| batch.hashes.contains(change)).map(|batch| batch.received_ms)
}

fn trail(names: &Names, batches: &[Batch], id: DocumentId, visit: &VisitId) -> ApiResult<Vec<TrailRow>> {
    let chunks = batches.iter().flat_map(|batch| split(&batch.body));
    let document = Document::of_changes(id, chunks).map_err(ApiError::internal)?;
    let row = |trace: shared::doc::Trace| TrailRow {
        at_ms: trace.at_ms,
        received_ms: received(batches, &trace.change),
        person: names.owner(&trace.device).map_or_else(|| trace.device.to_string(), |person| names.person(person)),
        device_name: names.device(&trace.device),
        change: trace.change,
        apart: trace.apart,
        touched: trace.touched,
    };
    Ok(document.trail(visit).unwrap_or_default().into_iter().map(row).collect())
}

fn assigned(names: &Names, route: &RouteId, date: Date) -> Vec<AssignedRow> {
    let assignments = names.directory.reference.assignments.get(route).map_or(&[][..], Vec::as_slice);
    let row = |a: &shared::reference::Assignment| AssignedRow {
        person_id: a.person.clone(),
        person: names.person(&a.person),
        kind: a.kind,
        from: a.from,
        to: a.to,
    };
    assignments.iter().filter(|a| a.covers(date)).map(row).collect()
}
