//! Scores and stars as tables.

use shared::reference::Reference;
use shared::time::{Month, Quarter};

use super::{Cell, Column, Table};
use crate::error::ApiResult;
use crate::state::App;

fn name(reference: &Reference, id: &shared::ids::PersonId) -> String {
    reference.people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone())
}

/// A month: one row a manager, one column an indicator.
pub fn scores(app: &App, month: Month) -> ApiResult<Table> {
    let published = crate::scores::month(app, month, None, None)?;
    let directory = app.directory();
    let scheme = shared::scheme::scheme_of(&directory.reference, month).map_err(crate::error::ApiError::internal)?;
    let mut table =
        Table::new("scores", &[("month", "月"), ("person_id", "编号"), ("name", "姓名"), ("total", "总分"), ("gated", "低于门槛")]);
    for indicator in scheme.iter().flat_map(|scheme| &scheme.indicators) {
        table.columns.push(Column { key: indicator.id.to_string(), zh: indicator.title.zh.clone() });
    }
    for manager in &published.score.managers {
        let mut row: Vec<Cell> = vec![
            month.to_string().into(),
            manager.person_id.as_str().into(),
            name(&directory.reference, &manager.person_id).into(),
            Cell::Decimal(manager.total.to_string()),
            i64::from(manager.gated).into(),
        ];
        row.extend(manager.indicators.iter().map(|indicator| Cell::Decimal(indicator.points.to_string())));
        table.push(row);
    }
    Ok(table)
}

/// A quarter's stars. Pay that the scheme does not set is empty.
pub fn stars(app: &App, quarter: Quarter) -> ApiResult<Table> {
    let stars = crate::scores::stars(app, quarter)?;
    let directory = app.directory();
    let mut table = Table::new(
        "stars",
        &[
            ("quarter", "季度"),
            ("rank", "名次"),
            ("person_id", "编号"),
            ("name", "姓名"),
            ("mean", "月均分"),
            ("stars", "星级"),
            ("monthly_pay", "月津贴"),
            ("tie", "同分"),
        ],
    );
    for row in stars.managers {
        table.push(vec![
            quarter.to_string().into(),
            row.rank.map(u64::from).into(),
            row.person_id.as_str().into(),
            name(&directory.reference, &row.person_id).into(),
            row.mean.map_or(Cell::Empty, |mean| Cell::Decimal(mean.to_string())),
            u64::from(row.stars).into(),
            row.monthly_pay.map_or(Cell::Empty, |pay| Cell::Decimal(pay.to_string())),
            i64::from(row.tie).into(),
        ]);
    }
    Ok(table)
}
