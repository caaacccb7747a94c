//! The manager's goals of a quarter, offline: put, agreed on, and how far they are by the phone's own scorer.

use shared::doc::{Action, Document, Goals};
use shared::facts::Visit;
use shared::ids::DocumentId;
use shared::scheme::{Scheme, scheme_of};
use shared::score::{GoalsView, Inputs, check_goal, goals_view};
use shared::time::{Month, Quarter};

use super::{Device, Done, Step};
use crate::Error;

impl Device {
    /// The goals of the device's person in a quarter, with their progress as of today.
    pub fn goals_of(&mut self, quarter: Quarter) -> Result<GoalsView, Error> {
        let (person, today) = (self.person()?, self.date()?);
        let id = DocumentId::Goals { person: person.clone(), quarter };
        let goals = Goals::read(&self.store.db().document(&id)?.unwrap_or_else(|| Document::new(id)));
        let reference = self.store.db().reference(true)?.0;
        let mut months: Vec<(Month, Scheme, Vec<Visit>)> = Vec::new();
        for month in quarter.months().into_iter().filter(|month| month.first_day() <= today) {
            if let Some(scheme) = scheme_of(&reference, month).map_err(|e| Error::BadScheme(e.to_string()))? {
                months.push((month, scheme, self.visits(month.first_day(), month.last_day())?));
            }
        }
        let inputs: Vec<Inputs<'_>> = months
            .iter()
            .map(|(month, scheme, visits)| Inputs {
                reference: &reference,
                scheme,
                visits,
                month: *month,
                as_of: Some(today),
                person: Some(&person),
            })
            .collect();
        Ok(goals_view(&goals, &person, quarter, &inputs))
    }

    /// Puts a goal, or changes one: then both sides agree anew. `measure` is an indicator, or `indicator/SKU`; `target` a number
    /// over 0, as `300`, or of a share `95%`.
    pub fn put_goal(&mut self, quarter: Quarter, id: &str, title: &str, measure: &str, target: &str, step: Step) -> Result<Done, Error> {
        let scheme = scheme_of(&*self.reference()?, quarter.months()[2]).map_err(|e| Error::BadScheme(e.to_string()))?;
        check_goal(scheme.as_ref(), measure, target).map_err(Error::BadGoal)?;
        let action = Action::PutGoal { id: id.into(), title: title.into(), measure: measure.into(), target: target.into() };
        self.act_on_goals(quarter, action, step)
    }

    /// Agrees on a goal as the manager; the supervisor agrees at head office.
    pub fn agree_goal(&mut self, quarter: Quarter, id: &str, step: Step) -> Result<Done, Error> {
        let at_ms = step.at_ms.unwrap_or_else(|| self.surroundings.now_ms());
        let action = Action::AgreeGoal { id: id.into(), as_manager: true, at_ms };
        self.act_on_goals(quarter, action, Step { at_ms: Some(at_ms), ..step })
    }

    pub fn remove_goal(&mut self, quarter: Quarter, id: &str, step: Step) -> Result<Done, Error> {
        self.act_on_goals(quarter, Action::RemoveGoal { id: id.into() }, step)
    }

    pub(super) fn act_on_goals(&mut self, quarter: Quarter, action: Action, step: Step) -> Result<Done, Error> {
        if matches!(action, Action::AgreeGoal { as_manager: false, .. }) {
            return Err(Error::BadGoal("the supervisor agrees at head office".into()));
        }
        let person = self.person()?;
        self.act(DocumentId::Goals { person, quarter }, action, step)
    }
}
