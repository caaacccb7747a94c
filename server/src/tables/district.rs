//! People, devices, assignments, the beat plan and what is held back, as tables.

use shared::time::Month;

use super::Table;
use super::day::moment;
use crate::district;
use crate::error::ApiResult;
use crate::state::App;

pub fn people(app: &App) -> ApiResult<Table> {
    let mut table = Table::new(
        "people",
        &[("person_id", "编号"), ("name", "姓名"), ("role", "角色"), ("login", "账号"), ("routes", "线路"), ("devices", "手机")],
    );
    for person in district::people(app)? {
        table.push(vec![
            person.person_id.as_str().into(),
            person.name.into(),
            person.role.into(),
            person.login.into(),
            person.routes.join(" ").into(),
            person.devices.into(),
        ]);
    }
    Ok(table)
}

pub fn devices(app: &App) -> ApiResult<Table> {
    let zone = app.directory().zone.clone();
    let mut table = Table::new(
        "devices",
        &[
            ("device", "手机"),
            ("person", "人员"),
            ("name", "名称"),
            ("enrolled", "登记"),
            ("last_sync", "最近同步"),
            ("complete", "全部送到"),
            ("clock_ms", "时钟差毫秒"),
            ("app", "版本"),
            ("revoked", "停用"),
        ],
    );
    for device in app.store.devices()? {
        table.push(vec![
            device.device.as_str().into(),
            device.person.as_str().into(),
            device.name.into(),
            moment(&zone, device.enrolled_ms).into(),
            device.last_sync_ms.map(|at| moment(&zone, at)).into(),
            device.complete_ms.map(|at| moment(&zone, at)).into(),
            device.skew_ms.into(),
            device.app.into(),
            device.revoked_ms.map(|at| moment(&zone, at)).into(),
        ]);
    }
    Ok(table)
}

pub fn assignments(app: &App) -> ApiResult<Table> {
    let mut table = Table::new(
        "assignments",
        &[
            ("route_id", "线路编号"),
            ("route", "线路"),
            ("person_id", "编号"),
            ("person", "姓名"),
            ("kind", "负责"),
            ("from", "从"),
            ("to", "到"),
        ],
    );
    for row in district::assignments(app) {
        table.push(vec![
            row.route_id.as_str().into(),
            row.route.into(),
            row.person_id.as_str().into(),
            row.person.into(),
            row.kind.into(),
            row.from.to_string().into(),
            row.to.map(|to| to.to_string()).into(),
        ]);
    }
    Ok(table)
}

pub fn calendar(app: &App, month: Month) -> ApiResult<Table> {
    let mut table = Table::new("calendar", &[("date", "日期"), ("route_id", "线路编号"), ("route", "线路"), ("person", "负责")]);
    for row in district::calendar(app, month)? {
        table.push(vec![row.date.to_string().into(), row.route_id.as_str().into(), row.route.into(), row.person.into()]);
    }
    Ok(table)
}

pub fn quarantine(app: &App) -> ApiResult<Table> {
    let zone = app.directory().zone.clone();
    let mut table = Table::new(
        "quarantine",
        &[
            ("id", "编号"),
            ("document", "文档"),
            ("person", "人员"),
            ("device", "手机"),
            ("reason", "原因"),
            ("received", "到总部"),
            ("change", "改动"),
        ],
    );
    for row in crate::quarantine::list(app)? {
        table.push(vec![
            row.id.into(),
            row.document.into(),
            row.person.into(),
            row.device.into(),
            row.reason.into(),
            moment(&zone, row.received_ms).into(),
            row.change.into(),
        ]);
    }
    Ok(table)
}
