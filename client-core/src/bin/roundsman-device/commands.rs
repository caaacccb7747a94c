//! Each command: read the arguments, ask the core, show what it says.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use client_core::device::{CheckIn, Done, Enrolment, NewDispute, Step, TransferProposal};
use client_core::replay::STORE_FILE;
use client_core::transport::Http;
use client_core::{Device, System};
use jiff::civil::Time;
use shared::doc::{Action, FollowUpDate};
use shared::facts::Position;
use shared::ids::{Sku, TransferId, VisitId};
use shared::time::{Month, Quarter, Week};

use crate::args::{CheckInArgs, Cli, Command, GoalsCommand, Lang, ShopCommand, TransferCommand};
use crate::show::Show;
use crate::{orders, replay, show};

type Fault = Box<dyn Error>;

/// Runs a command. An error is what was refused or faulty.
pub fn run(cli: Cli) -> Result<ExitCode, Fault> {
    let show = Show::new(cli.format);
    if let Command::Replay(args) = cli.command {
        return replay::run(&args, &cli.data, &show);
    }
    std::fs::create_dir_all(&cli.data)?;
    let mut device = Device::open(&cli.data.join(STORE_FILE), System)?;
    match cli.command {
        Command::Enrol { server, code, name } => {
            let transport = Http::new(&server);
            let enrolled = device.enrol(&transport, &Enrolment { server: &server, code: &code, name: &name })?;
            show.say(&enrolled, || format!("enrolled as {}, device {}", enrolled.person, enrolled.device));
        }
        Command::Today { date } => {
            let date = date.map_or_else(|| device.date(), Ok)?;
            let today = device.today(date)?;
            show.say(&today, || show::today(&today, show.colour));
        }
        Command::Sync => sync(&mut device, &show)?,
        Command::Status => {
            let status = device.status()?;
            let zone = device.zone().ok();
            show.say(&status, || show::status(&status, zone.as_ref(), show.colour));
        }
        Command::Published { month } => {
            let published = device.published(month)?;
            show.say(&published, || show::published(&published));
        }
        Command::Dispute { month, revision, indicator, line, text } => {
            let id = device.file_dispute(NewDispute { month, revision, indicator, line, text })?;
            show.say(&id, || id.to_string());
        }
        Command::Disputes { month } => {
            let disputes = device.disputes(month)?;
            show.say(&disputes, || show::disputes(&disputes));
        }
        Command::Score { month, as_of, indicator } => {
            let month = month.map_or_else(|| device.date().map(Month::of), Ok)?;
            match indicator {
                None => {
                    let score = device.score(month, as_of)?;
                    show.say(&score, || show::score(&score, show.colour));
                }
                Some(indicator) => {
                    let receipt = device.explain(month, as_of, &indicator)?;
                    show.say(&receipt, || serde_json::to_string_pretty(&receipt).unwrap_or_default());
                }
            }
        }
        Command::WhatIf { month, changes } => {
            let month = month.map_or_else(|| device.date().map(Month::of), Ok)?;
            let played = device.what_if(month, &changes)?;
            show.say(&played, || played.to_string().trim_end().to_string());
        }
        Command::Goals { quarter, what } => goals(&mut device, quarter, what, &show)?,
        Command::Transfer(command) => transfer(&mut device, command, &show)?,
        Command::Week { week, lang, draft, save } => self::week(&mut device, week, lang, draft, save.as_deref(), &show)?,
        Command::Suggest(args) => orders::suggest(&mut device, &args, &show)?,
        Command::Orders(args) => orders::orders(&mut device, &args, &show)?,
        Command::Shop(command) => shop(&mut device, command, &show)?,
        other => field(&mut device, other, &show)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn sync(device: &mut Device, show: &Show) -> Result<(), Fault> {
    let server = device_server(device)?;
    let synced = device.sync(&Http::new(&server))?;
    show.say(&synced, || show::synced(&synced));
    Ok(())
}

fn goals(device: &mut Device, quarter: Option<Quarter>, what: Option<GoalsCommand>, show: &Show) -> Result<(), Fault> {
    let quarter = quarter.map_or_else(|| device.date().map(Quarter::of), Ok)?;
    let now = Step::default();
    let done = match what {
        None => {
            let goals = device.goals_of(quarter)?;
            show.say(&goals, || show::goals(&goals, show.colour));
            return Ok(());
        }
        Some(GoalsCommand::Put { id, title, measure, target }) => {
            let id = id.unwrap_or_else(|| device.new_id());
            device.put_goal(quarter, &id, &title, &measure, &target, now)?
        }
        Some(GoalsCommand::Agree { id }) => device.agree_goal(quarter, &id, now)?,
        Some(GoalsCommand::Remove { id }) => device.remove_goal(quarter, &id, now)?,
    };
    say_done(show, &done);
    for goal in device.goals_of(quarter)?.goals {
        goal.warnings.iter().for_each(|warning| show::complain(format_args!("roundsman-device: warning: {}: {warning}", goal.id)));
    }
    Ok(())
}

fn transfer(device: &mut Device, command: TransferCommand, show: &Show) -> Result<(), Fault> {
    match command {
        TransferCommand::List { month } => {
            let all = device.transfers(month)?;
            show.say(&all, || show::transfers(&all, show.colour));
        }
        TransferCommand::Propose { from, to, month, indicator, item, amount, reason } => {
            let transport = Http::new(&device_server(device)?);
            let id: TransferId = device.new_id().parse()?;
            device.propose_transfer(&transport, &TransferProposal { id: id.clone(), from, to, month, indicator, item, amount, reason })?;
            show.say(&id, || id.to_string());
        }
        TransferCommand::Agree { id } => {
            let transport = Http::new(&device_server(device)?);
            device.answer_transfer(&transport, &id, true, "")?;
            show.say(&id, || format!("{id}: agreed; staff confirm it"));
        }
        TransferCommand::Decline { id, reason } => {
            let transport = Http::new(&device_server(device)?);
            device.answer_transfer(&transport, &id, false, &reason)?;
            show.say(&id, || format!("{id}: declined"));
        }
    }
    Ok(())
}

fn device_server(device: &Device) -> Result<String, Fault> {
    Ok(device.enrolled_with()?.0.ok_or("this device is not enrolled yet")?)
}

fn week(device: &mut Device, week: Option<Week>, lang: Lang, draft: bool, save: Option<&Path>, show: &Show) -> Result<(), Fault> {
    let week = week.map_or_else(|| device.date().map(Week::of), Ok)?;
    if let Some(file) = save {
        let text = if file == Path::new("-") { std::io::read_to_string(std::io::stdin())? } else { std::fs::read_to_string(file)? };
        let done = device.save_week(week, &text, Step::default())?;
        say_done(show, &done);
        return Ok(());
    }
    let summary = device.week(week)?;
    let saved = summary.saved.as_ref().filter(|_| !draft);
    show.say(&summary, || saved.map_or_else(|| summary.draft.text(lang == Lang::Zh), |saved| saved.text.clone()));
    Ok(())
}

/// The actions of a visit and of the day sheet.
fn field(device: &mut Device, command: Command, show: &Show) -> Result<(), Fault> {
    let now = Step::default();
    let done = match command {
        Command::CheckIn(args) => return check_in(device, args, show),
        Command::Stock { visit, lines } => device.count_stock(visit, quantities(lines), now)?,
        Command::Order { visit, lines } => device.plan_order(visit, quantities(lines), now)?,
        Command::CheckOut { visit, at } => {
            let at_ms = at.map(|at| time_of_visit(device, visit, at)).transpose()?;
            device.check_out(visit, Step { at_ms, ..now })?
        }
        Command::Remove { visit } => device.remove_visit(visit, now)?,
        Command::Note { visit, text } => device.note(visit, &text, now)?,
        Command::Audit { visit, item, value } => device.audit(visit, &item, &value, now)?,
        Command::Missed { retailer, route, date, reason } => device.report_missed(retailer, route, date, &reason, now)?,
        Command::Diary { route, date, text } => {
            let date = date.map_or_else(|| device.date(), Ok)?;
            device.diary(route, date, &text, now)?
        }
        _ => return Err("this command is not about a visit".into()),
    };
    say_done(show, &done);
    Ok(())
}

fn check_in(device: &mut Device, args: CheckInArgs, show: &Show) -> Result<(), Fault> {
    let date = args.date.map_or_else(|| device.date(), Ok)?;
    let zone = device.zone()?;
    let (visit, done) = device.check_in(CheckIn {
        route: args.route,
        date: Some(date),
        at_ms: args.at.map(|at| zone.instant(date, at)),
        position: args.lat.zip(args.lon).map(|(lat_e6, lon_e6)| Position { lat_e6, lon_e6 }),
        accuracy_m: args.accuracy,
        ..CheckIn::at(args.retailer)
    })?;
    show::warn(&done);
    show.say(&done, || visit.to_string());
    Ok(())
}

fn shop(device: &mut Device, command: ShopCommand, show: &Show) -> Result<(), Fault> {
    let now = Step::default();
    let done = match command {
        ShopCommand::Show { retailer } => {
            let file = device.shop_file(&retailer)?;
            show.say(&file, || show::shop(&file));
            return Ok(());
        }
        ShopCommand::Contact { retailer, id, name, role, phone, birthday } => {
            let id = id.unwrap_or_else(|| device.new_id());
            device.edit_shop(&retailer, Action::PutContact { id, name, role, phone, birthday }, now)?
        }
        ShopCommand::Fact { retailer, key, value } => device.edit_shop(&retailer, Action::SetFact { key, value }, now)?,
        ShopCommand::Log { retailer, kind, text } => device.log_contact(&retailer, &kind, &text, now)?,
        ShopCommand::FollowUp { retailer, close: Some(id), .. } => device.close_follow_up(&retailer, &id, now)?,
        ShopCommand::FollowUp { retailer, due, text, .. } => {
            let due = due.ok_or("a follow-up needs a date")?;
            device.follow_up(&retailer, FollowUpDate::Due(due), &text, now)?
        }
        ShopCommand::Complaint { retailer, severity, text } => device.complain(&retailer, &text, severity.as_deref(), now)?,
    };
    say_done(show, &done);
    Ok(())
}

fn say_done(show: &Show, done: &Done) {
    show::warn(done);
    show.say(done, || format!("{} ({})", done.document, done.state.sentence(false)));
}

fn quantities(lines: Vec<(Sku, i64)>) -> BTreeMap<Sku, Option<i64>> {
    lines.into_iter().map(|(sku, number)| (sku, Some(number))).collect()
}

/// The instant of a local time on a visit's date; one before the check-in is on the next day.
fn time_of_visit(device: &mut Device, visit: VisitId, at: Time) -> Result<i64, Fault> {
    let zone = device.zone()?;
    let found = device.visit(visit)?.ok_or_else(|| client_core::Error::UnknownVisit(visit))?;
    let same_day = zone.instant(found.date, at);
    Ok(if same_day < found.in_ms { zone.instant(shared::time::next_day(found.date), at) } else { same_day })
}
