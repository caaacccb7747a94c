//! A board as it was at one moment. Its parts stay as small as they are kept, and are opened one by one where they are
//! asked for.

use std::sync::Arc;

use jiff::civil::Date;
use shared::ids::PersonId;
use shared::score::{Inputs, ManagerScore, MonthScore, Part, Together};
use shared::time::Month;

use super::board::Plan;
use crate::error::{ApiError, ApiResult};

/// A part as it is kept: as CBOR, its manager's score apart from what it tells of others. Nothing until it is made.
#[derive(Clone, Default)]
pub struct KeptPart {
    manager: Option<Arc<[u8]>>,
    told: Option<Arc<[u8]>>,
}

fn close<T: minicbor::Encode<()>>(value: &T) -> Arc<[u8]> {
    minicbor::to_vec(value).expect("encoding into memory does not fail").into()
}

fn open<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> ApiResult<T> {
    minicbor::decode(bytes).map_err(ApiError::internal)
}

impl KeptPart {
    pub fn of(mut part: Part) -> Self {
        let manager = part.manager.take().as_ref().map(close);
        let told = (part != Part::default()).then(|| close(&part));
        Self { manager, told }
    }
}

pub struct Kept {
    plan: Arc<Plan>,
    month: Month,
    as_of: Option<Date>,
    parts: Vec<KeptPart>,
    together: Together,
}

impl Kept {
    /// None: no scheme is valid in the month.
    pub(super) fn new(plan: Arc<Plan>, month: Month, as_of: Option<Date>, parts: Vec<KeptPart>) -> ApiResult<Option<Self>> {
        if plan.scheme.is_none() {
            return Ok(None);
        }
        let mut together = Together::default();
        for told in parts.iter().filter_map(|part| part.told.as_deref()) {
            together.take(open(told)?);
        }
        Ok(Some(Self { plan, month, as_of, parts, together }))
    }

    /// The managers that are scored, by id.
    pub fn people(&self) -> impl Iterator<Item = &PersonId> + Clone {
        self.plan.managers()
    }

    /// The score without any manager's.
    pub fn frame(&self) -> ApiResult<MonthScore> {
        let scheme = self.plan.scheme.as_ref().ok_or_else(|| ApiError::internal("a board without a scheme is not kept"))?;
        let Self { month, as_of, .. } = *self;
        let inputs = Inputs { reference: &self.plan.directory.reference, scheme, visits: &[], month, as_of, person: None };
        Ok(self.together.month(&inputs, Vec::new()))
    }

    /// The scores of managers by id, from one part to another (excluded), as many as there are.
    pub fn managers(&self, from: usize, to: usize) -> ApiResult<Vec<ManagerScore>> {
        let parts = self.parts.get(from..to.min(self.parts.len())).unwrap_or_default();
        let managers = parts.iter().filter_map(|part| part.manager.as_deref());
        managers.map(|manager| Ok(self.together.with_visits(open(manager)?))).collect()
    }

    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The whole score. It is as large as the district: for who needs it in one piece.
    pub fn whole(&self) -> ApiResult<MonthScore> {
        Ok(MonthScore { managers: self.managers(0, self.parts())?, ..self.frame()? })
    }
}
