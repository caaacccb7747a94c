//! Whatever is in a file: an answer, never a panic; and what is taken in once changes nothing when it comes again.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::import::{FILES, sales_needed};

/// Bytes of a file, or of what might stand in it.
fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[a-z0-9,\"\r\n.\\-é]{0,60}".prop_map(String::into_bytes),
        "(9{1,30}|-0|2026-07-0[0-9]|t1|r1|m1|a|volume|\"|,|\n|\r\n|){1,20}".prop_map(String::into_bytes),
    ]
}

fn settled(folder: &Folder, replace: &BTreeSet<String>) {
    let stored = import(&Reference::default(), &district()).next;
    for current in [&Reference::default(), &stored] {
        sales_needed(current, folder, replace);
        match plan(current, &Recorded::new(), folder, replace, &mut |_, _, _| {}) {
            Err(report) => assert!(report.faults_found > 0 && !report.to_text().is_empty()),
            Ok(planned) => {
                let again = plan(&planned.next, &Recorded::new(), folder, replace, &mut |_, _, _| {}).unwrap();
                assert_eq!(again.next, planned.next);
                assert!(again.report.files.iter().all(|f| f.added + f.changed + f.removed == 0));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_in_any_file(file in prop::sample::select(&FILES[..]), bytes in content(), whole: bool) {
        let replace = whole.then(|| file.to_string()).into_iter().collect();
        settled(&with(district(), file, &bytes), &replace);
        settled(&with(Folder::default(), file, bytes), &BTreeSet::new());
    }

    #[test]
    fn any_damage_to_a_sound_file(
        file in prop::sample::select(&FILES[..]),
        (from, to) in any::<(Index, Index)>(),
        bytes in content(),
        header: bool,
    ) {
        let mut text = district().files[file].clone();
        let first = if header { 0 } else { text.iter().position(|b| *b == b'\n').unwrap_or(0) };
        let (from, to) = (from.index(text.len() + 1).max(first), to.index(text.len() + 1).max(first));
        text.splice(from.min(to)..from.max(to), bytes);
        settled(&with(district(), file, text), &BTreeSet::new());
    }
}
