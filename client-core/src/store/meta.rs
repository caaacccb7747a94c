//! Single values: the device's key, who it is, how far it has synced.

use super::{Db, Stored, damaged};

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// The name of a single value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Meta { $($(#[$doc])* $name,)* }

        impl Meta {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }
        }
    };
}

keys! {
    /// The 32 secret bytes of the device's Ed25519 key.
    Secret = "secret";
    /// The enrolment code that was last tried; kept before it is sent, so that a crash between is resumed.
    Code = "code";
    Server = "server";
    Device = "device";
    Person = "person";
    /// Head office's public key, which signs publications.
    ServerKey = "server_key";
    Timezone = "timezone";
    /// 8 random bytes: the second part of this store's actor.
    Generation = "generation";
    /// Which file this store was when it was last opened.
    Mark = "mark";
    Epoch = "epoch";
    Cursor = "cursor";
    /// Present after a restore of the server: the heads of documents up to this one have been offered.
    Offered = "offered";
    /// Present while head office does not know this device.
    Unknown = "unknown";
    LastSync = "last_sync_ms";
    ServerTime = "server_time_ms";
    CompleteUpTo = "complete_up_to_ms";
    /// Until when head office asked to be left alone.
    QueuedUntil = "queued_until_ms";
    AccessToken = "access_token";
}

/// Which file a store is, so that a copy of it notices that it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreMark(pub Vec<u8>);

impl StoreMark {
    /// The mark of a file. None where the platform can't say. Only its number within its file system: a file system's own
    /// number may change with every start of the machine.
    #[cfg(unix)]
    pub fn of(path: &std::path::Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let data = std::fs::metadata(path).ok()?;
        Some(Self(data.ino().to_string().into_bytes()))
    }

    #[cfg(not(unix))]
    pub fn of(_path: &std::path::Path) -> Option<Self> {
        None
    }
}

impl Db<'_> {
    pub fn meta_text(&self, key: Meta) -> Stored<Option<String>> {
        let bytes = self.meta(key)?;
        bytes.map(|bytes| String::from_utf8(bytes).map_err(|e| damaged(key.as_str(), e))).transpose()
    }

    pub fn meta_number(&self, key: Meta) -> Stored<Option<i64>> {
        let text = self.meta_text(key)?;
        text.map(|text| text.parse().map_err(|e| damaged(key.as_str(), e))).transpose()
    }

    pub fn set_number(&self, key: Meta, number: i64) -> Stored<()> {
        self.set_meta(key, number.to_string().as_bytes())
    }
}
