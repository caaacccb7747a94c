//! Read connections: as many as are needed at once, up to a bound; they see what is committed and never wait for the writer.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use rusqlite::Connection;
use shared::limits;

use super::super::Result;

pub struct Readers {
    path: PathBuf,
    pool: Mutex<Pool>,
    freed: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Readers {
    pub fn new(path: PathBuf) -> Self {
        Self { path, pool: Mutex::default(), freed: Condvar::new() }
    }

    /// Reads in one transaction, so that everything seen is of one moment.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut lease = Lease { readers: self, connection: Some(self.take()?) };
        let connection = lease.connection.as_mut().expect("a lease holds a connection until it ends");
        let tx = connection.transaction()?;
        work(&tx)
    }

    fn take(&self) -> Result<Connection> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.open < limits::READERS_MAX {
                pool.open += 1;
                drop(pool);
                return super::open_reader(&self.path).inspect_err(|_| self.give_back(None));
            }
            pool = self.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, connection: Option<Connection>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match connection {
            Some(connection) => pool.idle.push(connection),
            None => pool.open -= 1,
        }
        self.freed.notify_one();
    }
}

struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.readers.give_back(self.connection.take());
    }
}
