//! Errors at the edge: a stable code and one sentence in the user's language; internals only in the log.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::problem::{Code, Problem};

use crate::state::SharedApp;
use crate::store::StoreError;

#[derive(Debug, Clone)]
pub struct ApiError {
    pub code: Code,
    /// What exactly, where that helps the one who asked.
    pub detail: Option<String>,
    /// With [`Code::Busy`]: after how many seconds to come back.
    pub retry_after_s: Option<u32>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, retry_after_s: None }
    }
    pub fn with(code: Code, detail: impl ToString) -> Self {
        Self { detail: Some(detail.to_string()), ..Self::new(code) }
    }
    /// Something of ours failed: the log says what, the user only that.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(%what, "internal error");
        Self::new(Code::Internal)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Replayed => Self::new(Code::Replayed),
            StoreError::TooManyHeld => {
                let (changes, bytes) = (shared::limits::HELD_PER_DEVICE_MAX, shared::limits::HELD_BYTES_PER_DEVICE_MAX);
                Self::with(Code::TooMany, format!("at most {changes} changes of a device are held back, and at most {bytes} bytes of them"))
            }
            StoreError::Stale => Self::new(Code::ChangedMeanwhile),
            error @ StoreError::NotFiled(_) => Self::with(Code::Invalid, error),
            StoreError::Closed => Self::new(Code::Busy),
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if self.code == Code::Busy {
            // Jitter, so that those who were sent away don't come back at once.
            let seconds = self.retry_after_s.unwrap_or_else(|| u32::from(1 + random_byte() % 4));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

fn random_byte() -> u8 {
    let mut byte = [0];
    // Without randomness there is no jitter, and nothing else is lost.
    if getrandom::fill(&mut byte).is_err() { 0 } else { byte[0] }
}

/// Writes each problem's body, in the language that the request asks for; also for what the framework refuses itself.
pub async fn problems(State(app): State<SharedApp>, request: Request, next: Next) -> Response {
    let zh = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.trim_start().starts_with("zh"));
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None => match framework_error(response.status()) {
            Some(code) if !is_ours(&response) => ApiError::new(code),
            _ => return response,
        },
    };
    app.metrics.problems.add(1);
    let problem = Problem { code: error.code, title: error.code.sentence(zh).into(), detail: error.detail };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body.into())
}

/// Whether a handler wrote the body itself.
fn is_ours(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    content_type.contains("json")
}

fn framework_error(status: StatusCode) -> Option<Code> {
    Some(match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::REQUEST_TIMEOUT => Code::Timeout,
        StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::BAD_REQUEST => Code::BadRequest,
        StatusCode::UNPROCESSABLE_ENTITY => Code::Invalid,
        status if status.is_server_error() => Code::Internal,
        _ => return None,
    })
}
