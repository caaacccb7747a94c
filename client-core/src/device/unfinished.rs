//! What was begun and is not finished. It is kept tap by tap, as drafts, on this phone alone: no sync takes it along before
//! it has become an action.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::{RouteId, Sku, VisitId};
use shared::time::{Week, parse_date};

use super::{Device, Step};
use crate::Error;
use crate::store::Draft;

/// A step that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Checked in, and not out: it ends with its check-out.
    Visit(VisitId),
    /// Its draft holds packs per SKU, as JSON; null takes a count back.
    Stock(VisitId),
    /// Its draft holds cartons per SKU, as JSON.
    Order(VisitId),
    Note(VisitId),
    Diary(RouteId, Date),
    RouteNote(RouteId, Date),
    /// The summary of a date's week.
    Week(Date),
}

impl Begun {
    /// By the name of its draft; none: this version knows no such step.
    pub fn of(step: &str) -> Option<Self> {
        let (kind, of) = step.split_once('/')?;
        let visit = || of.parse::<VisitId>().ok();
        let day = || {
            let (route, date) = of.rsplit_once('/')?;
            Some((route.parse().ok()?, parse_date(date).ok()?))
        };
        match kind {
            "visit" => visit().map(Self::Visit),
            "stock" => visit().map(Self::Stock),
            "order" => visit().map(Self::Order),
            "note" => visit().map(Self::Note),
            "diary" => day().map(|(route, date)| Self::Diary(route, date)),
            "route_note" => day().map(|(route, date)| Self::RouteNote(route, date)),
            "week" => parse_date(of).ok().map(Self::Week),
            _ => None,
        }
    }

    /// The name of its draft.
    pub fn step(&self) -> String {
        let kind = self.kind();
        match self {
            Self::Visit(visit) | Self::Stock(visit) | Self::Order(visit) | Self::Note(visit) => format!("{kind}/{visit}"),
            Self::Diary(route, date) | Self::RouteNote(route, date) => format!("{kind}/{route}/{date}"),
            Self::Week(date) => format!("{kind}/{date}"),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Visit(_) => "visit",
            Self::Stock(_) => "stock",
            Self::Order(_) => "order",
            Self::Note(_) => "note",
            Self::Diary(..) => "diary",
            Self::RouteNote(..) => "route_note",
            Self::Week(_) => "week",
        }
    }

    pub fn visit(&self) -> Option<VisitId> {
        match self {
            Self::Visit(visit) | Self::Stock(visit) | Self::Order(visit) | Self::Note(visit) => Some(*visit),
            Self::Diary(..) | Self::RouteNote(..) | Self::Week(_) => None,
        }
    }
}

impl Device {
    /// Makes an action of every draft, or of every draft of a visit, as far as it was typed, and answers of how many. A visit
    /// stays open: nobody knows when it ended.
    ///
    /// # Errors
    /// The first draft that can't become one says why. It stays, and the others have become theirs.
    pub fn finish_drafts(&mut self, of: Option<VisitId>) -> Result<usize, Error> {
        let mut finished = 0;
        let mut first = None;
        for draft in self.drafts()? {
            let Some(begun) = Begun::of(&draft.step).filter(|begun| of.is_none() || begun.visit() == of) else { continue };
            match self.finish(begun, draft) {
                Ok(done) => finished += usize::from(done),
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        first.map_or(Ok(finished), Err)
    }

    fn finish(&mut self, begun: Begun, draft: Draft) -> Result<bool, Error> {
        let step = Step { draft: Some(draft.step), ..Step::default() };
        match begun {
            Begun::Visit(_) => return Ok(false),
            Begun::Stock(visit) => self.count_stock(visit, lines(&draft.content)?, step)?,
            Begun::Order(visit) => {
                let before = self.visit(visit)?.map(|visit| visit.order).unwrap_or_default();
                // A line that was never in the order and holds none is no line.
                let kept = |(sku, cartons): &(Sku, Option<i64>)| *cartons > Some(0) || before.get(sku.as_str()).is_some();
                let order = lines(&draft.content)?.into_iter().filter(kept).collect();
                self.plan_order(visit, order, step)?
            }
            Begun::Note(visit) => self.note(visit, &draft.content, step)?,
            Begun::Diary(route, date) => self.day_words(route, date, &draft.content, step)?,
            Begun::RouteNote(route, date) => self.route_note(route, date, &draft.content, step)?,
            Begun::Week(date) => self.save_week(Week::of(date), &draft.content, step)?,
        };
        Ok(true)
    }
}

fn lines(content: &str) -> Result<BTreeMap<Sku, Option<i64>>, Error> {
    serde_json::from_str(content).map_err(|e| Error::BadCall(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_known_by_the_name_of_its_draft() {
        let visit = "0197b5a0000070008000000000000001";
        for step in [
            format!("visit/{visit}"),
            format!("stock/{visit}"),
            format!("order/{visit}"),
            format!("note/{visit}"),
            "diary/r026/2026-08-03".into(),
            "route_note/r026/2026-08-03".into(),
            "week/2026-08-03".into(),
        ] {
            assert_eq!(Begun::of(&step).map(|begun| begun.step()), Some(step));
        }
        for step in ["note", "stock/x", "diary/r026", "week/2026-08", "photo/1"] {
            assert_eq!(Begun::of(step), None, "{step}");
        }
    }
}
