//! The weekly summary: drafted from what this phone knows, edited by the manager, kept in a day sheet's diary.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use shared::doc::ShopFile;
use shared::facts::SheetFacts;
use shared::ids::{DocumentId, PersonId, RetailerId, RouteId};
use shared::reference::{Reference, Retailer};
use shared::scheme::scheme_of;
use shared::time::{Month, Week, days};
use shared::week::{WeekDraft, WeekInputs, draft, kept};

use super::{Begun, Device, Done, Step};
use crate::Error;

/// A week: what its work says, and what was made of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeekSummary {
    pub draft: WeekDraft,
    /// The draft in words.
    pub text_en: String,
    pub text_zh: String,
    /// None: nothing was saved yet.
    pub saved: Option<SavedWeek>,
    /// What was typed and not saved.
    pub typed: Option<String>,
}

/// An edited summary, and the sheet whose diary holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedWeek {
    pub text: String,
    pub route: RouteId,
    pub date: Date,
}

impl Device {
    /// A week's draft, and the summary if one was saved.
    pub fn week(&mut self, week: Week) -> Result<WeekSummary, Error> {
        let draft = self.weekly_draft(week)?;
        let saved = find_saved(&self.store.db().sheets(week.first_day(), week.last_day())?, week, &draft.person);
        let typed = self.store.db().draft(&Begun::Week(week.first_day()).step())?;
        Ok(WeekSummary { text_en: draft.text(false), text_zh: draft.text(true), draft, saved, typed })
    }

    /// A week's draft: counts, notes, follow-ups due, birthdays ahead.
    pub fn weekly_draft(&mut self, week: Week) -> Result<WeekDraft, Error> {
        let reference = self.reference()?;
        let identity = self.identity()?;
        let (person, zone) = (identity.person.clone(), identity.zone.clone());
        let mut rules = BTreeMap::new();
        for day in [week.first_day(), week.last_day()] {
            // A scheme that can't be read is told of by the score; here its visits are not judged.
            if let Ok(Some(scheme)) = scheme_of(&reference, Month::of(day)) {
                rules.insert(Month::of(day), scheme.visits);
            }
        }
        let sheets = self.store.db().sheets(week.first_day(), week.last_day())?;
        let mut files: BTreeMap<RetailerId, ShopFile> = BTreeMap::new();
        for retailer in shops(&reference, &person, week) {
            let years = self.store.db().shop_files(&retailer)?;
            if !years.is_empty() {
                files.insert(retailer, ShopFile::overlay(&years));
            }
        }
        let inputs =
            WeekInputs { week, person: &person, reference: &reference, zone: &zone, rules: &rules, sheets: &sheets, files: &files };
        Ok(draft(&inputs))
    }

    /// Saves the edited summary of a week, in the place of an earlier one: at the end of the diary of the sheet that holds it
    /// already, else of the last sheet that the person worked or was to work in that week.
    pub fn save_week(&mut self, week: Week, text: &str, step: Step) -> Result<Done, Error> {
        let (route, date) = self.sheet_of_week(week)?;
        let diary = self.store.db().sheet(&route, date)?.map(|sheet| sheet.diary).unwrap_or_default();
        let text = kept::with(&diary, week, &self.person()?, text);
        self.act(DocumentId::Day { route, date }, shared::doc::Action::Diary { text }, step)
    }

    fn sheet_of_week(&mut self, week: Week) -> Result<(RouteId, Date), Error> {
        let sheets = self.store.db().sheets(week.first_day(), week.last_day())?;
        let (person, reference) = (self.person()?, self.reference()?);
        if let Some(saved) = find_saved(&sheets, week, &person) {
            return Ok((saved.route, saved.date));
        }
        let worked = sheets.iter().rev().find(|sheet| sheet.visits.iter().any(|visit| visit.person == person));
        if let Some(sheet) = worked {
            return Ok((sheet.route.clone(), sheet.date));
        }
        let planned = days(week.first_day(), week.last_day()).filter_map(|date| {
            let mine = |route: &&RouteId| reference.planned(route, date) && reference.responsible(route.as_str(), date) == Some(&person);
            reference.routes.keys().find(mine).map(|route| (route.clone(), date))
        });
        planned.last().ok_or(Error::NothingOfWeek(week))
    }
}

/// The first one, by date and route, so that every phone finds the same.
fn find_saved(sheets: &[SheetFacts], week: Week, person: &PersonId) -> Option<SavedWeek> {
    let saved = |sheet: &SheetFacts| {
        let text = kept::find(&sheet.diary, week, person)?.to_string();
        Some(SavedWeek { text, route: sheet.route.clone(), date: sheet.date })
    };
    sheets.iter().find_map(saved)
}

/// The shops of the routes that the person answers for on any day of the week.
fn shops(reference: &Reference, person: &PersonId, week: Week) -> Vec<RetailerId> {
    let mine = |rows: &[Retailer]| {
        days(week.first_day(), week.last_day())
            .any(|day| Retailer::route_on(rows, day).is_some_and(|route| reference.responsible(route.as_str(), day) == Some(person)))
    };
    reference.retailers.iter().filter(|(_, rows)| mine(rows)).map(|(id, _)| id.clone()).collect()
}
