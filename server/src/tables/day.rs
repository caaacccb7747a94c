//! The day's tables.

use jiff::civil::Date;
use shared::facts::flags::Flag;
use shared::ids::PersonId;
use shared::time::Zone;

use super::{Cell, Table};
use crate::error::ApiResult;
use crate::progress::today::{self, RowState};
use crate::state::App;

fn flags<'a>(flags: impl Iterator<Item = (&'a Flag, &'a u64)>) -> Cell {
    flags.map(|(flag, count)| format!("{flag} {count}")).collect::<Vec<_>>().join(" ").into()
}

/// A moment as a local date and time.
pub(super) fn moment(zone: &Zone, ms: i64) -> String {
    format!("{} {}", zone.date_of(ms), zone.time_of(ms).strftime("%H:%M:%S"))
}

/// The board: one row a manager. What is not known is empty, and `effective_max` says what it may come to.
pub fn board(app: &App, date: Date) -> ApiResult<Table> {
    let board = today::board(app, date, None, false)?;
    let zone = app.directory().zone.clone();
    let mut table = Table::new(
        "board",
        &[
            ("date", "日期"),
            ("person_id", "编号"),
            ("name", "姓名"),
            ("routes", "线路"),
            ("state", "状态"),
            ("complete_up_to", "完整至"),
            ("last_sync", "最近同步"),
            ("planned", "计划"),
            ("effective", "有效拜访"),
            ("effective_max", "有效拜访最多"),
            ("visited", "签到"),
            ("missed", "未到"),
            ("stock_checked", "盘点"),
            ("order_cartons", "订货条"),
            ("order_value", "金额"),
            ("flags", "标记"),
            ("held_back", "被拒"),
        ],
    );
    for manager in board.managers {
        let known = manager.state != RowState::Silent;
        let cell = |cell: Cell| if known { cell } else { Cell::Empty };
        let counts = &manager.counts;
        table.push(vec![
            date.to_string().into(),
            manager.person_id.as_str().into(),
            manager.name.as_str().into(),
            manager.routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>().join(" ").into(),
            serde_json::to_value(manager.state).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default().into(),
            manager.complete_up_to_ms.map(|at| moment(&zone, at)).into(),
            manager.last_sync_ms.map(|at| moment(&zone, at)).into(),
            counts.planned.into(),
            counts.effective.into(),
            manager.effective_max.into(),
            cell(counts.visited.into()),
            cell(counts.missed.into()),
            cell(counts.stock_checked.into()),
            cell(counts.order_cartons.into()),
            cell(counts.order_value.into()),
            cell(flags(counts.flags.iter())),
            manager.held_back.into(),
        ]);
    }
    Ok(table)
}

/// A manager's day: one row a visit.
pub fn day(app: &App, date: Date, person: &PersonId) -> ApiResult<Table> {
    let day = crate::day::day(app, date, person)?;
    let zone = app.directory().zone.clone();
    let mut table = Table::new(
        "day",
        &[
            ("date", "日期"),
            ("route_id", "线路编号"),
            ("retailer_id", "店编号"),
            ("shop", "店"),
            ("sequence", "站"),
            ("person", "人员"),
            ("check_in", "签到"),
            ("check_out", "签退"),
            ("distance_m", "离店米"),
            ("counted", "盘点规格"),
            ("out_of_stock", "缺货"),
            ("order_cartons", "订货条"),
            ("order_value", "金额"),
            ("effective", "有效"),
            ("flags", "标记"),
            ("note", "备注"),
        ],
    );
    for visit in day.visits {
        table.push(vec![
            date.to_string().into(),
            visit.route_id.as_str().into(),
            visit.retailer_id.as_str().into(),
            visit.shop.into(),
            visit.sequence.map(u64::from).into(),
            visit.person.into(),
            moment(&zone, visit.in_ms).into(),
            visit.out_ms.map(|at| moment(&zone, at)).into(),
            visit.distance_m.into(),
            visit.counted.into(),
            visit.out_of_stock.into(),
            visit.order_cartons.into(),
            visit.order_value.into(),
            i64::from(visit.effective).into(),
            visit.flags.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into(),
            visit.note.into(),
        ]);
    }
    Ok(table)
}
