//! The district as its staff look at it: people, who has which route, the beat plan.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::{PersonId, RouteId};
use shared::reference::{AssignmentKind, Reference};
use shared::time::Month;

use crate::directory::load_scoped;
use crate::error::ApiResult;
use crate::scores::slice::calendar as calendar_of;
use crate::state::App;
use crate::store::ScopedKind;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PersonRow {
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub name: String,
    /// `manager`, `supervisor`, `analyst` or `admin`.
    pub role: String,
    pub login: String,
    /// Names of the routes that the person is responsible for today.
    pub routes: Vec<String>,
    /// Devices that are not revoked.
    pub devices: u64,
}

/// Everybody, by id.
pub fn people(app: &App) -> ApiResult<Vec<PersonRow>> {
    let directory = app.directory();
    let today = directory.today(app.clock.now_ms());
    let mut devices: BTreeMap<PersonId, u64> = BTreeMap::new();
    for device in app.store.devices()?.into_iter().filter(|device| device.revoked_ms.is_none()) {
        *devices.entry(device.person).or_default() += 1;
    }
    let mut routes: BTreeMap<&PersonId, Vec<String>> = BTreeMap::new();
    for (route, name) in &directory.reference.routes {
        if let Some(person) = directory.reference.responsible(route.as_str(), today) {
            routes.entry(person).or_default().push(name.clone());
        }
    }
    let row = |(id, person): (&PersonId, &shared::reference::Person)| PersonRow {
        routes: routes.remove(id).unwrap_or_default(),
        devices: devices.get(id).copied().unwrap_or(0),
        person_id: id.clone(),
        name: person.name.clone(),
        role: person.role.as_str().into(),
        login: person.login.clone(),
    };
    Ok(directory.reference.people.iter().map(row).collect())
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AssignmentRow {
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub route: String,
    #[schema(value_type = String)]
    pub person_id: PersonId,
    pub person: String,
    /// `owner` or `substitute`.
    pub kind: String,
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// Included; none: open.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// Whether it holds today.
    pub now: bool,
}

pub(crate) fn kind_name(kind: AssignmentKind) -> &'static str {
    match kind {
        AssignmentKind::Owner => "owner",
        AssignmentKind::Substitute => "substitute",
    }
}

/// Every assignment that was, is or will be, by route.
pub fn assignments(app: &App) -> Vec<AssignmentRow> {
    let directory = app.directory();
    let (reference, today) = (&directory.reference, directory.today(app.clock.now_ms()));
    let name = |id: &PersonId| reference.people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone());
    let rows = reference.assignments.iter().flat_map(|(route, rows)| rows.iter().map(move |row| (route, row)));
    rows.map(|(route, row)| AssignmentRow {
        route_id: route.clone(),
        route: reference.routes.get(route).cloned().unwrap_or_default(),
        person_id: row.person.clone(),
        person: name(&row.person),
        kind: kind_name(row.kind).into(),
        from: row.from,
        to: row.to,
        now: row.covers(today),
    })
    .collect()
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CalendarRow {
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    #[schema(value_type = String)]
    pub route_id: RouteId,
    pub route: String,
    /// Responsible on the date; none: nobody.
    pub person: Option<String>,
}

/// A month's beat plan, by date.
pub fn calendar(app: &App, month: Month) -> ApiResult<Vec<CalendarRow>> {
    let directory = app.directory();
    let reference = &directory.reference;
    let wanted: Vec<ScopedKind> = reference.routes.keys().map(|route| calendar_of(route, month)).collect();
    let mut planned = Reference::default();
    load_scoped(app.store.as_ref(), &mut planned, &wanted)?;
    let mut rows: Vec<CalendarRow> = Vec::new();
    for ((route, _), dates) in planned.calendar {
        for date in dates {
            let person =
                reference.responsible(route.as_str(), date).and_then(|id| reference.people.get(id)).map(|person| person.name.clone());
            let name = reference.routes.get(&route).cloned().unwrap_or_default();
            rows.push(CalendarRow { date, route_id: route.clone(), route: name, person });
        }
    }
    rows.sort_by(|a, b| (a.date, &a.route_id).cmp(&(b.date, &b.route_id)));
    Ok(rows)
}
