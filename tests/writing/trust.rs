//! Which libraries are loaded at all, and what one costs that takes its process with it.

use crate::folder::{A_SYNCED, B_SYNCED, Folder};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use stocksync::shell::locate::file_name;

const CSV: &str = "connector: csv, settings: { path: stores/a.csv }";

/// The shop, whose connector is a copy in the project's own folder `plugins`.
fn own(connector: &str) -> (Folder, PathBuf) {
    let folder = Folder::shop();
    fs::create_dir_all(folder.path("plugins")).unwrap();
    let library = folder.path("plugins").join(file_name(connector));
    fs::copy(crate::built::plugins().join(file_name(connector)), &library).unwrap();
    folder.configure("plugins: [plugins]");
    (folder, library)
}

fn lock(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("stocksync.lock")).unwrap()
}

#[test]
fn a_connector_from_elsewhere_is_loaded_only_where_it_is_locked() {
    let (folder, library) = own("csv");
    folder.run(&["lint"]).ended(1, "untrusted-connector");
    folder.run(&["plan"]).ended(2, "is not in `stocksync.lock`");
    folder.run(&["connectors", "list"]).ended(2, "cannot be used: connector `csv`");
    folder.run(&["connectors", "check", "a"]).ended(2, "is not in `stocksync.lock`");
    folder.sync().ended(6, "`stocksync connectors lock` notes this build");
    assert_eq!(folder.told(), [""; 0]);

    folder.run(&["connectors", "lock"]).ended(0, "csv 0.1.0  new");
    let text = folder.read("stocksync.lock");
    folder.run(&["connectors", "lock"]).ended(0, "csv 0.1.0  as before");
    assert_eq!(folder.read("stocksync.lock"), text);
    assert_eq!(lock(&folder)["connectors"]["csv"]["abi"], 1);
    folder.run(&["lint"]).ended(0, "");
    folder.sync().ended(0, "4 sent");
    assert_eq!(folder.read("stores/a.csv"), A_SYNCED);

    let mut other = fs::read(&library).unwrap();
    other.extend_from_slice(b"one byte more");
    fs::write(&library, other).unwrap();
    folder.run(&["plan"]).ended(2, "is not the build that `stocksync.lock` has");
    folder.run(&["lint"]).ended(1, "untrusted-connector");
    folder.run(&["connectors", "lock"]).ended(0, "another build than before");
    folder.run(&["plan"]).ended(0, "");
}

#[test]
fn what_stands_beside_the_program_needs_no_lock_and_a_damaged_one_hinders_it_not() {
    let folder = Folder::shop();
    folder.write("stocksync.lock", "{");
    folder.run(&["lint"]).ended(0, "");
    folder.run(&["connectors", "lock"]).ended(2, "`stocksync.lock` is damaged");
    let (folder, _) = own("csv");
    folder.write("stocksync.lock", "{");
    folder.run(&["plan"]).ended(2, "`stocksync.lock` is damaged");
}

#[test]
fn a_lock_names_what_is_used_and_nothing_else() {
    let folder = Folder::shop();
    let shopee = json!({ "version": "1.0.0", "abi": 1, "sha256": { "x": "00" } });
    let other = json!({ "version": "0.1.0", "abi": 1, "sha256": { "sparc-unknown-plan9": "ab" } });
    let text = json!({ "format_version": 1, "connectors": { "shopee": shopee, "csv": other } }).to_string();
    folder.write("stocksync.lock", &text);
    folder.run(&["connectors", "lock"]).ended(0, "");
    let lock = lock(&folder);
    let names: Vec<&String> = lock["connectors"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["csv"]);
    let targets = lock["connectors"]["csv"]["sha256"].as_object().unwrap();
    assert_eq!((targets.len(), &targets["sparc-unknown-plan9"]), (2, &json!("ab")), "of the same version");
}

#[cfg(unix)]
#[test]
fn a_library_that_dies_when_it_is_loaded_does_so_in_a_process_of_its_own() {
    let folder = Folder::shop();
    if !crate::connectors::compile(&folder, "plugins/faulty/c/refused.c", "refused", "DIES_WHEN_LOADED") {
        return;
    }
    folder.edit("stocksync.yaml", CSV, "connector: refused");
    folder.configure("plugins: [plugins]");
    let said = "ended its process while it was loaded: signal 6 (abort)";
    folder.run(&["connectors", "lock"]).ended(2, said);
    assert!(!folder.path("stocksync.lock").exists());
    crate::connectors::lock(&folder, "refused");
    folder.run(&["connectors", "check", "a"]).ended(2, said);
    let isolated = |folder: &Folder| {
        folder.edit("stocksync.yaml", "connector: refused", "isolate: true, connector: refused")
    };
    isolated(&folder);
    folder.sync().ended(6, said);
    assert_eq!(folder.read("stores/b.csv"), B_SYNCED);
}

/// The shop, whose store `a` is behind the connector that misbehaves, in a process of its own.
fn isolated(mode: &str, only: &str) -> Folder {
    let folder = crate::connectors::faulty(mode, only, json!({}));
    folder.edit("stocksync.yaml", "connector: faulty,", "isolate: true, connector: faulty,");
    folder
}

#[test]
fn a_store_in_a_process_of_its_own_is_written_as_any_other() {
    let folder = Folder::shop();
    folder.edit("stocksync.yaml", "connector: csv", "isolate: true, connector: csv");
    folder.run(&["connectors", "check", "a"]).ended(0, "settings and secrets: good");
    folder.sync().ended(0, "4 sent");
    assert_eq!(
        (folder.read("stores/a.csv").as_str(), folder.read("stores/b.csv").as_str()),
        (A_SYNCED, B_SYNCED)
    );
    folder.nothing_left();
}

#[test]
fn many_pages_of_rows_go_through_the_pipes() {
    let folder = Folder::shop();
    folder.edit("stocksync.yaml", "connector: csv", "isolate: true, connector: csv");
    let rows = |what: &dyn Fn(usize) -> String| (0..70_000).map(what).collect::<String>();
    folder.write("catalog/skus.csv", &format!("sku\n{}", rows(&|n| format!("S{n}\n"))));
    folder.write(
        "catalog/stock.csv",
        &format!("sku,warehouse,available\n{}", rows(&|n| format!("S{n},main,9\n"))),
    );
    folder.write(
        "catalog/mappings.csv",
        &format!("sku,store,store_sku\n{}", rows(&|n| format!("S{n},a,A{n}\n"))),
    );
    folder.write("stores/a.csv", &format!("store_sku,quantity\n{}", rows(&|n| format!("A{n},1\n"))));
    folder.sync().ended(0, "70000 sent");
    assert_eq!(
        folder.read("stores/a.csv"),
        format!("store_sku,quantity\n{}", rows(&|n| format!("A{n},9\n")))
    );
}

#[cfg(unix)]
#[test]
fn an_overflow_or_an_abort_costs_one_store() {
    for (mode, said) in [
        ("abort", "ended its process in `step`: signal 6 (abort)"),
        ("overflow", "ended its process in `step`: signal"),
    ] {
        let folder = isolated(mode, "");
        folder.run(&["plan"]).ended(2, said);
        folder.sync().ended(6, said);
        assert_eq!((folder.read("stores/b.csv").as_str(), folder.told().len()), (B_SYNCED, 1), "{mode}");
        let folder = isolated(mode, "write");
        folder.sync().ended(6, "1 sent, 3 failed");
        assert!(
            folder.told()[0].contains("failed not sent: ended its process")
                || folder.told()[0].contains(said)
        );
        assert_eq!(folder.read("stores/b.csv"), B_SYNCED, "{mode}");
    }
    // What it is there for: without it the process ends with the store.
    let folder = crate::connectors::faulty("abort", "", json!({}));
    let ended = folder.run(&["plan"]);
    assert_eq!((ended.code, ended.out.as_str()), (-1, ""), "by a signal");
}

#[test]
fn what_is_wrong_is_told_in_the_same_words() {
    for (mode, said) in [
        ("panic", "panicked in `step`"),
        ("panic-in-open", "panicked in `open`"),
        ("many-actions", "100000 actions"),
    ] {
        isolated(mode, "").run(&["plan"]).ended(2, said);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_hangs_is_killed() {
    let (folder, library) = own("faulty");
    folder.edit("stocksync.yaml", CSV, "isolate: true, connector: faulty, settings: { mode: hang }");
    folder.run(&["connectors", "lock"]).ended(0, "faulty");
    folder.run(&["plan"]).ended(2, "did not come back from `step` within 10000 ms");
    let names = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("cmdline")).ok();
    let left = fs::read_dir("/proc").unwrap().filter_map(|entry| names(entry.unwrap()));
    let library = library.to_string_lossy().into_owned();
    assert_eq!(left.filter(|line| line.contains(&library)).count(), 0, "nothing is left of it");
}
