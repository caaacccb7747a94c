//! What if, and the week's summary: what a manager works out on the phone, without a network.

use client_core::device::Step;
use serde_json::{Value, json};
use server::ops::{Command, Format};
use shared::doc::{Action, FollowUpDate};
use shared::score::{Change, Rounded};
use shared::time::{Month, Week, parse_date};
use tests::clock::{TestClock, day, local};
use tests::forge::{get, post_json, refused};
use tests::office::{HeadOffice, id};
use tests::phone::{Phone, route_id};

fn changes(texts: &[&str]) -> Vec<Change> {
    texts.iter().map(|text| text.parse().expect("a change")).collect()
}

fn points(score: &Value) -> Value {
    score["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["id"].as_str().unwrap().to_string(), i["points"].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn three_more_slim_cartons_are_played_offline_and_come_true() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-09-30", "17:30:00"));
    let mut phone = Phone::of(&office, "m03");
    phone.visits_shop("t00337", "r029", "2026-08-10", "09:00:00", &[("6901028080262", 12)]);
    let month: Month = "2026-08".parse().unwrap();

    let nothing = phone.what_if(month, &[]).unwrap();
    let score = phone.score(month, None).unwrap().score;
    assert_eq!((&nothing.before, &nothing.after), (&score.managers[0], &score.managers[0]));

    // 3 cartons of a slim local one of class 5: what is sold there counts in four places, and lifts no other volume.
    let played = phone.what_if(month, &changes(&["slim=+3"])).unwrap();
    assert!(played.difference > Rounded::default(), "{played}");
    assert!(played.also.contains(&id_of("sales")), "{:?}", played.also);
    let quarter = played.quarter.as_ref().unwrap();
    assert_eq!((quarter.ranked, quarter.after.stars, quarter.months.len()), (false, None, 3));

    phone.sync_with(&office);
    office.settle();
    // Head office plays the same, and knows the star.
    let staff = office.sign_in("s01");
    let body = json!({ "as_of": "2026-08-31", "changes": [{ "indicator": "slim", "by": "3" }] });
    let theirs = post_json(&office, "/v1/what-if/2026-08/m03", Some(&staff), &body).json();
    let own = serde_json::to_value(&played).unwrap();
    for key in ["before", "after", "difference", "effects", "changes", "also"] {
        assert_eq!(theirs[key], own[key], "{key}");
    }
    assert_eq!(theirs["quarter"]["ranked"], true);
    assert!(theirs["quarter"]["after"]["rank"].as_u64().is_some(), "{}", theirs["quarter"]);
    assert_eq!(theirs["quarter"]["after"]["mean"], own["quarter"]["after"]["mean"]);
    refused(
        &post_json(&office, "/v1/what-if/2026-08/m03", Some(&staff), &json!({ "changes": [{ "indicator": "nothing", "by": "3" }] })),
        422,
        "invalid",
    );
    let printed =
        office.run(&Command::WhatIf { month, as_of: None, person: id("m03"), changes: changes(&["slim=+3"]), format: Format::Text });
    assert!(printed.code == 0 && printed.out.contains("rank") && printed.out.contains("slim"), "{}{}", printed.out, printed.err);

    // The cartons are sold. What was played for every volume that they count in is what the scorer says now.
    let cartons = phone.what_if(month, &changes(&["slim=+3", "sales=+3", "lu_100=+3"])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sales.csv"), "date,retailer_id,sku,packs,value\n2026-08-01,t00338,6901028030227,30,148.17\n")
        .unwrap();
    assert_eq!(office.import(folder.path()).code, 0);
    phone.sync_with(&office);
    let real = serde_json::to_value(phone.score(month, None).unwrap()).unwrap()["managers"][0].clone();
    let expected = serde_json::to_value(&cartons).unwrap();
    for volume in ["slim", "sales", "class_1", "other_slim"] {
        assert_eq!(points(&real)[volume], points(&expected["after"])[volume], "{volume}");
    }
    assert_ne!(points(&real)["slim"], points(&expected["before"])["slim"]);
}

fn id_of(indicator: &str) -> shared::ids::IndicatorId {
    indicator.parse().unwrap()
}

#[test]
fn a_week_is_drafted_edited_and_kept_where_head_office_sees_it() {
    let office = HeadOffice::with_fushan(&TestClock::at("2026-08-14", "17:30:00"));
    let mut phone = Phone::of(&office, "m03");
    let week: Week = "2026-W33".parse().unwrap();
    let visit = phone.visits_shop("t00337", "r029", "2026-08-10", "09:00:00", &[("6901028080262", 12)]);
    phone.orders(visit, &[("6901028080262", 3)]);
    phone.note(visit, "shelf moved\nnext to the till", Step::default()).unwrap();
    // Too short to count: checked out within the minute.
    let short = phone.enters("t00338", "r029", "2026-08-10", "10:00:00");
    phone.leaves(short, "2026-08-10", "10:00:30");
    phone.report_missed("t00339".parse().unwrap(), Some(route_id("r029")), Some(day("2026-08-10")), "closed", Step::default()).unwrap();
    let shop = "t00337".parse().unwrap();
    let at = |date: &str| Step { at_ms: Some(local(date, "09:30:00")), ..Step::default() };
    phone.follow_up(&shop, FollowUpDate::Due(day("2026-08-18")), "bring the price tags", at("2026-08-10")).unwrap();
    phone.follow_up(&shop, FollowUpDate::Due(day("2026-09-18")), "far off", at("2026-08-10")).unwrap();
    phone.complain(&shop, "the order came late", None, at("2026-08-10")).unwrap();
    let contact = Action::PutContact {
        id: "c1".into(),
        name: "孙丽".into(),
        role: "店主".into(),
        phone: "1".into(),
        birthday: Some("1970-08-20".into()),
    };
    phone.edit_shop(&shop, contact, at("2026-08-10")).unwrap();
    phone.diary(route_id("r029"), day("2026-08-10"), "rain all day", Step::default()).unwrap();

    let drafted = phone.week(week).unwrap();
    let (draft, counts) = (&drafted.draft, &drafted.draft.counts);
    assert_eq!(
        (counts.visits, counts.effective, counts.shops, counts.stock_checks, counts.order_lines, counts.order_cartons),
        (2, 1, 2, 1, 1, 3)
    );
    assert_eq!((counts.done, draft.missed.len() as u64), (1, counts.planned - 1));
    let texts = |lines: &[shared::week::Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&draft.notes), ["shelf moved\nnext to the till"]);
    assert_eq!(texts(&draft.follow_ups), ["bring the price tags"]);
    assert_eq!(texts(&draft.complaints), ["the order came late"]);
    assert_eq!((texts(&draft.birthdays), draft.birthdays[0].date), (vec!["孙丽 店主".to_string()], day("2026-08-20")));
    assert!(texts(&draft.missed).contains(&"closed".to_string()));
    assert!(drafted.text_en.contains("- 10 Aug") && drafted.text_en.contains("shelf moved next to the till"), "{}", drafted.text_en);
    assert!(drafted.text_zh.contains("近期生日（1）：\n- 8月20日"), "{}", drafted.text_zh);
    for text in [&drafted.text_en, &drafted.text_zh] {
        assert!(text.len() <= shared::limits::TEXT_BYTES_MAX * 3 / 4, "{} bytes", text.len());
    }
    assert_eq!(drafted.saved, None);

    phone.save_week(week, "A quiet week.", Step::default()).unwrap();
    phone.save_week(week, "A quiet week, but for the rain.", Step::default()).unwrap();
    let saved = phone.week(week).unwrap().saved.unwrap();
    assert_eq!((saved.text.as_str(), saved.date), ("A quiet week, but for the rain.", day("2026-08-10")));
    phone.sync_with(&office);
    office.settle();
    let sheets = office.app().store.sheets(day("2026-08-10"), parse_date("2026-08-16").unwrap()).unwrap();
    let diary = &sheets.iter().find(|sheet| sheet.route == route_id("r029")).unwrap().diary;
    assert_eq!(diary, "rain all day\n\n【2026-W33 m03】\nA quiet week, but for the rain.");
    let fault = phone.save_week("2026-W01".parse().unwrap(), "x", Step::default()).unwrap_err();
    assert_eq!(fault.code(), "nothing_of_week");
    assert_eq!(get(&office, "/healthz", None).status, 200);
}
