//! How types of other crates stand in CBOR: a date as days since 1970-01-01, a whole number of any size as an integer or, where
//! that is too small, as its bytes, a fraction as two of these.

pub mod date {
    use jiff::civil::Date;
    use minicbor::{Decoder, Encoder};

    const EPOCH: Date = Date::constant(1970, 1, 1);

    pub fn encode<C, W: minicbor::encode::Write>(
        date: &Date,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let days = date.since(EPOCH).expect("days between dates always fit").get_days();
        e.i32(days)?.ok()
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<Date, minicbor::decode::Error> {
        let days = jiff::Span::new().try_days(d.i32()?).map_err(minicbor::decode::Error::custom)?;
        EPOCH.checked_add(days).map_err(minicbor::decode::Error::custom)
    }
}

pub mod date_option {
    use jiff::civil::Date;
    use minicbor::data::Type;
    use minicbor::{Decoder, Encoder};

    pub fn encode<C, W: minicbor::encode::Write>(
        date: &Option<Date>,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match date {
            Some(date) => super::date::encode(date, e, c),
            None => e.null()?.ok(),
        }
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, c: &mut C) -> Result<Option<Date>, minicbor::decode::Error> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        super::date::decode(d, c).map(Some)
    }
}

/// What is written as its text, as a month.
pub mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use minicbor::{Decoder, Encoder};

    pub fn encode<T: Display, C, W: minicbor::encode::Write>(
        value: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&value.to_string())?.ok()
    }

    pub fn decode<'b, T: FromStr<Err: Display>, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<T, minicbor::decode::Error> {
        d.str()?.parse().map_err(|e: T::Err| minicbor::decode::Error::message(e.to_string()))
    }
}

/// A whole number of any size.
pub mod whole {
    use minicbor::data::Type;
    use minicbor::{Decoder, Encoder};
    use num_bigint::BigInt;

    pub fn encode<C, W: minicbor::encode::Write>(
        number: &BigInt,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match i64::try_from(number) {
            Ok(small) => e.i64(small)?.ok(),
            Err(_) => e.bytes(&number.to_signed_bytes_be())?.ok(),
        }
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<BigInt, minicbor::decode::Error> {
        match d.datatype()? {
            Type::Bytes => Ok(BigInt::from_signed_bytes_be(d.bytes()?)),
            _ => Ok(d.i64()?.into()),
        }
    }
}

/// A fraction in lowest terms.
pub mod fraction {
    use minicbor::{Decoder, Encoder};
    use num_rational::BigRational;
    use num_traits::Signed;

    pub fn encode<C, W: minicbor::encode::Write>(
        fraction: &BigRational,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?;
        super::whole::encode(fraction.numer(), e, c)?;
        super::whole::encode(fraction.denom(), e, c)
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, c: &mut C) -> Result<BigRational, minicbor::decode::Error> {
        if d.array()? != Some(2) {
            return Err(minicbor::decode::Error::message("a fraction has two numbers"));
        }
        let (numerator, denominator) = (super::whole::decode(d, c)?, super::whole::decode(d, c)?);
        match denominator.is_positive() {
            true => Ok(BigRational::new(numerator, denominator)),
            false => Err(minicbor::decode::Error::message("a denominator is over 0")),
        }
    }
}

pub mod fraction_option {
    use minicbor::data::Type;
    use minicbor::{Decoder, Encoder};
    use num_rational::BigRational;

    pub fn encode<C, W: minicbor::encode::Write>(
        fraction: &Option<BigRational>,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match fraction {
            Some(fraction) => super::fraction::encode(fraction, e, c),
            None => e.null()?.ok(),
        }
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, c: &mut C) -> Result<Option<BigRational>, minicbor::decode::Error> {
        if d.datatype()? == Type::Null {
            d.null()?;
            return Ok(None);
        }
        super::fraction::decode(d, c).map(Some)
    }
}
