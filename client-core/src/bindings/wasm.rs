//! The core in a browser's worker: SQLite over OPFS, the browser's clock and randomness, and requests that the worker sends.
//! What takes or gives texts is as [`super::calls`] says.

use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};
use wasm_bindgen::prelude::*;

use super::calls::{answer_text, text};
use crate::device::{ENROL_PATH, EnrolStep, Enrolment};
use crate::sync::{CONTENT_TYPE, Next, PATH, Round, Synced};
use crate::transport::Response;
use crate::{Device, Error, Surroundings};

/// The store's file within its pool.
const FILE: &str = "device.db";
/// The database, its journal, and what SQLite may need besides.
const FILES: usize = 4;

/// The browser's clock and randomness.
struct Browser;

impl Surroundings for Browser {
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }
    fn random(&self, bytes: &mut [u8]) {
        // Without randomness there are no keys and no ids: going on would be worse than stopping.
        getrandom::fill(bytes).expect("the browser has a source of randomness");
    }
}

/// A request that the worker is to send.
#[wasm_bindgen(getter_with_clone)]
pub struct Post {
    pub path: String,
    pub content_type: String,
    /// For `Authorization: Bearer`.
    pub bearer: Option<String>,
    pub body: Vec<u8>,
}

/// One phone: one store, and what is under way.
#[wasm_bindgen]
pub struct Core {
    device: Option<Device>,
    pool: OpfsSAHPoolUtil,
    round: Option<Round>,
    synced: Synced,
    enrolling: Option<[String; 3]>,
}

/// Opens the store of a folder of the browser's own file system, or begins it. Fails while another worker has it.
#[wasm_bindgen]
pub async fn open(folder: String) -> Result<Core, JsValue> {
    let options = OpfsSAHPoolCfgBuilder::new().directory(&folder).initial_capacity(FILES).build();
    let pool = install::<WasmOsCallback>(&options, true).await.map_err(|fault| JsValue::from_str(&fault.to_string()))?;
    let device = Device::open_named(FILE, Browser).map_err(|error| JsValue::from_str(&text(Err::<(), _>(error))))?;
    Ok(Core { device: Some(device), pool, round: None, synced: Synced::default(), enrolling: None })
}

#[wasm_bindgen]
impl Core {
    /// Answers a call.
    pub fn call(&mut self, call: &str) -> String {
        match &mut self.device {
            Some(device) => answer_text(device, call),
            None => closed(),
        }
    }

    /// The request that enrols this device; none: it is enrolled with this code.
    pub fn begin_enrolment(&mut self, server: String, code: String, name: String) -> Result<Option<Post>, String> {
        let device = self.device.as_mut().ok_or_else(closed)?;
        let step = device.begin_enrolment(&Enrolment { server: &server, code: &code, name: &name }).map_err(failed)?;
        self.enrolling = Some([server, code, name]);
        Ok(match step {
            EnrolStep::Known(_) => None,
            EnrolStep::Post(body) => Some(Post { path: ENROL_PATH.into(), content_type: "application/json".into(), bearer: None, body }),
        })
    }

    /// Takes the answer to an enrolment in.
    pub fn end_enrolment(&mut self, status: u16, body: Vec<u8>) -> String {
        let (Some(device), Some([server, code, name])) = (&mut self.device, self.enrolling.take()) else { return closed() };
        let enrolment = Enrolment { server: &server, code: &code, name: &name };
        text(device.end_enrolment(&enrolment, &Response { status, body, retry_after_s: None }))
    }

    /// The first request of a sync. Actions may go on while it is under way.
    pub fn begin_sync(&mut self) -> Result<Post, String> {
        self.synced = Synced::default();
        self.next_round()
    }

    /// The next request of a sync.
    pub fn next_round(&mut self) -> Result<Post, String> {
        let device = self.device.as_mut().ok_or_else(closed)?;
        let round = device.begin_round().map_err(failed)?;
        self.synced.requests += 1;
        self.synced.bytes_up += round.body.len() as u64;
        let post =
            Post { path: PATH.into(), content_type: CONTENT_TYPE.into(), bearer: Some(round.bearer.clone()), body: round.body.clone() };
        self.round = Some(round);
        Ok(post)
    }

    /// Takes an answer in: `{"ok": {"next": "again" | "done" | "queued", "synced": …, "revoked": …}}`, or an error.
    pub fn end_round(&mut self, status: u16, body: Vec<u8>, retry_after_s: Option<u32>) -> String {
        let (Some(device), Some(round)) = (&mut self.device, self.round.take()) else { return closed() };
        self.synced.bytes_down += body.len() as u64;
        let next = device.end_round(round, &Response { status, body, retry_after_s }, &mut self.synced);
        text(next.and_then(|next| {
            let (next, queued_s) = match next {
                Next::Again => ("again", None),
                Next::Done => ("done", None),
                Next::Queued(seconds) => ("queued", Some(seconds)),
            };
            self.synced.queued_s = queued_s;
            // Head office gives a revoked device no token.
            let revoked = device.access_token()?.is_empty();
            Ok(serde_json::json!({ "next": next, "synced": self.synced, "revoked": revoked }))
        }))
    }

    /// Closes the store and lets go of its files, so that another worker can open it.
    pub fn close(&mut self) -> Result<(), String> {
        self.device = None;
        self.pool.pause().map_err(|fault| fault.to_string())
    }
}

fn failed(error: Error) -> String {
    text(Err::<(), _>(error))
}

fn closed() -> String {
    r#"{"error":{"code":"store_in_use","message":"this window has closed the store"}}"#.into()
}
