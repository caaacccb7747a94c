//! Coverage as a table.

use jiff::civil::Date;
use shared::problem::Code;

use super::{Cell, Table};
use crate::coverage::CoverageRow;
use crate::error::{ApiError, ApiResult};
use crate::state::App;

/// `by`: `sku`, `class`, `route` or `area`.
pub fn coverage(app: &App, as_of: Date, by: &str) -> ApiResult<Table> {
    let report = crate::coverage::coverage(app, as_of)?;
    let rows: &[CoverageRow] = match by {
        "sku" => &report.by_sku,
        "class" => &report.by_class,
        "route" => &report.by_route,
        "area" => &report.by_area,
        _ => return Err(ApiError::with(Code::Invalid, "by: sku, class, route or area")),
    };
    let mut table = Table::new(
        by,
        &[
            ("as_of", "截至"),
            ("key", "编号"),
            ("name", "名称"),
            ("maker", "品牌"),
            ("price_class", "价类"),
            ("shops", "店"),
            ("checked", "盘点店"),
            ("covered", "铺货"),
            ("listed", "上柜"),
            ("out", "缺货"),
            ("stock_packs", "库存包"),
            ("sold_packs", "销售包"),
        ],
    );
    for row in rows {
        table.push(vec![
            as_of.to_string().into(),
            row.key.as_str().into(),
            row.name.as_str().into(),
            row.maker.as_deref().map(Cell::from).unwrap_or(Cell::Empty),
            row.price_class.map(u64::from).into(),
            row.shops.into(),
            row.checked.into(),
            row.covered.into(),
            row.listed.into(),
            row.out.into(),
            row.stock.into(),
            row.sold.into(),
        ]);
    }
    Ok(table)
}
