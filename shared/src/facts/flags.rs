//! Flags: what is off about a visit, and whether it counts. They are no part of the facts, since they need reference
//! data, the scheme's rules, clock evidence and the other visits to the shop on the day. A flag never deletes a visit.

use std::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Position, Visit};
use crate::limits::{CLOCK_SKEW_MS, POOR_ACCURACY_M};
use crate::reference::Reference;
use crate::scheme::VisitRules;
use crate::time::Zone;

/// One thing off about a visit (scoring.md, "Effective visit"). Ordered as their names are in the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The device clock was over 5 minutes off the server's when the check-in first became durable.
    ClockSkew,
    /// Two devices changed the same field of it without knowing of each other.
    Conflict,
    /// An earlier visit to the same shop on the same day is effective, whoever made it.
    Duplicate,
    /// The platform said that the position was simulated.
    MockLocation,
    NoCheckout,
    /// The check-in has no position.
    NoPosition,
    /// The sheet's route is not in that day's calendar.
    OffPlan,
    /// The check-in was farther from the shop than the geofence.
    OutsideGeofence,
    /// The position is less accurate than 100 m.
    PoorAccuracy,
    /// Checked out sooner than the least dwell.
    ShortDwell,
    /// The check-in is on another local date than its sheet.
    WrongDay,
}

impl Flag {
    pub const ALL: [Flag; 11] = [
        Self::ClockSkew,
        Self::Conflict,
        Self::Duplicate,
        Self::MockLocation,
        Self::NoCheckout,
        Self::NoPosition,
        Self::OffPlan,
        Self::OutsideGeofence,
        Self::PoorAccuracy,
        Self::ShortDwell,
        Self::WrongDay,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClockSkew => "clock_skew",
            Self::Conflict => "conflict",
            Self::Duplicate => "duplicate",
            Self::MockLocation => "mock_location",
            Self::NoCheckout => "no_checkout",
            Self::NoPosition => "no_position",
            Self::OffPlan => "off_plan",
            Self::OutsideGeofence => "outside_geofence",
            Self::PoorAccuracy => "poor_accuracy",
            Self::ShortDwell => "short_dwell",
            Self::WrongDay => "wrong_day",
        }
    }

    /// The flag of a name as in a scheme's `exclude`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == name)
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(d)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("there is no flag `{name}`")))
    }
}

impl<C> Encode<C> for Flag {
    fn encode<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Flag {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::named(d.str()?).ok_or_else(|| minicbor::decode::Error::message("there is no flag of this name"))
    }
}

/// A set of flags; in JSON a list of their names, in alphabetical order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FlagSet(u16);

impl FlagSet {
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u16;
    }
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u16) != 0
    }
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether the two have a flag in common.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// In alphabetical order.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.contains(*flag))
    }
}

impl FromIterator<Flag> for FlagSet {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let mut set = Self::default();
        flags.into_iter().for_each(|flag| set.insert(flag));
        set
    }
}

impl fmt::Debug for FlagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for FlagSet {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for FlagSet {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<Flag>::deserialize(d)?.into_iter().collect())
    }
}

/// A visit with its flags.
#[derive(Clone, Copy, Debug)]
pub struct Flagged<'a> {
    pub visit: &'a Visit,
    pub flags: FlagSet,
    /// It has none of the flags that the scheme excludes.
    pub effective: bool,
}

/// Flags visits and says which are effective: by date, then retailer, check-in, visit id, route. Any days may be given,
/// but of each day all visits that are known, since a duplicate is one by the visits before it. The order in which they
/// are given does not matter, nor that one is given twice.
pub fn flag_visits<'a>(
    visits: impl IntoIterator<Item = &'a Visit>,
    reference: &Reference,
    zone: &Zone,
    rules: &VisitRules,
) -> Vec<Flagged<'a>> {
    let mut sorted: Vec<&Visit> = visits.into_iter().collect();
    sorted.sort_by_key(|v| (v.date, &v.retailer, v.in_ms, v.visit, &v.route));
    sorted.dedup_by(|a, b| a.visit == b.visit && a.route == b.route && a.date == b.date);
    let mut out: Vec<Flagged<'a>> = Vec::with_capacity(sorted.len());
    let mut effective_before = false;
    for visit in sorted {
        let same_shop_and_day = out.last().is_some_and(|last| last.visit.date == visit.date && last.visit.retailer == visit.retailer);
        effective_before &= same_shop_and_day;
        let mut flags = own_flags(visit, reference, zone, rules);
        if effective_before {
            flags.insert(Flag::Duplicate);
        }
        let effective = !flags.meets(rules.exclude);
        effective_before |= effective;
        out.push(Flagged { visit, flags, effective });
    }
    out
}

/// The flags that need no other visit.
fn own_flags(visit: &Visit, reference: &Reference, zone: &Zone, rules: &VisitRules) -> FlagSet {
    let shop = reference.retailer_on(visit.retailer.as_str(), visit.date).and_then(|shop| shop.position);
    let fence_mm = i64::from(rules.geofence_m) * 1000;
    let outside = visit.position.zip(shop).is_some_and(|(here, shop)| distance_mm(here, shop) > fence_mm);
    let short = visit.out_ms.is_some_and(|out| out.saturating_sub(visit.in_ms) < i64::from(rules.min_dwell_s) * 1000);
    let skew = reference.clock.get(&visit.change);
    [
        (Flag::NoCheckout, visit.out_ms.is_none()),
        (Flag::ShortDwell, short),
        (Flag::OutsideGeofence, outside),
        (Flag::NoPosition, visit.position.is_none()),
        (Flag::PoorAccuracy, visit.accuracy_m.is_some_and(|m| m > POOR_ACCURACY_M)),
        (Flag::MockLocation, visit.mock),
        (Flag::OffPlan, !reference.planned(&visit.route, visit.date)),
        (Flag::WrongDay, zone.date_of(visit.in_ms) != visit.date),
        (Flag::ClockSkew, skew.is_some_and(|evidence| evidence.skew_ms.unsigned_abs() > CLOCK_SKEW_MS.unsigned_abs())),
        (Flag::Conflict, !visit.conflicts.is_empty()),
    ]
    .into_iter()
    .filter_map(|(flag, is)| is.then_some(flag))
    .collect()
}

/// Mean radius of the earth, as scoring.md fixes it.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// The great-circle distance in whole millimetres: haversine by `libm`, whose bits are the same on every target, and
/// rounded before anybody compares, so that the last bits decide nothing.
pub fn distance_mm(a: Position, b: Position) -> i64 {
    let radians = |e6: i32| f64::from(e6) / 1e6 * (std::f64::consts::PI / 180.0);
    let (lat_a, lat_b) = (radians(a.lat_e6), radians(b.lat_e6));
    let half_sine = |angle: f64| libm::sin(angle / 2.0);
    let (dlat, dlon) = (half_sine(lat_b - lat_a), half_sine(radians(b.lon_e6) - radians(a.lon_e6)));
    let h = dlat * dlat + libm::cos(lat_a) * libm::cos(lat_b) * dlon * dlon;
    let metres = 2.0 * EARTH_RADIUS_M * libm::asin(libm::sqrt(h).min(1.0));
    libm::round(metres * 1000.0) as i64
}
