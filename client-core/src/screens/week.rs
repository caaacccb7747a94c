//! The diary's writing: a day's own words, beside the note for whoever stands in and the week's summary that the same text
//! may hold.

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::time::Week;
use shared::week::{kept, route_note};

use crate::Error;
use crate::device::{Device, Done, Step};

impl Device {
    /// Replaces a day's own words; what stands behind them stays.
    pub fn day_words(&mut self, route: RouteId, date: Date, text: &str, step: Step) -> Result<Done, Error> {
        let (week, person) = (Week::of(date), self.person()?);
        let diary = self.sheet_facts(&route, date)?.map(|sheet| sheet.diary).unwrap_or_default();
        let text = route_note::find(&diary).map_or_else(|| text.into(), |note| route_note::with(text, note));
        let text = match kept::find(&diary, week, &person) {
            Some(summary) => kept::with(&text, week, &person, summary),
            None => text,
        };
        self.diary(route, date, &text, step)
    }

    /// Leaves a note on a route for whoever stands in, from that day on; an empty one takes it back.
    pub fn route_note(&mut self, route: RouteId, date: Date, text: &str, step: Step) -> Result<Done, Error> {
        let diary = self.sheet_facts(&route, date)?.map(|sheet| sheet.diary).unwrap_or_default();
        self.diary(route, date, &route_note::with(&diary, text), step)
    }
}
