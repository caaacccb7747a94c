//! An order that is far from the shop's own usual, or from what its peers order now. It is pointed out, never changed: ten
//! cases where peers take thirty before Spring Festival may be a slip, or may be what the shop wants.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::facts::Visit;
use crate::ids::RetailerId;
use crate::reference::Reference;
use crate::time::days_before;

/// Orders to compare with, at least.
const ORDERS_LEAST: usize = 4;
/// Days in which peers' orders are of now.
const PEER_DAYS: i32 = 14;
/// Cartons by which an order differs from the usual, at least, to be worth a word.
const APART_LEAST: i64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparedWith {
    /// The shop's earlier orders.
    Own,
    /// Shops of its grade, lately.
    Peers,
}

/// An order beside what is usual, in cartons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Unusual {
    pub compared_with: ComparedWith,
    pub cartons: i64,
    /// The middle one of the orders that it is compared with.
    pub usual: i64,
    /// Half of them are from the lower to the upper.
    pub lower: i64,
    pub upper: i64,
    pub orders: usize,
}

impl Unusual {
    pub fn english(&self) -> String {
        let whose = match self.compared_with {
            ComparedWith::Own => format!("this shop's last {} orders", self.orders),
            ComparedWith::Peers => format!("{} orders of its peers lately", self.orders),
        };
        format!("{} cartons; {whose} were about {} (half of them {} to {})", self.cartons, self.usual, self.lower, self.upper)
    }

    pub fn chinese(&self) -> String {
        let whose = match self.compared_with {
            ComparedWith::Own => format!("本店近{}次订货", self.orders),
            ComparedWith::Peers => format!("同档商户近期{}次订货", self.orders),
        };
        format!("本次{}条；{whose}约{}条（半数在{}至{}条）", self.cartons, self.usual, self.lower, self.upper)
    }
}

/// What is odd about an order of so many cartons, beside what it is compared with.
pub fn unusual(cartons: i64, with: ComparedWith, mut orders: Vec<i64>) -> Option<Unusual> {
    if orders.len() < ORDERS_LEAST {
        return None;
    }
    orders.sort_unstable();
    let at = |quarters: usize| orders[(orders.len() - 1) * quarters / 4];
    let (lower, usual, upper) = (at(1), at(2), at(3));
    let far = cartons.saturating_mul(2) < usual || cartons > usual.saturating_mul(2);
    let beyond = (cartons < lower || upper < cartons) && (cartons - usual).abs() >= APART_LEAST;
    (far && beyond).then_some(Unusual { compared_with: with, cartons, usual, lower, upper, orders: orders.len() })
}

/// Cartons of orders, by shop and day.
type Orders = BTreeMap<RetailerId, BTreeMap<Date, i64>>;

/// What the shops at hand usually order, to compare many orders with.
pub struct Usual {
    delivered: Orders,
    /// What was delivered, and what was drafted where nothing was: a draft is what a peer orders now, before it comes.
    lately: Orders,
}

impl Usual {
    /// From a reference with the sales, and visits.
    pub fn of(reference: &Reference, visits: &[Visit]) -> Self {
        let delivered = delivered(reference);
        let mut lately = delivered.clone();
        for visit in visits.iter().filter(|visit| !visit.order.is_empty()) {
            lately.entry(visit.retailer.clone()).or_default().entry(visit.date).or_insert_with(|| visit.order.values().sum());
        }
        Self { delivered, lately }
    }

    /// What is odd about a shop's order of so many cartons on a day: its earlier deliveries are its own usual, what shops of its
    /// grade drafted or had delivered in the two weeks before is that of its peers.
    pub fn warnings(&self, reference: &Reference, retailer: &RetailerId, date: Date, cartons: i64) -> Vec<Unusual> {
        let grade = |shop: &RetailerId| reference.retailer_on(shop.as_str(), date).map(|row| row.grade);
        let own = self.delivered.get(retailer).into_iter().flat_map(|orders| orders.range(..date)).map(|(_, cartons)| *cartons);
        let from = days_before(date, PEER_DAYS);
        let peers = self.lately.iter().filter(|(shop, _)| *shop != retailer && grade(shop) == grade(retailer));
        let lately = peers.filter_map(|(_, orders)| orders.range(from..date).next_back().map(|(_, cartons)| *cartons));
        let all = [(ComparedWith::Own, own.collect()), (ComparedWith::Peers, lately.collect())];
        all.into_iter().filter_map(|(with, orders)| unusual(cartons, with, orders)).collect()
    }
}

/// Cartons that each shop was invoiced on each day, in whole cartons.
fn delivered(reference: &Reference) -> Orders {
    let mut packs = Orders::new();
    for ((date, _), block) in &reference.sales {
        for row in block.rows.iter().filter(|row| row.packs > 0) {
            let per_carton =
                reference.skus.get(&block.skus[usize::from(row.sku)]).map_or(1, |info| i64::from(info.packs_per_carton.max(1)));
            let shop = block.retailers[usize::from(row.retailer)].clone();
            *packs.entry(shop).or_default().entry(*date).or_default() += (row.packs + per_carton - 1) / per_carton;
        }
    }
    packs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_where_peers_take_thirty_is_pointed_out_with_the_numbers() {
        let peers = vec![28, 30, 31, 33, 30, 27, 35];
        let found = unusual(10, ComparedWith::Peers, peers.clone()).unwrap();
        assert_eq!((found.cartons, found.usual, found.lower, found.upper, found.orders), (10, 30, 28, 31, 7));
        assert!(found.english().contains("about 30"), "{}", found.english());
        assert_eq!(unusual(26, ComparedWith::Peers, peers.clone()), None);
        assert!(unusual(70, ComparedWith::Peers, peers).is_some());
    }

    #[test]
    fn a_few_orders_or_a_few_cartons_say_nothing() {
        assert_eq!(unusual(1, ComparedWith::Own, vec![30, 30, 30]), None);
        assert_eq!(unusual(1, ComparedWith::Own, vec![3, 3, 3, 3, 3]), None);
    }
}
