//! What is not in the log: changes that wait for others, changes held back, and the verdicts that came later.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};
use shared::ids::{Actor, ChangeHash, DeviceId, Scope};
use shared::wire::{Reason, Verdict};

use super::super::{Appended, Held, Result, Ruling, StoreError};
use super::documents::{hash_bytes, hashes};
use super::log::{Filing, Origin};
use super::meta::scope_of;
use crate::ingest::CheckedChange;
use crate::ingest::plan::Decision;

const CHANGE: &str = "hash, actor, seq, start_op, max_op, deps, at_ms, body, device, received_ms, skew_ms";

fn damaged(what: &str) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnName(format!("{what} is damaged"))
}

/// Reads the columns of [`CHANGE`], from column `at` on; the change is none where the bytes could not be read.
fn read_change(row: &Row<'_>, at: usize) -> rusqlite::Result<(ChangeHash, Option<CheckedChange>, Origin)> {
    let hash = ChangeHash::from_slice(&row.get::<_, Vec<u8>>(at)?).ok_or_else(|| damaged("a hash"))?;
    let actor: Option<Vec<u8>> = row.get(at + 1)?;
    let change = match actor {
        None => None,
        Some(actor) => Some(CheckedChange {
            hash,
            actor: Actor::from_slice(&actor).ok_or_else(|| damaged("an actor"))?,
            seq: row.get::<_, i64>(at + 2)? as u64,
            start_op: row.get::<_, i64>(at + 3)? as u64,
            max_op: row.get::<_, i64>(at + 4)? as u64,
            deps: hashes(&row.get::<_, Vec<u8>>(at + 5)?),
            at_ms: row.get(at + 6)?,
            bytes: row.get(at + 7)?,
        }),
    };
    let device = row.get::<_, String>(at + 8)?.parse().map_err(|_| damaged("a device"))?;
    Ok((hash, change, Origin { device, received_ms: row.get(at + 9)?, skew_ms: row.get(at + 10)? }))
}

/// What is held back of a document, and why.
pub fn of_document(c: &Connection, document: &str) -> Result<BTreeMap<ChangeHash, (Verdict, Reason)>> {
    let mut statement = c.prepare_cached("SELECT hash, reason, rejected FROM quarantine WHERE document = ?1")?;
    let rows = statement.query_map([document], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?)))?;
    let mut out = BTreeMap::new();
    for row in rows {
        let (hash, reason, rejected) = row?;
        if let Some(hash) = ChangeHash::from_slice(&hash) {
            let verdict = if rejected { Verdict::Rejected } else { Verdict::Quarantined };
            out.insert(hash, (verdict, Reason::from_code(&reason).unwrap_or(Reason::Malformed)));
        }
    }
    Ok(out)
}

/// How many changes a device has there that nobody has ruled on, and their bytes.
pub fn bulk_of(c: &Connection, device: &DeviceId) -> Result<(i64, i64)> {
    let sql = "SELECT count(*), coalesce(sum(length(body)), 0) FROM quarantine WHERE device = ?1 AND rejected = 0";
    Ok(c.prepare_cached(sql)?.query_row([device.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub fn add(tx: &Transaction<'_>, document: &str, change: &CheckedChange, reason: Reason, origin: &Origin) -> Result<()> {
    let sql = format!(
        "INSERT INTO quarantine (document, reason, {CHANGE}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (document, hash) DO UPDATE SET reason = excluded.reason"
    );
    insert(tx, &sql, &document, reason.code(), change, origin).map(drop)
}

/// What another has brought is its author's from when they bring it themselves: then an assignment lets it in.
pub fn brought_by_author(tx: &Transaction<'_>, document: &str, hash: &ChangeHash, author: &DeviceId) -> Result<()> {
    let sql = "UPDATE quarantine SET device = ?3 WHERE document = ?1 AND hash = ?2 AND device <> ?3 AND rejected = 0";
    tx.prepare_cached(sql)?.execute(params![document, hash.as_bytes(), author.as_str()])?;
    Ok(())
}

/// Fills the two columns that come first, then those of [`CHANGE`]; answers how many rows were written.
fn insert(tx: &Transaction<'_>, sql: &str, document: &dyn ToSql, second: &str, change: &CheckedChange, origin: &Origin) -> Result<usize> {
    Ok(tx.prepare_cached(sql)?.execute(params![
        document,
        second,
        change.hash.as_bytes(),
        change.actor.as_bytes(),
        change.seq as i64,
        change.start_op as i64,
        change.max_op as i64,
        hash_bytes(&change.deps),
        change.at_ms,
        change.bytes,
        origin.device.as_str(),
        origin.received_ms,
        origin.skew_ms
    ])?)
}

/// Keeps bytes that are no change; told again, they are known.
pub fn add_unreadable(
    tx: &Transaction<'_>,
    document: &str,
    hash: &ChangeHash,
    reason: Reason,
    bytes: &[u8],
    origin: &Origin,
) -> Result<Decision> {
    let sql = "INSERT INTO quarantine (document, reason, hash, body, device, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (document, hash) DO NOTHING";
    let params = params![document, reason.code(), hash.as_bytes(), bytes, origin.device.as_str(), origin.received_ms];
    let new = tx.prepare_cached(sql)?.execute(params)? > 0;
    Ok(Decision { verdict: Verdict::Quarantined, reason: Some(reason), known: !new })
}

/// False: it was waiting already.
pub fn add_waiting(tx: &Transaction<'_>, document: i64, scope: &Scope, change: &CheckedChange, origin: &Origin) -> Result<bool> {
    let sql = format!(
        "INSERT INTO waiting (document, scope, {CHANGE}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (document, hash) DO NOTHING"
    );
    Ok(insert(tx, &sql, &document, &scope.to_string(), change, origin)? > 0)
}

/// Takes out everything that waits in a document, in its order of arrival: the caller files it again.
pub fn take_waiting(tx: &Transaction<'_>, document: i64) -> Result<Vec<(CheckedChange, Scope, Origin)>> {
    let mut statement = tx.prepare_cached(&format!("SELECT scope, {CHANGE} FROM waiting WHERE document = ?1 ORDER BY id"))?;
    let rows = statement.query_map([document], |row| Ok((row.get::<_, String>(0)?, read_change(row, 1)?)))?;
    let mut out = Vec::new();
    for row in rows {
        let (scope, (_, change, origin)) = row?;
        out.push((change.ok_or_else(|| StoreError::Damaged("a waiting change".into()))?, scope_of(&scope)?, origin));
    }
    tx.prepare_cached("DELETE FROM waiting WHERE document = ?1")?.execute([document])?;
    Ok(out)
}

/// Takes a change out of quarantine that goes in after all.
pub fn remove(tx: &Transaction<'_>, document: &str, hash: &ChangeHash) -> Result<()> {
    tx.prepare_cached("DELETE FROM quarantine WHERE document = ?1 AND hash = ?2")?.execute(params![document, hash.as_bytes()])?;
    Ok(())
}

/// What is held back of a document because of something else, in its order of arrival.
pub fn followers(tx: &Transaction<'_>, document: &str) -> Result<Vec<(CheckedChange, Origin)>> {
    let sql = format!("SELECT {CHANGE} FROM quarantine WHERE document = ?1 AND rejected = 0 AND reason = ?2 ORDER BY id");
    let mut statement = tx.prepare_cached(&sql)?;
    let rows = statement.query_map([document, Reason::BecauseOf.code()], |row| read_change(row, 0))?;
    let mut out = Vec::new();
    for row in rows {
        let (_, change, origin) = row?;
        out.extend(change.map(|change| (change, origin)));
    }
    Ok(out)
}

/// How many changes of each device are held back.
pub fn counts(c: &Connection) -> Result<BTreeMap<DeviceId, u64>> {
    let mut statement = c.prepare_cached("SELECT device, count(*) FROM quarantine WHERE rejected = 0 GROUP BY device")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| {
        let (device, count) = row?;
        let device = device.parse().map_err(|e: shared::ids::IdFault| StoreError::Damaged(e.to_string()))?;
        Ok((device, count as u64))
    })
    .collect()
}

/// Tells the device that brought a change, and the one that wrote it, of a verdict that came later.
pub fn settle_all(
    tx: &Transaction<'_>,
    devices: &[DeviceId; 2],
    hash: &ChangeHash,
    verdict: Verdict,
    reason: Option<Reason>,
) -> Result<()> {
    settle(tx, &devices[0], hash, verdict, reason)?;
    if devices[0] == devices[1] { Ok(()) } else { settle(tx, &devices[1], hash, verdict, reason) }
}

/// Tells a device of a verdict that came later.
fn settle(tx: &Transaction<'_>, device: &DeviceId, hash: &ChangeHash, verdict: Verdict, reason: Option<Reason>) -> Result<()> {
    let number = Verdict::ALL.iter().position(|v| *v == verdict).expect("ALL holds every verdict") as i64;
    tx.prepare_cached("INSERT INTO settled (device, hash, verdict, reason) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        device.as_str(),
        hash.as_bytes(),
        number,
        reason.map(Reason::code)
    ])?;
    Ok(())
}

pub fn held(c: &Connection, rejected: bool) -> Result<Vec<Held>> {
    let mut statement =
        c.prepare_cached(&format!("SELECT id, document, reason, rejected, {CHANGE} FROM quarantine WHERE rejected = 0 OR ?1 ORDER BY id"))?;
    let rows = statement.query_map([rejected], read_held)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_held(row: &Row<'_>) -> rusqlite::Result<Held> {
    let (hash, change, origin) = read_change(row, 4)?;
    let reason = Reason::from_code(&row.get::<_, String>(2)?).unwrap_or(Reason::Malformed);
    let (id, document, rejected) = (row.get(0)?, row.get(1)?, row.get(3)?);
    Ok(Held { id, document, hash, reason, rejected, device: origin.device, received_ms: origin.received_ms, change })
}

/// Rules on held changes in the order given. What is admitted is judged like new; what stays keeps its place.
pub fn rule(tx: &Transaction<'_>, rulings: &[(i64, Ruling)]) -> Result<Appended> {
    let mut out = Appended::default();
    for (id, ruling) in rulings {
        let sql = format!("SELECT document, rejected, {CHANGE} FROM quarantine WHERE id = ?1");
        let found = tx
            .prepare_cached(&sql)?
            .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, read_change(row, 2)?)))
            .optional()?;
        let Some((document, false, (hash, change, origin))) = found else { continue };
        match (ruling, change) {
            (Ruling::Admit(scope), Some(change)) => {
                tx.prepare_cached("DELETE FROM quarantine WHERE id = ?1")?.execute([id])?;
                let tells = [origin.device.clone(), change.actor.device()];
                let mut filing = Filing::open(tx, &document)?;
                let decision = filing.take(change, Ok(scope.clone()), origin)?;
                filing.close(&mut out.moved)?;
                settle_all(tx, &tells, &hash, decision.settled(), decision.reason)?;
                out.verdicts.push((hash, decision.settled(), decision.reason));
            }
            (Ruling::Admit(_), None) => {}
            (Ruling::Keep(reason), _) => {
                tx.prepare_cached("UPDATE quarantine SET reason = ?2 WHERE id = ?1")?.execute(params![id, reason.code()])?;
            }
            (Ruling::Reject, change) => {
                let author = change.map_or_else(|| origin.device.clone(), |change| change.actor.device());
                let reason = of_document(tx, &document)?.get(&hash).map(|(_, reason)| *reason);
                reject(tx, &document, &hash, &[origin.device, author], reason)?;
                reject_followers(tx, &document, hash, &mut out)?;
                out.verdicts.push((hash, Verdict::Rejected, reason));
            }
        }
    }
    Ok(out)
}

fn reject(tx: &Transaction<'_>, document: &str, hash: &ChangeHash, tells: &[DeviceId; 2], reason: Option<Reason>) -> Result<()> {
    tx.prepare_cached("UPDATE quarantine SET rejected = 1 WHERE document = ?1 AND hash = ?2")?
        .execute(params![document, hash.as_bytes()])?;
    settle_all(tx, tells, hash, Verdict::Rejected, reason)
}

/// What builds on a rejected change can never go in as it is: whoever wrote it is told, and writes it again without.
fn reject_followers(tx: &Transaction<'_>, document: &str, root: ChangeHash, out: &mut Appended) -> Result<()> {
    let mut gone = BTreeSet::from([root]);
    let mut rest = followers(tx, document)?;
    loop {
        let (builds, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(change, _)| change.deps.iter().any(|dep| gone.contains(dep)));
        if builds.is_empty() {
            return Ok(());
        }
        for (change, origin) in builds {
            gone.insert(change.hash);
            let tells = [origin.device, change.actor.device()];
            reject(tx, document, &change.hash, &tells, Some(Reason::BecauseOf))?;
            out.verdicts.push((change.hash, Verdict::Rejected, Some(Reason::BecauseOf)));
        }
        rest = others;
    }
}
