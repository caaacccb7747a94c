//! The transport of headless devices: one blocking HTTP client, which keeps its connection.

use std::time::Duration;

use shared::limits;
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};

use super::{Response, Transport, TransportFault};

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(120);

/// HTTP to one server.
pub struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// `base` is the server's address, as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        // Statuses are answers, not errors; a redirect is never followed, since it would carry the signature elsewhere.
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("roundsman-device/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_string() }
    }
}

impl Transport for Http {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        let fault = |e: ureq::Error| TransportFault(e.to_string());
        let mut request = self.agent.post(format!("{}{path}", self.base)).header(CONTENT_TYPE, content_type);
        if let Some(bearer) = bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let mut answer = request.send(body).map_err(fault)?;
        let retry_after_s = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(limits::ANSWER_INFLATED_MAX as u64).read_to_vec().map_err(fault)?;
        Ok(Response { status, body, retry_after_s })
    }
}
