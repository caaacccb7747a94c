//! The scheme: what is measured, what it is worth, which gate and which bands apply. A scheme file is TOML; this is its
//! checked form. Nothing here names a trade: indicators, weights, caps and bands are data.

use std::collections::BTreeMap;

use crate::decimal::Dec;
use crate::facts::flags::FlagSet;
use crate::ids::{IndicatorId, SchemeHash};
use crate::reference::{Reference, SkuInfo};
use crate::time::Month;
use serde::{Deserialize, Serialize};

mod compare;
mod indicator;
mod parse;
mod section;

#[cfg(test)]
mod tests;

pub use compare::{Change, Comparison, IndicatorChange, Named, Verdict, compare};
pub use parse::parse;

/// One thing wrong with a scheme file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct SchemeFault {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// One sentence that names the key and its value.
    pub what: String,
}

/// A scheme version, checked: every indicator that it refers to is in it, every number is within its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// SHA-256 of the file: the version.
    pub hash: SchemeHash,
    pub id: String,
    pub title: Title,
    pub gate: Option<Gate>,
    pub visits: VisitRules,
    /// In the order of the file, at least one, no id twice.
    pub indicators: Vec<Indicator>,
    pub stars: Stars,
    /// The first month that this version may be used for; none: any month.
    pub valid_from: Option<Month>,
}

/// A name in both languages of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    pub en: String,
    pub zh: String,
}

/// Below which progress of one indicator a manager is gated, and what that does.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// An indicator of formula `ratio`.
    pub indicator: IndicatorId,
    /// Over 0; actual ÷ plan below it is gated, exactly at it is not.
    pub below: Dec,
    pub effect: GateEffect,
}

/// What being gated does to the `ratio` and `per_item` indicators of class core or cultivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum GateEffect {
    /// The cap is lowered to at most 1, also where there was none.
    #[n(0)]
    CapAtWeight,
    /// They earn 0.
    #[n(1)]
    NoPoints,
}

/// What makes a visit effective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRules {
    /// Seconds; a shorter visit is flagged `short_dwell`.
    pub min_dwell_s: u32,
    /// Metres; a check-in farther from the shop is flagged `outside_geofence`.
    pub geofence_m: u32,
    /// A visit with any of these flags is not effective.
    pub exclude: FlagSet,
}

/// One line of the appraisal.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    pub id: IndicatorId,
    pub class: Class,
    pub title: Title,
    pub source: Source,
    pub formula: Formula,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Core,
    Cultivation,
    /// Untouched by the gate.
    Auxiliary,
}

/// Where an indicator's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The founding document states them.
    Stated,
    /// It leaves them out; somebody assumed them.
    Assumed,
    /// The district set them.
    Local,
}

/// How an indicator's actual becomes points. Weights are 0 or more, caps over 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Formula {
    /// weight × min(max(0, actual ÷ plan), cap); no cap: unbounded.
    Ratio { weight: Dec, cap: Option<Dec>, measure: Measure },
    /// weight × mean over the items with a plan of min(max(0, actual ÷ plan), item_cap).
    PerItem { weight: Dec, item_cap: Dec, measure: ItemMeasure },
    /// The sum of the month's events, clamped to `min`…`max`; each event is to lie within `each_min`…`each_max`.
    Events { min: Option<Dec>, max: Option<Dec>, each_min: Option<Dec>, each_max: Option<Dec> },
}

/// What is measured as one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    /// Cartons of the credited sales that pass the filter.
    Volume(VolumeFilter),
    /// Value ÷ cartons of all credited sales.
    ValuePerCarton,
    /// Share of the credited shops, of routes with a width standard, that reach it.
    WidthCompliance,
    /// Share of the planned stops with an effective visit.
    VisitCompletion,
}

/// What is measured per item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemMeasure {
    /// Credited shops that hold the SKU.
    Outlets,
}

/// Which SKUs count for `volume`: those that pass every filter that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    /// Each 1–5; none twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_class: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slim: Option<bool>,
    /// Wholesale price per carton, from which it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_price: Option<Dec>,
}

/// How a quarter is ranked and paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Stars {
    /// In order; none twice.
    pub tie_break: Vec<IndicatorId>,
    /// From the most stars down; no number of stars twice.
    pub bands: Vec<Band>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub stars: u32,
    /// How many managers it takes.
    pub places: u32,
    /// None: not set, and never guessed.
    pub monthly_pay: Option<Dec>,
}

impl Scheme {
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.id.as_str() == id)
    }
}

impl VolumeFilter {
    pub fn passes(&self, sku: &SkuInfo) -> bool {
        self.origin.as_ref().is_none_or(|origin| *origin == sku.origin)
            && self.maker.as_ref().is_none_or(|maker| *maker == sku.maker)
            && self.price_class.as_ref().is_none_or(|classes| classes.contains(&sku.price_class))
            && self.slim.is_none_or(|slim| slim == sku.slim)
            && self.min_price.is_none_or(|price| sku.wholesale_price >= price)
    }
}

/// A stored scheme version that can't be read: from a newer server, or damaged. No score is guessed without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scheme version {hash} can't be read: {}", .faults.first().map_or_else(String::new, ToString::to_string))]
pub struct UnreadableScheme {
    pub hash: SchemeHash,
    pub faults: Vec<SchemeFault>,
}

/// The scheme of a month, as [`Reference::scheme_of`] chooses it. None: no version reaches the month.
pub fn scheme_of(reference: &Reference, month: Month) -> Result<Option<Scheme>, UnreadableScheme> {
    let mut schemes: BTreeMap<&str, Scheme> = BTreeMap::new();
    for (hash, version) in &reference.schemes {
        let scheme = parse(&version.text).map_err(|faults| UnreadableScheme { hash: *hash, faults })?;
        schemes.insert(&version.text, scheme);
    }
    let chosen = reference.scheme_of(month, |version| schemes[version.text.as_str()].valid_from);
    Ok(chosen.and_then(|(_, version)| schemes.remove(version.text.as_str())))
}
