//! Dates, months and quarters of the district, and the district's own zone. Instants are milliseconds since 1970 (UTC).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A text that is no date, month, quarter, time of day or zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {form}")]
pub struct TimeFault {
    pub text: String,
    pub form: &'static str,
}

fn fault(text: &str, form: &'static str) -> TimeFault {
    TimeFault { text: text.chars().take(40).collect(), form }
}

fn digits(text: &str, len: usize) -> Option<i16> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Exactly `YYYY-MM-DD`, a day that exists.
pub fn parse_date(text: &str) -> Result<Date, TimeFault> {
    let parse = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Date::new(digits(year, 4)?, digits(month, 2)? as i8, digits(day, 2)? as i8).ok()
    };
    parse().ok_or_else(|| fault(text, "a date (YYYY-MM-DD)"))
}

/// Exactly `HH:MM:SS`.
pub fn parse_time(text: &str) -> Result<Time, TimeFault> {
    let parse = || {
        let (hour, rest) = text.split_once(':')?;
        let (minute, second) = rest.split_once(':')?;
        Time::new(digits(hour, 2)? as i8, digits(minute, 2)? as i8, digits(second, 2)? as i8, 0).ok()
    };
    parse().ok_or_else(|| fault(text, "a time of day (HH:MM:SS)"))
}

/// A calendar month, `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1..=12).contains(&month) && (1..=9998).contains(&year)).then_some(Self { year, month })
    }
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }
    pub fn first_day(self) -> Date {
        Date::constant(self.year, self.month, 1)
    }
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }
    pub fn quarter(self) -> Quarter {
        Quarter { year: self.year, quarter: (self.month - 1) / 3 + 1 }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = TimeFault;
    fn from_str(text: &str) -> Result<Self, TimeFault> {
        let parse = || {
            let (year, month) = text.split_once('-')?;
            Self::new(digits(year, 4)?, digits(month, 2)? as i8)
        };
        parse().ok_or_else(|| fault(text, "a month (YYYY-MM)"))
    }
}

/// A quarter of a year, `YYYYQn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i16,
    quarter: i8,
}

impl Quarter {
    pub fn of(date: Date) -> Self {
        Month::of(date).quarter()
    }
    pub fn months(self) -> [Month; 3] {
        let first = (self.quarter - 1) * 3 + 1;
        [0, 1, 2].map(|n| Month { year: self.year, month: first + n })
    }
    pub fn first_day(self) -> Date {
        self.months()[0].first_day()
    }
    pub fn last_day(self) -> Date {
        self.months()[2].last_day()
    }
    pub fn previous(self) -> Self {
        if self.quarter == 1 { Self { year: self.year - 1, quarter: 4 } } else { Self { year: self.year, quarter: self.quarter - 1 } }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}Q{}", self.year, self.quarter)
    }
}

impl FromStr for Quarter {
    type Err = TimeFault;
    fn from_str(text: &str) -> Result<Self, TimeFault> {
        let parse = || {
            let (year, quarter) = text.split_once('Q')?;
            let (year, quarter) = (digits(year, 4)?, digits(quarter, 1)? as i8);
            ((1..=4).contains(&quarter) && (2..=9998).contains(&year)).then_some(Self { year, quarter })
        };
        parse().ok_or_else(|| fault(text, "a quarter (YYYYQn)"))
    }
}

/// An ISO week, `YYYY-Www`: Monday to Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    monday: Date,
}

impl Week {
    pub fn of(date: Date) -> Self {
        Self { monday: days_before(date, i32::from(date.weekday().to_monday_zero_offset())) }
    }
    pub fn first_day(self) -> Date {
        self.monday
    }
    pub fn last_day(self) -> Date {
        self.monday.checked_add(6.days()).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let week = self.monday.iso_week_date();
        write!(f, "{:04}-W{:02}", week.year(), week.week())
    }
}

impl FromStr for Week {
    type Err = TimeFault;
    fn from_str(text: &str) -> Result<Self, TimeFault> {
        let parse = || {
            let (year, week) = text.split_once("-W")?;
            let week = ISOWeekDate::new(digits(year, 4)?, digits(week, 2)? as i8, Weekday::Monday).ok()?;
            Some(Self { monday: week.date() }).filter(|week| (1..=9998).contains(&week.monday.year()))
        };
        parse().ok_or_else(|| fault(text, "an ISO week (YYYY-Www)"))
    }
}

macro_rules! serde_as_text {
    ($($name:ident),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(Month, Quarter, Week);

/// The district's time zone, from the zone data that is compiled in: phone and server read the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    pub fn named(iana: &str) -> Result<Self, TimeFault> {
        TimeZone::get(iana).map(Self).map_err(|_| fault(iana, "an IANA time zone"))
    }
    /// The local date of an instant; the first or last date there is for an instant out of all bounds.
    pub fn date_of(&self, ms: i64) -> Date {
        self.0.to_datetime(clamped(ms)).date()
    }
    /// The local time of day of an instant.
    pub fn time_of(&self, ms: i64) -> Time {
        self.0.to_datetime(clamped(ms)).time()
    }
    /// The instant of a local date and time of day; in a gap or a fold of the clock, the zone's own compatible reading.
    pub fn instant(&self, date: Date, time: Time) -> i64 {
        let local = date.to_datetime(time);
        self.0.to_timestamp(local).map_or(i64::MAX, |t| t.as_millisecond())
    }
}

fn clamped(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The day after; the last day there is stays itself.
pub fn next_day(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

/// The first day of a date's week.
pub fn monday_of(date: Date) -> Date {
    days_before(date, i32::from(date.weekday().to_monday_zero_offset()))
}

/// `days` days before.
pub fn days_before(date: Date, days: i32) -> Date {
    date.checked_sub(days.days()).unwrap_or(Date::MIN)
}

/// Every day from `first` to `last`, both included.
pub fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_the_written_forms_are_read() {
        assert_eq!(parse_date("2026-02-28").unwrap(), date(2026, 2, 28));
        for text in ["2026-02-29", "2026-2-28", "26-02-28", "2026-02-28 ", "2026/02/28", "+026-02-28"] {
            assert!(parse_date(text).is_err(), "{text}");
        }
        assert!(parse_time("08:05:17").is_ok());
        for text in ["8:05:17", "08:05", "24:00:00", "08:05:17.5"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
        assert!("2026-13".parse::<Month>().is_err() && "2026Q0".parse::<Quarter>().is_err());
    }

    #[test]
    fn a_quarter_has_its_three_months_and_a_previous_one() {
        let q: Quarter = "2026Q1".parse().unwrap();
        assert_eq!(q.months().map(|m| m.to_string()), ["2026-01", "2026-02", "2026-03"]);
        assert_eq!(q.previous().to_string(), "2025Q4");
        assert_eq!("2024-02".parse::<Month>().unwrap().last_day(), date(2024, 2, 29));
    }

    #[test]
    fn a_week_is_of_the_year_that_has_its_thursday() {
        for (day, week) in [
            (date(2026, 8, 10), "2026-W33"),
            (date(2026, 8, 16), "2026-W33"),
            (date(2027, 1, 3), "2026-W53"),
            (date(2024, 12, 30), "2025-W01"),
        ] {
            assert_eq!(Week::of(day).to_string(), week);
            let read: Week = week.parse().unwrap();
            assert_eq!(read, Week::of(day));
            assert!((read.first_day()..=read.last_day()).contains(&day));
        }
        for text in ["2026-W54", "2026W33", "2026-W1", "2026-W00", "2025-W53"] {
            assert!(text.parse::<Week>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_local_day_is_the_districts_not_utc() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let ms = zone.instant(date(2026, 7, 1), parse_time("00:30:00").unwrap());
        assert_eq!(zone.date_of(ms), date(2026, 7, 1));
        assert_eq!(Zone::named("UTC").unwrap().date_of(ms), date(2026, 6, 30));
        assert!(Zone::named("Asia/Nowhere").is_err());
    }
}
