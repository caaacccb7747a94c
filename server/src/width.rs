//! The table of shops of a quarter, filled from the store, and what its fit says to head office.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::ToPrimitive;
use serde::Serialize;
use shared::ids::{RetailerId, RouteId};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Area, Retailer, WidthStandard};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Holding, Inputs, holdings};
use shared::time::{Month, Quarter};
use width_fit::{Fit, FittedShop, LeftOut, Missing, RouteFit, Shop, fit, mean, rounded};

use crate::directory::Directory;
use crate::error::{ApiError, ApiResult};
use crate::materialise::neighbours;
use crate::scores::no_scheme;
use crate::scores::slice::{Slice, Wanted};
use crate::state::App;

/// A quarter's fit, beside what holds today.
#[derive(Debug, PartialEq, Serialize)]
pub struct QuarterFit {
    pub quarter: Quarter,
    /// SKUs that the district has.
    pub skus: usize,
    /// By route; those without any shop in the fit are in `warnings`.
    pub routes: Vec<NamedRoute>,
    #[serde(flatten)]
    pub fit: Fit,
    /// By route, then retailer.
    pub left_out: Vec<LeftOut>,
    pub warnings: Vec<String>,
}

/// What is proposed for a route, and what holds.
#[derive(Debug, PartialEq, Serialize)]
pub struct NamedRoute {
    #[serde(flatten)]
    pub fit: RouteFit,
    pub name: String,
    /// The mean width of its shops in the fit.
    #[serde(serialize_with = "rounded")]
    pub width: f64,
    /// Shops that are not in the fit.
    pub left_out: usize,
    /// None: the route has no standard.
    pub current: Option<WidthStandard>,
}

/// One shop as its months are read.
#[derive(Default)]
struct Quarterly {
    /// Months at whose end it was on a route, and the sum of its widths then.
    months: u32,
    widths: u64,
    packs: i128,
    cartons: f64,
    stock: Option<i128>,
    /// As on the last of those days.
    place: Option<(RouteId, Area, u8)>,
}

/// Fits a quarter. Errors: no scheme says which visits count, or too few shops have all that is needed.
pub fn of_quarter(app: &App, quarter: Quarter) -> ApiResult<QuarterFit> {
    let directory = app.directory();
    neighbours::ensure(app, directory.grounds)?;
    let mut shops: BTreeMap<RetailerId, Quarterly> = BTreeMap::new();
    for month in quarter.months() {
        let scheme = scheme_of(&directory.reference, month).map_err(ApiError::internal)?.ok_or_else(|| no_scheme(month))?;
        let routes: Vec<&RouteId> = directory.shops.routes().iter().collect::<BTreeSet<_>>().into_iter().collect();
        for some in routes.chunks(limits::SCORE_ROUTES) {
            read(app, &directory, &scheme, month, some, &mut shops)?;
        }
    }
    let (table, left_out) = table(&directory, quarter, shops);
    let skus = directory.reference.skus.len();
    let fit = fit(&table, skus).map_err(|fault| ApiError::with(Code::Invalid, format!("{quarter}: {fault}")))?;
    let mut warnings = Vec::new();
    if directory.today(app.clock.now_ms()) <= quarter.last_day() {
        warnings.push(format!("{quarter} is not over: what is still to come is missing"));
    }
    let fitted: BTreeSet<&RouteId> = fit.routes.iter().map(|route| &route.route_id).collect();
    let without: BTreeSet<&RouteId> = left_out.iter().map(|shop| &shop.route_id).filter(|route| !fitted.contains(route)).collect();
    warnings.extend(without.into_iter().map(|route| format!("{route} has no shop in the fit: nothing is proposed for it")));
    let routes = fit.routes.iter().map(|route| named(&directory, route, &fit.shops, &left_out)).collect();
    Ok(QuarterFit { quarter, skus, routes, fit, left_out, warnings })
}

fn named(directory: &Directory, route: &RouteFit, shops: &[FittedShop], left_out: &[LeftOut]) -> NamedRoute {
    let widths: Vec<f64> = shops.iter().filter(|fitted| fitted.shop.route_id == route.route_id).map(|fitted| fitted.shop.width).collect();
    NamedRoute {
        width: mean(&widths),
        name: directory.reference.routes.get(&route.route_id).cloned().unwrap_or_default(),
        left_out: left_out.iter().filter(|shop| shop.route_id == route.route_id).count(),
        current: directory.reference.width_standards.get(&route.route_id).cloned(),
        fit: route.clone(),
    }
}

/// Adds what the shops of some routes held and took in in a month.
fn read(
    app: &App,
    directory: &Directory,
    scheme: &Scheme,
    month: Month,
    routes: &[&RouteId],
    shops: &mut BTreeMap<RetailerId, Quarterly>,
) -> ApiResult<()> {
    let routes: BTreeSet<RouteId> = routes.iter().map(|route| (*route).clone()).collect();
    let wanted = Wanted { routes: routes.clone(), people: BTreeSet::new(), month, first: month.first_day(), last: month.last_day() };
    let slice = Slice::read(app.store.as_ref(), directory, &wanted)?;
    let inputs = Inputs { reference: &slice.reference, scheme, visits: &slice.visits, month, as_of: None, person: None };
    for holding in holdings(&inputs, &routes) {
        let rows = slice.reference.retailers.get(&holding.retailer).map_or(&[][..], Vec::as_slice);
        let place = Retailer::on(rows, month.last_day()).map(|row| (holding.route.clone(), row.area, row.grade));
        shops.entry(holding.retailer.clone()).or_default().add(&holding, place);
    }
    Ok(())
}

impl Quarterly {
    /// Months come in order.
    fn add(&mut self, month: &Holding, place: Option<(RouteId, Area, u8)>) {
        self.months += 1;
        self.widths += month.width;
        self.packs += month.packs;
        self.cartons += month.cartons.to_f64().unwrap_or_default();
        self.stock = month.stock.or(self.stock);
        self.place = place;
    }

    fn missing(&self, full: bool) -> Option<Missing> {
        match self {
            _ if !full || self.months < 3 => Some(Missing::NotAllQuarter),
            Self { packs, .. } if *packs <= 0 => Some(Missing::NoSales),
            Self { stock: None, .. } => Some(Missing::NoStockCheck),
            _ => None,
        }
    }
}

/// The shops that have all that is needed, and the others.
fn table(directory: &Directory, quarter: Quarter, shops: BTreeMap<RetailerId, Quarterly>) -> (Vec<Shop>, Vec<LeftOut>) {
    let (mut table, mut left_out) = (Vec::new(), Vec::new());
    for (retailer_id, shop) in shops {
        let Some((route_id, area, grade)) = shop.place.clone() else { continue };
        let full = directory.shops.route_on(retailer_id.as_str(), quarter.first_day()).is_some();
        if let Some(why) = shop.missing(full) {
            left_out.push(LeftOut { route_id, retailer_id, why });
            continue;
        }
        table.push(Shop {
            retailer_id,
            route_id,
            area,
            grade,
            monthly_order: shop.cartons / 3.0,
            stock_to_sales: shop.stock.unwrap_or_default() as f64 / (shop.packs as f64 / 3.0),
            width: shop.widths as f64 / 3.0,
        });
    }
    left_out.sort();
    (table, left_out)
}

/// The proposal as `width-standards.csv`: to be looked at, changed where staff know better, and imported.
pub fn to_csv(fit: &Fit) -> ApiResult<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["route_id", "standard", "ideal"]).map_err(ApiError::internal)?;
    for route in &fit.routes {
        let row = [route.route_id.to_string(), route.standard.to_string(), route.ideal.to_string()];
        csv.write_record(row).map_err(ApiError::internal)?;
    }
    let bytes = csv.into_inner().map_err(ApiError::internal)?;
    String::from_utf8(bytes).map_err(ApiError::internal)
}
