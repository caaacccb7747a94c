use jiff::civil::date;

use super::*;

const HEADER: &str = "person_id,device,route_id,date,retailer_id,check_in,lat,lon,accuracy_m,check_out,stock,order,note";

fn log(rows: &str) -> FieldLog {
    parse(format!("{HEADER}\n{rows}").as_bytes())
}

#[test]
fn a_row_is_read_whole() {
    let log = log("m01,phone,r1,2026-07-01,t1,08:05:17,37.476408,-121.05,38,08:25:07,a:4;b:0,b:3,\"said \"\"hello\"\", then left\"\r\n");
    assert_eq!(log.faults, []);
    let row = &log.rows[0];
    assert_eq!((row.line, row.date), (2, date(2026, 7, 1)));
    assert_eq!(row.position, Some(Position { lat_e6: 37_476_408, lon_e6: -121_050_000 }));
    assert_eq!(row.stock.values().copied().collect::<Vec<_>>(), [4, 0]);
    assert_eq!(row.order.len(), 1);
    assert_eq!(row.note, "said \"hello\", then left");
}

#[test]
fn empty_cells_are_no_position_and_no_check_out() {
    let log = log("m01,phone,r1,2026-07-01,t1,08:05:17,37.4,,,,,,\n");
    assert_eq!(log.faults, []);
    let row = &log.rows[0];
    assert_eq!((row.position, row.accuracy_m, row.check_out), (None, None, None));
    assert!(row.stock.is_empty() && row.order.is_empty());
}

#[test]
fn a_check_out_before_the_check_in_is_on_the_next_day() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let log = log("m01,p,r1,2026-07-01,t1,23:50:00,,,,00:10:00,,,\nm01,p,r1,2026-07-01,t2,08:00:00,,,,08:00:00,,,\n");
    let dwell = |row: &LogRow| row.out_ms(&zone).unwrap() - row.in_ms(&zone);
    assert_eq!(log.rows.iter().map(dwell).collect::<Vec<_>>(), [20 * 60 * 1000, 0]);
}

/// Each row is refused by line, column and value, and the sound one beside it is read.
#[test]
fn bad_rows_are_refused_by_name_and_the_others_go_on() {
    let cases = [
        ("m01,p,r1,2026-02-30,t1,08:05:17,,,,,,,", "date", "2026-02-30"),
        ("m01,p,r1,2026-07-01,t1,8:05,,,,,,,", "check_in", "8:05"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,,25:00:00,,,", "check_out", "25:00:00"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,91,0,,,,,", "lat", "91"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,x,0,,,,,", "lat", "x"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,-3,,,,", "accuracy_m", "-3"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,,,a:-4,,", "stock", "a:-4"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,,,,a:x,", "order", "a:x"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,,,a:1;a:2,,", "stock", "a:2"),
        ("m01,p,r1,2026-07-01,t1,08:05:17,,,,,a,,", "stock", "a"),
        (",p,r1,2026-07-01,t1,08:05:17,,,,,,,", "person_id", ""),
        ("m01,,r1,2026-07-01,t1,08:05:17,,,,,,,", "device", ""),
        ("m01,p,r/1,2026-07-01,t1,08:05:17,,,,,,,", "route_id", "r/1"),
        ("m01,p,r1", "", ""),
    ];
    for (row, column, value) in cases {
        let log = log(&format!("{row}\nm09,p,r1,2026-07-01,t1,08:05:17,,,,,,,\n"));
        assert_eq!(log.rows.len(), 1, "{row}");
        let [fault] = log.faults.as_slice() else { panic!("{row}: {:?}", log.faults) };
        assert_eq!((fault.line, fault.column.as_str(), fault.value.as_str()), (2, column, value), "{row}");
    }
}

#[test]
fn a_visit_that_is_there_twice_is_refused_once() {
    let row = "m01,p,r1,2026-07-01,t1,08:05:17,,,,,,,\n";
    let log = log(&format!("{row}{row}"));
    assert_eq!((log.rows.len(), log.faults.len(), log.faults[0].line), (1, 1, 3));
}

#[test]
fn columns_are_found_by_name() {
    let log = parse(b"\xef\xbb\xbfnote,extra,person_id,device,route_id,date,retailer_id,check_in,lat,lon,accuracy_m,check_out,stock,order\nhi,?,m01,p,r1,2026-07-01,t1,08:05:17,,,,,,\n");
    assert_eq!(log.faults, []);
    assert_eq!((log.rows[0].note.as_str(), log.ignored.as_slice()), ("hi", ["extra".to_string()].as_slice()));
    let log = parse(b"person_id,device\nm01,p\n");
    assert!(log.rows.is_empty());
    assert_eq!(log.faults.len(), 11);
    assert!(parse(b"").faults.len() == 13);
}

#[test]
fn bytes_that_are_no_text_are_one_rows_fault() {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    bytes.extend(b"m01,p,r1,2026-07-01,t1,08:05:17,,,,,,,\xff\nm01,p,r1,2026-07-01,t2,08:05:17,,,,,,,\n");
    let log = parse(&bytes);
    assert_eq!((log.rows.len(), log.faults.len(), log.faults[0].line), (1, 1, 2));
}
