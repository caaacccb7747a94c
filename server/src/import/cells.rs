//! The fields of a row, read as what they must be. What can't be read is noted as a fault of that field.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::{self, FromStr};

use jiff::civil::{Date, ISOWeekDate, Weekday};
use shared::decimal::Dec;
use shared::ids::{IdFault, PersonId, RetailerId, RouteId, Sku, TeamId};
use shared::limits::IMPORT_FIELD_BYTES_MAX;
use shared::reference::Role;
use shared::time::{Month, parse_date};

use super::sheet::Row;
use super::world::World;
use super::{PEOPLE, RETAILERS, ROUTES, SKUS, TEAMS};

impl<'s> Row<'s, '_> {
    /// The text of a field. None where there is none, or none that can be read: that is noted already.
    pub fn cell(&mut self, column: &str) -> Option<&'s str> {
        let sheet = self.sheet;
        let field = sheet.field(column).filter(|field| field.bytes.len() <= IMPORT_FIELD_BYTES_MAX);
        let text = field.and_then(|field| str::from_utf8(&field.bytes).ok());
        self.sound &= text.is_some();
        text
    }

    /// A field that `read` understands; its error says what is wrong.
    pub fn read<T>(&mut self, column: &str, read: impl FnOnce(&'s str) -> Result<T, String>) -> Option<T> {
        let text = self.cell(column)?;
        read(text).map_err(|what| self.fault(Some(column), text, what)).ok()
    }

    /// As [`Row::read`]; none in it if the field, or its column, is empty.
    pub fn read_or_none<T>(&mut self, column: &str, read: impl FnOnce(&'s str) -> Result<T, String>) -> Option<Option<T>> {
        if self.sheet.shape.optional.contains(&column) && self.sheet.lacks(column) {
            return Some(None);
        }
        self.read(column, |text| if text.is_empty() { Ok(None) } else { read(text).map(Some) })
    }

    pub fn id<T: FromStr<Err = IdFault>>(&mut self, column: &str) -> Option<T> {
        self.read(column, id)
    }

    /// A text that people read; it may have several lines and may be empty.
    pub fn text(&mut self, column: &str) -> Option<String> {
        self.read(column, |text| {
            let crooked = text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            if crooked { Err("has a control character".into()) } else { Ok(text.to_string()) }
        })
    }

    /// A text that is not blank.
    pub fn name(&mut self, column: &str) -> Option<String> {
        let name = self.text(column)?;
        if name.trim().is_empty() {
            self.fault(Some(column), &name, "is empty");
            return None;
        }
        Some(name)
    }

    /// A whole number within bounds.
    pub fn whole<T: TryFrom<i64>>(&mut self, column: &str, range: RangeInclusive<i64>) -> Option<T> {
        self.read(column, |text| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse().ok().filter(|number| plain && range.contains(number));
            let form = || format!("is not a whole number from {} to {}", range.start(), range.end());
            number.and_then(|number| T::try_from(number).ok()).ok_or_else(form)
        })
    }

    /// A whole number, at least 0.
    pub fn count(&mut self, column: &str) -> Option<u32> {
        self.whole(column, 0..=i64::from(u32::MAX))
    }

    pub fn decimal(&mut self, column: &str) -> Option<Dec> {
        self.read(column, decimal)
    }

    pub fn date(&mut self, column: &str) -> Option<Date> {
        self.read(column, date)
    }

    pub fn date_or_none(&mut self, column: &str) -> Option<Option<Date>> {
        self.read_or_none(column, date)
    }

    pub fn month(&mut self, column: &str) -> Option<Month> {
        self.read(column, |text| text.parse().map_err(|_| "is not a month (YYYY-MM)".into()))
    }

    /// An ISO week that its year has.
    pub fn week(&mut self, column: &str) -> Option<String> {
        self.read(column, |text| {
            let exists = || {
                let (year, week) = text.split_once("-W")?;
                let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
                let sound = digits(year, 4) && digits(week, 2);
                sound.then(|| ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok())?
            };
            exists().map(|_| text.to_string()).ok_or_else(|| "is not an ISO week (YYYY-Www) that exists".into())
        })
    }

    /// One of a few words.
    pub fn one_of<T: Copy>(&mut self, column: &str, choices: &[(&str, T)]) -> Option<T> {
        self.read(column, |text| {
            let names = || choices.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| format!("is none of {}", names()))
        })
    }

    /// Decimal degrees from -`most` to `most` as microdegrees, rounded half to even.
    pub fn microdegrees(&mut self, column: &str, most: i32) -> Option<Option<i32>> {
        self.read_or_none(column, |text| {
            let number = text.parse().ok().and_then(|degrees| microdegrees(degrees, most));
            number.ok_or_else(|| format!("is not a decimal number of degrees from -{most} to {most}"))
        })
    }

    pub fn route(&mut self, column: &str, world: &World<'_>) -> Option<RouteId> {
        self.known(column, &world.next.routes, ROUTES, world).map(|(id, _)| id)
    }

    pub fn team(&mut self, column: &str, world: &World<'_>) -> Option<TeamId> {
        self.known(column, &world.next.teams, TEAMS, world).map(|(id, _)| id)
    }

    /// A person of staff; none if the field, or its column, is empty.
    pub fn staff_or_none(&mut self, column: &str, world: &World<'_>) -> Option<Option<PersonId>> {
        let lacks = self.sheet.lacks(column);
        if lacks || self.cell(column)?.is_empty() {
            return Some(None);
        }
        let (id, person) = self.known(column, &world.next.people, PEOPLE, world)?;
        if person.is_some_and(|person| !person.role.is_staff()) {
            self.fault(Some(column), id.as_str(), "is nobody of staff");
        }
        Some(Some(id))
    }

    pub fn retailer(&mut self, column: &str, world: &World<'_>) -> Option<RetailerId> {
        self.known(column, &world.next.retailers, RETAILERS, world).map(|(id, _)| id)
    }

    pub fn sku(&mut self, column: &str, world: &World<'_>) -> Option<Sku> {
        self.known(column, &world.next.skus, SKUS, world).map(|(id, _)| id)
    }

    /// None if the field is empty.
    pub fn sku_or_none(&mut self, column: &str, world: &World<'_>) -> Option<Option<Sku>> {
        if self.cell(column)?.is_empty() { Some(None) } else { self.sku(column, world).map(Some) }
    }

    /// A person who is a manager.
    pub fn manager(&mut self, column: &str, world: &World<'_>) -> Option<PersonId> {
        let (id, person) = self.known(column, &world.next.people, PEOPLE, world)?;
        if let Some(role) = person.map(|person| person.role).filter(|role| *role != Role::Manager) {
            self.fault(Some(column), id.as_str(), format!("is no manager, but has the role {}", role.as_str()));
        }
        Some(id)
    }

    /// An id that stands in `map`, with what it stands for. One whose own row in `file` is faulty passes, with nothing: that
    /// fault is noted there, and no import comes of it anyway.
    fn known<'w, K, V>(&mut self, column: &str, map: &'w BTreeMap<K, V>, file: &str, world: &World<'_>) -> Option<(K, Option<&'w V>)>
    where
        K: Ord + Clone + Borrow<str> + FromStr<Err = IdFault>,
    {
        let text = self.cell(column)?;
        if world.doubts(file, text) {
            return self.id(column).map(|id| (id, None));
        }
        let found = map.get_key_value(text);
        if found.is_none() {
            let what = id::<K>(text).err().unwrap_or_else(|| format!("is not in {file}"));
            self.fault(Some(column), text, what);
        }
        found.map(|(id, value)| (id.clone(), Some(value)))
    }
}

pub(super) fn id<T: FromStr<Err = IdFault>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|fault: IdFault| format!("is no {}: {}", fault.what, fault.why))
}

pub(super) fn date(text: &str) -> Result<Date, String> {
    parse_date(text).map_err(|_| "is not a date (YYYY-MM-DD) that exists".into())
}

pub(super) fn decimal(text: &str) -> Result<Dec, String> {
    text.parse().map_err(|_| "is not a decimal number of at most 28 digits".into())
}

fn microdegrees(degrees: Dec, most: i32) -> Option<i32> {
    let (mantissa, scale) = degrees.parts();
    let one = 10_i128.pow(scale);
    if mantissa.abs() > i128::from(most) * one {
        return None;
    }
    let micro = mantissa * 1_000_000;
    let (floor, rest) = (micro.div_euclid(one), micro.rem_euclid(one));
    let up = rest * 2 > one || (rest * 2 == one && floor % 2 != 0);
    i32::try_from(floor + i128::from(up)).ok()
}
