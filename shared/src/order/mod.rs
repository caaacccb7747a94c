//! What a shop is to order: from counts of its shelf and deliveries to what sold, from that to what will, learned over all
//! shops and items at hand, and from there to whole cartons within the quota, each line with its reason.
//!
//! Floats are fine here, since no pay rests on it; but a phone and head office must suggest the same, so that logarithms
//! and powers come from `libm` and every sum has its order.

mod demand;
mod festival;
mod fit;
mod history;
mod levels;
mod negbin;
mod panel;
mod plans;
mod quota;
mod reason;
mod shape;
mod spread;
mod suggest;
mod unusual;

pub use demand::{Demand, Lessons, learn};
pub use festival::{Around, FESTIVAL_WEEKS, FestivalSales, Pace, festival};
pub use history::{Shelf, Shelves, SoldBetween};
pub use panel::{Panel, Period, Series};
pub use plans::{OrderLine, OrderPlan};
pub use quota::{QuotaUse, Quotas};
pub use reason::{FestivalAhead, Quota, Reason, ReasonCode, Sold};
pub use suggest::{BeingLearned, Learned, Line, Question, Suggestion, TARGET_FILL, iso_week, next_visit, suggest, target_fill, value_of};
pub use unusual::{ComparedWith, Unusual, Usual, unusual};
