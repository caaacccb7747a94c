//! Head office in this process: the real router on a real socket, the real store in a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::auth::{device, password};
use server::ops::folder::{self, DataFolder};
use server::ops::{self, By, Command, Report, control};
use server::router::Listening;
use server::state::SharedApp;
use shared::ids::PersonId;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::clock::TestClock;

/// The sample district.
pub fn fushan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fushan")
}

pub struct HeadOffice {
    pub clock: TestClock,
    data: TempDir,
    running: Option<Running>,
}

struct Running {
    app: SharedApp,
    address: SocketAddr,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: DataFolder,
}

/// What a command printed.
#[derive(Debug, Default)]
pub struct Output {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Report for Output {
    fn out(&mut self, text: &str) {
        self.out += text;
    }
    fn err(&mut self, text: &str) {
        self.err += text;
    }
    fn progress(&mut self, _: &str, _: u64, _: u64) {}
}

impl HeadOffice {
    /// An empty head office.
    pub fn open(clock: &TestClock) -> Self {
        let data = tempfile::tempdir().expect("a folder for the data");
        let mut office = Self { clock: clock.clone(), data, running: None };
        office.start();
        office
    }

    /// With the sample district imported.
    pub fn with_fushan(clock: &TestClock) -> Self {
        let office = Self::open(clock);
        let output = office.import(&fushan());
        assert_eq!(output.code, ops::DONE, "{}", output.err);
        office
    }

    pub fn start(&mut self) {
        let folder = DataFolder::take(self.data.path()).expect("a data folder").expect("nobody else holds it");
        let app = folder.open(Arc::new(self.clock.clone())).expect("the store opens");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let (serving, path) = (app.clone(), self.data.path().to_path_buf());
        let served = runtime.spawn(async move {
            let until = async {
                // Whether told or dropped, it is the end.
                drop(stopped.await);
            };
            let control = control::listen(folder::socket(&path))?;
            server::serve::serve(serving, Listening::Plain(listener), control, until).await
        });
        self.running = Some(Running { app, address, runtime, stop, served, _folder: folder });
    }

    /// Ends in order, as on SIGTERM.
    pub fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        assert!(running.stop.send(()).is_ok(), "the server waits for its end");
        running.runtime.block_on(running.served).expect("the server's task").expect("the server ends in order");
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("head office runs")
    }

    pub fn app(&self) -> &SharedApp {
        &self.running().app
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.running().address)
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Runs a command as `roundsman` would.
    pub fn run(&self, command: &Command) -> Output {
        let mut output = Output::default();
        output.code = ops::run(self.app(), command, &mut output);
        output
    }

    pub fn import(&self, folder: &Path) -> Output {
        self.run(&Command::Import { folder: folder.to_path_buf(), replace: vec![], by: By::default(), format: ops::Format::Text })
    }

    /// A one-time enrolment code.
    pub fn code(&self, person: &str) -> String {
        device::new_code(self.app(), &id(person)).expect("a code for a manager")
    }

    /// A session's token for a login of staff.
    pub fn sign_in(&self, login: &str) -> String {
        let password = password::reset(self.app(), login, server::decisions::OPERATOR).expect("the login is known");
        password::sign_in(self.app(), login, &password).expect("the password is right").0
    }

    /// Waits until every document's facts are those of its last change.
    pub fn settle(&self) {
        server::materialise::settle(self.app()).expect("everything can be materialised");
    }
}

impl Drop for HeadOffice {
    fn drop(&mut self) {
        self.stop();
    }
}

pub fn id(person: &str) -> PersonId {
    person.parse().expect("a person id")
}
