//! `stocksync.lock`: which builds of connectors may be loaded.

use super::fault::{PluginFault, clean};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env::consts::{ARCH, OS};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The file's name, in the project's folder.
pub const FILE: &str = "stocksync.lock";
/// The largest lock, in bytes.
const LOCK_BYTES_MAX: u64 = 1 << 20;
const FORMAT_VERSION: u32 = 1;

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    format_version: u32,
    /// By the connector's name.
    #[serde(default)]
    pub connectors: BTreeMap<String, Locked>,
}

/// One connector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// Its version.
    pub version: String,
    /// The version of the ABI that it speaks.
    pub abi: u32,
    /// SHA-256 of its library in hexadecimal, by target triple.
    pub sha256: BTreeMap<String, String>,
}

impl Default for Lock {
    fn default() -> Self {
        Self { format_version: FORMAT_VERSION, connectors: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads the lock of a project; empty where there is none.
    ///
    /// # Errors
    /// One line on what is wrong with the file.
    pub fn load(project: &Path) -> Result<Self, String> {
        let mut text = String::new();
        let file = match File::open(project.join(FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("cannot read `{FILE}`: {error}")),
        };
        file.take(LOCK_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(|error| format!("cannot read `{FILE}`: {error}"))?;
        if text.len() as u64 > LOCK_BYTES_MAX {
            return Err(format!("`{FILE}` is larger than {} MiB", LOCK_BYTES_MAX >> 20));
        }
        let lock: Self = serde_json::from_str(&text)
            .map_err(|error| format!("`{FILE}` is damaged: {}", clean(&error.to_string())))?;
        match lock.format_version {
            FORMAT_VERSION => Ok(lock),
            other => Err(format!("`{FILE}` has format {other}, this program reads format {FORMAT_VERSION}")),
        }
    }

    /// The file's text: the same for the same content.
    pub fn text(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// Locks a build. What another version had for other targets is dropped.
    pub fn insert(&mut self, name: &str, version: &str, abi: u32, sha256: &str) {
        let entry = self.connectors.entry(name.to_owned()).or_default();
        if entry.version != version || entry.abi != abi {
            *entry = Locked { version: version.to_owned(), abi, sha256: BTreeMap::new() };
        }
        entry.sha256.insert(target(), sha256.to_owned());
    }

    /// Whether a library of this hash may be loaded as the connector of this name.
    ///
    /// # Errors
    /// It is not locked, or another build is.
    pub fn check(&self, name: &str, path: &Path, sha256: &str) -> Result<(), PluginFault> {
        let (shown, target) = (path.display(), target());
        let fault = |what: String| PluginFault::untrusted(format!("connector `{name}` (`{shown}`) {what}"));
        let Some(locked) = self.connectors.get(name) else {
            return Err(fault(format!("is not in `{FILE}`")).with_help(LOCK_IT));
        };
        match locked.sha256.get(&target) {
            Some(locked) if locked == sha256 => Ok(()),
            Some(_) => Err(fault(format!("is not the build that `{FILE}` has")).with_help(
                "if you changed it yourself, `stocksync connectors lock` takes the new one; if not, find out who did",
            )),
            None => Err(fault(format!("is in `{FILE}`, but not for `{target}`")).with_help(LOCK_IT)),
        }
    }
}

const LOCK_IT: &str = "if you trust it, `stocksync connectors lock` notes this build; commit the file";

/// What this program was built for, as Rust names it.
pub fn target() -> String {
    let vendor_and_system = match OS {
        "macos" => "apple-darwin".to_owned(),
        "windows" => "pc-windows".to_owned(),
        other => format!("unknown-{other}"),
    };
    let environment = if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!("{ARCH}-{vendor_and_system}{environment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reads_back_and_lists_in_order() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(Lock::load(folder.path()), Ok(Lock::default()));
        let mut lock = Lock::default();
        lock.insert("shopee", "1.0.0", 1, "cc");
        lock.insert("lazada", "1.2.0", 1, "aa");
        std::fs::write(folder.path().join(FILE), lock.text())?;
        assert_eq!(Lock::load(folder.path()), Ok(lock.clone()));
        assert!(lock.text().find("lazada") < lock.text().find("shopee"));
        Ok(())
    }

    #[test]
    fn other_targets_stay_as_long_as_the_version_does() {
        let mut lock = Lock::default();
        let other = BTreeMap::from([("other".to_owned(), "bb".to_owned())]);
        lock.connectors.insert("x".into(), Locked { version: "1".into(), abi: 1, sha256: other });
        let targets = |lock: &Lock| lock.connectors.get("x").map(|locked| locked.sha256.len());
        lock.insert("x", "1", 1, "aa");
        assert_eq!(targets(&lock), Some(2));
        lock.insert("x", "2", 1, "aa");
        assert_eq!(targets(&lock), Some(1));
    }

    #[test]
    fn only_the_locked_build_is_taken() {
        let mut lock = Lock::default();
        lock.insert("x", "1", 1, "aa");
        let check =
            |lock: &Lock, sha256: &str| lock.check("x", Path::new("x.so"), sha256).map_err(|f| f.what);
        assert_eq!(check(&lock, "aa"), Ok(()));
        assert_eq!(
            check(&lock, "ab"),
            Err("connector `x` (`x.so`) is not the build that `stocksync.lock` has".into())
        );
        assert_eq!(
            check(&Lock::default(), "aa"),
            Err("connector `x` (`x.so`) is not in `stocksync.lock`".into())
        );
        lock.connectors.values_mut().for_each(|locked| locked.sha256.clear());
        let expected = format!("connector `x` (`x.so`) is in `stocksync.lock`, but not for `{}`", target());
        assert_eq!(check(&lock, "aa"), Err(expected));
    }

    #[test]
    fn a_damaged_lock_is_said_to_be_damaged() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        for (text, said) in
            [("{", "is damaged"), ("{\"format_version\":9}", "has format 9"), ("[]", "is damaged")]
        {
            std::fs::write(folder.path().join(FILE), text)?;
            let fault = Lock::load(folder.path()).err().unwrap_or_default();
            assert!(fault.contains(said), "{fault}");
        }
        Ok(())
    }
}
