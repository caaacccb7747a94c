//! An action: one change, its intent and the facts that follow from it, in one transaction. What the local reference data
//! say about assignments only warns: a manager may have been sent where this phone has not heard of.

use jiff::civil::Date;
use serde::Serialize;
use shared::doc::{Action, Chunk, Document};
use shared::ids::{ActionId, ChangeHash, DocumentId, PersonId, RetailerId, RouteId};
use shared::reference::Reference;
use shared::wire::Reason;

use super::{Begun, Device};
use crate::Error;
use crate::store::{Db, Draft, Intent, State, Stored};

/// What a caller may say about an action; by default the core fills it in.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The same id again is the same action. None: a fresh UUIDv7.
    pub id: Option<ActionId>,
    /// When it was done. None: now.
    pub at_ms: Option<i64>,
    /// The draft that ends with it.
    pub draft: Option<String>,
}

impl Step {
    /// A step with its id and time.
    pub fn of(id: ActionId, at_ms: i64) -> Self {
        Self { id: Some(id), at_ms: Some(at_ms), draft: None }
    }
}

/// What the phone's reference data find odd about an action. Head office judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum Warning {
    /// By what this phone knows, somebody else is responsible for the route on that day.
    NotAssigned {
        route: RouteId,
        date: Date,
    },
    UnknownRoute {
        route: RouteId,
    },
    UnknownShop {
        retailer: RetailerId,
    },
    /// The goals are another person's.
    NotYours {
        person: PersonId,
    },
}

/// An action that is durable on this phone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Done {
    pub action: ActionId,
    pub document: DocumentId,
    pub state: State,
    pub reason: Option<Reason>,
    /// The change that it rests on.
    pub hash: Option<ChangeHash>,
    /// Whether it had been done before; then nothing was done now.
    pub repeated: bool,
    pub warnings: Vec<Warning>,
}

impl Device {
    /// Does an action on a document. When this returns, the action survives a crash of the phone.
    pub fn act(&mut self, document: DocumentId, action: Action, step: Step) -> Result<Done, Error> {
        let actor = self.identity()?.actor;
        let at_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        // A check-in's action is its visit, so that a visit names the change that made it.
        let own_id = match &action {
            Action::CheckIn { visit, .. } => Some(ActionId(visit.0)),
            _ => step.id,
        };
        let id = own_id.unwrap_or_else(|| ActionId(self.fresh_id()));
        if let Some(intent) = self.store.db().intent(&id)? {
            return Ok(Done { repeated: true, ..self.done(intent) });
        }
        let mut doc = self.take_document(&document)?;
        let authored = match doc.act(actor, id, at_ms, &action) {
            Ok(authored) => authored,
            Err(fault) => {
                self.keep_document(doc);
                return Err(fault.into());
            }
        };
        self.surroundings.reached("action: change authored");
        let mut intent = Intent { id, document, action, at_ms, hash: None, state: State::Pending, reason: None };
        let Self { store, surroundings, .. } = self;
        store.write(|db| -> Result<(), Error> {
            record(db, &doc, authored.as_ref(), &mut intent)?;
            if let Some(step) = &step.draft {
                db.drop_draft(step)?;
            }
            begin_or_end(db, &intent)?;
            surroundings.reached("action: written");
            Ok(())
        })?;
        self.unlearn(doc.id());
        self.keep_document(doc);
        self.surroundings.reached("action: committed");
        Ok(self.done(intent))
    }

    fn done(&mut self, intent: Intent) -> Done {
        // The action is done: reference data that can't be read must not make it look as if it weren't.
        let warnings = self.warnings(&intent).unwrap_or_default();
        let Intent { id, document, hash, state, reason, .. } = intent;
        Done { action: id, document, state, reason, hash, repeated: false, warnings }
    }

    fn warnings(&mut self, intent: &Intent) -> Result<Vec<Warning>, Error> {
        let reference = self.reference()?;
        let identity = self.identity()?;
        let day = identity.zone.date_of(intent.at_ms);
        Ok(warnings(&reference, &identity.person, &intent.document, &intent.action, day))
    }

    /// A UUIDv7 of now.
    pub(crate) fn fresh_id(&self) -> [u8; 16] {
        let mut random = [0; 10];
        self.surroundings.random(&mut random);
        let now = u64::try_from(self.surroundings.now_ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(now, &random).into_uuid().into_bytes()
    }
}

/// All that an action leaves in the store.
pub(super) fn record(db: Db<'_>, document: &Document, authored: Option<&Chunk>, intent: &mut Intent) -> Stored<()> {
    match authored {
        Some(chunk) => {
            intent.hash = Some(chunk.hash);
            db.add_changes(document, [chunk.bytes.as_slice()])?;
            db.post(document.id(), &chunk.hash, &chunk.bytes)?;
            db.put_facts_after(document, &intent.action)?;
        }
        // Everything was so already: the action is where the document's last one is.
        None => match db.unsettled_intents_of(document.id())?.pop() {
            Some(last) => (intent.hash, intent.state, intent.reason) = (last.hash, last.state, last.reason),
            None => intent.state = State::Durable,
        },
    }
    db.add_intent(intent)
}

/// A visit is a step that was begun until it is checked out of, and takes what was begun in it along if it is removed.
fn begin_or_end(db: Db<'_>, intent: &Intent) -> Stored<()> {
    match &intent.action {
        Action::CheckIn { visit, .. } => {
            db.put_draft(&Draft { step: Begun::Visit(*visit).step(), content: String::new(), at_ms: intent.at_ms })
        }
        Action::CheckOut { visit, .. } => db.drop_draft(&Begun::Visit(*visit).step()),
        Action::RemoveVisit { visit } => {
            [Begun::Visit, Begun::Stock, Begun::Order, Begun::Note].iter().try_for_each(|of| db.drop_draft(&of(*visit).step()))
        }
        _ => Ok(()),
    }
}

fn warnings(reference: &Reference, me: &PersonId, document: &DocumentId, action: &Action, day: Date) -> Vec<Warning> {
    let mut out = Vec::new();
    let mut check = |route: &RouteId, date: Date| match reference.routes.contains_key(route) {
        false => out.push(Warning::UnknownRoute { route: route.clone() }),
        true if reference.responsible(route.as_str(), date) != Some(me) && reference.owner(route.as_str(), date) != Some(me) => {
            out.push(Warning::NotAssigned { route: route.clone(), date });
        }
        true => {}
    };
    match document {
        DocumentId::Day { route, date } => {
            check(route, *date);
            if let Action::CheckIn { retailer, .. } | Action::ReportMissed { retailer, .. } = action
                && reference.retailer_on(retailer.as_str(), *date).is_none()
            {
                out.push(Warning::UnknownShop { retailer: retailer.clone() });
            }
        }
        DocumentId::Shop { retailer, .. } => match reference.route_on(retailer.as_str(), day) {
            Some(route) => check(route, day),
            None => out.push(Warning::UnknownShop { retailer: retailer.clone() }),
        },
        DocumentId::Goals { person, .. } if person != me => out.push(Warning::NotYours { person: person.clone() }),
        DocumentId::Goals { .. } => {}
    }
    out
}
