//! `sync` from end to end: what it writes, what it refuses, what it records.

use crate::folder::{A_SYNCED, B_SYNCED, Folder, PROGRAM};
use crate::git::git;
use crate::tools::has;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

const A: &str = "stores/a.csv";
const B: &str = "stores/b.csv";

#[track_caller]
fn untouched(folder: &Folder) {
    let fresh = Folder::shop();
    assert_eq!((folder.read(A), folder.read(B)), (fresh.read(A), fresh.read(B)));
    assert_eq!(folder.activations(), [json!(null); 0]);
}

#[test]
fn after_a_sync_nothing_is_left_to_do_and_all_else_stays_as_it_was() {
    let folder = Folder::shop();
    assert_eq!(folder.run(&["plan", "--exit-code"]).code, 1);
    folder.sync().ended(0, "4 sent");
    assert_eq!((folder.read(A).as_str(), folder.read(B).as_str()), (A_SYNCED, B_SYNCED));
    folder.nothing_left();
    folder.sync().ended(0, "");
    assert_eq!((folder.read(A).as_str(), folder.read(B).as_str()), (A_SYNCED, B_SYNCED));
    assert_eq!(folder.records().len(), 4, "a sync that changes nothing records nothing");
    assert_eq!(folder.leftovers(), [""; 0]);
}

#[test]
fn records_say_what_was_done() {
    if !has(&["git"], "records_say_what_was_done") {
        return;
    }
    let folder = Folder::shop();
    let git = |args: &[&str]| git(folder.root(), args).trim().to_owned();
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "rules"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let version = folder.plan(&[])["rules_version"].clone();
    folder.sync().ended(0, "");
    let records = folder.records();
    let plan_id = records[0]["plan_id"].clone();
    let found: Vec<Value> = records
        .into_iter()
        .map(|mut record| {
            assert!(record["time"].as_str().unwrap().starts_with("20"), "{record}");
            record["time"] = json!(null);
            record
        })
        .collect();
    let expected = |id: u64, store: &str, store_sku: &str, sku: &str, before: i64, after: u64| {
        json!({
            "format_version": 1, "id": id, "time": null, "trigger": "sync-now", "actor": "ana", "order_id": null,
            "sku": sku, "store": store, "store_sku": store_sku, "before": before, "after": after,
            "status": "sent", "detail": null, "attempts": 1, "rule": "Base", "activation": 1,
            "rules_version": version, "commit": commit, "plan_id": plan_id,
        })
    };
    let all = [
        expected(1, "a", "A1", "S1", 4, 10),
        expected(2, "a", "A2", "S2", 5, 0),
        expected(3, "a", "A3", "S3", 1, 7),
        expected(4, "b", "B4", "S4", 0, 3),
    ];
    assert_eq!(found, all);
    let activation = &folder.activations()[0];
    assert_eq!((&activation["commit"], &activation["rules_version"]), (&json!(commit), &version));
    assert!(!git(&["status", "--porcelain"]).contains(".stocksync"), "the state keeps itself out of git");
}

#[test]
fn a_part_of_the_project_is_synced_alone() {
    let folder = Folder::shop();
    folder.run(&["sync", "--yes", "--store", "b"]).ended(0, "1 sent");
    assert_eq!((folder.read(A), folder.read(B).as_str()), (Folder::shop().read(A), B_SYNCED));
    folder.run(&["sync", "--yes", "--sku", "S2", "--sku", "S4"]).ended(0, "1 sent");
    assert_eq!(folder.told(), ["b/B4 3 sent -", "a/A2 0 sent -"]);
    folder.run(&["sync", "--yes", "--store", "c"]).ended(2, "no store `c`");
    folder.run(&["sync", "--yes", "--sku", "nope"]).ended(2, "no SKU `nope`");
    folder.sync().ended(0, "2 sent");
    folder.nothing_left();
}

#[test]
fn switched_off_writes_nothing_and_says_so() {
    let folder = Folder::shop();
    folder.configure("inventory_features: false");
    folder.run(&["plan"]).ended(0, "inventory_features");
    folder.run(&["sync"]).ended(0, "switched off");
    folder.sync().ended(0, "switched off");
    untouched(&folder);
    let told = folder.told();
    assert_eq!(told.len(), 8, "{told:?}");
    assert!(told.iter().all(|line| line.ends_with("skipped switched-off")), "{told:?}");
    assert!(folder.records().iter().all(|record| record["activation"].is_null()));
    folder.edit("stocksync.yaml", "inventory_features: false", "inventory_features: true");
    folder.sync().ended(0, "4 sent");
    folder.nothing_left();
}

#[test]
fn switched_off_is_0_whatever_a_guard_would_say() {
    let folder = Folder::shop();
    folder.configure("inventory_features: false\nguards: { changed: 1% }");
    folder.run(&["sync"]).ended(0, "switched off");
    untouched(&folder);
}

#[test]
fn a_paused_store_is_planned_and_not_written() {
    let folder = Folder::shop();
    folder.edit("stocksync.yaml", "path: stores/a.csv }", "path: stores/a.csv }, paused: true");
    assert_eq!(folder.plan(&[])["rows"].as_array().unwrap().len(), 4);
    folder.sync().ended(0, "store `a` is paused: 3 numbers are not written");
    assert_eq!((folder.read(A), folder.read(B).as_str()), (Folder::shop().read(A), B_SYNCED));
    assert_eq!(
        folder.told(),
        ["a/A1 10 skipped paused", "a/A2 0 skipped paused", "a/A3 7 skipped paused", "b/B4 3 sent -"]
    );
    // Nothing but the paused store is left: nobody needs to be asked.
    folder.run(&["sync"]).ended(0, "paused");
    folder.configure("guards: { changed: 99% }");
    folder.sync().ended(0, "paused");
}

#[test]
fn nobody_to_ask_is_no_answer() {
    let folder = Folder::shop();
    folder.run(&["sync"]).ended(2, "--yes");
    untouched(&folder);
}

/// Twelve listings, of which `zeroes` go from 5 to 0.
fn twelve(zeroes: usize) -> Folder {
    let folder = Folder::shop();
    let rows = |line: &dyn Fn(usize) -> String| (0..12).map(line).collect::<String>();
    folder.write("catalog/skus.csv", &format!("sku,name\n{}", rows(&|n| format!("S{n},x\n"))));
    let stock = |n: usize| if n < zeroes { 0 } else { 5 };
    folder.write(
        "catalog/stock.csv",
        &format!("sku,warehouse,available\n{}", rows(&|n| format!("S{n},main,{}\n", stock(n)))),
    );
    folder.write(
        "catalog/mappings.csv",
        &format!("sku,store,store_sku\n{}", rows(&|n| format!("S{n},a,A{n}\n"))),
    );
    folder.write(A, &format!("store_sku,quantity\n{}", rows(&|n| format!("A{n},5\n"))));
    folder
}

#[track_caller]
fn refused(folder: &Folder, guard: &str) {
    let (a, b, records) = (folder.read(A), folder.read(B), folder.records().len());
    let activations = folder.activations();
    let plan = folder.plan(&[]);
    let met: Vec<_> = plan["guards"].as_array().unwrap().iter().map(|met| met["name"].clone()).collect();
    assert_eq!(met, [guard], "{plan:#}");
    assert_eq!(folder.run(&["plan"]).code, 0, "a plan shows its guards and exits as usual");
    folder.sync().ended(4, guard);
    let other = if guard == "to_zero" { "changed" } else { "to_zero" };
    folder.run(&["sync", "--yes", "--allow", other]).ended(4, guard);
    assert_eq!((folder.read(A), folder.read(B)), (a, b));
    assert_eq!((folder.records().len(), folder.activations()), (records, activations));
    folder.run(&["sync", "--yes", "--allow", guard]).ended(0, "");
    folder.nothing_left();
}

#[test]
fn guards_hold_a_plan_until_they_are_named() {
    let folder = twelve(9);
    folder.sync().ended(0, "9 sent");
    refused(&twelve(10), "to_zero");

    let folder = Folder::shop();
    folder.configure("guards: { changed: 99% }");
    refused(&folder, "changed");

    let folder = Folder::shop();
    folder.configure("guards: { missing_stock: 10% }");
    folder.sync().ended(0, "");
    folder.edit("catalog/stock.csv", "S1,main,10\n", "");
    refused(&folder, "missing_stock");

    let folder = Folder::shop();
    folder.write("catalog/stock.csv", "sku,warehouse,available\n");
    refused(&folder, "empty_stock");

    let folder = Folder::shop();
    folder.configure("guards: { max_stock_age: 24h }");
    folder.write(
        "catalog/stock.csv",
        "sku,warehouse,available,as_of\nS1,main,10,2020-01-01T00:00:00Z\nS3,main,7,2020-01-01T00:00:00Z\n",
    );
    refused(&folder, "max_stock_age");
}

#[test]
fn what_a_refused_run_saw_is_not_what_the_next_compares_with() {
    let folder = Folder::shop();
    folder.configure("guards: { missing_stock: 10% }");
    folder.sync().ended(0, "");
    folder.edit("catalog/stock.csv", "S1,main,10\n", "");
    for _ in 0..3 {
        folder.sync().ended(4, "missing_stock");
    }
}

#[test]
fn a_store_that_cannot_be_read_hinders_no_other() {
    let malformed = ["", "store_sku,quantity\nA1,x\n", "a;b\n1;2\n", "store_sku,quantity\nA1,1\nA1,2\n"];
    for text in malformed.map(Some).into_iter().chain([None]) {
        let folder = Folder::shop();
        match text {
            Some(text) => folder.write(A, text),
            None => fs::remove_file(folder.path(A)).unwrap(),
        }
        let plan = folder.plan(&[]);
        assert_eq!(folder.run(&["plan"]).ended(2, "store `a`").code, 2);
        let problems = plan["problems"].as_array().unwrap();
        assert_eq!((problems.len(), &problems[0]["name"]), (1, &json!("store-unreadable")), "{plan:#}");
        assert_eq!(plan["rows"].as_array().unwrap().len(), 1, "{plan:#}");
        assert_eq!(plan["summary"]["stores"]["a"]["problems"], json!(1));
        folder.sync().ended(6, "store `a`");
        assert_eq!(folder.read(B), B_SYNCED);
        assert_eq!(fs::read_to_string(folder.path(A)).ok().as_deref(), text, "it is left as it was");
        assert_eq!(folder.told(), ["b/B4 3 sent -"]);
        folder.write(A, &Folder::shop().read(A));
        folder.sync().ended(0, "3 sent");
        folder.nothing_left();
    }
}

#[test]
fn a_listing_that_the_store_does_not_have_is_a_problem() {
    let folder = Folder::shop();
    folder.edit(A, "Hat,A1,4,\"q \"\"y\"\"\"\n", "");
    let plan = folder.plan(&["--all"]);
    let problem = &plan["problems"][0];
    assert_eq!(
        (&problem["name"], &problem["store"], &problem["store_sku"]),
        (&json!("missing-listing"), &json!("a"), &json!("A1"))
    );
    folder.sync().ended(0, "3 sent");
    folder.nothing_left();
}

#[test]
fn the_counts_of_a_plan_add_up() {
    let folder = Folder::shop();
    folder.edit(A, "A3,1,", "A3,9,");
    let plan = folder.plan(&["--all"]);
    let count = |of: &Value, name: &str| of[name].as_u64().unwrap();
    let summary = &plan["summary"];
    for of in [summary, &summary["stores"]["a"], &summary["stores"]["b"]] {
        let parts = ["raise", "lower", "to_zero", "unchanged"].map(|name| count(of, name));
        assert_eq!(count(of, "rows"), parts.iter().sum::<u64>(), "{of}");
    }
    for name in ["rows", "raise", "lower", "to_zero", "unchanged", "problems"] {
        let stores = ["a", "b"].map(|store| count(&summary["stores"][store], name));
        assert_eq!(count(summary, name), stores.iter().sum::<u64>(), "{name}");
    }
    assert_eq!(count(summary, "rows"), plan["rows"].as_array().unwrap().len() as u64);
    assert_eq!(["raise", "lower", "to_zero", "unchanged"].map(|name| count(summary, name)), [2, 1, 1, 1]);
    let keys: Vec<_> = plan["rows"].as_array().unwrap().iter().map(|r| r["store_sku"].clone()).collect();
    assert_eq!(keys, ["A1", "A2", "A3", "B1", "B4"]);
}

#[test]
fn activations_are_numbered_and_going_back_is_a_new_one() {
    let folder = Folder::shop();
    let old = folder.read("rules/base.sync");
    let new = old.replace("threshold 2", "threshold 2\n  cap 5");
    for text in [&old, &old, &new, &old] {
        folder.write("rules/base.sync", text);
        folder.sync().ended(0, "");
    }
    // Layout and comments are no other rules.
    folder.write("rules/base.sync", &format!("# the same\n{old}"));
    folder.sync().ended(0, "");
    let all = folder.activations();
    let numbers: Vec<_> = all.iter().map(|activation| activation["activation"].clone()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(all[0]["rules_version"], all[2]["rules_version"]);
    assert_ne!(all[0]["rules_version"], all[1]["rules_version"]);
    let shown = folder.run(&["versions", "show", "1"]).ended(0, "").out;
    assert_eq!(folder.run(&["versions", "show", "3"]).out, shown);
    assert_ne!(folder.run(&["versions", "show", "2"]).out, shown);
    let diff = folder.run(&["versions", "diff", "1", "2"]).ended(0, "+ ").out;
    assert!(diff.lines().any(|line| line.starts_with("- ")), "{diff}");
    folder.run(&["versions", "diff", "1"]).ended(0, "the same rules");
    folder.run(&["versions", "show", "9"]).ended(2, "no activation 9");
}

#[test]
fn one_run_at_a_time_and_the_second_says_who_is_first() {
    use stocksync::shell::state::{Hold, Holder};
    let folder = Folder::shop();
    fs::create_dir_all(folder.path(".stocksync")).unwrap();
    let holder = Holder { pid: 4711, command: "sync".to_owned(), since: jiff::Timestamp::UNIX_EPOCH };
    let hold = Hold::take(&folder.path(".stocksync/lock"), &holder).unwrap();
    folder.sync().ended(2, "held by `stocksync sync`, process 4711");
    let plan = folder.path("p.json");
    folder.run(&["plan", "--out", plan.to_str().unwrap()]).ended(0, "");
    folder.run(&["apply", "--yes", plan.to_str().unwrap()]).ended(2, "process 4711");
    untouched(&folder);
    drop(hold);
    folder.sync().ended(0, "4 sent");
}

#[test]
fn a_listing_that_no_rule_takes_any_more_is_released() {
    let folder = Folder::shop();
    folder.sync().ended(0, "");
    folder.edit("rules/base.sync", "skus all", "skus \"S1\", \"S2\"");
    let plan = folder.plan(&[]);
    let released: Vec<_> = plan["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["name"].as_str().unwrap(), p["store_sku"].as_str().unwrap()))
        .collect();
    assert_eq!(released, [("released", "A3"), ("released", "B4")]);
    assert_eq!(plan["summary"]["problems"], json!(2));
    folder.sync().ended(0, "");
    assert_eq!(folder.read(A), A_SYNCED, "it keeps its number");
    folder.edit("rules/base.sync", "rule \"Base\" {", "rule \"Base\" off {");
    assert_eq!(folder.plan(&[])["problems"].as_array().unwrap().len(), 4);
}

/// Runs on a terminal of its own, by util-linux's `script`, and types `answer` when it is asked.
fn on_a_terminal(folder: &Folder, answer: &str) -> Option<(i32, String)> {
    use std::io::{Read, Write};
    use std::process::Stdio;
    let line = format!("'{PROGRAM}' -C '{}' sync", folder.root().display());
    let mut script = Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .env("TERM", "dumb")
        .env("STOCKSYNC_PLUGINS", crate::built::plugins())
        .stdin(Stdio::piped());
    let mut child = match script.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(why) => {
            assert!(std::env::var("STOCKSYNC_REQUIRE").is_err(), "no `script`: {why}");
            return None;
        }
    };
    let (mut out, mut byte) = (Vec::new(), [0]);
    let stdout = child.stdout.as_mut().unwrap();
    while !out.ends_with(b"[y/N] ") {
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&out));
        out.push(byte[0]);
    }
    // The stores have been read by now: this is an edit between plan and write.
    folder.edit(B, "B4,0", "B4,1");
    child.stdin.as_mut().unwrap().write_all(answer.as_bytes()).unwrap();
    child.stdout.as_mut().unwrap().read_to_end(&mut out).unwrap();
    Some((child.wait().unwrap().code().unwrap(), String::from_utf8(out).unwrap()))
}

#[test]
fn the_answer_no_writes_nothing() {
    let folder = Folder::shop();
    let Some((code, out)) = on_a_terminal(&folder, "n\n") else { return };
    assert_eq!(code, 1, "{out}");
    assert_eq!(folder.read(A), Folder::shop().read(A));
    assert_eq!(folder.activations(), [json!(null); 0]);
}

#[test]
fn a_number_that_changed_meanwhile_is_a_conflict_and_is_planned_again() {
    let folder = Folder::shop();
    let Some((code, out)) = on_a_terminal(&folder, "y\n") else { return };
    assert_eq!(code, 6, "{out}");
    assert_eq!(folder.read(B), "store_sku,quantity\nB1,10\nB4,1\n");
    assert!(folder.told().contains(&"b/B4 3 skipped conflict".to_owned()), "{:?}", folder.told());
    folder.sync().ended(0, "1 sent");
    folder.nothing_left();
}

#[test]
fn a_listing_to_be_raised_is_read_again_where_the_store_cannot_compare() {
    let Some(folder) = crate::connectors::ledger() else { return };
    let Some((code, out)) = on_a_terminal(&folder, "y\n") else { return };
    assert_eq!(code, 6, "{out}");
    assert_eq!(folder.read(B), "B1,10\n\nB4,1\n");
    assert!(folder.told().contains(&"b/B4 3 skipped conflict".to_owned()), "{:?}", folder.told());

    let Some(folder) = crate::connectors::ledger() else { return };
    folder.edit("stocksync.yaml", "connector: ledger,", "read_before: never, connector: ledger,");
    let Some((code, out)) = on_a_terminal(&folder, "y\n") else { return };
    assert_eq!((code, folder.read(B).as_str()), (0, "B1,10\n\nB4,3\n"), "{out}");
}
