//! Order plans and the use of quotas, as tables.

use super::{Cell, Table};
use crate::error::ApiResult;
use crate::orders::Asked;
use crate::orders::review::review;
use crate::progress::Money;
use crate::state::App;

/// One row a line.
pub fn orders(app: &App, asked: &Asked) -> ApiResult<Table> {
    let columns = [
        ("date", "日期"),
        ("visit", "拜访"),
        ("route", "线路"),
        ("retailer_id", "店编号"),
        ("shop", "店"),
        ("grade", "档"),
        ("person", "人员"),
        ("sku", "规格编号"),
        ("name", "规格"),
        ("drafted", "订货条"),
        ("value", "金额"),
        ("quota", "限量条"),
        ("elsewhere", "本周别单条"),
        ("ruling", "裁定"),
        ("stands", "算数条"),
        ("reason", "理由"),
        ("by", "谁裁定"),
    ];
    let mut table = Table::new("orders", &columns);
    for plan in review(app, asked)?.plans {
        for line in plan.lines {
            let ruling = line.ruling.filter(|_| !line.awaits);
            let (verdict, reason, by) = match ruling {
                Some(ruling) => (ruling.ruling.as_str().into(), ruling.reason.into(), ruling.by.into()),
                None => (Cell::Empty, Cell::Empty, Cell::Empty),
            };
            table.push(vec![
                plan.date.to_string().into(),
                plan.visit.to_string().into(),
                plan.route.as_str().into(),
                plan.retailer_id.as_str().into(),
                plan.shop.as_str().into(),
                plan.grade.map(u64::from).into(),
                plan.person.as_str().into(),
                line.sku.as_str().into(),
                line.name.into(),
                line.drafted.into(),
                line.price.map(|price| Money::of(line.drafted, price)).into(),
                line.quota.into(),
                line.elsewhere.into(),
                verdict,
                line.stands.into(),
                reason,
                by,
            ]);
        }
    }
    Ok(table)
}

/// One row a week, grade and SKU.
pub fn quotas(app: &App, asked: &Asked) -> ApiResult<Table> {
    let columns = [
        ("week", "周"),
        ("grade", "档"),
        ("sku", "规格编号"),
        ("name", "规格"),
        ("quota", "每店限量条"),
        ("shops", "订货店"),
        ("may", "可订条"),
        ("ordered", "已订条"),
        ("full", "订满店"),
        ("over", "超量店"),
    ];
    let mut table = Table::new("quotas", &columns);
    for row in review(app, asked)?.quotas {
        let figures = row.figures;
        table.push(vec![
            figures.week.into(),
            u64::from(figures.grade).into(),
            figures.sku.as_str().into(),
            row.name.into(),
            figures.quota.into(),
            figures.shops.into(),
            figures.may.into(),
            figures.ordered.into(),
            figures.full.into(),
            figures.over.into(),
        ]);
    }
    Ok(table)
}
