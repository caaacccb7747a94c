//! The form of a file: its header, its quoting, its line ends.

use proptest::prelude::*;

use super::*;
use crate::import::records::{Record, Records};

fn of_routes(text: impl AsRef<[u8]>) -> Vec<String> {
    faults_over(&Reference::default(), &with(Folder::default(), "routes.csv", text))
}

#[test]
fn a_byte_order_mark_crlf_blank_lines_and_quotes_are_read() {
    let text = "\u{feff}name,route_id\r\n\"东线, \"\"old\"\"\r\nsecond\",r1\r\n\r\n西线,r2";
    let next = import(&Reference::default(), &with(Folder::default(), "routes.csv", text)).next;
    let names: Vec<_> = next.routes.values().map(String::as_str).collect();
    assert_eq!(names, ["东线, \"old\"\r\nsecond", "西线"]);
}

#[test]
fn lines_are_those_of_an_editor() {
    let crlf = "route_id,name\r\nr1,\"two\r\nlines\"\r\n\r\n\r\nr1,x\r\n/,\r\n";
    let lf = crlf.replace("\r\n", "\n");
    for text in [crlf, &lf] {
        assert_eq!(
            of_routes(text),
            [
                "routes.csv:6: route_id: the key (route_id) is on line 2 already (r1)",
                "routes.csv:7: route_id: is no route id: it contains a slash or a control character (/)",
                "routes.csv:7: name: is empty",
            ]
        );
    }
    // A field of a row of several lines stands where it begins.
    let text = "name,route_id\n\"two\nlines\",/\n";
    assert_eq!(of_routes(text), ["routes.csv:3: route_id: is no route id: it contains a slash or a control character (/)"]);
}

#[test]
fn what_is_no_csv_is_refused_and_reading_goes_on() {
    let text = "route_id,name\nr1,\"never closed\nr2\nr3,a\"b\nr4,\"a\"b\nr5,x,y\n";
    assert_eq!(
        of_routes(text),
        [
            "routes.csv:2: name: text after the closing quote of this field (r1,\"never closed)",
            "routes.csv:3: 1 field where the header has 2: is the line cut off? (r2)",
            "routes.csv:4: name: a quote inside a field that is not quoted (r3,a\"b)",
            "routes.csv:5: name: text after the closing quote of this field (r4,\"a\"b)",
            "routes.csv:6: 3 fields where the header has 2 (r5,x,y)",
        ]
    );
    let cut = "route_id,name\nr1,x\nr2,\"cut o";
    assert_eq!(of_routes(cut), ["routes.csv:3: name: the quote that opens here is never closed: is the file cut off? (r2,\"cut o)"]);
}

#[test]
fn a_header_is_checked() {
    assert_eq!(of_routes("name\nx\n"), ["routes.csv:1: route_id: the header lacks this column"]);
    assert_eq!(of_routes("route_id,name,name\nr1,x,y\n"), ["routes.csv:1: name: the header has this column twice (name)"]);
    assert_eq!(of_routes("\n\n"), ["routes.csv:1: the file is empty: it lacks its header"]);
    assert_eq!(of_routes(b"route_id,name,\xFF\n"), ["routes.csv:1: \u{fffd}: the name of this column is not UTF-8 (\u{fffd})"]);
    assert_eq!(of_routes(",".repeat(300)), ["routes.csv:1: over 256 columns"]);
}

#[test]
fn text_is_utf8_of_bounded_length_without_control_characters() {
    assert_eq!(of_routes(b"route_id,name\nr1,a\xFFb\n"), ["routes.csv:2: name: not UTF-8 (a\u{fffd}b)"]);
    assert_eq!(of_routes("route_id,name\nr1,a\0b\n"), ["routes.csv:2: name: has a control character (a\\u{0}b)"]);
    let long = of_routes(format!("route_id,name\nr1,{}\n", "x".repeat(5000)));
    assert_eq!(long, [format!("routes.csv:2: name: longer than 4096 bytes ({}…)", "x".repeat(80))]);
}

#[test]
fn the_district_file_is_checked() {
    assert_eq!(fault_of("org.toml", "Asia/Shanghai", "Asia/Nowhere"), "org.toml:2: timezone: is no IANA time zone (Asia/Nowhere)");
    assert_eq!(fault_of("org.toml", "currency = \"CNY\"\n", ""), "org.toml:1: currency: the file lacks this key");
    assert_eq!(fault_of("org.toml", "\"CNY\"", "1"), "org.toml:3: currency: is no text in quotes");
    let bytes = faults_over(&Reference::default(), &with(district(), "org.toml", b"name = \"x\"\ncurrency = \"\xFF\"\n"));
    assert_eq!(bytes, ["org.toml:2: not UTF-8 (currency = \"\u{fffd}\")"]);
    assert!(fault_of("org.toml", "= \"小县\"", "\"小县\"").starts_with("org.toml:1: no TOML: "));
    let spare = edited(district(), "org.toml", "currency", "motto = \"x\"\ncurrency");
    assert_eq!(import(&Reference::default(), &spare).report.warnings, ["org.toml: unknown key `motto` is ignored"]);
}

proptest! {
    /// Whatever a common writer writes is read as it was meant.
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(prop::collection::vec("[a,\"\r\n é]{0,6}", 2..5), 1..6),
        crlf: bool,
        quoted: bool,
    ) {
        let mut bytes = Vec::new();
        {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let style = if quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).quote_style(style).from_writer(&mut bytes);
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            writer.flush().unwrap();
        }
        let (mut records, mut record, mut read) = (Records::new(&bytes), Record::default(), Vec::new());
        let mut line = 1;
        while records.read(&mut record) {
            prop_assert!(record.defect.is_none());
            prop_assert_eq!(record.line, line);
            read.push(record.fields.iter().map(|field| String::from_utf8_lossy(&field.bytes).into_owned()).collect::<Vec<_>>());
            line += record.raw.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        }
        prop_assert_eq!(read, rows);
    }
}
