//! What every request asks: the district's people, assignments, shops' routes and schemes, read once and kept until they
//! change.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::ids::{DocumentId, PersonId, RouteId, Scope};
use shared::reference::{Kind, Reference, Role, Row};
use shared::time::Zone;
use shared::wire::Grant;

use crate::error::{ApiError, ApiResult};
use crate::ingest::authorise::{RouteIndex, grants};
use crate::shops::Shops;
use crate::store::{ScopedKind, Store};

/// What the whole district has in common.
const KINDS: [Kind; 8] =
    [Kind::Org, Kind::Person, Kind::Route, Kind::Assignments, Kind::Sku, Kind::WidthStandard, Kind::Scheme, Kind::Team];

pub struct Directory {
    /// Of the kinds of rows that all have in common; the others are read for the routes and days in question.
    pub reference: Reference,
    pub shops: Shops,
    pub zone: Zone,
    /// How often shops or assignments had been written when this was read.
    pub grounds: u64,
    logins: BTreeMap<String, PersonId>,
    routes: RouteIndex,
}

impl Directory {
    pub fn read(store: &dyn Store) -> ApiResult<Self> {
        // First: what is written meanwhile makes this older than it is.
        let grounds = store.grounds()?.0;
        let mut reference = Reference::default();
        for kind in KINDS {
            load_all(store, &mut reference, kind)?;
        }
        let timezone = reference.org.as_ref().map_or("UTC", |org| org.timezone.as_str());
        let zone = Zone::named(timezone).map_err(ApiError::internal)?;
        let logins = reference.people.iter().map(|(id, person)| (person.login.clone(), id.clone())).collect();
        let shops = Shops::read(store, &reference)?;
        Ok(Self { routes: RouteIndex::of(&reference), reference, shops, zone, grounds, logins })
    }

    pub fn role_of(&self, person: &PersonId) -> Option<Role> {
        self.reference.people.get(person).map(|person| person.role)
    }

    pub fn person_by_login(&self, login: &str) -> Option<(PersonId, Role)> {
        let person = self.logins.get(login)?;
        Some((person.clone(), self.role_of(person)?))
    }

    /// Where a document of this district is filed; none: its route or shop is unknown here.
    pub fn scope_of(&self, document: &DocumentId, today: Date) -> Option<Scope> {
        match document {
            DocumentId::Day { route, .. } => self.reference.routes.contains_key(route).then(|| Scope::Route(route.clone())),
            DocumentId::Shop { retailer, .. } => self.shops.shop_scope(retailer.as_str(), today),
            DocumentId::Goals { person, .. } => Some(Scope::Person(person.clone())),
        }
    }

    /// The scopes of a person's devices on a day.
    pub fn grants(&self, person: &PersonId, today: Date) -> Vec<Grant> {
        grants(&self.reference, &self.shops, &self.routes, person, today)
    }

    pub fn timezone(&self) -> String {
        self.reference.org.as_ref().map_or_else(|| "UTC".into(), |org| org.timezone.clone())
    }

    pub fn today(&self, now_ms: i64) -> Date {
        self.zone.date_of(now_ms)
    }
}

/// All reference data that is imported, but sales. It is as large as the district: for imports, not for answers.
pub fn whole(store: &dyn Store) -> ApiResult<Reference> {
    let mut reference = Reference::default();
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, Kind::Sales | Kind::Clock | Kind::Dispute | Kind::Published | Kind::OrderRuling))
    {
        load(store, &mut reference, kind, None)?;
    }
    Ok(reference)
}

/// Reads all rows of a kind into reference data, one after the other: never are all of them beside what becomes of them.
fn load_all(store: &dyn Store, reference: &mut Reference, kind: Kind) -> ApiResult<()> {
    let mut fault = None;
    store.each_reference(kind, &mut |key, value| {
        let row = Row { kind, key: key.to_string(), value: Some(value.to_vec()) };
        if let Err(error) = reference.apply(&row) {
            fault.get_or_insert(error);
        }
    })?;
    fault.map_or(Ok(()), |fault| Err(ApiError::internal(fault)))
}

/// Reads the rows of a kind into reference data.
pub fn load(store: &dyn Store, reference: &mut Reference, kind: Kind, keys: Option<(&str, &str)>) -> ApiResult<()> {
    for (_, row) in store.reference(kind, keys)? {
        reference.apply(&row).map_err(ApiError::internal)?;
    }
    Ok(())
}

/// Reads what scopes receive into reference data.
pub fn load_scoped(store: &dyn Store, reference: &mut Reference, wanted: &[ScopedKind]) -> ApiResult<()> {
    store.scoped(wanted)?.iter().try_for_each(|row| reference.apply(row)).map_err(ApiError::internal)
}

/// Reads the sales of some days.
pub fn load_sales(store: &dyn Store, reference: &mut Reference, first: Date, last: Date) -> ApiResult<()> {
    let (from, to) = sales_keys(first, last);
    load(store, reference, Kind::Sales, Some((&from, &to)))
}

/// The keys of the sales of some days: from the first (included) to the second (excluded).
fn sales_keys(first: Date, last: Date) -> (String, String) {
    // Keys are `{date}/{route}`, and `0` follows on `/`. Dates before the year 1 would not sort as text; no sale has one.
    let first = first.max(Date::constant(1, 1, 1));
    (format!("{first}/"), format!("{last}0"))
}

/// A route's sales of some days.
pub fn sales_of(route: &RouteId, first: Date, last: Date) -> ScopedKind {
    let (from, to) = sales_keys(first, last);
    ScopedKind { scope: Scope::Route(route.clone()), kind: Kind::Sales, from, to }
}
