//! A district in the middle of a month, for tests in a browser and for pictures: the sample's field log acted out by real
//! devices up to a moment, and more of it whenever that is asked for. Monday 24 August 2026, 10:31: most are live, one has
//! not been heard of since half past nine, one not since Friday; one visit has two values, one change is held back.

use std::collections::{BTreeMap, BTreeSet};

use client_core::device::{CheckIn, Step};
use client_core::replay::{Codes, Replay, STORE_FILE};
use client_core::transport::{Http, Transport};
use client_core::{Device, fieldlog, replay};
use serde_json::{Value, json};
use shared::facts::Visit;
use shared::ids::{PersonId, RouteId};
use shared::reference::Role;
use tempfile::TempDir;

use crate::clock::{TestClock, day, local, zone};
use crate::office::{HeadOffice, fushan};
use crate::phone::Around;

const TODAY: &str = "2026-08-24";

pub struct Stage {
    pub office: HeadOffice,
    clock: TestClock,
    log: fieldlog::FieldLog,
    devices: BTreeMap<PersonId, Device>,
    /// Lines of the log that have been acted out.
    done: BTreeSet<u64>,
    stores: TempDir,
}

impl Stage {
    /// An empty district: nothing is imported.
    pub fn empty() -> Self {
        let clock = TestClock::at("2026-08-03", "07:00:00");
        let log = fieldlog::parse(&std::fs::read(fushan().join("field-log.csv")).expect("the field log"));
        let stores = tempfile::tempdir().expect("a folder");
        Self { office: HeadOffice::open(&clock), clock, log, devices: BTreeMap::new(), done: BTreeSet::new(), stores }
    }

    /// The sample district with field work from a day to Friday 21 August, all of it at head office; then Monday at 10:31.
    pub fn monday(from: &str) -> Self {
        let clock = TestClock::at("2026-08-21", "17:32:00");
        let office = HeadOffice::with_fushan(&clock);
        let log = fieldlog::parse(&std::fs::read(fushan().join("field-log.csv")).expect("the field log"));
        let stores = tempfile::tempdir().expect("a folder");
        let mut stage = Self { office, clock, log, devices: BTreeMap::new(), done: BTreeSet::new(), stores };
        stage.play(from, "2026-08-21");
        stage.disagree();
        stage.overstep();
        for (person, time) in [("m07", "09:14:00"), ("m06", "10:19:00"), ("m02", "10:20:00"), ("m01", "10:28:00"), ("m08", "10:29:00")] {
            stage.works_until(person, time);
        }
        stage.works_until("m03", "10:30:00");
        // Without a plan today, but at head office in the morning.
        stage.clock.set(TODAY, "10:30:20");
        stage.sync("m04");
        stage.clock.set(TODAY, "10:31:08");
        stage.office.settle();
        stage
    }

    /// Every manager's work of some days, done and brought to head office; their phones stay at hand.
    fn play(&mut self, from: &str, to: &str) {
        play(&self.office, &self.clock, &self.log, &self.stores, from, to);
        let managers: BTreeSet<PersonId> = self.log.rows.iter().map(|row| row.person.clone()).collect();
        for person in managers {
            let store = self.stores.path().join(format!("{person}+{person}-phone")).join(STORE_FILE);
            let device = Device::open(&store, Around::at(&self.clock)).expect("the phone's store");
            self.devices.insert(person, device);
        }
    }

    /// A visit of a day that the phone brings only now: the first planned stop that was not made gets one.
    fn comes_late(&mut self, person: &str, date: &str) {
        let (app, date) = (self.office.app().clone(), day(date));
        let board = server::progress::today::board(&app, date, None, true).expect("the day's board");
        let row = board.managers.into_iter().find(|row| row.person_id.as_str() == person).expect("a manager");
        let open = row.routes.iter().find_map(|route| {
            let stop = route.stops.iter().find(|stop| stop.planned && stop.state != server::progress::StopState::Effective)?;
            Some((route.route_id.clone(), stop.retailer_id.clone()))
        });
        let (route, retailer) = open.expect("a planned stop was not made");
        let at_ms = zone().instant(date, jiff::civil::time(16, 40, 0, 0));
        let reference = app.store.reference(shared::reference::Kind::Retailer, Some((retailer.as_str(), &format!("{retailer}\0"))));
        let mut known = shared::reference::Reference::default();
        reference.expect("the shop").iter().for_each(|(_, row)| known.apply(row).expect("a row"));
        let position = known.retailer_on(retailer.as_str(), date).and_then(|shop| shop.position);
        let check_in =
            CheckIn { route: Some(route), date: Some(date), at_ms: Some(at_ms), position, accuracy_m: Some(20), ..CheckIn::at(retailer) };
        let device = self.device(person);
        let visit = device.check_in(check_in).expect("a check-in is always possible").0;
        device.check_out(visit, Step { at_ms: Some(at_ms + 900_000), ..Step::default() }).expect("a check-out");
        self.sync(person);
    }

    fn device(&mut self, person: &str) -> &mut Device {
        self.devices.get_mut(person).expect("the person has a phone")
    }

    pub fn sync(&mut self, person: &str) {
        let url = self.office.url();
        self.device(person).sync(&Http::new(&url)).expect("head office answers");
    }

    /// Acts out what the log says of today up to a time, then syncs at that time.
    pub fn works_until(&mut self, person: &str, time: &str) {
        let until = local(TODAY, time);
        let today = day(TODAY);
        let rows: Vec<_> = self
            .log
            .rows
            .iter()
            .filter(|row| row.person.as_str() == person && row.date == today && !self.done.contains(&row.line))
            .cloned()
            .collect();
        for row in rows.iter().filter(|row| row.in_ms(&zone()) <= until) {
            self.clock.set_ms(row.in_ms(&zone()));
            let check_in = CheckIn {
                route: Some(row.route.clone()),
                date: Some(row.date),
                position: row.position,
                accuracy_m: row.accuracy_m,
                at_ms: Some(row.in_ms(&zone())),
                ..CheckIn::at(row.retailer.clone())
            };
            let device = self.device(person);
            let visit = device.check_in(check_in).expect("a check-in is always possible").0;
            device
                .count_stock(visit, row.stock.iter().map(|(sku, n)| (sku.clone(), Some(*n))).collect(), Step::default())
                .expect("a count");
            device
                .plan_order(visit, row.order.iter().map(|(sku, n)| (sku.clone(), Some(*n))).collect(), Step::default())
                .expect("an order");
            if let Some(out) = row.out_ms(&zone()).filter(|out| *out <= until) {
                device.check_out(visit, Step { at_ms: Some(out), ..Step::default() }).expect("a check-out");
            }
            self.done.insert(row.line);
        }
        self.clock.set_ms(until);
        self.sync(person);
    }

    /// The owner of a route and who stood in for her correct one count on two phones, neither knowing of the other; if that
    /// day's work is on the stage.
    fn disagree(&mut self) {
        self.clock.set("2026-08-21", "18:05:52");
        let (date, [owner, other]) = (day("2026-08-04"), ["m03", "m05"]);
        let sheets = self.office.app().store.sheets(date, date).expect("sheets");
        let theirs = |visit: &&Visit| visit.person.as_str() == other && visit.stock.len() > 3 && !visit.order.is_empty();
        let visit = sheets.iter().filter(|sheet| self.owns(owner, &sheet.route)).flat_map(|sheet| &sheet.visits).find(theirs).cloned();
        let Some(visit) = visit else { return };
        let sku = visit.stock.keys().next().expect("it was counted").clone();
        for (person, packs) in [(owner, 0), (other, 37)] {
            let count = BTreeMap::from([(sku.clone(), Some(packs))]);
            self.device(person).count_stock(visit.visit, count, Step::default()).expect("the visit is known");
        }
        self.sync(other);
        self.sync(owner);
    }

    fn owns(&self, person: &str, route: &RouteId) -> bool {
        self.office.app().directory().reference.owner(route.as_str(), day("2026-08-04")).is_some_and(|owner| owner.as_str() == person)
    }

    /// Somebody works on a sheet that is not theirs: it is held back.
    fn overstep(&mut self) {
        self.clock.set("2026-08-21", "18:10:00");
        let check_in = CheckIn {
            route: Some("r050".parse().expect("a route")),
            date: Some(day("2026-08-21")),
            ..CheckIn::at("t00590".parse().expect("a shop"))
        };
        self.device("m01").check_in(check_in).expect("a check-in is always possible");
        self.sync("m01");
    }

    /// One command of a test in a browser, and its answer.
    pub fn act(&mut self, command: &Value) -> Value {
        let text = |key: &str| command[key].as_str().unwrap_or_default().to_string();
        match text("do").as_str() {
            "work" => self.works_until(&text("person"), &text("time")),
            "clock" => self.clock.set(&text("date"), &text("time")),
            "week" => self.play(&text("from"), &text("to")),
            "late" => self.comes_late(&text("person"), &text("date")),
            "settle" => self.office.settle(),
            "password" => return json!({ "password": self.password(&text("login")) }),
            other => return json!({ "error": format!("nobody knows how to `{other}`") }),
        }
        json!({ "now": self.clock.now() })
    }

    pub fn password(&self, login: &str) -> String {
        server::auth::password::reset(self.office.app(), login, server::decisions::OPERATOR).expect("the login is known")
    }
}

fn play(office: &HeadOffice, clock: &TestClock, log: &fieldlog::FieldLog, stores: &TempDir, from: &str, to: &str) {
    let directory = office.app().directory();
    let managers = directory.reference.people.iter().filter(|(_, person)| person.role == Role::Manager);
    let rows: Vec<String> = managers.map(|(person, _)| format!("{person},{}", office.code(person.as_str()))).collect();
    let codes = Codes::parse(format!("person_id,code\n{}\n", rows.join("\n")).as_bytes()).expect("codes");
    let url = office.url();
    let replay = Replay {
        log,
        codes: &codes,
        from: Some(day(from)),
        to: Some(day(to)),
        offline_days: 5,
        data: stores.path().to_path_buf(),
        server: &url,
        parallel: 2,
        sleep: &std::thread::sleep,
        surroundings: &|| Box::new(Around::at(clock)),
    };
    let connect = || Box::new(Http::new(&url)) as Box<dyn Transport>;
    replay::run(&replay, &connect, &|_| {}).expect("the replay begins");
    office.settle();
}
