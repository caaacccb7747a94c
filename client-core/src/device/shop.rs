//! The shop's file and the manager's goals. Writes go to the current year's file, except that an entry of an earlier year
//! is closed or removed where it stands.

use jiff::civil::Date;
use shared::doc::{Action, Document, FollowUpDate, Goals, ShopFile};
use shared::ids::{ActionId, DocumentId, PersonId, RetailerId};
use shared::time::Quarter;

use super::{Device, Done, Step};
use crate::Error;

impl Device {
    /// What is known about a shop, over the years.
    pub fn shop_file(&self, retailer: &RetailerId) -> Result<ShopFile, Error> {
        Ok(self.store.db().shop_file(retailer)?)
    }

    /// Does an action on a shop's file: contacts, facts, log, follow-ups, complaints.
    pub fn edit_shop(&mut self, retailer: &RetailerId, action: Action, step: Step) -> Result<Done, Error> {
        let at_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        let current = self.identity()?.zone.date_of(at_ms).year();
        let year = match &action {
            Action::RemoveContact { id } => self.year_with(retailer, |file| file.contacts.contains_key(id))?,
            Action::CloseFollowUp { id, .. } => self.year_with(retailer, |file| file.followups.contains_key(id))?,
            _ => None,
        };
        let document = DocumentId::Shop { retailer: retailer.clone(), year: year.unwrap_or(current) };
        self.act(document, action, Step { at_ms: Some(at_ms), ..step })
    }

    /// The latest year whose file holds something.
    fn year_with(&self, retailer: &RetailerId, holds: impl Fn(&ShopFile) -> bool) -> Result<Option<i16>, Error> {
        let files = self.store.db().shop_files(retailer)?;
        let year = |file: &Document| match file.id() {
            DocumentId::Shop { year, .. } => Some(*year),
            _ => None,
        };
        Ok(files.iter().rev().find(|file| holds(&ShopFile::overlay([*file]))).and_then(year))
    }

    /// Logs a contact with a shop: a call, a message, a talk.
    pub fn log_contact(&mut self, retailer: &RetailerId, kind: &str, text: &str, step: Step) -> Result<Done, Error> {
        let (id, step) = self.entry(step);
        let at_ms = step.at_ms.unwrap_or_default();
        let action = Action::LogContact { id, at_ms, person: self.person()?, kind: kind.into(), text: text.into() };
        self.edit_shop(retailer, action, step)
    }

    /// Sets a follow-up; the action's id is its id.
    pub fn follow_up(&mut self, retailer: &RetailerId, date: FollowUpDate, text: &str, step: Step) -> Result<Done, Error> {
        let (id, step) = self.entry(step);
        self.edit_shop(retailer, Action::PutFollowUp { id, date, text: text.into() }, step)
    }

    /// Closes a follow-up, whichever year it was set in.
    pub fn close_follow_up(&mut self, retailer: &RetailerId, id: &str, step: Step) -> Result<Done, Error> {
        let closed_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        self.edit_shop(retailer, Action::CloseFollowUp { id: id.into(), closed_ms }, Step { at_ms: Some(closed_ms), ..step })
    }

    /// A fresh id for a new entry of a shop's file or of goals.
    pub fn new_id(&self) -> String {
        ActionId(self.fresh_id()).to_string()
    }

    /// Notes a complaint of a shop; the action's id is its id.
    pub fn complain(&mut self, retailer: &RetailerId, text: &str, severity: Option<&str>, step: Step) -> Result<Done, Error> {
        let (id, step) = self.entry(step);
        let at_ms = step.at_ms.unwrap_or_default();
        let action = Action::Complain { id, at_ms, text: text.into(), severity: severity.map(str::to_string) };
        self.edit_shop(retailer, action, step)
    }

    /// Fixes a step's id and time, so that a new entry can carry them.
    fn entry(&self, step: Step) -> (String, Step) {
        let id = step.id.unwrap_or_else(|| ActionId(self.fresh_id()));
        let at_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        (id.to_string(), Step { id: Some(id), at_ms: Some(at_ms), draft: step.draft })
    }

    /// A person's goals in the quarter of a date.
    pub fn goals(&self, person: &PersonId, date: Date) -> Result<Goals, Error> {
        let id = DocumentId::Goals { person: person.clone(), quarter: Quarter::of(date) };
        let document = self.store.db().document(&id)?.unwrap_or_else(|| Document::new(id));
        Ok(Goals::read(&document))
    }

    /// Does an action on the goals of the device's person, in the quarter of a date.
    pub fn edit_goals(&mut self, date: Date, action: Action, step: Step) -> Result<Done, Error> {
        self.act_on_goals(Quarter::of(date), action, step)
    }
}
