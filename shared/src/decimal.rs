//! Decimals as they were written: money, plans and weights. They are parsed exactly, kept with their trailing zeros, and
//! become exact fractions before anything is calculated with them.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder};
use num_bigint::BigInt;
use num_rational::BigRational;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A decimal of at most 28 digits, printed as it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dec(Decimal);

/// A text that is no decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number of at most 28 digits")]
pub struct DecFault(pub String);

impl Dec {
    /// `mantissa` × 10^-`scale`, with `scale` at most 28.
    pub fn from_parts(mantissa: i64, scale: u32) -> Option<Self> {
        Decimal::try_new(mantissa, scale).ok().map(Self)
    }
    /// Mantissa and scale: 71.97 is (7197, 2).
    pub fn parts(self) -> (i128, u32) {
        (self.0.mantissa(), self.0.scale())
    }
    pub fn to_fraction(self) -> BigRational {
        BigRational::new(self.0.mantissa().into(), BigInt::from(10).pow(self.0.scale()))
    }
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
    pub fn negated(self) -> Self {
        Self(-self.0)
    }
    /// The exact sum; none: it has more than 28 digits.
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0).map(Self)?;
        (sum.to_fraction() == self.to_fraction() + other.to_fraction()).then_some(sum)
    }
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }
}

impl FromStr for Dec {
    type Err = DecFault;
    fn from_str(text: &str) -> Result<Self, DecFault> {
        let fault = || DecFault(text.chars().take(40).collect());
        let digits = text.strip_prefix('-').unwrap_or(text);
        let well_formed = digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.ends_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !well_formed {
            return Err(fault());
        }
        Decimal::from_str_exact(text).map(Self).map_err(|_| fault())
    }
}

impl fmt::Display for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Dec {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Dec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<C> Encode<C> for Dec {
    fn encode<W: minicbor::encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Dec {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(minicbor::decode::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_prints_as_it_was_written() {
        for text in ["0.70", "-0.5", "23065", "0.1234567890123456789012345678"] {
            assert_eq!(text.parse::<Dec>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "1e3", ".5", "5.", "1,000", "NaN", "+1", "1.2.3", "１２", "99999999999999999999999999999"] {
            assert!(text.parse::<Dec>().is_err(), "{text}");
        }
    }
}
