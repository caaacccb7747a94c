//! `events.csv`: points that staff gave or took. What they record and approve here is not in the district's files: no file
//! changes it, and one that is the whole truth leaves it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::decimal::Dec;
use shared::ids::{EventId, IndicatorId};
use shared::reference::{Event, Reference};
use shared::scheme::Formula;
use shared::time::Month;

use crate::import::EVENTS;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Events;

impl Table for Events {
    type Key = EventId;
    type Value = Event;
    const SHAPE: Shape = Shape {
        file: EVENTS,
        key: &["event_id"],
        required: &["event_id", "date", "person_id", "indicator", "points", "retailer_id", "note"],
        optional: &[],
    };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(EventId, Event)> {
        let (id, date, person) = (row.id::<EventId>("event_id"), row.date("date"), row.manager("person_id", world));
        let (indicator, points) = (row.id::<IndicatorId>("indicator"), row.decimal("points"));
        if let (Some(date), Some(indicator)) = (date, &indicator) {
            check_points(row, date, indicator, points, world);
        }
        let nowhere = row.cell("retailer_id") == Some("");
        let retailer = if nowhere { Some(None) } else { row.retailer("retailer_id", world).map(Some) };
        let note = row.text("note");
        let event =
            || Some(Event { date: date?, person: person?, indicator: indicator?, points: points?, retailer: retailer?, note: note? });
        let (id, event) = (id?, event());
        check_recorded(row, &id, event.as_ref(), world);
        Some((id, event?))
    }

    fn stays(id: &EventId, world: &World<'_>) -> bool {
        world.recorded.get(id).is_some_and(Option::is_some)
    }

    fn take(next: &mut Reference) -> BTreeMap<EventId, Event> {
        std::mem::take(&mut next.events)
    }

    fn put(rows: BTreeMap<EventId, Event>, next: &mut Reference) {
        next.events = rows;
    }
}

/// Points that staff record count when another approves them: a file that says the same then is no contradiction, any other
/// would give what nobody has approved.
fn check_recorded(row: &mut Row<'_, '_>, id: &EventId, event: Option<&Event>, world: &World<'_>) {
    let Some(recorded) = world.recorded.get(id) else { return };
    if recorded.is_none() {
        row.fault(Some("event_id"), id.as_str(), "is an event that staff have recorded, and that is not approved");
    } else if event != recorded.as_ref() {
        row.fault(Some("event_id"), id.as_str(), "is an event that staff have recorded and approved otherwise: no file changes it");
    }
}

/// The indicator takes events, and the points are within what one event may give.
fn check_points(row: &mut Row<'_, '_>, date: Date, indicator: &IndicatorId, points: Option<Dec>, world: &World<'_>) {
    let Some(formula) = world.schemes.formula(row, indicator, Month::of(date)) else { return };
    let Formula::Events { each_min, each_max, .. } = formula else {
        row.fault(Some("indicator"), indicator.as_str(), "is measured: it takes no events");
        return;
    };
    let Some(points) = points else { return };
    for (bound, beyond, side) in
        [(each_min, each_min.is_some_and(|least| points < least), "below"), (each_max, each_max.is_some_and(|most| points > most), "above")]
    {
        if let Some(bound) = bound.filter(|_| beyond) {
            row.fault(Some("points"), &points.to_string(), format!("is {side} {bound}, the bound of one event of `{indicator}`"));
        }
    }
}
