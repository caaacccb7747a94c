//! Where an edited summary is kept: at the end of a day sheet's diary, behind a line of its own that names the week and the
//! person, so that the day's own words stay and the summary travels as field work does.

use crate::ids::PersonId;
use crate::time::Week;

/// The line that a summary stands behind.
fn mark(week: Week, person: &PersonId) -> String {
    format!("【{week} {person}】")
}

/// The summary of a week in a diary; none: there is none.
pub fn find<'d>(diary: &'d str, week: Week, person: &PersonId) -> Option<&'d str> {
    split(diary, week, person).1
}

/// The day's own words, without the week's summary.
pub fn own_words<'d>(diary: &'d str, week: Week, person: &PersonId) -> &'d str {
    split(diary, week, person).0.trim_end()
}

/// The diary with the week's summary in it, in the place of an earlier one. An empty summary takes it out.
pub fn with(diary: &str, week: Week, person: &PersonId, summary: &str) -> String {
    let (day, _) = split(diary, week, person);
    let (day, summary) = (day.trim_end(), summary.trim());
    match (day.is_empty(), summary.is_empty()) {
        (_, true) => day.to_string(),
        (true, false) => format!("{}\n{summary}", mark(week, person)),
        (false, false) => format!("{day}\n\n{}\n{summary}", mark(week, person)),
    }
}

/// The day's own words, and the summary behind them.
fn split<'d>(diary: &'d str, week: Week, person: &PersonId) -> (&'d str, Option<&'d str>) {
    let mark = mark(week, person);
    let mut from = 0;
    for line in diary.split_inclusive('\n') {
        if line.trim_end() == mark {
            let (day, rest) = diary.split_at(from);
            return (day, Some(rest.split_at(line.len()).1.trim()));
        }
        from += line.len();
    }
    (diary, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_goes_behind_the_days_words_and_takes_the_place_of_an_earlier_one() {
        let week: Week = "2026-W33".parse().unwrap();
        let (m01, m02): (PersonId, PersonId) = ("m01".parse().unwrap(), "m02".parse().unwrap());
        let first = with("rain\n", week, &m01, "nine visits\nmore on Monday\n");
        assert_eq!(first, "rain\n\n【2026-W33 m01】\nnine visits\nmore on Monday");
        assert_eq!(find(&first, week, &m01), Some("nine visits\nmore on Monday"));
        let second = with(&first, week, &m01, "ten visits");
        assert_eq!(second, "rain\n\n【2026-W33 m01】\nten visits");
        assert_eq!(with(&second, week, &m01, " "), "rain");
        assert_eq!(with("", week, &m01, "ten visits"), "【2026-W33 m01】\nten visits");
        assert_eq!(find("rain 【2026-W33 m01】 or so", week, &m01), None);
        assert_eq!(find(&second, week, &m02), None);
        assert_eq!(find(&second, "2026-W34".parse().unwrap(), &m01), None);
    }
}
