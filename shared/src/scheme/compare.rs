//! Two versions of a scheme side by side: what a point, a visit or a star would be by the one and by the other. Values that
//! are equal but written apart (`1.2`, `1.20`) are no difference.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Formula, Gate, GateEffect, Indicator, ItemMeasure, Measure, Scheme, Stars, Title, VisitRules, VolumeFilter};
use crate::decimal::Dec;
use crate::ids::{IndicatorId, SchemeHash};
use crate::time::Month;

/// What differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub a: Named,
    pub b: Named,
    /// By both everything comes to the same, whatever the files look like.
    pub same: bool,
    /// Title, first month, the order of the indicators.
    pub general: Vec<Change>,
    pub gate: Vec<Change>,
    pub visits: Vec<Change>,
    /// In the order of the first version, then what only the second has.
    pub indicators: Vec<IndicatorChange>,
    pub stars: Vec<Change>,
}

/// A version, as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub hash: SchemeHash,
    pub id: String,
    pub title: Title,
    pub valid_from: Option<Month>,
}

/// One setting that differs; none: it is not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// As the file names it.
    pub field: String,
    pub a: Option<String>,
    pub b: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndicatorChange {
    pub id: IndicatorId,
    pub verdict: Verdict,
    /// What differs; of an indicator that only one version has, all of it.
    pub fields: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Same,
    Changed,
    Added,
    Removed,
}

impl Named {
    pub fn of(scheme: &Scheme) -> Self {
        Self { hash: scheme.hash, id: scheme.id.clone(), title: scheme.title.clone(), valid_from: scheme.valid_from }
    }
}

/// Compares two versions.
pub fn compare(a: &Scheme, b: &Scheme) -> Comparison {
    let general = changes(&general(a), &general(b)).into_iter().chain(reordered(a, b)).collect::<Vec<_>>();
    let gate = changes(&a.gate.as_ref().map_or_else(Vec::new, gate), &b.gate.as_ref().map_or_else(Vec::new, gate));
    let visits = changes(&visits(&a.visits), &visits(&b.visits));
    let added = b.indicators.iter().filter(|other| a.indicator(other.id.as_str()).is_none());
    let indicators: Vec<IndicatorChange> =
        a.indicators.iter().chain(added).map(|i| indicator(&i.id, a.indicator(i.id.as_str()), b.indicator(i.id.as_str()))).collect();
    let stars = changes(&stars(&a.stars), &stars(&b.stars));
    let same = [&general, &gate, &visits, &stars].iter().all(|part| part.is_empty())
        && indicators.iter().all(|indicator| indicator.verdict == Verdict::Same);
    Comparison { a: Named::of(a), b: Named::of(b), same, general, gate, visits, indicators, stars }
}

/// Settings by name, in the order in which they are shown.
type Fields = Vec<(String, String)>;

fn changes(a: &Fields, b: &Fields) -> Vec<Change> {
    let find = |fields: &Fields, name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    let only_b = b.iter().filter(|(field, _)| find(a, field).is_none());
    let both = a.iter().chain(only_b).map(|(field, _)| Change { field: field.clone(), a: find(a, field), b: find(b, field) });
    both.filter(|change| change.a != change.b).collect()
}

fn indicator(id: &IndicatorId, a: Option<&Indicator>, b: Option<&Indicator>) -> IndicatorChange {
    let fields = changes(&a.map_or_else(Vec::new, settings), &b.map_or_else(Vec::new, settings));
    let verdict = match (a, b) {
        (Some(_), None) => Verdict::Removed,
        (None, _) => Verdict::Added,
        _ if fields.is_empty() => Verdict::Same,
        _ => Verdict::Changed,
    };
    IndicatorChange { id: id.clone(), verdict, fields }
}

/// The indicators that both have, where they stand in another order.
fn reordered(a: &Scheme, b: &Scheme) -> Option<Change> {
    let common = |of: &Scheme, other: &Scheme| -> Vec<String> {
        of.indicators.iter().filter(|i| other.indicator(i.id.as_str()).is_some()).map(|i| i.id.to_string()).collect()
    };
    let (first, second) = (common(a, b), common(b, a));
    (first != second).then(|| Change { field: "order".into(), a: Some(first.join(", ")), b: Some(second.join(", ")) })
}

/// A decimal without the zeros that say nothing.
fn plain(dec: Dec) -> String {
    let text = dec.to_string();
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// Serde's name of a choice, which is the file's.
fn name(choice: impl Serialize) -> String {
    serde_json::to_value(choice).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn fields<const N: usize>(fields: [(&str, Option<String>); N]) -> Fields {
    fields.into_iter().filter_map(|(field, value)| Some((field.to_string(), value?))).collect()
}

fn general(scheme: &Scheme) -> Fields {
    fields([
        ("id", Some(scheme.id.clone())),
        ("title.en", Some(scheme.title.en.clone())),
        ("title.zh", Some(scheme.title.zh.clone())),
        ("valid_from", scheme.valid_from.map(|month| month.to_string())),
    ])
}

fn gate(gate: &Gate) -> Fields {
    fields([("indicator", Some(gate.indicator.to_string())), ("below", Some(plain(gate.below))), ("effect", Some(name(gate.effect)))])
}

fn visits(rules: &VisitRules) -> Fields {
    let exclude: Vec<&str> = rules.exclude.iter().map(crate::facts::flags::Flag::as_str).collect();
    fields([
        ("min_dwell_s", Some(rules.min_dwell_s.to_string())),
        ("geofence_m", Some(rules.geofence_m.to_string())),
        ("exclude", Some(exclude.join(", "))),
    ])
}

fn settings(indicator: &Indicator) -> Fields {
    let mut out = fields([
        ("class", Some(name(indicator.class))),
        ("title.en", Some(indicator.title.en.clone())),
        ("title.zh", Some(indicator.title.zh.clone())),
        ("source", Some(name(indicator.source))),
    ]);
    out.extend(match &indicator.formula {
        Formula::Ratio { weight, cap, measure } => {
            let head = [("formula", Some("ratio".into())), ("weight", Some(plain(*weight))), ("cap", cap.map(plain))];
            fields(head).into_iter().chain(measured(measure)).collect::<Fields>()
        }
        Formula::PerItem { weight, item_cap, measure: ItemMeasure::Outlets } => fields([
            ("formula", Some("per_item".into())),
            ("weight", Some(plain(*weight))),
            ("item_cap", Some(plain(*item_cap))),
            ("measure.kind", Some("outlets".into())),
        ]),
        Formula::Events { min, max, each_min, each_max } => fields([
            ("formula", Some("events".into())),
            ("min", min.map(plain)),
            ("max", max.map(plain)),
            ("each_min", each_min.map(plain)),
            ("each_max", each_max.map(plain)),
        ]),
    });
    out
}

fn measured(measure: &Measure) -> Fields {
    let kind = |kind: &str| fields([("measure.kind", Some(kind.to_string()))]);
    match measure {
        Measure::Volume(VolumeFilter { origin, maker, price_class, slim, min_price }) => {
            let classes = price_class.as_ref().map(|classes| {
                let ascending: BTreeSet<u8> = classes.iter().copied().collect();
                ascending.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
            });
            let filters = fields([
                ("measure.origin", origin.clone()),
                ("measure.maker", maker.clone()),
                ("measure.price_class", classes),
                ("measure.slim", slim.map(|slim| slim.to_string())),
                ("measure.min_price", min_price.map(plain)),
            ]);
            kind("volume").into_iter().chain(filters).collect()
        }
        Measure::ValuePerCarton => kind("value_per_carton"),
        Measure::WidthCompliance => kind("width_compliance"),
        Measure::VisitCompletion => kind("visit_completion"),
    }
}

fn stars(stars: &Stars) -> Fields {
    let tie_break: Vec<&str> = stars.tie_break.iter().map(IndicatorId::as_str).collect();
    let mut out = fields([("tie_break", Some(tie_break.join(", ")))]);
    for band in &stars.bands {
        out.push((format!("band {}: places", band.stars), band.places.to_string()));
        out.extend(band.monthly_pay.map(|pay| (format!("band {}: monthly_pay", band.stars), plain(pay))));
    }
    out
}

impl Scheme {
    /// The same scheme with the gate read in another way. None: it has no gate.
    pub fn with_gate_effect(&self, effect: GateEffect) -> Option<Self> {
        let gate = Gate { effect, ..self.gate.clone()? };
        Some(Self { gate: Some(gate), ..self.clone() })
    }
}
