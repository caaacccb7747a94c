//! A receipt, with what its facts name as people call it.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::ids::{IndicatorId, PersonId, RetailerId, RouteId, Sku};
use shared::reference::Reference;
use shared::score::{Fact, Receipt};
use shared::time::Month;

use super::{person_name, route_name, shop_name};
use crate::Error;
use crate::device::Device;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReceiptScreen {
    #[serde(flatten)]
    pub receipt: Receipt,
    pub names: Names,
}

/// Of what the facts name, as far as this phone has heard of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Names {
    pub shops: BTreeMap<RetailerId, String>,
    pub skus: BTreeMap<Sku, String>,
    pub routes: BTreeMap<RouteId, String>,
    pub people: BTreeMap<PersonId, String>,
}

impl Device {
    pub fn receipt_screen(&mut self, month: Month, indicator: &IndicatorId) -> Result<ReceiptScreen, Error> {
        let receipt = self.explain(month, None, indicator)?;
        let reference = self.reference()?;
        let mut names = Names::default();
        for fact in &receipt.facts {
            names.take(&reference, &receipt, fact);
        }
        Ok(ReceiptScreen { receipt, names })
    }
}

impl Names {
    fn take(&mut self, reference: &Reference, receipt: &Receipt, fact: &Fact) {
        let mut shop = |retailer: &RetailerId| {
            self.shops.entry(retailer.clone()).or_insert_with(|| shop_name(reference, retailer, receipt.as_of));
        };
        let mut sku = |sku: &Sku| {
            self.skus.entry(sku.clone()).or_insert_with(|| super::named(reference, sku).name);
        };
        match fact {
            Fact::Target { item: Some(item), .. } => sku(item),
            Fact::Transfer { item, with, .. } => {
                item.iter().for_each(sku);
                self.people.entry(with.clone()).or_insert_with(|| person_name(reference, with));
            }
            // An import row's key says what it is about: `sales/2026-07-06/t00001/6901028090063`.
            Fact::Sale { row, .. } => {
                let mut parts = row.split('/').skip(2);
                parts.next().and_then(|id| id.parse().ok()).iter().for_each(shop);
                parts.next().and_then(|id| id.parse().ok()).iter().for_each(sku);
            }
            Fact::Stop { retailer, .. } | Fact::StockCheck { retailer, .. } | Fact::PassedOver { retailer, .. } => shop(retailer),
            Fact::Shop { retailer, route, .. } => {
                shop(retailer);
                self.routes.entry(route.clone()).or_insert_with(|| route_name(reference, route));
            }
            Fact::Held { retailer, sku: held, .. } => {
                shop(retailer);
                sku(held);
            }
            Fact::Event { retailer: Some(retailer), .. } => shop(retailer),
            Fact::Target { item: None, .. } | Fact::Event { retailer: None, .. } | Fact::Ruling { .. } => {}
        }
    }
}
