//! Tables to take away.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::decimal::Dec;
use shared::problem::Code;
use shared::reference::Role;

use super::openapi::ProblemBody;
use super::{date, parse};
use crate::auth::Principal;
use crate::coverage::segments::{Segment, Thresholds};
use crate::error::{ApiError, ApiResult};
use crate::orders::Asked;
use crate::state::{App, SharedApp};
use crate::tables::{self, Format, Table};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// `csv` or `xlsx`.
    format: String,
    /// `zh`: heads in Chinese; otherwise stable names.
    lang: Option<String>,
    /// For `board`, `day`, `coverage` and `segments`.
    date: Option<String>,
    /// For `segments`, as of `/v1/segments`.
    #[param(value_type = Option<String>)]
    contribution: Option<Dec>,
    need: Option<u64>,
    segment: Option<Segment>,
    /// For `day`, `orders`, `quotas` and `outlets`.
    person: Option<String>,
    /// For `scores`, `calendar`, `targets`, `transfers`, `restatement`, `disputes`, `points` and `complaints`.
    month: Option<String>,
    /// For `stars`, `goals`, `width_routes`, `width_clusters` and `width_shops`.
    quarter: Option<String>,
    /// For `orders` and `quotas`, as of `/v1/orders`.
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    awaiting: bool,
    /// For `coverage`: `sku`, `class`, `route` or `area`; for `rollup`: as of `/v1/rollups`.
    by: Option<String>,
    /// For `targets`, as of `/v1/targets/{month}`.
    indicator: Option<String>,
    item: Option<String>,
    /// For `rollup` and `outlets`.
    period: Option<String>,
    /// For `audit`: rows behind this one.
    #[serde(default)]
    after: u64,
}

/// A table of the console as a file, for staff: `board`, `day`, `scores`, `stars`, `coverage`, `people`, `devices`,
/// `assignments`, `calendar`, `quarantine`, `orders`, `quotas`,
/// `width_routes`, `width_clusters`, `width_shops`, `targets`, `transfers`, `goals`, `rollup`, `outlets`,
/// `restatement`, `disputes`, `points`, `complaints`, `segments`; for admins and supervisors `audit`.
#[utoipa::path(get, path = "/v1/tables/{what}", tag = "tables", params(("what" = String, Path), TableQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn table(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(what): Path<String>,
    Query(query): Query<TableQuery>,
) -> ApiResult<Response> {
    match what.as_str() {
        "audit" => principal.one_of(&[Role::Admin, Role::Supervisor])?,
        _ => principal.staff()?,
    }
    let format: Format = query.format.parse()?;
    let worker = app.clone();
    let (name, bytes) = app
        .blocking(move || {
            let table = read(&worker, &what, &query)?;
            let bytes = written(&table, format, query.lang.as_deref())?;
            Ok((table.name, bytes))
        })
        .await?;
    Ok(file(&name, format, bytes))
}

/// How the answer to a question with a body is taken away instead of being read.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsFile {
    /// `csv` or `xlsx`: as a table; none: as JSON.
    format: Option<String>,
    /// `zh`: heads in Chinese; otherwise stable names.
    lang: Option<String>,
}

impl AsFile {
    /// The table as a file, if that is asked for.
    pub fn take(&self, table: impl FnOnce() -> Table) -> ApiResult<Option<Response>> {
        let Some(format) = self.format.as_deref() else { return Ok(None) };
        let (format, table): (Format, Table) = (format.parse()?, table());
        let bytes = written(&table, format, self.lang.as_deref())?;
        Ok(Some(file(&table.name, format, bytes)))
    }
}

fn written(table: &Table, format: Format, lang: Option<&str>) -> ApiResult<Vec<u8>> {
    let zh = lang == Some("zh");
    if format == Format::Csv { tables::to_csv(table, zh) } else { tables::to_xlsx(table, zh) }
}

/// A file to be kept, not shown.
pub fn file(name: &str, format: Format, bytes: Vec<u8>) -> Response {
    let (extension, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    };
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    ([(header::CONTENT_TYPE, content_type.to_string()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

fn needed<'a>(value: &'a Option<String>, name: &str) -> ApiResult<&'a str> {
    value.as_deref().ok_or_else(|| ApiError::with(Code::Invalid, format!("{name}: missing")))
}

fn maybe<T: std::str::FromStr<Err: std::fmt::Display>>(text: &Option<String>) -> ApiResult<Option<T>> {
    text.as_deref().map(parse).transpose()
}

fn orders(query: &TableQuery) -> ApiResult<Asked> {
    let day = |text: &Option<String>| text.as_deref().map(date).transpose();
    Ok(Asked { from: day(&query.from)?, to: day(&query.to)?, person: maybe(&query.person)?, awaiting: query.awaiting })
}

fn read(app: &App, what: &str, query: &TableQuery) -> ApiResult<Table> {
    match what {
        "board" => tables::board(app, date(needed(&query.date, "date")?)?),
        "day" => tables::day(app, date(needed(&query.date, "date")?)?, &parse(needed(&query.person, "person")?)?),
        "scores" => tables::scores(app, parse(needed(&query.month, "month")?)?),
        "stars" => tables::stars(app, parse(needed(&query.quarter, "quarter")?)?),
        "coverage" => tables::coverage(app, date(needed(&query.date, "date")?)?, needed(&query.by, "by")?),
        "segments" => {
            let missing = |name| ApiError::with(Code::Invalid, format!("{name}: missing"));
            let contribution = query.contribution.ok_or_else(|| missing("contribution"))?;
            let thresholds = Thresholds { contribution, need: query.need.ok_or_else(|| missing("need"))? };
            tables::segments(app, date(needed(&query.date, "date")?)?, &thresholds, query.segment)
        }
        "people" => tables::people(app),
        "devices" => tables::devices(app),
        "assignments" => tables::assignments(app),
        "calendar" => tables::calendar(app, parse(needed(&query.month, "month")?)?),
        "quarantine" => tables::quarantine(app),
        "orders" => tables::orders(app, &orders(query)?),
        "quotas" => tables::quotas(app, &orders(query)?),
        "targets" => {
            let (indicator, item) = (maybe(&query.indicator)?, maybe(&query.item)?);
            tables::cascade(app, parse(needed(&query.month, "month")?)?, indicator.as_ref(), item.as_ref())
        }
        "restatement" => tables::restatement(app, parse(needed(&query.month, "month")?)?),
        "disputes" => tables::disputes(app, parse(needed(&query.month, "month")?)?),
        "points" => tables::points(app, parse(needed(&query.month, "month")?)?),
        "complaints" => tables::complaints(app, parse(needed(&query.month, "month")?)?),
        "audit" => tables::audit(app, query.after),
        "transfers" => tables::transfers(app, parse(needed(&query.month, "month")?)?),
        "goals" => tables::goals(app, parse(needed(&query.quarter, "quarter")?)?),
        "rollup" => tables::roll_up(app, parse(needed(&query.period, "period")?)?, parse(needed(&query.by, "by")?)?),
        "outlets" => tables::outlets(app, parse(needed(&query.period, "period")?)?, &parse(needed(&query.person, "person")?)?),
        "width_routes" => tables::width_routes(app, parse(needed(&query.quarter, "quarter")?)?),
        "width_clusters" => tables::width_clusters(app, parse(needed(&query.quarter, "quarter")?)?),
        "width_shops" => tables::width_shops(app, parse(needed(&query.quarter, "quarter")?)?),
        _ => Err(ApiError::new(Code::NotFound)),
    }
}
