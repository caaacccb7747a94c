//! `cargo xtask bench score`: a month scored from facts in memory, of the sample district's managers and of a thousand of its
//! shape. Figures, never a test.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use shared::facts::Visit;
use shared::ids::{PersonId, RetailerId, RouteId};
use shared::reference::{Assignment, Reference, Retailer, SalesBlock};
use shared::scheme::{Scheme, scheme_of};
use shared::score::{Inputs, score_month};
use shared::time::Month;

#[path = "../tests/district/mod.rs"]
mod sample;

/// So often the sample's eight managers are a thousand.
const COPIES: u32 = 125;
const MONTH: &str = "2026-08";
const RUNS: usize = 7;

/// Runs of each size, and whether programs are to read the result.
struct Options {
    runs: usize,
    json: bool,
}

impl Options {
    fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { runs: RUNS, json: false };
        // Cargo adds `--bench` to whatever it runs as one.
        let mut words = words.filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            match word.as_str() {
                "--json" => options.json = true,
                "--runs" => {
                    let runs = words.next().and_then(|text| text.parse().ok()).filter(|runs| *runs > 0);
                    options.runs = runs.ok_or("`--runs` wants a number over 0")?;
                }
                _ => return Err(format!("there is no `{word}`: --runs N, --json")),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)) {
        Ok(options) => measure(&options),
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn measure(options: &Options) {
    let month: Month = MONTH.parse().expect("it is a month");
    let (reference, visits) = read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/fushan"));
    let scheme = scheme_of(&reference, month).expect("the sample's scheme can be read").expect("it holds for the month");
    let visits: Vec<Visit> = visits.into_iter().filter(|visit| Month::of(visit.date) == month).collect();
    let few = timed(&reference, &visits, &scheme, month, options.runs);
    let (many_reference, many_visits) = times(&reference, &visits, COPIES);
    let many = timed(&many_reference, &many_visits, &scheme, month, options.runs);
    if options.json {
        let sizes = [(&few, 50), (&many, 3_000)].map(|(sized, most)| {
            json!({
                "managers": sized.managers, "visits": sized.visits, "sales_rows": sized.sales_rows,
                "median_ms": sized.median(), "runs_ms": sized.took_ms, "at_most_ms": most,
            })
        });
        println!("{:#}", json!({ "month": MONTH, "sizes": sizes }));
        return;
    }
    println!("{MONTH} scored from facts: median of {} runs (least–most)", options.runs);
    for (sized, most) in [(few, "50 ms"), (many, "3 s")] {
        let (least, greatest) = (sized.took_ms[0], sized.took_ms[sized.took_ms.len() - 1]);
        println!(
            "{:>5} managers, {} visits, {} sales rows: {:.1} ms ({least:.1}–{greatest:.1}); at most {most}",
            sized.managers,
            sized.visits,
            sized.sales_rows,
            sized.median()
        );
    }
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
    /// Ascending.
    took_ms: Vec<f64>,
}

impl Sized {
    fn median(&self) -> f64 {
        let (low, high) = ((self.took_ms.len() - 1) / 2, self.took_ms.len() / 2);
        f64::midpoint(self.took_ms[low], self.took_ms[high])
    }
}

/// The first run, which also says what there is, is not counted.
fn timed(reference: &Reference, visits: &[Visit], scheme: &Scheme, month: Month, runs: usize) -> Sized {
    let inputs = Inputs { reference, scheme, visits, month, as_of: None, person: None };
    let first = score_month(&inputs);
    let run = |_| {
        let start = Instant::now();
        std::hint::black_box(score_month(&inputs));
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut took_ms: Vec<f64> = (0..runs).map(run).collect();
    took_ms.sort_by(f64::total_cmp);
    let of_month = reference.sales.iter().filter(|((date, _), _)| Month::of(*date) == month);
    let sales_rows = of_month.map(|(_, block)| block.rows.len()).sum();
    Sized { managers: first.managers.len(), visits: first.visits.logged, sales_rows, took_ms }
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
