//! A receipt recomputed from itself alone: its facts, its formula, how the person stands to the gate. What it says of its own
//! sums, verdicts and points is not believed.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

use super::Receipt;
use super::facts::{Fact, VisitFact};
use crate::decimal::Dec;
use crate::ids::{RetailerId, Sku};
use crate::scheme::{Formula, GateEffect, Measure, VisitRules};
use crate::score::formulas::{clamped, lowered, touched_by_gate, within};
use crate::score::number::{Rounded, whole};

impl Receipt {
    /// The points that the receipt's facts come to.
    pub fn recompute(&self) -> Rounded {
        let gate = self.gate.as_ref().filter(|gate| touched_by_gate(self.class, &self.formula) && gate.gates()).map(|gate| gate.effect);
        let earned = match &self.formula {
            Formula::Ratio { weight, cap, measure } => self.ratio(*weight, lowered(cap.map(Dec::to_fraction), gate), measure),
            Formula::PerItem { weight, item_cap, .. } => {
                let cap = lowered(Some(item_cap.to_fraction()), gate).unwrap_or_else(|| item_cap.to_fraction());
                self.per_item(*weight, &cap)
            }
            Formula::Events { min, max, .. } => {
                let points = self.facts.iter().filter_map(|fact| if let Fact::Event { points, .. } = fact { Some(*points) } else { None });
                within(&points.map(Dec::to_fraction).sum(), *min, *max)
            }
        };
        let earned = if gate == Some(GateEffect::NoPoints) { BigRational::zero() } else { earned };
        let ruled =
            self.facts.iter().filter_map(|fact| if let Fact::Ruling { points, .. } = fact { Some(points.to_fraction()) } else { None });
        Rounded::of(&ruled.fold(earned, |sum, points| sum + points))
    }

    /// The plans as imported, with what was transferred.
    fn plans(&self) -> Vec<(Option<&Sku>, Dec)> {
        let mut plans: Vec<(Option<&Sku>, Dec)> = Vec::new();
        for fact in &self.facts {
            let (item, amount) = match fact {
                Fact::Target { item, plan, .. } => (item.as_ref(), *plan),
                Fact::Transfer { item, amount, .. } => (item.as_ref(), *amount),
                _ => continue,
            };
            match plans.iter_mut().find(|(known, _)| *known == item) {
                Some((_, plan)) => *plan = plan.plus(amount).unwrap_or(*plan),
                None => plans.push((item, amount)),
            }
        }
        plans
    }

    fn ratio(&self, weight: Dec, cap: Option<BigRational>, measure: &Measure) -> BigRational {
        let plan = self.plans().into_iter().find(|(item, _)| item.is_none()).map(|(_, plan)| plan).filter(|plan| plan.is_positive());
        match (plan, self.actual(measure)) {
            (Some(plan), Some(actual)) => weight.to_fraction() * clamped(actual, plan, cap.as_ref()),
            _ => BigRational::zero(),
        }
    }

    /// None: nothing to measure.
    fn actual(&self, measure: &Measure) -> Option<BigRational> {
        let share = |part: usize, all: usize| (all > 0).then(|| whole(part) / whole(all));
        match measure {
            Measure::Volume(_) => Some(self.sold().0),
            Measure::ValuePerCarton => {
                let (cartons, value) = self.sold();
                Some(if cartons > BigRational::zero() { value / cartons } else { BigRational::zero() })
            }
            Measure::WidthCompliance => {
                let widths = self.widths();
                let shops = || {
                    self.facts.iter().filter_map(|fact| {
                        if let Fact::Shop { retailer, standard, .. } = fact { Some((retailer, *standard)) } else { None }
                    })
                };
                let reached = shops().filter(|(shop, standard)| widths.get(shop).copied().unwrap_or(0) >= *standard as usize).count();
                share(reached, shops().count())
            }
            Measure::VisitCompletion => {
                let stops = || self.facts.iter().filter_map(|fact| if let Fact::Stop { visits, .. } = fact { Some(visits) } else { None });
                let visited = stops().filter(|visits| visits.iter().any(|visit| self.counts(visit))).count();
                share(visited, stops().count())
            }
        }
    }

    fn counts(&self, visit: &VisitFact) -> bool {
        self.visit_rules.as_ref().is_some_and(|VisitRules { exclude, .. }| !visit.flags.meets(*exclude))
    }

    /// Cartons and value of the sales.
    fn sold(&self) -> (BigRational, BigRational) {
        let mut packs: BTreeMap<u32, i128> = BTreeMap::new();
        let mut value = BigRational::zero();
        let mut scaled: BTreeMap<u32, i128> = BTreeMap::new();
        for fact in &self.facts {
            if let Fact::Sale { packs: sold, packs_per_carton, value, .. } = fact {
                *packs.entry((*packs_per_carton).max(1)).or_default() += i128::from(*sold);
                let (mantissa, scale) = value.parts();
                *scaled.entry(scale).or_default() += mantissa;
            }
        }
        for (scale, sum) in scaled {
            value += BigRational::new(sum.into(), num_bigint::BigInt::from(10).pow(scale));
        }
        (packs.into_iter().map(|(size, packs)| BigRational::new(packs.into(), size.into())).sum(), value)
    }

    /// What was counted, or invoiced, is held.
    fn held(&self) -> impl Iterator<Item = (&RetailerId, &Sku)> {
        self.facts.iter().filter_map(|fact| {
            let Fact::Held { retailer, sku, counted, rows, .. } = fact else { return None };
            let invoiced: i128 = rows.iter().map(|row| i128::from(row.packs)).sum();
            (counted.unwrap_or(0) > 0 || invoiced > 0).then_some((retailer, sku))
        })
    }

    fn widths(&self) -> BTreeMap<&RetailerId, usize> {
        let mut widths = BTreeMap::new();
        self.held().for_each(|(shop, _)| *widths.entry(shop).or_default() += 1);
        widths
    }

    fn per_item(&self, weight: Dec, cap: &BigRational) -> BigRational {
        let mut outlets: BTreeMap<&Sku, usize> = BTreeMap::new();
        self.held().for_each(|(_, sku)| *outlets.entry(sku).or_default() += 1);
        let planned: Vec<_> =
            self.plans().into_iter().filter_map(|(item, plan)| Some((item?, plan))).filter(|(_, plan)| plan.is_positive()).collect();
        if planned.is_empty() {
            return BigRational::zero();
        }
        let share = |(sku, plan): &(&Sku, Dec)| clamped(whole(outlets.get(sku).copied().unwrap_or(0)), *plan, Some(cap));
        weight.to_fraction() * planned.iter().map(share).sum::<BigRational>() / whole(planned.len())
    }
}
