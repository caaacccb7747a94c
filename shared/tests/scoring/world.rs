//! A district of three shops, built up by each test: route r1 (shops t1, t2) is owned by m1, route r2 (t3) by m2; s1 is
//! a supervisor. SKUs a and b have 10 packs a carton, c has 20. The month is 2026-07.

use jiff::civil::Date;
use shared::decimal::Dec;
use shared::facts::{Position, Visit};
use shared::ids::{ChangeHash, DeviceId, PersonId, VisitId};
use shared::reference::{
    Area, Assignment, AssignmentKind, Event, Org, Person, Reference, Retailer, Role, SalesRow, SkuInfo, Target, WidthStandard,
};
use shared::scheme::{Scheme, parse};
use shared::score::{IndicatorScore, Inputs, ManagerScore, MonthScore, score_month};
use shared::time::{Month, Zone, parse_date, parse_time};

pub struct World {
    pub reference: Reference,
    pub visits: Vec<Visit>,
    pub scheme: Scheme,
    pub month: Month,
    pub as_of: Option<Date>,
}

pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

/// The instant of a local time of the district.
pub fn at(date: &str, time: &str) -> i64 {
    Zone::named("Asia/Shanghai").unwrap().instant(day(date), parse_time(time).unwrap())
}

/// A scheme file with these indicators; `head` stands before the tables.
pub fn scheme_text(head: &str, indicators: &[&str]) -> String {
    let mut text = format!("id = \"test\"\ntitle = {{ en = \"Test\", zh = \"试\" }}\n{head}\n");
    text += "[visits]\nmin_dwell_s = 180\ngeofence_m = 300\n";
    text += "exclude = [\"no_checkout\", \"short_dwell\", \"outside_geofence\", \"mock_location\", \"duplicate\"]\n";
    text += "[stars]\ntie_break = []\n";
    for indicator in indicators {
        text += &format!("[[indicator]]\ntitle = {{ en = \"x\", zh = \"x\" }}\nsource = \"local\"\n{indicator}\n");
    }
    text
}

/// A `ratio` indicator of class core.
pub fn ratio(id: &str, weight: &str, cap: Option<&str>, measure: &str) -> String {
    let cap = cap.map_or(String::new(), |cap| format!("cap = \"{cap}\"\n"));
    format!("id = \"{id}\"\nclass = \"core\"\nformula = \"ratio\"\nweight = \"{weight}\"\n{cap}measure = {{ {measure} }}")
}

/// A `per_item` indicator of class core.
pub fn per_item(id: &str, weight: &str, item_cap: &str) -> String {
    format!(
        "id = \"{id}\"\nclass = \"core\"\nformula = \"per_item\"\nweight = \"{weight}\"\nitem_cap = \"{item_cap}\"\nmeasure = {{ kind = \"outlets\" }}"
    )
}

/// An `events` indicator; `bounds` as they stand in the file.
pub fn events(id: &str, bounds: &str) -> String {
    format!("id = \"{id}\"\nclass = \"auxiliary\"\nformula = \"events\"\n{bounds}")
}

/// How many cases a property is tried on: `ROUNDSMAN_CASES`, or few enough to be run each time.
pub fn cases() -> u32 {
    std::env::var("ROUNDSMAN_CASES").map_or(1_000, |text| text.parse().expect("ROUNDSMAN_CASES is a number"))
}

pub const SALES: &str = "kind = \"volume\"";

impl World {
    /// With these indicators, and `head` (a gate, say) before them.
    pub fn new(head: &str, indicators: &[String]) -> Self {
        let indicators: Vec<&str> = indicators.iter().map(String::as_str).collect();
        let scheme = parse(&scheme_text(head, &indicators)).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let mut world = Self { reference: Reference::default(), visits: vec![], scheme, month: id("2026-07"), as_of: None };
        world.reference.org =
            Some(Org { name: "Test".into(), timezone: "Asia/Shanghai".into(), currency: "CNY".into(), target_fill: None });
        for (person, role) in [("m1", Role::Manager), ("m2", Role::Manager), ("s1", Role::Supervisor)] {
            world.reference.people.insert(id(person), Person { name: person.into(), role, login: person.into(), team: None });
        }
        for (sku, price_class, origin, slim, packs_per_carton, price) in
            [("a", 1, "lu", true, 10, "100"), ("b", 2, "lu", false, 10, "99.99"), ("c", 3, "other", false, 20, "250")]
        {
            let (name, maker, wholesale_price) = (sku.to_string(), format!("maker {sku}"), id(price));
            let info = SkuInfo { name, maker, price_class, origin: origin.into(), slim, packs_per_carton, wholesale_price };
            world.reference.skus.insert(id(sku), info);
        }
        for (shop, route) in [("t1", "r1"), ("t2", "r1"), ("t3", "r2")] {
            world.shop(shop, None, Some(route));
        }
        world.assign("r1", AssignmentKind::Owner, "m1", "2026-01-01", None);
        world.assign("r2", AssignmentKind::Owner, "m2", "2026-01-01", None);
        world
    }

    /// A further row of a shop; it is at 37° N, 121° E.
    pub fn shop(&mut self, shop: &str, from: Option<&str>, route: Option<&str>) {
        let row = Retailer {
            from: from.map(day),
            name: shop.into(),
            route: route.map(id),
            sequence: 1,
            grade: 1,
            area: Area::Town,
            format: String::new(),
            position: Some(Position { lat_e6: 37_000_000, lon_e6: 121_000_000 }),
        };
        self.reference.retailers.entry(id(shop)).or_default().push(row);
    }

    pub fn assign(&mut self, route: &str, kind: AssignmentKind, person: &str, from: &str, to: Option<&str>) {
        let list = self.reference.assignments.entry(id(route)).or_default();
        list.push(Assignment { kind, from: day(from), person: id(person), to: to.map(day) });
        list.sort_by_key(|a| (a.kind, a.from));
    }

    /// A sale, filed with the shop's route on the day, or its last one.
    pub fn sale(&mut self, date: &str, shop: &str, sku: &str, packs: i64, value: &str) {
        let date = day(date);
        let scope = self.reference.shop_scope(shop, date).expect("the shop has a route");
        let shared::ids::Scope::Route(route) = scope else { unreachable!("shops are in route scopes") };
        // A column entry a row, in any order: the scorer doesn't rely on them being sorted.
        let block = self.reference.sales.entry((date, route)).or_default();
        block.scale = 2;
        let (mantissa, scale) = value.parse::<Dec>().unwrap().parts();
        let value = i64::try_from(mantissa * 10i128.pow(2 - scale)).unwrap();
        block.retailers.push(id(shop));
        block.skus.push(id(sku));
        let at = block.rows.len() as u16;
        block.rows.push(SalesRow { retailer: at, sku: at, packs, value });
    }

    pub fn target(&mut self, person: &str, indicator: &str, item: Option<&str>, plan: &str) {
        let targets = self.reference.targets.entry((id(person), self.month)).or_default();
        targets.push(Target { indicator: id(indicator), item: item.map(id), plan: id(plan) });
    }

    pub fn planned(&mut self, route: &str, date: &str) {
        let date = day(date);
        self.reference.calendar.entry((id(route), Month::of(date))).or_default().insert(date);
    }

    pub fn standard(&mut self, route: &str, standard: u32) {
        self.reference.width_standards.insert(id(route), WidthStandard { standard, ideal: standard });
    }

    pub fn event(&mut self, name: &str, date: &str, person: &str, indicator: &str, points: &str) {
        let (indicator, points) = (id(indicator), id(points));
        let event = Event { date: day(date), person: id(person), indicator, points, retailer: None, note: String::new() };
        self.reference.events.insert(id(name), event);
    }

    /// A visit without a flaw, of ten minutes from nine o'clock, on the sheet of the shop's route; to be spoilt further.
    pub fn visit(&mut self, person: &str, date: &str, shop: &str) -> &mut Visit {
        let number = self.visits.len() as u8 + 1;
        let in_ms = at(date, "09:00:00");
        self.visits.push(Visit {
            visit: VisitId([number; 16]),
            route: self.reference.route_on(shop, day(date)).cloned().unwrap_or_else(|| id("r1")),
            date: day(date),
            retailer: id(shop),
            person: id(person),
            device: DeviceId::new(&format!("{person}-phone")).unwrap(),
            in_ms,
            out_ms: Some(in_ms + 600_000),
            position: Some(Position { lat_e6: 37_000_000, lon_e6: 121_000_000 }),
            accuracy_m: None,
            mock: false,
            stock: Default::default(),
            order: Default::default(),
            audits: Default::default(),
            note: String::new(),
            conflicts: Vec::new(),
            change: ChangeHash([number; 32]),
        });
        self.visits.last_mut().unwrap()
    }

    /// A visit that counted stock.
    pub fn check(&mut self, person: &str, date: &str, shop: &str, stock: &[(&str, i64)]) -> &mut Visit {
        let visit = self.visit(person, date, shop);
        visit.stock = stock.iter().map(|(sku, packs)| (id(sku), *packs)).collect();
        visit
    }

    pub fn inputs<'a>(&'a self, person: Option<&'a PersonId>) -> Inputs<'a> {
        let Self { reference, visits, scheme, month, as_of } = self;
        Inputs { reference, scheme, visits, month: *month, as_of: *as_of, person }
    }

    pub fn score(&self) -> MonthScore {
        score_month(&self.inputs(None))
    }

    pub fn manager(&self, person: &str) -> ManagerScore {
        self.score().managers.into_iter().find(|m| m.person_id.as_str() == person).expect("a manager")
    }

    pub fn indicator(&self, person: &str, indicator: &str) -> IndicatorScore {
        self.manager(person).indicators.into_iter().find(|i| i.id.as_str() == indicator).expect("an indicator")
    }

    /// Status, actual as shown (`-`: none), points.
    pub fn row(&self, person: &str, indicator: &str) -> (String, String, String) {
        let json = serde_json::to_value(self.indicator(person, indicator)).unwrap();
        let text = |key: &str| json.get(key).and_then(|value| value.as_str()).unwrap_or("-").to_string();
        (text("status"), text("actual"), text("points"))
    }

    pub fn warnings(&self) -> Vec<String> {
        self.score().warnings.iter().map(|w| serde_json::to_value(w.code).unwrap().as_str().unwrap().to_string()).collect()
    }
}

/// A row of [`World::row`] as a table writes it.
pub fn row(status: &str, actual: &str, points: &str) -> (String, String, String) {
    (status.into(), actual.into(), points.into())
}
