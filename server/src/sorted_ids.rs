//! Many ids in ascending order, in few bytes each: an id says only in what it differs from the one before it.

/// Ids of which only the first is written out: so many are read at the most to find one of them.
const BLOCK: usize = 16;

#[derive(Default)]
pub struct SortedIds {
    /// For each id: how many bytes it has in common with the one before it (the first of a block: none), how many others
    /// follow, and those.
    bytes: Vec<u8>,
    /// Where each block begins in `bytes`.
    blocks: Vec<u32>,
    length: usize,
    last: Vec<u8>,
}

impl SortedIds {
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn last(&self) -> Option<&[u8]> {
        (!self.is_empty()).then_some(&self.last)
    }

    /// Adds an id behind all others. None: there is no room for it, or it is not behind the others, or longer than an id.
    pub fn push(&mut self, id: &str) -> Option<()> {
        let id = id.as_bytes();
        let behind = self.last().is_none_or(|last| last < id);
        let length = u8::try_from(id.len()).ok().filter(|_| behind)?;
        let same = if self.length.is_multiple_of(BLOCK) {
            self.blocks.push(u32::try_from(self.bytes.len()).ok()?);
            0
        } else {
            self.last.iter().zip(id).take_while(|(a, b)| a == b).count()
        };
        self.bytes.extend([same as u8, length - same as u8]);
        self.bytes.extend(&id[same..]);
        self.last.truncate(same);
        self.last.extend(&id[same..]);
        self.length += 1;
        Some(())
    }

    /// The place of an id.
    pub fn find(&self, id: &str) -> Option<usize> {
        let id = id.as_bytes();
        let block = self.blocks.partition_point(|at| self.entry(*at as usize).1 <= id).checked_sub(1)?;
        let (mut at, mut current) = (self.blocks[block] as usize, Vec::with_capacity(id.len()));
        for place in block * BLOCK..self.length.min((block + 1) * BLOCK) {
            let (same, rest) = self.entry(at);
            current.truncate(same);
            current.extend(rest);
            match current.as_slice().cmp(id) {
                std::cmp::Ordering::Less => at += 2 + rest.len(),
                std::cmp::Ordering::Equal => return Some(place),
                std::cmp::Ordering::Greater => return None,
            }
        }
        None
    }

    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        self.blocks.shrink_to_fit();
    }

    /// What an entry has in common with the one before it, and its other bytes.
    fn entry(&self, at: usize) -> (usize, &[u8]) {
        let (same, others) = (usize::from(self.bytes[at]), usize::from(self.bytes[at + 1]));
        (same, &self.bytes[at + 2..at + 2 + others])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    proptest::proptest! {
        #[test]
        fn each_id_is_found_in_its_place_and_no_other(
            ids in proptest::collection::btree_set("[ab店]{1,6}", 0..200),
            others in proptest::collection::vec("[abc店]{0,7}", 0..50),
        ) {
            let mut sorted = SortedIds::default();
            ids.iter().for_each(|id| sorted.push(id).unwrap());
            let ids: BTreeSet<String> = ids;
            for id in ids.iter().chain(&others) {
                assert_eq!(sorted.find(id), ids.iter().position(|known| known == id), "{id}");
            }
            assert_eq!(sorted.len(), ids.len());
            assert!(ids.first().is_none_or(|first| sorted.push(first).is_none()));
        }
    }
}
