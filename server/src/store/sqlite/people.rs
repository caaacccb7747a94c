//! Devices, enrolment codes, used requests, passwords and sessions.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use shared::ids::{DeviceId, PersonId};

use super::super::{Device, Result, StoreError, Upload};

const DEVICE: &str = "device, public_key, person, name, enrolled_ms, revoked_ms, last_sync_ms, complete_ms, skew_ms, app";

fn read_device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let damaged = |what: &str| rusqlite::Error::InvalidColumnName(format!("{what} is damaged"));
    let key: Vec<u8> = row.get(1)?;
    Ok(Device {
        device: row.get::<_, String>(0)?.parse().map_err(|_| damaged("a device"))?,
        public_key: key.try_into().map_err(|_| damaged("a key"))?,
        person: row.get::<_, String>(2)?.parse().map_err(|_| damaged("a person"))?,
        name: row.get(3)?,
        enrolled_ms: row.get(4)?,
        revoked_ms: row.get(5)?,
        last_sync_ms: row.get(6)?,
        complete_ms: row.get(7)?,
        skew_ms: row.get(8)?,
        app: row.get(9)?,
    })
}

pub fn remember_request(tx: &Transaction<'_>, device: &DeviceId, jti: &str, now_ms: i64) -> Result<()> {
    let sql = "INSERT INTO requests (device, jti, seen_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let new = tx.prepare_cached(sql)?.execute(params![device.as_str(), jti, now_ms])? > 0;
    if new { Ok(()) } else { Err(StoreError::Replayed) }
}

pub fn touch(tx: &Transaction<'_>, upload: &Upload) -> Result<()> {
    let sql = "UPDATE devices SET last_sync_ms = ?2, complete_ms = CASE WHEN ?3 THEN ?2 ELSE complete_ms END, skew_ms = ?4, app = ?5
               WHERE device = ?1";
    tx.prepare_cached(sql)?.execute(params![upload.device.as_str(), upload.received_ms, upload.complete, upload.skew_ms, upload.app])?;
    Ok(())
}

pub fn add_code(tx: &Transaction<'_>, code_hash: &[u8; 32], person: &PersonId, expires_ms: i64) -> Result<()> {
    let sql = "INSERT INTO codes (code_hash, person, expires_ms) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute(params![code_hash, person.as_str(), expires_ms])?;
    Ok(())
}

/// `holds`: whose work is on the device already, if anybody's is.
pub fn redeem(
    tx: &Transaction<'_>,
    code_hash: &[u8; 32],
    public_key: &[u8; 32],
    (name, holds): (&str, Option<&str>),
    now_ms: i64,
) -> Result<Option<Device>> {
    let id = DeviceId::of_key(public_key);
    let sql = "SELECT person, device FROM codes WHERE code_hash = ?1 AND (expires_ms > ?2 OR device = ?3)";
    let found: Option<(String, Option<String>)> =
        tx.prepare_cached(sql)?.query_row(params![code_hash, now_ms, id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((person, used_by)) = found.filter(|(person, _)| holds.is_none_or(|holds| holds == person)) else { return Ok(None) };
    match used_by {
        Some(other) if other != id.as_str() => return Ok(None),
        Some(_) => return device(tx, &id),
        None => {}
    }
    // A key that is enrolled already stays with its person.
    if device(tx, &id)?.is_some_and(|known| known.person.as_str() != person || known.revoked_ms.is_some()) {
        return Ok(None);
    }
    tx.execute("UPDATE codes SET device = ?2 WHERE code_hash = ?1", params![code_hash, id.as_str()])?;
    tx.execute(
        "INSERT INTO devices (device, public_key, person, name, enrolled_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (device) DO NOTHING",
        params![id.as_str(), public_key, person, name, now_ms],
    )?;
    device(tx, &id)
}

pub fn device(c: &Connection, device: &DeviceId) -> Result<Option<Device>> {
    let mut statement = c.prepare_cached(&format!("SELECT {DEVICE} FROM devices WHERE device = ?1"))?;
    Ok(statement.query_row([device.as_str()], read_device).optional()?)
}

pub fn devices(c: &Connection) -> Result<Vec<Device>> {
    let mut statement = c.prepare_cached(&format!("SELECT {DEVICE} FROM devices ORDER BY person, device"))?;
    Ok(statement.query_map([], read_device)?.collect::<rusqlite::Result<_>>()?)
}

pub fn devices_of(c: &Connection, person: &PersonId) -> Result<Vec<Device>> {
    let mut statement = c.prepare_cached(&format!("SELECT {DEVICE} FROM devices WHERE person = ?1 ORDER BY device"))?;
    Ok(statement.query_map([person.as_str()], read_device)?.collect::<rusqlite::Result<_>>()?)
}

pub fn revoke(tx: &Transaction<'_>, device: &DeviceId, now_ms: i64) -> Result<bool> {
    let sql = "UPDATE devices SET revoked_ms = coalesce(revoked_ms, ?2) WHERE device = ?1";
    Ok(tx.execute(sql, params![device.as_str(), now_ms])? > 0)
}

pub fn password(c: &Connection, login: &str) -> Result<Option<String>> {
    Ok(c.prepare_cached("SELECT hash FROM passwords WHERE login = ?1")?.query_row([login], |row| row.get(0)).optional()?)
}

/// A new password ends the login's sessions.
pub fn set_password(tx: &Transaction<'_>, login: &str, hash: &str, now_ms: i64) -> Result<()> {
    tx.execute(
        "INSERT INTO passwords (login, hash, changed_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (login) DO UPDATE SET hash = excluded.hash, changed_ms = excluded.changed_ms",
        params![login, hash, now_ms],
    )?;
    tx.execute("DELETE FROM sessions WHERE login = ?1", [login])?;
    Ok(())
}

pub fn has_passwords(c: &Connection) -> Result<bool> {
    Ok(c.query_row("SELECT EXISTS (SELECT 1 FROM passwords)", [], |row| row.get(0))?)
}

pub fn add_session(tx: &Transaction<'_>, token_hash: &[u8; 32], login: &str, expires_ms: i64) -> Result<()> {
    tx.execute("INSERT INTO sessions (token_hash, login, expires_ms) VALUES (?1, ?2, ?3)", params![token_hash, login, expires_ms])?;
    Ok(())
}

pub fn session(c: &Connection, token_hash: &[u8; 32], now_ms: i64) -> Result<Option<String>> {
    let sql = "SELECT login FROM sessions WHERE token_hash = ?1 AND expires_ms > ?2";
    Ok(c.prepare_cached(sql)?.query_row(params![token_hash, now_ms], |row| row.get(0)).optional()?)
}

pub fn end_session(tx: &Transaction<'_>, token_hash: &[u8; 32]) -> Result<()> {
    tx.execute("DELETE FROM sessions WHERE token_hash = ?1", params![token_hash])?;
    Ok(())
}

pub fn sweep(tx: &Transaction<'_>, now_ms: i64, seen_before_ms: i64) -> Result<()> {
    tx.execute("DELETE FROM requests WHERE seen_ms < ?1", [seen_before_ms])?;
    tx.execute("DELETE FROM sessions WHERE expires_ms <= ?1", [now_ms])?;
    tx.execute("DELETE FROM codes WHERE expires_ms <= ?1 AND device IS NULL", [now_ms])?;
    Ok(())
}
