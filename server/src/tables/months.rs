//! A month's life as tables: what changed since it was published, disputes, points by staff, complaints; and the audit log.

use shared::ids::PersonId;
use shared::limits;
use shared::reference::Reference;
use shared::score::Rounded;
use shared::time::Month;

use super::day::moment;
use super::{Cell, Table};
use crate::error::ApiResult;
use crate::months::{self, disputes::DisputeCase, events::State};
use crate::state::App;

fn name(reference: &Reference, id: &PersonId) -> Cell {
    reference.people.get(id).map_or_else(|| id.as_str().into(), |person| person.name.as_str().into())
}

/// One row a manager and indicator that differs from what is published.
pub fn restatement(app: &App, month: Month) -> ApiResult<Table> {
    let columns = [
        ("month", "月"),
        ("revision", "版"),
        ("person_id", "编号"),
        ("name", "姓名"),
        ("indicator", "指标"),
        ("before", "公布的"),
        ("after", "现在"),
        ("facts_new", "新依据"),
        ("facts_gone", "少依据"),
        ("terms_changed", "规则变了"),
        ("held_back", "先不改"),
    ];
    let mut table = Table::new("restatement", &columns);
    let restatement = months::restatement::restatement(app, month)?;
    let directory = app.directory();
    let decimal = |points: &Option<Rounded>| points.as_ref().map_or(Cell::Empty, |points| Cell::Decimal(points.to_string()));
    for manager in restatement.managers {
        for one in &manager.differences {
            table.push(vec![
                month.to_string().into(),
                u64::from(restatement.revision).into(),
                manager.person_id.as_str().into(),
                name(&directory.reference, &manager.person_id),
                one.indicator.as_str().into(),
                decimal(&one.before),
                decimal(&one.after),
                (one.facts_new.len() as u64).into(),
                (one.facts_gone.len() as u64).into(),
                i64::from(one.terms_changed).into(),
                manager.held_back.as_ref().or(manager.held_before.as_ref()).map(|held| held.reason.clone()).into(),
            ]);
        }
    }
    Ok(table)
}

/// One row a dispute, with the ruling that is in force or awaits approval.
pub fn disputes(app: &App, month: Month) -> ApiResult<Table> {
    let columns = [
        ("id", "编号"),
        ("month", "月"),
        ("revision", "版"),
        ("person", "姓名"),
        ("indicator", "指标"),
        ("line", "哪一行"),
        ("text", "哪里不对"),
        ("filed", "提出"),
        ("state", "状态"),
        ("points", "加减分"),
        ("ruling", "裁定"),
        ("by", "谁裁定"),
        ("approved_by", "谁批准"),
    ];
    let mut table = Table::new("disputes", &columns);
    let directory = app.directory();
    for (id, case) in months::disputes::cases(app, Some(month))? {
        let DisputeCase { dispute, proposal, .. } = case.body;
        let (state, ruling) = match (dispute.ruling, proposal) {
            (Some(ruling), _) => ("ruled", Some((ruling.points, ruling.text, ruling.by, Some(ruling.approved_by)))),
            (None, Some(proposal)) => ("proposed", Some((proposal.points, proposal.text, proposal.by, None))),
            (None, None) => ("open", None),
        };
        let mut row: Vec<Cell> = vec![
            id.into(),
            month.to_string().into(),
            u64::from(dispute.revision).into(),
            name(&directory.reference, &dispute.person),
            dispute.indicator.as_str().into(),
            dispute.line.into(),
            dispute.text.into(),
            moment(&directory.zone, dispute.filed_ms).into(),
            state.into(),
        ];
        row.extend(ruling.map_or_else(
            || vec![Cell::Empty; 4],
            |(points, text, by, approved)| vec![Cell::Decimal(points.to_string()), text.into(), by.into(), approved.into()],
        ));
        table.push(row);
    }
    Ok(table)
}

/// One row an event that staff recorded, dated in the month.
pub fn points(app: &App, month: Month) -> ApiResult<Table> {
    let columns = [
        ("id", "编号"),
        ("date", "日期"),
        ("person", "姓名"),
        ("indicator", "指标"),
        ("points", "分"),
        ("retailer_id", "店编号"),
        ("note", "理由"),
        ("recorded_by", "谁记的"),
        ("recorded", "记录"),
        ("state", "状态"),
        ("decided_by", "谁批"),
        ("reason", "不批理由"),
    ];
    let mut table = Table::new("points", &columns);
    let directory = app.directory();
    for (id, case) in months::events::cases(app)?.into_iter().filter(|(_, case)| Month::of(case.body.date) == month) {
        let event = case.body;
        let (state, by, reason) = match event.state {
            State::AwaitsApproval => ("awaits_approval", Cell::Empty, Cell::Empty),
            State::Approved { by, .. } => ("approved", by.into(), Cell::Empty),
            State::Declined { by, reason, .. } => ("declined", by.into(), reason.into()),
        };
        table.push(vec![
            id.into(),
            event.date.to_string().into(),
            name(&directory.reference, &event.person),
            event.scored.as_ref().map(|scored| scored.indicator.to_string()).into(),
            event.scored.map_or(Cell::Empty, |scored| Cell::Decimal(scored.points.to_string())),
            event.retailer.map(|retailer| retailer.to_string()).into(),
            event.note.into(),
            event.recorded_by.into(),
            moment(&directory.zone, event.recorded_ms).into(),
            state.into(),
            by,
            reason,
        ]);
    }
    Ok(table)
}

/// One row a complaint of the month, with what was ruled on it.
pub fn complaints(app: &App, month: Month) -> ApiResult<Table> {
    let columns = [
        ("document", "文档"),
        ("id", "编号"),
        ("at", "时间"),
        ("text", "内容"),
        ("severity", "轻重"),
        ("person", "谁承责"),
        ("points", "分"),
        ("ruling", "裁定"),
    ];
    let mut table = Table::new("complaints", &columns);
    let directory = app.directory();
    for complaint in months::events::complaints(app, month)? {
        let ruling = complaint.ruling.map(|ruling| ruling.case);
        let scored = ruling.as_ref().and_then(|case| case.scored.as_ref());
        table.push(vec![
            complaint.document.into(),
            complaint.id.into(),
            moment(&directory.zone, complaint.at_ms).into(),
            complaint.text.into(),
            complaint.severity.into(),
            ruling.as_ref().filter(|_| scored.is_some()).map_or(Cell::Empty, |case| name(&directory.reference, &case.person)),
            scored.map_or(Cell::Empty, |scored| Cell::Decimal(scored.points.to_string())),
            ruling.map(|case| case.note).into(),
        ]);
    }
    Ok(table)
}

/// The rows of the audit log behind one, as many as its page shows.
pub fn audit(app: &App, after: u64) -> ApiResult<Table> {
    let columns = [
        ("id", "编号"),
        ("at", "时间"),
        ("who", "谁"),
        ("action", "做了什么"),
        ("subject", "关于"),
        ("before", "之前"),
        ("after", "之后"),
        ("hash", "校验"),
    ];
    let mut table = Table::new("audit", &columns);
    let zone = app.directory().zone.clone();
    for row in app.store.audit_log(after, limits::AUDIT_PAGE)? {
        table.push(vec![
            row.id.into(),
            moment(&zone, row.at_ms).into(),
            row.who.into(),
            row.action.into(),
            row.subject.into(),
            row.before.into(),
            row.after.into(),
            shared::hex::hex(&row.hash).into(),
        ]);
    }
    Ok(table)
}
