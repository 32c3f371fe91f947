//! A store's secrets as they are now: what is configured, and what was refreshed since; one refresh at a time.

use super::kept::{Kept, make_folder};
use super::{Hidden, SECRET_BYTES_MAX, Secrets, source};
use crate::shell::fault::{clean, plainly};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Where a store's secrets are, and how they are kept when they change.
pub struct Vault {
    project: PathBuf,
    // By name: `env:NAME` or `file:PATH`.
    sources: BTreeMap<String, String>,
    folder: PathBuf,
    store: String,
    hidden: Arc<Hidden>,
}

/// A store's secrets at one moment.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// By name.
    pub secrets: Arc<Secrets>,
    /// When they end, in milliseconds since 1970, where that is known.
    pub expires: BTreeMap<String, i64>,
}

/// A secret that the store just gave.
pub struct Fresh {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// When it ends, in milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

/// The right to refresh a store's secrets: one at a time across all processes, given back when it is dropped or its process ends.
pub struct Refresh {
    vault: Arc<Vault>,
    // Kept open: the lock is the file's.
    _file: File,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl Vault {
    /// The secrets of a store. Nothing is read yet.
    pub fn new(project: &Path, store: &str, sources: BTreeMap<String, String>) -> Self {
        Self {
            project: project.to_path_buf(),
            sources,
            folder: project.join(".stocksync").join("secrets"),
            store: store.to_owned(),
            hidden: Arc::default(),
        }
    }

    /// The secrets as they are on disk and in the environment now.
    ///
    /// # Errors
    /// Every one that cannot be read, a line each; never a value.
    pub fn load(&self) -> Result<Loaded, Vec<String>> {
        let (configured, mut faults) = self.configured();
        let kept = Kept::read(&self.path()).map_err(|why| self.unusable(&why));
        match kept {
            Ok(kept) if faults.is_empty() => Ok(self.overlay(&configured, &kept)),
            Ok(_) => Err(faults),
            Err(why) => {
                faults.push(why);
                Err(faults)
            }
        }
    }

    /// The store's name.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// The text with every secret hidden that the store has or had.
    pub fn redact(&self, text: &str) -> String {
        self.hidden.redact(text)
    }

    /// The right to refresh, unless somebody has it.
    ///
    /// # Errors
    /// The secrets could not be kept on this disk: better known before a refresh token that works once is used.
    pub fn try_refresh(self: &Arc<Self>) -> Result<Option<Refresh>, String> {
        let cannot = |error: &std::io::Error| self.unusable(&plainly(error));
        make_folder(&self.folder).map_err(|error| cannot(&error))?;
        let path = self.folder.join(format!("{}.lock", self.store));
        let file = File::options().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| cannot(&error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(cannot(&error)),
            Ok(()) => {}
        }
        let mut kept = Kept::read(&self.path()).map_err(|why| self.unusable(&why))?;
        kept.write(&self.path()).map_err(|error| cannot(&error))?;
        Ok(Some(Refresh { vault: Arc::clone(self), _file: file }))
    }

    fn configured(&self) -> (BTreeMap<String, String>, Vec<String>) {
        let mut values = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, source) in &self.sources {
            match source::read(&self.project, source) {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(what) => faults.push(format!("secret `{}` {what}", clean(name))),
            }
        }
        (values, faults)
    }

    fn overlay(&self, configured: &BTreeMap<String, String>, kept: &Kept) -> Loaded {
        let mut values = configured.clone();
        let mut expires = BTreeMap::new();
        for name in kept.names() {
            let Some(entry) = kept.of(name, &self.origin(name, configured)) else { continue };
            if let Some(value) = &entry.value {
                values.insert(name.to_owned(), value.clone());
            }
            if let Some(moment) = entry.expires_ms {
                expires.insert(name.to_owned(), moment);
            }
        }
        let secrets = Secrets::hidden_by(values, Arc::clone(&self.hidden));
        Loaded { secrets: Arc::new(secrets), expires }
    }

    /// What a refreshed secret is derived from: the configured one; where none is, all variables, so that new credentials end an old token.
    fn origin(&self, name: &str, configured: &BTreeMap<String, String>) -> String {
        if let Some(value) = configured.get(name) {
            return value.clone();
        }
        let variables = self.sources.iter().filter(|(_, source)| source.starts_with("env:"));
        let value =
            |(name, _): (&String, _)| configured.get(name).map(|value| format!("{}:{value}", value.len()));
        variables.filter_map(value).collect()
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.store))
    }

    fn unusable(&self, why: &str) -> String {
        format!("refreshed secrets cannot be kept in `.stocksync/secrets/{}.json`: {why}", self.store)
    }
}

impl Refresh {
    /// Keeps secrets on disk, and gives all of them as they are from now on.
    ///
    /// # Errors
    /// They cannot be written, or one is longer than a secret may be.
    pub fn save(&self, fresh: &[Fresh]) -> Result<Loaded, String> {
        let vault = &self.vault;
        let (configured, faults) = vault.configured();
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        let cannot = |error: std::io::Error| vault.unusable(&plainly(&error));
        let mut kept = Kept::read(&vault.path()).map_err(|why| vault.unusable(&why))?;
        for Fresh { name, value, expires_ms } in fresh {
            if value.len() as u64 > SECRET_BYTES_MAX {
                return Err(format!("the store gave a secret longer than {} KiB", SECRET_BYTES_MAX >> 10));
            }
            kept.put(name, &vault.origin(name, &configured), Some(value.clone()), *expires_ms);
        }
        // All of them at once: whatever happens from here on, they are there.
        kept.write(&vault.path()).map_err(cannot)?;
        let mut in_files = false;
        for Fresh { name, value, expires_ms } in fresh {
            let source = vault.sources.get(name).map(String::as_str).unwrap_or_default();
            // A file that cannot be written (of a mounted volume) is no fault: the secret is kept already.
            if let Some(Ok(())) = source::write(&vault.project, source, value) {
                kept.put(name, value, None, *expires_ms);
                in_files = true;
            }
        }
        if in_files {
            kept.write(&vault.path()).map_err(cannot)?;
        }
        vault.load().map_err(|faults| faults.join("; "))
    }
}

/// The secrets as one session knows them: those of its start, until it refreshes or learns that somebody else did.
#[derive(Clone, Debug)]
pub struct Keyring {
    vault: Arc<Vault>,
    current: Arc<RwLock<Arc<Secrets>>>,
}

impl Keyring {
    /// A session's keyring.
    pub fn new(vault: &Arc<Vault>, loaded: &Loaded) -> Self {
        let current = Arc::new(RwLock::new(Arc::clone(&loaded.secrets)));
        Self { vault: Arc::clone(vault), current }
    }

    /// The secrets as they are known now.
    pub fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on with others.
    pub fn adopt(&self, loaded: &Loaded) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&loaded.secrets);
    }

    /// Where they come from.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }
}

#[cfg(test)]
mod tests;
