//! Packages from npm, installed once and kept.

use super::cache::{cache, fetch};
use super::tools::{self, skip};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Both shops want a node of this version or later.
const NODE_MIN: u32 = 20;

/// Whether the tools are there; otherwise the test is skipped by name.
pub fn has(test: &str, postgres: bool) -> bool {
    if version("node").is_some_and(|version| version < NODE_MIN) {
        return skip(test, &format!("node is older than {NODE_MIN}"));
    }
    let no_postgres = postgres && super::postgres::programs().is_none();
    let shops: &[&str] = if postgres { &["vendure", "medusa"] } else { &["vendure"] };
    tools::has(&["node", "npm"], test)
        && (!no_postgres || skip(test, "postgresql is missing"))
        && shops.iter().all(|shop| is_installed(shop, test))
}

/// The first number that a tool says of itself.
fn version(tool: &str) -> Option<u32> {
    let ran = Command::new(tool).arg("--version").output().ok().filter(|ran| ran.status.success())?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    said.trim_start_matches('v').split('.').next()?.trim().parse().ok()
}

/// The files of a server of ours, by name.
pub fn files(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real").join(name)
}

/// The `node_modules` that a server's lock file describes, once they are installed.
pub fn node_modules(name: &str) -> PathBuf {
    folder(name).join("node_modules")
}

/// Installs what a server's lock file describes. Two processes that want it at once install it once.
fn is_installed(name: &str, test: &str) -> bool {
    let folder = folder(name);
    let hold = File::create(folder.with_extension("lock")).unwrap();
    hold.lock().unwrap();
    let whole = folder.join("whole");
    if whole.exists() {
        return true;
    }
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json"] {
        fs::copy(files(name).join(file), folder.join(file)).unwrap();
    }
    let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    fetch(Command::new("npm").args(ci).current_dir(&folder), test) && File::create(whole).is_ok()
}

/// Where a server's packages are kept, by its lock file.
fn folder(name: &str) -> PathBuf {
    let lock = fs::read(files(name).join("package-lock.json")).unwrap();
    let version: String = Sha256::digest(&lock).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    cache("npm").join(format!("{name}-{version}"))
}
