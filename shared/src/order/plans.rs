//! Order plans as they were drafted, with what staff ruled on their lines.

use jiff::civil::Date;
use serde::Serialize;

use crate::facts::Visit;
use crate::ids::{PersonId, RetailerId, RouteId, Sku, VisitId};
use crate::reference::{LineRuling, OrderRuling};

/// The order plan of one visit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderPlan {
    pub visit: VisitId,
    pub route: RouteId,
    pub date: Date,
    pub retailer: RetailerId,
    pub person: PersonId,
    /// By SKU.
    pub lines: Vec<OrderLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderLine {
    pub sku: Sku,
    /// Cartons.
    pub drafted: i64,
    /// What was ruled last, on what had been drafted then.
    pub ruling: Option<LineRuling>,
    /// Nobody has ruled on it as it is drafted now.
    pub awaits: bool,
}

impl OrderLine {
    /// Cartons that stand: as ruled, or as drafted where nobody has ruled on that.
    pub fn stands(&self) -> i64 {
        self.ruling.as_ref().filter(|_| !self.awaits).map_or(self.drafted, |ruling| ruling.cartons)
    }
}

impl OrderPlan {
    /// None: the visit has no order plan.
    pub fn of(visit: &Visit, ruling: Option<&OrderRuling>) -> Option<Self> {
        let line = |(sku, drafted): (&Sku, i64)| {
            let ruling = ruling.and_then(|ruling| ruling.lines.get(sku)).cloned();
            let awaits = ruling.as_ref().is_none_or(|ruling| ruling.drafted != drafted);
            OrderLine { sku: sku.clone(), drafted, ruling, awaits }
        };
        (!visit.order.is_empty()).then(|| Self {
            visit: visit.visit,
            route: visit.route.clone(),
            date: visit.date,
            retailer: visit.retailer.clone(),
            person: visit.person.clone(),
            lines: visit.order.iter().map(line).collect(),
        })
    }

    pub fn awaits(&self) -> bool {
        self.lines.iter().any(|line| line.awaits)
    }
}
