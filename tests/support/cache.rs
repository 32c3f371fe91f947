//! Packages of other languages, kept from one run of the tests to the next.

use crate::tools::skip;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A folder below `STOCKSYNC_CACHE`, or below `~/.cache/stocksync`.
pub fn cache(name: &str) -> PathBuf {
    let home = || std::env::home_dir().unwrap().join(".cache/stocksync");
    let folder = std::env::var_os("STOCKSYNC_CACHE").map_or_else(home, PathBuf::from).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Fetches packages. Where that fails, for want of a network perhaps, the test is skipped by name.
pub fn fetch(command: &mut Command, test: &str) -> bool {
    let ran = command.output().unwrap();
    ran.status.success()
        || skip(test, &format!("{command:?} failed: {}", String::from_utf8_lossy(&ran.stderr)))
}
