//! Exact fractions, and the one place where they are rounded.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use minicbor::{Decode, Encode};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::decimal::{Dec, DecFault};

/// A number of exactly 4 decimal places: points, totals, means, and actuals as they are shown. Prints and serialises as
/// a decimal string with all 4 places.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Rounded(#[cbor(n(0), with = "crate::cbor::whole")] BigInt);

const UNIT: u32 = 10_000;

impl Rounded {
    /// Half to even: 1.00055 is 1.0006, 1.00045 is 1.0004.
    pub fn of(exact: &BigRational) -> Self {
        let scaled = exact * BigInt::from(UNIT);
        let floor = scaled.floor().to_integer();
        let twice_rest = (scaled - BigRational::from(floor.clone())) * BigInt::from(2);
        let one = BigRational::from(BigInt::from(1));
        let up = twice_rest > one || (twice_rest == one && !(&floor % 2u32).is_zero());
        Self(if up { floor + 1 } else { floor })
    }

    pub fn to_fraction(&self) -> BigRational {
        BigRational::new(self.0.clone(), UNIT.into())
    }
}

impl Add<&Rounded> for Rounded {
    type Output = Rounded;
    fn add(self, other: &Rounded) -> Rounded {
        Rounded(self.0 + &other.0)
    }
}

impl Sub for &Rounded {
    type Output = Rounded;
    fn sub(self, other: &Rounded) -> Rounded {
        Rounded(&self.0 - &other.0)
    }
}

impl<'a> Sum<&'a Rounded> for Rounded {
    fn sum<I: Iterator<Item = &'a Rounded>>(numbers: I) -> Self {
        numbers.fold(Self::default(), |sum, number| sum + number)
    }
}

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { "-" } else { "" };
        let size = self.0.abs();
        f.pad(&format!("{sign}{}.{:04}", &size / UNIT, u64::try_from(&size % UNIT).expect("below 10,000")))
    }
}

impl FromStr for Rounded {
    type Err = DecFault;
    /// A decimal of at most 4 places.
    fn from_str(text: &str) -> Result<Self, DecFault> {
        let scaled = text.parse::<Dec>()?.to_fraction() * BigInt::from(UNIT);
        if scaled.is_integer() { Ok(Self(scaled.to_integer())) } else { Err(DecFault(text.chars().take(40).collect())) }
    }
}

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rounded {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An exact fraction as a receipt shows it: a decimal where it is one of at most 12 places, otherwise `numerator/denominator`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Exact(#[cbor(n(0), with = "crate::cbor::fraction")] pub BigRational);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&plain(&self.0))
    }
}

impl FromStr for Exact {
    type Err = DecFault;
    fn from_str(text: &str) -> Result<Self, DecFault> {
        let Some((numerator, denominator)) = text.split_once('/') else { return text.parse::<Dec>().map(|dec| Self(dec.to_fraction())) };
        let fault = || DecFault(text.chars().take(40).collect());
        let (numerator, denominator): (BigInt, BigInt) =
            (numerator.parse().map_err(|_| fault())?, denominator.parse().map_err(|_| fault())?);
        if denominator.is_positive() { Ok(Self(BigRational::new(numerator, denominator))) } else { Err(fault()) }
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

pub(super) fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from(number.into())
}

/// A fraction as people read it: as a decimal if it is one of at most 12 places, otherwise as numerator/denominator.
pub(super) fn plain(fraction: &BigRational) -> String {
    let mut scaled = fraction.clone();
    for places in 0..=12usize {
        if scaled.is_integer() {
            let digits = format!("{:0width$}", scaled.numer().abs(), width = places + 1);
            let sign = if fraction.is_negative() { "-" } else { "" };
            let (before, after) = digits.split_at(digits.len() - places);
            return if places == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") };
        }
        scaled *= BigInt::from(10);
    }
    format!("{}/{}", fraction.numer(), fraction.denom())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(numerator: i64, denominator: i64) -> BigRational {
        BigRational::new(numerator.into(), denominator.into())
    }

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        // The contract's own example: 6 × 20011 ÷ 120000 is 1.00055, and 1.0006.
        for (numerator, denominator, rounded) in [
            (6 * 20011, 120_000, "1.0006"),
            (100_045, 100_000, "1.0004"),
            (100_055, 100_000, "1.0006"),
            (-100_045, 100_000, "-1.0004"),
            (-100_055, 100_000, "-1.0006"),
            (1_000_450_001, 1_000_000_000, "1.0005"),
            (-1, 20_000, "0.0000"),
            (-3, 20_000, "-0.0002"),
            (1, 3, "0.3333"),
            (-2, 3, "-0.6667"),
            (0, 1, "0.0000"),
            (12, 1, "12.0000"),
        ] {
            let out = Rounded::of(&fraction(numerator, denominator));
            assert_eq!(out.to_string(), rounded);
            assert_eq!(out.to_string().parse::<Rounded>().unwrap(), out);
        }
        assert!("1.00001".parse::<Rounded>().is_err() && "x".parse::<Rounded>().is_err());
    }

    #[test]
    fn a_fraction_is_read_as_it_is_printed() {
        for (numerator, denominator) in [(5, 1), (1, 4), (-1, 8), (1, 3), (-28_136, 22_065), (0, 1)] {
            let exact = Exact(fraction(numerator, denominator));
            assert_eq!(exact.to_string().parse::<Exact>().unwrap(), exact);
        }
        assert!("1/0".parse::<Exact>().is_err() && "1/-2".parse::<Exact>().is_err() && "/2".parse::<Exact>().is_err());
    }

    #[test]
    fn a_fraction_prints_as_a_decimal_where_it_is_one() {
        for (numerator, denominator, text) in
            [(5, 1, "5"), (1, 4, "0.25"), (-1, 8, "-0.125"), (1, 3, "1/3"), (28_136, 22_065, "28136/22065"), (0, 1, "0")]
        {
            assert_eq!(plain(&fraction(numerator, denominator)), text);
        }
    }
}
