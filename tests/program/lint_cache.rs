//! What `lint` keeps in the user's cache folder: the same findings with it and without.

use crate::folder::{Folder, Ran};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const STORES: &[&str] = &[
    "{ connector: csv, settings: { path: stores/shopee_id.csv } }",
    "{ connector: csv, settings: { paht: stores/shopee_id.csv } }",
    "{ connector: csv, settings: { path: [7] }, isolate: true }",
    "{ connector: no-such }",
];

fn shop(store: &str) -> Folder {
    let folder = Folder::shop();
    let rest = "  outlet: { connector: csv, settings: { path: stores/outlet.csv } }\nlint: { oversell-risk: allow }\n";
    folder.write(
        "stocksync.yaml",
        format!("warehouses: [jakarta, batam]\nstores:\n  shopee_id: {store}\n{rest}"),
    );
    folder
}

/// `lint` with a cache of the test's own.
fn lint(folder: &Folder, args: &[&str]) -> Command {
    let mut command = folder.command(&[&["lint", "--format", "json"], args].concat());
    command.env_remove("STOCKSYNC_NO_CACHE").env("XDG_CACHE_HOME", folder.path().join("caches"));
    command
}

#[track_caller]
fn run(mut command: Command) -> (i32, String) {
    let ran = Ran::of(&command.output().unwrap());
    assert_eq!(ran.err, "");
    (ran.code, ran.out)
}

fn kept(folder: &Folder) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.path().join("caches/stocksync/settings")).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn with_a_cache_and_without_the_findings_are_the_same() {
    for store in STORES {
        let folder = shop(store);
        let plain = run(lint(&folder, &["--no-cache"]));
        assert_eq!(kept(&folder), [] as [PathBuf; 0]);
        assert_eq!(run(lint(&folder, &[])), plain, "{store}");
        let files = kept(&folder);
        assert_eq!(files.len(), 1, "{store}");
        let whole = fs::read(&files[0]).unwrap();
        assert_eq!(run(lint(&folder, &[])), plain, "{store}");
        fs::write(&files[0], "damaged").unwrap();
        assert_eq!(run(lint(&folder, &["--no-cache"])), plain, "{store}");
        assert_eq!(fs::read(&files[0]).unwrap(), b"damaged");
        assert_eq!(run(lint(&folder, &[])), plain, "{store}");
        assert_eq!((kept(&folder), fs::read(&files[0]).unwrap()), (files, whole));
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_not_written_again() {
    use std::os::unix::fs::MetadataExt;
    let folder = shop(STORES[0]);
    run(lint(&folder, &[]));
    let inode = |path: &PathBuf| fs::metadata(path).unwrap().ino();
    let files = kept(&folder);
    let before = inode(&files[0]);
    // A file that is written anew cannot have the number of one that is still there.
    let _held = fs::File::open(&files[0]).unwrap();
    run(lint(&folder, &[]));
    assert_eq!(inode(&files[0]), before);
}

#[test]
fn nothing_is_kept_where_that_is_not_wanted() {
    let folder = shop(STORES[1]);
    let plain = run(lint(&folder, &["--no-cache"]));
    let mut off = lint(&folder, &[]);
    off.env("STOCKSYNC_NO_CACHE", "1");
    assert_eq!(run(off), plain);
    assert_eq!(kept(&folder), [] as [PathBuf; 0]);
    // A folder that is not absolute is none, and where there is none nothing is kept.
    let mut nowhere = lint(&folder, &[]);
    nowhere.env("XDG_CACHE_HOME", "caches").env_remove("HOME").env_remove("LOCALAPPDATA");
    assert_eq!(run(nowhere), plain);
    assert_eq!(kept(&folder), [] as [PathBuf; 0]);
    let mut empty = lint(&folder, &[]);
    empty.env("STOCKSYNC_NO_CACHE", "");
    assert_eq!(run(empty), plain);
    assert_eq!(kept(&folder).len(), 1);
}

#[test]
fn tests_leave_the_cache_of_whoever_runs_them_alone() {
    assert!(std::env::var_os("STOCKSYNC_NO_CACHE").is_some_and(|value| !value.is_empty()));
}
