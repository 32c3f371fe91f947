//! Packages of Python, fetched once for each list of them.

use crate::cache::{cache, fetch};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the packages lie that a list of ours names, each with its version: a folder for `PYTHONPATH`.
pub fn packages(list: &str, test: &str) -> Option<PathBuf> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(list);
    let digest = Sha256::digest(fs::read(&list).unwrap());
    let place = cache("python").join(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    if !place.exists() {
        let fresh = tempfile::tempdir_in(cache("python")).unwrap();
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--requirement",
        ]);
        if !fetch(pip.arg(list).arg("--target").arg(fresh.path()), test) {
            return None;
        }
        // Another run may have been faster: its packages are the same.
        if fs::rename(fresh.path(), &place).is_ok() {
            let _ = fresh.keep();
        }
    }
    Some(place)
}
