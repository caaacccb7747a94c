//! Versions of the scheme, read for people.

use serde::Serialize;
use shared::decimal::Dec;
use shared::scheme::{Formula, Scheme, scheme_of};
use shared::time::Month;

use crate::state::App;

/// A version of the scheme, read for people.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SchemeRow {
    pub hash: String,
    /// 0 for the first version that was imported.
    pub ordinal: u32,
    /// The current month uses it.
    pub in_force: bool,
    /// The file.
    pub text: String,
    /// None: this version of the program can't read it.
    pub scheme: Option<SchemeView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SchemeView {
    pub id: String,
    pub title: TitleView,
    /// `YYYY-MM`; none: from the beginning.
    pub valid_from: Option<String>,
    pub gate: Option<GateView>,
    pub indicators: Vec<IndicatorView>,
    pub bands: Vec<BandView>,
    pub min_dwell_s: u32,
    pub geofence_m: u32,
    /// Flags that make a visit not count.
    pub exclude: Vec<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TitleView {
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GateView {
    pub indicator: String,
    pub below: String,
    /// `cap_at_weight` or `no_points`.
    #[schema(value_type = String)]
    pub effect: shared::scheme::GateEffect,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IndicatorView {
    pub id: String,
    /// `core`, `growth` or `auxiliary`.
    #[schema(value_type = String)]
    pub class: shared::scheme::Class,
    pub title: TitleView,
    /// `stated`, `assumed` or `local`.
    #[schema(value_type = String)]
    pub source: shared::scheme::Source,
    /// `ratio`, `per_item` or `events`.
    pub formula: String,
    /// None: it has none (events).
    pub weight: Option<String>,
    pub cap: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BandView {
    pub stars: u32,
    pub places: u32,
    /// None: not set.
    pub monthly_pay: Option<String>,
}

/// Every version of the scheme, newest import first.
pub fn rows(app: &App) -> Vec<SchemeRow> {
    let directory = app.directory();
    let month = Month::of(directory.today(app.clock.now_ms()));
    // Where a version can't be read, no month is known to use one; that row says so itself.
    let in_force = scheme_of(&directory.reference, month).ok().flatten().map(|scheme| scheme.hash);
    let versions = directory.reference.schemes.iter();
    let mut rows: Vec<SchemeRow> = versions
        .map(|(hash, version)| SchemeRow {
            hash: hash.to_string(),
            ordinal: version.ordinal,
            in_force: in_force == Some(*hash),
            text: version.text.clone(),
            scheme: shared::scheme::parse(&version.text).ok().map(SchemeView::from),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.ordinal));
    rows
}

impl TitleView {
    /// Of what has no title: its id.
    pub fn of(id: &str) -> Self {
        Self { zh: id.into(), en: id.into() }
    }
}

impl From<&shared::scheme::Title> for TitleView {
    fn from(title: &shared::scheme::Title) -> Self {
        Self { zh: title.zh.clone(), en: title.en.clone() }
    }
}

impl From<Scheme> for SchemeView {
    fn from(scheme: Scheme) -> Self {
        let text = |dec: &Option<Dec>| dec.map(|dec| dec.to_string());
        let indicator = |indicator: &shared::scheme::Indicator| {
            let (formula, weight, cap) = match &indicator.formula {
                Formula::Ratio { weight, cap, .. } => ("ratio", Some(weight.to_string()), text(cap)),
                Formula::PerItem { weight, item_cap, .. } => ("per_item", Some(weight.to_string()), Some(item_cap.to_string())),
                Formula::Events { .. } => ("events", None, None),
            };
            IndicatorView {
                id: indicator.id.to_string(),
                class: indicator.class,
                title: (&indicator.title).into(),
                source: indicator.source,
                formula: formula.into(),
                weight,
                cap,
            }
        };
        let band = |band: &shared::scheme::Band| BandView { stars: band.stars, places: band.places, monthly_pay: text(&band.monthly_pay) };
        Self {
            title: (&scheme.title).into(),
            valid_from: scheme.valid_from.map(|month| month.to_string()),
            gate: scheme.gate.as_ref().map(|gate| GateView {
                indicator: gate.indicator.to_string(),
                below: gate.below.to_string(),
                effect: gate.effect,
            }),
            indicators: scheme.indicators.iter().map(indicator).collect(),
            bands: scheme.stars.bands.iter().map(band).collect(),
            min_dwell_s: scheme.visits.min_dwell_s,
            geofence_m: scheme.visits.geofence_m,
            exclude: scheme.visits.exclude.iter().map(|flag| flag.to_string()).collect(),
            id: scheme.id,
        }
    }
}
