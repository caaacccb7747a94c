//! The board is what scoring everything anew would give, whatever happens in whatever order: visits on anybody's sheet to
//! anybody's shop, shops that move, routes that change hands, substitutes, clocks that are off, imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use server::directory::{load, load_sales, whole};
use server::ingest::guard;
use server::ops::{self, By, Command, Format};
use server::scores::slice::{Slice, Wanted};
use server::state::App;
use server::store::{Incoming, Upload, UploadDocument};
use shared::doc::{Action, Document};
use shared::facts::Visit;
use shared::facts::flags::Flag;
use shared::ids::{ActionId, Actor, DeviceId, DocumentId, RetailerId, Scope, Sku, VisitId};
use shared::reference::{Kind, Reference};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{IndicatorScore, Inputs, MonthScore, Part, Rounded, Share, assemble, score_month, score_parts, shares};
use shared::time::Month;
use tests::clock::{TestClock, day, local};
use tests::office::{HeadOffice, id};

const SEEDS: u64 = 12;
const STEPS: usize = 60;
const MANAGERS: usize = 4;
const ROUTES: usize = 5;
const SHOPS_OF_ROUTE: usize = 3;
const SKUS: [&str; 4] = ["6901028000000", "6901028000103", "6901028000206", "6901028000309"];
const SCHEME: &str = include_str!("../data/fushan/scheme.toml");

/// splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
    /// Of August 2026, the last days of July or the first of September: few, so that visits meet.
    fn date(&mut self) -> Date {
        let days = [-1, 4, 5, 14, 15, 31];
        day("2026-08-01").checked_add((days[self.below(days.len())] as i64).days()).unwrap()
    }
    fn route(&mut self) -> usize {
        self.below(ROUTES)
    }
    fn shop(&mut self) -> (usize, usize) {
        (self.below(ROUTES), self.below(SHOPS_OF_ROUTE))
    }
}

fn shop_id((route, at): (usize, usize)) -> RetailerId {
    format!("t{route}{at}").parse().unwrap()
}

struct World {
    office: HeadOffice,
    chance: Chance,
    sheets: BTreeMap<(usize, Date), (Document, Vec<VisitId>)>,
    /// Route and first day → owner; substitutes likewise, for three days.
    owners: BTreeMap<(usize, Date), usize>,
    substitutes: BTreeMap<(usize, Date), usize>,
    numbers: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let office = HeadOffice::open(&TestClock::at("2026-08-20", "17:30:00"));
        let owners = (0..ROUTES - 1).map(|route| ((route, day("2026-07-01")), route % MANAGERS)).collect();
        let world = Self { office, chance: Chance(seed), sheets: BTreeMap::new(), owners, substitutes: BTreeMap::new(), numbers: 0 };
        let people = (0..MANAGERS).map(|n| format!("m{n},经理{n},manager,m{n}"));
        let routes = (0..ROUTES).map(|n| format!("r{n},线{n}"));
        let skus = SKUS.iter().enumerate().map(|(n, sku)| format!("{sku},烟{n},岱岳,{},lu,{},10,{}", n + 1, n % 2, 90 + n * 20));
        let shops = (0..ROUTES).flat_map(|route| (0..SHOPS_OF_ROUTE).map(move |at| (route, at)));
        let shops = shops.map(|shop| format!("{},,{}", shop_id(shop), shop_rest(Some(shop.0))));
        let calendar = (0..ROUTES)
            .flat_map(|route| (1..30).filter(move |day| (day + route) % 6 > 0).map(move |day| format!("2026-08-{day:02},r{route}")));
        let targets = (0..MANAGERS).flat_map(|n| {
            ["sales,,2", "visit_completion,,1", "brand_width,,0.5"]
                .map(|t| format!("2026-08,m{n},{t}"))
                .into_iter()
                .chain(SKUS[..3].iter().map(move |sku| format!("2026-08,m{n},coverage,{sku},3")))
        });
        let scheme = SCHEME.replace("\"mock_location\", ", "\"mock_location\", \"off_plan\", \"clock_skew\", ");
        assert_ne!(scheme, SCHEME);
        let files = vec![
            ("org.toml", "name = \"district\"\ntimezone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n".to_string()),
            ("scheme.toml", scheme),
            ("people.csv", table("person_id,name,role,login", people)),
            ("routes.csv", table("route_id,name", routes)),
            ("skus.csv", table("sku,name,maker,price_class,origin,slim,packs_per_carton,wholesale_price", skus)),
            ("retailers.csv", table(SHOP_COLUMNS, shops)),
            ("calendar.csv", table("date,route_id", calendar)),
            ("width-standards.csv", table("route_id,standard,ideal", (0..ROUTES - 2).map(|n| format!("r{n},{},4", 1 + n % 2)))),
            ("targets.csv", table("month,person_id,indicator,item,plan", targets)),
            world.assignments(),
        ];
        assert!(world.import(files));
        world
    }

    fn import(&self, files: Vec<(&'static str, String)>) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let replace = files.iter().filter(|(name, _)| *name == "assignments.csv").map(|(name, _)| (*name).to_string()).collect();
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
        let output =
            self.office.run(&Command::Import { folder: folder.path().to_path_buf(), replace, by: By::default(), format: Format::Text });
        output.code == ops::DONE
    }

    fn assignments(&self) -> (&'static str, String) {
        let until = |route: usize, from: Date| {
            let next = self.owners.range((route, from.tomorrow().unwrap())..).next().filter(|((other, _), _)| *other == route);
            next.map_or_else(String::new, |((_, next), _)| next.yesterday().unwrap().to_string())
        };
        let owners = self.owners.iter().map(|((route, from), who)| format!("r{route},m{who},owner,{from},{}", until(*route, *from)));
        let last = |from: &Date| from.checked_add(2.days()).unwrap();
        let substitutes = self.substitutes.iter().map(|((route, from), who)| format!("r{route},m{who},substitute,{from},{}", last(from)));
        ("assignments.csv", table("route_id,person_id,kind,from,to", owners.chain(substitutes)))
    }

    fn number(&mut self) -> [u8; 16] {
        self.numbers += 1;
        u128::from(self.numbers).to_be_bytes()
    }

    /// One thing happens; whether it did.
    fn happens(&mut self) -> bool {
        match self.chance.below(24) {
            0..=11 => self.is_visited(),
            12..=19 => self.visit_changes(),
            20 => {
                let (shop, from) = (self.chance.shop(), self.chance.date());
                let route = if self.chance.one_in(4) { None } else { Some(self.chance.route()) };
                self.import(vec![(
                    "retailers.csv",
                    table(SHOP_COLUMNS, [format!("{},{from},{}", shop_id(shop), shop_rest(route))].into_iter()),
                )])
            }
            21 => {
                let (key, who) = ((self.chance.route(), self.chance.date()), self.chance.below(MANAGERS));
                self.owners.insert(key, who);
                self.import(vec![self.assignments()])
            }
            22 => {
                let (route, from, who) = (self.chance.route(), self.chance.date(), self.chance.below(MANAGERS));
                self.substitutes.retain(|(other, _), _| *other != route);
                self.substitutes.insert((route, from), who);
                self.import(vec![self.assignments()])
            }
            _ => {
                let (shop, date, sku) = (self.chance.shop(), self.chance.date(), SKUS[self.chance.below(SKUS.len())]);
                let sale = format!("{date},{},{sku},{},100.5", shop_id(shop), self.chance.below(40) as i64 - 10);
                self.import(vec![("sales.csv", table("date,retailer_id,sku,packs,value", [sale].into_iter()))])
            }
        }
    }

    /// Somebody visits a shop, mostly of the sheet's route, and counts its stock.
    fn is_visited(&mut self) -> bool {
        let (route, date) = (self.chance.route(), self.chance.date());
        let retailer = match self.chance.below(6) {
            0 => "nobody-knows-it".parse().unwrap(),
            1 | 2 => shop_id(self.chance.shop()),
            _ => shop_id((route, self.chance.below(SHOPS_OF_ROUTE))),
        };
        let who = if self.chance.one_in(3) { self.chance.below(MANAGERS) } else { route % MANAGERS };
        let visit = VisitId(self.number());
        let in_ms = local(&date.to_string(), "09:00:00") + self.chance.below(8) as i64 * 3_600_000;
        let near = self.chance.below(7);
        let check_in = Action::CheckIn {
            visit,
            retailer,
            person: id(&format!("m{who}")),
            device: actor(who).device(),
            in_ms,
            lat_e6: (near > 0).then_some(if near == 6 { 37_600_000 } else { 37_500_000 }),
            lon_e6: (near > 0).then_some(121_250_000),
            accuracy_m: Some(20),
            mock: false,
        };
        let mut actions = vec![check_in];
        if !self.chance.one_in(6) {
            actions.push(Action::CheckOut { visit, out_ms: in_ms + 100_000 + self.chance.below(900_000) as i64 });
        }
        if !self.chance.one_in(4) {
            actions.push(self.count(visit));
        }
        self.write(route, date, who, actions);
        self.sheets.get_mut(&(route, date)).unwrap().1.push(visit);
        true
    }

    fn count(&mut self, visit: VisitId) -> Action {
        let lines = (0..2).map(|_| (SKUS[self.chance.below(SKUS.len())].parse::<Sku>().unwrap(), Some(self.chance.below(3) as i64)));
        Action::CountStock { visit, stock: lines.collect() }
    }

    fn visit_changes(&mut self) -> bool {
        let known: Vec<_> =
            self.sheets.iter().flat_map(|((route, date), (_, visits))| visits.iter().map(|visit| (*route, *date, *visit))).collect();
        if known.is_empty() {
            return false;
        }
        let (route, date, visit) = known[self.chance.below(known.len())];
        let action = match self.chance.below(3) {
            0 => Action::RemoveVisit { visit },
            1 => self.count(visit),
            _ => Action::CheckOut { visit, out_ms: local(&date.to_string(), "19:00:00") },
        };
        let who = self.chance.below(MANAGERS);
        self.write(route, date, who, vec![action]);
        true
    }

    /// Head office takes it in, whoever may have been allowed to: as staff release what was held back.
    fn write(&mut self, route: usize, date: Date, who: usize, actions: Vec<Action>) {
        let scope = Scope::Route(format!("r{route}").parse().unwrap());
        let document = DocumentId::Day { route: format!("r{route}").parse().unwrap(), date };
        let mut changes = Vec::new();
        for action in actions {
            let action_id = ActionId(self.number());
            let (sheet, _) = self.sheets.entry((route, date)).or_insert_with(|| (Document::new(document.clone()), Vec::new()));
            let Some(chunk) = sheet.act(actor(who), action_id, local(&date.to_string(), "12:00:00"), &action).unwrap() else { continue };
            let change = guard::check(&chunk.bytes, &document).expect("sound");
            changes.push(Incoming::Checked { change, allowed: Ok(scope.clone()), relayed: false });
        }
        let jti = u128::from_be_bytes(self.number()).to_string();
        let skew_ms = if self.chance.one_in(8) { 600_000 } else { 0 };
        let documents = vec![UploadDocument { document: document.to_string(), changes }];
        let upload = Upload {
            device: actor(who).device(),
            jti,
            received_ms: local("2027-01-01", "00:00:00"),
            skew_ms,
            complete: true,
            app: None,
            documents,
        };
        self.office.app().store.append(upload).unwrap();
        self.office.app().wake.ring();
    }
}

fn actor(who: usize) -> Actor {
    let device = DeviceId::of_key(&[who as u8 + 1; 32]);
    Actor::new(device.part().expect("made from a key"), [1; 8])
}

const SHOP_COLUMNS: &str = "retailer_id,from,name,route_id,sequence,grade,area,format,lat,lon";

fn shop_rest(route: Option<usize>) -> String {
    format!("店,{},1,6,town,店,37.5,121.25", route.map_or_else(String::new, |route| format!("r{route}")))
}

fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    let mut out = format!("{header}\n");
    rows.for_each(|row| writeln!(out, "{row}").unwrap());
    out
}

/// Everything that head office has, as one.
struct Everything {
    reference: Reference,
    scheme: Scheme,
    visits: Vec<Visit>,
}

impl Everything {
    fn read(app: &App, month: Month) -> Self {
        let mut reference = whole(app.store.as_ref()).unwrap();
        load_sales(app.store.as_ref(), &mut reference, month.first_day(), month.last_day()).unwrap();
        load(app.store.as_ref(), &mut reference, Kind::Clock, None).unwrap();
        let scheme = scheme_of(&reference, month).unwrap().expect("the district has a scheme");
        let visits = app.store.sheets(month.first_day(), month.last_day()).unwrap().into_iter().flat_map(|sheet| sheet.visits).collect();
        Self { reference, scheme, visits }
    }

    fn inputs(&self, month: Month, as_of: Option<Date>) -> Inputs<'_> {
        Inputs { reference: &self.reference, scheme: &self.scheme, visits: &self.visits, month, as_of, person: None }
    }
}

fn assert_current(world: &World, what: &str) -> MonthScore {
    let app = world.office.app();
    world.office.settle();
    let august = "2026-08".parse().unwrap();
    for (month, as_of) in [(august, None), (august, Some(day("2026-08-15"))), ("2026-09".parse().unwrap(), None)] {
        let everything = Everything::read(app, month);
        let asked = server::scores::Asked { as_of, ..Default::default() };
        let pages: Vec<u8> = server::scores::pages(app, month, &asked).unwrap().flat_map(Result::unwrap).collect();
        assert_eq!(String::from_utf8(pages).unwrap(), server::scores::answer(app, month, &asked).unwrap(), "{what}, in pages");
        let board = server::scores::month(app, month, as_of, None).unwrap().score;
        assert_eq!(board, score_month(&everything.inputs(month, as_of)), "{what}, {month} as of {as_of:?}");
    }
    server::scores::month(app, august, None, None).unwrap().score
}

/// Boards of some days as somebody sees them who has only ever asked for what is new.
#[derive(Default)]
struct Watcher(BTreeMap<Date, (String, BTreeMap<String, Value>)>);

impl Watcher {
    /// The day's board, kept, is what counting the day anew gives; and so is what the watcher has.
    fn assert_current(&mut self, world: &World, what: &str) {
        let app = world.office.app();
        for date in [day("2026-08-05"), day("2026-08-15"), day("2026-09-01")] {
            let since = self.0.get(&date).map(|(version, _)| version.clone());
            let rows = |since: Option<&str>| {
                let board = server::progress::today::board(app, date, since, true).unwrap();
                let rows = board.managers.iter().map(|m| (m.person_id.to_string(), serde_json::to_value(m).unwrap()));
                (board.version.clone(), board.whole, rows.collect::<BTreeMap<_, _>>())
            };
            let (version, whole, news) = rows(since.as_deref());
            let known = self.0.entry(date).or_default();
            if whole {
                known.1.clear();
            }
            known.0 = version;
            known.1.extend(news);
            let all = rows(None).2;
            assert_eq!(known.1, all, "{what}, {date}: what was told since is what there is");
            for manager in server::progress::progress(app, date, None).unwrap().managers {
                let kept = &all[manager.person_id.as_str()];
                assert_eq!(kept["counts"], serde_json::to_value(&manager.total).unwrap(), "{what}, {date}, {}", manager.person_id);
                assert_eq!(kept["routes"].as_array().unwrap().len(), manager.routes.len(), "{what}, {date}, {}", manager.person_id);
            }
        }
    }
}

/// Of each manager alone: the same score, and the same receipts.
fn assert_alone(world: &World, what: &str) {
    let (app, month, as_of) = (world.office.app(), "2026-08".parse().unwrap(), None);
    let everything = Everything::read(app, month);
    for person in (0..MANAGERS).map(|n| id(&format!("m{n}"))) {
        let inputs = Inputs { person: Some(&person), ..everything.inputs(month, as_of) };
        let alone = server::scores::month(app, month, as_of, Some(&person)).unwrap().score;
        assert_eq!(alone, score_month(&inputs), "{what}, {person}");
        for indicator in &everything.scheme.indicators {
            let receipt = server::scores::explain(app, month, as_of, &person, &indicator.id).unwrap();
            assert_eq!(receipt, shared::score::explain(&inputs, &person, &indicator.id).unwrap(), "{what}, {person}, {}", indicator.id);
        }
    }
}

/// Made one by one, each from no more than its own slice, the parts are the whole.
fn assert_in_parts(world: &World, what: &str) {
    let (app, month, as_of) = (world.office.app(), "2026-08".parse().unwrap(), Some(day("2026-08-20")));
    let everything = Everything::read(app, month);
    let directory = app.directory();
    let others = app.store.routes_with_sheets(month.first_day(), month.last_day()).unwrap();
    let shares = shares(&directory.reference, others, month, as_of);
    let alone = |share: &Share| {
        let (routes, people) = (share.reads.clone(), share.person.iter().cloned().collect());
        let wanted = Wanted { routes, people, month, first: month.first_day(), last: month.last_day() };
        let slice = Slice::read(app.store.as_ref(), &directory, &wanted).unwrap();
        let inputs = Inputs { reference: &slice.reference, visits: &slice.visits, ..everything.inputs(month, as_of) };
        score_parts(&inputs, std::slice::from_ref(share)).remove(0)
    };
    let parts: Vec<Part> = shares.iter().map(alone).collect();
    let inputs = everything.inputs(month, as_of);
    assert_eq!(assemble(&inputs, parts.iter()), score_month(&inputs), "{what}");
}

fn is_completion(indicator: &IndicatorScore) -> bool {
    indicator.id.as_str() == "visit_completion" && indicator.points > Rounded::default()
}

#[test]
fn the_board_is_what_scoring_everything_anew_gives() {
    let (mut seen, mut completed) = (BTreeSet::new(), false);
    for seed in 0..SEEDS {
        let mut world = World::new(seed);
        for _ in 0..20 {
            world.is_visited();
        }
        let (mut done, mut watcher) = (0, Watcher::default());
        for step in 0..STEPS {
            done += usize::from(world.happens());
            let score = assert_current(&world, &format!("seed {seed}, step {step}"));
            watcher.assert_current(&world, &format!("seed {seed}, step {step}"));
            if step % 5 == 0 {
                assert_in_parts(&world, &format!("seed {seed}, step {step}"));
            }
            seen.extend(score.visits.flags.keys().copied());
            completed |= score.managers.iter().flat_map(|manager| &manager.indicators).any(is_completion);
        }
        assert_in_parts(&world, &format!("seed {seed}"));
        assert!(done * 2 > STEPS, "seed {seed}: only {done} things happened");
        assert_alone(&world, &format!("seed {seed}"));
    }
    assert!(completed, "somebody has points for visits");
    for flag in [Flag::Duplicate, Flag::ClockSkew, Flag::OffPlan, Flag::OutsideGeofence] {
        assert!(seen.contains(&flag), "{flag} is met with");
    }
}
