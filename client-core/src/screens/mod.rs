//! What each screen shows, put together from documents, facts and reference data: one question, one answer, offline. The
//! values serialise as they are shown; words are the screens' own.

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::{PersonId, RetailerId, RouteId, Sku};
use shared::reference::{Reference, Retailer};

mod brief;
mod day;
mod lines;
mod month;
mod receipt;
mod shop;
mod visit;
mod week;
mod work;

pub use brief::{Appointment, Brief, FollowUpDue, LastVisit, Pending};
pub use day::{Day, DayRoute, DayStop, RouteNote, Start};
pub use lines::{CountSheet, Line, OrderSheet};
pub use month::{IndicatorView, MonthView, Share};
pub use receipt::{Names, ReceiptScreen};
pub use shop::{ShopHeader, ShopListed, ShopScreen, Week};
pub use visit::VisitScreen;
pub use work::{OpenWork, Work, WorkItem};

/// How far back the screens look for what a shop sells, in days.
const SALES_DAYS: i32 = 56;

/// A SKU as people call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    pub sku: Sku,
    pub name: String,
}

fn named(reference: &Reference, sku: &Sku) -> Named {
    Named { name: reference.skus.get(sku).map_or_else(|| sku.to_string(), |info| info.name.clone()), sku: sku.clone() }
}

fn person_name(reference: &Reference, person: &PersonId) -> String {
    reference.people.get(person).map_or_else(|| person.to_string(), |known| known.name.clone())
}

fn route_name(reference: &Reference, route: &RouteId) -> String {
    reference.routes.get(route).cloned().unwrap_or_else(|| route.to_string())
}

fn shop_name(reference: &Reference, retailer: &RetailerId, date: Date) -> String {
    reference.retailer_on(retailer.as_str(), date).map_or_else(|| retailer.to_string(), |shop| shop.name.clone())
}

/// A shop's row that is of use on a date: the one that holds, or else its last.
fn shop_row<'a>(reference: &'a Reference, retailer: &RetailerId, date: Date) -> Option<&'a Retailer> {
    reference.retailer_on(retailer.as_str(), date).or_else(|| reference.retailers.get(retailer)?.last())
}
