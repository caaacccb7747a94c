//! What is refused, and in what words.

use super::*;

/// Each: the file, a text of it, what stands there instead, the fault.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("people.csv", "supervisor", "boss", "people.csv:4: role: is none of manager, supervisor, analyst, admin (boss)"),
    ("people.csv", ",m2\n", ",m1\n", "people.csv:3: login: is the login of m1 (line 2) already (m1)"),
    ("people.csv", ",s1\n", ", s1\n", "people.csv:4: login: is no login: it begins or ends with white space ( s1)"),
    ("people.csv", "s1,丙", "m1,丙", "people.csv:4: person_id: the key (person_id) is on line 2 already (m1)"),
    ("skus.csv", "乙,5", "乙,6", "skus.csv:3: price_class: is not a whole number from 1 to 5 (6)"),
    ("skus.csv", "lu,1,10", "lu,yes,10", "skus.csv:3: slim: is none of 0, 1 (yes)"),
    ("skus.csv", "lu,1,10", "lu,1,0", "skus.csv:3: packs_per_carton: is not a whole number from 1 to 4294967295 (0)"),
    ("skus.csv", "100.00", "1e2", "skus.csv:2: wholesale_price: is not a decimal number of at most 28 digits (1e2)"),
    ("skus.csv", "100.00", "-1", "skus.csv:2: wholesale_price: is a price below 0 (-1)"),
    ("retailers.csv", "town", "city", "retailers.csv:2: area: is none of town, rural (city)"),
    ("retailers.csv", "37.5", "90.0000001", "retailers.csv:2: lat: is not a decimal number of degrees from -90 to 90 (90.0000001)"),
    ("retailers.csv", "121.25", "", "retailers.csv:2: lon: is empty: a position has both lat and lon, or neither"),
    ("retailers.csv", "t2,", "t2,2026-02-30", "retailers.csv:3: from: is not a date (YYYY-MM-DD) that exists (2026-02-30)"),
    ("retailers.csv", "r2,1,30", "r2,-1,30", "retailers.csv:3: sequence: is not a whole number from 0 to 4294967295 (-1)"),
    ("retailers.csv", "r2,1,30", "r2,1,0", "retailers.csv:3: grade: is not a whole number from 1 to 30 (0)"),
    ("retailers.csv", "r2,1,30", "r9,1,30", "retailers.csv:3: route_id: is not in routes.csv (r9)"),
    ("assignments.csv", "r1,m1", "r9,m1", "assignments.csv:2: route_id: is not in routes.csv (r9)"),
    ("assignments.csv", "r1,m1", "r1,m9", "assignments.csv:2: person_id: is not in people.csv (m9)"),
    ("assignments.csv", "r1,m1", "r1,s1", "assignments.csv:2: person_id: is no manager, but has the role supervisor (s1)"),
    ("assignments.csv", "09-30", "06-30", "assignments.csv:3: to: is before its `from`, 2026-07-01 (2026-06-30)"),
    ("assignments.csv", "owner", "Owner", "assignments.csv:2: kind: is none of owner, substitute (Owner)"),
    ("calendar.csv", "2026-07-07,r2", "2026-07-07,r9", "calendar.csv:3: route_id: is not in routes.csv (r9)"),
    ("calendar.csv", "2026-07-13", "2026-07-06", "calendar.csv:4: date: the key (date, route_id) is on line 2 already (2026-07-06, r1)"),
    ("width-standards.csv", "r1,1,2", "r1,1.5,2", "width-standards.csv:2: standard: is not a whole number from 0 to 4294967295 (1.5)"),
    ("width-standards.csv", "r1,1,2", "r9,1,2", "width-standards.csv:2: route_id: is not in routes.csv (r9)"),
    ("targets.csv", "m1,volume", "s1,volume", "targets.csv:2: person_id: is no manager, but has the role supervisor (s1)"),
    (
        "targets.csv",
        "volume",
        "turnover",
        "targets.csv:2: indicator: is no indicator of the scheme `small`, which holds for 2026-07 (turnover)",
    ),
    ("targets.csv", "volume,,", "volume,a,", "targets.csv:2: item: is not empty: this indicator has one plan for all SKUs (a)"),
    ("targets.csv", "listing,a", "listing,", "targets.csv:3: item: is empty: this indicator is planned per item, so it needs a SKU"),
    ("targets.csv", "listing,a", "listing,c", "targets.csv:3: item: is not in skus.csv (c)"),
    ("targets.csv", "2026-07", "2026-13", "targets.csv:2: month: is not a month (YYYY-MM) (2026-13)"),
    ("events.csv", "complaint", "volume", "events.csv:2: indicator: is measured: it takes no events (volume)"),
    (
        "events.csv",
        "complaint",
        "praise",
        "events.csv:2: indicator: is no indicator of the scheme `small`, which holds for 2026-07 (praise)",
    ),
    ("events.csv", "-2.5", "-5.01", "events.csv:2: points: is below -5, the bound of one event of `complaint` (-5.01)"),
    ("events.csv", "-2.5", "-1.99", "events.csv:2: points: is above -2, the bound of one event of `complaint` (-1.99)"),
    ("events.csv", ",m1,", ",s1,", "events.csv:2: person_id: is no manager, but has the role supervisor (s1)"),
    ("events.csv", ",t1,", ",t9,", "events.csv:2: retailer_id: is not in retailers.csv (t9)"),
    ("allocations.csv", "W28,6,a", "W54,6,a", "allocations.csv:2: week: is not an ISO week (YYYY-Www) that exists (2026-W54)"),
    ("allocations.csv", "W28,6,a", "W28,31,a", "allocations.csv:2: grade: is not a whole number from 1 to 30 (31)"),
    ("allocations.csv", "W28,6,a", "W28,6,c", "allocations.csv:2: sku: is not in skus.csv (c)"),
    ("festivals.csv", ",a,0", ",c,0", "festivals.csv:4: sku: is not in skus.csv (c)"),
    ("festivals.csv", ",a,0", ",a,2", "festivals.csv:4: week: is not a whole number from -3 to 1 (2)"),
    ("festivals.csv", "180", "9", "festivals.csv:2: percent: is not a whole number from 10 to 1000 (9)"),
    ("festivals.csv", "春节,60", "灯节,60", "festivals.csv:4: name: the festival of 2027-02-06 is called `春节` elsewhere (line 2) (灯节)"),
    ("org.toml", "\"0.9\"", "\"0.999\"", "org.toml:4: target_fill: is no decimal in quotes from 0.5 to 0.99 (0.999)"),
    ("org.toml", "\"0.9\"", "\"0.4\"", "org.toml:4: target_fill: is no decimal in quotes from 0.5 to 0.99 (0.4)"),
    ("org.toml", "\"0.9\"", "0.9", "org.toml:4: target_fill: is no decimal in quotes from 0.5 to 0.99"),
    ("sales.csv", "t1,a", "t9,a", "sales.csv:2: retailer_id: is not in retailers.csv (t9)"),
    ("sales.csv", "t1,a", "t1,c", "sales.csv:2: sku: is not in skus.csv (c)"),
    ("sales.csv", "a,10", "a,1.0", "sales.csv:2: packs: is not a whole number from -1000000000000 to 1000000000000 (1.0)"),
    ("sales.csv", "100.00", "0.0000001", "sales.csv:2: value: has over 6 decimal places (0.0000001)"),
    ("sales.csv", "100.00", "1000000000000.01", "sales.csv:2: value: is over 1000000000000 (1000000000000.01)"),
];

#[test]
fn what_breaks_the_contract_is_refused_by_line_and_column() {
    for (file, from, to, fault) in REFUSED {
        assert_eq!(fault_of(file, from, to), *fault);
    }
}

#[test]
fn bounds_that_are_met_exactly_are_within() {
    for (file, from, to) in [
        ("events.csv", "-2.5", "-5"),
        ("events.csv", "-2.5", "-2.00"),
        ("allocations.csv", "2026-W28,6,a", "2026-W53,30,a"),
        ("retailers.csv", "37.5,121.25", "-90,180.000"),
        ("retailers.csv", "1,6,town", "0,1,town"),
        ("assignments.csv", "2026-07-01,2026-09-30", "2026-07-01,2026-07-01"),
        ("targets.csv", "120.5", "-0.5"),
    ] {
        import(&Reference::default(), &edited(district(), file, from, to));
    }
}

#[test]
fn an_indicator_is_looked_up_in_the_scheme_of_the_month() {
    let stored = import(&Reference::default(), &district()).next;
    let later = SCHEME.replace("id = \"volume\"", "id = \"turnover\"").replacen("id =", "valid_from = \"2026-08\"\nid =", 1);
    let rows =
        "month,person_id,indicator,item,plan\n2026-07,m1,volume,,1\n2026-08,m1,turnover,,1\n2026-08,m1,volume,,1\n2026-07,m1,turnover,,1\n";
    let folder = folder(&[("scheme.toml", &later), ("targets.csv", rows)]);
    assert_eq!(
        faults_over(&stored, &folder),
        [
            "targets.csv:4: indicator: is no indicator of the scheme `small`, which holds for 2026-08 (volume)",
            "targets.csv:5: indicator: is no indicator of the scheme `small`, which holds for 2026-07 (turnover)",
        ]
    );
    let without = with(district(), "scheme.toml", later);
    assert!(faults_over(&Reference::default(), &without)[0].ends_with("can't be judged: no scheme holds for 2026-07 (volume)"));
}

#[test]
fn two_of_one_kind_on_one_day_are_refused_also_against_stored_rows() {
    let of = |rows: &str| faults(&folder(&[("assignments.csv", &format!("route_id,person_id,kind,from,to\n{rows}"))]));
    assert_eq!(
        of("r1,m2,owner,2026-08-01,\n"),
        ["assignments.csv:2: from: r1 has two owners on 2026-08-01: m2 here, m1 from 2026-07-01 (already stored) (2026-08-01)"]
    );
    // A stored row that begins later collides just as well.
    assert_eq!(
        of("r2,m1,owner,2026-06-01,2026-07-01\n"),
        ["assignments.csv:2: from: r2 has two owners on 2026-07-01: m1 here, m2 from 2026-07-01 (already stored) (2026-06-01)"]
    );
    // One long row collides with both that lie within it, whatever stands between.
    assert_eq!(
        of("r1,m1,substitute,2026-07-01,2026-07-31\nr1,m2,substitute,2026-07-05,2026-07-05\nr1,m2,substitute,2026-07-20,2026-07-21\n"),
        [
            "assignments.csv:3: from: r1 has two substitutes on 2026-07-05: m2 here, m1 from 2026-07-01 (line 2) (2026-07-05)",
            "assignments.csv:4: from: r1 has two substitutes on 2026-07-20: m2 here, m1 from 2026-07-01 (line 2) (2026-07-20)",
        ]
    );
}

#[test]
fn a_login_is_one_persons_also_against_stored_rows() {
    let folder = folder(&[("people.csv", "person_id,name,role,login\nm3,丁,manager,m1\n")]);
    assert_eq!(faults(&folder), ["people.csv:2: login: is the login of m1 (already stored) already (m1)"]);
}

#[test]
fn who_walked_routes_as_a_manager_stays_one_and_who_never_did_may_become_another() {
    let stored = import(&Reference::default(), &district()).next;
    let promoted = folder(&[("people.csv", "person_id,name,role,login\nm1,甲,supervisor,m1\n")]);
    let expected = "people.csv:2: role: m1 has routes or plans as a manager, whose months would be nobody's: as supervisor they need \
                    another id (supervisor)";
    assert_eq!(faults_over(&stored, &promoted), [expected]);
    let newcomer = import(&stored, &folder(&[("people.csv", "person_id,name,role,login\nm9,新,manager,m9\n")])).next;
    let analyst = folder(&[("people.csv", "person_id,name,role,login\nm9,新,analyst,m9\n")]);
    assert_eq!(import(&newcomer, &analyst).next.people["m9"].role, shared::reference::Role::Analyst);
}
