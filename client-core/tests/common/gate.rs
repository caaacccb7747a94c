//! The test office's gate: enrolment, and the signature of every sync.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};
use shared::ids::DeviceId;
use shared::wire::DeviceClaims;

use super::office::Inner;

impl Inner {
    pub(super) fn enrol(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        let request: serde_json::Value = serde_json::from_slice(body).unwrap();
        let code = request["code"].as_str().unwrap();
        let key: [u8; 32] = BASE64.decode(request["public_key"].as_str().unwrap()).unwrap().try_into().unwrap();
        let device = DeviceId::of_key(&key);
        let person = code.strip_prefix("code-")?.split('-').next()?;
        let owner = self.codes.entry(code.to_string()).or_insert_with(|| device.clone());
        assert_eq!(*owner, device, "a code is for one key");
        self.devices.insert(device.clone(), key);
        serde_json::to_vec(&serde_json::json!({
            "device": device, "person": person, "epoch": self.epoch, "server_time_ms": super::NINE,
            "access_token": "t", "server_key": "k", "timezone": "Asia/Shanghai",
        }))
        .ok()
    }

    /// As a restore of a backup from before they were enrolled does.
    pub fn forget_devices(&mut self) {
        self.devices.clear();
        self.codes.clear();
    }

    /// The signature, as the real server checks it.
    pub(super) fn check(&mut self, bearer: &str, body: &[u8]) {
        let (signed, signature) = bearer.rsplit_once('.').unwrap();
        let claims = BASE64.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: DeviceClaims = serde_json::from_slice(&claims).unwrap();
        let key = VerifyingKey::from_bytes(&self.devices[&DeviceId::new(&claims.iss).unwrap()]).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        key.verify(signed.as_bytes(), &signature).unwrap();
        let digest: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((claims.aud.as_str(), claims.sha256), (shared::wire::SYNC_AUDIENCE, digest));
        assert!(self.jtis.insert(claims.jti), "every request is fresh");
    }
}
