//! Versions of the scheme: which there are, which holds when, and how one comes in. [`replay`] tries one on a quarter,
//! [`view`] reads them for people.

use serde::Serialize;
use shared::ids::SchemeHash;
use shared::problem::Code;
use shared::reference::SchemeVersion;
use shared::scheme::{self, Named, Scheme, scheme_of};
use shared::time::Month;

use crate::error::{ApiError, ApiResult};
use crate::import::{self, Folder, Report};
use crate::ops::import::{Author, take_in};
use crate::state::{App, SharedApp};

pub mod replay;
pub mod view;

/// A stored version.
#[derive(Debug, Serialize)]
pub struct Version {
    #[serde(flatten)]
    pub named: Named,
    /// 0 for the first that was imported.
    pub ordinal: u32,
    pub indicators: usize,
    /// The current month uses it.
    pub in_force: bool,
}

/// Digits of a hash by which a version may be named, at least.
const HASH_DIGITS_MIN: usize = 6;

/// Every version, the first imported first. One that can't be read is an error, as it is for scores.
pub fn versions(app: &App) -> ApiResult<Vec<Version>> {
    let directory = app.directory();
    let month = Month::of(directory.today(app.clock.now_ms()));
    let in_force = scheme_of(&directory.reference, month).map_err(ApiError::internal)?.map(|scheme| scheme.hash);
    let version = |(hash, stored): (&SchemeHash, &SchemeVersion)| {
        let scheme = read(*hash, stored)?;
        let in_force = in_force == Some(scheme.hash);
        Ok(Version { named: Named::of(&scheme), ordinal: stored.ordinal, indicators: scheme.indicators.len(), in_force })
    };
    let mut versions: Vec<Version> = directory.reference.schemes.iter().map(version).collect::<ApiResult<_>>()?;
    versions.sort_by_key(|version| version.ordinal);
    Ok(versions)
}

fn read(hash: SchemeHash, stored: &SchemeVersion) -> ApiResult<Scheme> {
    scheme::parse(&stored.text).map_err(|faults| ApiError::internal(scheme::UnreadableScheme { hash, faults }))
}

/// The stored version of a hash, or of its beginning, as imported.
pub fn text_of(app: &App, hash: &str) -> ApiResult<String> {
    let hash = hash.to_ascii_lowercase();
    let directory = app.directory();
    let mut found = directory.reference.schemes.iter().filter(|(known, _)| known.to_string().starts_with(&hash));
    let enough = hash.len() >= HASH_DIGITS_MIN;
    match (found.next().filter(|_| enough), found.next()) {
        (Some((_, version)), None) => Ok(version.text.clone()),
        (Some(_), Some(_)) => Err(ApiError::with(Code::Invalid, format!("{hash} begins more than one version's hash"))),
        (None, _) => {
            let what = format!("no version has the hash {hash} (at least its first {HASH_DIGITS_MIN} digits)");
            Err(ApiError::with(Code::NotFound, what))
        }
    }
}

/// The stored version of a hash, or of its beginning.
pub fn version(app: &App, hash: &str) -> ApiResult<Scheme> {
    proposed(&text_of(app, hash)?)
}

/// A scheme that need not be stored. Error: every fault of it.
pub fn proposed(text: &str) -> ApiResult<Scheme> {
    scheme::parse(text).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| format!("scheme.toml:{fault}")).collect();
        ApiError::with(Code::Invalid, faults.join("\n"))
    })
}

/// Takes a scheme in as a further version, for `who`: the report of what came in, or of every fault. One that is stored
/// already changes nothing.
pub fn import(app: &SharedApp, text: Vec<u8>, who: &str) -> ApiResult<Result<Report, Report>> {
    let folder = Folder { files: [(import::SCHEME.to_string(), text)].into(), ..Folder::default() };
    take_in(app, &folder, &[], Author { who, action: "scheme.import" }, &mut |_, _, _| {})
}
