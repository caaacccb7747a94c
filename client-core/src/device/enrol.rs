//! Enrolment: the device's key meets a person's one-time code. Key and code are kept before they are sent, so that a crash
//! or a lost answer is resumed by doing it again.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::ids::{DeviceId, PersonId};
use shared::time::Zone;
use shared::wire::TOKEN_AUDIENCE;

use super::Device;
use crate::Error;
use crate::signing::Key;
use crate::store::{Meta, StoreFault};
use crate::transport::{Response, Transport};

/// Head office's word for a code that is wrong, used by another device, or expired.
const WRONG_CODE: &str = "wrong_code";

/// Where enrolment is posted.
pub const ENROL_PATH: &str = "/v1/enrol";

/// What an enrolment needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolStep {
    /// Nothing: the device is enrolled with this code.
    Known(Enrolled),
    /// This body to be posted.
    Post(Vec<u8>),
}

/// What a device enrols with.
#[derive(Clone, Debug)]
pub struct Enrolment<'a> {
    /// The server's address; only kept, for whoever makes the next transport.
    pub server: &'a str,
    pub code: &'a str,
    /// What staff see in the list of devices.
    pub name: &'a str,
}

/// Who the device is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrolled {
    pub device: DeviceId,
    pub person: PersonId,
}

#[derive(Serialize)]
struct EnrolRequest<'a> {
    code: &'a str,
    public_key: String,
    name: &'a str,
    device_time_ms: i64,
    /// Whose work is here already: a code of another person's is refused before it binds the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a PersonId>,
}

#[derive(Deserialize)]
struct EnrolAnswer {
    device: DeviceId,
    person: PersonId,
    epoch: u64,
    server_time_ms: i64,
    access_token: String,
    server_key: String,
    timezone: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

impl Device {
    /// Enrols this device; one that is enrolled with this code stays as it is. With another code it makes itself known again
    /// under its key: to a head office that has moved, or was restored from before it was enrolled.
    pub fn enrol(&mut self, transport: &dyn Transport, enrolment: &Enrolment<'_>) -> Result<Enrolled, Error> {
        let body = match self.begin_enrolment(enrolment)? {
            EnrolStep::Known(enrolled) => return Ok(enrolled),
            EnrolStep::Post(body) => body,
        };
        let response = transport.post(ENROL_PATH, None, "application/json", &body)?;
        self.end_enrolment(enrolment, &response)
    }

    /// What is to be posted to [`ENROL_PATH`], as JSON. Whoever has a transport of another kind than [`Transport`] sends it
    /// himself, and brings the answer to [`Self::end_enrolment`].
    pub fn begin_enrolment(&mut self, enrolment: &Enrolment<'_>) -> Result<EnrolStep, Error> {
        let known = self.enrolled()?;
        if let Some(enrolled) = &known
            && self.enrolled_with()?.1.unwrap_or_default() == enrolment.code
        {
            return Ok(EnrolStep::Known(enrolled.clone()));
        }
        // The address of one that is enrolled stays until the new one has answered.
        let key = if known.is_some() { self.key()? } else { self.prepare_key(enrolment)? };
        self.surroundings.reached("enrol: key kept");
        let request = EnrolRequest {
            code: enrolment.code,
            public_key: key.public_text(),
            name: enrolment.name,
            device_time_ms: self.surroundings.now_ms(),
            person: known.as_ref().map(|known| &known.person),
        };
        Ok(EnrolStep::Post(serde_json::to_vec(&request).map_err(|e| Error::BadAnswer(e.to_string()))?))
    }

    /// Takes head office's answer in.
    pub fn end_enrolment(&mut self, enrolment: &Enrolment<'_>, response: &Response) -> Result<Enrolled, Error> {
        let (known, key) = (self.enrolled()?, self.key()?);
        self.surroundings.reached("enrol: answer received");
        let answer: EnrolAnswer = match read(response) {
            // A code that was answered before is answered again: this one is not ours, and the next try may bring another.
            Err(Error::Refused { code, .. }) if code == WRONG_CODE && known.is_none() => {
                self.store.write(|db| db.clear_meta(Meta::Code))?;
                return Err(problem_of(response));
            }
            answer => answer?,
        };
        if answer.device != key.device() {
            return Err(Error::BadAnswer("it is about another device".into()));
        }
        // This phone holds one person's work.
        if let Some(known) = &known
            && known.person != answer.person
        {
            return Err(Error::BadAnswer(format!("the code is for {}, and this phone is enrolled for {}", answer.person, known.person)));
        }
        Zone::named(&answer.timezone).map_err(|e| Error::BadAnswer(e.to_string()))?;
        self.keep_enrolment(enrolment, &answer, known.is_some())?;
        self.identity = None;
        self.surroundings.reached("enrol: committed");
        Ok(Enrolled { device: answer.device, person: answer.person })
    }

    fn keep_enrolment(&mut self, enrolment: &Enrolment<'_>, answer: &EnrolAnswer, again: bool) -> Result<(), StoreFault> {
        self.store.write(|db| -> Result<(), StoreFault> {
            db.set_meta(Meta::Device, answer.device.as_str().as_bytes())?;
            db.set_meta(Meta::Timezone, answer.timezone.as_bytes())?;
            db.set_meta(Meta::ServerKey, answer.server_key.as_bytes())?;
            db.set_meta(Meta::AccessToken, answer.access_token.as_bytes())?;
            db.set_meta(Meta::Server, enrolment.server.as_bytes())?;
            db.set_meta(Meta::Code, enrolment.code.as_bytes())?;
            db.set_number(Meta::Epoch, i64::try_from(answer.epoch).unwrap_or(i64::MAX))?;
            if again {
                // What this head office has is not known: everything is offered and fetched, as after a restore.
                db.doubt_rows()?;
                db.clear_meta(Meta::Cursor)?;
                db.set_meta(Meta::Offered, b"")?;
            }
            db.clear_meta(Meta::Unknown)?;
            db.set_number(Meta::ServerTime, answer.server_time_ms)?;
            db.set_meta(Meta::Person, answer.person.as_str().as_bytes())
        })
    }

    /// Who this device is; none if it is not enrolled.
    pub fn enrolled(&mut self) -> Result<Option<Enrolled>, Error> {
        match self.identity() {
            Ok(identity) => Ok(Some(Enrolled { device: identity.device.clone(), person: identity.person.clone() })),
            Err(Error::NotEnrolled) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The server that the device was enrolled with, and the code.
    pub fn enrolled_with(&self) -> Result<(Option<String>, Option<String>), Error> {
        let db = self.store.db();
        Ok((db.meta_text(Meta::Server)?, db.meta_text(Meta::Code)?))
    }

    /// The key of an enrolment that was begun, or a new one.
    fn prepare_key(&mut self, enrolment: &Enrolment<'_>) -> Result<Key, Error> {
        let mut secret = [0; 32];
        match self.store.db().meta(Meta::Secret)?.and_then(|kept| kept.try_into().ok()) {
            Some(kept) => secret = kept,
            None => self.surroundings.random(&mut secret),
        }
        self.store.write(|db| -> Result<(), StoreFault> {
            db.set_meta(Meta::Secret, &secret)?;
            db.set_meta(Meta::Server, enrolment.server.as_bytes())?;
            db.set_meta(Meta::Code, enrolment.code.as_bytes())
        })?;
        Ok(Key::from_secret(&secret))
    }

    /// The access token that the last sync brought.
    pub fn access_token(&self) -> Result<String, Error> {
        Ok(self.store.db().meta_text(Meta::AccessToken)?.unwrap_or_default())
    }

    /// A fresh access token for the rest of the API; a sync brings one too.
    pub fn token(&mut self, transport: &dyn Transport) -> Result<String, Error> {
        let bearer = self.key()?.sign(TOKEN_AUDIENCE, b"", &*self.surroundings);
        let answer: TokenAnswer = read(&transport.post("/v1/token", Some(&bearer), "application/json", b"")?)?;
        self.store.write(|db| db.set_meta(Meta::AccessToken, answer.access_token.as_bytes()))?;
        Ok(answer.access_token)
    }
}

fn read<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    if !matches!(response.status, 200 | 201) {
        return Err(problem_of(response));
    }
    serde_json::from_slice(&response.body).map_err(|e| Error::BadAnswer(e.to_string()))
}

/// What head office says is wrong, in its own words where they can be read.
pub(crate) fn problem_of(response: &Response) -> Error {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        title: String,
        detail: Option<String>,
    }
    let status = response.status;
    match serde_json::from_slice::<Problem>(&response.body) {
        Ok(Problem { code, title, detail }) => Error::Refused { status, code, title, detail },
        Err(_) => {
            Error::Refused { status, code: "http".into(), title: format!("Head office answered with status {status}."), detail: None }
        }
    }
}
