//! What the screens read of the documents.

use jiff::civil::Date;
use serde::Serialize;
use shared::facts::{Conflict, SheetFacts, Visit};
use shared::ids::{RetailerId, RouteId, VisitId};

use super::Device;
use crate::Error;

/// A visit with fields that two devices set apart. It is settled by setting the field again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SheetConflicts {
    pub route: RouteId,
    pub date: Date,
    pub visit: VisitId,
    pub retailer: RetailerId,
    pub conflicts: Vec<Conflict>,
}

impl Device {
    /// A day sheet's facts; none if nothing of it is here.
    pub fn sheet_facts(&self, route: &RouteId, date: Date) -> Result<Option<SheetFacts>, Error> {
        Ok(self.store.db().sheet(route, date)?)
    }

    /// All visits that are known here of the dates from `first` to `last`, whoever made them.
    pub fn visits(&self, first: Date, last: Date) -> Result<Vec<Visit>, Error> {
        let sheets = self.store.db().sheets(first, last)?;
        Ok(sheets.into_iter().flat_map(|sheet| sheet.visits).collect())
    }

    /// A visit, if it is known here and not removed.
    pub fn visit(&self, visit: VisitId) -> Result<Option<Visit>, Error> {
        Ok(self.store.db().visit(&visit)?)
    }

    /// What two devices set apart, on the sheets of the dates from `first` to `last`.
    pub fn conflicts(&self, first: Date, last: Date) -> Result<Vec<SheetConflicts>, Error> {
        let apart = self.visits(first, last)?.into_iter().filter(|visit| !visit.conflicts.is_empty());
        let conflicts = apart.map(|visit| SheetConflicts {
            route: visit.route,
            date: visit.date,
            visit: visit.visit,
            retailer: visit.retailer,
            conflicts: visit.conflicts,
        });
        Ok(conflicts.collect())
    }
}
