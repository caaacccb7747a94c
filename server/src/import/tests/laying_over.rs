//! How a folder is laid over what is stored.

use jiff::civil::date;
use shared::facts::Position;
use shared::reference::{Area, AssignmentKind};

use super::*;

fn stored() -> Reference {
    import(&Reference::default(), &district()).next
}

#[test]
fn rows_come_in_as_what_they_say() {
    let next = stored();
    let shop = next.retailer_on("t1", date(2026, 7, 1)).unwrap();
    assert_eq!((shop.grade, shop.area, shop.from), (6, Area::Town, None));
    assert_eq!(shop.position, Some(Position { lat_e6: 37_500_000, lon_e6: 121_250_000 }));
    assert_eq!(next.retailer_on("t2", date(2026, 7, 1)).unwrap().position, None);
    assert_eq!(next.skus["a"].wholesale_price.to_string(), "100.00");
    assert_eq!(next.owner("r2", date(2026, 9, 30)).unwrap().as_str(), "m2");
    assert_eq!(next.owner("r2", date(2026, 10, 1)), None);
    assert!(next.planned(&"r1".parse().unwrap(), date(2026, 7, 13)));
    assert_eq!(next.events["e1"].points.to_string(), "-2.5");
    assert_eq!(next.allocations["2026-W28"].len(), 2);
    assert_eq!(next.org.as_ref().unwrap().target_fill, Some("0.9".parse().unwrap()));
    let festival = &next.festivals[&date(2027, 2, 6)];
    let of = |sku: &str| festival.of(&sku.parse().unwrap()).collect::<Vec<_>>();
    assert_eq!((festival.name.as_str(), of("a"), of("b")), ("春节", vec![(-1, 250), (0, 60)], vec![(-1, 180)]));
}

#[test]
fn coordinates_round_half_to_even_at_a_microdegree() {
    for (text, e6) in [
        ("0.0000005", 0),
        ("0.0000015", 2),
        ("-0.0000005", 0),
        ("-0.0000015", -2),
        ("-0.00000151", -2),
        ("1.2345678", 1_234_568),
        ("-90", -90_000_000),
        ("90.000000", 90_000_000),
    ] {
        let next = import(&Reference::default(), &edited(district(), "retailers.csv", "37.5", text)).next;
        assert_eq!(next.retailers["t1"][0].position.unwrap().lat_e6, e6, "{text}");
    }
}

#[test]
fn a_changed_row_updates_its_key_and_what_a_file_lacks_is_kept() {
    let stored = stored();
    let folder = folder(&[("routes.csv", "route_id,name\nr1,北线\nr3,新线\n")]);
    let planned = import(&stored, &folder);
    assert_eq!(counts(&planned.report, "routes.csv"), (2, 1, 1, 0, 0));
    assert_eq!(planned.next.routes.values().map(String::as_str).collect::<Vec<_>>(), ["北线", "西线", "新线"]);
    assert_eq!(planned.next.people, stored.people);
}

#[test]
fn a_column_that_a_file_lacks_leaves_what_is_stored_and_an_empty_field_clears_it() {
    let full = [
        ("people.csv", "person_id,name,role,login,team_id\nm1,甲,manager,m1,x1\n"),
        ("teams.csv", "team_id,name,department,supervisor\nx1,一队,一部,s1\n"),
    ];
    let stored = import(&stored(), &folder(&full)).next;
    let short = [("people.csv", "person_id,name,role,login\nm1,甲乙,manager,m1\n"), ("teams.csv", "team_id,name\nx1,东队\n")];
    let next = import(&stored, &folder(&short)).next;
    let (person, team) = (&next.people["m1"], &next.teams["x1"]);
    assert_eq!((person.name.as_str(), person.team.as_ref().map(|team| team.as_str())), ("甲乙", Some("x1")));
    assert_eq!((team.name.as_str(), team.department.as_deref()), ("东队", Some("一部")));
    assert_eq!(team.supervisor.as_ref().map(|person| person.as_str()), Some("s1"));
    // The file as a whole is the truth about who there is, not about a column that it lacks.
    assert_eq!(attempt(&stored, &folder(&short[1..]), &["teams.csv"]).unwrap().next.teams["x1"].department.as_deref(), Some("一部"));

    let empty = [
        ("people.csv", "person_id,name,role,login,team_id\nm1,甲,manager,m1,\n"),
        ("teams.csv", "team_id,name,department,supervisor\nx1,一队,,\n"),
    ];
    let next = import(&stored, &folder(&empty)).next;
    assert_eq!((&next.people["m1"].team, &next.teams["x1"].department, &next.teams["x1"].supervisor), (&None, &None, &None));
}

#[test]
fn replace_makes_a_file_the_whole_truth() {
    let stored = stored();
    let calendar = folder(&[("calendar.csv", "date,route_id\n2026-08-03,r1\n2026-07-13,r1\n")]);
    let planned = attempt(&stored, &calendar, &["calendar.csv"]).unwrap();
    assert_eq!(counts(&planned.report, "calendar.csv"), (2, 1, 0, 1, 2));
    // The month of r2 has no date left, and is gone.
    assert_eq!(planned.next.calendar.len(), 2);

    let absent = attempt(&stored, &calendar, &["sales.csv"]).unwrap_err();
    assert_eq!(absent.faults[0].to_string(), "sales.csv: is to be replaced, but the folder has no such file to import");
}

#[test]
fn what_others_refer_to_is_not_removed() {
    let stored = stored();
    for (file, text, fault) in [
        (
            "routes.csv",
            "route_id,name\nr1,东线\n",
            "routes.csv: the file no longer has this id, but stored rows of retailers.csv refer to it (r2)",
        ),
        (
            "skus.csv",
            "sku,name,maker,price_class,origin,slim,packs_per_carton,wholesale_price\na,甲烟,甲,1,lu,0,10,100.00\n",
            "skus.csv: the file no longer has this id, but stored rows of allocations.csv refer to it (b)",
        ),
        (
            "retailers.csv",
            "retailer_id,name,route_id,sequence,grade,area,format,lat,lon\nt1,一店,r1,1,6,town,店,37.5,121.25\n",
            "retailers.csv: stored rows of sales.csv refer to this retailer, but it no longer has any route (t2)",
        ),
    ] {
        let report = attempt(&stored, &folder(&[(file, text)]), &[file]).unwrap_err();
        assert_eq!(report.faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [fault]);
    }
    // Whoever nobody refers to can go.
    let people = folder(&[("people.csv", "person_id,name,role,login\nm1,甲,manager,m1\nm2,乙,manager,m2\n")]);
    assert_eq!(counts(&attempt(&stored, &people, &["people.csv"]).unwrap().report, "people.csv"), (2, 0, 0, 2, 1));
}

#[test]
fn assignments_stand_by_kind_then_date() {
    let rows = "route_id,person_id,kind,from,to\nr1,m2,substitute,2026-07-06,2026-07-10\nr1,m1,owner,2026-07-01,2026-07-31\nr1,m2,owner,2026-08-01,\n";
    let next = import(&stored(), &folder(&[("assignments.csv", rows)])).next;
    let kinds: Vec<_> = next.assignments["r1"].iter().map(|a| (a.kind, a.from.day())).collect();
    assert_eq!(kinds, [(AssignmentKind::Owner, 1), (AssignmentKind::Owner, 1), (AssignmentKind::Substitute, 6)]);
    assert_eq!(next.responsible("r1", date(2026, 7, 8)).unwrap().as_str(), "m2");
    assert_eq!(next.owner("r1", date(2026, 8, 1)).unwrap().as_str(), "m2");
}

#[test]
fn each_content_of_the_scheme_is_a_version() {
    let stored = stored();
    let changed = edited(folder(&[("scheme.toml", SCHEME)]), "scheme.toml", "\"10\"", "\"12\"");
    let two = import(&stored, &changed);
    assert_eq!(counts(&two.report, "scheme.toml"), (1, 1, 0, 0, 0));
    let ordinals: std::collections::BTreeSet<u32> = two.next.schemes.values().map(|version| version.ordinal).collect();
    assert_eq!(ordinals, [0, 1].into());
    let again = import(&two.next, &folder(&[("scheme.toml", SCHEME)]));
    assert_eq!((again.next == two.next, counts(&again.report, "scheme.toml")), (true, (1, 0, 0, 1, 0)));
    for (hash, version) in &two.next.schemes {
        assert_eq!(shared::scheme::parse(&version.text).unwrap().hash, *hash);
    }
}

#[test]
fn a_scheme_that_leaves_stored_rows_without_an_indicator_is_warned_of() {
    let later = SCHEME.replace("id = \"listing\"", "id = \"shelf\"").replace("id = \"complaint\"", "id = \"praise\"");
    assert_eq!(
        import(&stored(), &folder(&[("scheme.toml", &later)])).report.warnings,
        [
            "scheme.toml: 1 stored rows of events.csv no longer count: the scheme of their month has no such indicator `complaint`",
            "scheme.toml: 1 stored rows of targets.csv no longer count: the scheme of their month has no such indicator `listing`",
        ]
    );
}

#[test]
fn logins_may_change_hands_within_a_file() {
    let swapped = "person_id,name,role,login\nm1,甲,manager,m2\nm2,乙,manager,m1\n";
    let next = import(&stored(), &folder(&[("people.csv", swapped)])).next;
    assert_eq!(next.people["m1"].login, "m2");
}
