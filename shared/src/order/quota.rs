//! Supply quotas beside what order plans take of them: of each shop in a week, and of all shops of a grade.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{OrderPlan, iso_week};
use crate::ids::{RetailerId, Sku};
use crate::reference::Reference;

/// What the shops of a grade take of a SKU's quota in a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaUse {
    /// ISO.
    pub week: String,
    pub grade: u8,
    pub sku: Sku,
    /// Cartons that one shop may order.
    pub quota: i64,
    /// Shops of the grade with an order plan in the week.
    pub shops: u64,
    /// Cartons that these may order together, and have.
    pub may: i64,
    pub ordered: i64,
    /// Of them, shops that have all of their quota, and more.
    pub full: u64,
    pub over: u64,
}

/// What a week's order plans take, shop by shop.
pub struct Quotas<'a> {
    reference: &'a Reference,
    /// Week, shop and SKU → cartons that stand.
    ordered: BTreeMap<(String, RetailerId, Sku), i64>,
    /// Week and grade → shops that order.
    shops: BTreeMap<(String, u8), BTreeSet<RetailerId>>,
}

impl<'a> Quotas<'a> {
    /// `plans`: all of the weeks in question. A shop's grade is that of the day of its plan.
    pub fn of(reference: &'a Reference, plans: &[OrderPlan]) -> Self {
        let (mut ordered, mut shops) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for plan in plans {
            let week = iso_week(plan.date);
            if let Some(shop) = reference.retailer_on(plan.retailer.as_str(), plan.date) {
                shops.entry((week.clone(), shop.grade)).or_default().insert(plan.retailer.clone());
            }
            for line in &plan.lines {
                *ordered.entry((week.clone(), plan.retailer.clone(), line.sku.clone())).or_default() += line.stands();
            }
        }
        Self { reference, ordered, shops }
    }

    /// Cartons of a SKU that a shop may order in the week of a day; none: its supply is not bounded.
    pub fn quota(&self, retailer: &RetailerId, date: Date, sku: &Sku) -> Option<i64> {
        let grade = self.reference.retailer_on(retailer.as_str(), date)?.grade;
        self.reference.quota(&iso_week(date), grade, sku)
    }

    /// Cartons of a SKU that all plans of a shop in the week of a day take.
    pub fn ordered(&self, retailer: &RetailerId, date: Date, sku: &Sku) -> i64 {
        self.of_shop(&iso_week(date), retailer, sku)
    }

    fn of_shop(&self, week: &str, retailer: &RetailerId, sku: &Sku) -> i64 {
        self.ordered.get(&(week.to_string(), retailer.clone(), sku.clone())).copied().unwrap_or(0)
    }

    /// Every quota of a grade of which a shop orders, by week, grade and SKU.
    pub fn used(&self) -> Vec<QuotaUse> {
        let mut out = Vec::new();
        for ((week, grade), shops) in &self.shops {
            let rows = self.reference.allocations.get(week).map_or(&[][..], Vec::as_slice);
            for row in rows.iter().filter(|row| row.grade == *grade) {
                let quota = i64::from(row.max_cartons);
                let each: Vec<i64> = shops.iter().map(|shop| self.of_shop(week, shop, &row.sku)).collect();
                out.push(QuotaUse {
                    week: week.clone(),
                    grade: *grade,
                    sku: row.sku.clone(),
                    quota,
                    shops: shops.len() as u64,
                    may: quota * shops.len() as i64,
                    ordered: each.iter().sum(),
                    full: each.iter().filter(|cartons| **cartons == quota).count() as u64,
                    over: each.iter().filter(|cartons| **cartons > quota).count() as u64,
                });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::VisitId;
    use crate::order::OrderLine;
    use crate::reference::{Allocation, Area, LineRuling, LineVerdict, Retailer};
    use jiff::civil::date;

    fn plan(n: u8, retailer: &str, day: i8, drafted: i64, ruled: Option<i64>) -> OrderPlan {
        let by = || LineRuling {
            ruling: LineVerdict::Amended,
            drafted,
            cartons: ruled.unwrap_or(0),
            reason: String::new(),
            by: "s01".into(),
            at_ms: 0,
        };
        let line = OrderLine { sku: "1".parse().unwrap(), drafted, ruling: ruled.map(|_| by()), awaits: ruled.is_none() };
        OrderPlan {
            visit: VisitId([n; 16]),
            route: "r1".parse().unwrap(),
            date: date(2026, 8, day),
            retailer: retailer.parse().unwrap(),
            person: "m1".parse().unwrap(),
            lines: vec![line],
        }
    }

    #[test]
    fn what_a_weeks_plans_take_of_a_quota_is_counted_by_shop_and_by_grade() {
        let shop = |grade| Retailer {
            from: None,
            name: "店".into(),
            route: "r1".parse().ok(),
            sequence: 1,
            grade,
            area: Area::Town,
            format: String::new(),
            position: None,
        };
        let sku: Sku = "1".parse().unwrap();
        let reference = Reference {
            retailers: [("t1", 5), ("t2", 5), ("t3", 6)].map(|(id, grade)| (id.parse().unwrap(), vec![shop(grade)])).into(),
            allocations: [("2026-W34".to_string(), vec![Allocation { grade: 5, sku: sku.clone(), max_cartons: 4 }])].into(),
            ..Reference::default()
        };
        // t1 in two visits of one week, of which staff cut the second; t2 takes all it may; t3's grade has no quota; the
        // last is another week.
        let plans = [
            plan(1, "t1", 17, 3, None),
            plan(2, "t1", 20, 5, Some(2)),
            plan(3, "t2", 18, 4, None),
            plan(4, "t3", 18, 9, None),
            plan(5, "t2", 24, 9, None),
        ];
        let quotas = Quotas::of(&reference, &plans);
        let t1: RetailerId = "t1".parse().unwrap();
        assert_eq!(quotas.ordered(&t1, date(2026, 8, 21), &sku), 5, "as ruled, and as drafted where nobody has");
        assert_eq!(quotas.quota(&t1, date(2026, 8, 21), &sku), Some(4));
        assert_eq!(quotas.quota(&"t3".parse().unwrap(), date(2026, 8, 21), &sku), None);
        let expected = QuotaUse { week: "2026-W34".into(), grade: 5, sku, quota: 4, shops: 2, may: 8, ordered: 9, full: 1, over: 1 };
        assert_eq!(quotas.used(), [expected]);
    }
}
