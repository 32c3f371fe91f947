//! Secrets of a store: read from the environment or a file, filled into requests, and kept out of every text.

mod fill;
mod hidden;
mod sign;

pub(super) use fill::holds_placeholder;
pub use sign::Signs;

use super::fault::clean;
use hidden::Hidden;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: u64 = 64 << 10;

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
    /// Reads secrets from where they are: `env:NAME` or `file:PATH`, relative to the project's folder.
    ///
    /// # Errors
    /// Every one that cannot be read, a line each; never a value.
    pub fn load(project: &Path, sources: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut values = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, source) in sources {
            match read(project, source) {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(what) => faults.push(format!("secret `{}` {what}", clean(name))),
            }
        }
        if faults.is_empty() { Ok(Self::new(values)) } else { Err(faults) }
    }

    /// Secrets by name and value.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        let hidden = Arc::default();
        values.values().for_each(|value| Hidden::keep(&hidden, value));
        Self { values, hidden }
    }

    /// Their names, sorted.
    pub fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
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

fn read(project: &Path, source: &str) -> Result<String, String> {
    if let Some(name) = source.strip_prefix("env:") {
        let name_ok = !name.is_empty() && !name.contains(['=', '\0']);
        let value = name_ok.then(|| env::var_os(name)).flatten();
        let value = value.ok_or_else(|| format!("is not set: there is no variable `{}`", clean(name)))?;
        return value.into_string().map_err(|_| format!("is not UTF-8 in the variable `{}`", clean(name)));
    }
    if let Some(path) = source.strip_prefix("file:") {
        return read_file(&project.join(path))
            .map_err(|why| format!("cannot be read from `{}`: {why}", clean(path)));
    }
    // What stands there may be the secret itself, so it is not shown.
    Err("must be `env:NAME` or `file:PATH`, never the value itself".to_owned())
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(format!("it is longer than {} KiB", SECRET_BYTES_MAX >> 10));
    }
    let value = text.strip_suffix('\n').unwrap_or(&text);
    Ok(value.strip_suffix('\r').unwrap_or(value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_loses_one_end_of_line_and_a_value_itself_is_refused_unseen() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("token"), "abc\r\n")?;
        let load = |source: &str| {
            Secrets::load(folder.path(), &BTreeMap::from([("token".to_owned(), source.to_owned())]))
        };
        assert_eq!(
            load("file:token")
                .ok()
                .and_then(|s| s.fill("{{secret:token}}", &Signs::default()).ok())
                .as_deref(),
            Some("abc")
        );
        let refused = load("hunter2").err().unwrap_or_default().join("\n");
        assert!(refused.contains("env:NAME") && !refused.contains("hunter2"), "{refused}");
        assert!(load("env:STOCKSYNC_NO_SUCH_VARIABLE").is_err());
        assert!(load("file:missing").is_err());
        Ok(())
    }
}
