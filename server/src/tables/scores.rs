//! Scores and stars as tables.

use serde_json::Value;
use shared::reference::Reference;
use shared::scheme::scheme_of;
use shared::time::{Month, Quarter};

use super::{Cell, Column, Table};
use crate::error::{ApiError, ApiResult};
use crate::scores::Asked;
use crate::state::App;

fn name(reference: &Reference, id: &shared::ids::PersonId) -> String {
    reference.people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone())
}

/// A month as its page shows it, published or open: one row a manager, one column an indicator.
pub fn scores(app: &App, month: Month) -> ApiResult<Table> {
    let answer = crate::scores::answer(app, month, &Asked::default())?;
    let answer: Value = serde_json::from_str(&answer).map_err(ApiError::internal)?;
    let directory = app.directory();
    let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?;
    let title =
        |id: &str| scheme.as_ref().and_then(|scheme| scheme.indicator(id)).map_or_else(|| id.to_string(), |known| known.title.zh.clone());
    let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let managers = rows(&answer["managers"]);
    let mut table =
        Table::new("scores", &[("month", "月"), ("person_id", "编号"), ("name", "姓名"), ("total", "总分"), ("gated", "低于门槛")]);
    for indicator in managers.first().map(|manager| rows(&manager["indicators"])).unwrap_or_default() {
        let id = text(&indicator["id"]);
        table.columns.push(Column { zh: title(&id), key: id });
    }
    for manager in &managers {
        let id = text(&manager["person_id"]);
        let known = directory.reference.people.get(id.as_str()).map_or_else(|| id.clone(), |person| person.name.clone());
        let gated = manager["gated"].as_bool().unwrap_or(false);
        let head = vec![month.to_string().into(), id.into(), known.into(), Cell::Decimal(text(&manager["total"])), i64::from(gated).into()];
        let points = rows(&manager["indicators"]).into_iter().map(|indicator| Cell::Decimal(text(&indicator["points"])));
        table.push(head.into_iter().chain(points).collect());
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
