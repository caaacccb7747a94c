//! A quarter's fit of brand-width standards as tables: routes, clusters, and the shops that its plot shows.

use shared::time::Quarter;

use super::{Cell, Table};
use crate::error::ApiResult;
use crate::state::App;
use crate::width::of_quarter;
use width_fit::FEATURES;

/// To 4 places, as the fit is told everywhere.
fn number(value: f64) -> Cell {
    Cell::Decimal(format!("{value:.4}"))
}

/// One row a route: the actual width beside what holds and what is proposed.
pub fn width_routes(app: &App, quarter: Quarter) -> ApiResult<Table> {
    let columns = [
        ("quarter", "季度"),
        ("route_id", "线路编号"),
        ("route", "线路"),
        ("shops", "店"),
        ("left_out", "没算的店"),
        ("width", "实际宽度"),
        ("standard", "建议标准"),
        ("ideal", "建议理想"),
        ("standard_now", "现行标准"),
        ("ideal_now", "现行理想"),
    ];
    let mut table = Table::new("width-routes", &columns);
    for route in of_quarter(app, quarter)?.routes {
        let now = route.current;
        table.push(vec![
            quarter.to_string().into(),
            route.fit.route_id.as_str().into(),
            route.name.into(),
            (route.fit.shops as u64).into(),
            (route.left_out as u64).into(),
            number(route.width),
            u64::from(route.fit.standard).into(),
            u64::from(route.fit.ideal).into(),
            now.as_ref().map(|now| u64::from(now.standard)).into(),
            now.map(|now| u64::from(now.ideal)).into(),
        ]);
    }
    Ok(table)
}

/// One row a cluster: its centre and its regression.
pub fn width_clusters(app: &App, quarter: Quarter) -> ApiResult<Table> {
    let columns = [
        ("cluster", "类"),
        ("shops", "店"),
        ("mean_width", "平均宽度"),
        ("r2", "R²"),
        ("ideal_margin", "理想加几个"),
        ("intercept", "截距"),
    ];
    let mut table = Table::new("width-clusters", &columns);
    let zh = ["城镇", "档", "月订货条", "存销比"];
    for (feature, zh) in FEATURES.iter().zip(zh) {
        let column = |key: String, zh: String| super::Column { key, zh };
        table.columns.push(column(format!("centre {feature}"), format!("中心 {zh}")));
        table.columns.push(column(format!("slope {feature}"), format!("斜率 {zh}")));
    }
    for cluster in of_quarter(app, quarter)?.fit.clusters {
        let maybe = |value: Option<f64>| value.map_or(Cell::Empty, number);
        let mut row: Vec<Cell> = vec![
            (cluster.cluster as u64).into(),
            (cluster.shops as u64).into(),
            number(cluster.mean_width),
            maybe(cluster.r2),
            number(cluster.ideal_margin),
            number(cluster.intercept),
        ];
        for feature in FEATURES {
            row.push(maybe(cluster.centre.get(feature).map(|value| value.0)));
            row.push(maybe(cluster.coefficients.get(feature).copied().flatten().map(|value| value.0)));
        }
        table.push(row);
    }
    Ok(table)
}

/// One row a shop of the fit.
pub fn width_shops(app: &App, quarter: Quarter) -> ApiResult<Table> {
    let columns = [
        ("retailer_id", "店编号"),
        ("route_id", "线路编号"),
        ("cluster", "类"),
        ("area", "城乡"),
        ("grade", "档"),
        ("monthly_order", "月订货条"),
        ("stock_to_sales", "存销比"),
        ("width", "实际宽度"),
        ("predicted", "预计宽度"),
        ("residual", "差"),
        ("ideal", "理想"),
    ];
    let mut table = Table::new("width-shops", &columns);
    for fitted in of_quarter(app, quarter)?.fit.shops {
        let shop = fitted.shop;
        let area = serde_json::to_value(shop.area).ok().and_then(|value| value.as_str().map(str::to_string));
        table.push(vec![
            shop.retailer_id.as_str().into(),
            shop.route_id.as_str().into(),
            (fitted.cluster as u64).into(),
            area.into(),
            u64::from(shop.grade).into(),
            number(shop.monthly_order),
            number(shop.stock_to_sales),
            number(shop.width),
            number(fitted.predicted),
            number(fitted.residual),
            number(fitted.ideal),
        ]);
    }
    Ok(table)
}
