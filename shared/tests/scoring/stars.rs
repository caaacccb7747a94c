//! A quarter's ranking.

use shared::ids::PersonId;
use shared::reference::{Person, Role, Target};
use shared::score::{MonthPoints, PersonPoints, StarsTable, stars};
use shared::time::Quarter;

use crate::world::{SALES, World, id, ratio};

struct Months {
    world: World,
    months: [MonthPoints; 3],
}

impl Months {
    /// People p1… of role manager with the given totals and sales points of each month, and targets in each.
    fn new(people: &[[(&str, &str); 3]]) -> Self {
        let mut world = World::new("", &[ratio("sales", "15", None, SALES)]);
        let text = crate::world::scheme_text("", &[&ratio("sales", "15", None, SALES)]).replace(
            "tie_break = []\n",
            "tie_break = [\"sales\"]\n[[stars.band]]\nstars = 1\nplaces = 1\nmonthly_pay = \"500.0\"\n[[stars.band]]\nstars = 2\nplaces = 1\n",
        );
        world.scheme = shared::scheme::parse(&text).unwrap();
        world.reference.people.clear();
        let quarter: Quarter = id("2026Q3");
        let mut months = quarter.months().map(|month| MonthPoints { month, revision: None, people: Default::default() });
        for (nth, points) in people.iter().enumerate() {
            let person: PersonId = id(&format!("p{}", nth + 1));
            world
                .reference
                .people
                .insert(person.clone(), Person { name: String::new(), role: Role::Manager, login: String::new(), team: None });
            for (month, (total, sales)) in months.iter_mut().zip(points) {
                let target = Target { indicator: id("sales"), item: None, plan: id("1") };
                world.reference.targets.insert((person.clone(), month.month), vec![target]);
                let indicators = [(id("sales"), id(sales))].into();
                month.people.insert(person.clone(), PersonPoints { total: id(total), indicators });
            }
        }
        Self { world, months }
    }
    fn table(&self) -> StarsTable {
        stars(&self.world.reference, id("2026Q3"), &self.world.scheme, &self.months)
    }
    /// person, mean, stars, pay, tie.
    fn rows(&self) -> Vec<String> {
        let text = |value: Option<String>| value.unwrap_or("-".into());
        let row = |row: shared::score::StarsRow| {
            let (mean, pay) = (text(row.mean.map(|m| m.to_string())), text(row.monthly_pay.map(|p| p.to_string())));
            format!("{} {mean} {} {pay}{}", row.person_id, row.stars, if row.tie { " tie" } else { "" })
        };
        self.table().managers.into_iter().map(row).collect()
    }
}

const fn flat(total: &'static str, sales: &'static str) -> [(&'static str, &'static str); 3] {
    [(total, sales); 3]
}

#[test]
fn bands_are_filled_from_the_most_stars_down() {
    let months = Months::new(&[flat("90", "1"), flat("100", "1"), flat("95", "1"), flat("-1.5", "0")]);
    assert_eq!(months.rows(), ["p2 100.0000 2 -", "p3 95.0000 1 500.0", "p1 90.0000 0 0", "p4 -1.5000 0 0"]);
    let table = months.table();
    assert_eq!(table.warnings, ["the band of 2 stars has no monthly_pay: the pay of p2 is not set"]);
    assert_eq!(table.managers.iter().map(|row| row.rank).collect::<Vec<_>>(), [Some(1), Some(2), Some(3), Some(4)]);
    assert!(table.months.iter().all(|month| month.status == "open" && month.revision.is_none()));
    // Fewer people than places; nobody at all.
    assert_eq!(Months::new(&[flat("1", "1")]).rows(), ["p1 1.0000 2 -"]);
    let nobody = Months::new(&[]).table();
    assert!(nobody.managers.is_empty() && nobody.warnings.is_empty());
}

#[test]
fn the_mean_is_rounded_half_to_even_before_it_ranks() {
    // 0.0001 ÷ 3 rounds to 0.0000, 0.0002 ÷ 3 to 0.0001.
    let months = Months::new(&[
        [("0.0001", "5"), ("0", "0"), ("0", "0")],
        [("0", "6"), ("0", "0"), ("0", "0")],
        [("0.0002", "0"), ("0", "0"), ("0", "0")],
    ]);
    assert_eq!(months.rows(), ["p3 0.0001 2 -", "p2 0.0000 1 500.0", "p1 0.0000 0 0"]);
}

#[test]
fn equal_means_are_decided_by_the_quarters_points_on_the_tie_break_then_by_id_which_is_said() {
    let months = Months::new(&[
        flat("80", "10"),
        [("79", "10.0001"), ("80", "10"), ("81", "10")],
        flat("80", "10"),
        flat("99", "0"),
        flat("80", "10"),
    ]);
    let expected = ["p4 99.0000 2 -", "p2 80.0000 1 500.0", "p1 80.0000 0 0 tie", "p3 80.0000 0 0 tie", "p5 80.0000 0 0 tie"];
    assert_eq!(months.rows(), expected);
}

#[test]
fn who_is_no_manager_with_a_target_in_each_month_is_last_and_unranked() {
    let mut months = Months::new(&[flat("100", "1"), flat("90", "1"), flat("95", "1"), flat("80", "1")]);
    let august = months.months[1].month;
    months.world.reference.targets.remove(&(id("p1"), august));
    months.world.reference.people.get_mut("p3").unwrap().role = Role::Supervisor;
    months.world.reference.people.insert(id("p0"), Person { name: String::new(), role: Role::Manager, login: String::new(), team: None });
    months.world.reference.people.insert(id("a1"), Person { name: String::new(), role: Role::Admin, login: String::new(), team: None });
    assert_eq!(months.rows(), ["p2 90.0000 2 -", "p4 80.0000 1 500.0", "p0 - 0 0", "p1 - 0 0", "p3 - 0 0"]);
    let ranks: Vec<Option<u32>> = months.table().managers.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, [Some(1), Some(2), None, None, None]);
}

#[test]
fn a_published_month_says_its_revision_and_a_missing_score_is_warned_of() {
    let mut months = Months::new(&[flat("30", "1")]);
    months.months[0].revision = Some(2);
    months.months[0].people.clear();
    let table = months.table();
    let state = serde_json::to_value(&table.months).unwrap();
    assert_eq!(state[0], serde_json::json!({"month": "2026-07", "status": "published", "revision": 2}));
    assert_eq!(state[1], serde_json::json!({"month": "2026-08", "status": "open", "revision": null}));
    assert_eq!(table.managers[0].mean.as_ref().unwrap().to_string(), "20.0000");
    assert_eq!(table.warnings[0], "p1 has a target in 2026-07 but no score: counted as 0");
}

#[test]
fn a_tie_break_that_a_months_scheme_did_not_have_is_0_in_that_month() {
    let mut months = Months::new(&[flat("80", "10"), [("80", "9"), ("80", "12"), ("80", "10")]]);
    // 10 + 10 + 10 against 9 + 12 + 10; without August's, 20 against 19.
    assert_eq!(months.rows(), ["p2 80.0000 2 -", "p1 80.0000 1 500.0"]);
    months.months[1].people.values_mut().for_each(|points| points.indicators.clear());
    assert_eq!(months.rows(), ["p1 80.0000 2 -", "p2 80.0000 1 500.0"]);
}
