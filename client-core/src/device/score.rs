//! The phone's score: the same scorer over the same inputs as head office's, so that it is the paid score as soon as
//! everything is there.

use jiff::civil::Date;
use serde::Serialize;
use shared::ids::IndicatorId;
use shared::reference::Reference;
use shared::scheme::scheme_of;
use shared::score::{Change, Inputs, MonthScore, MonthTotal, Receipt, WhatIf, explain, score_month, what_if};
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

    /// What would come of other actuals of a month, as of today. The quarter says the mean; the star is head office's to say.
    pub fn what_if(&mut self, month: Month, changes: &[Change]) -> Result<WhatIf, Error> {
        let person = self.person()?;
        let reference = self.store.db().reference(true)?.0;
        let played = self.over(&reference, month, None, |inputs| what_if(inputs, &person, changes))??;
        let mut totals = Vec::with_capacity(3);
        for of_quarter in month.quarter().months() {
            totals.push(
                match reference.latest_published(&person, of_quarter).and_then(|(revision, share)| Some((revision, share.total()?))) {
                    Some((revision, total)) => MonthTotal { month: of_quarter, revision: Some(revision), total },
                    None if of_quarter == month => MonthTotal { month, revision: None, total: played.before.total.clone() },
                    None => match self.over(&reference, of_quarter, None, score_month) {
                        Ok(score) => {
                            let total = score.managers.into_iter().next().map(|manager| manager.total).unwrap_or_default();
                            MonthTotal { month: of_quarter, revision: None, total }
                        }
                        // Without a scheme for all three months there is no quarter to speak of yet.
                        Err(Error::NoScheme(_)) => return Ok(played),
                        Err(error) => return Err(error),
                    },
                },
            );
        }
        Ok(match totals.try_into() {
            Ok(totals) => played.with_own_quarter(totals),
            Err(_) => played,
        })
    }

    fn with_inputs<T>(&mut self, month: Month, as_of: Option<Date>, work: impl FnOnce(&Inputs<'_>) -> T) -> Result<T, Error> {
        let reference = self.store.db().reference(true)?.0;
        self.over(&reference, month, as_of, work)
    }

    fn over<T>(
        &mut self,
        reference: &Reference,
        month: Month,
        as_of: Option<Date>,
        work: impl FnOnce(&Inputs<'_>) -> T,
    ) -> Result<T, Error> {
        let person = self.person()?;
        let as_of = Some(as_of.unwrap_or(self.date()?));
        let scheme = scheme_of(reference, month).map_err(|e| Error::BadScheme(e.to_string()))?.ok_or(Error::NoScheme(month))?;
        let visits = self.visits(month.first_day(), month.last_day())?;
        Ok(work(&Inputs { reference, scheme: &scheme, visits: &visits, month, as_of, person: Some(&person) }))
    }
}
