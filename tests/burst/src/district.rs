//! The district that the workload's managers work in, as a folder that `roundsman import` takes.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use crate::workload::{PAST_SHEETS, ROUTES, SHOPS, SHOPS_OF_ROUTE, SKUS, Workload, person, route, shop, sku};
use jiff::ToSpan;

/// The login of the one member of staff.
pub const LOGIN: &str = "admin";

const SCHEME: &str = include_str!("../../data/fushan/scheme.toml");

pub fn write(folder: &Path, workload: &Workload, managers: usize) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = |name: &str, text: String| std::fs::write(folder.join(name), text);
    file("org.toml", "name = \"Return to office\"\ntimezone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n".into())?;
    file("scheme.toml", SCHEME.into())?;
    file("people.csv", table("person_id,name,role,login", people(managers)))?;
    file("skus.csv", table("sku,name,maker,price_class,origin,slim,packs_per_carton,wholesale_price", (0..SKUS).map(sku_row)))?;
    let of_routes = |row: fn(usize, usize) -> String| (0..managers).flat_map(move |n| (0..ROUTES).map(move |at| row(n, at)));
    file("routes.csv", table("route_id,name", of_routes(|n, at| format!("{},route {at} of {n}", route(n, at)))))?;
    let first = workload.today.checked_sub(400.days()).expect("a date");
    let owners = (0..managers).flat_map(|n| (0..ROUTES).map(move |at| format!("{},{},owner,{first},", route(n, at), person(n))));
    file("assignments.csv", table("route_id,person_id,kind,from,to", owners))?;
    file("width-standards.csv", table("route_id,standard,ideal", of_routes(|n, at| format!("{},18,30", route(n, at)))))?;
    file("retailers.csv", table("retailer_id,name,route_id,sequence,grade,area,format,lat,lon", shops(managers)))?;
    let days = |n: usize| (0..=PAST_SHEETS).map(move |day| (n, day));
    let calendar = (0..managers).flat_map(days).map(|(n, day)| {
        let date = workload.today.checked_sub((PAST_SHEETS as i64 - day as i64).days()).expect("a date");
        format!("{date},{}", route(n, day % ROUTES))
    });
    file("calendar.csv", table("date,route_id", calendar))?;
    let month = shared::time::Month::of(workload.today);
    file("targets.csv", table("month,person_id,indicator,item,plan", (0..managers).flat_map(move |n| targets(month, n))))
}

fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    let mut out = format!("{header}\n");
    for row in rows {
        writeln!(out, "{row}").expect("writing into memory does not fail");
    }
    out
}

fn people(managers: usize) -> impl Iterator<Item = String> {
    let managers = (0..managers).map(|n| format!("{0},Manager {n},manager,{0}", person(n)));
    std::iter::once(format!("{LOGIN},Office,admin,{LOGIN}")).chain(managers)
}

fn sku_row(at: usize) -> String {
    let (class, origin, slim) = (1 + at % 5, ["lu", "other"][at % 2], usize::from(at.is_multiple_of(7)));
    format!("{},Brand {at},Maker {},{class},{origin},{slim},10,{}.50", sku(at), at % 9, 60 + at)
}

fn shops(managers: usize) -> impl Iterator<Item = String> {
    (0..managers).flat_map(|n| {
        (0..SHOPS).map(move |at| {
            let (route, sequence) = (route(n, at / SHOPS_OF_ROUTE), 1 + at % SHOPS_OF_ROUTE);
            format!("{},Shop {at} of {n},{route},{sequence},{},rural,grocer,,", shop(n, at), 1 + at % 30)
        })
    })
}

/// What can be reached without sales: visits, coverage of six brands, listing of three, width.
fn targets(month: shared::time::Month, n: usize) -> Vec<String> {
    let person = person(n);
    let mut out = vec![format!("{month},{person},visit_completion,,0.95"), format!("{month},{person},brand_width,,0.80")];
    out.extend((0..6).map(|at| format!("{month},{person},coverage,{},{}", sku(at), 20 + at)));
    out.extend((6..9).map(|at| format!("{month},{person},listing,{},{}", sku(at), 20 + at)));
    out
}
