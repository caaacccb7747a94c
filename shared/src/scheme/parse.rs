//! A scheme file, read in one pass that notes every fault.

use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::indicator::{indicators, title};
use super::section::{Faults, Need, Section, not_negative};
use super::{Band, Formula, Gate, GateEffect, Indicator, Scheme, SchemeFault, Stars, VisitRules};
use crate::decimal::Dec;
use crate::facts::flags::{Flag, FlagSet};
use crate::ids::{IndicatorId, SchemeHash};
use crate::limits;

/// Reads and checks a scheme file. Errors: every fault of it, by line.
pub fn parse(text: &str) -> Result<Scheme, Vec<SchemeFault>> {
    let mut faults = Faults::new(text);
    if text.len() > limits::SCHEME_BYTES_MAX {
        faults.at(0, format!("the file has {} bytes; at most {} are allowed", text.len(), limits::SCHEME_BYTES_MAX));
        return Err(faults.into_list());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message();
        if message.starts_with("duplicate key") {
            faults.at(offset, format!("`{}` is given twice", key_at(text, offset)));
        } else {
            faults.syntax(offset, format!("the file is no TOML here: {message}"));
        }
    }
    let hash = SchemeHash(Sha256::digest(text.as_bytes()).into());
    let scheme = scheme(hash, &Section::root(root.get_ref()), &mut faults);
    let faults = faults.into_list();
    if faults.is_empty() { Ok(scheme.expect("a scheme without a fault was read in full")) } else { Err(faults) }
}

fn key_at(text: &str, offset: usize) -> &str {
    let rest = text.get(offset..).unwrap_or_default();
    rest.split(|c: char| c.is_whitespace() || "=].".contains(c)).next().unwrap_or_default()
}

fn scheme(hash: SchemeHash, root: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Scheme> {
    root.only(&["id", "title", "valid_from", "gate", "visits", "indicator", "stars"], faults);
    let id = root.read("id", Need::Required, "an id of 1 to 64 bytes without slashes", faults, |value| {
        // The same form as every other text id; it has no type of its own since only people refer to it.
        value.as_str().filter(|text| IndicatorId::new(text).is_ok()).map(String::from)
    });
    let title = title(root, faults);
    let valid_from = root.read("valid_from", Need::Optional, "a month (YYYY-MM)", faults, |value| value.as_str()?.parse().ok());
    let indicators = indicators(root, faults);
    let gate = root.value("gate", Need::Optional, faults).and_then(|value| gate(value, &indicators, faults));
    let visits = root.value("visits", Need::Required, faults).and_then(|value| visits(value, faults));
    let stars = root.value("stars", Need::Required, faults).and_then(|value| stars(value, &indicators, faults));
    Some(Scheme { hash, id: id?, title: title?, gate, visits: visits?, indicators: indicators.read, stars: stars?, valid_from })
}

/// The indicators that were read, and the ids of those that weren't, so that one fault isn't reported twice.
pub(super) struct Indicators {
    pub read: Vec<Indicator>,
    pub faulty: Vec<IndicatorId>,
}

impl Indicators {
    fn find(&self, id: &IndicatorId) -> Option<&Indicator> {
        self.read.iter().find(|indicator| indicator.id == *id)
    }
    fn has(&self, id: &IndicatorId) -> bool {
        self.faulty.contains(id) || self.find(id).is_some()
    }
}

fn indicator_id(value: &DeValue<'_>) -> Option<IndicatorId> {
    IndicatorId::new(value.as_str()?).ok()
}

fn gate(value: &Spanned<DeValue<'_>>, indicators: &Indicators, faults: &mut Faults<'_>) -> Option<Gate> {
    let section = Section::of("[gate]".into(), value, faults)?;
    section.only(&["indicator", "below", "effect"], faults);
    let named = |value: &DeValue<'_>| indicator_id(value).filter(|id| indicators.has(id));
    let indicator = section.read("indicator", Need::Required, "the id of an indicator of this scheme", faults, named);
    if let Some(found) = indicator.as_ref().and_then(|id| indicators.find(id))
        && !matches!(found.formula, Formula::Ratio { .. })
    {
        section.refuse("indicator", "an indicator of formula ratio, since a gate looks at actual ÷ plan", faults);
    }
    let below = section.decimal("below", Need::Required, "a decimal over 0, as a string", faults, Dec::is_positive);
    let effects = [("cap_at_weight", GateEffect::CapAtWeight), ("no_points", GateEffect::NoPoints)];
    let effect = section.choice("effect", Need::Optional, &effects, faults).unwrap_or(GateEffect::CapAtWeight);
    Some(Gate { indicator: indicator?, below: below?, effect })
}

fn visits(value: &Spanned<DeValue<'_>>, faults: &mut Faults<'_>) -> Option<VisitRules> {
    let section = Section::of("[visits]".into(), value, faults)?;
    section.only(&["min_dwell_s", "geofence_m", "exclude"], faults);
    let min_dwell_s = section.integer("min_dwell_s", Need::Required, 0, limits::MIN_DWELL_S_MAX, faults);
    let geofence_m = section.integer("geofence_m", Need::Required, 0, limits::GEOFENCE_M_MAX, faults);
    let names: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
    let form = format!("one of the flags {}", names.join(", "));
    let exclude = section.list("exclude", Need::Required, &form, faults, |value| Flag::named(value.as_str()?));
    Some(VisitRules { min_dwell_s: min_dwell_s?, geofence_m: geofence_m?, exclude: exclude?.into_iter().collect::<FlagSet>() })
}

fn stars(value: &Spanned<DeValue<'_>>, indicators: &Indicators, faults: &mut Faults<'_>) -> Option<Stars> {
    let section = Section::of("[stars]".into(), value, faults)?;
    section.only(&["tie_break", "band"], faults);
    let named = |value: &DeValue<'_>| indicator_id(value).filter(|id| indicators.has(id));
    let tie_break = section.list("tie_break", Need::Required, "the id of an indicator of this scheme", faults, named);
    let mut bands: Vec<Band> = Vec::new();
    for table in section.tables("band", Need::Optional, limits::SCHEME_BANDS_MAX, faults) {
        let Some(band) = band(table, faults) else { continue };
        if bands.iter().any(|other| other.stars == band.stars) {
            faults.at(table.span().start, format!("[[stars.band]] has `stars` {} twice", band.stars));
        }
        bands.push(band);
    }
    bands.sort_by_key(|band| std::cmp::Reverse(band.stars));
    Some(Stars { tie_break: tie_break?, bands })
}

fn band(value: &Spanned<DeValue<'_>>, faults: &mut Faults<'_>) -> Option<Band> {
    let section = Section::of("[[stars.band]]".into(), value, faults)?;
    section.only(&["stars", "places", "monthly_pay"], faults);
    let stars = section.integer("stars", Need::Required, 1, limits::STARS_MAX, faults);
    let places = section.integer("places", Need::Required, 1, limits::BAND_PLACES_MAX, faults);
    let monthly_pay = section.decimal("monthly_pay", Need::Optional, "a decimal of 0 or more, as a string", faults, not_negative);
    Some(Band { stars: stars?, places: places?, monthly_pay })
}
