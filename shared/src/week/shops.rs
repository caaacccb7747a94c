//! What the shop files say of a week, and of the days after it.

use jiff::civil::Date;

use super::{Line, WeekDraft, WeekInputs, after, horizon, line};
use crate::doc::{Contact, FollowUp};
use crate::time::parse_date;

pub(super) fn add(out: &mut WeekDraft, inputs: &WeekInputs<'_>) {
    let WeekInputs { week, person, reference, zone, files, .. } = inputs;
    let within = |ms: i64| Some(zone.date_of(ms)).filter(|date| (week.first_day()..=week.last_day()).contains(date));
    for (retailer, file) in *files {
        for complaint in file.complaints.values() {
            out.complaints.extend(within(complaint.at_ms).map(|date| line(reference, retailer, date, &complaint.text)));
        }
        for entry in file.log.values().filter(|entry| entry.person == person.as_str()) {
            out.contacts.extend(within(entry.at_ms).map(|date| line(reference, retailer, date, &entry.text)));
        }
        for follow_up in file.followups.values() {
            out.follow_ups.extend(due(follow_up, horizon(*week)).map(|date| line(reference, retailer, date, &follow_up.text)));
        }
        for contact in file.contacts.values() {
            let day = contact.birthday.as_deref().and_then(|text| next_birthday(text, after(*week)));
            out.birthdays.extend(day.filter(|day| *day <= horizon(*week)).map(|day| line(reference, retailer, day, &who(contact))));
        }
    }
    for lines in [&mut out.complaints, &mut out.contacts, &mut out.follow_ups, &mut out.birthdays] {
        lines.sort_by(Line::cmp);
    }
}

fn due(follow_up: &FollowUp, last: Date) -> Option<Date> {
    let day = follow_up.due.as_ref().or(follow_up.wakes_on.as_ref())?;
    parse_date(day).ok().filter(|day| follow_up.closed_ms.is_none() && *day <= last)
}

fn who(contact: &Contact) -> String {
    let parts = [contact.name.as_str(), contact.role.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The first day from `from` on that has the birthday `YYYY-MM-DD` or `MM-DD`; 29 February is kept on the 28th in a year
/// without one. None: it is no such date.
fn next_birthday(text: &str, from: Date) -> Option<Date> {
    // A leap year, so that 29 February can be written.
    let whole = if text.len() == 5 { format!("2000-{text}") } else { text.to_string() };
    let born = parse_date(&whole).ok()?;
    let on = |year: i16| {
        let first = Date::new(year, born.month(), 1).ok()?;
        first.with().day(born.day().min(first.days_in_month())).build().ok()
    };
    [from.year(), from.year().checked_add(1)?].into_iter().filter_map(on).find(|day| *day >= from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_birthday_comes_round_every_year() {
        for (text, from, expected) in [
            ("1968-08-20", date(2026, 8, 17), Some(date(2026, 8, 20))),
            ("08-20", date(2026, 8, 20), Some(date(2026, 8, 20))),
            ("1970-01-02", date(2026, 12, 28), Some(date(2027, 1, 2))),
            ("1980-02-29", date(2026, 2, 1), Some(date(2026, 2, 28))),
            ("02-29", date(2028, 2, 1), Some(date(2028, 2, 29))),
            ("in spring", date(2026, 2, 1), None),
            ("13-01", date(2026, 2, 1), None),
        ] {
            assert_eq!(next_birthday(text, from), expected, "{text}");
        }
    }
}
