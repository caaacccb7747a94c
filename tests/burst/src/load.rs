//! The burst: every device's request, signed and packed beforehand, arrives at once; a device is done when head office has
//! acknowledged each of its changes as durable, and it holds what staff changed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer;
use sha2::{Digest, Sha256};
use shared::ids::ChangeHash;
use shared::limits;
use shared::wire::{
    self, DeviceClaims, DocumentChanges, DocumentHeads, PROTOCOL, SYNC_AUDIENCE, SyncAnswer, SyncRequest, Verdict, accepted_digest,
};

use crate::http::{Connection, request};
use crate::seed::{Failure, Seed};
use crate::workload::{Doc, Manager};

/// Sockets of the load: with more devices than these, they use them in turn.
pub const SOCKETS_MAX: usize = 1_000;

/// One device, ready to go.
pub struct Ready {
    request: Vec<u8>,
    sent: Vec<ChangeHash>,
    /// What it is to receive.
    staff: Vec<Vec<u8>>,
    /// Asks whether head office holds each of the changes sent.
    pub audit: Vec<u8>,
}

/// What a device met with.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// Its number among the devices.
    pub device: usize,
    /// From the moment that all arrive until it is done.
    pub took: Duration,
    pub bytes_up: usize,
    pub bytes_down: usize,
    pub requests: usize,
}

impl Ready {
    pub fn new(seed: &Seed, n: usize) -> Self {
        let manager = seed.workload.manager(n);
        let docs = seed.workload.documents(&manager);
        let edited: Vec<&Doc> = docs.iter().rev().filter(|doc| !doc.phone.is_empty()).collect();
        let changes = edited.iter().map(|doc| DocumentChanges {
            document: doc.id.to_string(),
            chunks: doc.phone.iter().map(|change| change.bytes.clone().into()).collect(),
        });
        let mut message = message(&manager, seed.notes.cursors[n].to_vec());
        message.changes = changes.collect();
        let request = signed(&manager, &message, "evening");
        // A head that is here has everything that it builds on; each change is asked for all the same.
        let heads = edited
            .iter()
            .map(|doc| DocumentHeads { document: doc.id.to_string(), heads: doc.phone.iter().map(|change| change.hash).collect() });
        message.heads = heads.collect();
        message.changes = Vec::new();
        message.max_bytes = 0;
        Self {
            request,
            sent: edited.iter().flat_map(|doc| doc.phone.iter().map(|change| change.hash)).collect(),
            staff: docs.iter().flat_map(|doc| doc.office.iter().map(|change| change.bytes.clone())).collect(),
            audit: signed(&manager, &message, "audit"),
        }
    }

    /// Whether the answer acknowledges everything and brings everything.
    fn is_answered_by(&self, answer: &SyncAnswer) -> bool {
        let verdicts = answer.acknowledgement.verdicts(self.sent.len());
        let durable = verdicts.is_some_and(|verdicts| verdicts.iter().all(|(verdict, _)| *verdict == Verdict::Durable));
        let received = || answer.documents.iter().flat_map(|document| &document.chunks).map(|chunk| chunk.as_slice());
        let has = |change: &Vec<u8>| received().any(|chunk| chunk == change.as_slice());
        durable && answer.acknowledgement.digest == accepted_digest(&self.sent) && self.staff.iter().all(has) && !answer.more
    }
}

fn message(manager: &Manager, cursor: Vec<u8>) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        device: manager.phone_actor.device(),
        actor: manager.phone_actor,
        device_time_ms: jiff::Timestamp::now().as_millisecond(),
        epoch: 1,
        cursor,
        changes: Vec::new(),
        heads: Vec::new(),
        remaining: 0,
        max_bytes: limits::ANSWER_BYTES,
        app: Some(env!("CARGO_PKG_VERSION").into()),
        filings: Vec::new(),
    }
}

/// A sync of a device that has nothing to send.
pub fn look_in(seed: &Seed, manager: &Manager, jti: &str) -> Vec<u8> {
    signed(manager, &message(manager, seed.notes.cursors[manager.n].to_vec()), jti)
}

fn signed(manager: &Manager, message: &SyncRequest, jti: &str) -> Vec<u8> {
    let body = wire::pack(message);
    let digest: [u8; 32] = Sha256::digest(&body).into();
    let claims = DeviceClaims {
        iss: message.device.to_string(),
        aud: SYNC_AUDIENCE.into(),
        iat: jiff::Timestamp::now().as_second(),
        jti: format!("{jti}-{}", manager.n),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let payload = serde_json::to_vec(&claims).expect("claims are JSON");
    let text = [br#"{"alg":"EdDSA","typ":"JWT"}"#.as_slice(), &payload].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = URL_SAFE_NO_PAD.encode(manager.phone.sign(text.as_bytes()).to_bytes());
    request("POST", "/v1/sync", Some(&format!("{text}.{signature}")), "application/vnd.roundsman.sync", &body)
}

/// Lets devices arrive in rounds of `at_once`; answers what each met with, and how long the rounds took in all.
pub async fn burst(address: SocketAddr, devices: &Arc<Vec<Ready>>, at_once: usize) -> Result<(Vec<Done>, Duration), Failure> {
    let mut done = Vec::with_capacity(devices.len());
    let mut lasted = Duration::ZERO;
    for first in (0..devices.len()).step_by(at_once) {
        let last = (first + at_once).min(devices.len());
        let sockets = (last - first).min(SOCKETS_MAX);
        let began = Instant::now();
        let tasks: Vec<_> = (0..sockets)
            .map(|socket| {
                let devices = devices.clone();
                tokio::spawn(async move {
                    let mut connection = Connection::to(address);
                    let mut done = Vec::new();
                    for n in (first + socket..last).step_by(sockets) {
                        done.push(sync(&mut connection, n, &devices[n], began).await?);
                    }
                    Ok::<_, Failure>(done)
                })
            })
            .collect();
        for task in tasks {
            done.extend(task.await??);
        }
        lasted += began.elapsed();
    }
    Ok((done, lasted))
}

/// Until it is done: whoever is sent away comes back when head office says.
async fn sync(connection: &mut Connection, n: usize, device: &Ready, began: Instant) -> Result<Done, Failure> {
    let (mut requests, mut bytes_up, mut bytes_down) = (0, 0, 0);
    loop {
        let answer = connection.call(&device.request).await?;
        requests += 1;
        bytes_up += device.request.len();
        bytes_down += answer.bytes;
        match answer.status {
            200 => {
                let opened: SyncAnswer = wire::open(&answer.body, limits::ANSWER_INFLATED_MAX)?;
                let took = began.elapsed();
                return match device.is_answered_by(&opened) {
                    true => Ok(Done { device: n, took, bytes_up, bytes_down, requests }),
                    false => Err(format!("a device was not answered in full: {:?}", opened.acknowledgement.runs).into()),
                };
            }
            503 => tokio::time::sleep(Duration::from_secs(answer.retry_after_s.unwrap_or(1))).await,
            status => return Err(format!("status {status}: {}", String::from_utf8_lossy(&answer.body)).into()),
        }
    }
}

/// How many acknowledged changes head office lacks.
pub async fn lost(address: SocketAddr, devices: &[Ready]) -> Result<usize, Failure> {
    let mut connection = Connection::to(address);
    let mut lost = 0;
    for device in devices {
        let answer = connection.call(&device.audit).await?;
        if answer.status != 200 {
            return Err(format!("status {}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
        }
        let answer: SyncAnswer = wire::open(&answer.body, limits::ANSWER_INFLATED_MAX)?;
        // A document that lacks anything is answered with its heads: at the least one of its changes is gone.
        lost += answer.wanted.len();
    }
    Ok(lost)
}
