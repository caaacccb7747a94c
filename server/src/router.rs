//! Every route, on one page.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::middleware;
use axum::routing::{get, post, put};
use shared::limits;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::error::problems;
use crate::handlers::{
    admin, day, devices, district, documents, events, health, months, openapi, orders, quarantine, rescue, schemes, scores, sessions, sync,
    tables, targets, web, width,
};
use crate::state::SharedApp;

pub mod tls;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

fn router(app: SharedApp) -> Router {
    Router::new()
        .route("/v1/sync", post(sync::sync))
        .route("/v1/rescue", post(rescue::rescue))
        .route("/v1/enrol", post(devices::enrol))
        .route("/v1/token", post(devices::token))
        .route("/v1/devices", get(devices::list))
        .route("/v1/devices/{device}/revoke", post(devices::revoke))
        .route("/v1/sessions", post(sessions::open).get(sessions::me).delete(sessions::close))
        .route("/v1/password", put(sessions::change))
        .route("/v1/scores/{month}", get(scores::month))
        .route("/v1/scores/{month}/{person}/{indicator}", get(scores::explain))
        .route("/v1/what-if/{month}/{person}", post(scores::what_if))
        .route("/v1/stars/{quarter}", get(scores::stars))
        .route("/v1/months/{month}", get(months::month))
        .route("/v1/months/{month}/revisions", post(months::publish))
        .route("/v1/months/{month}/revisions/{revision}/file", get(months::file))
        .route("/v1/months/{month}/restatement", get(months::restatement))
        .route("/v1/months/{month}/restatement/hold", post(months::hold))
        .route("/v1/targets/{month}", get(targets::cascade))
        .route("/v1/targets/{month}/check", get(targets::check))
        .route("/v1/transfers", get(targets::transfers).post(targets::propose))
        .route("/v1/transfers/{id}/agreement", post(targets::agree))
        .route("/v1/transfers/{id}/confirmation", post(targets::confirm))
        .route("/v1/rollups/{period}", get(targets::rollup))
        .route("/v1/goals/{quarter}", get(documents::goals))
        .route("/v1/documents/{kind}/{subject}/{period}", get(documents::view))
        .route("/v1/documents/{kind}/{subject}/{period}/actions", post(documents::act))
        .route("/v1/disputes", get(months::disputes).post(months::file_dispute))
        .route("/v1/disputes/{id}/ruling", post(months::rule))
        .route("/v1/disputes/{id}/approval", post(months::approve_ruling))
        .route("/v1/score-events", get(months::events).post(months::record_event))
        .route("/v1/score-events/{id}/approval", post(months::approve_event))
        .route("/v1/complaints/{month}", get(months::complaints))
        .route("/v1/audit", get(months::audit))
        .route("/v1/key", get(months::key))
        .route("/v1/progress", get(scores::progress))
        .route("/v1/schemes", get(schemes::list).post(schemes::import))
        .route("/v1/schemes/compare", post(schemes::compare))
        .route("/v1/schemes/replay", post(schemes::replay))
        .route("/v1/schemes/{hash}", get(schemes::text))
        .route("/v1/width/fit", get(width::fit))
        .route("/v1/orders", get(orders::list))
        .route("/v1/orders/review", get(orders::review))
        .route("/v1/orders/{date}/{visit}", post(orders::rule))
        .route("/v1/board", get(day::board))
        .route("/v1/days/{date}/{person}", get(day::day))
        .route("/v1/visits/{date}/{route}/{visit}", get(day::visit))
        .route("/v1/quarantine", get(quarantine::list))
        .route("/v1/quarantine/{id}", post(quarantine::rule))
        .route("/v1/import", post(admin::import).layer(DefaultBodyLimit::max(limits::IMPORT_REQUEST_BYTES_MAX)))
        .route("/v1/import/workbook", post(admin::import_workbook).layer(DefaultBodyLimit::max(limits::IMPORT_REQUEST_BYTES_MAX)))
        .route("/v1/people", get(district::people))
        .route("/v1/assignments", get(district::assignments).post(district::assign))
        .route("/v1/calendar", post(district::shift))
        .route("/v1/calendar/{month}", get(district::calendar))
        .route("/v1/coverage", get(district::coverage))
        .route("/v1/segments", get(district::segments))
        .route("/v1/tables/{what}", get(tables::table))
        .route("/v1/backups", get(district::backups).post(district::back_up))
        .route("/v1/codes", post(admin::codes))
        .route("/v1/export/{what}/{month}", get(admin::export))
        .route("/v1/passwords/{login}", post(admin::reset_password))
        .route("/v1/events", get(events::events))
        .route("/v1/openapi.json", get(openapi::openapi))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/", get(web::root))
        .route("/app", get(web::to_phone))
        .route("/app/", get(web::phone))
        .route("/app/{*path}", get(web::phone))
        .route("/console", get(web::to_console))
        .route("/console/", get(web::console))
        .route("/console/{*path}", get(web::console))
        // One layer of them all, the outermost first: a request clones its route, and a layer each would be a box each.
        .layer((
            SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid),
            PropagateRequestIdLayer::new(REQUEST_ID),
            TraceLayer::new_for_http().make_span_with(span).on_response(log_response).on_failure(()),
            middleware::from_fn_with_state(app.clone(), problems),
            RequestBodyTimeoutLayer::new(Duration::from_secs(limits::REQUEST_SECONDS)),
            DefaultBodyLimit::max(limits::REQUEST_BYTES_MAX),
        ))
        .with_state(app)
}

/// Serves every route until `stop` resolves, then lets requests in flight end.
pub async fn serve(app: SharedApp, listening: Listening, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    // Made into a service once: a bare router copies every route for every connection.
    match listening {
        Listening::Plain(listener) => axum::serve(listener, router(app).into_make_service()).with_graceful_shutdown(stop).await,
        Listening::Tls(listener, acceptor) => {
            let listener = tls::TlsListener::start(listener, acceptor)?;
            // As a proxy that ends TLS would say.
            let says = middleware::map_request(async |mut request: Request<axum::body::Body>| {
                request.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static("https"));
                request
            });
            axum::serve(listener, router(app).layer(says).into_make_service()).with_graceful_shutdown(stop).await
        }
    }
}

/// Where requests come from.
pub enum Listening {
    Plain(TcpListener),
    Tls(TcpListener, TlsAcceptor),
}

/// Method, path and id: never a query, a header or a body.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("");
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

fn log_response<B>(response: &axum::http::Response<B>, latency: Duration, _: &tracing::Span) {
    let (status, ms) = (response.status(), latency.as_millis());
    match status {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::error!(status = status.as_u16(), ms, "answered"),
        status if status.is_success() => tracing::debug!(status = status.as_u16(), ms, "answered"),
        status => tracing::info!(status = status.as_u16(), ms, "answered"),
    }
}
