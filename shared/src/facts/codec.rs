//! The facts of a sheet as bytes: what is read again for every score, so reading is cheap. Names stand once, in
//! dictionaries in front; numbers are variable-length, quantities in the order of their SKUs.
//!
//! `version`, route, date, SKUs (ascending), people, devices, visits, missed stops, diary, faults. A list is its length and
//! its items, a text its bytes' length and its bytes, a signed number is zigzagged.

use jiff::civil::Date;

use super::{Conflict, ConflictValue, Lines, MissedStop, Position, SheetFacts, Visit};
use crate::ids::{ChangeHash, DeviceId, PersonId, RetailerId, RouteId, Sku, VisitId};

/// The first byte. Another number: the facts are derived again from their document.
const VERSION: u8 = 1;
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Bytes that are no facts, or those of another version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("facts can't be read at byte {at}: {what}")]
pub struct FactsFault {
    pub at: usize,
    pub what: &'static str,
}

/// The names of the sheet that was read last: the next one has most of them too, and shares them.
#[derive(Default)]
pub struct Names {
    /// Ascending.
    skus: Vec<Sku>,
}

impl Names {
    /// `at`: how far these names, and with them those of the sheet that is read, have been gone through.
    fn sku(&self, text: &str, at: &mut usize) -> Option<Sku> {
        let rest = self.skus.get(*at..).unwrap_or_default();
        *at += rest.iter().take_while(|known| known.as_str() < text).count();
        match self.skus.get(*at) {
            Some(known) if known.as_str() == text => Some(known.clone()),
            _ => Sku::new(text).ok(),
        }
    }
}

impl SheetFacts {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(vec![VERSION]);
        let lines = || self.visits.iter().flat_map(|visit| visit.stock.keys().chain(visit.order.keys()));
        let skus = ascending(lines());
        let people = ascending(self.visits.iter().map(|visit| &visit.person));
        let devices = ascending(self.visits.iter().map(|visit| &visit.device));
        out.text(self.route.as_str());
        out.date(self.date);
        out.list(skus.iter(), |out, sku| out.text(sku.as_str()));
        out.list(people.iter(), |out, person| out.text(person.as_str()));
        out.list(devices.iter(), |out, device| out.text(device.as_str()));
        out.list(self.visits.iter(), |out, visit| {
            out.0.extend(visit.visit.as_bytes());
            out.text(visit.retailer.as_str());
            out.number(index(&people, &visit.person, &mut 0));
            out.number(index(&devices, &visit.device, &mut 0));
            out.signed(visit.in_ms);
            out.option(visit.out_ms, Writer::signed);
            out.option(visit.position, |out, position| {
                out.signed(position.lat_e6.into());
                out.signed(position.lon_e6.into());
            });
            out.option(visit.accuracy_m, Writer::signed);
            out.0.push(visit.mock.into());
            for lines in [&visit.stock, &visit.order] {
                let mut at = 0;
                out.list(lines.iter(), |out, (sku, quantity)| {
                    out.number(index(&skus, sku, &mut at));
                    out.signed(quantity);
                });
            }
            out.list(visit.audits.iter(), |out, (key, value)| {
                out.text(key);
                out.text(value);
            });
            out.text(&visit.note);
            out.list(visit.conflicts.iter(), Writer::conflict);
            out.0.extend(visit.change.as_bytes());
        });
        out.list(self.missed.iter(), |out, stop| {
            out.text(stop.retailer.as_str());
            out.text(&stop.reason);
            out.signed(stop.at_ms);
        });
        out.text(&self.diary);
        out.list(self.faults.iter(), |out, fault| out.text(fault));
        out.0
    }

    pub fn from_bytes(bytes: &[u8], names: &mut Names) -> Result<Self, FactsFault> {
        let mut input = Input { bytes, at: 0 };
        if input.byte()? != VERSION {
            return Err(input.fault("another version"));
        }
        let route: RouteId = input.id(|text| RouteId::new(text).ok())?;
        let date = input.date()?;
        let mut known = 0;
        let head = Head {
            skus: input.list(|input| input.id(|text| names.sku(text, &mut known)))?,
            people: input.list(|input| input.id(|text| PersonId::new(text).ok()))?,
            devices: input.list(|input| input.id(|text| DeviceId::new(text).ok()))?,
            route,
            date,
        };
        if !head.skus.is_sorted_by(|a, b| a < b) {
            return Err(input.fault("SKUs in another order"));
        }
        let visits = input.list(|input| input.visit(&head))?;
        let missed = input.list(|input| {
            let retailer = input.id(|text| RetailerId::new(text).ok())?;
            Ok(MissedStop { retailer, reason: input.string()?, at_ms: input.signed()? })
        })?;
        let (diary, faults) = (input.string()?, input.list(Input::string)?);
        names.skus = head.skus;
        match input.at == bytes.len() {
            true => Ok(Self { route: head.route, date, visits, missed, diary, faults }),
            false => Err(input.fault("more than one sheet")),
        }
    }
}

/// Different names, ascending.
fn ascending<'a, T: Ord>(names: impl Iterator<Item = &'a T>) -> Vec<&'a T> {
    let mut out: Vec<&T> = names.collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The index of a name, which is not before `at`; `at` is there then.
fn index<T: PartialEq>(names: &[&T], name: &T, at: &mut usize) -> u64 {
    let rest = names.get(*at..).unwrap_or_default();
    *at += rest.iter().take_while(|known| **known != name).count();
    *at as u64
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }
    fn signed(&mut self, n: i64) {
        self.number(((n << 1) ^ (n >> 63)) as u64);
    }
    fn date(&mut self, date: Date) {
        let days = date.since(EPOCH).expect("days between dates always fit").get_days();
        self.signed(days.into());
    }
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend(text.as_bytes());
    }
    fn option<T>(&mut self, value: Option<T>, write: impl Fn(&mut Self, T)) {
        self.0.push(value.is_some().into());
        value.into_iter().for_each(|value| write(self, value));
    }
    fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.number(items.len() as u64);
        items.for_each(|item| write(self, item));
    }
    fn conflict(&mut self, conflict: &Conflict) {
        self.text(&conflict.field);
        self.list(conflict.values.iter(), |out, value| {
            out.text(&value.value);
            out.text(value.device.as_str());
            out.0.extend(value.change.as_bytes());
            out.signed(value.at_ms);
        });
    }
}

/// What a sheet's visits refer to.
struct Head {
    route: RouteId,
    date: Date,
    skus: Vec<Sku>,
    people: Vec<PersonId>,
    devices: Vec<DeviceId>,
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn fault(&self, what: &'static str) -> FactsFault {
        FactsFault { at: self.at, what }
    }
    fn take(&mut self, count: usize) -> Result<&'a [u8], FactsFault> {
        let end = self.at.checked_add(count).ok_or_else(|| self.fault("a length beyond the end"))?;
        let taken = self.bytes.get(self.at..end).ok_or_else(|| self.fault("they end too soon"))?;
        self.at = end;
        Ok(taken)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N], FactsFault> {
        Ok(self.take(N)?.try_into().expect("as many were taken"))
    }
    fn byte(&mut self) -> Result<u8, FactsFault> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.fault("they end too soon"))?;
        self.at += 1;
        Ok(byte)
    }
    fn number(&mut self) -> Result<u64, FactsFault> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(self.fault("a number too long"))
    }
    fn signed(&mut self) -> Result<i64, FactsFault> {
        let n = self.number()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }
    fn date(&mut self) -> Result<Date, FactsFault> {
        let days = jiff::Span::new().try_days(self.signed()?).map_err(|_| self.fault("no date"))?;
        EPOCH.checked_add(days).map_err(|_| self.fault("no date"))
    }
    fn text(&mut self) -> Result<&'a str, FactsFault> {
        let length = self.number()?;
        let bytes = self.take(usize::try_from(length).map_err(|_| self.fault("a length beyond the end"))?)?;
        std::str::from_utf8(bytes).map_err(|_| self.fault("a text that is none"))
    }
    fn string(&mut self) -> Result<String, FactsFault> {
        self.text().map(str::to_string)
    }
    fn id<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, FactsFault> {
        let text = self.text()?;
        read(text).ok_or_else(|| self.fault("no id"))
    }
    fn flag(&mut self) -> Result<bool, FactsFault> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fault("neither yes nor no")),
        }
    }
    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, FactsFault>) -> Result<Option<T>, FactsFault> {
        self.flag()?.then(|| read(self)).transpose()
    }
    fn list<T, C: FromIterator<T>>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, FactsFault>) -> Result<C, FactsFault> {
        let count = self.number()?;
        // Each item takes a byte at least: a length that the bytes can't hold is not believed.
        if count > (self.bytes.len() - self.at) as u64 {
            return Err(self.fault("a length beyond the end"));
        }
        // Made at its size: collecting results does not know it.
        let mut items = Vec::with_capacity(count as usize);
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items.into_iter().collect())
    }
    fn one_of<T: Clone>(&mut self, names: &[T]) -> Result<T, FactsFault> {
        let index = self.number()?;
        let name = usize::try_from(index).ok().and_then(|index| names.get(index));
        name.cloned().ok_or_else(|| self.fault("an index beyond its dictionary"))
    }
    fn lines(&mut self, head: &Head) -> Result<Lines, FactsFault> {
        let mut next = 0;
        let lines = self.list(|input| {
            let at = usize::try_from(input.number()?).unwrap_or(usize::MAX);
            if at < next {
                return Err(input.fault("lines in another order"));
            }
            next = at.saturating_add(1);
            let sku = head.skus.get(at).ok_or_else(|| input.fault("an index beyond its dictionary"))?;
            Ok((sku.clone(), input.signed()?))
        })?;
        Ok(Lines::of_ascending(lines))
    }
    fn degrees(&mut self) -> Result<i32, FactsFault> {
        i32::try_from(self.signed()?).map_err(|_| self.fault("no position"))
    }
    fn visit(&mut self, head: &Head) -> Result<Visit, FactsFault> {
        Ok(Visit {
            visit: VisitId(self.array()?),
            route: head.route.clone(),
            date: head.date,
            retailer: self.id(|text| RetailerId::new(text).ok())?,
            person: self.one_of(&head.people)?,
            device: self.one_of(&head.devices)?,
            in_ms: self.signed()?,
            out_ms: self.option(Self::signed)?,
            position: self.option(|input| Ok(Position { lat_e6: input.degrees()?, lon_e6: input.degrees()? }))?,
            accuracy_m: self.option(Self::signed)?,
            mock: self.flag()?,
            stock: self.lines(head)?,
            order: self.lines(head)?,
            audits: self.list(|input| Ok((input.string()?, input.string()?)))?,
            note: self.string()?,
            conflicts: self.list(Self::conflict)?,
            change: ChangeHash(self.array()?),
        })
    }
    fn conflict(&mut self) -> Result<Conflict, FactsFault> {
        let field = self.string()?;
        let values = self.list(|input| {
            let value = input.string()?;
            let device = input.id(|text| DeviceId::new(text).ok())?;
            Ok(ConflictValue { value, device, change: ChangeHash(input.array()?), at_ms: input.signed()? })
        })?;
        Ok(Conflict { field, values })
    }
}

#[cfg(test)]
mod tests;
