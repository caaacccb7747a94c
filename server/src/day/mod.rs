//! One manager's day and one visit, in full: what the board's figures rest on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::flags::{Flag, Flagged, distance_mm, flag_visits};
use shared::ids::{DeviceId, PersonId, RetailerId, RouteId};
use shared::problem::Code;
use shared::reference::Role;
use shared::scheme::scheme_of;
use shared::time::Month;

use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::materialise::neighbours;
use crate::progress::Money;
use crate::scores::slice::{Slice, Wanted};
use crate::state::App;

mod visit;

pub use visit::{VisitPage, visit};

/// What a manager did on a day, as far as head office knows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Day {
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub name: String,
    /// Routes that the manager is responsible for on the day, and those whose sheets they worked on.
    pub routes: Vec<DayRoute>,
    /// By time.
    pub visits: Vec<VisitRow>,
    pub missed: Vec<MissedRow>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DayRoute {
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub name: String,
    /// Whether the manager is responsible for it on the day.
    pub responsible: bool,
    /// What was written in the sheet's diary.
    pub diary: String,
    /// What in the sheet could not be read, and so is not counted.
    pub faults: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MissedRow {
    #[schema(value_type = String)]
    pub retailer_id: RetailerId,
    pub name: String,
    pub reason: String,
    pub at_ms: i64,
}

/// One visit, in a line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VisitRow {
    pub visit: String,
    #[schema(value_type = String)]
    pub route_id: RouteId,
    #[schema(value_type = String)]
    pub retailer_id: RetailerId,
    pub shop: String,
    /// The shop's place on its route.
    pub sequence: Option<u32>,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub person: String,
    #[schema(value_type = String)]
    pub device: DeviceId,
    pub device_name: String,
    pub in_ms: i64,
    pub out_ms: Option<i64>,
    /// From the shop, in whole metres.
    pub distance_m: Option<i64>,
    pub accuracy_m: Option<i64>,
    /// SKUs counted, and those of them of which there was nothing.
    pub counted: u64,
    pub out_of_stock: u64,
    pub order_cartons: i64,
    #[schema(value_type = String, format = "decimal")]
    pub order_value: Money,
    #[schema(value_type = Vec<String>)]
    pub flags: Vec<Flag>,
    pub effective: bool,
    pub conflicts: u64,
    pub note: String,
}

/// Names of people and devices, for people.
pub(crate) struct Names {
    pub directory: std::sync::Arc<Directory>,
    devices: BTreeMap<DeviceId, (String, PersonId)>,
}

impl Names {
    pub fn read(app: &App) -> ApiResult<Self> {
        let devices = app.store.devices()?.into_iter().map(|device| (device.device, (device.name, device.person))).collect();
        Ok(Self { directory: app.directory(), devices })
    }
    pub fn person(&self, id: &PersonId) -> String {
        self.directory.reference.people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone())
    }
    pub fn device(&self, id: &DeviceId) -> String {
        self.devices.get(id).map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }
    /// Who a device belongs to.
    pub fn owner(&self, id: &DeviceId) -> Option<&PersonId> {
        self.devices.get(id).map(|(_, person)| person)
    }
    pub fn route(&self, id: &RouteId) -> String {
        self.directory.reference.routes.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// The visits of some routes and people on a day, with all that flags need.
pub(crate) fn slice_of(app: &App, date: Date, routes: BTreeSet<RouteId>, people: BTreeSet<PersonId>) -> ApiResult<Slice> {
    let directory = app.directory();
    neighbours::ensure(app, directory.grounds)?;
    let wanted = Wanted { routes, people, month: Month::of(date), first: date, last: date };
    Slice::read(app.store.as_ref(), &directory, &wanted)
}

pub(crate) fn flagged<'a>(names: &Names, slice: &'a Slice, date: Date) -> ApiResult<Vec<Flagged<'a>>> {
    let scheme = scheme_of(&names.directory.reference, Month::of(date)).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid on {date}")))?;
    Ok(flag_visits(&slice.visits, &slice.reference, &names.directory.zone, &scheme.visits))
}

impl VisitRow {
    pub(crate) fn of(names: &Names, slice: &Slice, flagged: &Flagged<'_>) -> Self {
        let visit = flagged.visit;
        let shop = slice.reference.retailer_on(visit.retailer.as_str(), visit.date);
        let mut order_value = Money::default();
        for (sku, cartons) in visit.order.iter() {
            if let Some(info) = slice.reference.skus.get(sku) {
                order_value.add(Money::of(cartons, info.wholesale_price));
            }
        }
        let distance = visit.position.zip(shop.and_then(|shop| shop.position)).map(|(here, there)| distance_mm(here, there));
        Self {
            visit: visit.visit.to_string(),
            route_id: visit.route.clone(),
            retailer_id: visit.retailer.clone(),
            shop: shop.map_or_else(|| visit.retailer.to_string(), |shop| shop.name.clone()),
            sequence: shop.map(|shop| shop.sequence),
            person_id: visit.person.clone(),
            person: names.person(&visit.person),
            device: visit.device.clone(),
            device_name: names.device(&visit.device),
            in_ms: visit.in_ms,
            out_ms: visit.out_ms,
            distance_m: distance.map(|mm| (mm + 500) / 1000),
            accuracy_m: visit.accuracy_m,
            counted: visit.stock.len() as u64,
            out_of_stock: visit.stock.values().filter(|packs| *packs == 0).count() as u64,
            order_cartons: visit.order.values().sum(),
            order_value,
            flags: flagged.flags.iter().collect(),
            effective: flagged.effective,
            conflicts: visit.conflicts.len() as u64,
            note: visit.note.clone(),
        }
    }
}

/// A manager's day.
pub fn day(app: &App, date: Date, person: &PersonId) -> ApiResult<Day> {
    let names = Names::read(app)?;
    let district = &names.directory.reference;
    let known = district.people.get(person).filter(|known| known.role == Role::Manager);
    let known = known.ok_or_else(|| ApiError::with(Code::NotFound, format!("{person} is not a manager of this district")))?;
    let own: BTreeSet<RouteId> =
        district.routes.keys().filter(|route| district.responsible(route.as_str(), date) == Some(person)).cloned().collect();
    let slice = slice_of(app, date, own.clone(), BTreeSet::from([person.clone()]))?;
    let flagged = flagged(&names, &slice, date)?;
    let theirs = flagged.iter().filter(|flagged| own.contains(&flagged.visit.route) || flagged.visit.person == *person);
    let mut visits: Vec<VisitRow> = theirs.map(|flagged| VisitRow::of(&names, &slice, flagged)).collect();
    visits.sort_by(|a, b| (a.in_ms, &a.visit).cmp(&(b.in_ms, &b.visit)));
    let worked = visits.iter().map(|visit| visit.route_id.clone());
    let planned = own.iter().filter(|route| slice.reference.planned(route, date)).cloned();
    let routes: BTreeSet<RouteId> = worked.chain(planned).chain(slice.sheets.iter().map(|sheet| sheet.route.clone())).collect();
    let sheet = |route: &RouteId| slice.sheets.iter().find(|sheet| sheet.route == *route);
    let shop = |id: &RetailerId| slice.reference.retailer_on(id.as_str(), date).map_or_else(|| id.to_string(), |shop| shop.name.clone());
    let missed = slice.sheets.iter().filter(|sheet| own.contains(&sheet.route)).flat_map(|sheet| &sheet.missed);
    Ok(Day {
        date,
        person_id: person.clone(),
        name: known.name.clone(),
        missed: missed
            .map(|stop| MissedRow {
                retailer_id: stop.retailer.clone(),
                name: shop(&stop.retailer),
                reason: stop.reason.clone(),
                at_ms: stop.at_ms,
            })
            .collect(),
        routes: routes
            .iter()
            .map(|route| DayRoute {
                name: names.route(route),
                responsible: own.contains(route),
                diary: sheet(route).map(|sheet| sheet.diary.clone()).unwrap_or_default(),
                faults: sheet(route).map(|sheet| sheet.faults.clone()).unwrap_or_default(),
                route_id: route.clone(),
            })
            .collect(),
        visits,
    })
}
