//! What a festival did the last time, measured over what the district's shops took. What comes out is a proposal in the form
//! of `festivals.csv`: only an import by staff makes it count.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::{RouteId, Sku};
use shared::limits;
use shared::order::{Around, FESTIVAL_WEEKS, FestivalSales, festival};
use shared::problem::Code;
use shared::reference::{Festival, Reference};

use crate::directory::{load_scoped, sales_of};
use crate::error::{ApiError, ApiResult};
use crate::state::App;

/// What was measured, and what it says of the next time.
#[derive(Debug, Serialize)]
pub struct FestivalFit {
    pub last: Date,
    pub next: Date,
    pub festival: Festival,
    /// Packs around the last one: of all SKUs, and of each.
    pub all: Around,
    pub skus: BTreeMap<Sku, Around>,
    pub warnings: Vec<String>,
}

/// Errors: too little is known of what sold then.
pub fn measure(app: &App, name: &str, last: Date, next: Date) -> ApiResult<FestivalFit> {
    let invalid = |what: String| ApiError::with(Code::Invalid, what);
    if next <= last {
        return Err(invalid(format!("the next one, on {next}, is not after the last one, on {last}")));
    }
    let directory = app.directory();
    let (first, end) = FestivalSales::days(last);
    let mut sales = FestivalSales::before(last);
    let routes: Vec<&RouteId> = directory.reference.routes.keys().collect();
    for some in routes.chunks(limits::SCORE_ROUTES) {
        let mut reference = Reference::default();
        let wanted: Vec<_> = some.iter().map(|route| sales_of(route, first, end)).collect();
        load_scoped(app.store.as_ref(), &mut reference, &wanted)?;
        sales.add(&reference.sales);
    }
    let nothing = || invalid(format!("too little is known of what was delivered from {first} to {end}: nothing can be said of {name}"));
    let (all, skus) = sales.measured().ok_or_else(nothing)?;
    let festival = festival(name, &all, &skus).ok_or_else(nothing)?;
    let mut warnings = Vec::new();
    let unknown: Vec<String> = FESTIVAL_WEEKS.filter(|week| !festival.all.contains_key(week)).map(|week| week.to_string()).collect();
    if !unknown.is_empty() {
        warnings.push(format!("nothing is known of week {}: taken for ordinary", unknown.join(", ")));
    }
    if directory.today(app.clock.now_ms()) <= end {
        warnings.push(format!("sales until {end} are asked for: what is still to come is missing"));
    }
    Ok(FestivalFit { last, next, all, skus, festival, warnings })
}

/// As `festivals.csv`.
pub fn to_csv(next: Date, festival: &Festival) -> ApiResult<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["date", "sku", "week", "name", "percent"]).map_err(ApiError::internal)?;
    let own = festival.skus.iter().map(|(sku, weeks)| (sku.as_str(), weeks));
    for (sku, weeks) in std::iter::once(("", &festival.all)).chain(own) {
        for (week, percent) in weeks {
            let row = [&next.to_string(), sku, &week.to_string(), &festival.name, &percent.to_string()];
            csv.write_record(row).map_err(ApiError::internal)?;
        }
    }
    let bytes = csv.into_inner().map_err(ApiError::internal)?;
    String::from_utf8(bytes).map_err(ApiError::internal)
}
