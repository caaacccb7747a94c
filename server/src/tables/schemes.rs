//! Two schemes side by side, and one tried on a month or a quarter, as tables.

use shared::ids::PersonId;
use shared::scheme::{Change, Comparison, Verdict};
use shared::score::{ReplayedManager, ReplayedStars, Rounded};

use super::{Cell, Column, Table};
use crate::schemes::replay::{Reading, Replay};
use crate::state::App;

fn name(choice: impl serde::Serialize) -> String {
    serde_json::to_value(choice).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// One row a setting that differs; an indicator that is the same in both has one row without a field.
pub fn comparison(comparison: &Comparison) -> Table {
    let columns = [("part", "部分"), ("indicator", "指标"), ("verdict", "变化"), ("field", "项目"), ("a", "第一版"), ("b", "第二版")];
    let mut table = Table::new("schemes", &columns);
    let mut push = |part: &str, indicator: &str, verdict: Verdict, change: Option<&Change>| {
        let value = |of: fn(&Change) -> &Option<String>| Cell::from(change.and_then(|change| of(change).clone()));
        let field = Cell::from(change.map(|change| change.field.clone()));
        table.push(vec![part.into(), indicator.into(), name(verdict).into(), field, value(|change| &change.a), value(|change| &change.b)]);
    };
    let Comparison { general, gate, visits, stars, .. } = comparison;
    for (part, changes) in [("general", general), ("gate", gate), ("visits", visits), ("stars", stars)] {
        changes.iter().for_each(|change| push(part, "", Verdict::Changed, Some(change)));
    }
    for indicator in &comparison.indicators {
        let id = indicator.id.as_str();
        if indicator.fields.is_empty() {
            push("indicators", id, indicator.verdict, None);
        }
        indicator.fields.iter().for_each(|change| push("indicators", id, indicator.verdict, Some(change)));
    }
    table
}

/// One row a reading of the gate and person: each month's total by both schemes, and of a quarter places, stars and pay.
pub fn replay(app: &App, replay: &Replay) -> Table {
    let columns = [("gate", "门槛"), ("person_id", "编号"), ("name", "姓名")];
    let mut table = Table::new("replay", &columns);
    let column = |key: String, zh: String| Column { key, zh };
    for month in &replay.months {
        let month = month.month;
        table.columns.push(column(format!("{month} now"), format!("{month} 现在")));
        table.columns.push(column(format!("{month} then"), format!("{month} 改后")));
    }
    if replay.readings.iter().any(|reading| reading.stars.is_some()) {
        let stars = [("mean", "月均分"), ("place", "名次"), ("stars", "星级"), ("monthly_pay", "月津贴")];
        for (key, zh) in stars {
            table.columns.push(column(format!("{key} now"), format!("{zh} 现在")));
            table.columns.push(column(format!("{key} then"), format!("{zh} 改后")));
        }
    }
    for reading in &replay.readings {
        for person in people(reading) {
            table.push(row(app, reading, person));
        }
    }
    table
}

/// In the order of the proposed ranking, or by id.
fn people(reading: &Reading) -> Vec<&PersonId> {
    match (&reading.stars, reading.months.first()) {
        (Some(stars), _) => stars.iter().map(|row| &row.person_id).collect(),
        (None, Some(month)) => month.managers.iter().map(|manager| &manager.person_id).collect(),
        (None, None) => Vec::new(),
    }
}

fn row(app: &App, reading: &Reading, person: &PersonId) -> Vec<Cell> {
    let directory = app.directory();
    let known = directory.reference.people.get(person).map_or_else(|| person.to_string(), |known| known.name.clone());
    let mut cells: Vec<Cell> = vec![reading.gate.map(name).into(), person.as_str().into(), known.into()];
    for month in &reading.months {
        let found = month.managers.iter().find(|manager| manager.person_id == *person);
        let points = |of: fn(&ReplayedManager) -> &Rounded| found.map_or(Cell::Empty, |manager| Cell::Decimal(of(manager).to_string()));
        cells.extend([points(|manager| &manager.now), points(|manager| &manager.then)]);
    }
    if let Some(stars) = &reading.stars {
        cells.extend(stars.iter().find(|row| row.person_id == *person).map_or_else(|| vec![Cell::Empty; 8], starred));
    }
    cells
}

fn starred(row: &ReplayedStars) -> Vec<Cell> {
    let decimal = |text: Option<String>| text.map_or(Cell::Empty, Cell::Decimal);
    let place = |rank: Option<u32>| Cell::from(rank.map(u64::from));
    vec![
        decimal(row.mean_now.as_ref().map(ToString::to_string)),
        decimal(row.mean_then.as_ref().map(ToString::to_string)),
        place(row.rank_now),
        place(row.rank_then),
        u64::from(row.stars_now).into(),
        u64::from(row.stars_then).into(),
        decimal(row.monthly_pay_now.map(|pay| pay.to_string())),
        decimal(row.monthly_pay_then.map(|pay| pay.to_string())),
    ]
}
