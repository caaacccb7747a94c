//! What is known of how things sold: periods between two counts of a shelf, of many shops and items at once, so that one
//! can learn from the others.

/// How something sold in one shop between two counts of its shelf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Index into [`Panel::series`].
    pub series: u32,
    /// The week in which the period ends, counted from any week.
    pub week: u32,
    /// How long it was, in ordinary weeks; above 0.
    pub weeks: f64,
    /// Packs; what is below nought counts as nought.
    pub sold: u32,
    /// Nothing was left: demand was this or more.
    pub out: bool,
    /// The shelf was counted at both ends. Else what sold is thought from deliveries, which come in lumps: right on the long
    /// run, but it says nothing of how demand scatters.
    pub counted: bool,
}

/// One item in one shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Below [`Panel::shops`].
    pub shop: u32,
    /// Below [`Panel::items`].
    pub item: u32,
}

/// All that is known, up to the week that is to be foretold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    pub shops: u32,
    pub items: u32,
    pub series: Vec<Series>,
    /// By week, then series.
    pub periods: Vec<Period>,
    /// The week to foretell; every period ends before it.
    pub now: u32,
}

impl Panel {
    /// The same with some of the periods.
    pub(super) fn only(&self, asked: impl Fn(&Period) -> bool) -> Self {
        Self { series: self.series.clone(), periods: self.periods.iter().filter(|period| asked(period)).copied().collect(), ..*self }
    }

    /// The periods of each series.
    pub fn by_series(&self) -> Vec<Vec<Period>> {
        let mut out = vec![Vec::new(); self.series.len()];
        self.periods.iter().for_each(|period| out[period.series as usize].push(*period));
        out
    }

    /// The periods that end in a week, where those before it are so many.
    pub(super) fn of_week(&self, week: u32, before: usize) -> &[Period] {
        let rest = &self.periods[before..];
        &rest[..rest.partition_point(|period| period.week <= week)]
    }
}
