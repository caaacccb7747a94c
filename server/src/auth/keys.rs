//! The server's Ed25519 key and the access tokens that it signs; the check of what devices sign.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, PersonId};
use shared::limits;
use shared::problem::Code;
use shared::wire::{ACCESS_AUDIENCE, DeviceClaims};

use crate::error::{ApiError, ApiResult};

/// PKCS #8 of an Ed25519 key is this, then the 32 bytes of its seed (RFC 8410).
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

pub struct Keys {
    signing: SigningKey,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: [u8; 32],
}

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessClaims {
    pub sub: PersonId,
    pub dev: DeviceId,
    pub aud: String,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
}

impl Keys {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let public = signing.verifying_key().to_bytes();
        let pkcs8 = [&PKCS8_PREFIX[..], seed].concat();
        Self { signing, encoding: EncodingKey::from_ed_der(&pkcs8), decoding: DecodingKey::from_ed_der(&public), public }
    }

    pub fn public_bytes(&self) -> [u8; 32] {
        self.public
    }

    /// The signature on a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// The public key, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public)
    }

    pub fn access_token(&self, person: &PersonId, device: &DeviceId, now_ms: i64) -> ApiResult<String> {
        let iat = now_ms / 1000;
        let claims =
            AccessClaims { sub: person.clone(), dev: device.clone(), aud: ACCESS_AUDIENCE.into(), iat, exp: iat + limits::ACCESS_TOKEN_S };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.encoding).map_err(ApiError::internal)
    }

    pub fn read_access(&self, token: &str, now_ms: i64) -> ApiResult<AccessClaims> {
        let claims: AccessClaims = decode(token, &self.decoding, ACCESS_AUDIENCE).map_err(|_| ApiError::new(Code::BadToken))?;
        if claims.exp <= now_ms / 1000 {
            return Err(ApiError::new(Code::ExpiredToken));
        }
        Ok(claims)
    }
}

/// Reads what a device signed, with its key. Times are judged by the caller, by the server's own clock.
pub fn read_device_claims(token: &str, public_key: &[u8; 32], audience: &str) -> ApiResult<DeviceClaims> {
    decode(token, &DecodingKey::from_ed_der(public_key), audience).map_err(|_| ApiError::new(Code::BadSignature))
}

/// The device that a signed request says it is from; to be believed only after [`read_device_claims`].
pub fn claimed_device(token: &str) -> Option<DeviceId> {
    let payload = token.split('.').nth(1)?;
    let claims: DeviceClaims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims.iss.parse().ok()
}

fn decode<T: serde::de::DeserializeOwned + Clone>(token: &str, key: &DecodingKey, audience: &str) -> Result<T, ErrorKind> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["aud"]);
    validation.set_audience(&[audience]);
    jsonwebtoken::decode::<T>(token, key, &validation).map(|data| data.claims).map_err(|e| e.into_kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_fifteen_minutes_and_only_from_this_server() {
        let keys = Keys::from_seed(&[7; 32]);
        let token = keys.access_token(&"m01".parse().unwrap(), &"d".parse().unwrap(), 1_000_000).unwrap();
        assert_eq!(keys.read_access(&token, 1_000_000).unwrap().sub.as_str(), "m01");
        let code = |keys: &Keys, token: &str, now_ms| keys.read_access(token, now_ms).unwrap_err().code;
        assert_eq!(code(&keys, &token, 1_000_000 + 15 * 60 * 1000), Code::ExpiredToken);
        assert_eq!(code(&Keys::from_seed(&[8; 32]), &token, 1_000_000), Code::BadToken);
        let mut tampered = token.clone().into_bytes();
        let middle = token.len() / 2;
        tampered[middle] = if tampered[middle] == b'A' { b'B' } else { b'A' };
        assert_eq!(code(&keys, &String::from_utf8(tampered).unwrap(), 1_000_000), Code::BadToken);
    }
}
