//! The note that a route's owner leaves for whoever stands in. It is kept in a day sheet's diary behind a line of its own,
//! after the day's own words and before the week's summary, and travels as field work does. The latest one holds; one that
//! says nothing takes back the one before.

/// The line that the note stands behind.
const MARK: &str = "【给代班的人】";

/// The note in a diary; none: nobody has left or taken back one on that day.
pub fn find(diary: &str) -> Option<&str> {
    parts(diary).1.map(str::trim)
}

/// The diary without the note.
pub fn without(diary: &str) -> String {
    let (before, _, after) = parts(diary);
    joined(&[before, after])
}

/// The diary with the note in it, in the place of an earlier one.
pub fn with(diary: &str, note: &str) -> String {
    let (before, _, after) = parts(diary);
    joined(&[before, &format!("{MARK}\n{}", note.trim()), after])
}

/// What stands before the note, the note, and what stands behind it: another line in such brackets, and all that follows.
fn parts(diary: &str) -> (&str, Option<&str>, &str) {
    let mut from = 0;
    let mut note = None;
    for line in diary.split_inclusive('\n') {
        let bare = line.trim_end();
        match note {
            None if bare == MARK => note = Some((from, from + line.len())),
            // Without a note its place is here.
            _ if bare != MARK && bare.starts_with('【') && bare.ends_with('】') => {
                let (before, after) = diary.split_at(from);
                return match note {
                    Some((mark, begun)) => (before.split_at(mark).0, Some(before.split_at(begun).1), after),
                    None => (before, None, after),
                };
            }
            _ => {}
        }
        from += line.len();
    }
    match note {
        Some((mark, begun)) => (diary.split_at(mark).0, Some(diary.split_at(begun).1), ""),
        None => (diary, None, ""),
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_its_place_between_the_days_words_and_the_weeks_summary() {
        let summary = "【2026-W33 m01】\nnine visits";
        for (diary, with_note) in [
            (String::new(), "【给代班的人】\nkey under the mat".to_string()),
            ("rain".into(), "rain\n\n【给代班的人】\nkey under the mat".into()),
            (summary.into(), format!("【给代班的人】\nkey under the mat\n\n{summary}")),
            (format!("rain\n\n{summary}"), format!("rain\n\n【给代班的人】\nkey under the mat\n\n{summary}")),
        ] {
            assert_eq!(find(&diary), None);
            let noted = with(&diary, " key under the mat\n");
            assert_eq!(noted, with_note);
            assert_eq!(find(&noted), Some("key under the mat"));
            assert_eq!(without(&noted), diary);
            assert_eq!(find(&with(&noted, "the back door")), Some("the back door"));
            assert_eq!(find(&with(&noted, "")), Some(""), "taken back");
        }
    }
}
