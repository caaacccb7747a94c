//! A what-if as plain text.

use std::fmt;

use super::{Outlook, Place, Points, WhatIf};
use crate::score::number::Rounded;

/// With its sign: `+0.1500`.
fn signed(number: &Rounded) -> String {
    let text = number.to_string();
    if text.starts_with('-') { text } else { format!("+{text}") }
}

impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}, up to {}", self.person_id, self.month, self.as_of)?;
        for changed in &self.changes {
            let item = changed.item.as_ref().map_or_else(String::new, |item| format!("/{item}"));
            let before = changed.before.as_ref().map_or_else(|| "nothing to measure".into(), ToString::to_string);
            writeln!(f, "  {}{item}: {before} → {}", changed.indicator, changed.after)?;
        }
        let gated = |gated: bool| if gated { " (gated)" } else { "" };
        let (before, after) = (&self.before, &self.after);
        let (was, is) = (gated(before.gated), gated(after.gated));
        writeln!(f, "total {}{was} → {}{is}, {}", before.total, after.total, signed(&self.difference))?;
        if let Some((was, is)) = before.gate.as_ref().zip(after.gate.as_ref()) {
            let shown = |ratio: &Option<Rounded>| ratio.as_ref().map_or_else(|| "unknown".into(), ToString::to_string);
            let (reading, was, is) = match is.judged_by {
                crate::score::JudgedBy::Progress => ("progress", shown(&was.progress), shown(&is.progress)),
                crate::score::JudgedBy::Pace => ("pace", shown(&was.pace), shown(&is.pace)),
            };
            writeln!(f, "gate: {reading} {was} → {is}, gated below {}", before.gate.as_ref().map_or_else(Default::default, |g| g.below))?;
        }
        for effect in &self.effects {
            let (was, is) = (&effect.before, &effect.after);
            write!(f, "{} ({}): {} → {}, {}", effect.id, effect.title.en, was.points, is.points, signed(&effect.difference))?;
            write_losses(f, is)?;
        }
        if !self.also.is_empty() {
            let ids: Vec<&str> = self.also.iter().map(|id| id.as_str()).collect();
            writeln!(f, "the same cartons count for {}, too: name them to see it", ids.join(", "))?;
        }
        self.quarter.iter().try_for_each(|quarter| write!(f, "{quarter}"))
    }
}

fn write_losses(f: &mut fmt::Formatter<'_>, points: &Points) -> fmt::Result {
    let zero = Rounded::default();
    if points.lost_to_cap != zero {
        write!(f, "; {} beyond the cap", points.lost_to_cap)?;
    }
    if points.lost_to_gate != zero {
        write!(f, "; {} lost to the gate", points.lost_to_gate)?;
    }
    writeln!(f)
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for month in &self.months {
            let state = month.revision.map_or_else(|| "open".into(), |revision| format!("published, revision {revision}"));
            writeln!(f, "{}: {} ({state})", month.month, month.total)?;
        }
        writeln!(f, "{}: {} → {}", self.quarter, self.before, self.after)?;
        if !self.ranked {
            writeln!(f, "the star depends on the scores of all managers, which only head office has")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mean) = &self.mean else { return write!(f, "not ranked") };
        write!(f, "mean {mean}")?;
        if let Some(rank) = self.rank {
            write!(f, ", rank {rank}{}", if self.tie { " (tie)" } else { "" })?;
        }
        match (self.stars, self.monthly_pay) {
            (None, _) => Ok(()),
            (Some(stars), Some(pay)) => write!(f, ", {stars} stars, {pay} a month"),
            (Some(stars), None) => write!(f, ", {stars} stars, pay not set"),
        }
    }
}
