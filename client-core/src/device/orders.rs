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

/// What suggestions rest on; it is read and learned again when the day's visits are others.
pub(super) struct Lessons {
    date: Date,
    visits: Vec<Visit>,
    reference: Reference,
    learned: Learned,
}

impl Device {
    /// What a shop is to order on a date: by what was counted and delivered up to then, learned over all shops that this
    /// phone holds.
    pub fn suggest(&mut self, retailer: &RetailerId, date: Date) -> Result<Suggestion, Error> {
        let lessons = self.lessons(date)?;
        let Lessons { reference, learned, visits, .. } = &*lessons;
        let question = Question { learned, reference, visits, retailer, date };
        suggest(&question).ok_or_else(|| Error::UnknownRoute(retailer.clone()))
    }

    /// What is unusual about an order, in cartons a SKU: beside the shop's own orders, and those of its peers.
    pub fn unusual(&mut self, retailer: &RetailerId, date: Date, order: &BTreeMap<Sku, i64>) -> Result<Vec<Unusual>, Error> {
        let lessons = self.lessons(date)?;
        Ok(warnings(&lessons.reference, &lessons.visits, retailer, date, order.values().sum()))
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

    /// A count of today is the last thing known of how a shop sells, so that it is learned from at once.
    fn lessons(&mut self, date: Date) -> Result<Arc<Lessons>, Error> {
        let visits = self.visits(days_before(date, 7 * ORDER_HISTORY_WEEKS as i32), date)?;
        if let Some(lessons) = self.lessons.as_ref().filter(|lessons| lessons.date == date && lessons.visits == visits) {
            return Ok(lessons.clone());
        }
        let reference = self.store.db().reference(true)?.0;
        let learned = Learned::from(&reference, &visits, date);
        let lessons = Arc::new(Lessons { date, visits, reference, learned });
        self.lessons = Some(lessons.clone());
        Ok(lessons)
    }
}
