//! Sales of one route's shops on one date, with their names looked up once for all who read them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use jiff::civil::Date;

use crate::ids::{RetailerId, RouteId, Sku};
use crate::reference::{Retailer, SalesBlock, SkuInfo};

/// A sales row that is credited to somebody.
#[derive(Clone, Copy)]
pub(super) struct Sale<'a> {
    pub date: Date,
    pub route: &'a RouteId,
    pub retailer: &'a RetailerId,
    pub sku: &'a Sku,
    /// None: the district doesn't know the SKU.
    pub index: Option<usize>,
    pub packs: i64,
    /// × 10^-`scale`.
    pub value: i64,
    pub scale: u32,
}

/// The sales of one route's shops on one date.
pub(super) struct Block<'a> {
    pub date: Date,
    route: &'a RouteId,
    pub lines: &'a SalesBlock,
    /// Of each of its shops: whether it was on the route that day.
    on_route: Vec<bool>,
    /// Of each of its SKUs.
    skus: Vec<Option<usize>>,
}

/// The SKUs of the district; everything else names them by their index here.
pub(super) struct Skus<'a> {
    pub ascending: Vec<(&'a Sku, &'a SkuInfo)>,
    /// Of the district's own SKUs, so that nobody else chooses what is hashed; never iterated.
    indices: HashMap<&'a Sku, usize, BuildHasherDefault<Quick>>,
}

/// Eight bytes a multiplication: every line of every stock check is looked up.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }
    fn finish(&self) -> u64 {
        // What the multiplication did to the high bits reaches the low ones.
        self.0 ^ (self.0 >> 32)
    }
}

impl<'a> Skus<'a> {
    pub fn new(skus: &'a BTreeMap<Sku, SkuInfo>) -> Self {
        Self { ascending: skus.iter().collect(), indices: skus.keys().enumerate().map(|(index, sku)| (sku, index)).collect() }
    }
    /// None: the district doesn't know it.
    pub fn index(&self, sku: &Sku) -> Option<usize> {
        self.indices.get(sku).copied()
    }
}

impl<'a> Block<'a> {
    /// `shops`: of the route, ascending. The names of a block ascend too, so the next one is looked for next door first.
    pub fn new(date: Date, route: &'a RouteId, lines: &'a SalesBlock, shops: &[(&RetailerId, &[Retailer])], skus: &Skus<'_>) -> Self {
        let (mut next_shop, mut next_sku) = (0, 0);
        let shop_at = |shop: &RetailerId| {
            let guessed = shops.get(next_shop).is_some_and(|(id, _)| *id == shop);
            let at = if guessed { Some(next_shop) } else { shops.binary_search_by_key(&shop, |(id, _)| *id).ok() };
            next_shop = at.map_or(next_shop, |at| at + 1);
            at
        };
        let sku_at = |sku: &Sku| {
            let guessed = skus.ascending.get(next_sku).is_some_and(|(id, _)| *id == sku);
            let at = if guessed { Some(next_sku) } else { skus.index(sku) };
            next_sku = at.map_or(next_sku, |at| at + 1);
            at
        };
        let on_route = |at: Option<usize>| at.is_some_and(|at| Retailer::route_on(shops[at].1, date) == Some(route));
        Self {
            date,
            route,
            lines,
            on_route: lines.retailers.iter().map(shop_at).map(on_route).collect(),
            skus: lines.skus.iter().map(sku_at).collect(),
        }
    }

    /// The rows of the shops that were, or weren't, on the route that day.
    pub fn sales(&self, on_route: bool) -> impl Iterator<Item = Sale<'a>> {
        self.sales_as(move |shop| (self.on_route[shop] == on_route).then_some(())).map(|((), sale)| sale)
    }

    /// The rows of the shops that `named` gives a name, by their index in the block, with it.
    pub fn sales_as<T>(&self, named: impl Fn(usize) -> Option<T>) -> impl Iterator<Item = (T, Sale<'a>)> {
        self.lines.rows.iter().filter_map(move |row| {
            let (shop, sku) = (usize::from(row.retailer), usize::from(row.sku));
            let retailer = self.lines.retailers.get(shop)?;
            let sale = Sale {
                date: self.date,
                route: self.route,
                retailer,
                sku: self.lines.skus.get(sku)?,
                index: self.skus[sku],
                packs: row.packs,
                value: row.value,
                scale: self.lines.scale,
            };
            Some((named(shop)?, sale))
        })
    }
}
