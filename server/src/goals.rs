//! Goals of a quarter: what they say, who agreed, and how far they are by the scorer's own measures.

use shared::doc::{Action, Goals};
use shared::ids::{DocumentId, PersonId};
use shared::problem::Code;
use shared::reference::Role;
use shared::scheme::scheme_of;
use shared::score::{GoalsView, check_goal, goals_view};
use shared::time::Quarter;

use crate::error::{ApiError, ApiResult};
use crate::scores;
use crate::state::App;

/// The goals of every manager, or of one, by person id. Those without any are left out of the whole district's list.
pub fn goals(app: &App, quarter: Quarter, person: Option<&PersonId>) -> ApiResult<Vec<GoalsView>> {
    let directory = app.directory();
    if let Some(person) = person
        && directory.role_of(person) != Some(Role::Manager)
    {
        return Err(ApiError::with(Code::NotFound, format!("{person} is not a manager of this district")));
    }
    let managers = directory.reference.people.iter().filter(|(_, known)| known.role == Role::Manager).map(|(id, _)| id);
    let mut out = Vec::new();
    for manager in managers.filter(|id| person.is_none_or(|only| only == *id)) {
        let id = DocumentId::Goals { person: manager.clone(), quarter };
        let goals = Goals::read(&crate::office::document(app, &id)?);
        if person.is_some() || !goals.goals.is_empty() || !goals.faults.is_empty() {
            out.push(view(app, &goals, manager, quarter)?);
        }
    }
    Ok(out)
}

fn view(app: &App, goals: &Goals, person: &PersonId, quarter: Quarter) -> ApiResult<GoalsView> {
    let today = app.directory().today(app.clock.now_ms());
    let mut months = Vec::new();
    for month in quarter.months().into_iter().filter(|month| month.first_day() <= today) {
        match scores::material(app, month, Some(today), person) {
            Ok(material) => months.push((month, material)),
            // Before the district has a scheme nothing is measured.
            Err(error) if error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let inputs: Vec<_> = months.iter().map(|(month, material)| material.inputs(*month, Some(today), person)).collect();
    Ok(goals_view(goals, person, quarter, &inputs))
}

/// Refuses a goal that staff put without a number, or that names nothing that is measured in the quarter.
pub fn check(app: &App, document: &DocumentId, action: &Action) -> ApiResult<()> {
    let (DocumentId::Goals { quarter, .. }, Action::PutGoal { measure, target, .. }) = (document, action) else { return Ok(()) };
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, quarter.months()[2]).map_err(ApiError::internal)?;
    check_goal(scheme.as_ref(), measure, target).map_err(|fault| ApiError::with(Code::Invalid, fault))
}
