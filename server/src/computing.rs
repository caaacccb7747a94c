//! The threads that a sync's own work is done on: as many as are of use to the cores, and never more. A thread keeps what it
//! has allocated near itself, so that memory would follow how many of them a burst had started.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{ApiError, ApiResult};

type Job = Box<dyn FnOnce() + Send>;

pub struct Computing {
    /// As long as what is admitted: see [`crate::admission`].
    queue: Sender<Job>,
}

impl Computing {
    /// They end with this.
    pub fn start() -> ApiResult<Self> {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..2 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            let jobs = jobs.clone();
            std::thread::Builder::new().name("computing".into()).spawn(move || work(&jobs)).map_err(ApiError::internal)?;
        }
        Ok(Self { queue })
    }

    /// Does `work` when a thread is free, first come, first served. It is done even if nobody waits for it any more.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> ApiResult<T> + Send + 'static) -> ApiResult<T> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        // The one who asked may be gone.
        let job: Job = Box::new(move || drop(sender.send(work())));
        self.queue.send(job).map_err(ApiError::internal)?;
        receiver.await.unwrap_or_else(|_| Err(ApiError::internal("a part of a sync panicked")))
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        // One waits for the next job, the others for their turn to wait.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // Whoever asked hears of a panic by not being answered; the thread goes on.
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}
