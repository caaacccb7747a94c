//! Points that staff give or take: one records them, with a complaint or without, another approves; only then do they count.
//! A complaint costs nothing before somebody has ruled that the manager is liable, and another has approved it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{DocumentId, EventId, IndicatorId, PersonId, RetailerId};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Event, Kind, Reference, Role, Row};
use shared::scheme::{Formula, scheme_of};
use shared::time::Month;

use crate::decisions::{self, Case, another, decide};
use crate::error::{ApiError, ApiResult};
use crate::import::Recorded;
use crate::state::App;
use crate::store::FiledComplaint;
use crate::store::decision::RecordKind;

/// An event as staff have recorded it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventCase {
    pub date: Date,
    pub person: PersonId,
    /// None: a complaint for which the manager is not liable; it costs nothing.
    pub scored: Option<Scored>,
    pub retailer: Option<RetailerId>,
    pub note: String,
    /// The complaint that it rules on.
    pub complaint: Option<ComplaintRef>,
    pub recorded_by: String,
    pub recorded_ms: i64,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    pub indicator: IndicatorId,
    pub points: Dec,
}

/// A complaint in a shop file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintRef {
    /// `shop/{retailer}/{year}`.
    pub document: String,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    AwaitsApproval,
    Approved { by: String, at_ms: i64 },
    Declined { by: String, at_ms: i64, reason: String },
}

impl EventCase {
    pub fn awaits(&self) -> bool {
        self.state == State::AwaitsApproval
    }

    /// What counts of it: nothing before it is approved, nor of a complaint for which the manager is not liable.
    fn counts(&self) -> Option<Event> {
        let State::Approved { .. } = self.state else { return None };
        let Scored { indicator, points } = self.scored.clone()?;
        let Self { date, person, retailer, note, .. } = self.clone();
        Some(Event { date, person, indicator, points, retailer, note })
    }
}

/// What is to be recorded.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewEvent {
    /// Made by who records it, `event-…`, so that recording twice is recording once; of a complaint it follows from the
    /// complaint. None: a fresh one.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub id: Option<EventId>,
    /// `YYYY-MM-DD`; of a complaint: default its day.
    pub date: Option<String>,
    #[schema(value_type = String)]
    pub person: PersonId,
    /// None: a complaint for which the manager is not liable.
    #[schema(value_type = Option<String>)]
    pub indicator: Option<IndicatorId>,
    /// Signed, a decimal.
    #[schema(value_type = Option<String>)]
    pub points: Option<Dec>,
    #[schema(value_type = Option<String>)]
    pub retailer: Option<RetailerId>,
    pub note: String,
    /// The complaint that it rules on.
    #[schema(value_type = Option<serde_json::Value>)]
    pub complaint: Option<ComplaintRef>,
}

const KIND: RecordKind = RecordKind::Event;

fn invalid<T>(what: impl ToString) -> ApiResult<T> {
    Err(ApiError::with(Code::Invalid, what))
}

pub fn cases(app: &App) -> ApiResult<Vec<(String, Case<EventCase>)>> {
    decisions::cases(app, KIND)
}

/// Every event that staff have recorded, with what counts of it.
pub fn recorded(app: &App) -> ApiResult<Recorded> {
    let counts = |(id, case): (String, Case<EventCase>)| Ok((id.parse().map_err(ApiError::internal)?, case.body.counts()));
    cases(app)?.into_iter().map(counts).collect()
}

/// Writes a decision on an event with what counts of it from now on. What a file brought under its id before staff recorded
/// it goes, and the audit log says what that was: nobody has approved it.
fn settle(app: &App, id: &EventId, before: Option<&Case<EventCase>>, case: &EventCase, who: &str, action: &'static str) -> ApiResult<()> {
    let mut decision = decisions::on_case(app, (KIND, id.as_str()), before, case, who, action)?;
    let mut counting = Reference::default();
    counting.events.extend(case.counts().map(|event| (id.clone(), event)));
    for (scope, row) in app.store.reference(Kind::Event, Some((id.as_str(), &format!("{id}\0"))))? {
        let mut brought = Reference::default();
        brought.apply(&row).map_err(ApiError::internal)?;
        let was = serde_json::to_string(&brought.events[id]).map_err(ApiError::internal)?;
        decision.audit.push(decisions::gone(app, who, "event.remove", format!("event/{id}"), was));
        decision.reference.push((scope, Row { value: None, ..row }));
    }
    // Behind what goes: of two rows of one key the later one holds.
    decision.reference.extend(counting.rows());
    decide(app, decision)
}

/// Records an event; it counts when another approves it. Answers its id.
pub fn record(app: &App, new: &NewEvent, who: &str) -> ApiResult<EventId> {
    let complaint = new.complaint.as_ref().map(|complaint| find_complaint(app, complaint)).transpose()?;
    let directory = app.directory();
    let date = match (&new.date, &complaint) {
        (Some(date), _) => shared::time::parse_date(date).map_err(|e| ApiError::with(Code::Invalid, e))?,
        (None, Some(filed)) => directory.zone.date_of(filed.complaint.at_ms),
        (None, None) => return invalid("date: it is missing"),
    };
    if directory.role_of(&new.person) != Some(Role::Manager) {
        return invalid(format!("person: {} is no manager", new.person));
    }
    if new.note.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("note: at most {} bytes", limits::TEXT_BYTES_MAX));
    }
    let scored = scored(app, new, date)?;
    let retailer = new.retailer.clone().or_else(|| match complaint.as_ref().map(|filed| &filed.document) {
        Some(DocumentId::Shop { retailer, .. }) => Some(retailer.clone()),
        _ => None,
    });
    let id = match &new.complaint {
        // One ruling a complaint.
        Some(complaint) => format!("complaint-{}", hex16(&[complaint.document.as_bytes(), b"\0", complaint.id.as_bytes()].concat())),
        None => match &new.id {
            Some(id) if id.as_str().starts_with("event-") => id.to_string(),
            Some(_) => return invalid("id: event-…"),
            None => format!("event-{}", hex16(&app.random::<16>())),
        },
    };
    let id: EventId = id.parse().map_err(ApiError::internal)?;
    let before = decisions::find::<EventCase>(app, KIND, id.as_str())?;
    let case = EventCase {
        date,
        person: new.person.clone(),
        scored,
        retailer,
        note: new.note.clone(),
        complaint: new.complaint.clone(),
        recorded_by: who.into(),
        recorded_ms: app.clock.now_ms(),
        state: State::AwaitsApproval,
    };
    if let Some(Case { body: before, .. }) = &before {
        let again = EventCase { recorded_ms: case.recorded_ms, state: State::AwaitsApproval, ..before.clone() } == case;
        match before.state {
            _ if again && new.complaint.is_none() => return Ok(id),
            State::Declined { .. } if new.complaint.is_some() => {}
            _ => return Err(ApiError::with(Code::Exists, format!("it is recorded already, as event {id}"))),
        }
    }
    settle(app, &id, before.as_ref(), &case, who, "event.record")?;
    Ok(id)
}

fn hex16(bytes: &[u8]) -> String {
    use sha2::Digest;
    shared::hex::hex(&sha2::Sha256::digest(bytes)[..16])
}

/// The indicator takes events, and the points are within what one event may give.
fn scored(app: &App, new: &NewEvent, date: Date) -> ApiResult<Option<Scored>> {
    let (indicator, points) = match (&new.indicator, new.points) {
        (Some(indicator), Some(points)) => (indicator, points),
        (None, None) if new.complaint.is_some() => return Ok(None),
        _ => return invalid("indicator and points: both, or for a complaint without liability neither"),
    };
    let month = Month::of(date);
    let scheme = scheme_of(&app.directory().reference, month).map_err(ApiError::internal)?;
    let scheme = scheme.ok_or_else(|| ApiError::with(Code::Invalid, format!("no scheme is valid in {month}")))?;
    let known = scheme.indicator(indicator.as_str());
    let Some(Formula::Events { each_min, each_max, .. }) = known.map(|known| &known.formula) else {
        return invalid(format!("indicator: {indicator} takes no events in {month}"));
    };
    if each_min.is_some_and(|least| points < least) || each_max.is_some_and(|most| points > most) {
        let end = |end: &Option<Dec>| end.map_or("any".into(), |bound| bound.to_string());
        return invalid(format!(
            "points: {points} is not within {} and {}, the bounds of one event of {indicator}",
            end(each_min),
            end(each_max)
        ));
    }
    Ok(Some(Scored { indicator: indicator.clone(), points }))
}

/// Approves what another has recorded: from now on it counts. `seen`: the version of the case on which it is decided, here
/// as below.
pub fn approve(app: &App, id: &EventId, who: &str, seen: Option<u64>) -> ApiResult<()> {
    let before = awaiting(app, id)?.as_seen(seen)?;
    another(&before.body.recorded_by, who)?;
    let case = EventCase { state: State::Approved { by: who.into(), at_ms: app.clock.now_ms() }, ..before.body.clone() };
    settle(app, id, Some(&before), &case, who, "event.approve")
}

/// Declines what is recorded: it never counts. A complaint may be ruled on again.
pub fn decline(app: &App, id: &EventId, reason: &str, who: &str, seen: Option<u64>) -> ApiResult<()> {
    if reason.trim().is_empty() || reason.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("reason: from 1 to {} bytes", limits::TEXT_BYTES_MAX));
    }
    let before = awaiting(app, id)?.as_seen(seen)?;
    let state = State::Declined { by: who.into(), at_ms: app.clock.now_ms(), reason: reason.into() };
    let case = EventCase { state, ..before.body.clone() };
    settle(app, id, Some(&before), &case, who, "event.decline")
}

fn awaiting(app: &App, id: &EventId) -> ApiResult<Case<EventCase>> {
    let case: Case<EventCase> = decisions::case(app, KIND, id.as_str())?;
    if case.body.awaits() { Ok(case) } else { Err(ApiError::with(Code::Exists, format!("event {id} is decided already"))) }
}

/// A complaint with what was ruled on it.
#[derive(Debug, Serialize)]
pub struct ComplaintView {
    pub document: String,
    pub id: String,
    pub at_ms: i64,
    pub text: String,
    pub severity: Option<String>,
    pub ruling: Option<EventView>,
}

/// An event with its id.
#[derive(Debug, Serialize)]
pub struct EventView {
    pub id: String,
    /// To be named by who decides on it.
    pub version: u64,
    #[serde(flatten)]
    pub case: EventCase,
}

impl EventView {
    pub fn of((id, Case { version, body }): (String, Case<EventCase>)) -> Self {
        Self { id, version, case: body }
    }
}

/// The complaints of a month, oldest first.
pub fn complaints(app: &App, month: Month) -> ApiResult<Vec<ComplaintView>> {
    crate::materialise::settle(app)?;
    let zone = app.directory().zone.clone();
    let midnight = shared::time::parse_time("00:00:00").map_err(ApiError::internal)?;
    let after = month.last_day().tomorrow().map_err(ApiError::internal)?;
    let (from, to) = (zone.instant(month.first_day(), midnight), zone.instant(after, midnight));
    let ruled = cases(app)?;
    let view = |FiledComplaint { document, id, complaint }: FiledComplaint| {
        let this = ComplaintRef { document: document.to_string(), id };
        let ruling = ruled.iter().find(|(_, case)| case.body.complaint.as_ref() == Some(&this));
        ComplaintView {
            at_ms: complaint.at_ms,
            text: complaint.text,
            severity: complaint.severity,
            ruling: ruling.cloned().map(EventView::of),
            document: this.document,
            id: this.id,
        }
    };
    Ok(app.store.complaints(from, to)?.into_iter().map(view).collect())
}

fn find_complaint(app: &App, complaint: &ComplaintRef) -> ApiResult<FiledComplaint> {
    crate::materialise::settle(app)?;
    let document: DocumentId = complaint.document.parse().map_err(|e| ApiError::with(Code::Invalid, e))?;
    let found = app.store.complaints(0, i64::MAX)?.into_iter().find(|filed| filed.document == document && filed.id == complaint.id);
    found.ok_or_else(|| ApiError::with(Code::NotFound, format!("there is no complaint {} in {}", complaint.id, complaint.document)))
}
