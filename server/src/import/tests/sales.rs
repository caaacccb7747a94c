//! Sales: adding up, blocks, and shops that move.

use jiff::civil::{Date, date};
use shared::reference::SalesBlock;

use super::*;
use crate::import::sales_needed;

const HEADER: &str = "date,retailer_id,sku,packs,value\n";
const SHOPS: &str = "retailer_id,from,name,route_id,sequence,grade,area,format,lat,lon\n";

fn sales(rows: &str) -> Folder {
    with(Folder::default(), "sales.csv", format!("{HEADER}{rows}"))
}

fn block(reference: &Reference, day: Date, route: &str) -> Option<SalesBlock> {
    reference.sales.get(&(day, route.parse().unwrap())).cloned()
}

fn stored() -> Reference {
    import(&Reference::default(), &district()).next
}

#[test]
fn rows_of_one_sale_add_up_and_then_replace_what_was_stored() {
    let planned = import(&stored(), &sales("2026-07-06,t1,a,3,10.5\n2026-07-06,t1,a,-1,-0.25\n2026-07-06,t1,a,1,0\n"));
    assert_eq!(counts(&planned.report, "sales.csv"), (3, 0, 1, 0, 0));
    let block = block(&planned.next, date(2026, 7, 6), "r1").unwrap();
    assert_eq!(block.rows.iter().map(|row| (row.sku, row.packs, row.value)).collect::<Vec<_>>(), [(0, 3, 1025), (1, 20, 9990)]);
    assert_eq!(block.scale, 2);
}

#[test]
fn equal_sales_give_equal_bytes_however_they_are_written() {
    let one = import(&stored(), &sales("2026-07-08,t1,b,1,2.50\n2026-07-08,t1,a,1,7\n")).next;
    let other = import(&stored(), &sales("2026-07-08,t1,a,1,7.0000\n2026-07-08,t1,b,2,3.5\n2026-07-08,t1,b,-1,-1\n")).next;
    assert_eq!(one.rows(), other.rows());
    let block = block(&one, date(2026, 7, 8), "r1").unwrap();
    assert_eq!((block.scale, block.rows[0].value, block.rows[1].value), (1, 70, 25));
}

#[test]
fn what_adds_up_to_too_much_is_refused() {
    let most = 1_000_000_000_000_i64;
    let rows = format!("2026-07-06,t1,a,{most},{most}\n").repeat(20);
    assert_eq!(faults(&sales(&rows)), [format!("sales.csv:21: packs: the rows of this sale add up to over {most} packs")]);
}

#[test]
fn replace_removes_the_sales_that_the_file_lacks() {
    let stored = stored();
    let folder = sales("2026-07-06,t1,a,10,100\n");
    let needed = sales_needed(&stored, &folder, &["sales.csv".to_string()].into());
    assert_eq!(needed.since, Some(Date::MIN));
    let planned = attempt(&stored, &folder, &["sales.csv"]).unwrap();
    assert_eq!(counts(&planned.report, "sales.csv"), (1, 0, 0, 1, 2));
    // The other date's block is empty, and is gone.
    assert_eq!(planned.next.sales.keys().map(|(day, _)| *day).collect::<Vec<_>>(), [date(2026, 7, 6)]);
}

#[test]
fn a_shop_that_moved_in_the_past_takes_its_sales_along() {
    let stored = import(&stored(), &sales("2026-07-20,t1,a,1,1\n2026-07-20,t2,a,2,2\n")).next;
    let moved = with(Folder::default(), "retailers.csv", format!("{SHOPS}t1,2026-07-15,一店,r2,9,6,town,店,37.5,121.25\n"));
    let needed = sales_needed(&stored, &moved, &BTreeSet::new());
    assert_eq!((needed.since, needed.dates.len()), (Some(date(2026, 7, 15)), 0));

    let next = import(&stored, &moved).next;
    assert_eq!(block(&next, date(2026, 7, 6), "r1"), block(&stored, date(2026, 7, 6), "r1"));
    assert_eq!(block(&next, date(2026, 7, 20), "r1"), None);
    let both = block(&next, date(2026, 7, 20), "r2").unwrap();
    assert_eq!(both.retailers.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!(import(&next, &moved).next, next);

    // Whatever the order in which they came, the same is stored.
    let at_once = with(sales("2026-07-20,t1,a,1,1\n2026-07-20,t2,a,2,2\n"), "retailers.csv", &moved.files["retailers.csv"]);
    assert_eq!(import(&super::import(&Reference::default(), &district()).next, &at_once).next, next);
}

#[test]
fn sales_of_a_closed_shop_stay_with_its_last_route() {
    let closed = format!("{SHOPS}t1,2026-07-10,一店,,1,6,town,店,37.5,121.25\n");
    let folder = with(sales("2026-07-20,t1,a,-10,-100\n"), "retailers.csv", closed);
    assert_eq!(sales_needed(&stored(), &folder, &BTreeSet::new()).since, None);
    let next = import(&stored(), &folder).next;
    assert!(block(&next, date(2026, 7, 20), "r1").is_some());
}

#[test]
fn sales_before_a_shops_first_day_are_filed_with_its_first_route() {
    let shop = format!("{SHOPS}t3,2026-07-10,三店,r2,1,6,town,店,,\n");
    let next = import(&stored(), &with(sales("2026-07-01,t3,a,1,1\n"), "retailers.csv", shop)).next;
    assert!(block(&next, date(2026, 7, 1), "r2").is_some());
    let never = format!("{SHOPS}t3,,三店,,1,6,town,店,,\n");
    assert_eq!(
        faults(&with(sales("2026-07-01,t3,a,1,1\n"), "retailers.csv", never)),
        ["sales.csv:2: retailer_id: has never had a route, so that its sales are nobody's (t3)"]
    );
}
