//! The example district, up to now: its plans, sales and field work are of July to September 2026, and whoever opens the
//! phone today wants stops of today. What this makes is imported beside the example, and holds what lies after it: the same
//! rows, so many days later that today is a day of the example's last week of August.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The Monday of the example that this week stands for.
const MONDAY: Day = Day(20_689);
/// The example's last day.
const LAST: Day = Day(20_726);
/// The example's district is in China.
const ZONE_S: u64 = 8 * 3600;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    pub fn today() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self(i64::try_from((now + ZONE_S) / 86_400).unwrap_or(0))
    }

    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// 0 is Monday.
    fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    /// Of `YYYY-MM-DD`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        // The civil calendar, with years that begin in March.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Some(Self(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
        write!(f, "{:04}-{month:02}-{day:02}", era * 400 + year + i64::from(month <= 2))
    }
}

/// So many days later is the example's August for now: on a workday whole weeks; on a weekend it is Friday.
fn later(today: Day) -> i64 {
    today.0 - MONDAY.plus(today.weekday().min(4)).0
}

/// Writes the rows after the example's end into a folder: plans, targets, sales until yesterday, quotas, and the field log.
/// False: the example itself reaches until today.
pub fn write(example: &Path, folder: &Path, today: Day) -> Result<bool, String> {
    if today <= LAST {
        return Ok(false);
    }
    fs::create_dir_all(folder).map_err(|fault| fault.to_string())?;
    let by = later(today);
    moved(example, folder, "calendar.csv", 0, by, |_| true)?;
    moved(example, folder, "sales.csv", 0, by, |day| day < today)?;
    moved(example, folder, "field-log.csv", 3, by, |day| day < today)?;
    targets(example, folder, today)?;
    quotas(example, folder, by)?;
    Ok(true)
}

/// A table with one column of dates, moved.
fn moved(example: &Path, folder: &Path, name: &str, column: usize, by: i64, keeps: impl Fn(Day) -> bool) -> Result<(), String> {
    rows(example, folder, name, |cells| {
        let day = Day::parse(cells[column])?.plus(by);
        (day > LAST && keeps(day)).then(|| with(cells, column, &day.to_string()))
    })
}

/// Last month has July's targets, this one August's, the next one September's.
fn targets(example: &Path, folder: &Path, today: Day) -> Result<(), String> {
    let this = month(today);
    let first = Day::parse(&format!("{this}-01")).ok_or("a month has a first day")?;
    let months = [("2026-07", month(first.plus(-1))), ("2026-08", this), ("2026-09", month(first.plus(32)))];
    rows(example, folder, "targets.csv", |cells| {
        let (_, to) = months.iter().find(|(from, _)| *from == cells[0])?;
        (to.as_str() > "2026-09").then(|| with(cells, 0, to))
    })
}

fn month(day: Day) -> String {
    day.to_string().chars().take(7).collect()
}

/// The quotas of the example's week for the week that stands for it.
fn quotas(example: &Path, folder: &Path, by: i64) -> Result<(), String> {
    rows(example, folder, "allocations.csv", |cells| {
        let week: i64 = cells[0].split_once("-W")?.1.parse().ok()?;
        // Week 27 of 2026 begins on 29 June.
        let monday = Day(20_633).plus((week - 27) * 7 + by - by.rem_euclid(7));
        let week = iso_week(monday);
        (week.as_str() > "2026-W40").then(|| with(cells, 0, &week))
    })
}

/// The ISO week of a Monday: that of its Thursday's year.
fn iso_week(monday: Day) -> String {
    let thursday = monday.plus(3);
    let year: String = thursday.to_string().chars().take(4).collect();
    let first = Day::parse(&format!("{year}-01-01")).unwrap_or(thursday);
    format!("{year}-W{:02}", (thursday.0 - first.0) / 7 + 1)
}

fn with(cells: &[&str], column: usize, text: &str) -> String {
    let mut out: Vec<&str> = cells.to_vec();
    out[column] = text;
    out.join(",")
}

/// Copies a table's header and what `keep` makes of its rows. No cell before the last column of interest holds a comma.
fn rows(example: &Path, folder: &Path, name: &str, mut keep: impl FnMut(&[&str]) -> Option<String>) -> Result<(), String> {
    let text = fs::read_to_string(example.join(name)).map_err(|fault| format!("{name}: {fault}"))?;
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned() + "\n";
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        if let Some(row) = keep(&cells) {
            out += &row;
            out.push('\n');
        }
    }
    fs::write(folder.join(name), out).map_err(|fault| format!("{name}: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, day) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-08-24", MONDAY.0), ("2026-09-30", LAST.0), ("2026-06-29", 20_633)]
        {
            assert_eq!(Day::parse(text), Some(Day(day)), "{text}");
            assert_eq!(Day(day).to_string(), text);
        }
        assert_eq!(iso_week(Day(20_633)), "2026-W27");
        assert_eq!(iso_week(Day::parse("2026-12-28").expect("a date")), "2026-W53");
    }

    #[test]
    fn a_workday_stays_its_weekday_and_a_weekend_is_friday() {
        let shows = |text: &str| {
            let today = Day::parse(text).expect("a date");
            today.plus(-later(today)).to_string()
        };
        assert_eq!(shows("2026-11-24"), "2026-08-25", "a Tuesday");
        assert_eq!(shows("2026-11-28"), "2026-08-28", "a Saturday");
    }
}
