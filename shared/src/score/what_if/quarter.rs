//! What a changed month does to its quarter: the mean, and, for who knows the scores of all managers, the star.

use serde::Serialize;

use super::WhatIf;
use crate::decimal::Dec;
use crate::reference::Reference;
use crate::scheme::Scheme;
use crate::score::ManagerScore;
use crate::score::number::{Rounded, whole};
use crate::score::stars::{MonthPoints, PersonPoints, StarsRow, stars};
use crate::time::{Month, Quarter};

/// The quarter of a month that is played with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlook {
    pub quarter: Quarter,
    /// In order; before the change.
    pub months: Vec<MonthTotal>,
    pub before: Place,
    pub after: Place,
    /// Whether the stars are known: that takes the scores of all managers.
    pub ranked: bool,
}

/// One month's total as it counts for the quarter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthTotal {
    pub month: Month,
    /// The revision that was published; none: the month is open, and its total may still change.
    pub revision: Option<u32>,
    pub total: Rounded,
}

/// Where a manager stands. Without the scores of all managers only `mean` is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// Of the three monthly totals; none: the manager is not ranked.
    pub mean: Option<Rounded>,
    pub rank: Option<u32>,
    pub stars: Option<u32>,
    /// None: not known, or the band's pay is not set.
    pub monthly_pay: Option<Dec>,
    /// The rank was decided by the person id alone.
    pub tie: bool,
}

impl Place {
    fn of(row: &StarsRow) -> Self {
        let StarsRow { mean, rank, stars, monthly_pay, tie, .. } = row;
        Self { mean: mean.clone(), rank: *rank, stars: Some(*stars), monthly_pay: *monthly_pay, tie: *tie }
    }
    fn unranked(mean: Rounded) -> Self {
        Self { mean: Some(mean), rank: None, stars: None, monthly_pay: None, tie: false }
    }
}

impl WhatIf {
    /// With the quarter of somebody who knows their own months alone: three totals in order, of which that of this month is
    /// replaced.
    pub fn with_own_quarter(mut self, months: [MonthTotal; 3]) -> Self {
        let mean = |totals: [&Rounded; 3]| Rounded::of(&(totals.into_iter().sum::<Rounded>().to_fraction() / whole(3)));
        let before = mean(months.each_ref().map(|month| &month.total));
        let after = mean(months.each_ref().map(|month| if month.month == self.month { &self.after.total } else { &month.total }));
        self.quarter = Some(Outlook {
            quarter: self.month.quarter(),
            months: months.into(),
            before: Place::unranked(before),
            after: Place::unranked(after),
            ranked: false,
        });
        self
    }

    /// With the ranking of everybody, before and after; `months` as for [`stars`].
    pub fn with_stars(mut self, reference: &Reference, scheme: &Scheme, months: &[MonthPoints; 3]) -> Self {
        let quarter = self.month.quarter();
        let place = |months: &[MonthPoints; 3]| {
            let table = stars(reference, quarter, scheme, months);
            table.managers.iter().find(|row| row.person_id == self.person_id).map(Place::of)
        };
        let with = |score: &ManagerScore, over_published: bool| {
            let mut months = months.clone();
            for month in months.iter_mut().filter(|month| month.month == self.month && (over_published || month.revision.is_none())) {
                month.people.insert(self.person_id.clone(), PersonPoints::of(score));
            }
            months
        };
        let (as_it_is, changed) = (with(&self.before, false), with(&self.after, true));
        let total = |month: &MonthPoints| {
            let total = month.people.get(&self.person_id).map(|points| points.total.clone()).unwrap_or_default();
            MonthTotal { month: month.month, revision: month.revision, total }
        };
        if let (Some(before), Some(after)) = (place(&as_it_is), place(&changed)) {
            self.quarter = Some(Outlook { quarter, months: as_it_is.iter().map(total).collect(), before, after, ranked: true });
        }
        self
    }
}
