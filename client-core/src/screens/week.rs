//! The diary's writing: a day's own words, beside the week's summary that the same text may hold.

use jiff::civil::Date;
use shared::ids::RouteId;
use shared::time::Week;
use shared::week::kept;

use crate::Error;
use crate::device::{Device, Done, Step};

impl Device {
    /// Replaces a day's own words; the week's summary behind them stays.
    pub fn day_words(&mut self, route: RouteId, date: Date, text: &str, step: Step) -> Result<Done, Error> {
        let (week, person) = (Week::of(date), self.person()?);
        let diary = self.sheet_facts(&route, date)?.map(|sheet| sheet.diary).unwrap_or_default();
        let text = match kept::find(&diary, week, &person) {
            Some(summary) => kept::with(text, week, &person, summary),
            None => text.into(),
        };
        self.diary(route, date, &text, step)
    }
}
