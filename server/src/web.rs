//! The web apps, as files that the server itself holds: the phone's at `/app/`, staff's at `/console/`. A release carries
//! them; a debug build reads them from where they were built. Building the server never needs them.

use std::borrow::Cow;

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../web/device/dist"]
#[allow_missing = true]
struct PhoneFiles;

#[derive(RustEmbed)]
#[folder = "../web/console/dist"]
#[allow_missing = true]
struct ConsoleFiles;

/// One of the web apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    Phone,
    Console,
}

/// A file of a web app, and how it may be kept.
pub struct File {
    pub content: Cow<'static, [u8]>,
    /// Whether `content` is compressed with Brotli.
    pub brotli: bool,
    pub content_type: &'static str,
    /// Its name says what it holds: it never changes.
    pub immutable: bool,
    /// Of the content, for `ETag`.
    pub hash: String,
}

const INDEX: &str = "index.html";
/// Where vite puts what it names by content.
const HASHED: &str = "assets/";

impl App {
    /// A file by its path within the app; an empty path is the app itself. Compressed if that is asked for and there.
    pub fn file(self, path: &str, brotli: bool) -> Option<File> {
        let path = if path.is_empty() { INDEX } else { path };
        // What is compressed has a name of its own, which is nobody's to ask for.
        if path.ends_with(".br") {
            return None;
        }
        let compressed = if brotli { self.get(&format!("{path}.br")) } else { None };
        let (found, brotli) = match compressed {
            Some(found) => (found, true),
            None => (self.get(path)?, false),
        };
        Some(File {
            content: found.data,
            brotli,
            content_type: content_type(path),
            immutable: path.starts_with(HASHED),
            hash: shared::hex::hex(&found.metadata.sha256_hash()[..16]),
        })
    }

    /// Whether this server has the app.
    pub fn is_here(self) -> bool {
        self.get(INDEX).is_some()
    }

    fn get(self, path: &str) -> Option<EmbeddedFile> {
        match self {
            Self::Phone => PhoneFiles::get(path),
            Self::Console => ConsoleFiles::get(path),
        }
    }
}

/// The types of what vite builds; anything else is bytes, which no browser runs.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_may_run_is_told_by_its_name_and_the_rest_is_bytes() {
        for (path, expected) in
            [("index.html", "text/html; charset=utf-8"), ("assets/core-x.wasm", "application/wasm"), ("a", "application/octet-stream")]
        {
            assert_eq!(content_type(path), expected, "{path}");
        }
        assert!(App::Phone.file("index.html.br", true).is_none());
    }
}
