//! The device's key, and what it signs: a compact JWT per request, so that no token has to be fresh.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use shared::hex::hex;
use shared::ids::DeviceId;
use shared::wire::DeviceClaims;

use crate::surroundings::Surroundings;

/// The device's Ed25519 key. Its 32 secret bytes are kept in the store's `meta`.
pub(crate) struct Key(SigningKey);

impl Key {
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The public key as enrolment sends it.
    pub fn public_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public())
    }

    pub fn device(&self) -> DeviceId {
        DeviceId::of_key(&self.public())
    }

    /// A proof that this device sends `body` now.
    pub fn sign(&self, audience: &str, body: &[u8], surroundings: &dyn Surroundings) -> String {
        let mut jti = [0; 16];
        surroundings.random(&mut jti);
        let claims = DeviceClaims {
            iss: self.device().to_string(),
            aud: audience.to_string(),
            iat: surroundings.now_ms().div_euclid(1000),
            jti: URL_SAFE_NO_PAD.encode(jti),
            sha256: if body.is_empty() { String::new() } else { hex(&Sha256::digest(body)) },
        };
        let claims = serde_json::to_vec(&claims).expect("claims are plain texts and a number");
        let mut token = URL_SAFE_NO_PAD.encode(br#"{"alg":"EdDSA","typ":"JWT"}"#);
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(claims));
        let signature = self.0.sign(token.as_bytes()).to_bytes();
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        token
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    use super::*;

    struct Still;
    impl Surroundings for Still {
        fn now_ms(&self) -> i64 {
            1_782_864_000_999
        }
        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn the_signature_covers_the_claims_and_they_name_the_body() {
        let key = Key::from_secret(&[1; 32]);
        let token = key.sign("roundsman:sync", b"body", &Still);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        VerifyingKey::from_bytes(&key.public()).unwrap().verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: DeviceClaims = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims.iat, 1_782_864_000);
        assert_eq!(claims.sha256, "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5");
    }
}
