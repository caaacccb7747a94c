//! What the audit log says of an import.

use serde_json::{Value, json};
use shared::limits::AUDIT_CHANGES_BYTES;

use super::super::{difference, told};
use super::*;

fn told_of(current: &Reference, next: &Reference) -> Value {
    serde_json::to_value(told(&difference(current, next)).unwrap()).unwrap()
}

#[test]
fn every_changed_row_is_told_with_what_it_was_and_what_pay_depends_on_first() {
    let stored = import(&Reference::default(), &district()).next;
    let changed = folder(&[
        ("routes.csv", "route_id,name\nr1,北线\n"),
        ("retailers.csv", "retailer_id,from,name,route_id,sequence,grade,area,format,lat,lon\nt2,2026-08-01,二店,r1,9,30,rural,店,,\n"),
        ("assignments.csv", "route_id,person_id,kind,from,to\nr1,m2,substitute,2026-07-06,2026-07-10\n"),
        ("targets.csv", "month,person_id,indicator,item,plan\n2026-07,m1,volume,,99\n2026-07,m1,listing,a,3\n"),
        ("events.csv", "event_id,date,person_id,indicator,points,retailer_id,note\ne1,2026-07-16,m2,complaint,-2.5,t1,晚到\n"),
        ("sales.csv", "date,retailer_id,sku,packs,value\n2026-07-06,t1,a,11,110.00\n"),
    ]);
    let said = told_of(&stored, &import(&stored, &changed).next);
    let changes = said["changes"].as_array().unwrap();
    let keys: Vec<&str> = changes.iter().map(|change| change["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["r1/substitute/2026-07-06", "e1", "m1/2026-07/volume", "t2/2026-08-01", "r1"], "{said}");
    assert_eq!(changes[0]["after"], json!({ "person": "m2", "to": "2026-07-10" }));
    // Who an event is about may change: it is one change, though it goes from one scope to another.
    assert_eq!((&changes[1]["before"]["person"], &changes[1]["after"]["person"]), (&json!("m1"), &json!("m2")));
    assert_eq!(changes[2], json!({ "kind": "target", "key": "m1/2026-07/volume", "before": "120.5", "after": "99" }));
    assert_eq!((&changes[3]["before"], &changes[3]["after"]["route"]), (&Value::Null, &json!("r1")));
    assert_eq!((&changes[4]["before"], &changes[4]["after"]), (&json!("东线"), &json!("北线")));
    assert_eq!(said["more"], json!({ "sales": 1 }), "sales are counted");
    assert_eq!(told_of(&stored, &stored), json!({ "changes": [] }));
}

#[test]
fn what_there_is_no_room_for_is_counted_and_has_a_digest() {
    let stored = import(&Reference::default(), &district()).next;
    let plans = |percent: u32| {
        let rows = (1..=4_000).map(|n| format!("20{:02}-{:02},m1,volume,,{percent}\n", n / 12 % 90 + 10, n % 12 + 1));
        let rows: BTreeSet<String> = rows.collect();
        let skus = (0..3_000).map(|n| format!("s{n},烟{n},甲,1,lu,0,10,{percent}\n"));
        folder(&[
            ("targets.csv", &("month,person_id,indicator,item,plan\n".to_string() + &String::from_iter(rows))),
            (
                "skus.csv",
                &("sku,name,maker,price_class,origin,slim,packs_per_carton,wholesale_price\n".to_string() + &String::from_iter(skus)),
            ),
        ])
    };
    let [one, other] = [80, 90].map(|percent| told_of(&stored, &import(&stored, &plans(percent)).next));
    assert!(one["changes"].to_string().len() <= AUDIT_CHANGES_BYTES + 2);
    let listed = |kind: &str| one["changes"].as_array().unwrap().iter().filter(|change| change["kind"] == kind).count() as u64;
    assert_eq!(listed("sku") + one["more"]["sku"].as_u64().unwrap(), 3_000);
    assert!(listed("target") > 1_000 && one["more"].get("target").is_none(), "plans come first");
    assert_eq!(one["more_sha256"].as_str().unwrap().len(), 64);
    assert_ne!(one["more_sha256"], other["more_sha256"]);
}
