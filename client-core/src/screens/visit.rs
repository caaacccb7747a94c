//! A visit: where it stands, and what is still to be done. The order of its steps is free.

use serde::Serialize;
use shared::facts::flags::distance_mm;
use shared::ids::VisitId;
use shared::scheme::scheme_of;
use shared::time::Month;

use super::brief::{Brief, Past};
use super::shop::ShopHeader;
use crate::Error;
use crate::device::{Begun, Device, VisitView};
use crate::store::{Draft, State};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitScreen {
    #[serde(flatten)]
    pub view: VisitView,
    pub shop: ShopHeader,
    pub brief: Brief,
    /// How long a visit must last to count, in seconds; 0: any length, or no scheme is known.
    pub min_dwell_s: u32,
    /// From the shop to where the check-in was, in metres.
    pub distance_m: Option<i64>,
    /// The state of its work that is furthest from head office; none: all of it is there.
    pub state: Option<State>,
    /// What is being typed.
    pub drafts: Vec<Draft>,
}

impl Device {
    /// A visit as its screen shows it.
    pub fn visit_screen(&mut self, visit: VisitId) -> Result<VisitScreen, Error> {
        let facts = self.visit(visit)?.ok_or(Error::UnknownVisit(visit))?;
        let reference = self.reference()?;
        let today = self.today(facts.date)?;
        let views = today.routes.into_iter().flat_map(|route| route.stops).flat_map(|stop| stop.visits);
        let view = views.into_iter().find(|view| view.visit.visit == visit).ok_or(Error::UnknownVisit(visit))?;
        let past = Past::of(self.store.db(), &facts.route, facts.date)?;
        let brief = past.brief(&reference, &self.shop_file(&facts.retailer)?, &facts.retailer);
        let shop = ShopHeader::of(&reference, &facts.retailer, facts.date);
        let distance_m = facts.position.zip(shop.position).map(|(here, there)| distance_mm(here, there) / 1000);
        let min_dwell_s = scheme_of(&reference, Month::of(facts.date)).ok().flatten().map_or(0, |scheme| scheme.visits.min_dwell_s);
        let document = shared::ids::DocumentId::Day { route: facts.route.clone(), date: facts.date };
        let open = self.store.db().unsettled_intents_of(&document)?;
        let state = open.into_iter().filter(|intent| intent.action.visit() == Some(visit)).map(|intent| intent.state).min();
        let steps = [Begun::Stock(visit), Begun::Order(visit), Begun::Note(visit)].map(|begun| begun.step());
        let drafts = self.drafts()?.into_iter().filter(|draft| steps.contains(&draft.step)).collect();
        Ok(VisitScreen { view, shop, brief, min_dwell_s, distance_m, state, drafts })
    }
}
