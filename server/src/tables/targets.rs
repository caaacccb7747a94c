//! Plans from the district down, transfers, goals and roll-ups, as tables.

use shared::ids::{IndicatorId, PersonId, Sku};
use shared::score::{By, OutletRow, RollUpRow, Rounded};
use shared::time::{Month, Quarter};

use super::{Cell, Column, Table};
use crate::error::ApiResult;
use crate::rollup::{self, Period};
use crate::state::App;
use crate::targets;

fn decimal(text: Option<impl ToString>) -> Cell {
    text.map_or(Cell::Empty, |text| Cell::Decimal(text.to_string()))
}

/// One row a unit, of one indicator.
pub fn cascade(app: &App, month: Month, indicator: Option<&IndicatorId>, item: Option<&Sku>) -> ApiResult<Table> {
    let columns = [
        ("month", "月"),
        ("indicator", "指标"),
        ("item", "规格"),
        ("level", "层级"),
        ("unit", "编号"),
        ("name", "名称"),
        ("plan", "计划"),
        ("effective", "转让后"),
        ("sum", "下级合计"),
        ("difference", "差"),
    ];
    let mut table = Table::new("targets", &columns);
    let view = targets::cascade::view(app, month, indicator, item)?;
    for row in view.rows {
        let plan = row.plan;
        table.push(vec![
            month.to_string().into(),
            view.indicator.as_str().into(),
            view.item.as_ref().map(|item| item.to_string()).into(),
            plan.level.into(),
            plan.unit.into(),
            row.name.into(),
            decimal(plan.plan),
            decimal(plan.effective),
            decimal(plan.sum),
            decimal(plan.difference),
        ]);
    }
    Ok(table)
}

/// One row a transfer.
pub fn transfers(app: &App, month: Month) -> ApiResult<Table> {
    let columns = [
        ("id", "编号"),
        ("month", "月"),
        ("from", "谁让出"),
        ("to", "谁接"),
        ("indicator", "指标"),
        ("item", "规格"),
        ("amount", "数量"),
        ("reason", "理由"),
        ("proposed_by", "谁提出"),
        ("from_agreed", "让方同意"),
        ("to_agreed", "接方同意"),
        ("state", "状态"),
        ("closed_by", "谁定"),
    ];
    let mut table = Table::new("transfers", &columns);
    let zone = app.directory().zone.clone();
    let moment = |at: Option<i64>| Cell::from(at.map(|at| super::day::moment(&zone, at)));
    for row in targets::list(app, Some(month), None)? {
        let transfer = row.transfer;
        let (state, by) = match transfer.closed {
            Some(closing) => (if closing.confirmed { "confirmed" } else { "declined" }, Cell::from(closing.by)),
            None => ("open", Cell::Empty),
        };
        table.push(vec![
            row.id.as_str().into(),
            month.to_string().into(),
            transfer.from.as_str().into(),
            transfer.to.as_str().into(),
            transfer.indicator.as_str().into(),
            transfer.item.map(|item| item.to_string()).into(),
            decimal(Some(transfer.amount)),
            transfer.reason.into(),
            transfer.proposed_by.into(),
            moment(transfer.from_agreed_ms),
            moment(transfer.to_agreed_ms),
            state.into(),
            by,
        ]);
    }
    Ok(table)
}

/// One row a goal.
pub fn goals(app: &App, quarter: Quarter) -> ApiResult<Table> {
    let columns = [
        ("quarter", "季度"),
        ("person_id", "编号"),
        ("goal", "目标"),
        ("measure", "看哪项"),
        ("target", "目标值"),
        ("actual", "实际"),
        ("progress", "进度"),
        ("agreed_manager", "客户经理同意"),
        ("agreed_supervisor", "主管同意"),
        ("faults", "问题"),
    ];
    let mut table = Table::new("goals", &columns);
    for person in crate::goals::goals(app, quarter, None)? {
        for goal in person.goals {
            table.push(vec![
                quarter.to_string().into(),
                person.person_id.as_str().into(),
                goal.title.into(),
                goal.measure.into(),
                goal.target.into(),
                goal.actual.map(|actual| actual.to_string()).into(),
                decimal(goal.progress),
                i64::from(goal.agreed_by.person.is_some()).into(),
                i64::from(goal.agreed_by.supervisor.is_some()).into(),
                goal.faults.join("; ").into(),
            ]);
        }
    }
    Ok(table)
}

/// One row a person, team, department or the district; each indicator has points, actual and plan.
pub fn roll_up(app: &App, period: Period, by: By) -> ApiResult<Table> {
    let rolled = rollup::of_people(app, period, by)?;
    let columns =
        [("period", "期间"), ("unit", "编号"), ("name", "名称"), ("members", "人"), ("total", "总分"), ("gated_months", "没到门槛月数")];
    let mut table = Table::new("rollup", &columns);
    for indicator in rolled.rows.first().map_or(&[][..], |row| &row.indicators) {
        for (key, zh) in [("points", "得分"), ("actual", "实际"), ("plan", "计划")] {
            table.columns.push(Column { key: format!("{} {key}", indicator.id), zh: format!("{} {zh}", indicator.title.zh) });
        }
    }
    for RollUpRow { unit, name, members, total, gated_months, indicators } in rolled.rows {
        let mut row: Vec<Cell> = vec![
            rolled.period.as_str().into(),
            unit.into(),
            name.into(),
            (members.len() as u64).into(),
            decimal(Some(total)),
            gated_months.into(),
        ];
        row.extend(indicators.into_iter().flat_map(|one| [decimal(Some(one.points)), decimal(one.actual), decimal(one.plan)]));
        table.push(row);
    }
    Ok(table)
}

/// One row a shop of one manager.
pub fn outlets(app: &App, period: Period, person: &PersonId) -> ApiResult<Table> {
    let rolled = rollup::of_outlets(app, period, Some(person))?;
    let columns = [
        ("period", "期间"),
        ("retailer_id", "店编号"),
        ("shop", "店"),
        ("route_id", "线路编号"),
        ("value", "金额"),
        ("value_per_carton", "单条值"),
        ("planned", "计划拜访"),
        ("visited", "有效拜访"),
        ("width", "宽度"),
        ("standard", "标准"),
    ];
    let mut table = Table::new("outlets", &columns);
    let volumes: Vec<IndicatorId> =
        rolled.rows.iter().flat_map(|row| row.cartons.keys()).cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    table.columns.extend(volumes.iter().map(|id| Column { key: format!("{id} cartons"), zh: format!("{id} 条") }));
    for row in rolled.rows {
        let OutletRow { retailer, route, cartons, value, value_per_carton, planned, visited, width, standard, .. } = row;
        let name = rolled.names.get(&retailer).cloned();
        let mut cells: Vec<Cell> = vec![
            rolled.period.as_str().into(),
            retailer.as_str().into(),
            name.into(),
            route.map(|route| route.to_string()).into(),
            decimal(Some(value)),
            decimal(value_per_carton),
            planned.into(),
            visited.into(),
            width.into(),
            standard.map(u64::from).into(),
        ];
        cells.extend(volumes.iter().map(|id| decimal(cartons.get(id).map(Rounded::to_string))));
        table.push(cells);
    }
    Ok(table)
}
