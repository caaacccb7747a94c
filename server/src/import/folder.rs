//! A folder's files, read into memory: the only I/O of an import.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use shared::limits::IMPORT_FILE_BYTES_MAX;

use super::{FIELD_LOG, FILES};

/// The files of a district folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// File name → its bytes; only names of [`super::FILES`] are imported.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Further CSV and TOML files, which nobody knows: a misspelt name is to be warned of.
    pub unknown: BTreeSet<String>,
}

/// A folder that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the folder {} can't be read: {source}", .path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the folder {} has none of the files of a district (such as {})", .path.display(), FILES.join(", "))]
    NothingKnown { path: PathBuf },
    #[error("{} can't be read: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is larger than the {IMPORT_FILE_BYTES_MAX} bytes that a file may have", .path.display())]
    TooLarge { path: PathBuf },
}

/// Reads the files of a district folder that are imported. The field log is left alone.
pub fn read_folder(path: &Path) -> Result<Folder, ImportError> {
    let unreadable = |source| ImportError::Folder { path: path.into(), source };
    let mut folder = Folder::default();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if FILES.contains(&name.as_str()) {
            folder.files.insert(name, read_file(&entry.path())?);
        } else if name != FIELD_LOG && is_data(&name) {
            folder.unknown.insert(name);
        }
    }
    if folder.files.is_empty() { Err(ImportError::NothingKnown { path: path.into() }) } else { Ok(folder) }
}

fn is_data(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".csv") || name.ends_with(".toml")
}

fn read_file(path: &Path) -> Result<Vec<u8>, ImportError> {
    let unreadable = |source| ImportError::File { path: path.into(), source };
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too large from one that just fits.
    let file = File::open(path).map_err(unreadable)?;
    file.take(IMPORT_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > IMPORT_FILE_BYTES_MAX { Err(ImportError::TooLarge { path: path.into() }) } else { Ok(bytes) }
}
