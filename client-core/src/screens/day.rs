//! Today: the stops with what matters before going in, and where each one's work is.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::Position;
use shared::ids::{DocumentId, PersonId, RouteId, VisitId};
use shared::reference::{AssignmentKind, Reference};

use super::brief::{Brief, Past};
use super::{Work, person_name, shop_row};
use crate::Error;
use crate::device::{Device, RouteDay, Stop};
use crate::store::State;

/// What the app begins with, in one answer: a cold start waits for every question that it asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    pub work: Work,
    pub day: Day,
}

/// A day as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    pub date: Date,
    pub person: PersonId,
    pub name: String,
    /// The district's, if its data have arrived.
    pub org: String,
    pub currency: String,
    /// The district's time zone, IANA.
    pub zone: String,
    pub routes: Vec<DayRoute>,
    /// A visit that is under way: checked in, not out.
    pub open_visit: Option<VisitId>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayRoute {
    pub route: RouteId,
    pub name: String,
    pub planned: bool,
    /// Whose route it is, if the phone's person stands in for them.
    pub stands_in_for: Option<String>,
    /// What was left for whoever stands in.
    pub note: Option<RouteNote>,
    pub diary: String,
    pub stops: Vec<DayStop>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteNote {
    pub date: Date,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayStop {
    #[serde(flatten)]
    pub stop: Stop,
    pub grade: Option<u8>,
    pub format: String,
    pub position: Option<Position>,
    pub brief: Brief,
    /// The state of the stop's work that is furthest from head office; none: nothing was done, or all of it is there.
    pub state: Option<State>,
}

impl Device {
    /// Today, and where the user's work is; none: nobody is enrolled.
    pub fn first_screen(&mut self) -> Result<Option<Start>, Error> {
        if self.enrolled()?.is_none() {
            return Ok(None);
        }
        let today = self.date()?;
        Ok(Some(Start { work: self.work()?, day: self.day(today)? }))
    }

    /// The stops of a date, as a screen shows them.
    pub fn day(&mut self, date: Date) -> Result<Day, Error> {
        let reference = self.reference()?;
        let person = self.person()?;
        let today = self.today(date)?;
        let routes: Vec<DayRoute> =
            today.routes.into_iter().map(|route| self.day_route(&reference, &person, date, route)).collect::<Result<_, Error>>()?;
        let visits = routes.iter().flat_map(|route| &route.stops).flat_map(|stop| &stop.stop.visits);
        let mine = visits.filter(|view| view.visit.person == person && view.visit.out_ms.is_none());
        let open_visit = mine.max_by_key(|view| view.visit.in_ms).map(|view| view.visit.visit);
        Ok(Day {
            date,
            name: person_name(&reference, &person),
            org: reference.org.as_ref().map(|org| org.name.clone()).unwrap_or_default(),
            currency: reference.org.as_ref().map(|org| org.currency.clone()).unwrap_or_default(),
            zone: reference.org.as_ref().map_or_else(|| "UTC".into(), |org| org.timezone.clone()),
            person,
            routes,
            open_visit,
        })
    }

    fn day_route(&mut self, reference: &Reference, person: &PersonId, date: Date, route: RouteDay) -> Result<DayRoute, Error> {
        let past = Past::of(self.store.db(), &route.route, date)?;
        let states = self.states(&route.route, date)?;
        let mut stops = Vec::new();
        for stop in route.stops {
            let row = shop_row(reference, &stop.retailer, date);
            let of_visits = stop.visits.iter().filter_map(|view| states.visits.get(&view.visit.visit));
            let state = of_visits.chain(stop.missed.as_ref().and(states.missed.get(stop.retailer.as_str()))).copied().min();
            stops.push(DayStop {
                brief: past.brief(reference, &self.shop_file(&stop.retailer)?, &stop.retailer),
                grade: row.map(|row| row.grade),
                format: row.map(|row| row.format.clone()).unwrap_or_default(),
                position: row.and_then(|row| row.position),
                state,
                stop,
            });
        }
        let owner = reference.owner(route.route.as_str(), date).filter(|owner| *owner != person);
        let stands_in = reference.assigned(route.route.as_str(), AssignmentKind::Substitute, date) == Some(person);
        Ok(DayRoute {
            name: route.name,
            planned: route.planned,
            stands_in_for: owner.filter(|_| stands_in).map(|owner| person_name(reference, owner)),
            note: past.note().map(|(date, text)| RouteNote { date, text: text.to_string() }),
            diary: route.diary,
            stops,
            route: route.route,
        })
    }

    /// Where the work of a sheet is that is not at head office for good.
    fn states(&self, route: &RouteId, date: Date) -> Result<States, Error> {
        let document = DocumentId::Day { route: route.clone(), date };
        let mut states = States::default();
        for intent in self.store.db().unsettled_intents_of(&document)? {
            if let Some(visit) = intent.action.visit() {
                let state = states.visits.entry(visit).or_insert(intent.state);
                *state = intent.state.min(*state);
            } else if let shared::doc::Action::ReportMissed { retailer, .. } = intent.action {
                states.missed.insert(retailer.to_string(), intent.state);
            }
        }
        Ok(states)
    }
}

#[derive(Default)]
struct States {
    visits: BTreeMap<VisitId, State>,
    missed: BTreeMap<String, State>,
}
