//! Sums of money, exact: cartons × price, as decimals.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};
use shared::decimal::Dec;

/// `mantissa` × 10^-`scale`. In JSON a decimal string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    mantissa: i128,
    scale: u32,
}

impl Money {
    /// So many at a price. What no `i128` holds (no district has it) stays at its bound.
    pub fn of(quantity: i64, price: Dec) -> Self {
        let (mantissa, scale) = price.parts();
        Self { mantissa: mantissa.saturating_mul(quantity.into()), scale }
    }

    pub fn add(&mut self, other: Self) {
        let scale = self.scale.max(other.scale);
        let at = |money: Self| money.mantissa.saturating_mul(10_i128.pow(scale - money.scale));
        *self = Self { mantissa: at(*self).saturating_add(at(other)), scale };
    }

    /// Which of two sums is more.
    pub fn compare(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let at = |money: &Self| money.mantissa.saturating_mul(10_i128.pow(scale - money.scale));
        at(self).cmp(&at(other))
    }

    pub fn is_at_least(&self, least: Dec) -> bool {
        self.compare(&Self::of(1, least)) != Ordering::Less
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u128.pow(self.scale);
        let (sign, size) = (if self.mantissa < 0 { "-" } else { "" }, self.mantissa.unsigned_abs());
        match self.scale {
            0 => write!(f, "{sign}{size}"),
            places => write!(f, "{sign}{}.{:0width$}", size / unit, size % unit, width = places as usize),
        }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_at_the_finest_scale_that_was_met() {
        let mut sum = Money::default();
        assert_eq!(sum.to_string(), "0");
        for (quantity, price, expected) in [(6, "65.10", "390.60"), (-1, "0.605", "389.995"), (-7, "100", "-310.005"), (1, "310", "-0.005")]
        {
            sum.add(Money::of(quantity, price.parse().unwrap()));
            assert_eq!(sum.to_string(), expected);
        }
    }
}
