//! A change as it is typed: `slim=+3`, `sales=20000`, `coverage/6901028090063=+2`, `complaint==-4`.

use std::fmt;
use std::str::FromStr;

use num_rational::BigRational;
use num_traits::Signed;
use serde::{Deserialize, Serialize};

use crate::decimal::DecFault;
use crate::ids::{IdFault, IndicatorId, Sku};
use crate::score::number::Exact;

/// One indicator's actual, changed. In JSON `{"indicator": "slim", "by": "3"}`, or `"to"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub indicator: IndicatorId,
    /// Of a per-item indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Sku>,
    #[serde(flatten)]
    pub amount: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// Added to the actual.
    By(Exact),
    /// What the actual is to be.
    To(Exact),
}

/// A text that is no change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    #[error("`{0}` is not INDICATOR=+AMOUNT, INDICATOR=AMOUNT or INDICATOR/SKU=+AMOUNT")]
    Form(String),
    #[error(transparent)]
    Id(#[from] IdFault),
    #[error(transparent)]
    Amount(#[from] DecFault),
}

impl Amount {
    /// None: there is nothing to add to.
    pub(super) fn applied(&self, actual: Option<&BigRational>) -> Option<BigRational> {
        match self {
            Self::By(amount) => Some(actual? + &amount.0),
            Self::To(amount) => Some(amount.0.clone()),
        }
    }
}

impl Change {
    /// The indicator, with its item.
    pub fn name(&self) -> String {
        self.item.as_ref().map_or_else(|| self.indicator.to_string(), |item| format!("{}/{item}", self.indicator))
    }
}

impl FromStr for Change {
    type Err = ChangeFault;
    fn from_str(text: &str) -> Result<Self, ChangeFault> {
        let (name, amount) = text.split_once('=').ok_or_else(|| ChangeFault::Form(text.chars().take(80).collect()))?;
        let (indicator, item) = match name.split_once('/') {
            Some((indicator, item)) => (indicator, Some(Sku::new(item)?)),
            None => (name, None),
        };
        let amount = match (amount.strip_prefix('='), amount.strip_prefix('+')) {
            // What begins with a sign is added; a second `=` says that a negative number is meant as it stands.
            (Some(to), _) => Amount::To(to.parse()?),
            (None, Some(by)) => Amount::By(by.parse()?),
            (None, None) if amount.starts_with('-') => Amount::By(amount.parse()?),
            (None, None) => Amount::To(amount.parse()?),
        };
        Ok(Self { indicator: IndicatorId::new(indicator)?, item, amount })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.amount {
            Amount::By(amount) if amount.0.is_negative() => write!(f, "{}={amount}", self.name()),
            Amount::By(amount) => write!(f, "{}=+{amount}", self.name()),
            Amount::To(amount) if amount.0.is_negative() => write!(f, "{}=={amount}", self.name()),
            Amount::To(amount) => write!(f, "{}={amount}", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_back_what_it_prints_and_json_says_the_same() {
        for (text, json) in [
            ("slim=+3", r#"{"indicator":"slim","by":"3"}"#),
            ("slim=-3", r#"{"indicator":"slim","by":"-3"}"#),
            ("sales=20000.5", r#"{"indicator":"sales","to":"20000.5"}"#),
            ("structure=325/3", r#"{"indicator":"structure","to":"325/3"}"#),
            ("complaint==-4", r#"{"indicator":"complaint","to":"-4"}"#),
            ("coverage/69010=+2", r#"{"indicator":"coverage","item":"69010","by":"2"}"#),
        ] {
            let change: Change = text.parse().unwrap();
            assert_eq!(change.to_string(), text);
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
            assert_eq!(serde_json::from_str::<Change>(json).unwrap(), change);
        }
        for text in ["slim", "=3", "slim=", "slim=+", "slim=++3", "slim=many", "a/b/c=3"] {
            assert!(text.parse::<Change>().is_err(), "{text}");
        }
    }
}
