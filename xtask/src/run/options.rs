//! What `cargo xtask run` is asked for: a port, and how many days of the example month's field work.

use crate::steps::Failure;

/// The month of the example that is replayed, and its first Monday.
pub const MONTH: &str = "2026-08";
const FIRST_MONDAY: u8 = 3;
/// To the end of that month.
const DAYS_MAX: u8 = 29;

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    pub port: u16,
    days: u8,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self { port: 8080, days: 7 };
        let mut words = arguments.iter();
        while let Some(name) = words.next() {
            let value = words.next().map(String::as_str);
            match name.as_str() {
                "--port" => options.port = number(name, value)?,
                "--days" => options.days = number(name, value)?,
                _ => return Err(Failure::Usage(format!("`cargo xtask run` takes no `{name}`"))),
            }
        }
        if !(1..=DAYS_MAX).contains(&options.days) {
            return Err(Failure::Usage(format!("--days is 1 to {DAYS_MAX}: the example's field work of {MONTH}")));
        }
        Ok(options)
    }

    pub fn from(&self) -> String {
        date(FIRST_MONDAY)
    }

    pub fn to(&self) -> String {
        date(self.last())
    }

    /// The last of the days on which managers were out.
    pub fn last_workday(&self) -> String {
        let after_friday = ((self.last() - FIRST_MONDAY) % 7).saturating_sub(4);
        date(self.last() - after_friday)
    }

    fn last(&self) -> u8 {
        FIRST_MONDAY + self.days - 1
    }
}

fn date(day: u8) -> String {
    format!("{MONTH}-{day:02}")
}

fn number<N: std::str::FromStr>(name: &str, value: Option<&str>) -> Result<N, Failure> {
    let value = value.ok_or_else(|| Failure::Usage(format!("{name} wants a number")))?;
    value.parse().map_err(|_not_a_number| Failure::Usage(format!("{name} {value}: that is no number it can take")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Failure> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_week_from_monday_unless_told_otherwise() {
        let options = parse("").expect("nothing is asked for");
        assert_eq!((options.port, options.from(), options.to()), (8080, "2026-08-03".to_owned(), "2026-08-09".to_owned()));
        assert_eq!(parse("--days 2 --port 9000"), Ok(Options { port: 9000, days: 2 }));
    }

    #[test]
    fn progress_is_shown_for_a_day_with_visits() {
        for (days, expected) in [(1, "03"), (5, "07"), (6, "07"), (7, "07"), (8, "10"), (14, "14"), (29, "31")] {
            assert_eq!(Options { port: 8080, days }.last_workday(), format!("2026-08-{expected}"), "{days} days");
        }
    }

    #[test]
    fn what_it_cannot_do_is_wrong_usage() {
        for line in ["--days 0", "--days 30", "--days", "--port x", "--port 70000", "--fast"] {
            assert!(matches!(parse(line), Err(Failure::Usage(_))), "{line}");
        }
    }
}
