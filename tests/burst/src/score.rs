//! A month scored from facts in memory: the sample district's managers, and a thousand of its shape.

use std::path::Path;
use std::time::Instant;

use serde_json::json;
use shared::facts::Visit;
use shared::ids::{PersonId, RetailerId, RouteId};
use shared::reference::{Assignment, Reference, Retailer, SalesBlock};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Inputs, score_month};
use shared::time::Month;

use crate::report::Figure;
use crate::seed::Failure;

#[path = "../../../shared/tests/district/mod.rs"]
mod sample;

/// So often the sample's eight managers are a thousand.
const COPIES: u32 = 125;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Runs of each size; the first of all is not counted
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[arg(long, default_value = "tests/data/fushan")]
    district: std::path::PathBuf,
    #[arg(long, default_value = "2026-08")]
    month: Month,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    if options.runs == 0 {
        return Err("at least one run".into());
    }
    let (reference, visits) = read(&options.district);
    let scheme = scheme_of(&reference, options.month)?.ok_or("the district has no scheme for the month")?;
    let visits: Vec<Visit> = visits.into_iter().filter(|visit| Month::of(visit.date) == options.month).collect();
    let few = timed(&reference, &visits, &scheme, options);
    let (many_reference, many_visits) = times(&reference, &visits, COPIES);
    let many = timed(&many_reference, &many_visits, &scheme, options);
    if options.json {
        let sizes = [(&few, 50), (&many, 3_000)].map(|(sized, most)| {
            json!({
                "managers": sized.managers, "visits": sized.visits, "sales_rows": sized.sales_rows,
                "median_ms": sized.took.median(), "runs_ms": sized.took.values(), "at_most_ms": most,
            })
        });
        println!("{:#}", json!({ "month": options.month, "sizes": sizes }));
        return Ok(());
    }
    println!("a month scored from facts, median of {} runs (least–most)", options.runs);
    for (sized, most) in [(few, "50 ms"), (many, "3 s")] {
        println!("{} managers, {} visits, {} sales rows; at most {most}", sized.managers, sized.visits, sized.sales_rows);
        println!("  {}", sized.took.line());
    }
    Ok(())
}

fn read(district: &Path) -> (Reference, Vec<Visit>) {
    let reference = sample::read(district);
    let visits = sample::field_log(district, &reference);
    (reference, visits)
}

/// One size, and how long it took.
struct Sized {
    managers: usize,
    visits: u64,
    sales_rows: usize,
    took: Figure,
}

fn timed(reference: &Reference, visits: &[Visit], scheme: &Scheme, options: &Options) -> Sized {
    let inputs = Inputs { reference, scheme, visits, month: options.month, as_of: None, person: None };
    let first = score_month(&inputs);
    let runs = (0..options.runs).map(|_| {
        let start = Instant::now();
        std::hint::black_box(score_month(&inputs));
        start.elapsed().as_secs_f64() * 1e3
    });
    let took = Figure::new("ms", runs.collect::<Vec<f64>>());
    let of_month = reference.sales.iter().filter(|((date, _), _)| Month::of(*date) == options.month);
    let sales_rows = of_month.map(|(_, block)| block.rows.len()).sum();
    Sized { managers: first.managers.len(), visits: first.visits.logged, sales_rows, took }
}

/// The district `n` times beside itself, under other names of people, routes and shops.
fn times(reference: &Reference, visits: &[Visit], n: u32) -> (Reference, Vec<Visit>) {
    let (mut out, mut all) = (Reference::default(), Vec::new());
    out.org = reference.org.clone();
    out.skus = reference.skus.clone();
    out.schemes = reference.schemes.clone();
    for copy in 0..n {
        let (p, r, s) = (
            |person: &PersonId| PersonId::new(&format!("{copy:03}{person}")).unwrap(),
            |route: &RouteId| RouteId::new(&format!("{copy:03}{route}")).unwrap(),
            |shop: &RetailerId| RetailerId::new(&format!("{copy:03}{shop}")).unwrap(),
        );
        out.people.extend(reference.people.iter().map(|(id, person)| (p(id), person.clone())));
        let moved = |rows: &Vec<Retailer>| rows.iter().map(|row| Retailer { route: row.route.as_ref().map(r), ..row.clone() }).collect();
        out.retailers.extend(reference.retailers.iter().map(|(id, rows)| (s(id), moved(rows))));
        let handed = |list: &Vec<Assignment>| list.iter().map(|a| Assignment { person: p(&a.person), ..a.clone() }).collect();
        out.assignments.extend(reference.assignments.iter().map(|(id, list)| (r(id), handed(list))));
        out.calendar.extend(reference.calendar.iter().map(|((id, month), days)| ((r(id), *month), days.clone())));
        out.targets.extend(reference.targets.iter().map(|((id, month), list)| ((p(id), *month), list.clone())));
        out.width_standards.extend(reference.width_standards.iter().map(|(id, standard)| (r(id), standard.clone())));
        let renamed = |block: &SalesBlock| SalesBlock { retailers: block.retailers.iter().map(s).collect(), ..block.clone() };
        out.sales.extend(reference.sales.iter().map(|((day, id), block)| ((*day, r(id)), renamed(block))));
        all.extend(visits.iter().map(|v| Visit { route: r(&v.route), retailer: s(&v.retailer), person: p(&v.person), ..v.clone() }));
    }
    (out, all)
}
