//! Disputes: a manager objects to an indicator of a revision; one of staff records a ruling, another approves it; its points
//! count from the month's next revision on.

use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{DisputeId, PersonId};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Dispute, Reference, Ruling};
use shared::time::Month;

use crate::decisions::{self, Case, another, decide};
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::{Decision, RecordKind};

/// A dispute as head office keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisputeCase {
    #[serde(flatten)]
    pub dispute: Dispute,
    pub received_ms: i64,
    /// A ruling that awaits approval.
    pub proposal: Option<Proposal>,
}

/// A ruling as one of staff has recorded it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Added to the indicator; 0: the score stands.
    pub points: Dec,
    pub text: String,
    pub by: String,
    pub at_ms: i64,
}

const KIND: RecordKind = RecordKind::Dispute;

/// All disputes, or those about a month, by id.
pub fn cases(app: &App, month: Option<Month>) -> ApiResult<Vec<(String, Case<DisputeCase>)>> {
    let mut all: Vec<(String, Case<DisputeCase>)> = decisions::cases(app, KIND)?;
    all.retain(|(_, case)| month.is_none_or(|month| case.body.dispute.month == month));
    Ok(all)
}

fn invalid<T>(what: impl ToString) -> ApiResult<T> {
    Err(ApiError::with(Code::Invalid, what))
}

fn bounded(what: &str, text: &str, least: usize) -> ApiResult<()> {
    if text.trim().len() < least || text.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("{what}: from {least} to {} bytes", limits::TEXT_BYTES_MAX));
    }
    Ok(())
}

/// Files a dispute; the same again changes nothing. `who` files it: the manager, or one of staff for them.
pub fn file(app: &App, id: &DisputeId, dispute: &Dispute, who: &str) -> ApiResult<()> {
    if let Some(known) = decisions::find::<DisputeCase>(app, KIND, id.as_str())? {
        let same = Dispute { ruling: None, ..known.body.dispute } == Dispute { ruling: None, ..dispute.clone() };
        return if same { Ok(()) } else { Err(ApiError::with(Code::Exists, format!("dispute {id} is another one"))) };
    }
    bounded("text", &dispute.text, 1)?;
    bounded("line", &dispute.line, 0)?;
    let revision = super::revision(app, dispute.month, Some(dispute.revision))?;
    let known = super::leaves(&revision)?;
    if !known.iter().any(|leaf| leaf.person == dispute.person && leaf.indicator == dispute.indicator) {
        return invalid(format!("{} has no {} in revision {} of {}", dispute.person, dispute.indicator, dispute.revision, dispute.month));
    }
    let theirs = cases(app, Some(dispute.month))?.into_iter().filter(|(_, case)| case.body.dispute.person == dispute.person).count();
    if theirs >= limits::DISPUTES_MAX {
        return Err(ApiError::with(Code::TooMany, format!("at most {} disputes of a person about a month", limits::DISPUTES_MAX)));
    }
    let dispute = Dispute { ruling: None, ..dispute.clone() };
    let case = DisputeCase { dispute, received_ms: app.clock.now_ms(), proposal: None };
    write(app, id, None, &case, who, "dispute.file")
}

/// Records a ruling; it is in force when another approves it. One that is not approved yet is replaced. `seen`: the version
/// of the case on which it is decided, here as below.
pub fn rule(app: &App, id: &DisputeId, (points, text): (Dec, &str), who: &str, seen: Option<u64>) -> ApiResult<()> {
    bounded("text", text, 1)?;
    if points.parts().1 > 4 {
        return invalid("points: at most 4 decimal places");
    }
    let before = open(app, id)?.as_seen(seen)?;
    let proposal = Proposal { points, text: text.into(), by: who.into(), at_ms: app.clock.now_ms() };
    let case = DisputeCase { proposal: Some(proposal), ..before.body.clone() };
    write(app, id, Some(&before), &case, who, "dispute.rule")
}

/// Approves the ruling that is recorded, which another has recorded.
pub fn approve(app: &App, id: &DisputeId, who: &str, seen: Option<u64>) -> ApiResult<()> {
    let before = open(app, id)?.as_seen(seen)?;
    let Some(proposal) = before.body.proposal.clone() else { return invalid(format!("no ruling on dispute {id} awaits approval")) };
    another(&proposal.by, who)?;
    let Proposal { points, text, by, .. } = proposal;
    let ruling = Ruling { points, text, by, approved_by: who.into(), at_ms: app.clock.now_ms() };
    let dispute = Dispute { ruling: Some(ruling), ..before.body.dispute.clone() };
    let case = DisputeCase { dispute, proposal: None, ..before.body.clone() };
    write(app, id, Some(&before), &case, who, "dispute.approve")
}

/// Sends the recorded ruling back: it is gone, and the dispute open.
pub fn send_back(app: &App, id: &DisputeId, who: &str, seen: Option<u64>) -> ApiResult<()> {
    let before = open(app, id)?.as_seen(seen)?;
    if before.body.proposal.is_none() {
        return invalid(format!("no ruling on dispute {id} awaits approval"));
    }
    let case = DisputeCase { proposal: None, ..before.body.clone() };
    write(app, id, Some(&before), &case, who, "dispute.send_back")
}

fn open(app: &App, id: &DisputeId) -> ApiResult<Case<DisputeCase>> {
    let case: Case<DisputeCase> = decisions::case(app, KIND, id.as_str())?;
    match &case.body.dispute.ruling {
        Some(ruling) => {
            Err(ApiError::with(Code::Exists, format!("dispute {id} was ruled on by {}, approved by {}", ruling.by, ruling.approved_by)))
        }
        None => Ok(case),
    }
}

/// The case, the row that the person's devices and the scorer read, and the audit log's row.
fn write(
    app: &App,
    id: &DisputeId,
    before: Option<&Case<DisputeCase>>,
    after: &DisputeCase,
    who: &str,
    action: &'static str,
) -> ApiResult<()> {
    let decision = decisions::on_case(app, (KIND, id.as_str()), before, after, who, action)?;
    let mut reference = Reference::default();
    if before.is_none_or(|before| before.body.dispute != after.dispute) {
        let key = (after.dispute.person.clone(), after.dispute.month);
        reference.disputes.entry(key).or_default().insert(id.clone(), after.dispute.clone());
    }
    decide(app, Decision { reference: reference.rows(), ..decision })
}

/// Whose disputes a person may see: a manager their own.
pub fn seen_by(cases: Vec<(String, Case<DisputeCase>)>, person: Option<&PersonId>) -> Vec<DisputeView> {
    let visible = cases.into_iter().filter(|(_, case)| person.is_none_or(|person| case.body.dispute.person == *person));
    visible
        .map(|(id, Case { version, body })| DisputeView {
            id,
            version,
            case: DisputeCase { proposal: body.proposal.filter(|_| person.is_none()), ..body },
        })
        .collect()
}

/// A dispute with its id. Rulings that await approval are for staff.
#[derive(Debug, Serialize)]
pub struct DisputeView {
    pub id: String,
    /// To be named by who decides on it.
    pub version: u64,
    #[serde(flatten)]
    pub case: DisputeCase,
}
