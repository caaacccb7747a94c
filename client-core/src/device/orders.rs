//! What a shop is to order, suggested offline from what this phone holds, and what staff ruled on what was drafted.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::civil::Date;
use shared::facts::Visit;
use shared::ids::{DocumentId, RetailerId, Sku, VisitId};
use shared::limits::ORDER_HISTORY_WEEKS;
use shared::order::{BeingLearned, Learned, OrderPlan, Question, Suggestion, Unusual, Usual, suggest};
use shared::reference::Reference;
use shared::time::days_before;

use super::{Device, Done, Step};
use crate::Error;

/// What suggestions rest on, of the days before a date: learned from once a day, in steps, so that a tap never waits for more
/// than one of them.
pub(super) struct Lessons {
    date: Date,
    stage: Stage,
}

enum Stage {
    /// Up to a day; the first that is not read yet.
    Visits(Vec<Visit>, Date),
    Reference(Vec<Visit>),
    Shelves(Known),
    Learning(Known, BeingLearned),
    Learned(Known, Learned),
}

struct Known {
    reference: Reference,
    visits: Vec<Visit>,
    usual: Usual,
}

/// Weeks of visits that one step reads.
const WEEKS_A_STEP: i32 = 8;

impl Device {
    /// What a shop is to order on a date: by what was counted and delivered up to then, learned over all shops that this
    /// phone holds.
    pub fn suggest(&mut self, retailer: &RetailerId, date: Date) -> Result<Suggestion, Error> {
        let today = self.visits(date, date)?;
        let (Known { reference, visits, .. }, learned) = self.lessons(date)?;
        let question = Question { learned, reference, visits, today: &today, retailer, date };
        suggest(&question).ok_or_else(|| Error::UnknownRoute(retailer.clone()))
    }

    /// What is unusual about an order, in cartons a SKU: beside the shop's own orders, and those of its peers.
    pub fn unusual(&mut self, retailer: &RetailerId, date: Date, order: &BTreeMap<Sku, i64>) -> Result<Vec<Unusual>, Error> {
        let Known { reference, usual, .. } = self.lessons(date)?.0;
        Ok(usual.warnings(reference, retailer, date, order.values().sum()))
    }

    /// Drafts a visit's order plan as it is suggested; lines that are drafted already and are not suggested stay.
    pub fn accept(&mut self, visit: VisitId, suggestion: &Suggestion, step: Step) -> Result<Done, Error> {
        let order = suggestion.order().into_iter().map(|(sku, cartons)| (sku, Some(cartons))).collect();
        self.plan_order(visit, order, step)
    }

    /// The order plans of the dates from `first` to `last`, each line with what staff ruled.
    pub fn order_plans(&mut self, first: Date, last: Date) -> Result<Vec<OrderPlan>, Error> {
        let reference = self.reference()?;
        let visits = self.visits(first, last)?;
        Ok(visits.iter().filter_map(|visit| OrderPlan::of(visit, reference.order_rulings.get(&visit.visit))).collect())
    }

    /// Learns what today's suggestions rest on, one step of it. Whether more is left.
    pub fn learn(&mut self) -> Result<bool, Error> {
        let date = self.date()?;
        self.step(date)
    }

    fn lessons(&mut self, date: Date) -> Result<(&Known, &Learned), Error> {
        while self.step(date)? {}
        match self.lessons.as_deref() {
            Some(Lessons { stage: Stage::Learned(known, learned), .. }) => Ok((known, learned)),
            _ => unreachable!("nothing is left to be learned"),
        }
    }

    fn step(&mut self, date: Date) -> Result<bool, Error> {
        let first = || Stage::Visits(Vec::new(), days_before(date, 7 * ORDER_HISTORY_WEEKS as i32));
        let stage = match self.lessons.take().filter(|lessons| lessons.date == date).map_or_else(first, |lessons| lessons.stage) {
            Stage::Visits(visits, from) if from >= date => Stage::Reference(visits),
            Stage::Visits(mut visits, from) => {
                let until = days_before(from, -7 * WEEKS_A_STEP).min(date);
                visits.extend(self.visits(from, days_before(until, 1))?);
                Stage::Visits(visits, until)
            }
            Stage::Reference(visits) => {
                let reference = self.store.db().reference(true)?.0;
                let usual = Usual::of(&reference, &visits);
                Stage::Shelves(Known { reference, visits, usual })
            }
            Stage::Shelves(known) => {
                let learning = BeingLearned::read(&known.reference, &known.visits, date);
                Stage::Learning(known, learning)
            }
            Stage::Learning(known, learning) => match learning.step() {
                ControlFlow::Continue(learning) => Stage::Learning(known, learning),
                ControlFlow::Break(learned) => Stage::Learned(known, learned),
            },
            learned @ Stage::Learned(..) => learned,
        };
        let more = !matches!(stage, Stage::Learned(..));
        self.lessons = Some(Box::new(Lessons { date, stage }));
        Ok(more)
    }

    /// What was done on another day than today's is not in what was learned yet.
    pub(super) fn unlearn(&mut self, document: &DocumentId) {
        if let (DocumentId::Day { date, .. }, Some(lessons)) = (document, &self.lessons)
            && *date != lessons.date
        {
            self.lessons = None;
        }
    }
}
