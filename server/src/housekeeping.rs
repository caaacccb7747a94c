//! What is done now and then: shop files follow their shops to other routes, and what has expired is forgotten,
//! and old sheets are sealed.

use std::time::Duration;

use shared::ids::DocumentId;
use shared::limits;
use shared::time::days_before;
use tokio::time::Instant;

use crate::error::ApiResult;
use crate::state::{App, SharedApp};

pub async fn run(app: SharedApp) {
    // Whoever waited for a server to come back goes first.
    let first = Instant::now() + Duration::from_secs(limits::HOUSEKEEPING_FIRST_SECONDS);
    let mut turns = tokio::time::interval_at(first, Duration::from_secs(limits::HOUSEKEEPING_SECONDS));
    loop {
        turns.tick().await;
        let worker = app.clone();
        if let Err(error) = app.clone().blocking(move || turn(&worker)).await {
            tracing::error!(?error, "housekeeping failed; its next turn comes");
        }
    }
}

fn turn(app: &App) -> ApiResult<()> {
    // Not only when shops have moved: what waited for long is filed where its shop was when it came.
    refile_shops(app)?;
    // What was judged while assignments were being imported was judged by the old ones.
    crate::quarantine::reconsider(app)?;
    seal_sheets(app)?;
    // A month may have begun: its scores are made.
    app.wake.ring();
    let now_ms = app.clock.now_ms();
    // A signature is good for 48 hours either way; a little longer, and it can't come again.
    Ok(app.store.sweep(now_ms, now_ms - 3 * limits::SIGNATURE_SKEW_S * 1000)?)
}

/// Old sheets take a third of the room when they are sealed. In small groups: nobody's acknowledgement waits for long.
pub fn seal_sheets(app: &App) -> ApiResult<()> {
    let today = app.directory().today(app.clock.now_ms());
    let before = days_before(today, limits::SEAL_AFTER_DAYS);
    for _ in 0..limits::SEALS_OF_A_TURN / limits::SEAL_GROUP {
        if app.store.seal(before, limits::SEAL_GROUP)? < limits::SEAL_GROUP {
            break;
        }
    }
    Ok(())
}

/// A shop that has moved takes its file along to its new route.
pub fn refile_shops(app: &App) -> ApiResult<()> {
    let directory = app.directory();
    let today = directory.today(app.clock.now_ms());
    let mut after: Option<DocumentId> = None;
    loop {
        let filed = app.store.filed("shop", after.as_ref(), limits::FILED_PAGE)?;
        after = filed.last().map(|(document, _)| document.clone());
        let moves: Vec<_> = filed
            .into_iter()
            .filter_map(|(document, filed)| {
                let DocumentId::Shop { retailer, .. } = &document else { return None };
                let scope = directory.shops.shop_scope(retailer.as_str(), today)?;
                (scope != filed).then_some((document, scope))
            })
            .collect();
        if !moves.is_empty() {
            app.poke(&app.store.refile(&moves)?);
        }
        if after.is_none() {
            return Ok(());
        }
    }
}
