//! A district folder as reference data and facts, read as plainly as can be: no checks, only for tests.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use shared::decimal::Dec;
use shared::facts::{Position, Visit};
use shared::ids::{ChangeHash, DeviceId, RetailerId, RouteId, SchemeHash, Sku, VisitId};
use shared::reference::{
    Area, Assignment, AssignmentKind, Event, Org, Person, Reference, Retailer, Role, SalesBlock, SalesRow, SchemeVersion, SkuInfo, Target,
    WidthStandard,
};
use shared::time::{Month, Zone, next_day, parse_date, parse_time};

type Row = HashMap<String, String>;

fn rows(folder: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(folder.join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}

fn optional<T>(text: &str, read: impl Fn(&str) -> T) -> Option<T> {
    (!text.is_empty()).then(|| read(text))
}

fn date(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

/// Integer microdegrees of decimal degrees.
fn microdegrees(text: &str) -> i32 {
    let (mantissa, scale) = text.parse::<Dec>().unwrap().parts();
    i32::try_from(mantissa * 10i128.pow(6 - scale)).unwrap()
}

fn position(row: &Row) -> Option<Position> {
    Some(Position { lat_e6: optional(&row["lat"], microdegrees)?, lon_e6: optional(&row["lon"], microdegrees)? })
}

pub fn read(folder: &Path) -> Reference {
    let mut reference = Reference::default();
    let org: toml::Table = fs::read_to_string(folder.join("org.toml")).unwrap().parse().unwrap();
    let of = |key: &str| org[key].as_str().unwrap().to_string();
    reference.org = Some(Org { name: of("name"), timezone: of("timezone"), currency: of("currency"), target_fill: None });
    for row in rows(folder, "people.csv") {
        let role = [Role::Manager, Role::Supervisor, Role::Analyst, Role::Admin].into_iter().find(|role| role.as_str() == row["role"]);
        let person = Person { name: row["name"].clone(), role: role.unwrap(), login: row["login"].clone(), team: None };
        reference.people.insert(id(&row["person_id"]), person);
    }
    for row in rows(folder, "routes.csv") {
        reference.routes.insert(id(&row["route_id"]), row["name"].clone());
    }
    read_shops(folder, &mut reference);
    read_plans(folder, &mut reference);
    read_sales(folder, &mut reference);
    let text = fs::read_to_string(folder.join("scheme.toml")).unwrap();
    let hash = SchemeHash(Sha256::digest(text.as_bytes()).into());
    reference.schemes.insert(hash, SchemeVersion { ordinal: 0, text });
    reference
}

fn read_shops(folder: &Path, reference: &mut Reference) {
    for row in rows(folder, "retailers.csv") {
        let retailer = Retailer {
            from: row.get("from").and_then(|from| optional(from, date)),
            name: row["name"].clone(),
            route: optional(&row["route_id"], id),
            sequence: id(&row["sequence"]),
            grade: id(&row["grade"]),
            area: if row["area"] == "town" { Area::Town } else { Area::Rural },
            format: row["format"].clone(),
            position: position(&row),
        };
        reference.retailers.entry(id(&row["retailer_id"])).or_default().push(retailer);
    }
    for row in rows(folder, "skus.csv") {
        let info = SkuInfo {
            name: row["name"].clone(),
            maker: row["maker"].clone(),
            price_class: id(&row["price_class"]),
            origin: row["origin"].clone(),
            slim: row["slim"] == "1",
            packs_per_carton: id(&row["packs_per_carton"]),
            wholesale_price: id(&row["wholesale_price"]),
        };
        reference.skus.insert(id(&row["sku"]), info);
    }
}

fn read_plans(folder: &Path, reference: &mut Reference) {
    for row in rows(folder, "assignments.csv") {
        let kind = if row["kind"] == "owner" { AssignmentKind::Owner } else { AssignmentKind::Substitute };
        let assignment = Assignment { kind, from: date(&row["from"]), person: id(&row["person_id"]), to: optional(&row["to"], date) };
        reference.assignments.entry(id(&row["route_id"])).or_default().push(assignment);
    }
    reference.assignments.values_mut().for_each(|list| list.sort_by_key(|a| (a.kind, a.from)));
    for row in rows(folder, "calendar.csv") {
        let day = date(&row["date"]);
        reference.calendar.entry((id(&row["route_id"]), Month::of(day))).or_default().insert(day);
    }
    for row in rows(folder, "targets.csv") {
        let target = Target { indicator: id(&row["indicator"]), item: optional(&row["item"], id), plan: id(&row["plan"]) };
        reference.targets.entry((id(&row["person_id"]), id(&row["month"]))).or_default().push(target);
    }
    for row in rows(folder, "width-standards.csv") {
        let standard = WidthStandard { standard: id(&row["standard"]), ideal: id(&row["ideal"]) };
        reference.width_standards.insert(id(&row["route_id"]), standard);
    }
    for row in rows(folder, "events.csv") {
        let event = Event {
            date: date(&row["date"]),
            person: id(&row["person_id"]),
            indicator: id(&row["indicator"]),
            points: id(&row["points"]),
            retailer: optional(&row["retailer_id"], id),
            note: row["note"].clone(),
        };
        reference.events.insert(id(&row["event_id"]), event);
    }
}

/// Values have two places in the sample.
const SCALE: u32 = 2;
type Block = BTreeMap<(RetailerId, Sku), (i64, i64)>;

fn read_sales(folder: &Path, reference: &mut Reference) {
    let mut blocks: BTreeMap<(Date, RouteId), Block> = BTreeMap::new();
    for row in csv::Reader::from_path(folder.join("sales.csv")).unwrap().deserialize() {
        let (day, retailer, sku, packs, value): (String, RetailerId, Sku, i64, String) = row.unwrap();
        let day = date(&day);
        let route = reference.route_on(retailer.as_str(), day).unwrap().clone();
        let (mantissa, scale) = value.parse::<Dec>().unwrap().parts();
        let line = blocks.entry((day, route)).or_default().entry((retailer, sku)).or_default();
        line.0 += packs;
        line.1 += i64::try_from(mantissa * 10i128.pow(SCALE - scale)).unwrap();
    }
    reference.sales = blocks.into_iter().map(|(key, lines)| (key, columns(lines))).collect();
}

fn columns(lines: Block) -> SalesBlock {
    let mut retailers: Vec<RetailerId> = lines.keys().map(|(retailer, _)| retailer.clone()).collect();
    let mut skus: Vec<Sku> = lines.keys().map(|(_, sku)| sku.clone()).collect();
    retailers.dedup();
    skus.sort();
    skus.dedup();
    let row = |((retailer, sku), (packs, value)): ((RetailerId, Sku), (i64, i64))| SalesRow {
        retailer: retailers.binary_search(&retailer).unwrap() as u16,
        sku: skus.binary_search(&sku).unwrap() as u16,
        packs,
        value,
    };
    let rows = lines.into_iter().map(row).collect();
    SalesBlock { rows, retailers, skus, scale: SCALE }
}

/// The field log's rows as visits; each one's id and change are made of its row number.
pub fn field_log(folder: &Path, reference: &Reference) -> Vec<Visit> {
    let zone = Zone::named(&reference.org.as_ref().unwrap().timezone).unwrap();
    rows(folder, "field-log.csv").iter().enumerate().map(|(number, row)| visit(number as u128 + 1, row, &zone)).collect()
}

fn visit(number: u128, row: &Row, zone: &Zone) -> Visit {
    let day = date(&row["date"]);
    let check_in = parse_time(&row["check_in"]).unwrap();
    let check_out = optional(&row["check_out"], |text| parse_time(text).unwrap());
    let out_day = |out| if out < check_in { next_day(day) } else { day };
    let lines =
        |text: &str| text.split_terminator(';').map(|line| line.split_once(':').unwrap()).map(|(sku, n)| (id(sku), id(n))).collect();
    let mut change = [0; 32];
    change[..16].copy_from_slice(&number.to_be_bytes());
    Visit {
        visit: VisitId(number.to_be_bytes()),
        route: id(&row["route_id"]),
        date: day,
        retailer: id(&row["retailer_id"]),
        person: id(&row["person_id"]),
        device: id::<DeviceId>(&row["device"]),
        in_ms: zone.instant(day, check_in),
        out_ms: check_out.map(|out| zone.instant(out_day(out), out)),
        position: position(row),
        accuracy_m: optional(&row["accuracy_m"], id),
        mock: false,
        stock: lines(&row["stock"]),
        order: lines(&row["order"]),
        audits: BTreeMap::new(),
        note: row["note"].clone(),
        conflicts: Vec::new(),
        change: ChangeHash(change),
    }
}
