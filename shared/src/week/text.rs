//! A draft in words, in English or Chinese, short enough for a diary.

use jiff::civil::Date;

use super::{Line, WeekDraft};
use crate::limits;

/// What the summary leaves free of a diary, for the day's own words.
const ROOM: usize = limits::TEXT_BYTES_MAX / 4;
/// A formatter of dates by patterns would be a hundredth of what a phone downloads.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Text that grows line by line up to a bound; lines that don't fit are counted.
struct Page {
    text: String,
    most: usize,
}

impl Page {
    fn fits(&self, line: &str) -> bool {
        self.text.len() + line.len() < self.most
    }
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

impl WeekDraft {
    /// The draft in words: at most three quarters of [`limits::TEXT_BYTES_MAX`] bytes; what does not fit is counted.
    pub fn text(&self, zh: bool) -> String {
        let mut page = Page { text: String::new(), most: limits::TEXT_BYTES_MAX - ROOM };
        page.push(&self.title(zh));
        page.push(&self.numbers(zh));
        for day in &self.days {
            let (date, routes) = (short(day.date, zh), day.names.join(if zh { "、" } else { ", " }));
            page.push(&match zh {
                true => format!("{date} {routes}：计划{}户，完成{}户，拜访{}次", day.planned, day.done, day.visits),
                false => format!("{date} {routes}: {} planned, {} done, {} visits", day.planned, day.done, day.visits),
            });
        }
        let overdue = |line: &Line| line.date <= self.last;
        let late = |line: &Line| match (overdue(line), zh) {
            (false, _) => "",
            (true, true) => "（已到期）",
            (true, false) => " (due)",
        };
        let none = |_: &Line| "";
        self.part(&mut page, ("Follow-ups due", "待跟进"), &self.follow_ups, &late, zh);
        self.part(&mut page, ("Birthdays ahead", "近期生日"), &self.birthdays, &none, zh);
        self.part(&mut page, ("Complaints", "客户投诉"), &self.complaints, &none, zh);
        self.part(&mut page, ("Not visited", "未拜访"), &self.missed, &none, zh);
        self.part(&mut page, ("Notes", "拜访记录"), &self.notes, &none, zh);
        self.part(&mut page, ("Other contacts", "其他联系"), &self.contacts, &none, zh);
        page.text.truncate(page.text.trim_end().len());
        page.text
    }

    fn title(&self, zh: bool) -> String {
        let (first, last) = (short(self.first, zh), short(self.last, zh));
        match zh {
            true => format!("{} {}周小结（{first}至{last}）", self.name, self.week),
            false => format!("{}: week {}, {first} to {last}", self.name, self.week),
        }
    }

    fn numbers(&self, zh: bool) -> String {
        let c = &self.counts;
        match zh {
            true => format!(
                "计划{}户，完成{}户；拜访{}次（有效{}次），{}户；盘点{}次；草拟订货{}行、{}条",
                c.planned, c.done, c.visits, c.effective, c.shops, c.stock_checks, c.order_lines, c.order_cartons
            ),
            false => format!(
                "{} stops planned, {} done; {} visits ({} effective) at {} shops; {} stock checks; {} order lines of {} cartons drafted",
                c.planned, c.done, c.visits, c.effective, c.shops, c.stock_checks, c.order_lines, c.order_cartons
            ),
        }
    }

    fn part(&self, page: &mut Page, heading: (&str, &str), lines: &[Line], mark: &dyn Fn(&Line) -> &'static str, zh: bool) {
        if lines.is_empty() {
            return;
        }
        let heading = if zh { format!("{}（{}）：", heading.1, lines.len()) } else { format!("{} ({}):", heading.0, lines.len()) };
        // A heading without a line under it says nothing but its number, which is something.
        if !page.fits(&heading) {
            return;
        }
        page.push(&heading);
        let more = |left: usize| if zh { format!("- 另有{left}条") } else { format!("- and {left} more") };
        for (at, line) in lines.iter().enumerate() {
            let (name, separator) = (if line.name.is_empty() { line.retailer.as_str() } else { &line.name }, if zh { "：" } else { ": " });
            // A note of several lines stays one entry.
            let text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = if text.is_empty() { String::new() } else { format!("{separator}{text}") };
            let entry = format!("- {} {name}{text}{}", short(line.date, zh), mark(line));
            let left = more(lines.len() - at);
            if !page.fits(&format!("{entry}\n{left}")) {
                page.push(&left);
                return;
            }
            page.push(&entry);
        }
    }
}

fn short(date: Date, zh: bool) -> String {
    match zh {
        true => format!("{}月{}日", date.month(), date.day()),
        false => format!("{} {}", date.day(), MONTHS[usize::from(date.month().unsigned_abs()) - 1]),
    }
}
