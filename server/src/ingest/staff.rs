//! What staff may write into field work: pure over role, action and the document as it is. Field work is the managers': staff
//! settle what two devices set apart, by one of the values that were set, and add their notes; shop files they keep up
//! together with the managers; goals they agree on as the supervisor.

use shared::doc::{Action, Document, STAFF_NOTE};
use shared::facts::Visit;
use shared::ids::{DocumentId, VisitId};
use shared::reference::Role;

/// Why staff may not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Not with this role.
    Role(&'static str),
    /// Nobody of staff, or not like this.
    Never(String),
}

const DECIDE: [Role; 2] = [Role::Admin, Role::Supervisor];

/// Whether `who` of staff, with this role, may do an action on a document.
pub fn may_write(role: Role, who: &str, action: &Action, document: &Document) -> Result<(), Denied> {
    if !role.is_staff() {
        return Err(Denied::Role("this is for staff; a manager's work comes from their device"));
    }
    let decides = || if DECIDE.contains(&role) { Ok(()) } else { Err(Denied::Role("this is for: admin, supervisor")) };
    match (document.id(), action) {
        (DocumentId::Day { .. }, Action::Audit { item, .. }) if item.starts_with(STAFF_NOTE) => {
            let own = *item == format!("{STAFF_NOTE}{who}");
            if own { Ok(()) } else { Err(Denied::Never(format!("a note of staff is the audit item {STAFF_NOTE}{who}"))) }
        }
        (DocumentId::Day { .. }, _) => decides().and_then(|()| settles(action, document)),
        (DocumentId::Shop { .. }, Action::LogContact { person, .. }) if person.as_str() != who => {
            Err(Denied::Never(format!("a contact is logged by who had it: {who}")))
        }
        (DocumentId::Shop { .. }, _) => Ok(()),
        (DocumentId::Goals { .. }, Action::AgreeGoal { as_manager: true, .. }) => {
            Err(Denied::Never("the manager agrees on their own device".into()))
        }
        (DocumentId::Goals { .. }, _) => decides(),
    }
}

/// A day sheet's fields are the managers': staff write one only where it is in conflict, and only a value that it was set to.
fn settles(action: &Action, document: &Document) -> Result<(), Denied> {
    let never = || Err(Denied::Never("staff settle conflicts of a day sheet and add notes; the rest is the managers' work".into()));
    let Some(visit) = action.visit() else { return never() };
    let facts = document.sheet_facts();
    let Some(visit) = facts.as_ref().and_then(|facts| find(&facts.visits, visit)) else {
        return Err(Denied::Never(format!("there is no visit {visit} on this sheet")));
    };
    let quantity = |value: &Option<i64>| value.map_or_else(String::new, |value| value.to_string());
    let values: Vec<(String, String)> = match action {
        Action::CountStock { stock, .. } => stock.iter().map(|(sku, packs)| (format!("stock/{sku}"), quantity(packs))).collect(),
        Action::PlanOrder { order, .. } => order.iter().map(|(sku, cartons)| (format!("order/{sku}"), quantity(cartons))).collect(),
        Action::CheckOut { out_ms, .. } => vec![("out_ms".into(), out_ms.to_string())],
        Action::Audit { item, value, .. } => vec![(format!("audits/{item}"), value.clone())],
        _ => return never(),
    };
    if values.is_empty() {
        return never();
    }
    values.iter().try_for_each(|(field, value)| settles_one(visit, field, value))
}

fn find(visits: &[Visit], id: VisitId) -> Option<&Visit> {
    visits.iter().find(|visit| visit.visit == id)
}

fn settles_one(visit: &Visit, field: &str, value: &str) -> Result<(), Denied> {
    let Some(conflict) = visit.conflicts.iter().find(|conflict| conflict.field == field) else {
        return Err(Denied::Never(format!("{field} of visit {} is not in conflict: it is the managers' to change", visit.visit)));
    };
    if conflict.values.iter().any(|set| set.value == value) {
        return Ok(());
    }
    let known: Vec<&str> = conflict.values.iter().map(|set| set.value.as_str()).collect();
    Err(Denied::Never(format!("{field} was set to {}, and to nothing else", known.join(" and "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::{ActionId, Actor};

    const VISIT: VisitId = VisitId([1; 16]);

    fn stock(sku: &str, packs: Option<i64>) -> Action {
        Action::CountStock { visit: VISIT, stock: [(sku.parse().unwrap(), packs)].into() }
    }

    /// A sheet whose SKU a two devices counted apart, as 5 and 9.
    fn sheet() -> Document {
        let mut one = Document::new("day/r1/2026-07-06".parse().unwrap());
        let check_in = Action::CheckIn {
            visit: VISIT,
            retailer: "t1".parse().unwrap(),
            person: "m1".parse().unwrap(),
            device: "d1".parse().unwrap(),
            in_ms: 1,
            lat_e6: None,
            lon_e6: None,
            accuracy_m: None,
            mock: false,
        };
        let act = |doc: &mut Document, actor: u8, n: u8, action: &Action| {
            doc.act(Actor([actor; 24]), ActionId([n; 16]), 0, action).unwrap().unwrap()
        };
        act(&mut one, 7, 1, &check_in);
        act(&mut one, 7, 2, &stock("b", Some(2)));
        let mut other = one.clone();
        act(&mut one, 7, 3, &stock("a", Some(5)));
        let apart = act(&mut other, 8, 4, &stock("a", Some(9)));
        one.apply([apart.bytes.as_slice()]).unwrap();
        one
    }

    #[test]
    fn a_sheet_is_settled_by_what_was_counted_and_by_nothing_else() {
        let sheet = sheet();
        let note = |who: &str| Action::Audit { visit: VISIT, item: format!("{STAFF_NOTE}{who}"), value: "seen".into() };
        let cases = [
            (Role::Supervisor, stock("a", Some(5)), true),
            (Role::Admin, stock("a", Some(9)), true),
            (Role::Analyst, stock("a", Some(9)), false),
            (Role::Manager, stock("a", Some(9)), false),
            (Role::Supervisor, stock("a", Some(7)), false),
            (Role::Supervisor, stock("a", None), false),
            (Role::Supervisor, stock("b", Some(2)), false),
            (Role::Supervisor, Action::CountStock { visit: VISIT, stock: Default::default() }, false),
            (Role::Supervisor, Action::CheckOut { visit: VISIT, out_ms: 9 }, false),
            (Role::Supervisor, Action::RemoveVisit { visit: VISIT }, false),
            (Role::Supervisor, Action::Diary { text: "x".into() }, false),
            (Role::Supervisor, Action::Note { visit: VISIT, text: "x".into() }, false),
            (Role::Supervisor, Action::CheckOut { visit: VisitId([9; 16]), out_ms: 9 }, false),
            (Role::Analyst, note("s1"), true),
            (Role::Analyst, note("s2"), false),
            (Role::Manager, note("s1"), false),
        ];
        for (role, action, allowed) in cases {
            assert_eq!(may_write(role, "s1", &action, &sheet).is_ok(), allowed, "{role:?} {action:?}");
        }
    }

    #[test]
    fn goals_are_agreed_on_as_the_supervisor() {
        let goals = Document::new("goals/m1/2026Q3".parse().unwrap());
        let agree = |as_manager| Action::AgreeGoal { id: "g".into(), as_manager, at_ms: 1 };
        for (role, action, allowed) in [
            (Role::Supervisor, agree(false), true),
            (Role::Supervisor, agree(true), false),
            (Role::Analyst, agree(false), false),
            (Role::Admin, Action::RemoveGoal { id: "g".into() }, true),
        ] {
            assert_eq!(may_write(role, "s1", &action, &goals).is_ok(), allowed, "{role:?} {action:?}");
        }
    }
}
