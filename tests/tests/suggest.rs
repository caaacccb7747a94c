//! An order is suggested on a phone without signal, accepted, and ruled on at head office; the phone learns of it.

use std::collections::BTreeMap;

use client_core::device::Step;
use serde_json::json;
use server::orders::{Asked, plans};
use shared::ids::VisitId;
use shared::order::{ComparedWith, Line, ReasonCode, Suggestion};
use shared::reference::LineVerdict;
use tests::clock::{TestClock, day};
use tests::forge::{get, post_json, refused};
use tests::office::HeadOffice;
use tests::phone::Phone;

/// m03 owns r026, whose beat has 5 and 20 August and 4 September 2026.
const ROUTE: &str = "r026";
const BEFORE: &str = "2026-08-05";
const DATE: &str = "2026-08-20";
const SHOP: &str = "t00301";
/// Bounded by a quota, and not.
const SCARCE: &str = "6901028080777";
const PLENTY: &str = "6901028090063";
const SLOW: &str = "6901028080159";

/// The shop was counted on the 5th and is counted again on the 20th: the scarce SKU sold out, another sold half, one nothing.
fn counted() -> (HeadOffice, Phone, VisitId) {
    let clock = TestClock::at(DATE, "09:00:00");
    let office = HeadOffice::with_fushan(&clock);
    let mut phone = Phone::of(&office, "m03");
    phone.visits_shop(SHOP, ROUTE, BEFORE, "09:00:00", &[(SCARCE, 200), (PLENTY, 150), (SLOW, 30)]);
    phone.sync_with(&office);
    let visit = phone.enters(SHOP, ROUTE, DATE, "09:00:00");
    phone.counts_stock(visit, &[(SCARCE, 0), (PLENTY, 2), (SLOW, 900)]);
    (office, phone, visit)
}

fn line<'s>(suggestion: &'s Suggestion, sku: &str) -> &'s Line {
    suggestion.lines.iter().find(|line| line.sku.as_str() == sku).expect("a line of every SKU that was counted")
}

/// Packs that came between the two counts, by the file that head office imported.
fn delivered(sku: &str) -> i64 {
    let rows = std::fs::read_to_string(tests::office::fushan().join("sales.csv")).unwrap();
    let of_shop = rows.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>()).filter(|row| row[1] == SHOP && row[2] == sku);
    of_shop.filter(|row| row[0] > BEFORE && row[0] <= DATE).map(|row| row[3].parse::<i64>().unwrap()).sum()
}

#[test]
fn a_phone_without_signal_says_what_to_order_and_why_in_numbers_and_words() {
    let (_office, mut phone, _) = counted();
    let suggestion = phone.suggest(&SHOP.parse().unwrap(), day(DATE)).unwrap();
    assert_eq!((suggestion.next_visit, suggestion.week.as_str()), (Some(day("2026-09-04")), "2026-W34"));

    let scarce = line(&suggestion, SCARCE);
    let sold = 200 + delivered(SCARCE);
    let quota = scarce.reason.quota.expect("it is bounded");
    assert_eq!(scarce.reason.sold.map(|sold| (sold.packs, sold.days, sold.out)), Some((sold, 15, true)));
    assert!(scarce.cartons == quota.left && scarce.reason.wanted > quota.left, "{scarce:?}");
    assert_eq!(scarce.reason.code, ReasonCode::CutToQuota);
    let words = scarce.reason.english();
    let expected = format!(
        "sold {sold} packs in 15 days and ran out, 0 left, next visit in 15 days; {} wanted; quota {}",
        scarce.reason.wanted, quota.cartons
    );
    assert_eq!(words, expected);
    assert!(scarce.reason.chinese().starts_with(&format!("15天卖出{sold}包并断货，现存0包，15天后再访")));

    let plenty = line(&suggestion, PLENTY);
    assert!(plenty.cartons > 0 && plenty.reason.quota.is_none(), "{plenty:?}");
    let slow = line(&suggestion, SLOW);
    assert_eq!((slow.cartons, slow.reason.code), (0, ReasonCode::Enough));
    assert_eq!(suggestion.cartons, suggestion.lines.iter().map(|line| line.cartons).sum::<i64>());
    assert!(suggestion.value.is_some_and(|value| value.is_positive()));

    let again = phone.suggest(&SHOP.parse().unwrap(), day(DATE)).unwrap();
    assert_eq!(again, suggestion, "the same question has the same answer");
}

#[test]
fn before_a_festival_more_is_suggested_and_the_line_says_how_much_more() {
    let (office, mut phone, _) = counted();
    let shop = SHOP.parse().unwrap();
    let ordinary = phone.suggest(&shop, day(DATE)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // The next visit is on 4 September: of the 15 days until then 7 are the week before the festival, and 3 are of its own.
    let rows = "2026-09-02,,-1,开学,250\n2026-09-02,,0,开学,50\n";
    std::fs::write(folder.path().join("festivals.csv"), format!("date,sku,week,name,percent\n{rows}")).unwrap();
    let output = office.import(folder.path());
    assert_eq!(output.code, 0, "{}", output.err);
    phone.sync_with(&office);

    let suggestion = phone.suggest(&shop, day(DATE)).unwrap();
    let (before, now) = (line(&ordinary, PLENTY), line(&suggestion, PLENTY));
    assert!(now.cartons > before.cartons, "{before:?} {now:?}");
    let percent = ((7.0_f64 * 1.5 - 3.0 * 0.5) / 15.0 * 100.0).round();
    assert!(now.reason.english().contains(&format!(", 开学 in 13 days: {percent} % more")), "{}", now.reason.english());
    assert!(now.reason.chinese().contains(&format!("，13天后开学，预计多{percent}%")), "{}", now.reason.chinese());
    assert_eq!(now.reason.packs_a_week, before.reason.packs_a_week, "what sold in ordinary weeks is the same");
    assert!(before.reason.festival.is_none());
}

#[test]
fn an_order_far_from_the_usual_is_pointed_out_with_the_numbers_and_left_as_it_is() {
    let (_office, mut phone, _) = counted();
    let order = |cartons: i64| BTreeMap::from([(PLENTY.parse().unwrap(), cartons)]);
    let odd = phone.unusual(&SHOP.parse().unwrap(), day(DATE), &order(900)).unwrap();
    assert_eq!(odd.iter().map(|odd| odd.compared_with).collect::<Vec<_>>(), [ComparedWith::Own, ComparedWith::Peers]);
    assert!(odd.iter().all(|odd| odd.cartons == 900 && odd.lower <= odd.usual && odd.usual <= odd.upper), "{odd:?}");
    let usual = odd[0].usual;
    assert!(
        phone.unusual(&SHOP.parse().unwrap(), day(DATE), &order(usual)).unwrap().iter().all(|odd| odd.compared_with != ComparedWith::Own)
    );
}

#[test]
fn staff_amend_decline_and_approve_lines_and_the_phone_learns_of_it() {
    let (office, mut phone, visit) = counted();
    let suggestion = phone.suggest(&SHOP.parse().unwrap(), day(DATE)).unwrap();
    phone.accept(visit, &suggestion, Step::default()).unwrap();
    phone.leaves(visit, DATE, "09:20:00");
    assert!(phone.order_plans(day(DATE), day(DATE)).unwrap()[0].awaits());
    phone.sync_with(&office);
    office.settle();

    let staff = office.sign_in("s01");
    let listed = get(&office, "/v1/orders?awaiting=true", Some(&staff)).json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["visit"]), (1, &json!(visit)));
    let path = format!("/v1/orders/{DATE}/{visit}");
    let scarce = line(&suggestion, SCARCE).cartons;
    let amended = json!({"sku": PLENTY, "ruling": "amended", "cartons": 1, "reason": "short this week"});
    let declined = json!({"sku": SCARCE, "ruling": "declined", "drafted": scarce, "reason": "none left"});

    let token = phone.token(&client_core::transport::Http::new(&office.url())).unwrap();
    refused(&post_json(&office, &path, Some(&token), &json!({"lines": [amended]})), 403, "forbidden");
    let seen_otherwise = json!({"sku": SCARCE, "ruling": "approved", "drafted": scarce + 1});
    refused(&post_json(&office, &path, Some(&staff), &json!({"lines": [amended, seen_otherwise]})), 409, "changed_meanwhile");
    let without_reason = json!({"sku": PLENTY, "ruling": "declined"});
    refused(&post_json(&office, &path, Some(&staff), &json!({"lines": [without_reason]})), 422, "invalid");
    assert_eq!(post_json(&office, &path, Some(&staff), &json!({"lines": [amended, declined]})).status, 200);

    // Another still sees the line as nobody had ruled on it.
    let stale = json!({"sku": SCARCE, "ruling": "approved", "drafted": scarce});
    refused(&post_json(&office, &path, Some(&staff), &json!({"lines": [stale]})), 409, "changed_meanwhile");

    let audit = get(&office, "/v1/audit", Some(&staff)).json();
    let ruled = audit.to_string();
    assert!(ruled.contains("order.rule") && ruled.contains("short this week"), "{ruled}");

    phone.sync_with(&office);
    let learned = &phone.order_plans(day(DATE), day(DATE)).unwrap()[0];
    let ruling = |sku: &str| learned.lines.iter().find(|line| line.sku.as_str() == sku).and_then(|line| line.ruling.clone()).unwrap();
    let said = ruling(PLENTY);
    assert_eq!((said.ruling, said.cartons, said.by.as_str(), said.reason.as_str()), (LineVerdict::Amended, 1, "s01", "short this week"));
    assert_eq!((ruling(SCARCE).ruling, ruling(SCARCE).cartons), (LineVerdict::Declined, 0));

    // The manager drafts the amended line anew: it waits again.
    phone.plan_order(visit, BTreeMap::from([(PLENTY.parse().unwrap(), Some(77))]), Step::default()).unwrap();
    phone.sync_with(&office);
    office.settle();
    let waiting = plans(office.app(), &Asked { awaiting: true, ..Asked::default() }).unwrap();
    let again = waiting[0].lines.iter().find(|line| line.sku.as_str() == PLENTY).unwrap();
    assert!(again.awaits && again.drafted == 77, "{again:?}");
}
