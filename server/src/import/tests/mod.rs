//! What comes in, what is refused, and where the report says that it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use shared::reference::Reference;

use super::{FileReport, Folder, Planned, Recorded, Report, plan, read_folder};

mod any_bytes;
mod broken;
mod forms;
mod fushan;
mod laying_over;
mod refusals;
mod sales;
mod told;

const SCHEME: &str = r#"id = "small"
title = { en = "Small", zh = "小" }

[visits]
min_dwell_s = 180
geofence_m = 300
exclude = []

[[indicator]]
id = "volume"
class = "core"
title = { en = "Volume", zh = "销量" }
formula = "ratio"
weight = "10"
measure = { kind = "volume" }
source = "stated"

[[indicator]]
id = "listing"
class = "core"
title = { en = "Listing", zh = "上柜" }
formula = "per_item"
weight = "5"
item_cap = "1.1"
measure = { kind = "outlets" }
source = "stated"

[[indicator]]
id = "complaint"
class = "auxiliary"
title = { en = "Complaint", zh = "投诉" }
formula = "events"
each_min = "-5"
each_max = "-2"
source = "stated"

[stars]
tie_break = []
"#;

/// A district of two routes, two shops and two SKUs.
fn district() -> Folder {
    folder(&[
        ("org.toml", "name = \"小县\"\ntimezone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\ntarget_fill = \"0.9\"\n"),
        ("scheme.toml", SCHEME),
        ("people.csv", "person_id,name,role,login\nm1,甲,manager,m1\nm2,乙,manager,m2\ns1,丙,supervisor,s1\n"),
        ("teams.csv", "team_id,name,department,supervisor\nx1,一队,一部,\n"),
        ("target-cascade.csv", "month,level,unit,indicator,item,plan\n2026-07,district,,volume,,20\n2026-07,route,r1,listing,a,1\n"),
        ("routes.csv", "route_id,name\nr1,东线\nr2,西线\n"),
        (
            "skus.csv",
            "sku,name,maker,price_class,origin,slim,packs_per_carton,wholesale_price\na,甲烟,甲,1,lu,0,10,100.00\nb,乙烟,乙,5,lu,1,10,50\n",
        ),
        (
            "retailers.csv",
            "retailer_id,from,name,route_id,sequence,grade,area,format,lat,lon\nt1,,一店,r1,1,6,town,店,37.5,121.25\nt2,,二店,r2,1,30,rural,店,,\n",
        ),
        ("assignments.csv", "route_id,person_id,kind,from,to\nr1,m1,owner,2026-07-01,\nr2,m2,owner,2026-07-01,2026-09-30\n"),
        ("calendar.csv", "date,route_id\n2026-07-06,r1\n2026-07-07,r2\n2026-07-13,r1\n"),
        ("sales.csv", "date,retailer_id,sku,packs,value\n2026-07-06,t1,a,10,100.00\n2026-07-06,t1,b,20,99.90\n2026-07-07,t2,a,-5,-50\n"),
        ("targets.csv", "month,person_id,indicator,item,plan\n2026-07,m1,volume,,120.5\n2026-07,m1,listing,a,3\n"),
        ("width-standards.csv", "route_id,standard,ideal\nr1,1,2\n"),
        ("events.csv", "event_id,date,person_id,indicator,points,retailer_id,note\ne1,2026-07-16,m1,complaint,-2.5,t1,晚到\n"),
        ("allocations.csv", "week,grade,sku,max_cartons\n2026-W28,6,a,3\n2026-W28,6,b,0\n"),
        ("festivals.csv", "date,sku,week,name,percent\n2027-02-06,,-1,春节,180\n2027-02-06,a,-1,春节,250\n2027-02-06,a,0,春节,60\n"),
    ])
}

fn folder(files: &[(&str, &str)]) -> Folder {
    let files = files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
    Folder { files: files.collect(), unknown: BTreeSet::new() }
}

/// A folder with other contents of one file.
fn with(mut folder: Folder, file: &str, text: impl AsRef<[u8]>) -> Folder {
    folder.files.insert(file.into(), text.as_ref().to_vec());
    folder
}

/// A folder in which a text of a file, which must be there, is another.
fn edited(folder: Folder, file: &str, from: &str, to: &str) -> Folder {
    let text = String::from_utf8(folder.files[file].clone()).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    with(folder, file, text.replacen(from, to, 1))
}

fn attempt(current: &Reference, folder: &Folder, replace: &[&str]) -> Result<Planned, Report> {
    let replace = replace.iter().map(ToString::to_string).collect();
    plan(current, &Recorded::new(), folder, &replace, &mut |_, _, _| {})
}

fn import(current: &Reference, folder: &Folder) -> Planned {
    attempt(current, folder, &[]).unwrap_or_else(|report| panic!("{}", report.to_text()))
}

/// The faults of a folder, in a line each, laid over a district that is already in.
fn faults(folder: &Folder) -> Vec<String> {
    faults_over(&import(&Reference::default(), &district()).next, folder)
}

fn faults_over(current: &Reference, folder: &Folder) -> Vec<String> {
    let report = attempt(current, folder, &[]).expect_err("the folder is faulty");
    assert_eq!(report.faults_found, report.faults.len() as u64);
    report.faults.iter().map(ToString::to_string).collect()
}

/// The only fault of the district with one text edited.
fn fault_of(file: &str, from: &str, to: &str) -> String {
    let mut faults = faults_over(&Reference::default(), &edited(district(), file, from, to));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.remove(0)
}

fn counts(report: &Report, file: &str) -> (u64, u64, u64, u64, u64) {
    let FileReport { rows, added, changed, unchanged, removed, .. } = *report.files.iter().find(|f| f.file == file).unwrap();
    (rows, added, changed, unchanged, removed)
}

fn fushan() -> Folder {
    read_folder(&fushan_path()).unwrap()
}

fn fushan_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/fushan")
}
