//! The `[[indicator]]` tables of a scheme file.

use toml::Spanned;
use toml::de::DeValue;

use super::parse::Indicators;
use super::section::{Faults, Need, Section, any, integer, not_negative};
use super::{Class, Formula, Indicator, ItemMeasure, Measure, Source, Title, VolumeFilter};
use crate::decimal::Dec;
use crate::ids::IndicatorId;
use crate::limits;

/// The `title` of a section, in both languages.
pub(super) fn title(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Title> {
    let value = section.value("title", Need::Required, faults)?;
    let title = Section::of(format!("`title` of {}", section.name), value, faults)?;
    title.only(&["en", "zh"], faults);
    let (en, zh) = (title.text("en", Need::Required, faults), title.text("zh", Need::Required, faults));
    Some(Title { en: en?, zh: zh? })
}

/// Every indicator of the file.
pub(super) fn indicators(root: &Section<'_, '_>, faults: &mut Faults<'_>) -> Indicators {
    let mut out = Indicators { read: Vec::new(), faulty: Vec::new() };
    let tables = root.tables("indicator", Need::Required, limits::SCHEME_INDICATORS_MAX, faults);
    for (nth, table) in tables.into_iter().enumerate() {
        let Some(mut section) = Section::of(format!("indicator {}", nth + 1), table, faults) else { continue };
        let form = "an id of 1 to 64 bytes without slashes";
        let id = section.read("id", Need::Required, form, faults, |value| IndicatorId::new(value.as_str()?).ok());
        if let Some(id) = &id {
            section.name = format!("indicator `{id}`");
            if out.faulty.contains(id) || out.read.iter().any(|other| other.id == *id) {
                section.refuse("id", "unique", faults);
                continue;
            }
        }
        let indicator = indicator(&section, id.clone(), faults);
        match indicator {
            Some(indicator) => out.read.push(indicator),
            None => out.faulty.extend(id),
        }
    }
    out
}

fn indicator(section: &Section<'_, '_>, id: Option<IndicatorId>, faults: &mut Faults<'_>) -> Option<Indicator> {
    let classes = [("core", Class::Core), ("cultivation", Class::Cultivation), ("auxiliary", Class::Auxiliary)];
    let class = section.choice("class", Need::Required, &classes, faults);
    let title = title(section, faults);
    let sources = [("stated", Source::Stated), ("assumed", Source::Assumed), ("local", Source::Local)];
    let source = section.choice("source", Need::Required, &sources, faults);
    let formula = formula(section, faults);
    Some(Indicator { id: id?, class: class?, title: title?, source: source?, formula: formula? })
}

const COMMON: [&str; 5] = ["id", "class", "title", "formula", "source"];
type Read = fn(&Section<'_, '_>, &mut Faults<'_>) -> Option<Formula>;
/// Each formula with the keys of its own.
const FORMULAS: [(&str, (&[&str], Read)); 3] = [
    ("ratio", (&["weight", "cap", "measure"], ratio)),
    ("per_item", (&["weight", "item_cap", "measure"], per_item)),
    ("events", (&["min", "max", "each_min", "each_max"], events)),
];

fn formula(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Formula> {
    match section.choice("formula", Need::Required, &FORMULAS, faults) {
        Some((keys, read)) => {
            section.only(&[&COMMON, keys].concat(), faults);
            read(section, faults)
        }
        None => {
            let every: Vec<&str> = COMMON.into_iter().chain(FORMULAS.iter().flat_map(|(_, (keys, _))| keys.iter().copied())).collect();
            section.only(&every, faults);
            None
        }
    }
}

fn weight(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Dec> {
    section.decimal("weight", Need::Required, "a decimal of 0 or more, as a string", faults, not_negative)
}

fn cap(section: &Section<'_, '_>, key: &str, need: Need, faults: &mut Faults<'_>) -> Option<Dec> {
    section.decimal(key, need, "a decimal over 0, as a string", faults, Dec::is_positive)
}

fn ratio(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Formula> {
    let weight = weight(section, faults);
    let cap = cap(section, "cap", Need::Optional, faults);
    let measure = measure(section, faults)?;
    let kinds = [
        ("volume", Measure::Volume(VolumeFilter::default())),
        ("value_per_carton", Measure::ValuePerCarton),
        ("width_compliance", Measure::WidthCompliance),
        ("visit_completion", Measure::VisitCompletion),
    ];
    let measure = match measure.choice("kind", Need::Required, &kinds, faults)? {
        Measure::Volume(_) => Measure::Volume(filter(&measure, faults)),
        plain => {
            measure.only(&["kind"], faults);
            plain
        }
    };
    Some(Formula::Ratio { weight: weight?, cap, measure })
}

fn per_item(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Formula> {
    let weight = weight(section, faults);
    let item_cap = cap(section, "item_cap", Need::Required, faults);
    let measure = measure(section, faults)?;
    measure.only(&["kind"], faults);
    let measure = measure.choice("kind", Need::Required, &[("outlets", ItemMeasure::Outlets)], faults);
    Some(Formula::PerItem { weight: weight?, item_cap: item_cap?, measure: measure? })
}

fn events(section: &Section<'_, '_>, faults: &mut Faults<'_>) -> Option<Formula> {
    let [min, max, each_min, each_max] =
        ["min", "max", "each_min", "each_max"].map(|key| section.decimal(key, Need::Optional, "a decimal, as a string", faults, any));
    for (low, high, key, other) in [(min, max, "max", "min"), (each_min, each_max, "each_max", "each_min")] {
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            section.refuse(key, &format!("at least {low}, its `{other}`"), faults);
        }
    }
    Some(Formula::Events { min, max, each_min, each_max })
}

fn measure<'d, 't>(section: &Section<'d, 't>, faults: &mut Faults<'_>) -> Option<Section<'d, 't>> {
    let value: &'d Spanned<DeValue<'t>> = section.value("measure", Need::Required, faults)?;
    Section::of(format!("`measure` of {}", section.name), value, faults)
}

fn filter(measure: &Section<'_, '_>, faults: &mut Faults<'_>) -> VolumeFilter {
    measure.only(&["kind", "origin", "maker", "price_class", "slim", "min_price"], faults);
    let class = |value: &DeValue<'_>| integer(value).filter(|class| (1..=5).contains(class)).map(|class| class as u8);
    let price_class = measure.list("price_class", Need::Optional, "an integer from 1 to 5", faults, class);
    if price_class.as_ref().is_some_and(Vec::is_empty) {
        measure.refuse("price_class", "a list of at least one class from 1 to 5", faults);
    }
    VolumeFilter {
        origin: measure.text("origin", Need::Optional, faults),
        maker: measure.text("maker", Need::Optional, faults),
        price_class,
        slim: measure.read("slim", Need::Optional, "true or false", faults, DeValue::as_bool),
        min_price: measure.decimal("min_price", Need::Optional, "a decimal of 0 or more, as a string", faults, not_negative),
    }
}
