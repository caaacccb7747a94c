//! `skus.csv`.

use std::collections::BTreeMap;

use shared::decimal::Dec;
use shared::ids::Sku;
use shared::reference::{Reference, SkuInfo};

use crate::import::SKUS;
use crate::import::sheet::{Row, Shape};
use crate::import::table::Table;
use crate::import::world::World;

pub(in crate::import) struct Skus;

impl Table for Skus {
    type Key = Sku;
    type Value = SkuInfo;
    const SHAPE: Shape = Shape {
        file: SKUS,
        key: &["sku"],
        required: &["sku", "name", "maker", "price_class", "origin", "slim", "packs_per_carton", "wholesale_price"],
        optional: &[],
    };

    fn read(row: &mut Row<'_, '_>, _: &World<'_>) -> Option<(Sku, SkuInfo)> {
        let (sku, name, maker) = (row.id("sku"), row.name("name"), row.text("maker"));
        let (price_class, origin) = (row.whole("price_class", 1..=5), row.text("origin"));
        let slim = row.one_of("slim", &[("0", false), ("1", true)]);
        let (packs_per_carton, wholesale_price) = (row.whole("packs_per_carton", 1..=i64::from(u32::MAX)), price(row));
        let info = SkuInfo {
            name: name?,
            maker: maker?,
            price_class: price_class?,
            origin: origin?,
            slim: slim?,
            packs_per_carton: packs_per_carton?,
            wholesale_price: wholesale_price?,
        };
        Some((sku?, info))
    }

    fn take(next: &mut Reference) -> BTreeMap<Sku, SkuInfo> {
        std::mem::take(&mut next.skus)
    }

    fn put(rows: BTreeMap<Sku, SkuInfo>, next: &mut Reference) {
        next.skus = rows;
    }
}

fn price(row: &mut Row<'_, '_>) -> Option<Dec> {
    let price = row.decimal("wholesale_price")?;
    if price < Dec::default() {
        row.fault(Some("wholesale_price"), &price.to_string(), "is a price below 0");
    }
    Some(price)
}
