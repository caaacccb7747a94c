//! A day in the field: the actions of a visit, and of the day sheet around it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::doc::Action;
use shared::facts::{Position, Visit};
use shared::ids::{ActionId, DocumentId, RetailerId, RouteId, Sku, VisitId};

use super::{Device, Done, Step};
use crate::Error;
use crate::store::State;

/// What a check-in says; what is left out the core fills in.
#[derive(Clone, Debug)]
pub struct CheckIn {
    /// None: a fresh UUIDv7. The same again is the same visit.
    pub visit: Option<VisitId>,
    pub retailer: RetailerId,
    /// None: the shop's route on the date.
    pub route: Option<RouteId>,
    /// The sheet's date. None: the date of the check-in in the district.
    pub date: Option<Date>,
    /// None: now.
    pub at_ms: Option<i64>,
    pub position: Option<Position>,
    pub accuracy_m: Option<i64>,
    /// The platform says that the position is simulated.
    pub mock: bool,
}

impl CheckIn {
    /// A check-in here and now, without a position.
    pub fn at(retailer: RetailerId) -> Self {
        Self { visit: None, retailer, route: None, date: None, at_ms: None, position: None, accuracy_m: None, mock: false }
    }
}

impl Device {
    /// Begins a visit. Its id is the action's id.
    pub fn check_in(&mut self, check_in: CheckIn) -> Result<(VisitId, Done), Error> {
        let at_ms = check_in.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        let visit = check_in.visit.unwrap_or_else(|| VisitId(self.fresh_id()));
        let (person, device) = (self.person()?, self.id()?);
        let document = self.sheet(&check_in.retailer, check_in.route, check_in.date, at_ms)?;
        let action = Action::CheckIn {
            visit,
            retailer: check_in.retailer,
            person,
            device,
            in_ms: at_ms,
            lat_e6: check_in.position.map(|position| position.lat_e6),
            lon_e6: check_in.position.map(|position| position.lon_e6),
            accuracy_m: check_in.accuracy_m,
            mock: check_in.mock,
        };
        let step = Step { at_ms: Some(at_ms), ..Step::default() };
        Ok((visit, self.act(document, action, step)?))
    }

    /// Begins a visit here and now, or goes on with the one that this person has open in the shop today: two that overlap would
    /// void each other's counts.
    pub fn begin_visit(&mut self, check_in: CheckIn) -> Result<Done, Error> {
        let (date, person) = (self.date()?, self.person()?);
        let theirs = |visit: &Visit| visit.person == person && visit.retailer == check_in.retailer && visit.out_ms.is_none();
        match self.visits(date, date)?.into_iter().find(theirs) {
            Some(open) => Ok(Done {
                action: ActionId(open.visit.0),
                document: DocumentId::Day { route: open.route, date: open.date },
                state: self.store.db().intent(&ActionId(open.visit.0))?.map_or(State::Durable, |intent| intent.state),
                reason: None,
                hash: None,
                repeated: true,
                warnings: Vec::new(),
            }),
            None => Ok(self.check_in(check_in)?.1),
        }
    }

    /// Packs per SKU; None takes a count back.
    pub fn count_stock(&mut self, visit: VisitId, stock: BTreeMap<Sku, Option<i64>>, step: Step) -> Result<Done, Error> {
        self.act_on_visit(Action::CountStock { visit, stock }, step)
    }

    /// Cartons per SKU; None takes a line back.
    pub fn plan_order(&mut self, visit: VisitId, order: BTreeMap<Sku, Option<i64>>, step: Step) -> Result<Done, Error> {
        self.act_on_visit(Action::PlanOrder { visit, order }, step)
    }

    /// Ends a visit, at the step's time.
    pub fn check_out(&mut self, visit: VisitId, step: Step) -> Result<Done, Error> {
        let out_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        self.act_on_visit(Action::CheckOut { visit, out_ms }, Step { at_ms: Some(out_ms), ..step })
    }

    pub fn note(&mut self, visit: VisitId, text: &str, step: Step) -> Result<Done, Error> {
        self.act_on_visit(Action::Note { visit, text: text.into() }, step)
    }

    /// What an audit item was found to be.
    pub fn audit(&mut self, visit: VisitId, item: &str, value: &str, step: Step) -> Result<Done, Error> {
        self.act_on_visit(Action::Audit { visit, item: item.into(), value: value.into() }, step)
    }

    /// Marks a visit as made by mistake.
    ///
    /// # Errors
    /// It is another's: their points hang on it.
    pub fn remove_visit(&mut self, visit: VisitId, step: Step) -> Result<Done, Error> {
        let person = self.person()?;
        if let Some(other) = self.visit(visit)?.filter(|visit| visit.person != person) {
            return Err(Error::NotYourVisit(other.person));
        }
        self.act_on_visit(Action::RemoveVisit { visit }, step)
    }

    /// Reports a planned stop as not made. Without a route or a date: the shop's, and that of the step's time.
    pub fn report_missed(
        &mut self,
        retailer: RetailerId,
        route: Option<RouteId>,
        date: Option<Date>,
        reason: &str,
        step: Step,
    ) -> Result<Done, Error> {
        let at_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        let document = self.sheet(&retailer, route, date, at_ms)?;
        let action = Action::ReportMissed { retailer, reason: reason.into(), at_ms };
        self.act(document, action, Step { at_ms: Some(at_ms), ..step })
    }

    /// Replaces the diary of a route's day.
    pub fn diary(&mut self, route: RouteId, date: Date, text: &str, step: Step) -> Result<Done, Error> {
        self.act(DocumentId::Day { route, date }, Action::Diary { text: text.into() }, step)
    }

    /// An action on a visit goes to the sheet that holds it, whoever made it.
    fn act_on_visit(&mut self, action: Action, step: Step) -> Result<Done, Error> {
        let Some(visit) = action.visit() else { unreachable!("the caller made an action of a visit") };
        let document = self.store.db().sheet_of(&visit)?.ok_or(Error::UnknownVisit(visit))?;
        self.act(document, action, step)
    }

    /// The sheet of a shop's route on a date.
    fn sheet(&mut self, retailer: &RetailerId, route: Option<RouteId>, date: Option<Date>, at_ms: i64) -> Result<DocumentId, Error> {
        let date = match date {
            Some(date) => date,
            None => self.identity()?.zone.date_of(at_ms),
        };
        let route = match route {
            Some(route) => route,
            None => {
                let reference = self.reference()?;
                let known = reference.route_on(retailer.as_str(), date).cloned();
                known.ok_or_else(|| Error::UnknownRoute(retailer.clone()))?
            }
        };
        Ok(DocumentId::Day { route, date })
    }
}
