//! Sync: where the user's work is, in words they know. What is refused says why.

use jiff::civil::Date;
use serde::Serialize;
use shared::doc::Action;
use shared::ids::{DocumentId, PersonId, VisitId};
use shared::reference::Reference;

use super::{person_name, route_name, shop_name};
use crate::Error;
use crate::device::{Begun, Counts, Damage, Device};
use crate::store::{FilingState, Intent, Meta, State};

/// The state of the user's work.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Work {
    pub counts: Counts,
    pub last_sync_ms: Option<i64>,
    pub complete_up_to_ms: Option<i64>,
    pub queued_until_ms: Option<i64>,
    pub person: Option<PersonId>,
    pub server: Option<String>,
    /// What is not at head office for good, in the order in which it was done.
    pub open: Vec<OpenWork>,
    pub damaged: Vec<Damage>,
    /// How many reference rows this version can't read.
    pub unreadable: usize,
    /// What was begun and is not finished: no sync takes it along.
    pub unfinished: Vec<Unfinished>,
    /// Disputes that are only on this phone.
    pub filings: usize,
    /// Head office was restored from a backup, and has not said yet what it lacks of what this phone brought it before.
    pub offering: bool,
    /// Head office does not know this phone, and so takes nothing from it.
    pub unknown: bool,
}

/// A step that was begun on this phone; of a visit, that it is not checked out of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unfinished {
    /// `visit`, `stock`, `order`, `note`, `diary`, `route_note` or `week`.
    pub kind: &'static str,
    /// A shop's name, or a route's; of a week, nothing.
    pub title: String,
    pub date: Date,
    pub visit: Option<VisitId>,
    pub at_ms: i64,
}

/// The open actions of one shop, or of one document, on one day and in one state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenWork {
    /// A shop's name, or a route's.
    pub title: String,
    pub date: Date,
    pub state: State,
    pub items: Vec<WorkItem>,
    /// Who is responsible for the route on that day, by what this phone knows; if it is somebody else.
    pub responsible: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkItem {
    pub action: &'static str,
    pub at_ms: i64,
    /// Head office's reason, as a stable code, and in words.
    pub reason: Option<Why>,
    /// What was done, for who wants to read it.
    pub command: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

impl Device {
    /// Where the user's work is.
    pub fn work(&mut self) -> Result<Work, Error> {
        let person = self.enrolled()?.map(|enrolled| enrolled.person);
        let reference = self.reference()?;
        let zone = self.zone()?;
        let unreadable = self.unreadable()?.len();
        let unfinished = self.unfinished(&reference)?;
        let db = self.store.db();
        let now = self.surroundings.now_ms();
        let mut open: Vec<OpenWork> = Vec::new();
        for intent in db.open_intents()? {
            let date = match &intent.document {
                DocumentId::Day { date, .. } => *date,
                _ => zone.date_of(intent.at_ms),
            };
            let title = self.title(&reference, &intent, date)?;
            let same = |group: &&mut OpenWork| group.title == title && group.date == date && group.state == intent.state;
            let item = item(&intent);
            match open.iter_mut().find(same) {
                Some(group) => group.items.push(item),
                None => {
                    let responsible = responsible(&reference, person.as_ref(), &intent, date);
                    open.push(OpenWork { title, date, state: intent.state, items: vec![item], responsible });
                }
            }
        }
        Ok(Work {
            counts: self.counts()?,
            last_sync_ms: db.meta_number(Meta::LastSync)?,
            complete_up_to_ms: db.meta_number(Meta::CompleteUpTo)?,
            queued_until_ms: db.meta_number(Meta::QueuedUntil)?.filter(|until| *until > now),
            person,
            server: db.meta_text(Meta::Server)?,
            open,
            damaged: db.damaged_documents()?.into_iter().map(|(document, why)| Damage { document, why }).collect(),
            unreadable,
            unfinished,
            filings: db.filings(Some(FilingState::Pending))?.len(),
            offering: db.meta(Meta::Offered)?.is_some(),
            unknown: db.meta(Meta::Unknown)?.is_some(),
        })
    }

    /// What was begun and is not finished. A visit that another device has ended or removed is not.
    fn unfinished(&self, reference: &Reference) -> Result<Vec<Unfinished>, Error> {
        let mut out = Vec::new();
        for draft in self.drafts()? {
            let Some(begun) = Begun::of(&draft.step) else { continue };
            let (title, date) = match &begun {
                Begun::Visit(visit) | Begun::Stock(visit) | Begun::Order(visit) | Begun::Note(visit) => {
                    let found = self.visit(*visit)?;
                    let Some(visit) = found.filter(|visit| visit.out_ms.is_none() || !matches!(begun, Begun::Visit(_))) else { continue };
                    (shop_name(reference, &visit.retailer, visit.date), visit.date)
                }
                Begun::Diary(route, date) | Begun::RouteNote(route, date) => (route_name(reference, route), *date),
                Begun::Week(date) => (String::new(), *date),
            };
            out.push(Unfinished { kind: begun.kind(), title, date, visit: begun.visit(), at_ms: draft.at_ms });
        }
        Ok(out)
    }

    /// The shop that an action is about, or else its route or quarter.
    fn title(&self, reference: &Reference, intent: &Intent, date: Date) -> Result<String, Error> {
        let shop = match (&intent.action, &intent.document) {
            (Action::CheckIn { retailer, .. } | Action::ReportMissed { retailer, .. }, _) => Some(retailer.clone()),
            (_, DocumentId::Shop { retailer, .. }) => Some(retailer.clone()),
            (action, _) => match action.visit() {
                Some(visit) => self.visit(visit)?.map(|visit| visit.retailer),
                None => None,
            },
        };
        Ok(match (shop, &intent.document) {
            (Some(shop), _) => shop_name(reference, &shop, date),
            (None, DocumentId::Day { route, .. }) => route_name(reference, route),
            (None, other) => other.to_string(),
        })
    }
}

fn item(intent: &Intent) -> WorkItem {
    let why = |reason: shared::wire::Reason| Why { code: reason.code(), zh: reason.sentence(true), en: reason.sentence(false) };
    WorkItem { action: intent.action.name(), at_ms: intent.at_ms, reason: intent.reason.map(why), command: intent.action.clone() }
}

fn responsible(reference: &Reference, me: Option<&PersonId>, intent: &Intent, date: Date) -> Option<String> {
    let route = match &intent.document {
        DocumentId::Day { route, .. } => route.clone(),
        DocumentId::Shop { retailer, .. } => reference.route_on(retailer.as_str(), date)?.clone(),
        DocumentId::Goals { .. } => return None,
    };
    let person = reference.responsible(route.as_str(), date)?;
    (Some(person) != me).then(|| person_name(reference, person))
}
