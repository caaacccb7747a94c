//! Coverage and segments as tables.

use jiff::civil::Date;
use shared::problem::Code;

use super::{Cell, Table};
use crate::coverage::CoverageRow;
use crate::coverage::segments::{self, Segment, Thresholds};
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

/// One row a shop.
pub fn segments(app: &App, as_of: Date, thresholds: &Thresholds, only: Option<Segment>) -> ApiResult<Table> {
    let columns = [
        ("as_of", "截至"),
        ("segment", "分群"),
        ("retailer_id", "店编号"),
        ("shop", "店"),
        ("route_id", "线路编号"),
        ("route", "线路"),
        ("grade", "档"),
        ("value", "近30天金额"),
        ("out_of_stock", "缺货规格"),
    ];
    let mut table = Table::new("segments", &columns);
    for shop in segments::segments(app, as_of, thresholds, only)?.shops {
        let segment = serde_json::to_value(shop.segment).ok().and_then(|value| value.as_str().map(str::to_string));
        table.push(vec![
            as_of.to_string().into(),
            segment.into(),
            shop.retailer_id.as_str().into(),
            shop.shop.into(),
            shop.route_id.as_str().into(),
            shop.route.into(),
            u64::from(shop.grade).into(),
            shop.value.into(),
            shop.out_of_stock.into(),
        ]);
    }
    Ok(table)
}
