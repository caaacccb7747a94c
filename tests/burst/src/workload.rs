//! The workload *return to office*, from a seed: a manager with 10 routes of 13 shops; 130 shop files, each written by
//! the office and edited twice; 20 past day sheets; today's new one with 12 visits of 40 stock lines and 12 order lines
//! each, in 48 changes; 5 shop files edited on the phone, and 3 others by staff.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use jiff::ToSpan;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use shared::doc::{Action, genesis_hash};
use shared::ids::{ActionId, Actor, DeviceId, DocumentId, PersonId, RetailerId, RouteId, Sku, VisitId};
use shared::time::Zone;

use crate::template::{Change, Template, leb128};

pub const ROUTES: usize = 10;
pub const SHOPS_OF_ROUTE: usize = 13;
pub const SHOPS: usize = ROUTES * SHOPS_OF_ROUTE;
pub const PAST_SHEETS: usize = 20;
pub const VISITS: usize = 12;
pub const SKUS: usize = 200;
/// Shops 0–4 are edited on the phone, shops 5–7 by staff.
pub const PHONE_EDITS: usize = 5;
pub const STAFF_EDITS: usize = 3;
const STOCK_LINES: usize = 40;
const ORDER_LINES: usize = 12;
/// Different sheets, and shop files, that all others are copies of.
const VARIANTS: usize = 8;
/// Midnight of the day that templates are written for; a multiple of a day, so that days can be added.
const TEMPLATE_DAY_MS: i64 = 1_793_491_200_000;
const DAY_MS: i64 = 86_400_000;

/// splitmix64: small, fast, the same everywhere.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
    /// A UUIDv7 of a time.
    fn uuid(&mut self, ms: i64) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&((ms as u64) << 16 | (self.next() & 0xfff) | 0x7000).to_be_bytes());
        bytes[8..].copy_from_slice(&(self.next() >> 2 | 1 << 63).to_be_bytes());
        bytes
    }
}

/// One manager with a phone, and the device at the office on which staff keep the manager's shop files.
pub struct Manager {
    pub n: usize,
    pub person: PersonId,
    pub phone: SigningKey,
    pub office: SigningKey,
    pub phone_actor: Actor,
    pub office_actor: Actor,
    /// The office's device again, with a fresh store: what staff write on the evening itself.
    pub staff_actor: Actor,
}

/// A document of a manager's scope, as the phone and as head office have it before the burst.
pub struct Doc {
    pub id: DocumentId,
    pub kind: Kind,
    /// What both have.
    pub common: Vec<Change>,
    /// What the phone has besides.
    pub phone: Vec<Change>,
    /// What head office has besides.
    pub office: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Shop,
    Past,
    Today,
}

pub struct Workload {
    pub seed: u64,
    /// The evening of the burst.
    pub today: Date,
    sheets: Vec<SheetTemplate>,
    shops: Vec<Template>,
}

impl Workload {
    pub fn new(seed: u64, today: Date) -> Self {
        let sheets = (0..VARIANTS).map(|variant| SheetTemplate::write(&mut Rng(seed ^ variant as u64))).collect();
        let shops = (0..VARIANTS).map(shop_template).collect();
        Self { seed, today, sheets, shops }
    }

    pub fn manager(&self, n: usize) -> Manager {
        let key = |what: &str| SigningKey::from_bytes(&Sha256::digest(format!("{what} {n} of seed {}", self.seed)).into());
        let actor = |key: &SigningKey, generation: u8| {
            let part = DeviceId::of_key(&key.verifying_key().to_bytes()).part().expect("made from a key");
            Actor::new(part, [generation; 8])
        };
        let (phone, office) = (key("phone"), key("office"));
        let (phone_actor, office_actor, staff_actor) = (actor(&phone, 1), actor(&office, 1), actor(&office, 2));
        Manager { n, person: person(n), phone, office, phone_actor, office_actor, staff_actor }
    }

    /// The 151 documents of a manager.
    pub fn documents(&self, manager: &Manager) -> Vec<Doc> {
        let mut rng = Rng(self.seed ^ ((manager.n as u64) << 20) ^ 0xd0c5);
        let shops = (0..SHOPS).map(|at| self.shop(manager, at, &mut rng)).collect::<Vec<_>>();
        let sheets = (0..=PAST_SHEETS).map(|day| self.sheet(manager, day, &mut rng)).collect::<Vec<_>>();
        shops.into_iter().chain(sheets).collect()
    }

    fn shop(&self, manager: &Manager, at: usize, rng: &mut Rng) -> Doc {
        let id = DocumentId::Shop { retailer: shop(manager.n, at), year: self.today.year() };
        let template = &self.shops[(manager.n + at) % VARIANTS];
        let days = at as i64 % 30 - 60;
        let last = if at < PHONE_EDITS { manager.phone_actor } else { manager.staff_actor };
        let mut values = vec![manager.office_actor.as_bytes().to_vec(), last.as_bytes().to_vec()];
        for step in 0..SHOP_STEPS {
            // The last step is of the evening itself.
            let shift =
                if step + 1 == SHOP_STEPS { self.days_from_template(self.today) } else { self.days_from_template(self.today) + days };
            let ms = TEMPLATE_DAY_MS + shift * DAY_MS + step_ms(step);
            values.push(hex(&rng.uuid(ms)));
            values.push(leb128(ms / 1000));
        }
        let mut all = template.instance(genesis_hash(&id), &values);
        let edit = all.split_off(SHOP_STEPS - 1);
        let (phone, office) = match at {
            at if at < PHONE_EDITS => (edit, vec![]),
            at if at < PHONE_EDITS + STAFF_EDITS => (vec![], edit),
            _ => (vec![], vec![]),
        };
        Doc { id, kind: Kind::Shop, common: all, phone, office }
    }

    /// The sheet of a day: 0 is the oldest, [`PAST_SHEETS`] is today's.
    fn sheet(&self, manager: &Manager, day: usize, rng: &mut Rng) -> Doc {
        let date = self.today.checked_sub((PAST_SHEETS as i64 - day as i64).days()).expect("a date");
        let (id, changes) = self.sheet_of(manager, date, day % ROUTES, rng);
        match day == PAST_SHEETS {
            true => Doc { id, kind: Kind::Today, common: vec![], phone: changes, office: vec![] },
            false => Doc { id, kind: Kind::Past, common: changes, phone: vec![], office: vec![] },
        }
    }

    /// The sheet of a date and a route, by the phone.
    pub fn sheet_of(&self, manager: &Manager, date: Date, route: usize, rng: &mut Rng) -> (DocumentId, Vec<Change>) {
        let id = DocumentId::Day { route: self::route(manager.n, route), date };
        let template = &self.sheets[(manager.n + date.day() as usize + route) % VARIANTS];
        let shift = self.days_from_template(date) * DAY_MS;
        let mut values = vec![
            manager.phone_actor.as_bytes().to_vec(),
            manager.person.as_str().as_bytes().to_vec(),
            manager.phone_actor.device().as_str().as_bytes().to_vec(),
        ];
        for at in 0..VISITS {
            values.push(shop(manager.n, route * SHOPS_OF_ROUTE + at).as_str().as_bytes().to_vec());
        }
        for ms in &template.times {
            let ms = ms + shift;
            values.extend([hex(&rng.uuid(ms)), leb128(ms / 1000), leb128(ms)]);
        }
        let changes = template.template.instance(genesis_hash(&id), &values);
        (id, changes)
    }

    fn days_from_template(&self, date: Date) -> i64 {
        let zero = Zone::named("UTC").expect("every zone table has UTC").date_of(TEMPLATE_DAY_MS);
        i64::from(zero.until(date).expect("two dates").get_days())
    }
}

pub fn person(n: usize) -> PersonId {
    format!("p{n:05}").parse().expect("an id")
}
pub fn route(n: usize, at: usize) -> RouteId {
    format!("r{n:05}-{at:02}").parse().expect("an id")
}
pub fn shop(n: usize, at: usize) -> RetailerId {
    format!("s{n:05}-{at:03}").parse().expect("an id")
}
pub fn sku(at: usize) -> Sku {
    format!("{:013}", 6_901_028_000_000_u64 + at as u64 * 499_912 + 17).parse().expect("an id")
}

fn hex(bytes: &[u8; 16]) -> Vec<u8> {
    VisitId(*bytes).to_string().into_bytes()
}

struct SheetTemplate {
    template: Template,
    /// When each action was done, in ms, on the template's day. An action's time names it.
    times: Vec<i64>,
}

impl SheetTemplate {
    /// 12 visits of four actions: check-in, stock check, order plan, check-out.
    fn write(rng: &mut Rng) -> Self {
        let (actor, person) = (Actor([0xa5; 24]), self::person(99_999));
        let id = DocumentId::Day { route: route(99_999, 0), date: jiff::civil::date(2026, 11, 1) };
        let (mut actions, mut times) = (Vec::new(), Vec::new());
        let mut tokens = vec![actor.as_bytes().to_vec(), person.as_str().as_bytes().to_vec(), actor.device().as_str().as_bytes().to_vec()];
        tokens.extend((0..VISITS).map(|at| shop(99_999, at).as_str().as_bytes().to_vec()));
        // 8 o'clock in the district's zone.
        let mut ms = TEMPLATE_DAY_MS + 123;
        for at in 0..VISITS {
            let visit = rng.uuid(ms);
            let skus = some_skus(rng);
            let stock = skus[..STOCK_LINES].iter().map(|at| (sku(*at), Some(rng.below(60) as i64))).collect::<BTreeMap<_, _>>();
            let order = skus[..ORDER_LINES].iter().map(|at| (sku(*at), Some(1 + rng.below(24) as i64))).collect::<BTreeMap<_, _>>();
            let check_in = Action::CheckIn {
                visit: VisitId(visit),
                retailer: shop(99_999, at),
                person: person.clone(),
                device: actor.device(),
                in_ms: ms,
                lat_e6: Some(37_000_000 + rng.below(900_000) as i32),
                lon_e6: Some(121_000_000 + rng.below(900_000) as i32),
                accuracy_m: Some(5 + rng.below(60) as i64),
                mock: false,
            };
            let visit_id = VisitId(visit);
            let gap = |rng: &mut Rng, from: usize, to: usize| (from + rng.below(to - from)) as i64 * 1000;
            for (nth, wait) in [0, gap(rng, 240, 360), gap(rng, 300, 600), gap(rng, 60, 180)].into_iter().enumerate() {
                ms += wait;
                let action = match nth {
                    0 => check_in.clone(),
                    1 => Action::CountStock { visit: visit_id, stock: stock.clone() },
                    2 => Action::PlanOrder { visit: visit_id, order: order.clone() },
                    _ => Action::CheckOut { visit: visit_id, out_ms: ms },
                };
                let action_id = if nth == 0 { visit } else { rng.uuid(ms) };
                tokens.extend([hex(&action_id), leb128(ms / 1000), leb128(ms)]);
                times.push(ms);
                actions.push((actor, ActionId(action_id), ms, action));
            }
            ms += gap(rng, 600, 1200);
        }
        Self { template: Template::write(&id, &actions, &tokens), times }
    }
}

/// Enough SKUs for a stock check, in any order.
fn some_skus(rng: &mut Rng) -> Vec<usize> {
    let mut all: Vec<usize> = (0..SKUS).collect();
    for at in 0..STOCK_LINES {
        let other = at + rng.below(SKUS - at);
        all.swap(at, other);
    }
    all
}

const SHOP_STEPS: usize = 4;

fn step_ms(step: usize) -> i64 {
    step as i64 * 3_600_000 + 456_000
}

/// A contact, then a note that is written thrice; the last time by another.
fn shop_template(variant: usize) -> Template {
    let id = DocumentId::Shop { retailer: shop(99_999, 0), year: 2026 };
    let (office, last) = (Actor([0xb6; 24]), Actor([0xc7; 24]));
    let mut rng = Rng(0x5407 ^ variant as u64);
    let contact = Action::PutContact {
        id: "owner".into(),
        name: format!("Contact person {}", rng.below(100_000)),
        role: "owner".into(),
        phone: format!("138{:08}", rng.below(100_000_000)),
        birthday: Some(format!("{:02}-{:02}", 1 + rng.below(12), 1 + rng.below(28))),
    };
    let mut note = |text: &str| Action::SetFact { key: "note".into(), value: format!("{text} ({})", rng.below(1_000_000)) };
    let steps = [
        contact,
        note("Deliver before 9:00, ask for the back door key"),
        note("Closed on Mondays, call first"),
        note("Moved the shelf next to the till, wants slim packs"),
    ];
    let mut tokens = vec![office.as_bytes().to_vec(), last.as_bytes().to_vec()];
    let mut actions = Vec::new();
    for (step, action) in steps.into_iter().enumerate() {
        let ms = TEMPLATE_DAY_MS + step_ms(step);
        let action_id = rng.uuid(ms);
        tokens.extend([hex(&action_id), leb128(ms / 1000)]);
        actions.push((if step + 1 == SHOP_STEPS { last } else { office }, ActionId(action_id), ms, action));
    }
    Template::write(&id, &actions, &tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::doc::Document;

    #[test]
    fn copies_of_a_template_are_documents_like_any_other() {
        let workload = Workload::new(1, jiff::civil::date(2026, 11, 24));
        for n in [0, 9_999] {
            let manager = workload.manager(n);
            let docs = workload.documents(&manager);
            assert_eq!(docs.len(), 151);
            for doc in docs {
                let mut document = Document::new(doc.id.clone());
                let all = || doc.common.iter().chain(&doc.phone).chain(&doc.office);
                document.apply(all().map(|change| change.bytes.as_slice())).unwrap();
                assert_eq!(document.heads(), [all().last().unwrap().hash]);
                let Some(facts) = document.sheet_facts() else { continue };
                assert!(facts.faults.is_empty(), "{:?}", facts.faults);
                assert_eq!(facts.visits.len(), VISITS);
                for visit in facts.visits {
                    assert_eq!((&visit.person, &visit.device), (&manager.person, &manager.phone_actor.device()));
                    assert_eq!((visit.stock.len(), visit.order.len()), (STOCK_LINES, ORDER_LINES));
                    let zone = Zone::named("Asia/Shanghai").unwrap();
                    assert_eq!((zone.date_of(visit.in_ms), zone.date_of(visit.out_ms.unwrap())), (visit.date, visit.date));
                    assert!(visit.out_ms.unwrap() - visit.in_ms >= 600_000);
                }
            }
        }
    }
}
