//! The one writer: a thread that takes jobs from a bounded queue and commits as many as are there in one transaction, so
//! that one fsync serves them all. A job that fails is rolled back alone; a job is answered only after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use shared::limits;

use super::super::{Result, StoreError};

/// Does its work in the transaction; what comes back tells the one who asked, once it is known whether it is on the disk.
type Job = Box<dyn FnOnce(&mut Transaction<'_>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Option<StoreError>) + Send>;

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
        // The one who asked may be gone: the write stands all the same.
        self.submit(work, move |result| drop(sender.send(result)));
        receiver.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Does `work` in a transaction and calls `done` when it is on the disk, on the writer's own thread.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        let job: Job = Box::new(move |tx| {
            let result = attempt(tx, work);
            Box::new(move |failure| {
                done(match (failure, result) {
                    (Some(failure), Ok(_)) => Err(failure),
                    (_, result) => result,
                });
            })
        });
        // A job that is not taken is dropped, and its `done` with it: whoever waits for it hears that it is closed.
        drop(self.queue.as_ref().map(|queue| queue.send(job)));
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
    let mut answers = Vec::with_capacity(group.len());
    let committed = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|mut tx| {
        answers.extend(group.into_iter().map(|job| job(&mut tx)));
        tx.commit()
    });
    let failure = committed.err().map(|e| e.to_string());
    if let Some(why) = &failure {
        tracing::error!(why, "a group of writes was not committed");
    }
    for answer in answers {
        answer(failure.clone().map(StoreError::Damaged));
    }
}

fn attempt<T>(tx: &mut Transaction<'_>, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    tx.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| Err(StoreError::Damaged("a write panicked".into())));
    if result.is_err() {
        tx.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    tx.prepare_cached("RELEASE job")?.execute([])?;
    result
}
