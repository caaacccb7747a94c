//! `people.csv`.

use std::collections::BTreeMap;

use shared::ids::{PersonId, TeamId};
use shared::reference::{Person, Reference, Role};

use crate::import::cells::id;
use crate::import::report::Findings;
use crate::import::sheet::{Row, Shape};
use crate::import::table::{Staged, Table, spot};
use crate::import::world::World;
use crate::import::{PEOPLE, TEAMS};

const ROLES: [(&str, Role); 4] =
    [("manager", Role::Manager), ("supervisor", Role::Supervisor), ("analyst", Role::Analyst), ("admin", Role::Admin)];

pub(in crate::import) struct People;

impl Table for People {
    type Key = PersonId;
    type Value = Person;
    const SHAPE: Shape =
        Shape { file: PEOPLE, key: &["person_id"], required: &["person_id", "name", "role", "login"], optional: &["team_id"] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(PersonId, Person)> {
        let id: Option<PersonId> = row.id("person_id");
        let (name, role, login) = (row.name("name"), row.one_of("role", &ROLES), login(row));
        let team = team(row, world);
        if let (Some(id), Some(role)) = (&id, role.filter(|role| *role != Role::Manager)) {
            stays_manager(row, world, id, role);
        }
        Some((id?, Person { name: name?, role: role?, login: login?, team: team? }))
    }

    fn take(next: &mut Reference) -> BTreeMap<PersonId, Person> {
        std::mem::take(&mut next.people)
    }

    fn put(rows: BTreeMap<PersonId, Person>, next: &mut Reference) {
        next.people = rows;
    }

    fn keep(person: &mut Person, stored: &Person, lacks: &dyn Fn(&str) -> bool) {
        if lacks("team_id") {
            person.team.clone_from(&stored.team);
        }
    }

    /// A login is one person's.
    fn check(staged: &Staged<PersonId, Person>, _: &World<'_>, findings: &mut Findings) {
        let mut holders = BTreeMap::<&str, Vec<&PersonId>>::new();
        for (id, person) in &staged.rows {
            holders.entry(&person.login).or_default().push(id);
        }
        for (login, mut ids) in holders {
            // The first one keeps it: who is stored, else who stands first in the file.
            ids.retain(|id| staged.counts(id));
            ids.sort_by_key(|id| staged.lines.get(*id));
            let Some((first, others)) = ids.split_first() else { continue };
            for other in others {
                if let Some(at) = spot(&Self::SHAPE, staged, *other, "login", login) {
                    findings.fault(at, format!("is the login of {first} ({}) already", staged.place(first)));
                }
            }
        }
    }
}

/// A role has no date, and only managers are scored: with another one, whoever walked routes would leave the months that they
/// walked them in, those that are paid too.
fn stays_manager(row: &mut Row<'_, '_>, world: &World<'_>, id: &PersonId, role: Role) {
    let stored = &world.next;
    let routes = || stored.assignments.values().flatten().any(|assignment| assignment.person == *id);
    let plans = || stored.targets.keys().any(|(person, _)| person == id);
    if stored.people.get(id).is_some_and(|known| known.role == Role::Manager) && (routes() || plans()) {
        let what =
            format!("{id} has routes or plans as a manager, whose months would be nobody's: as {} they need another id", role.as_str());
        row.fault(Some("role"), role.as_str(), what);
    }
}

/// A team that is stored or that the folder brings.
fn team(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<Option<TeamId>> {
    row.read_or_none("team_id", |text| {
        let team: TeamId = id(text)?;
        let known = world.next.teams.contains_key(&team) || world.coming_teams.contains(&team) || world.doubts(TEAMS, text);
        if known { Ok(team) } else { Err(format!("is not in {TEAMS}")) }
    })
}

/// A login has the form of an id: it is typed, and it stands in links.
fn login(row: &mut Row<'_, '_>) -> Option<String> {
    row.read("login", |text| match PersonId::new(text) {
        Ok(_) => Ok(text.to_string()),
        Err(fault) => Err(format!("is no login: {}", fault.why)),
    })
}
