//! Sync: plan (pure) → transport → apply (one transaction), until both sides have everything. A lost answer is harmless:
//! the same request again is answered with duplicates and the same download.

use serde::Serialize;
use shared::limits;
use shared::wire::{self, Filing, SYNC_AUDIENCE, SyncAnswer};

use crate::Error;
use crate::device::{Device, problem_of};
use crate::store::{Db, FilingState, Meta, State, Stored};
use crate::transport::{Response, Transport};
use plan::{Budget, Known};

mod apply;
mod merge;
mod offer;
pub(crate) mod plan;
mod rescue;
pub(crate) mod rewrite;
pub(crate) mod verdict;

/// The content type of a sync request.
pub const CONTENT_TYPE: &str = "application/vnd.roundsman.sync";
/// Where it is posted.
pub const PATH: &str = "/v1/sync";
/// How many store generations one sync may begin, before it leaves the rest to the next one.
const GENERATIONS_MAX: u64 = 3;
/// Head office does not know this device: it was restored from before its enrolment.
const UNKNOWN_DEVICE: &str = "unknown_device";
/// How long to leave head office alone if it is busy and doesn't say how long.
const BUSY_S: u32 = 30;

/// One request, ready to be sent by whatever transport there is.
pub struct Round {
    pub body: Vec<u8>,
    /// For `Authorization: Bearer`.
    pub bearer: String,
    sent: Vec<shared::ids::ChangeHash>,
    offered: Option<String>,
}

/// What one answer brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub acknowledged: u64,
    pub waiting: u64,
    pub quarantined: u64,
    pub rejected: u64,
    pub rewritten: u64,
    pub changes: u64,
    pub rows: u64,
    /// Whether a fresh store generation was begun.
    pub generations: u64,
    /// Whether everything is to be fetched from the beginning.
    pub restart: bool,
    pub more: bool,
    /// Whether another copy of this store wrote under its actor.
    pub apart: bool,
    /// Whether the device is further than before.
    pub advanced: bool,
    /// Whether other scopes are held than before, or others of them for writing.
    pub scopes_differ: bool,
    /// Whether rows went that did not come again after a restore of head office.
    pub rows_dropped: bool,
}

impl Received {
    /// Whether a document, or the actor that writes to it, is another than it was.
    fn documents_differ(&self) -> bool {
        self.changes + self.generations + self.rewritten > 0 || self.scopes_differ
    }

    fn reference_differs(&self) -> bool {
        self.rows > 0 || self.rows_dropped || self.scopes_differ
    }

    fn count(&mut self, state: State) {
        match state {
            State::Durable => self.acknowledged += 1,
            State::Waiting => self.waiting += 1,
            State::Quarantined => self.quarantined += 1,
            State::Rejected => self.rejected += 1,
            State::Pending => {}
        }
    }
}

/// What a sync did. Counts are of user actions, but for `changes` and `rows`, which were received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Synced {
    pub requests: u64,
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub acknowledged: u64,
    pub waiting: u64,
    pub quarantined: u64,
    pub rejected: u64,
    /// Authored again under a fresh actor.
    pub rewritten: u64,
    /// Store generations begun.
    pub generations: u64,
    pub changes: u64,
    pub rows: u64,
    /// Head office is busy: the rest is queued, and goes on after so many seconds.
    pub queued_s: Option<u32>,
}

impl Synced {
    fn add(&mut self, received: &Received) {
        self.acknowledged += received.acknowledged;
        self.waiting += received.waiting;
        self.quarantined += received.quarantined;
        self.rejected += received.rejected;
        self.rewritten += received.rewritten;
        self.generations += received.generations;
        self.changes += received.changes;
        self.rows += received.rows;
    }
}

/// What is to be done after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more to send or to fetch.
    Again,
    Done,
    /// Head office is busy: later.
    Queued(u32),
}

impl Device {
    /// Sends and fetches everything.
    pub fn sync(&mut self, transport: &dyn Transport) -> Result<Synced, Error> {
        let mut synced = Synced::default();
        loop {
            let round = self.begin_round()?;
            synced.requests += 1;
            synced.bytes_up += round.body.len() as u64;
            let response = transport.post(PATH, Some(&round.bearer), CONTENT_TYPE, &round.body)?;
            synced.bytes_down += response.body.len() as u64;
            self.surroundings.reached("sync: answer received");
            match self.end_round(round, &response, &mut synced)? {
                Next::Done => return Ok(synced),
                Next::Queued(seconds) => return Ok(Synced { queued_s: Some(seconds), ..synced }),
                Next::Again if synced.generations > GENERATIONS_MAX => return Ok(synced),
                Next::Again => {}
            }
        }
    }

    /// The next request. Whoever has a transport of another kind than [`Transport`] sends it himself, with
    /// [`CONTENT_TYPE`] to [`PATH`], and brings the answer to [`Self::end_round`].
    pub fn begin_round(&mut self) -> Result<Round, Error> {
        let identity = self.identity()?;
        let (device, actor) = (identity.device.clone(), identity.actor);
        let db = self.store.db();
        let (heads, offered) = offer::next(db)?;
        let mut budget = Budget::default();
        let outgoing = db.outbox(|next| budget.takes(next))?;
        let known = Known {
            device,
            actor,
            now_ms: self.surroundings.now_ms(),
            epoch: db.meta_number(Meta::Epoch)?.unwrap_or(0).unsigned_abs(),
            cursor: db.meta(Meta::Cursor)?.unwrap_or_default(),
            heads,
            filings: filings(db, limits::SYNC_FILINGS_MAX)?,
            // What is being offered may turn out to be lacking: until then head office doesn't have all of the work.
            outbox_len: db.outbox_len()? + u64::from(offered.is_some()),
        };
        let plan = plan::plan(known, outgoing);
        let body = wire::pack(&plan.request);
        let bearer = self.key()?.sign(SYNC_AUDIENCE, &body, &*self.surroundings);
        self.surroundings.reached("sync: planned");
        Ok(Round { body, bearer, sent: plan.sent, offered })
    }

    /// Takes the answer to a round in, and adds to `synced` what it brought.
    pub fn end_round(&mut self, round: Round, response: &Response, synced: &mut Synced) -> Result<Next, Error> {
        if response.status == 503 {
            let seconds = response.retry_after_s.unwrap_or(BUSY_S);
            let until = self.surroundings.now_ms().saturating_add(i64::from(seconds) * 1000);
            self.store.write(|db| db.set_number(Meta::QueuedUntil, until))?;
            return Ok(Next::Queued(seconds));
        }
        if response.status != 200 {
            let problem = problem_of(response);
            // Where the work is must be told truly the next time too, when nobody has asked head office.
            if problem.code() == UNKNOWN_DEVICE {
                self.store.write(|db| db.set_meta(Meta::Unknown, b""))?;
            }
            return Err(problem);
        }
        let answer: SyncAnswer = wire::open(&response.body, limits::ANSWER_INFLATED_MAX).map_err(|e| Error::BadAnswer(e.to_string()))?;
        let judged = verdict::judged(&round.sent, &answer.acknowledgement)
            .ok_or_else(|| Error::BadAnswer("it acknowledges something else than what was sent".into()))?;
        let offering = round.offered.is_some();
        let received = self.take_in(&answer, judged, round.offered)?;
        synced.add(&received);
        let db = self.store.db();
        // Head office that says `more` and yet brings nothing would be asked for ever.
        let more = received.more && (received.advanced || received.changes + received.rows > 0);
        // One more after the last offer, to say that head office has everything.
        let again = more || received.restart || offering || db.outbox_len()? > 0 || offer::under_way(db)?;
        Ok(if again { Next::Again } else { Next::Done })
    }

    fn take_in(&mut self, answer: &SyncAnswer, judged: Vec<verdict::Judged>, offered: Option<String>) -> Result<Received, Error> {
        let mut spare = [0; 8];
        self.surroundings.random(&mut spare);
        let device_part = self.identity()?.actor.device_part();
        let applying = apply::Applying { judged, offered, spare, device_part, now_ms: self.surroundings.now_ms() };
        let Self { store, surroundings, .. } = self;
        let received = store.write(|db| -> Result<_, Error> {
            let received = apply::apply(db, &applying, answer)?;
            surroundings.reached("sync: applied");
            Ok(received)
        })?;
        self.forget(received.documents_differ(), received.reference_differs());
        self.surroundings.reached("sync: committed");
        Ok(received)
    }
}

/// Disputes that are only on this phone, so many at most; the rest goes with the next sync.
fn filings(db: Db<'_>, most: usize) -> Stored<Vec<Filing>> {
    let pending = db.filings(Some(FilingState::Pending))?.into_iter().take(most);
    Ok(pending.map(|filed| Filing { id: filed.id, dispute: filed.dispute }).collect())
}
