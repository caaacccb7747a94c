//! What every request asks: the district's people, assignments, shops and schemes, read once and kept until they change.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::PersonId;
use shared::reference::{Kind, Reference, Role};
use shared::time::Zone;
use shared::wire::Grant;

use crate::error::{ApiError, ApiResult};
use crate::ingest::authorise::{RouteIndex, grants};
use crate::store::Store;

pub struct Directory {
    /// Everything but sales and clock evidence, which are read for the days in question.
    pub reference: Reference,
    pub zone: Zone,
    logins: BTreeMap<String, PersonId>,
    routes: RouteIndex,
}

impl Directory {
    pub fn read(store: &dyn Store) -> ApiResult<Self> {
        let mut reference = Reference::default();
        for kind in Kind::ALL {
            if !matches!(kind, Kind::Sales | Kind::Clock) {
                load(store, &mut reference, kind, None)?;
            }
        }
        let timezone = reference.org.as_ref().map_or("UTC", |org| org.timezone.as_str());
        let zone = Zone::named(timezone).map_err(ApiError::internal)?;
        let logins = reference.people.iter().map(|(id, person)| (person.login.clone(), id.clone())).collect();
        Ok(Self { routes: RouteIndex::of(&reference), reference, zone, logins })
    }

    pub fn role_of(&self, person: &PersonId) -> Option<Role> {
        self.reference.people.get(person).map(|person| person.role)
    }

    pub fn person_by_login(&self, login: &str) -> Option<(PersonId, Role)> {
        let person = self.logins.get(login)?;
        Some((person.clone(), self.role_of(person)?))
    }

    /// The scopes of a person's devices on a day.
    pub fn grants(&self, person: &PersonId, today: Date) -> Vec<Grant> {
        grants(&self.reference, &self.routes, person, today)
    }

    pub fn timezone(&self) -> String {
        self.reference.org.as_ref().map_or_else(|| "UTC".into(), |org| org.timezone.clone())
    }

    pub fn today(&self, now_ms: i64) -> Date {
        self.zone.date_of(now_ms)
    }
}

/// Reads the rows of a kind into reference data.
pub fn load(store: &dyn Store, reference: &mut Reference, kind: Kind, keys: Option<(&str, &str)>) -> ApiResult<()> {
    for (_, row) in store.reference(kind, keys)? {
        reference.apply(&row).map_err(ApiError::internal)?;
    }
    Ok(())
}

/// Reads the sales of some days.
pub fn load_sales(store: &dyn Store, reference: &mut Reference, first: Date, last: Date) -> ApiResult<()> {
    // Keys are `{date}/{route}`, and `0` follows on `/`. Dates before the year 1 would not sort as text; no sale has one.
    let first = first.max(Date::constant(1, 1, 1));
    let (from, to) = (format!("{first}/"), format!("{last}0"));
    load(store, reference, Kind::Sales, Some((&from, &to)))
}
