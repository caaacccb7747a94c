//! What came of the runs: a table for people, one JSON object for programs.

use serde_json::{Value, json};

use crate::floor::Floor;
use crate::load::Done;
use crate::process::Cpu;

/// One burst.
pub struct Run {
    pub done: Vec<Done>,
    pub lasted_s: f64,
    pub cpu: Cpu,
    pub peak_rss_mb: f64,
    /// From the last acknowledgement until everything is materialised and scored; none where the server was killed then.
    pub scored: Option<Scored>,
    /// Acknowledged changes that were gone after the kill.
    pub lost: Option<usize>,
}

pub struct Scored {
    pub after_s: f64,
    /// Of the answer that says so.
    pub score_ms: f64,
    /// Of materialising and scoring, whenever it was done.
    pub cpu_ms: f64,
}

/// One figure of every run.
pub struct Figure {
    pub name: &'static str,
    /// Ascending.
    values: Vec<f64>,
}

impl Figure {
    fn new(name: &'static str, values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { name, values }
    }

    pub fn median(&self) -> f64 {
        let (low, high) = (self.values.len().saturating_sub(1) / 2, self.values.len() / 2);
        match self.values.is_empty() {
            true => f64::NAN,
            false => (self.values[low] + self.values[high]) / 2.0,
        }
    }

    fn line(&self) -> String {
        let (least, most) = (self.values.first().copied().unwrap_or(f64::NAN), self.values.last().copied().unwrap_or(f64::NAN));
        format!("{:<28}{:>12}   ({}–{})", self.name, short(self.median()), short(least), short(most))
    }
}

/// As many digits as say something.
fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub fn figures(runs: &[Run]) -> Vec<Figure> {
    let of = |name, value: &dyn Fn(&Run) -> Option<f64>| Figure::new(name, runs.iter().filter_map(value));
    let mean = |run: &Run, value: fn(&Done) -> usize| run.done.iter().map(value).sum::<usize>() as f64 / run.done.len() as f64;
    vec![
        of("devices_per_s", &|run| Some(run.done.len() as f64 / run.lasted_s)),
        of("p50_ms", &|run| Some(took(&run.done, 50))),
        of("p95_ms", &|run| Some(took(&run.done, 95))),
        of("p99_ms", &|run| Some(took(&run.done, 99))),
        of("server_cpu_ms_per_device", &|run| Some(run.cpu.syncing / run.done.len() as f64)),
        of("bytes_up", &|run| Some(mean(run, |done| done.bytes_up))),
        of("bytes_down", &|run| Some(mean(run, |done| done.bytes_down))),
        of("requests", &|run| Some(mean(run, |done| done.requests))),
        of("peak_rss_mb", &|run| Some(run.peak_rss_mb)),
        of("scored_after_s", &|run| run.scored.as_ref().map(|scored| scored.after_s)),
        of("score_ms", &|run| run.scored.as_ref().map(|scored| scored.score_ms)),
        of("scoring_cpu_ms_per_device", &|run| run.scored.as_ref().map(|scored| scored.cpu_ms / run.done.len() as f64)),
        of("lost", &|run| run.lost.map(|lost| lost as f64)),
    ]
}

/// In ms.
fn took(done: &[Done], percent: usize) -> f64 {
    percentile(done.iter().map(|done| done.took.as_secs_f64() * 1e3).collect(), percent)
}

/// Of some values, of which there is one at least.
pub fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}

pub fn table(devices: usize, figures: &[Figure], floor: Floor, peers: &[Value]) -> String {
    let mut out = format!("{devices} devices at once; median (min–max)\n");
    figures.iter().for_each(|figure| out += &format!("{}\n", figure.line()));
    let cpu = figures.iter().find(|figure| figure.name == "server_cpu_ms_per_device").map_or(f64::NAN, Figure::median);
    out += &format!(
        "{:<28}{:>12}   (parse and hash {}, append with fsync {})\n{:<28}{:>12}\n",
        "floor_ms_per_device",
        short(floor.total_ms()),
        short(floor.parse_ms),
        short(floor.append_ms),
        "ours_over_floor",
        short(cpu / floor.total_ms()),
    );
    for peer in peers.iter().map(Peer) {
        out += &format!("\n{} at {} devices\n", peer.name(), peer.0["devices"]);
        peer.figures().iter().for_each(|figure| out += &format!("{}\n", figure.line()));
    }
    out
}

pub fn as_json(devices: usize, figures: &[Figure], floor: Floor, peers: &[Value]) -> Value {
    let mut out = json!({ "devices": devices });
    for figure in figures {
        out[figure.name] = json!(figure.median());
        out[format!("{}_min_max", figure.name)] = json!([figure.values.first(), figure.values.last()]);
    }
    out["floor"] = json!({ "parse_ms": floor.parse_ms, "append_ms": floor.append_ms });
    let named = peers.iter().map(Peer).map(|peer| {
        let mut of = json!({ "devices": peer.0["devices"] });
        peer.figures().iter().for_each(|figure| of[figure.name] = json!(figure.median()));
        (peer.name(), of)
    });
    out["peers"] = Value::Object(named.collect());
    out
}

/// What `tests/peers` printed of one of them.
struct Peer<'a>(&'a Value);

impl Peer<'_> {
    fn name(&self) -> String {
        let word = |key: &str| self.0[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}", word("peer"), word("version"))
    }

    /// Those of our own that it has, too; its frames stand for requests.
    fn figures(&self) -> Vec<Figure> {
        let runs = self.0["runs"].as_array();
        let of = |name, key: &str| Figure::new(name, runs.into_iter().flatten().filter_map(|run| run[key].as_f64()));
        let same = ["devices_per_s", "p50_ms", "p95_ms", "p99_ms", "server_cpu_ms_per_device", "bytes_up", "bytes_down"];
        let same = same.into_iter().map(|name| of(name, name));
        same.chain([of("requests", "frames"), of("peak_rss_mb", "peak_rss_mb"), of("lost", "lost")]).collect()
    }
}
