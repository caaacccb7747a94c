//! Retailers and SKUs as numbers, in the order of their ids.

use std::collections::HashMap;

use jiff::civil::Date;
use shared::ids::{RetailerId, RouteId, Scope, Sku};
use shared::reference::Reference;

/// Numbers for the ids that stored and new sales may name; those that an import removes are among them.
pub(super) struct Ids<'a> {
    next: &'a Reference,
    retailers: Vec<&'a RetailerId>,
    skus: Vec<&'a Sku>,
    retailer_numbers: HashMap<&'a str, u32>,
    sku_numbers: HashMap<&'a str, u32>,
}

impl<'a> Ids<'a> {
    pub fn new(current: &'a Reference, next: &'a Reference) -> Self {
        let retailers = union(current.retailers.keys(), next.retailers.keys());
        let skus = union(current.skus.keys(), next.skus.keys());
        let retailer_numbers = (0..).zip(&retailers).map(|(n, id)| (id.as_str(), n)).collect();
        let sku_numbers = (0..).zip(&skus).map(|(n, id)| (id.as_str(), n)).collect();
        Self { next, retailers, skus, retailer_numbers, sku_numbers }
    }

    pub fn retailer(&self, number: u32) -> &'a RetailerId {
        self.retailers[number as usize]
    }

    pub fn sku(&self, number: u32) -> &'a Sku {
        self.skus[number as usize]
    }

    pub fn retailer_number(&self, id: &str) -> Option<u32> {
        self.retailer_numbers.get(id).copied()
    }

    pub fn sku_number(&self, id: &str) -> Option<u32> {
        self.sku_numbers.get(id).copied()
    }

    /// For each retailer, whether its sales have a route to be filed with.
    pub fn routed(&self) -> Vec<bool> {
        self.retailers.iter().map(|id| self.route(id.as_str(), Date::MIN).is_some()).collect()
    }

    /// For each SKU, whether there still is one.
    pub fn stocked(&self) -> Vec<bool> {
        self.skus.iter().map(|sku| self.next.skus.contains_key(*sku)).collect()
    }

    /// The route with which the sales of a shop on a date are filed.
    pub fn route(&self, retailer: &str, date: Date) -> Option<RouteId> {
        match self.next.shop_scope(retailer, date) {
            Some(Scope::Route(route)) => Some(route),
            _ => None,
        }
    }
}

fn union<'a, K: Ord>(a: impl Iterator<Item = &'a K>, b: impl Iterator<Item = &'a K>) -> Vec<&'a K> {
    let mut all: Vec<&K> = a.chain(b).collect();
    all.sort_unstable();
    all.dedup();
    all
}
