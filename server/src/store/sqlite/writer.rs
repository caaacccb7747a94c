//! The one writer: a thread that takes jobs from a bounded queue and commits as many as are there in one transaction, so
//! that one fsync serves them all. A job that fails is rolled back alone; a job is answered only after the commit.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use shared::limits;

use super::super::{Result, StoreError};

type Work = Box<dyn FnOnce(&Transaction<'_>) -> Result<Box<dyn Any + Send>> + Send>;
type Answer = Box<dyn FnOnce(Result<Box<dyn Any + Send>>) + Send>;

struct Job {
    work: Work,
    answer: Answer,
}

pub struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn start(connection: Connection) -> Result<Self> {
        let (queue, jobs) = sync_channel(limits::WRITER_QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(connection, &jobs))
            .map_err(|e| StoreError::Damaged(format!("no writer thread: {e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does `work` in a transaction and returns when it is on the disk.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (sender, receiver) = sync_channel(1);
        let job = Job {
            work: Box::new(move |tx| work(tx).map(|value| Box::new(value) as Box<dyn Any + Send>)),
            // The one who asked may be gone: the write stands all the same.
            answer: Box::new(move |result| drop(sender.send(result))),
        };
        self.queue.as_ref().and_then(|queue| queue.send(job).ok()).ok_or(StoreError::Closed)?;
        let value = receiver.recv().map_err(|_| StoreError::Closed)??;
        Ok(*value.downcast::<T>().expect("a job answers with its own type"))
    }
}

/// Ends the queue and waits until everything in it is committed.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn run(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < limits::WRITER_GROUP_MAX
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        commit(&mut connection, group);
    }
    // Leave one tidy file behind; failing that, the next start reads the WAL.
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

fn commit(connection: &mut Connection, group: Vec<Job>) {
    let mut done = Vec::with_capacity(group.len());
    let committed = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|mut tx| {
        for job in group {
            let result = attempt(&mut tx, job.work);
            done.push((job.answer, result));
        }
        tx.commit()
    });
    let failure = committed.err().map(|e| e.to_string());
    for (answer, result) in done {
        match (&failure, result) {
            (Some(why), Ok(_)) => answer(Err(StoreError::Damaged(why.clone()))),
            (_, result) => answer(result),
        }
    }
    if let Some(why) = failure {
        tracing::error!(why, "a group of writes was not committed");
    }
}

fn attempt(tx: &mut Transaction<'_>, work: Work) -> Result<Box<dyn Any + Send>> {
    tx.execute_batch("SAVEPOINT job")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| Err(StoreError::Damaged("a write panicked".into())));
    let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    tx.execute_batch(end)?;
    result
}
