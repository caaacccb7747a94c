//! What a shop is to order, suggested offline from what this phone holds, and what staff ruled on what was drafted.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use shared::facts::Visit;
use shared::ids::{RetailerId, Sku, VisitId};
use shared::limits::ORDER_HISTORY_WEEKS;
use shared::order::{Learned, OrderPlan, Question, Suggestion, Unusual, suggest, warnings};
use shared::reference::Reference;
use shared::time::days_before;

use super::{Device, Done, Step};
use crate::Error;

/// What suggestions of one day rest on: it is read and learned once for all its shops.
pub(super) struct Lessons {
    date: Date,
    reference: Reference,
    learned: Learned,
}

impl Device {
    /// What a shop is to order on a date: by what was counted and delivered up to then, learned over all shops that this
    /// phone holds.
    pub fn suggest(&mut self, retailer: &RetailerId, date: Date) -> Result<Suggestion, Error> {
        let lessons = self.lessons(date)?;
        let visits = self.visits_before(date)?;
        let Lessons { reference, learned, .. } = &*lessons;
        let question = Question { learned, reference, visits: &visits, retailer, date };
        suggest(&question).ok_or_else(|| Error::UnknownRoute(retailer.clone()))
    }

    /// What is unusual about an order, in cartons a SKU: beside the shop's own orders, and those of its peers.
    pub fn unusual(&mut self, retailer: &RetailerId, date: Date, order: &BTreeMap<Sku, i64>) -> Result<Vec<Unusual>, Error> {
        let lessons = self.lessons(date)?;
        let visits = self.visits_before(date)?;
        Ok(warnings(&lessons.reference, &visits, retailer, date, order.values().sum()))
    }

    /// Drafts a visit's order plan as it is suggested; lines that are drafted already and are not suggested stay.
    pub fn accept(&mut self, visit: VisitId, suggestion: &Suggestion, step: Step) -> Result<Done, Error> {
        let order = suggestion.order().into_iter().map(|(sku, cartons)| (sku, Some(cartons))).collect();
        self.plan_order(visit, order, step)
    }

    /// The order plans of the dates from `first` to `last`, each line with what staff ruled.
    pub fn orders(&mut self, first: Date, last: Date) -> Result<Vec<OrderPlan>, Error> {
        let reference = self.reference()?;
        let visits = self.visits(first, last)?;
        Ok(visits.iter().filter_map(|visit| OrderPlan::of(visit, reference.order_rulings.get(&visit.visit))).collect())
    }

    fn visits_before(&self, date: Date) -> Result<Vec<Visit>, Error> {
        self.visits(days_before(date, 7 * ORDER_HISTORY_WEEKS as i32), date)
    }

    /// Learned once a day, from what was known the evening before: a count of today changes what is left, not what is usual.
    fn lessons(&mut self, date: Date) -> Result<Arc<Lessons>, Error> {
        if let Some(lessons) = self.lessons.as_ref().filter(|lessons| lessons.date == date) {
            return Ok(lessons.clone());
        }
        let reference = self.store.db().reference(true)?.0;
        let learned = Learned::from(&reference, &self.visits_before(date)?, days_before(date, 1));
        let lessons = Arc::new(Lessons { date, reference, learned });
        self.lessons = Some(lessons.clone());
        Ok(lessons)
    }
}
