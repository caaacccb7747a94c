//! `GET /v1/openapi.json`: what this API is.

use axum::Json;
use utoipa::OpenApi;

use super::{
    admin, day, devices, district, documents, events, health, months, orders, quarantine, rescue, schemes, scores, sessions, sync, tables,
    targets, width,
};

use crate::orders::review::{QuotaFigures, RuledLine, UnusualOrder};
use crate::targets::cascade::UnitPlan;

/// A problem, as `application/problem+json`.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body that shared::problem::Problem is written as")]
pub struct ProblemBody {
    /// Stable.
    code: String,
    /// One sentence for people, in the language of `Accept-Language` (en, zh).
    title: String,
    detail: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Roundsman", description = "Field work of rural routes, merged and scored at head office."),
    paths(
        sync::sync,
        rescue::rescue,
        devices::enrol,
        devices::token,
        devices::list,
        devices::revoke,
        sessions::open,
        sessions::me,
        sessions::close,
        sessions::change,
        admin::import,
        admin::import_workbook,
        district::people,
        district::assignments,
        district::assign,
        district::calendar,
        district::shift,
        district::coverage,
        district::segments,
        district::backups,
        district::back_up,
        tables::table,
        admin::codes,
        admin::export,
        admin::reset_password,
        scores::month,
        scores::stars,
        scores::explain,
        scores::what_if,
        scores::progress,
        schemes::list,
        schemes::import,
        schemes::text,
        schemes::compare,
        schemes::replay,
        width::fit,
        day::board,
        day::day,
        day::visit,
        months::month,
        months::publish,
        months::file,
        months::restatement,
        months::hold,
        months::disputes,
        months::file_dispute,
        months::rule,
        months::approve_ruling,
        months::events,
        months::record_event,
        months::approve_event,
        months::complaints,
        months::audit,
        months::key,
        targets::cascade,
        targets::check,
        targets::transfers,
        targets::propose,
        targets::agree,
        targets::confirm,
        targets::rollup,
        documents::view,
        documents::act,
        documents::goals,
        orders::list,
        orders::review,
        orders::rule,
        quarantine::list,
        quarantine::rule,
        events::events,
        health::live,
        health::ready,
        health::metrics,
        openapi
    ),
    components(schemas(ProblemBody, QuotaFigures, RuledLine, UnitPlan, UnusualOrder))
)]
struct Api;

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "operations", responses((status = 200, body = serde_json::Value)))]
pub async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Api::openapi())
}
