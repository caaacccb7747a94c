//! How types of other crates stand in CBOR: a date as days since 1970-01-01.

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
