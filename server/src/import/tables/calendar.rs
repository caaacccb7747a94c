//! `calendar.csv`: the beat plan.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::reference::Reference;
use shared::time::Month;

use crate::import::CALENDAR;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Calendar;

impl Table for Calendar {
    type Key = (RouteId, Date);
    type Value = ();
    const SHAPE: Shape = Shape { file: CALENDAR, key: &["date", "route_id"], required: &["date", "route_id"], optional: &[] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(Self::Key, ())> {
        let (date, route) = (row.date("date"), row.route("route_id", world));
        Some(((route?, date?), ()))
    }

    fn take(next: &mut Reference) -> BTreeMap<Self::Key, ()> {
        let stored = std::mem::take(&mut next.calendar).into_iter();
        stored.flat_map(|((route, _), dates)| dates.into_iter().map(move |date| ((route.clone(), date), ()))).collect()
    }

    fn put(rows: BTreeMap<Self::Key, ()>, next: &mut Reference) {
        for (route, date) in rows.into_keys() {
            next.calendar.entry((route, Month::of(date))).or_default().insert(date);
        }
    }
}
