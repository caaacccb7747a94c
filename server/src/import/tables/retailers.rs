//! `retailers.csv`: a shop, and what changed about it from a date on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::facts::Position;
use shared::ids::RetailerId;
use shared::reference::{Area, Reference, Retailer};

use super::grouped;
use crate::import::RETAILERS;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Retailers;

impl Table for Retailers {
    type Key = (RetailerId, Option<Date>);
    type Value = Retailer;
    const SHAPE: Shape = Shape {
        file: RETAILERS,
        key: &["retailer_id", "from"],
        required: &["retailer_id", "name", "route_id", "sequence", "grade", "area", "format", "lat", "lon"],
        optional: &["from"],
    };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, Retailer)> {
        let (id, from, name) = (row.id("retailer_id"), row.date_or_none("from"), row.name("name"));
        let closed = row.cell("route_id") == Some("");
        let route = if closed { Some(None) } else { row.route("route_id", world).map(Some) };
        let (sequence, grade) = (row.count("sequence"), row.whole("grade", 1..=30));
        let area = row.one_of("area", &[("town", Area::Town), ("rural", Area::Rural)]);
        let (format, position) = (row.text("format"), position(row));
        let retailer = Retailer {
            from: from?,
            name: name?,
            route: route?,
            sequence: sequence?,
            grade: grade?,
            area: area?,
            format: format?,
            position: position?,
        };
        Some(((id?, retailer.from), retailer))
    }

    fn take(next: &mut Reference) -> BTreeMap<Self::Key, Retailer> {
        let stored = std::mem::take(&mut next.retailers).into_iter();
        stored.flat_map(|(id, rows)| rows.into_iter().map(move |row| ((id.clone(), row.from), row))).collect()
    }

    fn put(rows: BTreeMap<Self::Key, Retailer>, next: &mut Reference) {
        next.retailers = grouped(rows, |_, retailer| retailer);
    }
}

/// Both coordinates or neither.
fn position(row: &mut Row<'_, '_>) -> Option<Option<Position>> {
    let (lat, lon) = (row.microdegrees("lat", 90), row.microdegrees("lon", 180));
    match (lat?, lon?) {
        (Some(lat_e6), Some(lon_e6)) => Some(Some(Position { lat_e6, lon_e6 })),
        (None, None) => Some(None),
        (lat, _) => {
            let missing = if lat.is_none() { "lat" } else { "lon" };
            row.fault(Some(missing), "", "is empty: a position has both lat and lon, or neither");
            None
        }
    }
}
