//! Brand-width standards: a quarter's fit, as a table, as JSON and as the file that an import takes.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use shared::time::Quarter;

use super::terminal::table;
use super::{DONE, Format, Report, print_json, write_new};
use crate::error::ApiResult;
use crate::state::SharedApp;
use crate::width::{self, NamedRoute, QuarterFit};
use width_fit::{Cluster, FEATURES, Fit, Spread};

#[derive(Clone, Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WidthCommand {
    /// Fit a quarter: per route a standard and an ideal, and how good the fit is
    Fit {
        #[arg(long)]
        quarter: Quarter,
        /// Write the standards as a width-standards.csv, to be imported; a file that exists is not overwritten
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub fn run(app: &SharedApp, what: &WidthCommand, report: &mut dyn Report) -> ApiResult<u8> {
    let WidthCommand::Fit { quarter, out, format } = what;
    fit(app, *quarter, out.as_deref(), *format, report)
}

fn fit(app: &SharedApp, quarter: Quarter, out: Option<&Path>, format: Format, report: &mut dyn Report) -> ApiResult<u8> {
    crate::materialise::settle(app)?;
    let found = width::of_quarter(app, quarter)?;
    if let Some(file) = out {
        write_new(file, &width::to_csv(&found.fit)?)?;
    }
    if format == Format::Json {
        return print_json(report, &found);
    }
    report.out(&text(&found));
    if let Some(file) = out {
        report.out(&format!("\n{}: {} routes; import it to make it hold\n", file.display(), found.routes.len()));
    }
    Ok(DONE)
}

fn text(found: &QuarterFit) -> String {
    let fit = &found.fit;
    let left_out = if found.left_out.is_empty() { String::new() } else { format!(", {} left out", found.left_out.len()) };
    let mut out = format!("{}  {} shops on {} routes{left_out}\n\n", found.quarter, fit.shops.len(), found.routes.len());
    out += &routes_text(&found.routes);
    out += &format!("\n{}", clusters_text(&fit.clusters));
    out += &format!("\n{}", quality_text(fit));
    for warning in &found.warnings {
        out += &format!("warning: {warning}\n");
    }
    out
}

fn routes_text(routes: &[NamedRoute]) -> String {
    let header = ["route", "name", "shops", "left out", "standard", "ideal", "today", "ideal today"];
    let rows = routes.iter().map(|route| {
        let today =
            |of: fn(&shared::reference::WidthStandard) -> u32| route.current.as_ref().map_or_else(|| "–".into(), |now| of(now).to_string());
        vec![
            route.fit.route_id.to_string(),
            route.name.clone(),
            route.fit.shops.to_string(),
            route.left_out.to_string(),
            route.fit.standard.to_string(),
            route.fit.ideal.to_string(),
            today(|now| now.standard),
            today(|now| now.ideal),
        ]
    });
    table(&header, &header[2..], rows)
}

/// A column a cluster's centre, its regression, and how far that carries.
fn clusters_text(clusters: &[Cluster]) -> String {
    let header: Vec<String> = std::iter::once("".into()).chain(clusters.iter().map(|c| format!("cluster {}", c.cluster))).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let line = |name: &str, of: &dyn Fn(&Cluster) -> String| -> Vec<String> {
        std::iter::once(name.to_string()).chain(clusters.iter().map(of)).collect()
    };
    let number = |value: f64| format!("{value:.3}");
    let maybe = |value: Option<f64>| value.map_or_else(|| "–".into(), number);
    let mut rows = vec![line("shops", &|c| c.shops.to_string())];
    rows.extend(FEATURES.iter().map(|feature| line(&format!("mean {feature}"), &|c| number(c.centre[feature].0))));
    rows.push(line("mean width", &|c| number(c.mean_width)));
    rows.push(line("width = intercept", &|c| number(c.intercept)));
    rows.extend(FEATURES.iter().map(|feature| line(&format!("  + {feature} ×"), &|c| maybe(c.coefficients[feature].map(|slope| slope.0)))));
    rows.push(line("R²", &|c| maybe(c.r2)));
    rows.push(line("ideal: predicted +", &|c| number(c.ideal_margin)));
    for (name, of) in SPREADS {
        rows.push(line(&format!("residuals, {name}"), &|c| number(of(&c.residuals))));
    }
    table(&header, &header[1..], rows)
}

type Summary = (&'static str, fn(&Spread) -> f64);
const SPREADS: [Summary; 6] = [
    ("deviation", |spread| spread.deviation),
    ("least", |spread| spread.least),
    ("lower quartile", |spread| spread.lower_quartile),
    ("median", |spread| spread.median),
    ("upper quartile", |spread| spread.upper_quartile),
    ("greatest", |spread| spread.greatest),
];

fn quality_text(fit: &Fit) -> String {
    let r2 = fit.r2.map_or_else(|| "none: all widths are one".to_string(), |r2| format!("{r2:.3}"));
    let mut out = format!("R² over all shops {r2}; residuals deviate by {:.3} SKUs\n", fit.residuals.deviation);
    let tried = fit.tried.iter().map(|tried| match tried.silhouette {
        Some(value) => format!("{}: {value:.3}", tried.clusters),
        None => format!("{}: not taken, its smallest has {} shops", tried.clusters, tried.smallest),
    });
    let tried: Vec<String> = tried.collect();
    if !tried.is_empty() {
        out += &format!("silhouettes by number of clusters  {}\n", tried.join("  "));
    }
    out
}
