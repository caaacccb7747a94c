//! Why a line is what it is: numbers and a code, from which a screen makes its words, and the words themselves.

use jiff::civil::Date;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// So many cartons last until the next chance to order.
    Cover,
    /// The shelf is empty and the shop has sold it before: one, so that it can sell again.
    KeepOnShelf,
    /// It would be more, but for the quota.
    CutToQuota,
    /// What is there will last.
    Enough,
}

/// What a line rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    pub code: ReasonCode,
    /// Between the last two counts.
    pub sold: Option<Sold>,
    /// Packs: as counted today, else as they will be by the last count.
    pub left: i64,
    pub counted: Option<Date>,
    /// Packs that were ordered this week and have not come.
    pub incoming: i64,
    /// What it is expected to sell, to a tenth.
    pub packs_a_week: f64,
    pub next_visit_days: Option<i32>,
    /// Days that the order has to last.
    pub cover_days: i32,
    /// None: those days are ordinary ones.
    pub festival: Option<FestivalAhead>,
    /// None: as many as they like.
    pub quota: Option<Quota>,
    /// Cartons, before the quota.
    pub wanted: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sold {
    pub packs: i64,
    pub days: i32,
    pub out: bool,
}

/// A festival whose weeks are among the days that an order has to last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FestivalAhead {
    pub name: String,
    /// Until its day; below 0: it has been.
    pub days: i32,
    /// What is expected to sell in those days above what would otherwise.
    pub percent: i32,
}

/// Cartons that the shop's grade may order this week, and what is left after this week's other orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    pub cartons: i64,
    pub left: i64,
}

impl Reason {
    /// As "sold 14 packs in 7 days, 6 left, next visit in 11 days; quota 3".
    pub fn english(&self) -> String {
        let mut parts = Vec::new();
        if let Some(Sold { packs, days, out }) = self.sold {
            let ran_out = if out { " and ran out" } else { "" };
            parts.push(format!("sold {packs} {} in {days} {}{ran_out}", plural(packs, "pack"), plural(days.into(), "day")));
        }
        parts.push(format!("{} left", self.left));
        if self.incoming > 0 {
            parts.push(format!("{} on the way", self.incoming));
        }
        parts.push(match self.next_visit_days {
            Some(days) => format!("next visit in {days} {}", plural(days.into(), "day")),
            None => format!("no next visit planned: for {} days", self.cover_days),
        });
        if let Some(FestivalAhead { name, days, percent }) = &self.festival {
            let when = match days {
                1.. => format!("in {days} {}", plural((*days).into(), "day")),
                0 => "today".into(),
                _ => "just past".into(),
            };
            parts.push(format!("{name} {when}: {} % {}", percent.abs(), if *percent < 0 { "less" } else { "more" }));
        }
        let mut text = parts.join(", ");
        match self.code {
            ReasonCode::KeepOnShelf => text += "; one, so that it can sell again",
            ReasonCode::CutToQuota => text += &format!("; {} wanted", self.wanted),
            ReasonCode::Enough => text += "; that will last",
            ReasonCode::Cover => {}
        }
        if let Some(Quota { cartons, left }) = self.quota {
            let used = if left < cartons { format!(", {left} left of it") } else { String::new() };
            text += &format!("; quota {cartons}{used}");
        }
        text
    }

    /// The same in Chinese.
    pub fn chinese(&self) -> String {
        let mut parts = Vec::new();
        if let Some(Sold { packs, days, out }) = self.sold {
            parts.push(format!("{days}天卖出{packs}包{}", if out { "并断货" } else { "" }));
        }
        parts.push(format!("现存{}包", self.left));
        if self.incoming > 0 {
            parts.push(format!("在途{}包", self.incoming));
        }
        parts.push(match self.next_visit_days {
            Some(days) => format!("{days}天后再访"),
            None => format!("未排下次拜访，按{}天计", self.cover_days),
        });
        if let Some(FestivalAhead { name, days, percent }) = &self.festival {
            let when = match days {
                1.. => format!("{days}天后{name}"),
                0 => format!("今天{name}"),
                _ => format!("{name}刚过"),
            };
            parts.push(format!("{when}，预计{}{}%", if *percent < 0 { "少" } else { "多" }, percent.abs()));
        }
        let mut text = parts.join("，");
        match self.code {
            ReasonCode::KeepOnShelf => text += "；补一条以免断档",
            ReasonCode::CutToQuota => text += &format!("；需{}条", self.wanted),
            ReasonCode::Enough => text += "；存量够用",
            ReasonCode::Cover => {}
        }
        if let Some(Quota { cartons, left }) = self.quota {
            let used = if left < cartons { format!("，尚余{left}条") } else { String::new() };
            text += &format!("；货源限{cartons}条{used}");
        }
        text
    }
}

fn plural(count: i64, word: &str) -> String {
    if count == 1 { word.into() } else { format!("{word}s") }
}
