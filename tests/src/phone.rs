//! A phone in a test: the real core over a real store file, syncing over HTTP, on a clock that the test sets.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use client_core::device::{CheckIn, Enrolment, Step};
use client_core::transport::{Http, Response, Transport, TransportFault};
use client_core::{Device, Surroundings, System};
use shared::facts::Position;
use shared::ids::{RouteId, VisitId};
use shared::time::parse_date;
use tempfile::TempDir;

use crate::clock::{TestClock, local};
use crate::office::HeadOffice;

/// The test's clock, the machine's randomness, and a place to die.
#[derive(Clone)]
pub struct Around {
    pub clock: TestClock,
    /// How often each point is still to be passed before the phone dies there.
    pub dies_at: Arc<Mutex<Option<(String, usize)>>>,
}

impl Around {
    pub fn at(clock: &TestClock) -> Self {
        Self { clock: clock.clone(), dies_at: Arc::default() }
    }
}

impl Surroundings for Around {
    fn now_ms(&self) -> i64 {
        self.clock.now()
    }
    fn random(&self, bytes: &mut [u8]) {
        System.random(bytes);
    }
    fn reached(&self, point: &'static str) {
        let mut dies_at = self.dies_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((fatal, left)) = dies_at.as_mut()
            && fatal == point
        {
            if *left == 0 {
                *dies_at = None;
                drop(dies_at);
                panic!("the phone dies at: {point}");
            }
            *left -= 1;
        }
    }
}

pub struct Phone {
    device: Option<Device>,
    pub around: Around,
    folder: TempDir,
}

impl Deref for Phone {
    type Target = Device;
    fn deref(&self) -> &Device {
        self.device.as_ref().expect("the phone is on")
    }
}

impl DerefMut for Phone {
    fn deref_mut(&mut self) -> &mut Device {
        self.device.as_mut().expect("the phone is on")
    }
}

impl Phone {
    /// A phone just out of its box.
    pub fn new(clock: &TestClock) -> Self {
        let around = Around::at(clock);
        let mut phone = Self { device: None, around, folder: tempfile::tempdir().expect("a folder") };
        phone.restart();
        phone
    }

    /// A phone of a manager, enrolled and synced.
    pub fn of(office: &HeadOffice, person: &str) -> Self {
        let mut phone = Self::new(&office.clock);
        let code = office.code(person);
        let enrolment = Enrolment { server: &office.url(), code: &code, name: &format!("{person}'s phone") };
        phone.enrol(&Http::new(&office.url()), &enrolment).expect("the code is right");
        phone.sync_with(office);
        phone
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("device.db")
    }

    /// Off and on again: everything that was only in memory is gone.
    pub fn restart(&mut self) {
        self.device = None;
        self.device = Some(Device::open(&self.store(), self.around.clone()).expect("the store opens"));
    }

    pub fn sync_with(&mut self, office: &HeadOffice) -> client_core::sync::Synced {
        let transport = Http::new(&office.url());
        self.sync(&transport).expect("head office answers")
    }

    /// Checks in at a shop on a route's sheet, at a local time of the date, at the shop's own position.
    pub fn enters(&mut self, retailer: &str, route: &str, date: &str, time: &str) -> VisitId {
        let position = self.shop_position(retailer, date);
        let check_in = CheckIn {
            route: Some(route_id(route)),
            date: Some(parse_date(date).expect("YYYY-MM-DD")),
            at_ms: Some(local(date, time)),
            position,
            accuracy_m: Some(20),
            ..CheckIn::at(retailer.parse().expect("a retailer id"))
        };
        self.check_in(check_in).expect("a check-in is always possible").0
    }

    fn shop_position(&mut self, retailer: &str, date: &str) -> Option<Position> {
        let reference = self.reference().expect("reference data");
        reference.retailer_on(retailer, parse_date(date).expect("YYYY-MM-DD")).and_then(|shop| shop.position)
    }

    pub fn counts_stock(&mut self, visit: VisitId, lines: &[(&str, i64)]) {
        let stock = lines.iter().map(|(sku, packs)| (sku.parse().expect("a SKU"), Some(*packs))).collect::<BTreeMap<_, _>>();
        self.count_stock(visit, stock, Step::default()).expect("the visit is known");
    }

    pub fn orders(&mut self, visit: VisitId, lines: &[(&str, i64)]) {
        let order = lines.iter().map(|(sku, cartons)| (sku.parse().expect("a SKU"), Some(*cartons))).collect::<BTreeMap<_, _>>();
        self.plan_order(visit, order, Step::default()).expect("the visit is known");
    }

    pub fn leaves(&mut self, visit: VisitId, date: &str, time: &str) {
        let step = Step { at_ms: Some(local(date, time)), ..Step::default() };
        self.check_out(visit, step).expect("the visit is known");
    }

    /// A whole effective visit of ten minutes.
    pub fn visits_shop(&mut self, retailer: &str, route: &str, date: &str, time: &str, stock: &[(&str, i64)]) -> VisitId {
        let visit = self.enters(retailer, route, date, time);
        self.counts_stock(visit, stock);
        let step = Step { at_ms: Some(local(date, time) + 600_000), ..Step::default() };
        self.check_out(visit, step).expect("the visit is known");
        visit
    }

    /// The phone dies when it comes by `point` for the `passes + 1`st time.
    pub fn dies_at(&self, point: &str, passes: usize) {
        *self.around.dies_at.lock().expect("nobody panics with it") = Some((point.into(), passes));
    }
}

pub fn route_id(route: &str) -> RouteId {
    route.parse().expect("a route id")
}

/// A network that loses answers: the request arrives, and the phone never hears of it.
pub struct LosesAnswers<'a>(pub &'a dyn Transport);

impl Transport for LosesAnswers<'_> {
    fn post(&self, path: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Result<Response, TransportFault> {
        self.0.post(path, bearer, content_type, body)?;
        Err(TransportFault("the answer was lost".into()))
    }
}
