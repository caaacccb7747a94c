//! In what numbers an item sells: what is bought by twos stops at even counts more often than any smooth curve says. For
//! each count, how much likelier demand stops at it, having come so far, than the negative binomial would have it; learned
//! over all items, then for each, leaning on the first. An empty shelf says nothing of where demand would have stopped.

use super::fit::Rows;
use super::negbin::{NegBin, Walk};
use super::panel::Panel;
use super::spread::{CHOICES, Chances, TIMES, size_of};

/// Counts that are looked at one by one: 0 and up. Above, the curve stands.
const COUNTS: usize = 16;
/// Of each count: the chance to stop there ÷ what the curve says.
pub type Shape = [f64; COUNTS];
/// Stops of evidence that the curve is right, and that an item is as all are.
const CURVE_DOUBT: f64 = 50.0;
const ITEM_DOUBT: f64 = 20.0;

/// Demand under every choice of a spread at once, one count after another.
pub struct Mixed {
    choices: [(NegBin, Option<Walk>); CHOICES],
    chances: Chances,
    count: u32,
}

impl Mixed {
    /// Of a rate and a size a week, over some weeks.
    pub fn new(rate: f64, size: f64, chances: Chances, weeks: f64) -> Self {
        let choice = |choice: usize| {
            let demand = NegBin { mean: rate * weeks, size: size * weeks * TIMES[choice] };
            (demand, demand.walk(0))
        };
        Self { choices: std::array::from_fn(choice), chances, count: 0 }
    }

    /// The chance that demand, having come to the next count, stops at it.
    pub fn stops(&mut self) -> f64 {
        let (mut here, mut or_more) = (0.0, 0.0);
        for ((demand, walk), chance) in self.choices.iter_mut().zip(&self.chances) {
            let (at, from) = match walk {
                Some(walk) => {
                    let from = (walk.here, 1.0 - walk.below);
                    walk.step();
                    from
                }
                None => {
                    let (from, above) = (demand.at_least(self.count), demand.at_least(self.count + 1));
                    (from - above, from)
                }
            };
            here += chance * at;
            or_more += chance * from;
        }
        self.count += 1;
        if or_more > 1e-12 { (here / or_more).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// How often demand stopped at each count, and how often it would have by the curve.
#[derive(Clone, Copy)]
struct Stops {
    seen: Shape,
    expected: Shape,
}

impl Stops {
    const NONE: Self = Self { seen: [0.0; COUNTS], expected: [0.0; COUNTS] };

    fn shape(&self, prior: &Shape, doubt: f64) -> Shape {
        std::array::from_fn(|count| (self.seen[count] + doubt * prior[count]) / (self.expected[count] + doubt))
    }
}

/// The shape that all items have in common, and that of each.
pub fn learn(panel: &Panel, rows: &Rows, own: &[Chances], common: f64) -> (Shape, Vec<Shape>) {
    let mut items = vec![Stops::NONE; panel.items as usize];
    rows.each(|period, rate, counts| {
        let series = period.series as usize;
        let stops = &mut items[panel.series[series].item as usize];
        let mut mixed = Mixed::new(rate, size_of(rate, common), own[series], period.weeks);
        let sold = period.sold as usize;
        let came_to = sold + usize::from(!period.out);
        stops.expected.iter_mut().take(came_to).for_each(|expected| *expected += counts * mixed.stops());
        if let Some(seen) = stops.seen.get_mut(sold).filter(|_| !period.out) {
            *seen += counts;
        }
    });
    let mut all = Stops::NONE;
    for item in &items {
        for count in 0..COUNTS {
            all.seen[count] += item.seen[count];
            all.expected[count] += item.expected[count];
        }
    }
    let common = all.shape(&[1.0; COUNTS], CURVE_DOUBT);
    let shapes = items.iter().map(|item| item.shape(&common, ITEM_DOUBT)).collect();
    (common, shapes)
}
