//! The phone's score: the same scorer over the same inputs as head office's, so that it is the paid score as soon as
//! everything is there.

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::IndicatorId;
use shared::scheme::scheme_of;
use shared::score::{Inputs, MonthScore, Receipt, explain, score_month};
use shared::time::Month;

use super::{Counts, Device};
use crate::Error;
use crate::store::Meta;

/// A month's score as far as this phone knows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provisional {
    #[serde(flatten)]
    pub score: MonthScore,
    /// What it rests on: work that is only on this phone counts here, and not yet at head office.
    pub counts: Counts,
    pub complete_up_to_ms: Option<i64>,
}

impl Device {
    /// The score of the device's person. Without `as_of`: as of today, or of the month's end once it is past.
    pub fn score(&mut self, month: Month, as_of: Option<Date>) -> Result<Provisional, Error> {
        let score = self.with_inputs(month, as_of, score_month)?;
        let complete_up_to_ms = self.store.db().meta_number(Meta::CompleteUpTo)?;
        Ok(Provisional { score, counts: self.counts()?, complete_up_to_ms })
    }

    /// The receipt of one indicator: the facts it rests on and the arithmetic.
    pub fn explain(&mut self, month: Month, as_of: Option<Date>, indicator: &IndicatorId) -> Result<Receipt, Error> {
        let person = self.person()?;
        let receipt = self.with_inputs(month, as_of, |inputs| explain(inputs, &person, indicator))?;
        receipt.map_err(|fault| Error::NoReceipt(fault.to_string()))
    }

    fn with_inputs<T>(&mut self, month: Month, as_of: Option<Date>, work: impl FnOnce(&Inputs<'_>) -> T) -> Result<T, Error> {
        let person = self.person()?;
        let as_of = Some(as_of.unwrap_or(self.date()?));
        let reference = self.store.db().reference(true)?.0;
        let scheme = scheme_of(&reference, month).map_err(|e| Error::BadScheme(e.to_string()))?.ok_or(Error::NoScheme(month))?;
        let visits = self.visits(month.first_day(), month.last_day())?;
        Ok(work(&Inputs { reference: &reference, scheme: &scheme, visits: &visits, month, as_of, person: Some(&person) }))
    }
}
