//! Refreshed secrets on disk: `.stocksync/secrets/<store>.json`, for its owner's eyes alone.

use crate::hex::hex;
use crate::shell::save;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

const FORMAT_VERSION: u32 = 1;
/// The most bytes of the file.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// What a store's refreshed secrets are.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    format_version: u32,
    /// Makes the fingerprints of equal values differ from file to file.
    salt: String,
    secrets: BTreeMap<String, Entry>,
}

/// A secret that was refreshed. It holds as long as what is configured is still what it was derived from: a value that a person puts there counts more.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry {
    /// Not there once the configured file itself holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    /// The fingerprint of what is configured.
    derived_from: String,
    /// When it ends, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_ms: Option<i64>,
}

impl Kept {
    /// What is on disk; nothing where no file is.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let mut text = String::new();
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    format_version: FORMAT_VERSION,
                    salt: String::new(),
                    secrets: BTreeMap::new(),
                });
            }
            Err(error) => return Err(error.to_string()),
            Ok(file) => file,
        };
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
        // What serde says of a wrong text shows parts of it.
        let kept: Self =
            serde_json::from_str(&text).map_err(|_| "it is not as this program writes it".to_owned())?;
        match kept.format_version {
            FORMAT_VERSION => Ok(kept),
            other => Err(format!("it has format {other}, this program reads format {FORMAT_VERSION}")),
        }
    }

    /// On disk when it returns, whole or not at all.
    pub(super) fn write(&mut self, path: &Path) -> io::Result<()> {
        if self.salt.is_empty() {
            let word = || getrandom::u64().map_err(|error| io::Error::other(error.to_string()));
            self.salt = format!("{:016x}{:016x}", word()?, word()?);
        }
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        let beside = path.with_extension("new");
        let mut file = private(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        save::sync_folder(path)
    }

    /// What was kept of a secret, where it still holds.
    pub(super) fn of(&self, name: &str, configured: &str) -> Option<&Entry> {
        self.secrets.get(name).filter(|entry| entry.derived_from == self.fingerprint(name, configured))
    }

    /// Every name that something was kept of.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// Keeps a secret; without a value where the configured file holds it.
    pub(super) fn put(
        &mut self,
        name: &str,
        configured: &str,
        value: Option<String>,
        expires_ms: Option<i64>,
    ) {
        let derived_from = self.fingerprint(name, configured);
        self.secrets.insert(name.to_owned(), Entry { value, derived_from, expires_ms });
    }

    fn fingerprint(&self, name: &str, configured: &str) -> String {
        let mut hash = Sha256::new();
        for part in [&self.salt, name, configured] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

/// The folder of the kept secrets: its owner's alone, and no part of any commit.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    if let Some(state) = folder.parent() {
        builder.create(state)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() { Ok(()) } else { fs::write(ignore, "*\n") }
}

/// A new file that nobody else can read at any moment.
fn private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
