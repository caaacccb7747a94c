//! Tables to take away.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::problem::Code;

use super::openapi::ProblemBody;
use super::{date, parse};
use crate::auth::Principal;
use crate::error::{ApiError, ApiResult};
use crate::state::{App, SharedApp};
use crate::tables::{self, Format, Table};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// `csv` or `xlsx`.
    format: String,
    /// `zh`: heads in Chinese; otherwise stable names.
    lang: Option<String>,
    /// For `board`, `day` and `coverage`.
    date: Option<String>,
    /// For `day`.
    person: Option<String>,
    /// For `scores` and `calendar`.
    month: Option<String>,
    /// For `stars`.
    quarter: Option<String>,
    /// For `coverage`: `sku`, `route` or `area`.
    by: Option<String>,
}

/// A table of the console as a file, for staff: `board`, `day`, `scores`, `stars`, `coverage`, `people`, `devices`,
/// `assignments`, `calendar`, `quarantine`.
#[utoipa::path(get, path = "/v1/tables/{what}", tag = "tables", params(("what" = String, Path), TableQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn table(
    State(app): State<SharedApp>,
    principal: Principal,
    Path(what): Path<String>,
    Query(query): Query<TableQuery>,
) -> ApiResult<Response> {
    principal.staff()?;
    let format: Format = query.format.parse()?;
    let worker = app.clone();
    let (name, bytes) = app
        .blocking(move || {
            let (table, zh) = (read(&worker, &what, &query)?, query.lang.as_deref() == Some("zh"));
            let bytes = if format == Format::Csv { tables::to_csv(&table, zh)? } else { tables::to_xlsx(&table, zh)? };
            Ok((table.name, bytes))
        })
        .await?;
    Ok(file(&name, format, bytes))
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

fn read(app: &App, what: &str, query: &TableQuery) -> ApiResult<Table> {
    match what {
        "board" => tables::board(app, date(needed(&query.date, "date")?)?),
        "day" => tables::day(app, date(needed(&query.date, "date")?)?, &parse(needed(&query.person, "person")?)?),
        "scores" => tables::scores(app, parse(needed(&query.month, "month")?)?),
        "stars" => tables::stars(app, parse(needed(&query.quarter, "quarter")?)?),
        "coverage" => tables::coverage(app, date(needed(&query.date, "date")?)?, needed(&query.by, "by")?),
        "people" => tables::people(app),
        "devices" => tables::devices(app),
        "assignments" => tables::assignments(app),
        "calendar" => tables::calendar(app, parse(needed(&query.month, "month")?)?),
        "quarantine" => tables::quarantine(app),
        _ => Err(ApiError::new(Code::NotFound)),
    }
}
