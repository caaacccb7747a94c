//! Two phones, one sheet: nothing is lost, and what differs is shown.

use shared::facts::SheetFacts;
use shared::facts::flags::Flag;
use tests::clock::{TestClock, day};
use tests::office::HeadOffice;
use tests::phone::{Phone, route_id};

/// m03 owns r026; m05 stands in on 3–7 August 2026. r026's beat has 5 August.
const ROUTE: &str = "r026";
const DATE: &str = "2026-08-05";
const SKU: &str = "6901028090063";
const OTHER_SKU: &str = "6901028080159";

fn shops(phone: &mut Phone) -> Vec<String> {
    let reference = phone.reference().unwrap();
    reference.stops(ROUTE, day(DATE)).into_iter().map(|(id, _)| id.to_string()).collect()
}

fn sheet_at_head_office(office: &HeadOffice) -> SheetFacts {
    office.settle();
    let mut sheets = office.app().store.sheets(day(DATE), day(DATE)).unwrap();
    sheets.retain(|sheet| sheet.route == route_id(ROUTE));
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

fn sheet_on(phone: &Phone) -> SheetFacts {
    phone.sheet_facts(&route_id(ROUTE), day(DATE)).unwrap().expect("the sheet is on the phone")
}

fn evening() -> (TestClock, HeadOffice) {
    let clock = TestClock::at(DATE, "17:30:00");
    let office = HeadOffice::with_fushan(&clock);
    (clock, office)
}

#[test]
fn owner_and_substitute_work_one_sheet_offline_and_everything_of_both_is_there_in_either_order() {
    for owner_first in [true, false] {
        let (_, office) = evening();
        let (mut owner, mut substitute) = (Phone::of(&office, "m03"), Phone::of(&office, "m05"));
        let shops = shops(&mut owner);
        for (n, shop) in shops.iter().take(6).enumerate() {
            let phone = if n % 2 == 0 { &mut owner } else { &mut substitute };
            let visit = phone.visits_shop(shop, ROUTE, DATE, &format!("{:02}:00:00", 9 + n), &[(SKU, n as i64)]);
            phone.orders(visit, &[(SKU, 2)]);
        }
        let (a, b) = if owner_first { (&mut owner, &mut substitute) } else { (&mut substitute, &mut owner) };
        a.sync_with(&office);
        b.sync_with(&office);
        a.sync_with(&office);
        let facts = sheet_at_head_office(&office);
        assert_eq!(facts.visits.len(), 6);
        assert!(facts.visits.iter().all(|v| v.stock.len() == 1 && v.order.len() == 1 && v.out_ms.is_some() && v.conflicts.is_empty()));
        assert_eq!(sheet_on(&owner), facts);
        assert_eq!(sheet_on(&substitute), facts);
        for phone in [&mut owner, &mut substitute] {
            assert_eq!(phone.counts().unwrap().pending, 0);
        }
    }
}

#[test]
fn two_counts_of_one_sku_in_one_visit_are_both_kept_one_wins_everywhere_and_a_person_settles_it() {
    let (_, office) = evening();
    let (mut owner, mut substitute) = (Phone::of(&office, "m03"), Phone::of(&office, "m05"));
    let shop = shops(&mut owner)[0].clone();
    let visit = owner.visits_shop(&shop, ROUTE, DATE, "09:00:00", &[(SKU, 5), (OTHER_SKU, 1)]);
    owner.sync_with(&office);
    substitute.sync_with(&office);
    owner.counts_stock(visit, &[(SKU, 7), (OTHER_SKU, 3)]);
    substitute.counts_stock(visit, &[(SKU, 8), (OTHER_SKU, 3)]);
    substitute.sync_with(&office);
    owner.sync_with(&office);
    substitute.sync_with(&office);

    let facts = sheet_at_head_office(&office);
    let conflicts = &facts.visits[0].conflicts;
    assert_eq!(conflicts.len(), 1, "equal values are no conflict: {conflicts:?}");
    assert_eq!(conflicts[0].field, format!("stock/{SKU}"));
    let mut values: Vec<&str> = conflicts[0].values.iter().map(|v| v.value.as_str()).collect();
    assert_eq!(facts.visits[0].stock.get(SKU).unwrap().to_string(), values[0], "the winner stands first");
    values.sort_unstable();
    assert_eq!(values, ["7", "8"]);
    assert_eq!((sheet_on(&owner), sheet_on(&substitute)), (facts.clone(), facts.clone()));
    let seen = owner.today(day(DATE)).unwrap();
    let stop = seen.routes.iter().flat_map(|r| &r.stops).find(|s| s.retailer.as_str() == shop).unwrap();
    assert!(stop.visits[0].flags.contains(Flag::Conflict));

    owner.counts_stock(visit, &[(SKU, facts.visits[0].stock.get(SKU).unwrap())]);
    owner.sync_with(&office);
    substitute.sync_with(&office);
    let settled = sheet_at_head_office(&office);
    assert_eq!(settled.visits[0].conflicts, [], "writing the winner again settles it");
    assert_eq!(sheet_on(&substitute), settled);
}

#[test]
fn two_visits_to_one_shop_are_both_kept_and_the_later_is_a_duplicate() {
    let (_, office) = evening();
    let (mut owner, mut substitute) = (Phone::of(&office, "m03"), Phone::of(&office, "m05"));
    let shop = shops(&mut owner)[0].clone();
    let later = owner.visits_shop(&shop, ROUTE, DATE, "11:00:00", &[(SKU, 5)]);
    let earlier = substitute.visits_shop(&shop, ROUTE, DATE, "10:00:00", &[(SKU, 4)]);
    owner.sync_with(&office);
    substitute.sync_with(&office);
    owner.sync_with(&office);
    for phone in [&mut owner, &mut substitute] {
        let today = phone.today(day(DATE)).unwrap();
        let stop = today.routes.iter().flat_map(|r| &r.stops).find(|s| s.retailer.as_str() == shop).unwrap();
        let flagged: Vec<_> = stop.visits.iter().filter(|v| v.flags.contains(Flag::Duplicate)).map(|v| v.visit.visit).collect();
        assert_eq!((stop.visits.len(), flagged), (2, vec![later]));
        assert!(stop.visits.iter().any(|v| v.visit.visit == earlier && v.effective == Some(true)));
    }
    office.settle();
    let score = server::scores::month(office.app(), "2026-08".parse().unwrap(), None, None).unwrap().score;
    assert_eq!((score.visits.logged, score.visits.effective, score.visits.flags[&Flag::Duplicate]), (2, 1, 1));
}

#[test]
fn a_shops_file_is_shared_and_survives_being_edited_on_two_phones() {
    let (_, office) = evening();
    let (mut owner, mut substitute) = (Phone::of(&office, "m03"), Phone::of(&office, "m05"));
    let shop = shops(&mut owner)[0].clone().parse().unwrap();
    owner.log_contact(&shop, "call", "wants the slim ones", Default::default()).unwrap();
    substitute.log_contact(&shop, "visit", "closed on Mondays", Default::default()).unwrap();
    owner.sync_with(&office);
    substitute.sync_with(&office);
    owner.sync_with(&office);
    let file = owner.shop_file(&shop).unwrap();
    assert_eq!(file.log.len(), 2);
    assert_eq!(substitute.shop_file(&shop).unwrap(), file);
}
