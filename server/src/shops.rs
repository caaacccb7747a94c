//! Which route each shop is and was on: the one thing of a shop that every sync asks. A district may have a million shops,
//! so it is kept in few bytes each; all else of a shop is read where it is needed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use shared::ids::{RouteId, Scope};
use shared::reference::{Kind, Reference, Retailer};

use crate::error::{ApiError, ApiResult};
use crate::sorted_ids::SortedIds;
use crate::store::Store;

#[derive(Default)]
pub struct Shops {
    ids: SortedIds,
    /// The history of each, in the order of the ids: shops that were always on the same routes share one.
    histories: Vec<u32>,
    /// The rows of all histories; those of the nth begin where those of the one before it end.
    rows: Vec<Row>,
    /// Where the rows of each history end.
    row_ends: Vec<u32>,
    /// Every route that a shop is or was on, in the order in which they were met.
    routes: Vec<RouteId>,
    /// By each route that they were ever on, the shops that have been on more than one, or closed.
    moved: BTreeMap<RouteId, Vec<u32>>,
}

/// A shop's route from a day on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    /// See [`number`]; the least of all: from the beginning.
    from: i32,
    /// Index of `routes`; [`CLOSED`]: none.
    route: u32,
}

const CLOSED: u32 = u32::MAX;

/// A date as a number of the same order.
fn number(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

impl Shops {
    /// `known`: the district's routes; their ids are shared.
    pub fn read(store: &dyn Store, known: &Reference) -> ApiResult<Self> {
        let mut building = Building::default();
        let mut fault = None;
        store.each_reference(Kind::Retailer, &mut |retailer, value| {
            if let Err(error) = building.add(retailer, value) {
                fault.get_or_insert(error);
            }
        })?;
        let mut shops = fault.map_or_else(|| Ok(building.done()), Err)?;
        for route in &mut shops.routes {
            if let Some((known, _)) = known.routes.get_key_value(route) {
                *route = known.clone();
            }
        }
        Ok(shops)
    }

    /// The route of a shop on a day: none while it is closed or unknown.
    pub fn route_on(&self, retailer: &str, day: Date) -> Option<&RouteId> {
        let day = number(day);
        let row = self.rows_of(retailer).iter().rev().find(|row| row.from <= day)?;
        self.route(*row)
    }

    /// The scope of a shop file: the shop's route on the day, or its last one if it is closed.
    pub fn shop_scope(&self, retailer: &str, day: Date) -> Option<Scope> {
        let (rows, day) = (self.rows_of(retailer), number(day));
        let on_day = rows.iter().rev().filter(|row| row.from <= day).find_map(|row| self.route(*row));
        on_day.or_else(|| rows.iter().find_map(|row| self.route(*row))).map(|route| Scope::Route(route.clone()))
    }

    /// Every route that a shop is, was or will be on.
    pub fn routes_of(&self, retailer: &str) -> impl Iterator<Item = &RouteId> {
        self.rows_of(retailer).iter().filter_map(|row| self.route(*row))
    }

    /// Every route that any shop is, was or will be on.
    pub fn routes(&self) -> &[RouteId] {
        &self.routes
    }

    /// Of each shop that was ever on a route and has been on another, or closed: its routes in order, without those that it
    /// had left before a day.
    pub fn moved(&self, route: &RouteId, since: Date) -> impl Iterator<Item = Vec<&RouteId>> {
        let since = number(since);
        self.moved.get(route).into_iter().flatten().map(move |shop| {
            let rows = self.rows_at(*shop as usize);
            // A row holds until the next one's `from`: those that ended before the day don't count.
            let visible = rows.iter().enumerate().filter(move |(at, _)| rows.get(at + 1).is_none_or(|next| next.from > since));
            visible.filter_map(|(_, row)| self.route(*row)).collect()
        })
    }

    fn route(&self, row: Row) -> Option<&RouteId> {
        self.routes.get(row.route as usize)
    }

    fn rows_at(&self, at: usize) -> &[Row] {
        let history = self.histories[at] as usize;
        let from = history.checked_sub(1).map_or(0, |before| self.row_ends[before] as usize);
        &self.rows[from..self.row_ends[history] as usize]
    }

    fn rows_of(&self, retailer: &str) -> &[Row] {
        self.ids.find(retailer).map_or(&[], |at| self.rows_at(at))
    }
}

/// Shops as they are taken in, by id.
#[derive(Default)]
pub struct Building {
    shops: Shops,
    numbers: BTreeMap<RouteId, u32>,
    /// The histories that are known, by their rows.
    histories: BTreeMap<Vec<Row>, u32>,
}

impl Building {
    /// `value`: the shop's rows as reference data holds them. A shop that comes again says the same.
    fn add(&mut self, retailer: &str, value: &[u8]) -> ApiResult<()> {
        if self.shops.ids.last() == Some(retailer.as_bytes()) {
            return Ok(());
        }
        let rows: Vec<Retailer> = minicbor::decode(value).map_err(ApiError::internal)?;
        self.push(retailer, &rows)
    }

    /// A shop behind all others.
    pub fn push(&mut self, retailer: &str, rows: &[Retailer]) -> ApiResult<()> {
        let at = number_of(self.shops.ids.len())?;
        self.shops.ids.push(retailer).ok_or_else(|| ApiError::internal("shops come by id, and not more than can be numbered"))?;
        let mut history = Vec::with_capacity(rows.len());
        for row in rows {
            let route = row.route.as_ref().map_or(Ok(CLOSED), |route| self.route(route))?;
            history.push(Row { from: row.from.map_or(i32::MIN, number), route });
        }
        let history = self.history(history)?;
        self.shops.histories.push(history);
        if rows.len() > 1 {
            let routes: BTreeSet<&RouteId> = rows.iter().filter_map(|row| row.route.as_ref()).collect();
            routes.into_iter().for_each(|route| self.shops.moved.entry(route.clone()).or_default().push(at));
        }
        Ok(())
    }

    fn history(&mut self, rows: Vec<Row>) -> ApiResult<u32> {
        if let Some(known) = self.histories.get(&rows) {
            return Ok(*known);
        }
        let new = number_of(self.shops.row_ends.len())?;
        self.shops.rows.extend(&rows);
        self.shops.row_ends.push(number_of(self.shops.rows.len())?);
        self.histories.insert(rows, new);
        Ok(new)
    }

    fn route(&mut self, route: &RouteId) -> ApiResult<u32> {
        if let Some(number) = self.numbers.get(route) {
            return Ok(*number);
        }
        let number = number_of(self.shops.routes.len())?;
        self.shops.routes.push(route.clone());
        self.numbers.insert(route.clone(), number);
        Ok(number)
    }

    pub fn done(mut self) -> Shops {
        let shops = &mut self.shops;
        shops.ids.shrink_to_fit();
        shops.histories.shrink_to_fit();
        shops.rows.shrink_to_fit();
        shops.row_ends.shrink_to_fit();
        shops.routes.shrink_to_fit();
        self.shops
    }
}

fn number_of(length: usize) -> ApiResult<u32> {
    u32::try_from(length).map_err(|_| ApiError::internal("more shops than can be numbered"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use shared::reference::{Area, Reference};

    fn row(from: Option<Date>, route: Option<&str>) -> Retailer {
        let route = route.map(|route| route.parse().unwrap());
        Retailer { from, name: "店".into(), route, sequence: 1, grade: 1, area: Area::Town, format: String::new(), position: None }
    }

    #[test]
    fn it_says_of_every_shop_and_day_what_the_reference_data_says() {
        let (june, august) = (Some(date(2026, 6, 1)), Some(date(2026, 8, 16)));
        let mut reference = Reference::default();
        for (id, rows) in [
            ("a", vec![row(None, Some("r1"))]),
            ("ab", vec![row(None, Some("r1")), row(august, Some("r2"))]),
            ("b", vec![row(june, Some("r2")), row(august, None)]),
            ("店", vec![row(august, Some("r3"))]),
            ("nobody's", vec![row(None, None)]),
        ] {
            reference.retailers.insert(id.parse().unwrap(), rows);
        }
        let mut building = Building::default();
        reference.retailers.iter().for_each(|(id, rows)| building.push(id.as_str(), rows).unwrap());
        let shops = building.done();
        for id in ["", "a", "aa", "ab", "b", "c", "店", "nobody's"] {
            for day in [date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 15), date(2026, 8, 16), date(2027, 1, 1)] {
                assert_eq!(shops.route_on(id, day), reference.route_on(id, day), "{id} on {day}");
                assert_eq!(shops.shop_scope(id, day), reference.shop_scope(id, day), "{id} on {day}");
            }
        }
        let moved: Vec<_> = shops.moved(&"r2".parse().unwrap(), date(2026, 8, 16)).collect();
        assert_eq!(moved.len(), 2);
        assert_eq!(moved[0].iter().map(|route| route.as_str()).collect::<Vec<_>>(), ["r2"]);
    }
}
