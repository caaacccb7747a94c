//! Order plans: what managers drafted in visits, and what staff rule on each line. A ruling is of a line as it was drafted
//! when it was made; the device that drafted it learns of it as reference data.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::facts::Visit;
use shared::ids::{PersonId, Sku, VisitId};
use shared::limits;
use shared::order::OrderPlan;
use shared::problem::Code;
use shared::reference::{Kind, LineRuling, LineVerdict, OrderRuling, Reference, Row, order_ruling_key};
use shared::time::days_before;

use crate::decisions::{self, Case, decide};
use crate::error::{ApiError, ApiResult};
use crate::state::App;
use crate::store::decision::RecordKind;

pub mod review;

const KIND: RecordKind = RecordKind::OrderRuling;

/// Which order plans are asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// None: the last [`limits::ORDERS_AWAIT_DAYS`] days.
    pub from: Option<Date>,
    /// None: today in the district.
    pub to: Option<Date>,
    pub person: Option<PersonId>,
    /// Only plans with a line that nobody has ruled on as it is drafted now.
    pub awaiting: bool,
}

/// What is to be ruled on one line.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewRuling {
    #[schema(value_type = String)]
    pub sku: Sku,
    #[schema(value_type = String, example = "amended")]
    pub ruling: LineVerdict,
    /// Cartons as the one who rules has seen them drafted. None: as they are, and whatever was ruled before.
    pub drafted: Option<i64>,
    /// When the ruling was made that they have seen. None: they have seen none.
    pub ruled_ms: Option<i64>,
    /// Of an amended line alone.
    pub cartons: Option<i64>,
    /// Of a line that is amended or declined.
    #[serde(default)]
    pub reason: String,
}

/// Order plans, by date and route.
pub fn plans(app: &App, asked: &Asked) -> ApiResult<Vec<OrderPlan>> {
    let (from, to) = span(app, asked)?;
    let mut plans = between(app, from, to)?;
    plans.retain(|plan| asked.person.as_ref().is_none_or(|person| *person == plan.person) && (!asked.awaiting || plan.awaits()));
    Ok(plans)
}

/// The days that are asked about.
fn span(app: &App, asked: &Asked) -> ApiResult<(Date, Date)> {
    let to = asked.to.unwrap_or_else(|| app.directory().today(app.clock.now_ms()));
    let from = asked.from.unwrap_or_else(|| days_before(to, limits::ORDERS_AWAIT_DAYS));
    if from > to || (to - from).get_days() > limits::HISTORY_DAYS_MAX {
        return invalid(format!("from, to: at most {} days", limits::HISTORY_DAYS_MAX));
    }
    Ok((from, to))
}

fn between(app: &App, from: Date, to: Date) -> ApiResult<Vec<OrderPlan>> {
    let mut reference = Reference::default();
    let (first, last) = (from.to_string(), format!("{to}/\u{10ffff}"));
    crate::directory::load(app.store.as_ref(), &mut reference, Kind::OrderRuling, Some((&first, &last)))?;
    let sheets = app.store.sheets(from, to)?;
    let visits = sheets.iter().flat_map(|sheet| &sheet.visits);
    Ok(visits.filter_map(|visit| OrderPlan::of(visit, reference.order_rulings.get(&visit.visit))).collect())
}

/// Rules on lines of one visit's order plan: all of them, or none.
pub fn rule(app: &App, date: Date, visit: VisitId, rulings: &[NewRuling], who: &str) -> ApiResult<OrderPlan> {
    if rulings.is_empty() || rulings.len() > limits::VISIT_LINES_MAX {
        return invalid(format!("lines: from 1 to {}", limits::VISIT_LINES_MAX));
    }
    let found = find(app, date, visit)?;
    let key = visit.to_string();
    let before: Option<Case<OrderRuling>> = decisions::find(app, KIND, &key)?;
    let known = before.as_ref().map_or_else(BTreeMap::new, |case| case.body.lines.clone());
    let mut after = OrderRuling { route: found.route.clone(), retailer: found.retailer.clone(), date: found.date, lines: known };
    for new in rulings {
        let ruled = line(app, &found, new, who)?;
        let before = after.lines.insert(new.sku.clone(), ruled);
        if new.drafted.is_some() && new.ruled_ms != before.map(|line| line.at_ms) {
            return Err(ApiError::with(Code::ChangedMeanwhile, format!("{}: another has ruled on it", new.sku)));
        }
    }
    let mut decision = decisions::on_case(app, (KIND, &key), before.as_ref(), &after, who, "order.rule")?;
    let value = minicbor::to_vec(&after).map_err(ApiError::internal)?;
    let row = Row { kind: Kind::OrderRuling, key: order_ruling_key(&visit, &after), value: Some(value) };
    decision.reference.push((shared::ids::Scope::Route(after.route.clone()), row));
    decide(app, decision)?;
    OrderPlan::of(&found, Some(&after)).ok_or_else(|| ApiError::new(Code::NotFound))
}

fn line(app: &App, visit: &Visit, new: &NewRuling, who: &str) -> ApiResult<LineRuling> {
    let NewRuling { sku, ruling, drafted: seen, cartons, reason, ruled_ms: _ } = new;
    let drafted = visit.order.get(sku.as_str());
    let Some(drafted) = drafted else { return invalid(format!("{sku}: the order plan has no such line")) };
    if seen.is_some_and(|seen| seen != drafted) {
        return Err(ApiError::with(Code::ChangedMeanwhile, format!("{sku}: {drafted} cartons are drafted by now")));
    }
    if reason.len() > limits::TEXT_BYTES_MAX {
        return invalid(format!("{sku}: reason: at most {} bytes", limits::TEXT_BYTES_MAX));
    }
    if *ruling != LineVerdict::Approved && reason.trim().is_empty() {
        return invalid(format!("{sku}: reason: a line that is {} needs one", ruling.as_str()));
    }
    let cartons = match (ruling, cartons) {
        (LineVerdict::Approved, None) => drafted,
        (LineVerdict::Declined, None) => 0,
        (LineVerdict::Amended, Some(cartons)) if (0..=limits::CARTONS_MAX).contains(cartons) => *cartons,
        (LineVerdict::Amended, _) => return invalid(format!("{sku}: cartons: from 0 to {}", limits::CARTONS_MAX)),
        (_, Some(_)) => return invalid(format!("{sku}: cartons: only of a line that is amended")),
    };
    Ok(LineRuling { ruling: *ruling, drafted, cartons, reason: reason.trim().into(), by: who.into(), at_ms: app.clock.now_ms() })
}

fn find(app: &App, date: Date, visit: VisitId) -> ApiResult<Visit> {
    let sheets = app.store.sheets(date, date)?;
    let found = sheets.into_iter().flat_map(|sheet| sheet.visits).find(|found| found.visit == visit);
    found.ok_or_else(|| ApiError::with(Code::NotFound, format!("there is no visit {visit} on {date}")))
}

fn invalid<T>(what: impl ToString) -> ApiResult<T> {
    Err(ApiError::with(Code::Invalid, what))
}
