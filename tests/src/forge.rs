//! A device made by hand: it signs and sends what no honest core would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::doc::{Action, Chunk, Document};
use shared::ids::{ActionId, Actor, DeviceId, DocumentId};
use shared::limits;
use shared::wire::{self, DeviceClaims, DocumentChanges, PROTOCOL, SYNC_AUDIENCE, SyncAnswer, SyncRequest};

use crate::office::HeadOffice;

pub struct ForgedDevice {
    pub key: SigningKey,
    pub actor: Actor,
    pub epoch: u64,
    pub cursor: Vec<u8>,
    counter: u64,
}

/// A status and a body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    /// The stable code of a problem.
    pub fn problem(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_string()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
    pub fn sync(&self) -> SyncAnswer {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        wire::open(&self.body, limits::ANSWER_INFLATED_MAX).expect("an answer")
    }
}

/// It is this problem.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{}", String::from_utf8_lossy(&answer.body));
}

/// A diary entry: the smallest action there is.
pub fn diary(text: &str) -> Action {
    Action::Diary { text: text.into() }
}

/// One request over the wire.
pub fn call(method: &str, url: &str, bearer: Option<&str>, content_type: &str, body: &[u8]) -> Answer {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url).header("content-type", content_type);
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let mut response = agent.run(request.body(body).expect("a request")).expect("the server answers");
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
    Answer { status, body }
}

pub fn get(office: &HeadOffice, path: &str, bearer: Option<&str>) -> Answer {
    call("GET", &format!("{}{path}", office.url()), bearer, "application/json", &[])
}

pub fn post_json(office: &HeadOffice, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
    call("POST", &format!("{}{path}", office.url()), bearer, "application/json", body.to_string().as_bytes())
}

impl ForgedDevice {
    /// A device with a key of its own, not enrolled.
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let part = DeviceId::of_key(&key.verifying_key().to_bytes()).part().expect("made from a key");
        Self { key, actor: Actor::new(part, [seed; 8]), epoch: 0, cursor: Vec::new(), counter: 0 }
    }

    pub fn enrolled(office: &HeadOffice, person: &str, seed: u8) -> Self {
        let device = Self::new(seed);
        let code = office.code(person);
        let answer = device.enrol(office, &code);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        device
    }

    pub fn enrol(&self, office: &HeadOffice, code: &str) -> Answer {
        let public_key = URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_bytes());
        let body = json!({ "code": code, "public_key": public_key, "name": "forged", "device_time_ms": office.clock.now() });
        post_json(office, "/v1/enrol", None, &body)
    }

    pub fn id(&self) -> DeviceId {
        self.actor.device()
    }

    pub fn claims(&mut self, office: &HeadOffice, body: &[u8]) -> DeviceClaims {
        self.counter += 1;
        let digest: [u8; 32] = Sha256::digest(body).into();
        DeviceClaims {
            iss: self.id().to_string(),
            aud: SYNC_AUDIENCE.into(),
            iat: office.clock.now() / 1000,
            jti: format!("request-{}", self.counter),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    pub fn sign(&self, claims: &DeviceClaims) -> String {
        sign_with(&self.key, claims)
    }

    pub fn request(&self, office: &HeadOffice, changes: Vec<DocumentChanges>) -> SyncRequest {
        SyncRequest {
            protocol: PROTOCOL,
            device: self.id(),
            actor: self.actor,
            device_time_ms: office.clock.now(),
            epoch: self.epoch,
            cursor: self.cursor.clone(),
            changes,
            heads: Vec::new(),
            remaining: 0,
            max_bytes: limits::ANSWER_BYTES,
            app: None,
            filings: Vec::new(),
        }
    }

    /// Signs and sends bytes as they are.
    pub fn send(&mut self, office: &HeadOffice, body: &[u8]) -> Answer {
        let claims = self.claims(office, body);
        let token = self.sign(&claims);
        post_sync(office, Some(&token), body)
    }

    /// Sends changes and takes the cursor on.
    pub fn sync(&mut self, office: &HeadOffice, changes: Vec<DocumentChanges>) -> SyncAnswer {
        let request = self.request(office, changes);
        let answer = self.send(office, &wire::pack(&request)).sync();
        (self.epoch, self.cursor) = (answer.epoch, answer.cursor.clone());
        answer
    }

    /// Does actions on a document that nobody else has written to; one change each.
    pub fn author(&self, document: &DocumentId, at_ms: i64, actions: &[Action]) -> Vec<Chunk> {
        let mut doc = Document::new(document.clone());
        let act = |(n, action): (usize, &Action)| {
            let id = ActionId([n as u8 + 1; 16]);
            doc.act(self.actor, id, at_ms, action).expect("the action is possible").expect("it changes something")
        };
        actions.iter().enumerate().map(act).collect()
    }
}

pub fn post_sync(office: &HeadOffice, token: Option<&str>, body: &[u8]) -> Answer {
    call("POST", &format!("{}/v1/sync", office.url()), token, "application/vnd.roundsman.sync", body)
}

pub fn sign_with(key: &SigningKey, claims: &DeviceClaims) -> String {
    let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
    let header = part(br#"{"alg":"EdDSA","typ":"JWT"}"#);
    let payload = part(&serde_json::to_vec(claims).expect("claims are JSON"));
    let signed = format!("{header}.{payload}");
    let signature = part(&key.sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}

/// Chunks as a request carries them.
pub fn changes(document: &str, chunks: &[Vec<u8>]) -> DocumentChanges {
    DocumentChanges { document: document.into(), chunks: chunks.iter().map(|bytes| bytes.clone().into()).collect() }
}

pub fn bytes(chunks: &[Chunk]) -> Vec<Vec<u8>> {
    chunks.iter().map(|chunk| chunk.bytes.clone()).collect()
}
