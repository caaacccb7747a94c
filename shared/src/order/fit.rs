//! How what is known before a week foretells the week: a regression of the log of demand on the traits, learned from
//! every period of every series at once. A stock-out enters as what it is, "this or more"; periods long ago count less.

use libm::{exp, pow};

use super::levels::{TRAITS, Traits};
use super::negbin::NegBin;
use super::panel::{Panel, Period};

/// What is thought before anything is learned: the rate is the slow mean, moved most of the way to the middle one.
const FIRST: Traits = [0.0, 1.0, 0.7, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
/// How firmly: packs of evidence.
const FIRM: f64 = 300.0;
const KEEPS: f64 = 0.98;
/// Traits that all series of a week share: there are as many of them as weeks, however much sold in each.
const SHARED: [usize; 3] = [0, TRAITS - 2, TRAITS - 1];
/// So many weeks have to speak against what was thought of these.
const SHARED_FIRM_WEEKS: f64 = 4.0;
/// The first weeks of which anything is known only make the means, and what is older than half a year says little of how
/// weeks follow each other.
const FIRST_WEEKS: u32 = 3;
const LEARNED_WEEKS: u32 = 26;
const LOG_RATE: (f64, f64) = (-5.0, 7.0);

/// The periods that are learned from, described, with how much each counts.
pub struct Rows {
    rows: Vec<Row>,
    /// What a unit of each trait does to the log of the rate.
    pub weights: Traits,
    /// How many weeks they are of; at least 1.
    weeks: f64,
}

struct Row {
    period: Period,
    traits: Traits,
    counts: f64,
    /// Packs a week.
    rate: f64,
}

/// Packs a week.
pub fn rate(traits: &Traits, weights: &Traits) -> f64 {
    let sum: f64 = traits.iter().zip(weights).map(|(trait_, weight)| trait_ * weight).sum();
    exp(sum.clamp(LOG_RATE.0, LOG_RATE.1))
}

/// The weeks that are learned from, and how much each counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weeks {
    from: u32,
    now: u32,
}

impl Weeks {
    pub fn of(panel: &Panel) -> Self {
        let first = panel.periods.first().map_or(panel.now, |period| period.week);
        Self { from: (first + FIRST_WEEKS).max(panel.now.saturating_sub(LEARNED_WEEKS)), now: panel.now }
    }

    /// None: it is not learned from.
    fn counts(self, week: u32) -> Option<f64> {
        (week >= self.from).then(|| pow(KEEPS, f64::from(self.now.saturating_sub(week + 1))))
    }
}

impl Rows {
    pub fn new(described: &mut dyn Iterator<Item = (Period, Traits)>, learned: Weeks) -> Self {
        let weeks = f64::from(learned.now.saturating_sub(learned.from).max(1));
        Self { rows: Self::rows(described, learned), weights: FIRST, weeks }.starting_at(FIRST)
    }

    /// Those of one series, by what has been learned.
    pub fn of_series(described: &mut dyn Iterator<Item = (Period, Traits)>, learned: Weeks, weights: Traits) -> Self {
        Self { rows: Self::rows(described, learned), weights, weeks: 1.0 }.starting_at(weights)
    }

    fn rows(described: &mut dyn Iterator<Item = (Period, Traits)>, learned: Weeks) -> Vec<Row> {
        let row = |(period, traits): (Period, Traits)| Some(Row { period, traits, counts: learned.counts(period.week)?, rate: 1.0 });
        described.filter_map(row).collect()
    }

    /// The same, where something has been learned already.
    pub fn starting_at(mut self, weights: Traits) -> Self {
        self.weights = weights;
        for row in &mut self.rows {
            row.rate = rate(&row.traits, &weights);
        }
        self
    }

    /// Newton steps towards the weights that explain the periods best.
    pub fn learn(&mut self, steps: usize, size: impl Fn(usize, f64) -> f64) {
        for _ in 0..steps {
            let mut pull = [0.0; TRAITS];
            let mut curve = [[0.0; TRAITS]; TRAITS];
            for (index, pull) in pull.iter_mut().enumerate() {
                curve[index][index] = FIRM;
                *pull = FIRM * (FIRST[index] - self.weights[index]);
            }
            for row in &self.rows {
                row.pull(size(row.period.series as usize, row.rate), &mut pull, &mut curve);
            }
            for index in SHARED {
                let firm = curve[index][index] / self.weeks * SHARED_FIRM_WEEKS;
                curve[index][index] += firm;
                pull[index] += firm * (FIRST[index] - self.weights[index]);
            }
            let step = solve(curve, pull);
            self.weights.iter_mut().zip(step).for_each(|(weight, step)| *weight += step);
            for row in &mut self.rows {
                row.rate = rate(&row.traits, &self.weights);
            }
        }
    }

    /// The log-likelihood of all counted periods, were sizes so.
    pub fn likelihood(&self, size: impl Fn(usize, f64) -> f64) -> f64 {
        let mut sum = 0.0;
        self.each_likelihood(size, |_, log| sum += log);
        sum
    }

    /// That of each period, given to `take` with its series.
    pub fn each_likelihood(&self, size: impl Fn(usize, f64) -> f64, mut take: impl FnMut(usize, f64)) {
        for row in self.counted() {
            let of = row.period.series as usize;
            let demand = row.demand(size(of, row.rate));
            take(of, row.counts * demand.log_chance(row.period.sold, row.period.out));
        }
    }

    /// Every counted period with its rate and how much it counts.
    pub fn each(&self, mut take: impl FnMut(&Period, f64, f64)) {
        self.counted().for_each(|row| take(&row.period, row.rate, row.counts));
    }

    fn counted(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.period.counted)
    }
}

impl Row {
    fn demand(&self, size: f64) -> NegBin {
        NegBin { mean: self.rate * self.period.weeks, size: size * self.period.weeks }
    }

    fn pull(&self, size: f64, pull: &mut Traits, curve: &mut [Traits; TRAITS]) {
        let demand = self.demand(size);
        let sold = match self.period.out {
            true => demand.given_at_least(self.period.sold).mean,
            false => f64::from(self.period.sold),
        };
        let share = self.counts * demand.size / (demand.size + demand.mean);
        let (off, bend) = (share * (sold - demand.mean), share * demand.mean);
        for (i, own) in self.traits.iter().enumerate() {
            pull[i] += off * own;
            for (j, other) in self.traits[..=i].iter().enumerate() {
                curve[i][j] += bend * own * other;
            }
        }
    }
}

/// Solves a positive definite system of which the lower half is given (Cholesky).
fn solve(mut a: [Traits; TRAITS], mut b: Traits) -> Traits {
    for i in 0..TRAITS {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            a[i][j] = match i == j {
                true => libm::sqrt((a[i][i] - sum).max(1e-9)),
                false => (a[i][j] - sum) / a[j][j],
            };
        }
    }
    for i in 0..TRAITS {
        let sum: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    for i in (0..TRAITS).rev() {
        let sum: f64 = (i + 1..TRAITS).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    b
}
