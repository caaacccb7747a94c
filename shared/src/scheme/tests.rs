//! Schemes that are taken, and every fault with its line.

use super::*;
use crate::facts::flags::Flag;

const GOOD: &str = r#"id = "s"
title = { en = "S", zh = "考" }
valid_from = "2026-07"
[gate]
indicator = "sales"
below = "0.80"
[visits]
min_dwell_s = 180
geofence_m = 300
exclude = ["no_checkout", "duplicate"]
[[indicator]]
id = "sales"
class = "core"
title = { en = "Sales", zh = "销量" }
formula = "ratio"
weight = "15"
cap = "1.20"
measure = { kind = "volume", origin = "lu", price_class = [1, 2], slim = false, min_price = "100" }
source = "stated"
[[indicator]]
id = "coverage"
class = "cultivation"
title = { en = "Coverage", zh = "铺货" }
formula = "per_item"
weight = "6"
item_cap = "1.10"
measure = { kind = "outlets" }
source = "assumed"
[[indicator]]
id = "work"
class = "auxiliary"
title = { en = "Work", zh = "工作" }
formula = "events"
min = "-3"
max = "3"
each_min = "-5"
each_max = "-2"
source = "local"
[stars]
tie_break = ["sales"]
[[stars.band]]
stars = 1
places = 4
monthly_pay = "500"
[[stars.band]]
stars = 3
places = 1
"#;

/// Line and text of each fault of the good scheme after a replacement.
fn faults(from: &str, to: &str) -> Vec<(u32, String)> {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    let faults = parse(&text).expect_err(to);
    faults.into_iter().map(|fault| (fault.line, fault.what)).collect()
}

#[test]
fn a_good_scheme_is_read_as_it_stands() {
    let scheme = parse(GOOD).unwrap();
    assert_eq!((scheme.id.as_str(), scheme.title.zh.as_str()), ("s", "考"));
    assert_eq!(scheme.valid_from, "2026-07".parse().ok());
    assert_eq!(scheme.gate.unwrap().effect, GateEffect::CapAtWeight);
    assert!(scheme.visits.exclude.contains(Flag::Duplicate) && !scheme.visits.exclude.contains(Flag::NoPosition));
    let Formula::Ratio { weight, cap: Some(cap), measure: Measure::Volume(filter) } = &scheme.indicators[0].formula else { panic!() };
    assert_eq!((weight.to_string().as_str(), cap.to_string().as_str()), ("15", "1.20"));
    assert_eq!((filter.origin.as_deref(), filter.price_class.as_deref(), filter.slim), (Some("lu"), Some(&[1, 2][..]), Some(false)));
    let Formula::Events { min: Some(_), max: Some(_), each_min: Some(low), each_max: Some(_) } = &scheme.indicators[2].formula else {
        panic!()
    };
    assert_eq!(low.to_string(), "-5");
    let bands: Vec<(u32, u32, bool)> = scheme.stars.bands.iter().map(|b| (b.stars, b.places, b.monthly_pay.is_some())).collect();
    assert_eq!(bands, [(3, 1, false), (1, 4, true)]);
    assert_ne!(parse(&GOOD.replace("180", "181")).unwrap().hash, scheme.hash);
}

#[test]
fn each_fault_is_found_on_its_line() {
    for (from, to, line, said) in [
        ("id = \"s\"", "id = \"\"", 1, "`id` of the scheme"),
        ("id = \"s\"", "wieght = 1\nid = \"s\"", 1, "`wieght` is no key of the scheme"),
        ("zh = \"考\"", "cn = \"考\", zh = \"考\"", 2, "`cn` is no key"),
        ("valid_from = \"2026-07\"", "valid_from = \"2026-13\"", 3, "a month"),
        ("indicator = \"sales\"", "indicator = \"luck\"", 5, "the id of an indicator"),
        ("indicator = \"sales\"", "indicator = \"coverage\"", 5, "formula ratio"),
        ("below = \"0.80\"", "below = 0.80", 6, "as a string"),
        ("below = \"0.80\"", "below = \"0\"", 6, "over 0"),
        ("below = \"0.80\"", "below = \"0.80\"\neffect = \"none\"", 7, "cap_at_weight, no_points"),
        ("[gate]\n", "[gate]\nname = 1\n", 5, "`name` is no key of [gate]"),
        ("min_dwell_s = 180", "min_dwell_s = -1", 8, "an integer"),
        ("min_dwell_s = 180", "min_dwell_s = \"180\"", 8, "an integer"),
        ("geofence_m = 300", "geofence_m = 3e2", 9, "an integer"),
        ("\"duplicate\"", "\"late\"", 10, "one of the flags"),
        ("\"duplicate\"", "\"no_checkout\"", 10, "twice"),
        ("exclude = [", "exclude = 5 # [", 10, "a list"),
        ("class = \"core\"", "class = \"outer\"", 13, "one of core, cultivation, auxiliary"),
        ("formula = \"ratio\"", "formula = \"sum\"", 15, "one of ratio, per_item, events"),
        ("weight = \"15\"", "weight = \"-1\"", 16, "0 or more"),
        ("weight = \"15\"", "weight = 15", 16, "as a string"),
        ("weight = \"15\"", "weight = \"1e2\"", 16, "a decimal"),
        ("cap = \"1.20\"", "cap = \"0\"", 17, "over 0"),
        ("cap = \"1.20\"", "item_cap = \"1.2\"", 17, "`item_cap` is no key of indicator `sales`"),
        ("kind = \"volume\"", "kind = \"outlets\"", 18, "one of volume"),
        ("kind = \"volume\"", "kind = \"value_per_carton\"", 18, "`min_price` is no key"),
        ("price_class = [1, 2]", "price_class = [0, 2]", 18, "from 1 to 5"),
        ("price_class = [1, 2]", "price_class = [2, 2]", 18, "twice"),
        ("price_class = [1, 2]", "price_class = []", 18, "at least one"),
        ("slim = false", "slim = 0", 18, "true or false"),
        ("source = \"stated\"", "source = \"heard\"", 19, "one of stated, assumed, local"),
        ("id = \"coverage\"", "id = \"sales\"", 21, "unique"),
        ("item_cap = \"1.10\"\n", "", 20, "lacks `item_cap`"),
        ("{ kind = \"outlets\" }", "{ kind = \"volume\" }", 27, "one of outlets"),
        ("max = \"3\"", "max = \"-4\"", 35, "at least -3"),
        ("each_max = \"-2\"", "each_max = \"-6\"", 37, "at least -5"),
        ("tie_break = [\"sales\"]", "tie_break = [\"luck\"]", 40, "the id of an indicator"),
        ("tie_break = [\"sales\"]", "tie_break = [\"sales\", \"sales\"]", 40, "twice"),
        ("stars = 3", "stars = 1", 45, "twice"),
        ("places = 4", "places = 0", 43, "an integer from 1"),
        ("monthly_pay = \"500\"", "monthly_pay = \"-500\"", 44, "0 or more"),
        ("monthly_pay = \"500\"", "monthly_pay = \"500\"\nbonus = 1", 45, "`bonus` is no key"),
        ("weight = \"6\"", "weight = \"6\"\nweight = \"7\"", 26, "`weight` is given twice"),
        ("[visits]", "[gate]\nbelow = \"1\"\n[visits]", 7, "`gate` is given twice"),
        ("places = 1\n", "places = 1 1\n", 47, "no TOML"),
    ] {
        let found = faults(from, to);
        assert!(found.iter().any(|(at, what)| *at == line && what.contains(said)), "{to}: {found:#?}");
    }
}

#[test]
fn a_single_fault_is_told_once() {
    for (from, to) in [
        ("weight = \"15\"", "weight = \"x\""),
        ("class = \"core\"", "class = \"outer\""),
        ("indicator = \"sales\"", "indicator = \"luck\""),
        ("places = 4", "places = \"4\""),
        ("cap = \"1.20\"", "cup = \"1.20\""),
    ] {
        assert_eq!(faults(from, to).len(), 1, "{to}: {:#?}", faults(from, to));
    }
}

#[test]
fn all_faults_are_told_at_once_with_their_columns() {
    let text =
        GOOD.replace("180", "\"x\"").replace("\"15\"", "15").replace("zh = \"销量\"", "zn = \"销量\"").replace("places = 1", "place = 1");
    let found: Vec<(u32, u32)> = parse(&text).unwrap_err().iter().map(|fault| (fault.line, fault.column)).collect();
    assert_eq!(found, [(8, 15), (14, 9), (14, 25), (16, 10), (45, 1), (47, 1)]);
}

#[test]
fn missing_keys_are_named_where_their_table_begins() {
    let found = parse("id = \"s\"\n[gate]\n[visits]\n[stars]\n[[indicator]]\n").unwrap_err();
    let said: Vec<String> = found.iter().map(|fault| format!("{}: {}", fault.line, fault.what)).collect();
    for expected in [
        "1: the scheme lacks `title`",
        "2: [gate] lacks `indicator`",
        "2: [gate] lacks `below`",
        "3: [visits] lacks `exclude`",
        "4: [stars] lacks `tie_break`",
        "5: indicator 1 lacks `id`",
        "5: indicator 1 lacks `formula`",
    ] {
        assert!(said.contains(&expected.to_string()), "{expected} in {said:#?}");
    }
    assert!(parse("").unwrap_err().iter().all(|fault| fault.line == 1));
}

#[test]
fn counts_and_sizes_are_bounded() {
    let many = format!("{GOOD}{}", "[[stars.band]]\nstars = 2\nplaces = 1\n".repeat(30));
    assert!(parse(&many).unwrap_err().iter().any(|fault| fault.what.contains("at most 20")));
    let long = format!("{GOOD}# {}", "x".repeat(crate::limits::SCHEME_BYTES_MAX));
    assert_eq!(parse(&long).unwrap_err().len(), 1);
}

#[test]
fn a_month_uses_the_greatest_valid_from_not_after_it_and_the_latest_imported_among_equals() {
    let mut reference = Reference::default();
    let mut put = |ordinal: u32, id: &str, from: Option<&str>| {
        let from = from.map_or(String::new(), |from| format!("valid_from = \"{from}\""));
        let text = GOOD.replace("valid_from = \"2026-07\"", &from).replace("id = \"s\"", &format!("id = \"{id}\""));
        reference.schemes.insert(parse(&text).unwrap().hash, crate::reference::SchemeVersion { ordinal, text });
    };
    put(0, "any", None);
    put(5, "newer any", None);
    put(1, "august", Some("2026-08"));
    put(2, "august again", Some("2026-08"));
    put(3, "july", Some("2026-07"));
    let of = |month: &str| scheme_of(&reference, month.parse().unwrap()).unwrap().unwrap().id;
    assert_eq!(of("2026-06"), "newer any");
    assert_eq!(of("2026-07"), "july");
    assert_eq!(of("2026-08"), "august again");
    assert_eq!(of("2027-01"), "august again");
    assert!(scheme_of(&Reference::default(), "2026-07".parse().unwrap()).unwrap().is_none());
    reference.schemes.insert(SchemeHash([0; 32]), crate::reference::SchemeVersion { ordinal: 9, text: "id = 1".into() });
    assert_eq!(scheme_of(&reference, "2026-07".parse().unwrap()).unwrap_err().hash, SchemeHash([0; 32]));
}

#[test]
fn two_versions_differ_in_what_they_say_and_not_in_how_it_is_written() {
    let a = parse(GOOD).unwrap();
    let same = parse(&format!("# a comment\n{}", GOOD.replace("cap = \"1.20\"", "cap = \"1.2\"").replace("[1, 2]", "[2, 1]"))).unwrap();
    let comparison = compare(&a, &same);
    assert!(comparison.same && comparison.a.hash != comparison.b.hash, "{comparison:?}");
    for (from, to, field) in [
        ("below = \"0.80\"", "below = \"0.85\"", "gate below 0.8 0.85"),
        ("below = \"0.80\"", "below = \"0.80\"\neffect = \"no_points\"", "gate effect cap_at_weight no_points"),
        ("[gate]\nindicator = \"sales\"\nbelow = \"0.80\"\n", "", "gate effect cap_at_weight -"),
        ("min_dwell_s = 180", "min_dwell_s = 240", "visits min_dwell_s 180 240"),
        ("\"no_checkout\", ", "", "visits exclude duplicate, no_checkout duplicate"),
        ("valid_from = \"2026-07\"\n", "", "general valid_from 2026-07 -"),
        ("cap = \"1.20\"\n", "", "sales cap 1.2 -"),
        ("slim = false, ", "", "sales measure.slim false -"),
        ("item_cap = \"1.10\"", "item_cap = \"1\"", "coverage item_cap 1.1 1"),
        ("max = \"3\"", "max = \"2.5\"", "work max 3 2.5"),
        ("zh = \"铺货\"", "zh = \"铺\"", "coverage title.zh 铺货 铺"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let b = parse(&GOOD.replacen(from, to, 1)).unwrap_or_else(|faults| panic!("{to}: {faults:?}"));
        let comparison = compare(&a, &b);
        assert!(!comparison.same, "{to}");
        let of = |part: &str, changes: &[Change]| -> Vec<String> {
            let text = |value: &Option<String>| value.clone().unwrap_or("-".into());
            changes.iter().map(|change| format!("{part} {} {} {}", change.field, text(&change.a), text(&change.b))).collect()
        };
        let mut said = of("general", &comparison.general);
        said.extend(of("gate", &comparison.gate).into_iter().chain(of("visits", &comparison.visits)));
        comparison.indicators.iter().for_each(|indicator| said.extend(of(indicator.id.as_str(), &indicator.fields)));
        assert!(said.iter().any(|line| line == field), "{field} is in {said:?}");
    }
}
