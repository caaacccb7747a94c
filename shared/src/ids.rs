//! Newtypes for everything that has a name. A text id is 1–64 bytes of UTF-8 without control characters, `/` or
//! surrounding white space, so that it can stand in a document id, a scope and a file name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::ID_BYTES_MAX;
use crate::time::{Quarter, parse_date};

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {why}")]
pub struct IdFault {
    pub what: &'static str,
    pub text: String,
    pub why: &'static str,
}

fn check_text(what: &'static str, text: &str) -> Result<(), IdFault> {
    let why = if text.is_empty() {
        "it is empty"
    } else if text.len() > ID_BYTES_MAX {
        "it is longer than 64 bytes"
    } else if text.contains(|c: char| c.is_control() || c == '/') {
        "it contains a slash or a control character"
    } else if text.trim() != text {
        "it begins or ends with white space"
    } else {
        return Ok(());
    };
    Err(IdFault { what, text: text.chars().take(80).collect(), why })
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: &str) -> Result<Self, IdFault> {
                check_text($what, text)?;
                Ok(Self(text.into()))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = IdFault;
            fn from_str(text: &str) -> Result<Self, IdFault> {
                Self::new(text)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                Self::new(&std::borrow::Cow::<str>::deserialize(d)?).map_err(serde::de::Error::custom)
            }
        }
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::new(d.str()?).map_err(minicbor::decode::Error::custom)
            }
        }
    )*};
}

text_ids! {
    /// A manager or a member of staff.
    PersonId = "person id";
    /// A route: an ordered set of shops visited on one day.
    RouteId = "route id";
    /// A retailer (shop).
    RetailerId = "retailer id";
    /// A stock-keeping unit.
    Sku = "SKU";
    /// An indicator of a scheme.
    IndicatorId = "indicator id";
    /// A team of managers.
    TeamId = "team id";
    /// A part of a plan that one manager takes over from another.
    TransferId = "transfer id";
    /// An event recorded by staff.
    EventId = "event id";
    /// A dispute: a UUID that the one who files it makes.
    DisputeId = "dispute id";
    /// A device: the first 16 bytes of SHA-256 of its public key, as 32 hexadecimal digits.
    DeviceId = "device id";
}

macro_rules! byte_ids {
    ($($(#[$doc:meta])* $name:ident[$len:literal];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = IdFault;
            fn from_str(text: &str) -> Result<Self, IdFault> {
                let fault = || IdFault { what: stringify!($name), text: text.chars().take(80).collect(), why: "wrong hexadecimal" };
                // Sixteen bytes are also read in the hyphenated form of a UUID.
                let plain: String = if $len == 16 && text.len() == 36 { text.replace('-', "") } else { text.to_string() };
                let digits = plain.as_bytes();
                if digits.len() != 2 * $len {
                    return Err(fault());
                }
                let mut bytes = [0; $len];
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    let nibble = |c: u8| (c as char).to_digit(16).ok_or_else(fault);
                    *byte = (nibble(pair[0])? * 16 + nibble(pair[1])?) as u8;
                }
                Ok(Self(bytes))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::from_slice(d.bytes()?).ok_or_else(|| minicbor::decode::Error::message("wrong length of a byte id"))
            }
        }
    )*};
}

byte_ids! {
    /// SHA-256 of an Automerge change.
    ChangeHash[32];
    /// An Automerge actor: 16 bytes of the device (see [`DeviceId`]), then 8 random bytes of the store generation.
    Actor[24];
    /// SHA-256 of a scheme file's bytes: a scheme's version.
    SchemeHash[32];
    /// A visit: the UUIDv7 of its check-in action.
    VisitId[16];
    /// A user action: the UUIDv7 that its change carries as its message.
    ActionId[16];
}

impl Actor {
    /// The 16 bytes that name the device.
    pub fn device_part(&self) -> [u8; 16] {
        self.0[..16].try_into().expect("24 bytes hold 16")
    }
    pub fn new(device_part: [u8; 16], generation: [u8; 8]) -> Self {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&device_part);
        bytes[16..].copy_from_slice(&generation);
        Self(bytes)
    }
    /// The device whose actor this is.
    pub fn device(&self) -> DeviceId {
        DeviceId::from_part(self.device_part())
    }
}

impl DeviceId {
    /// The id of the device whose key's SHA-256 begins with `part`.
    pub fn from_part(part: [u8; 16]) -> Self {
        Self(VisitId(part).to_string().into())
    }
    /// The id of the device that holds the secret of this Ed25519 public key.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(public_key);
        Self::from_part(digest[..16].try_into().expect("SHA-256 has 32 bytes"))
    }
    /// The 16 bytes that this device's actors begin with; none if the id was not made from a key.
    pub fn part(&self) -> Option<[u8; 16]> {
        self.as_str().parse::<VisitId>().ok().map(|id| id.0)
    }
}

/// What a document is about; its text form is its id everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentId {
    /// `day/{route}/{date}`: the day sheet of one route on one date.
    Day { route: RouteId, date: Date },
    /// `shop/{retailer}/{year}`: the shop file of one retailer, one year of it.
    Shop { retailer: RetailerId, year: i16 },
    /// `goals/{person}/{quarter}`: a manager's agreed goals.
    Goals { person: PersonId, quarter: Quarter },
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day { route, date } => write!(f, "day/{route}/{date}"),
            Self::Shop { retailer, year } => write!(f, "shop/{retailer}/{year:04}"),
            Self::Goals { person, quarter } => write!(f, "goals/{person}/{quarter}"),
        }
    }
}

impl FromStr for DocumentId {
    type Err = IdFault;
    fn from_str(text: &str) -> Result<Self, IdFault> {
        let fault = |why| IdFault { what: "document id", text: text.chars().take(160).collect(), why };
        let mut parts = text.split('/');
        let (Some(kind), Some(subject), Some(period), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(fault("it is not kind/subject/period"));
        };
        match kind {
            "day" => {
                Ok(Self::Day { route: RouteId::new(subject)?, date: parse_date(period).map_err(|_| fault("its date is not YYYY-MM-DD"))? })
            }
            "shop" => match period.parse::<i16>() {
                Ok(year) if period.len() == 4 && year >= 1000 => Ok(Self::Shop { retailer: RetailerId::new(subject)?, year }),
                _ => Err(fault("its year is not YYYY")),
            },
            "goals" => Ok(Self::Goals {
                person: PersonId::new(subject)?,
                quarter: period.parse().map_err(|_| fault("its quarter is not YYYYQn"))?,
            }),
            _ => Err(fault("its kind is none of day, shop, goals")),
        }
    }
}

/// Who receives a document or a reference row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody of the district.
    Org,
    /// Whoever works the route.
    Route(RouteId),
    /// One person, and staff.
    Person(PersonId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Org => f.write_str("org"),
            Self::Route(route) => write!(f, "route/{route}"),
            Self::Person(person) => write!(f, "person/{person}"),
        }
    }
}

impl FromStr for Scope {
    type Err = IdFault;
    fn from_str(text: &str) -> Result<Self, IdFault> {
        match text.split_once('/') {
            None if text == "org" => Ok(Self::Org),
            Some(("route", route)) => Ok(Self::Route(RouteId::new(route)?)),
            Some(("person", person)) => Ok(Self::Person(PersonId::new(person)?)),
            _ => Err(IdFault { what: "scope", text: text.chars().take(80).collect(), why: "it is none of org, route/…, person/…" }),
        }
    }
}

macro_rules! cbor_as_text {
    ($($name:ident),*) => {$(
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.to_string())?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                d.str()?.parse().map_err(minicbor::decode::Error::custom)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
cbor_as_text!(DocumentId, Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_ids_and_scopes_read_back_what_they_print() {
        for text in ["day/r001/2026-07-01", "shop/t00001/2026", "goals/m01/2026Q3"] {
            assert_eq!(text.parse::<DocumentId>().unwrap().to_string(), text);
        }
        for text in ["org", "route/r001", "person/m01"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn crooked_ids_are_refused() {
        for text in [
            "",
            "day",
            "day/r001",
            "day/r001/2026-7-1",
            "day//2026-07-01",
            "day/r/2026-07-01/x",
            "shop/t/26",
            "shop/t/+026",
            "goals/m/2026Q5",
        ] {
            assert!(text.parse::<DocumentId>().is_err(), "{text}");
        }
        for text in ["", " r1", "r\n1", &"x".repeat(65)] {
            assert!(RouteId::new(text).is_err(), "{text:?}");
        }
    }
}
