//! Ids that follow from the log, so that a repeated replay is the same visits and the same actions.

use sha2::{Digest, Sha256};
use shared::ids::{ActionId, VisitId};

use crate::fieldlog::LogRow;

/// The visit of a row: UUIDv7 by form, its time that of the check-in, the rest a hash of what identifies the visit.
pub(super) fn visit_id(row: &LogRow, in_ms: i64) -> VisitId {
    let (date, check_in) = (row.date.to_string(), row.check_in.to_string());
    let parts = [row.person.as_str(), &row.device, &date, row.retailer.as_str(), &check_in];
    VisitId(uuid(in_ms, &parts.map(str::as_bytes)))
}

/// A further action of a visit.
pub(super) fn action_id(visit: VisitId, name: &str, at_ms: i64) -> ActionId {
    ActionId(uuid(at_ms, &[visit.as_bytes(), name.as_bytes()]))
}

fn uuid(at_ms: i64, parts: &[&[u8]]) -> [u8; 16] {
    let mut sha = Sha256::new();
    for part in parts {
        // With its length, so that no two lists of parts run together to the same bytes.
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let digest = sha.finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &random).into_uuid().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_of_version_7_with_its_time() {
        let id = uuid::Uuid::from_bytes(uuid(1_782_864_317_000, &[b"a", b"b"]));
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(u64::from_be_bytes(id.as_bytes()[..8].try_into().unwrap()) >> 16, 1_782_864_317_000);
        assert_ne!(uuid(1, &[b"ab", b"c"]), uuid(1, &[b"a", b"bc"]));
    }
}
