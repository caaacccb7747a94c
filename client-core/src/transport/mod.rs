//! How bytes reach head office: the core only says what to post, and where.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
pub use http::Http;

/// What head office answered, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
    /// From `Retry-After`.
    pub retry_after_s: Option<u32>,
}

/// Head office gave no answer; whether it heard the request is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("head office can't be reached: {0}")]
pub struct TransportFault(pub String);

/// One request and its answer.
pub trait Transport {
    /// Posts `body` to `path` (which begins with a slash) of the server.
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault>;
}

impl<T: Transport + ?Sized> Transport for &T {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        (**self).post(path, bearer, content_type, body)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        (**self).post(path, bearer, content_type, body)
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        (**self).post(path, bearer, content_type, body)
    }
}
