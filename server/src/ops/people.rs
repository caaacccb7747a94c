//! Commands about people and their devices.

use shared::ids::{DeviceId, PersonId};
use shared::problem::Code;
use shared::reference::Role;

use super::terminal::table;
use super::{DONE, Format, Report, print_json};
use crate::auth::{device, password as passwords};
use crate::decisions::{self, OPERATOR};
use crate::error::{ApiError, ApiResult};
use crate::quarantine as held;
use crate::state::SharedApp;
use crate::store::decision::Decision;

/// One-time codes as CSV: for one manager, or for all.
pub fn enrol(app: &SharedApp, person: Option<&PersonId>, report: &mut dyn Report) -> ApiResult<u8> {
    let rows: Vec<String> = codes(app, person, OPERATOR)?.into_iter().map(|(person, code)| format!("{person},{code}\n")).collect();
    report.out(&format!("person_id,code\n{}", rows.concat()));
    Ok(DONE)
}

/// One-time codes: for one manager, or for all. The audit log says who had them made: with a code one can be the manager's phone.
pub fn codes(app: &SharedApp, person: Option<&PersonId>, who: &str) -> ApiResult<Vec<(PersonId, String)>> {
    let people: Vec<PersonId> = match person {
        Some(person) => vec![person.clone()],
        None => {
            let directory = app.directory();
            let managers = directory.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
            managers.map(|(id, _)| id.clone()).collect()
        }
    };
    if people.is_empty() {
        return Err(ApiError::with(Code::NotFound, "the district has no managers; import it first"));
    }
    let codes = people.iter().map(|person| Ok((person.clone(), device::new_code(app, person)?))).collect::<ApiResult<_>>()?;
    let subject = person.map_or_else(|| "district".into(), |person| format!("person/{person}"));
    let audit = decisions::entry(app, who, "enrolment.codes", subject, &serde_json::json!({ "codes": people.len() }))?;
    app.store.decide(Decision { audit: vec![audit], ..Decision::default() })?;
    Ok(codes)
}

pub fn devices(app: &SharedApp, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let devices = app.store.devices()?;
    let zone = app.directory().zone.clone();
    let time = |ms: Option<i64>| ms.map_or_else(|| "–".into(), |ms| local_time(&zone, ms));
    if format == Format::Json {
        let rows: Vec<_> = devices
            .iter()
            .map(|d| {
                serde_json::json!({ "device": d.device, "person": d.person, "name": d.name, "enrolled_ms": d.enrolled_ms,
                    "revoked_ms": d.revoked_ms, "last_sync_ms": d.last_sync_ms, "complete_ms": d.complete_ms })
            })
            .collect();
        return print_json(report, &rows);
    }
    let rows = devices.iter().map(|d| {
        vec![
            d.device.to_string(),
            d.person.to_string(),
            d.name.clone(),
            time(Some(d.enrolled_ms)),
            time(d.last_sync_ms),
            time(d.revoked_ms),
        ]
    });
    report.out(&table(&["device", "person", "name", "enrolled", "last sync", "revoked"], &[], rows));
    Ok(DONE)
}

/// `2026-08-07 17:45:10`, in the district's zone.
pub fn local_time(zone: &shared::time::Zone, ms: i64) -> String {
    let time = zone.time_of(ms);
    format!("{} {:02}:{:02}:{:02}", zone.date_of(ms), time.hour(), time.minute(), time.second())
}

pub fn revoke(app: &SharedApp, revoked: &DeviceId, report: &mut dyn Report) -> ApiResult<u8> {
    if !device::revoke(app, revoked, OPERATOR)? {
        return Err(ApiError::with(Code::NotFound, format!("no device {revoked}")));
    }
    report.out(&format!("{revoked} is revoked\n"));
    Ok(DONE)
}

pub fn password(app: &SharedApp, login: &str, report: &mut dyn Report) -> ApiResult<u8> {
    let password = passwords::reset(app, login, OPERATOR)?;
    report.out(&format!("login     {login}\npassword  {password}\n"));
    Ok(DONE)
}

pub fn quarantine(
    app: &SharedApp,
    release: Option<i64>,
    reject: Option<i64>,
    by: Option<&PersonId>,
    format: Format,
    report: &mut dyn Report,
) -> ApiResult<u8> {
    let who = decisions::by(app, by)?;
    let ruled = match (release, reject) {
        (Some(id), _) => Some(held::release(app, id, &who)?),
        (None, Some(id)) => Some(held::reject(app, id, &who)?),
        (None, None) => None,
    };
    if let Some(ruled) = ruled {
        if format == Format::Json {
            return print_json(report, &ruled);
        }
        let counts: Vec<String> = ruled.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        report.out(&format!("{}; the phone is told with its next sync\n", counts.join(", ")));
        return Ok(DONE);
    }
    let rows = held::list(app)?;
    if format == Format::Json {
        return print_json(report, &rows);
    }
    if rows.is_empty() {
        report.out("nothing is held back\n");
        return Ok(DONE);
    }
    let zone = app.directory().zone.clone();
    let rows = rows.into_iter().map(|row| {
        let person = row.person.unwrap_or_else(|| "?".into());
        vec![
            row.id.to_string(),
            row.document,
            person,
            row.reason,
            local_time(&zone, row.received_ms),
            row.change.chars().take(12).collect(),
        ]
    });
    report.out(&table(&["id", "document", "person", "reason", "received", "change"], &["id"], rows));
    Ok(DONE)
}

/// Takes a rescue file in, and says what became of it.
pub fn import_rescue(app: &SharedApp, file: &std::path::Path, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    let fault = |e: std::io::Error| ApiError::with(Code::Invalid, format!("{}: {e}", file.display()));
    let bound = shared::limits::RESCUE_BYTES_MAX;
    if std::fs::metadata(file).map_err(fault)?.len() > bound {
        return Err(ApiError::with(Code::TooLarge, format!("{}: a rescue file has at most {bound} bytes", file.display())));
    }
    let done = crate::rescue::take_in(app, &std::fs::read(file).map_err(fault)?)?;
    if format == Format::Json {
        return print_json(report, &done);
    }
    let crate::rescue::Rescued { device, person, durable, known, waiting, held_back, disputes, disputes_refused, drafts } = done;
    report.out(&format!(
        "{person}, device {device}: {durable} changes new at head office, {known} there already, {waiting} waiting, {held_back} held back; {disputes} disputes, {disputes_refused} refused; {drafts} drafts left in the file\n"
    ));
    Ok(DONE)
}
