//! Order suggestions: what is to be ordered and why, what is unusual about it, and what staff ruled.

use std::error::Error;

use client_core::Device;
use client_core::device::Step;
use serde::Serialize;
use shared::order::{OrderPlan, Suggestion, Unusual};

use crate::args::{OrdersArgs, SuggestArgs, Words};
use crate::show::{self, Show, table};

/// A suggestion as it is shown.
#[derive(Serialize)]
struct Suggested {
    #[serde(flatten)]
    suggestion: Suggestion,
    /// What is odd about it, as a whole.
    unusual: Vec<Unusual>,
}

pub fn suggest(device: &mut Device, args: &SuggestArgs, show: &Show) -> Result<(), Box<dyn Error>> {
    let date = match (args.date, args.visit) {
        (Some(date), _) => date,
        (None, Some(visit)) => device.visit(visit)?.ok_or(client_core::Error::UnknownVisit(visit))?.date,
        (None, None) => device.date()?,
    };
    let suggestion = device.suggest(&args.retailer, date)?;
    let unusual = device.unusual(&args.retailer, date, &suggestion.order())?;
    let suggested = Suggested { suggestion, unusual };
    show.say(&suggested, || text(&suggested, args, show.colour));
    if let Some(visit) = args.visit.filter(|_| args.accept) {
        let done = device.accept(visit, &suggested.suggestion, Step::default())?;
        show::warn(&done);
        show::complain(format_args!("drafted in {} ({})", done.document, done.state.sentence(false)));
    }
    Ok(())
}

fn text(Suggested { suggestion, unusual }: &Suggested, args: &SuggestArgs, colour: bool) -> String {
    let lines = suggestion.lines.iter().filter(|line| args.all || line.cartons > 0);
    let rows = lines.map(|line| {
        let why = match args.words {
            Words::En => line.reason.english(),
            Words::Zh => line.reason.chinese(),
        };
        vec![line.sku.to_string(), line.name.clone(), line.cartons.to_string(), why]
    });
    let mut out = table(&["sku", "name", "cartons", "reason"], rows.collect(), &[2], colour);
    let value = suggestion.value.map_or(String::new(), |value| format!(", {value}"));
    out += &format!("\n{} cartons{value}", suggestion.cartons);
    for odd in unusual {
        let words = match args.words {
            Words::En => odd.english(),
            Words::Zh => odd.chinese(),
        };
        out += &format!("\nunusual: {words}");
    }
    out
}

pub fn orders(device: &mut Device, args: &OrdersArgs, show: &Show) -> Result<(), Box<dyn Error>> {
    let last = args.to.map_or_else(|| device.date(), Ok)?;
    let first = args.from.unwrap_or(last);
    let plans = device.order_plans(first, last)?;
    show.say(&plans, || ruled(&plans, show.colour));
    Ok(())
}

fn ruled(plans: &[OrderPlan], colour: bool) -> String {
    let rows = plans.iter().flat_map(|plan| {
        plan.lines.iter().map(|line| {
            let said = match &line.ruling {
                Some(ruling) if !line.awaits => format!("{} {} by {}", ruling.ruling.as_str(), ruling.cartons, ruling.by),
                _ => "awaits".into(),
            };
            let why = line.ruling.as_ref().filter(|_| !line.awaits).map_or(String::new(), |ruling| ruling.reason.clone());
            vec![plan.date.to_string(), plan.retailer.to_string(), line.sku.to_string(), line.drafted.to_string(), said, why]
        })
    });
    table(&["date", "retailer", "sku", "drafted", "head office", "why"], rows.collect(), &[3], colour)
}
