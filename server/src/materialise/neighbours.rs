//! What a sheet concerns beside who has its route: shops of other routes, shops that moved, people who don't have the
//! route. Noted with its facts, and anew when shops or assignments changed.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use shared::facts::SheetFacts;
use shared::ids::{PersonId, RouteId, Scope};
use shared::limits;
use shared::time::Month;

use crate::directory::Directory;
use crate::error::ApiResult;
use crate::state::App;
use crate::store::SheetNeighbours;

pub fn about(facts: &SheetFacts, directory: &Directory) -> BTreeSet<String> {
    let mut about = BTreeSet::new();
    for visit in &facts.visits {
        let routes = || directory.shops.routes_of(visit.retailer.as_str());
        // A shop that never was on another route than this one concerns nobody else.
        if routes().next().is_none() || routes().any(|route| *route != facts.route) {
            about.insert(format!("retailer/{}", visit.retailer));
            about.extend(routes().filter(|route| **route != facts.route).map(|route| Scope::Route(route.clone()).to_string()));
        }
    }
    let people: BTreeSet<&PersonId> = facts.visits.iter().map(|visit| &visit.person).collect();
    let month = Month::of(facts.date);
    let strangers = people.into_iter().filter(|person| !has(directory, &facts.route, person, month));
    about.extend(strangers.map(|person| Scope::Person(person.clone()).to_string()));
    about
}

/// Whether the person owns the route or stands in for its owner on a day of the month.
fn has(directory: &Directory, route: &RouteId, person: &PersonId, month: Month) -> bool {
    let assignments = directory.reference.assignments.get(route).map_or(&[][..], Vec::as_slice);
    assignments.iter().any(|a| a.person == *person && a.touches(month.first_day(), month.last_day()))
}

/// Notes the neighbours of every sheet anew, unless they are of these grounds or later ones.
pub fn ensure(app: &App, grounds: u64) -> ApiResult<()> {
    if app.store.grounds()?.1 >= grounds {
        return Ok(());
    }
    let _alone = app.materialising.lock().unwrap_or_else(PoisonError::into_inner);
    catch_up(app)
}

/// Notes the neighbours of every sheet anew, if shops or assignments changed. Nobody else materialises meanwhile.
pub fn catch_up(app: &App) -> ApiResult<()> {
    let directory = app.directory();
    if app.store.grounds()?.1 >= directory.grounds {
        return Ok(());
    }
    let mut behind = 0;
    loop {
        let sheets = app.store.facts_after(behind, limits::NEIGHBOURS_GROUP)?;
        let Some((last, _)) = sheets.last() else { break };
        behind = *last;
        let noted: Vec<SheetNeighbours> =
            sheets.iter().map(|(id, facts)| SheetNeighbours { id: *id, date: facts.date, about: about(facts, &directory) }).collect();
        app.store.put_neighbours(&noted, None)?;
    }
    Ok(app.store.put_neighbours(&[], Some(directory.grounds))?)
}
