//! What a shop is to order, suggested offline from what this phone holds, and what staff ruled on what was drafted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::facts::Visit;
use shared::ids::{DocumentId, RetailerId, Sku, VisitId};
use shared::limits::ORDER_HISTORY_WEEKS;
use shared::order::{Learned, OrderPlan, Question, Suggestion, Unusual, Usual, suggest};
use shared::reference::Reference;
use shared::time::days_before;

use super::{Device, Done, Step};
use crate::Error;

/// What suggestions rest on, of the days before a date: learned from once a day.
pub(super) struct Lessons {
    date: Date,
    reference: Reference,
    usual: Usual,
    visits: Vec<Visit>,
    learned: Learned,
}

impl Device {
    /// What a shop is to order on a date: by what was counted and delivered up to then, learned over all shops that this
    /// phone holds.
    pub fn suggest(&mut self, retailer: &RetailerId, date: Date) -> Result<Suggestion, Error> {
        let today = self.visits(date, date)?;
        let Lessons { reference, learned, visits, .. } = self.lessons(date)?;
        let question = Question { learned, reference, visits, today: &today, retailer, date };
        suggest(&question).ok_or_else(|| Error::UnknownRoute(retailer.clone()))
    }

    /// What is unusual about an order, in cartons a SKU: beside the shop's own orders, and those of its peers.
    pub fn unusual(&mut self, retailer: &RetailerId, date: Date, order: &BTreeMap<Sku, i64>) -> Result<Vec<Unusual>, Error> {
        let lessons = self.lessons(date)?;
        Ok(lessons.usual.warnings(&lessons.reference, retailer, date, order.values().sum()))
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

    fn lessons(&mut self, date: Date) -> Result<&Lessons, Error> {
        let lessons = match self.lessons.take().filter(|lessons| lessons.date == date) {
            Some(lessons) => lessons,
            None => {
                let visits = self.visits(days_before(date, 7 * ORDER_HISTORY_WEEKS as i32), days_before(date, 1))?;
                let reference = self.store.db().reference(true)?.0;
                let (usual, learned) = (Usual::of(&reference, &visits), Learned::before(&reference, &visits, date));
                Box::new(Lessons { date, reference, usual, visits, learned })
            }
        };
        Ok(self.lessons.insert(lessons))
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
