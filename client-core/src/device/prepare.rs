//! Making ready for the next tap, while nobody waits.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::doc::{Action, Document};
use shared::ids::{ActionId, DeviceId, DocumentId, Sku, VisitId};

use super::Device;
use super::act::record;
use crate::Error;
use crate::store::{Intent, State};

/// A day that no sheet is of.
const NO_DAY: Date = Date::constant(1, 1, 1);

impl Device {
    /// Reads what the day's next action needs, and rehearses a visit that nobody keeps: a phone is slow at what it does for
    /// the first time, and who checks in stands at a counter.
    pub fn prepare(&mut self) -> Result<(), Error> {
        let date = self.date()?;
        for route in self.today(date)?.routes {
            let sheet = self.take_document(&DocumentId::Day { route: route.route, date })?;
            // What a first sync brought of today: else the first tap would fold it.
            self.store.write(|db| db.fold(&sheet))?;
            self.keep_document(sheet);
        }
        if !self.rehearsed {
            self.rehearse()?;
        }
        self.rehearsed = true;
        Ok(())
    }

    fn rehearse(&mut self) -> Result<(), Error> {
        let (reference, actor, at_ms) = (self.reference()?, self.identity()?.actor, self.surroundings.now_ms());
        let (Some(route), Some(retailer)) = (reference.routes.keys().next(), reference.retailers.keys().next()) else { return Ok(()) };
        let (visit, person, device) = (VisitId(self.fresh_id()), self.person()?, DeviceId::from_part([0; 16]));
        let (lat_e6, lon_e6, accuracy_m) = (None, None, None);
        let lines: BTreeMap<Sku, Option<i64>> = reference.skus.keys().take(1).map(|sku| (sku.clone(), Some(1))).collect();
        let actions = [
            Action::CheckIn { visit, retailer: retailer.clone(), person, device, in_ms: at_ms, lat_e6, lon_e6, accuracy_m, mock: false },
            Action::CountStock { visit, stock: lines.clone() },
            Action::PlanOrder { visit, order: lines },
            Action::CheckOut { visit, out_ms: at_ms },
        ];
        let document = DocumentId::Day { route: route.clone(), date: NO_DAY };
        let mut scrap = Document::new(document.clone());
        for action in actions {
            let id = ActionId(self.fresh_id());
            let authored = scrap.act(actor, id, at_ms, &action)?;
            let mut intent = Intent { id, document: document.clone(), action, at_ms, hash: None, state: State::Pending, reason: None };
            self.store.undone(|db| record(db, &scrap, authored.as_ref(), &mut intent))?;
        }
        Ok(())
    }
}
