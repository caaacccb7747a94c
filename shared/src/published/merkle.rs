//! A Merkle tree over SHA-256, as RFC 6962 builds it: leaves and nodes are hashed apart, so that none passes for the other.

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// The hash of a leaf's content.
pub fn leaf(content: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// The root over leaves' hashes; of none: the hash of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// What it takes beside a leaf to come to the root, from the leaf up. `at` is a leaf's place.
pub fn path(leaves: &[Hash], at: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut below, beside) = if at < left.len() { (path(left, at), root(right)) } else { (path(right, at - left.len()), root(left)) };
    below.push(beside);
    below
}

/// The root that a leaf at a place of so many comes to by its path; none: the path has another length.
pub fn climb(leaf: Hash, at: usize, count: usize, path: &[Hash]) -> Option<Hash> {
    if count < 2 {
        return (path.is_empty() && at < count).then_some(leaf);
    }
    let (beside, below) = path.split_last()?;
    let left = split(count);
    if at < left {
        Some(node(&climb(leaf, at, left, below)?, beside))
    } else {
        Some(node(beside, &climb(leaf, at - left, count - left, below)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_climbs_to_the_root_and_no_other_does() {
        for count in 1..40 {
            let leaves: Vec<Hash> = (0..count).map(|n: usize| leaf(&n.to_le_bytes())).collect();
            let top = root(&leaves);
            for at in 0..count {
                let path = path(&leaves, at);
                assert_eq!(climb(leaves[at], at, count, &path), Some(top));
                assert_ne!(climb(leaf(b"another"), at, count, &path), Some(top));
                assert!(count == 1 || climb(leaves[at], (at + 1) % count, count, &path) != Some(top));
                assert_eq!(climb(leaves[at], at, count, &[&path[..], &[top]].concat()), None);
            }
        }
    }

    #[test]
    fn the_tree_is_that_of_rfc_6962() {
        // Of the RFC's test vectors: the empty tree, and the tree of the one empty leaf.
        let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(root(&[leaf(b"")])), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
