//! A shelf through the weeks: looked at once a week, filled before the next. A policy sees what was sold and whether
//! anything was left, never what was asked for.

use crate::demand::Series;
use crate::policy::Policy;

/// Weeks that are seen as they were before a policy is asked for the first time.
const SEEN: usize = 3;
/// Weeks before what is sold and held counts.
const WARM_UP: usize = 12;

/// What a policy saw of a series.
#[derive(Clone, Default)]
pub struct Seen {
    pub sold: Vec<u32>,
    /// Nothing was left at the end of the week.
    pub out: Vec<bool>,
}

/// Over all series, after the warm-up.
#[derive(Clone, Copy, Default, Debug)]
pub struct Kept {
    pub asked: u64,
    pub sold: u64,
    /// Units left at the end of each week, added up.
    pub held: u64,
}

impl Kept {
    /// The share of what was asked for that was sold.
    pub fn fill(self) -> f64 {
        self.sold as f64 / self.asked as f64
    }
    /// Units held at the ends of weeks, in weeks of mean demand.
    pub fn stock_weeks(self) -> f64 {
        self.held as f64 / self.asked as f64
    }
}

pub fn run(series: &[Series], policy: &Policy) -> Kept {
    let weeks = series.iter().map(|series| series.units.len()).max().unwrap_or(0);
    let first = |series: &Series| Seen { sold: series.units.iter().copied().take(SEEN).collect(), out: vec![false; SEEN] };
    let mut seen: Vec<Seen> = series.iter().map(first).collect();
    let mut stock = vec![0u32; series.len()];
    let mut kept = Kept::default();
    for week in SEEN..weeks {
        let wanted = policy.wanted(series, &seen);
        for (((series, seen), stock), wanted) in series.iter().zip(&mut seen).zip(&mut stock).zip(wanted) {
            let asked = series.units[week];
            // What stands on the shelf stays there, also if less is wanted now.
            let filled = wanted.max(*stock);
            let sold = asked.min(filled);
            *stock = filled - sold;
            seen.sold.push(sold);
            seen.out.push(*stock == 0);
            if week >= WARM_UP {
                kept.asked += u64::from(asked);
                kept.sold += u64::from(sold);
                kept.held += u64::from(*stock);
            }
        }
    }
    kept
}
