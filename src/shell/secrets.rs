//! Secrets of a store: read from the environment or a file, filled into requests, and kept out of every text.

mod fill;
mod hidden;
mod kept;
mod sign;
mod source;
mod vault;
mod verify;

pub(super) use fill::holds_placeholder;
pub use sign::Signs;
pub use vault::{Fresh, Keyring, Loaded, Refresh, Vault};
pub(super) use verify::is_same;

use crate::config::Secret;
use hidden::Hidden;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: u64 = 64 << 10;

/// A secret of nobody's but the program's own; what went wrong follows on its name.
pub(super) fn read(project: &Path, secret: &Secret) -> Result<String, String> {
    source::read(project, &secret.source())
}

/// The secrets of one store, by name.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<String, String>,
    // Shared by all that is ever made of the same store's secrets: what was one yesterday is hidden today.
    hidden: Arc<Hidden>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Secrets {
    /// Secrets by name and value.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self::hidden_by(values, Arc::default())
    }

    fn hidden_by(values: BTreeMap<String, String>, hidden: Arc<Hidden>) -> Self {
        values.values().for_each(|value| hidden.keep(value));
        Self { values, hidden }
    }

    /// Their names, sorted.
    pub fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }

    /// Whether another has the same value, or none either, of these names.
    pub(super) fn agrees<'a>(&self, other: &Self, mut names: impl Iterator<Item = &'a str>) -> bool {
        names.all(|name| self.values.get(name) == other.values.get(name))
    }

    /// The text with every placeholder filled in, once: what a secret holds is not looked at again.
    ///
    /// # Errors
    /// A placeholder that is not closed, or names no secret, no signature or no filter.
    pub fn fill(&self, text: &str, signs: &Signs) -> Result<String, String> {
        fill::fill(text, self, signs)
    }

    /// The text with every secret and signature hidden, in any form in which it was filled in.
    pub fn redact(&self, text: &str) -> String {
        self.hidden.redact(text)
    }
}
