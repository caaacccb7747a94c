//! `GET /v1/events`: pokes. A poke says that a scope has news; the listener pulls.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use shared::ids::Scope;
use shared::limits;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::{Stream, StreamExt};

use super::openapi::ProblemBody;
use crate::auth::Principal;
use crate::error::ApiResult;
use crate::state::{App, Poke, SharedApp};

/// Pokes of the scopes that one may see: `event: scope`, data `{"scope": …, "position": …}`; `event: lost` to one who was
/// too slow, and should look at everything again.
#[utoipa::path(get, path = "/v1/events", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = ProblemBody), (status = 503, body = ProblemBody)))]
pub async fn events(State(app): State<SharedApp>, principal: Principal) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let permit = app.listeners.clone().try_acquire_owned().map_err(|_| App::busy())?;
    let directory = app.directory();
    let seen: Option<BTreeSet<Scope>> = (!principal.role.is_staff()).then(|| {
        let today = directory.today(app.clock.now_ms());
        directory.grants(&principal.person, today).into_iter().map(|grant| grant.scope).collect()
    });
    // A stream lasts no longer than an access token: who may still listen is asked again when it is opened again.
    let ends_ms = app.clock.now_ms() + limits::ACCESS_TOKEN_S * 1000;
    let clock = app.clock.clone();
    let open = move |poke: &Result<Poke, _>| *poke != Ok(Poke::End) && clock.now_ms() < ends_ms;
    let pokes = BroadcastStream::new(app.pokes.subscribe()).take_while(open).filter_map(move |poke| {
        // The permit lives as long as the stream.
        let _held = &permit;
        match poke {
            Ok(Poke::News { scope, position }) if seen.as_ref().is_none_or(|seen| seen.contains(&scope)) => {
                let data = serde_json::json!({ "scope": scope, "position": position });
                Some(Ok(Event::default().event("scope").data(data.to_string())))
            }
            Ok(_) => None,
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(Ok(Event::default().event("lost").data("{}"))),
        }
    });
    Ok(Sse::new(pokes).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
