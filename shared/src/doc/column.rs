//! The columns of a change: run lengths of numbers and texts, deltas, booleans. A column that is at its end goes on with
//! nulls (or falses), as it would if they had been written.

use crate::wire::Reason;

/// Bytes to be read from the front.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first)
    }

    /// A number of at most 63 bits (nothing counts higher), in LEB128's shortest form.
    pub fn unsigned(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return (shift == 0 || byte != 0).then_some(number);
            }
            shift += 7;
            if shift > 56 {
                return None;
            }
        }
    }

    /// A signed number of at most 63 bits, in signed LEB128's shortest form.
    pub fn signed(&mut self) -> Option<i64> {
        let (mut number, mut shift, mut before) = (0_i64, 0, 0_u8);
        loop {
            let byte = *self.take(1)?.first()?;
            number |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                let overlong = shift > 7 && ((byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0));
                let extended = if byte & 0x40 != 0 { number | (-1 << shift) } else { number };
                return (!overlong).then_some(extended);
            }
            before = byte;
            if shift > 56 {
                return None;
            }
        }
    }

    /// A length, then so many bytes.
    pub fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        self.take(length)
    }
}

/// How a value of a column is written.
pub trait Item<'a>: Copy + Default {
    fn read(bytes: &mut Bytes<'a>) -> Option<Self>;
}

impl<'a> Item<'a> for u64 {
    fn read(bytes: &mut Bytes<'a>) -> Option<Self> {
        bytes.unsigned()
    }
}
impl<'a> Item<'a> for i64 {
    fn read(bytes: &mut Bytes<'a>) -> Option<Self> {
        bytes.signed()
    }
}
impl<'a> Item<'a> for &'a str {
    fn read(bytes: &mut Bytes<'a>) -> Option<Self> {
        std::str::from_utf8(bytes.prefixed()?).ok()
    }
}

#[derive(Clone, Copy, Default)]
enum Run<T> {
    /// So many different values.
    Literal,
    Same(T),
    #[default]
    Null,
}

/// Values in runs: n > 0, then one value n times; n < 0, then -n values; 0 and n, then n nulls.
#[derive(Clone, Copy, Default)]
pub struct Runs<'a, T> {
    bytes: Bytes<'a>,
    run: Run<T>,
    left: u64,
}

impl<'a, T: Item<'a>> Runs<'a, T> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes: Bytes(bytes), run: Run::Null, left: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.left == 0 && self.bytes.0.is_empty()
    }

    /// None: null.
    pub fn next(&mut self) -> Result<Option<T>, Reason> {
        if self.is_done() {
            return Ok(None);
        }
        if self.left == 0 {
            self.begin().ok_or(Reason::Malformed)?;
        }
        self.left -= 1;
        match self.run {
            Run::Null => Ok(None),
            Run::Same(value) => Ok(Some(value)),
            Run::Literal => T::read(&mut self.bytes).map(Some).ok_or(Reason::Malformed),
        }
    }

    fn begin(&mut self) -> Option<()> {
        let count = self.bytes.signed()?;
        (self.run, self.left) = match count {
            0 => (Run::Null, self.bytes.unsigned()?),
            1.. => (Run::Same(T::read(&mut self.bytes)?), count.unsigned_abs()),
            _ => (Run::Literal, count.unsigned_abs()),
        };
        (self.left > 0).then_some(())
    }
}

pub type Integers<'a> = Runs<'a, u64>;
pub type Strings<'a> = Runs<'a, &'a str>;

/// Each value as its distance from the one before.
#[derive(Clone, Copy, Default)]
pub struct Deltas<'a> {
    distances: Runs<'a, i64>,
    value: i64,
}

impl<'a> Deltas<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { distances: Runs::of(bytes), value: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.distances.is_done()
    }

    /// None: null.
    pub fn next(&mut self) -> Result<Option<i64>, Reason> {
        let Some(distance) = self.distances.next()? else { return Ok(None) };
        self.value = self.value.checked_add(distance).ok_or(Reason::Malformed)?;
        Ok(Some(self.value))
    }
}

/// How many falses, trues, falses and so on come in a row.
#[derive(Clone, Copy, Default)]
pub struct Booleans<'a> {
    bytes: Bytes<'a>,
    /// Whether the change has the column; without it, all are false.
    present: bool,
    /// The value of the next run.
    next: bool,
    left: u64,
}

impl<'a> Booleans<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes: Bytes(bytes), present: !bytes.is_empty(), next: false, left: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.left == 0 && self.bytes.0.is_empty()
    }

    pub fn next(&mut self) -> Result<bool, Reason> {
        // Only the first run may be empty: a column that begins with a true.
        for _ in 0..2 {
            if self.left > 0 || self.bytes.0.is_empty() {
                break;
            }
            self.left = self.bytes.unsigned().ok_or(Reason::Malformed)?;
            self.next = !self.next;
        }
        match self.left {
            0 if !self.present => Ok(false),
            // A column that is there has a value for every operation.
            0 => Err(Reason::Malformed),
            _ => {
                self.left -= 1;
                Ok(!self.next)
            }
        }
    }
}
