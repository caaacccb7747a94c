//! `routes.csv` and `width-standards.csv`.

use std::collections::BTreeMap;

use shared::ids::RouteId;
use shared::reference::{Reference, WidthStandard};

use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;
use crate::import::{ROUTES, WIDTH_STANDARDS};

pub(in crate::import) struct Routes;

impl Table for Routes {
    type Key = RouteId;
    type Value = String;
    const SHAPE: Shape = Shape { file: ROUTES, key: &["route_id"], required: &["route_id", "name"], optional: &[] };

    fn read(row: &mut Row<'_, '_>, _: &World<'_>) -> Option<(RouteId, String)> {
        let (id, name) = (row.id("route_id"), row.name("name"));
        Some((id?, name?))
    }

    fn take(next: &mut Reference) -> BTreeMap<RouteId, String> {
        std::mem::take(&mut next.routes)
    }

    fn put(rows: BTreeMap<RouteId, String>, next: &mut Reference) {
        next.routes = rows;
    }
}

pub(in crate::import) struct WidthStandards;

impl Table for WidthStandards {
    type Key = RouteId;
    type Value = WidthStandard;
    const SHAPE: Shape = Shape { file: WIDTH_STANDARDS, key: &["route_id"], required: &["route_id", "standard", "ideal"], optional: &[] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(RouteId, WidthStandard)> {
        let (route, standard, ideal) = (row.route("route_id", world), row.count("standard"), row.count("ideal"));
        Some((route?, WidthStandard { standard: standard?, ideal: ideal? }))
    }

    fn take(next: &mut Reference) -> BTreeMap<RouteId, WidthStandard> {
        std::mem::take(&mut next.width_standards)
    }

    fn put(rows: BTreeMap<RouteId, WidthStandard>, next: &mut Reference) {
        next.width_standards = rows;
    }
}
