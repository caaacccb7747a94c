//! The lines of a stock check or an order: SKU → quantity, ascending, in one piece of memory, since scores read hundreds of
//! thousands of them.

use serde::{Serialize, Serializer};

use crate::ids::Sku;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<(Sku, i64)>);

impl Lines {
    /// Of lines that ascend, none twice.
    pub(crate) fn of_ascending(lines: Vec<(Sku, i64)>) -> Self {
        debug_assert!(lines.is_sorted_by(|(a, _), (b, _)| a < b), "whoever calls has looked at the order");
        Self(lines)
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn get(&self, sku: &str) -> Option<i64> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(sku)).ok()?;
        Some(self.0[at].1)
    }
    pub fn keys(&self) -> impl Iterator<Item = &Sku> {
        self.0.iter().map(|(sku, _)| sku)
    }
    pub fn values(&self) -> impl Iterator<Item = i64> {
        self.0.iter().map(|(_, quantity)| *quantity)
    }
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Sku, i64)> {
        self.0.iter().map(|(sku, quantity)| (sku, *quantity))
    }
}

/// In any order; of a SKU that comes twice the last one stands.
impl FromIterator<(Sku, i64)> for Lines {
    fn from_iter<I: IntoIterator<Item = (Sku, i64)>>(lines: I) -> Self {
        let sorted: std::collections::BTreeMap<Sku, i64> = lines.into_iter().collect();
        Self(sorted.into_iter().collect())
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}
