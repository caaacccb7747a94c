//! The web apps' files, with what browsers are to think of them.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use shared::problem::Code;

use crate::error::{ApiError, ApiResult};
use crate::web::{App, File};

/// Of what can be opened as a page or run as a script: scripts, styles, pictures and connections of this server alone.
/// WebAssembly is compiled, never text evaluated.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
/// A check-in asks for the position, enrolment and a count for the camera.
const PERMISSIONS: &str = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()";

pub async fn root() -> Redirect {
    Redirect::temporary("/console/")
}

pub async fn to_phone() -> Redirect {
    Redirect::permanent("/app/")
}

pub async fn to_console() -> Redirect {
    Redirect::permanent("/console/")
}

pub async fn phone(path: Option<Path<String>>, headers: HeaderMap) -> ApiResult<Response> {
    answer(App::Phone, path, &headers)
}

pub async fn console(path: Option<Path<String>>, headers: HeaderMap) -> ApiResult<Response> {
    answer(App::Console, path, &headers)
}

fn answer(app: App, path: Option<Path<String>>, headers: &HeaderMap) -> ApiResult<Response> {
    if !app.is_here() {
        let what = if app == App::Phone { "phone app" } else { "console" };
        return Ok((StatusCode::NOT_IMPLEMENTED, format!("This server was built without the {what}: `cargo xtask run` builds it.\n"))
            .into_response());
    }
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let file = app.file(&path, accepts_brotli(headers)).ok_or_else(|| ApiError::new(Code::NotFound))?;
    Ok(respond(file, headers))
}

fn respond(file: File, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}{}\"", file.hash, if file.brotli { "-br" } else { "" });
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => file.content.into_response(),
    };
    let kept = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let said = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, kept),
        (header::VARY, "accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let page_or_script = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ];
    let runs = ["text/html", "text/javascript", "image/svg"].iter().any(|kind| file.content_type.starts_with(kind));
    let out = response.headers_mut();
    for (name, value) in said.into_iter().chain(page_or_script.into_iter().filter(|_| runs)) {
        out.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        out.insert(header::ETAG, etag);
    }
    if file.brotli {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "br" && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}
