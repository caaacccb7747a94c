//! Targets: the check of the cascade, and transfers: one manager takes over a part of a colleague's plan. Both agree, each on
//! their own device, then staff confirm; from then on it counts, on phones and here, and no imported row is touched. In a
//! published month it works as everything that comes late does: as a restatement.

use serde::{Deserialize, Serialize};
use shared::decimal::Dec;
use shared::ids::{IndicatorId, PersonId, Sku, TransferId};
use shared::limits;
use shared::problem::Code;
use shared::reference::{Closing, Kind, Reference, Role, Transfer};
use shared::scheme::{Formula, Scheme, scheme_of};
use shared::targets::{CascadeCheck, TransferRow, is_additive};
use shared::time::Month;

use crate::decisions::{self, Case, another, decide};
use crate::directory::load;
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::{Decision, RecordKind};

pub mod cascade;

const KIND: RecordKind = RecordKind::Transfer;

/// What is to be taken over.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewTransfer {
    /// Made by who proposes it, so that proposing twice is proposing once.
    #[schema(value_type = String)]
    pub id: TransferId,
    /// Whose plan becomes less.
    #[schema(value_type = String)]
    pub from: PersonId,
    /// Whose plan becomes more.
    #[schema(value_type = String)]
    pub to: PersonId,
    #[schema(value_type = String)]
    pub month: Month,
    #[schema(value_type = String)]
    pub indicator: IndicatorId,
    /// Of a per-item indicator.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub item: Option<Sku>,
    /// Over 0, a decimal.
    #[schema(value_type = String)]
    pub amount: Dec,
    #[serde(default)]
    pub reason: String,
}

fn invalid<T>(what: impl ToString) -> ApiResult<T> {
    Err(ApiError::with(Code::Invalid, what))
}

/// Checks a month's cascade.
pub fn check(app: &App, month: Month) -> ApiResult<CascadeCheck> {
    let mut reference = app.directory().reference.clone();
    for kind in [Kind::Targets, Kind::Cascade, Kind::Transfer] {
        load(app.store.as_ref(), &mut reference, kind, None)?;
    }
    Ok(shared::targets::check(&reference, &scheme(app, month)?, month))
}

fn scheme(app: &App, month: Month) -> ApiResult<Scheme> {
    let scheme = scheme_of(&app.directory().reference, month).map_err(ApiError::internal)?;
    scheme.ok_or_else(|| ApiError::with(Code::NotFound, format!("no scheme is valid in {month}")))
}

/// Transfers by id: all, or those of a month, or those that a person is part of.
pub fn list(app: &App, month: Option<Month>, person: Option<&PersonId>) -> ApiResult<Vec<TransferRow>> {
    let mut rows = Vec::new();
    for (id, case) in decisions::cases::<Transfer>(app, KIND)? {
        let transfer = case.body;
        let about = person.is_none_or(|person| transfer.comes_to(person).is_some());
        if about && month.is_none_or(|month| transfer.month == month) {
            rows.push(TransferRow { id: id.parse().map_err(ApiError::internal)?, transfer });
        }
    }
    Ok(rows)
}

/// Proposes a transfer. A manager proposes what they are part of, and agrees by it; the same again changes nothing.
pub fn propose(app: &App, new: &NewTransfer, who: &str, manager: Option<&PersonId>) -> ApiResult<()> {
    let NewTransfer { id, from, to, month, indicator, item, amount, reason } = new.clone();
    let now_ms = app.clock.now_ms();
    let agreed = |side: &PersonId| manager.filter(|manager| *manager == side).map(|_| now_ms);
    let (from_agreed_ms, to_agreed_ms) = (agreed(&from), agreed(&to));
    let (proposed_by, proposed_ms) = (who.to_string(), now_ms);
    let transfer =
        Transfer { from, to, month, indicator, item, amount, reason, proposed_by, proposed_ms, from_agreed_ms, to_agreed_ms, closed: None };
    if let Some(known) = decisions::find::<Transfer>(app, KIND, id.as_str())? {
        let Transfer { proposed_ms, from_agreed_ms, to_agreed_ms, closed, .. } = known.body.clone();
        let same = known.body == Transfer { proposed_ms, from_agreed_ms, to_agreed_ms, closed, ..transfer };
        return if same { Ok(()) } else { Err(ApiError::with(Code::Exists, format!("transfer {id} is another one"))) };
    }
    if let Some(manager) = manager
        && transfer.comes_to(manager).is_none()
    {
        return Err(ApiError::with(Code::Forbidden, "a manager proposes what they are part of"));
    }
    if transfer.reason.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("reason: at most {} bytes", limits::TEXT_BYTES_MAX));
    }
    possible(app, &transfer)?;
    let about = list(app, Some(month), None)?;
    for person in [&transfer.from, &transfer.to] {
        if about.iter().filter(|row| row.transfer.comes_to(person).is_some()).count() >= limits::TRANSFERS_MAX {
            return Err(ApiError::with(Code::TooMany, format!("at most {} transfers of a person in a month", limits::TRANSFERS_MAX)));
        }
    }
    write(app, &id, None, &transfer, who, "transfer.propose")
}

/// One of its two managers agrees.
pub fn agree(app: &App, id: &TransferId, person: &PersonId) -> ApiResult<()> {
    let before = open(app, id)?;
    let now_ms = app.clock.now_ms();
    let mut after = before.body.clone();
    let side = match after.comes_to(person) {
        Some(true) => &mut after.to_agreed_ms,
        Some(false) => &mut after.from_agreed_ms,
        None => return Err(ApiError::with(Code::Forbidden, format!("transfer {id} is between others"))),
    };
    if side.is_some() {
        return Ok(());
    }
    *side = Some(now_ms);
    write(app, id, Some(&before), &after, person.as_str(), "transfer.agree")
}

/// Staff confirm what both managers have agreed on: from now on it counts.
pub fn confirm(app: &App, id: &TransferId, who: &str) -> ApiResult<()> {
    let before = open(app, id)?;
    another(&before.body.proposed_by, who)?;
    for (person, agreed) in [(&before.body.from, before.body.from_agreed_ms), (&before.body.to, before.body.to_agreed_ms)] {
        if agreed.is_none() {
            return Err(ApiError::with(Code::NotYet, format!("{person} has not agreed to transfer {id} yet")));
        }
    }
    possible(app, &before.body)?;
    close(app, id, &before, true, who, "", "transfer.confirm")
}

/// One of its managers, or staff, decline: it never counts.
pub fn decline(app: &App, id: &TransferId, who: &str, manager: Option<&PersonId>, reason: &str) -> ApiResult<()> {
    let before = open(app, id)?;
    if let Some(manager) = manager
        && before.body.comes_to(manager).is_none()
    {
        return Err(ApiError::with(Code::Forbidden, format!("transfer {id} is between others")));
    }
    if reason.trim().is_empty() || reason.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("reason: from 1 to {} bytes", limits::TEXT_BYTES_MAX));
    }
    close(app, id, &before, false, who, reason, "transfer.decline")
}

fn close(
    app: &App,
    id: &TransferId,
    before: &Case<Transfer>,
    confirmed: bool,
    who: &str,
    reason: &str,
    action: &'static str,
) -> ApiResult<()> {
    let closing = Closing { confirmed, by: who.into(), at_ms: app.clock.now_ms(), reason: reason.into() };
    write(app, id, Some(before), &Transfer { closed: Some(closing), ..before.body.clone() }, who, action)
}

fn open(app: &App, id: &TransferId) -> ApiResult<Case<Transfer>> {
    let case: Case<Transfer> = decisions::case(app, KIND, id.as_str())?;
    match &case.body.closed {
        Some(closing) => {
            let what = if closing.confirmed { "confirmed" } else { "declined" };
            Err(ApiError::with(Code::Exists, format!("transfer {id} was {what} by {}", closing.by)))
        }
        None => Ok(case),
    }
}

/// Both are managers, the indicator adds up, and the plan has so much to give.
fn possible(app: &App, transfer: &Transfer) -> ApiResult<()> {
    let Transfer { from, to, month, indicator, item, amount, .. } = transfer;
    if from == to {
        return invalid("to: a plan is taken over by another");
    }
    for (field, person) in [("from", from), ("to", to)] {
        if app.directory().role_of(person) != Some(Role::Manager) {
            return invalid(format!("{field}: {person} is no manager"));
        }
    }
    let scheme = scheme(app, *month)?;
    let Some(known) = scheme.indicator(indicator.as_str()) else {
        return invalid(format!("indicator: {indicator} is no indicator of the scheme {}", scheme.id));
    };
    if !is_additive(&known.formula) || matches!(known.formula, Formula::Events { .. }) {
        return invalid(format!("indicator: {indicator} is no amount of which a part could be taken over"));
    }
    if matches!(known.formula, Formula::PerItem { .. }) != item.is_some() {
        return invalid(format!("item: {indicator} is planned {}", if item.is_some() { "for all SKUs" } else { "per SKU: name it" }));
    }
    if !amount.is_positive() || amount.parts().1 > 4 {
        return invalid("amount: a decimal over 0 with at most 4 places");
    }
    let plan = |person: &PersonId| -> ApiResult<Option<Dec>> {
        let plans = plans(app, person, *month)?.effective_targets(person, *month);
        Ok(plans.into_iter().find(|plan| plan.indicator == *indicator && plan.item == *item).map(|plan| plan.plan))
    };
    let (given, taken) = (plan(from)?.unwrap_or_default(), plan(to)?.unwrap_or_default());
    let what = item.as_ref().map_or_else(|| indicator.to_string(), |item| format!("{indicator} of {item}"));
    if given < *amount {
        return invalid(format!("amount: {from} plans {given} of {what} in {month}, which is less than {amount}"));
    }
    if given.plus(amount.negated()).is_none() || taken.plus(*amount).is_none() {
        return invalid("amount: it has too many digits to be added to these plans");
    }
    Ok(())
}

/// A person's plans and transfers of a month.
fn plans(app: &App, person: &PersonId, month: Month) -> ApiResult<Reference> {
    let mut reference = Reference::default();
    let key = format!("{person}/{month}");
    load(app.store.as_ref(), &mut reference, Kind::Targets, Some((&key, &format!("{key}\0"))))?;
    // `0` follows on `/`.
    load(app.store.as_ref(), &mut reference, Kind::Transfer, Some((&format!("{key}/"), &format!("{key}0"))))?;
    Ok(reference)
}

/// The case, the rows that both managers' devices and the scorer read, and the audit log's row.
fn write(app: &App, id: &TransferId, before: Option<&Case<Transfer>>, after: &Transfer, who: &str, action: &'static str) -> ApiResult<()> {
    let decision = decisions::on_case(app, (KIND, id.as_str()), before, after, who, action)?;
    let mut reference = Reference::default();
    for person in [&after.from, &after.to] {
        reference.transfers.entry((person.clone(), after.month)).or_default().insert(id.clone(), after.clone());
    }
    decide(app, Decision { reference: reference.rows(), ..decision })
}
