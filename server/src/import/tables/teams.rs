//! `teams.csv`: who belongs together, in which department, under whom.

use std::collections::BTreeMap;

use shared::ids::TeamId;
use shared::reference::{Reference, Team};

use crate::import::report::Findings;
use crate::import::sheet::{Row, Shape, Sheet};
use crate::import::table::Table;
use crate::import::world::World;
use crate::import::{Job, TEAMS};

pub(in crate::import) struct Teams;

impl Table for Teams {
    type Key = TeamId;
    type Value = Team;
    const SHAPE: Shape = Shape { file: TEAMS, key: &["team_id"], required: &["team_id", "name"], optional: &["department", "supervisor"] };

    fn read(row: &mut Row<'_, '_>, world: &World<'_>) -> Option<(TeamId, Team)> {
        let (id, name) = (row.id("team_id"), row.name("name"));
        let department = row.read_or_none("department", |text| Ok(text.to_string()));
        let supervisor = row.staff_or_none("supervisor", world);
        Some((id?, Team { name: name?, department: department?, supervisor: supervisor? }))
    }

    fn take(next: &mut Reference) -> BTreeMap<TeamId, Team> {
        std::mem::take(&mut next.teams)
    }

    fn put(rows: BTreeMap<TeamId, Team>, next: &mut Reference) {
        next.teams = rows;
    }

    fn keep(team: &mut Team, stored: &Team, lacks: &dyn Fn(&str) -> bool) {
        if lacks("department") {
            team.department.clone_from(&stored.department);
        }
        if lacks("supervisor") {
            team.supervisor.clone_from(&stored.supervisor);
        }
    }
}

/// Notes which teams the folder brings, before people come in, who refer to them. Faults are noted when teams come in.
pub(in crate::import) fn foresee(job: &mut Job<'_>) {
    let Some(bytes) = job.folder.files.get(TEAMS) else { return };
    let mut unheard = Findings::default();
    let Some(mut sheet) = Sheet::open(&Teams::SHAPE, bytes, &mut unheard) else {
        job.world.doubt_all(TEAMS);
        return;
    };
    if sheet.lacks("team_id") {
        job.world.doubt_all(TEAMS);
    }
    while let Some(mut row) = sheet.next(&mut unheard) {
        job.world.coming_teams.extend(row.cell("team_id").and_then(|text| text.parse().ok()));
    }
}
