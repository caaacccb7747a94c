//! Every call that a screen can make, as values.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::doc::{Action, ActionFault, FollowUpDate};
use shared::facts::Position;
use shared::ids::{IndicatorId, RetailerId, RouteId, Sku, VisitId};
use shared::score::Change;
use shared::time::{Month, Week};

use crate::Error;
use crate::device::{CheckIn, Device, Done, NewDispute, Step};

/// What a screen asks for or does. Dates are `YYYY-MM-DD`, months `YYYY-MM`, times milliseconds since 1970.
#[derive(Debug, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    Start,
    /// Nobody waits: what the next tap needs is made ready.
    Prepare,
    /// Nobody waits: one step more of what suggestions rest on. Whether more is left.
    Learn,
    Work,
    /// None: today in the district.
    Day {
        date: Option<Date>,
    },
    Visit {
        visit: VisitId,
    },
    CountSheet {
        visit: VisitId,
    },
    OrderSheet {
        visit: VisitId,
    },
    Shops,
    Shop {
        retailer: RetailerId,
    },
    Month {
        month: Option<Month>,
    },
    Receipt {
        month: Month,
        indicator: IndicatorId,
    },
    Week {
        date: Option<Date>,
    },
    /// What the visit's shop is to order.
    Suggest {
        visit: VisitId,
    },
    /// What is unusual about an order, in cartons a SKU.
    Unusual {
        visit: VisitId,
        order: BTreeMap<Sku, i64>,
    },
    /// The drafted summary of a date's week, and the saved one.
    WeekSummary {
        date: Date,
    },
    SaveWeek {
        date: Date,
        text: String,
        draft: Option<String>,
    },
    WhatIf {
        month: Month,
        changes: Vec<Change>,
    },
    Published {
        month: Month,
    },
    Disputes {
        month: Month,
    },
    FileDispute {
        month: Month,
        indicator: IndicatorId,
        line: String,
        text: String,
    },
    /// The rescue file's content.
    Rescue,
    /// For the rest of the API; good for 15 minutes from the last sync on.
    AccessToken,
    PutDraft {
        step: String,
        content: String,
    },
    DropDraft {
        step: String,
    },
    /// Whatever was begun, but for visits.
    FinishDrafts,
    CheckIn {
        retailer: RetailerId,
        route: Option<RouteId>,
        position: Option<Fix>,
    },
    CountStock {
        visit: VisitId,
        stock: BTreeMap<Sku, Option<i64>>,
        draft: Option<String>,
    },
    PlanOrder {
        visit: VisitId,
        order: BTreeMap<Sku, Option<i64>>,
        draft: Option<String>,
    },
    /// What was begun in the visit becomes its actions first.
    CheckOut {
        visit: VisitId,
    },
    Note {
        visit: VisitId,
        text: String,
        draft: Option<String>,
    },
    Audit {
        visit: VisitId,
        item: String,
        value: String,
    },
    RemoveVisit {
        visit: VisitId,
    },
    ReportMissed {
        retailer: RetailerId,
        route: Option<RouteId>,
        reason: String,
    },
    Diary {
        route: RouteId,
        date: Date,
        text: String,
        draft: Option<String>,
    },
    RouteNote {
        route: RouteId,
        date: Date,
        text: String,
        draft: Option<String>,
    },
    Complain {
        retailer: RetailerId,
        text: String,
        severity: Option<String>,
    },
    FollowUp {
        retailer: RetailerId,
        date: FollowUpDate,
        text: String,
    },
    CloseFollowUp {
        retailer: RetailerId,
        id: String,
    },
    LogContact {
        retailer: RetailerId,
        kind: String,
        text: String,
    },
    PutContact {
        retailer: RetailerId,
        id: Option<String>,
        name: String,
        role: String,
        phone: String,
        birthday: Option<String>,
    },
    RemoveContact {
        retailer: RetailerId,
        id: String,
    },
    SetFact {
        retailer: RetailerId,
        key: String,
        value: String,
    },
}

/// Where the phone says that it is.
#[derive(Debug, Deserialize)]
pub struct Fix {
    pub lat_e6: i32,
    pub lon_e6: i32,
    pub accuracy_m: i64,
}

/// What was asked for.
fn answer(device: &mut Device, call: Call) -> Result<String, Error> {
    match call {
        Call::Start => json(device.first_screen()?),
        Call::Prepare => json(device.prepare()?),
        Call::Learn => json(device.learn()?),
        Call::Work => json(device.work()?),
        Call::Day { date } => {
            let date = or_today(device, date)?;
            json(device.day(date)?)
        }
        Call::Visit { visit } => json(device.visit_screen(visit)?),
        Call::CountSheet { visit } => json(device.count_sheet(visit)?),
        Call::OrderSheet { visit } => json(device.order_sheet(visit)?),
        Call::Shops => json(device.shops()?),
        Call::Shop { retailer } => json(device.shop_screen(&retailer)?),
        Call::Month { month } => {
            let month = month.unwrap_or(Month::of(device.date()?));
            json(device.month(month)?)
        }
        Call::Receipt { month, indicator } => json(device.receipt_screen(month, &indicator)?),
        Call::Week { date } => {
            let date = or_today(device, date)?;
            json(device.week_days(date)?)
        }
        Call::Suggest { visit } => {
            let visit = device.visit(visit)?.ok_or(Error::UnknownVisit(visit))?;
            json(device.suggest(&visit.retailer, visit.date)?)
        }
        Call::Unusual { visit, order } => {
            let visit = device.visit(visit)?.ok_or(Error::UnknownVisit(visit))?;
            json(device.unusual(&visit.retailer, visit.date, &order)?)
        }
        Call::WeekSummary { date } => json(device.week(Week::of(date))?),
        Call::WhatIf { month, changes } => json(device.what_if(month, &changes)?),
        Call::Published { month } => json(device.published(month)?),
        Call::Disputes { month } => json(device.disputes(month)?),
        Call::FileDispute { month, indicator, line, text } => {
            json(device.file_dispute(NewDispute { month, revision: None, indicator, line, text })?)
        }
        Call::Rescue => json(device.rescue()?),
        Call::AccessToken => json(device.access_token()?),
        Call::PutDraft { step, content } => json(device.put_draft(&step, &content)?),
        Call::DropDraft { step } => json(device.drop_draft(&step)?),
        Call::FinishDrafts => json(device.finish_drafts(None)?),
        action => json(act(device, action)?),
    }
}

/// An action; its answer comes when it is durable on this phone.
fn act(device: &mut Device, call: Call) -> Result<Done, Error> {
    let plain = Step::default;
    let of = |draft: Option<String>| Step { draft, ..Step::default() };
    match call {
        Call::CheckIn { retailer, route, position } => {
            let place = position.as_ref().map(|fix| Position { lat_e6: fix.lat_e6, lon_e6: fix.lon_e6 });
            let accuracy_m = position.map(|fix| fix.accuracy_m);
            device.begin_visit(CheckIn { route, position: place, accuracy_m, ..CheckIn::at(retailer) })
        }
        Call::CountStock { visit, stock, draft } => device.count_stock(visit, stock, of(draft)),
        Call::PlanOrder { visit, order, draft } => device.plan_order(visit, order, of(draft)),
        Call::CheckOut { visit } => {
            device.finish_drafts(Some(visit))?;
            device.check_out(visit, plain())
        }
        Call::SaveWeek { date, text, draft } => device.save_week(Week::of(date), &text, of(draft)),
        Call::Note { visit, text, draft } => device.note(visit, &text, of(draft)),
        Call::Audit { visit, item, value } => device.audit(visit, &item, &value, plain()),
        Call::RemoveVisit { visit } => device.remove_visit(visit, plain()),
        Call::ReportMissed { retailer, route, reason } => device.report_missed(retailer, route, None, &reason, plain()),
        Call::Diary { route, date, text, draft } => device.day_words(route, date, &text, of(draft)),
        Call::RouteNote { route, date, text, draft } => device.route_note(route, date, &text, of(draft)),
        Call::Complain { retailer, text, severity } => device.complain(&retailer, &text, severity.as_deref(), plain()),
        Call::FollowUp { retailer, date, text } => device.follow_up(&retailer, date, &text, plain()),
        Call::CloseFollowUp { retailer, id } => device.close_follow_up(&retailer, &id, plain()),
        Call::LogContact { retailer, kind, text } => device.log_contact(&retailer, &kind, &text, plain()),
        Call::PutContact { retailer, id, name, role, phone, birthday } => {
            let id = id.unwrap_or_else(|| device.new_id());
            device.edit_shop(&retailer, Action::PutContact { id, name, role, phone, birthday }, plain())
        }
        Call::RemoveContact { retailer, id } => device.edit_shop(&retailer, Action::RemoveContact { id }, plain()),
        Call::SetFact { retailer, key, value } => device.edit_shop(&retailer, Action::SetFact { key, value }, plain()),
        other => unreachable!("{other:?} is no action, and was answered before"),
    }
}

fn or_today(device: &mut Device, date: Option<Date>) -> Result<Date, Error> {
    match date {
        Some(date) => Ok(date),
        None => device.date(),
    }
}

/// What a call is answered with.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T> {
    Ok(T),
    Error { code: String, message: String, detail: Option<String> },
}

/// Written straight from the value: a phone has no time for a tree of it.
fn json(value: impl Serialize) -> Result<String, Error> {
    serde_json::to_string(&Answer::Ok(value)).map_err(|e| Error::BadCall(e.to_string()))
}

/// A call and its answer as text: `{"ok": …}`, or `{"error": {"code", "message"}}`.
pub fn answer_text(device: &mut Device, call: &str) -> String {
    let called = serde_json::from_str::<Call>(call).map_err(|e| Error::BadCall(e.to_string()));
    called.and_then(|call| answer(device, call)).unwrap_or_else(failed)
}

/// A result as text, as above.
pub fn text(result: Result<impl Serialize, Error>) -> String {
    result.and_then(json).unwrap_or_else(failed)
}

fn failed(error: Error) -> String {
    let detail = match &error {
        Error::Refused { detail, .. } => detail.clone(),
        Error::Action(ActionFault::OutOfBounds { what, .. }) => Some(what.clone()),
        _ => None,
    };
    let told = Answer::<()>::Error { code: error.code().to_string(), message: error.to_string(), detail };
    serde_json::to_string(&told).unwrap_or_default()
}
