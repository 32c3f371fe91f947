//! `diff` and `lint --since`, in real git repositories.

use crate::folder::{Folder, Ran};
use crate::git::git;
use crate::tools::has;
use serde_json::Value;
use std::fs;

/// A sound shop, committed on `main`, with the project in a folder of the repository.
fn repository() -> (Folder, std::path::PathBuf) {
    let folder = Folder::shop();
    let inside = folder.path().join("shop");
    fs::create_dir(&inside).unwrap();
    for entry in ["stocksync.yaml", "rules", "catalog", "stores"] {
        fs::rename(folder.path().join(entry), inside.join(entry)).unwrap();
    }
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(&folder);
    (folder, inside)
}

fn commit(folder: &Folder) {
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "x"]);
}

#[track_caller]
fn run(folder: &Folder, args: &[&str], code: i32) -> Ran {
    let ran = folder.run(&[&["-C", "shop"], args].concat());
    assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.out, ran.err);
    ran
}

#[track_caller]
fn diff(folder: &Folder, args: &[&str], code: i32) -> Value {
    serde_json::from_str(&run(folder, &[&["diff", "--format", "json"], args].concat(), code).out).unwrap()
}

/// `store SKU: old -> new` of each row.
fn rows(report: &Value) -> Vec<String> {
    let row = |row: &Value| {
        format!(
            "{} {}: {} -> {}",
            row["store"].as_str().unwrap(),
            row["store_sku"].as_str().unwrap(),
            row["old"],
            row["new"]
        )
    };
    report["rows"].as_array().unwrap().iter().map(row).collect()
}

const RULE: &str = "rule \"All\" { order 1 skus all warehouses all stores all }\n";

#[test]
fn a_file_named_only_by_the_ending_holds_no_rules() {
    if !has(&["git"], "a_file_named_only_by_the_ending_holds_no_rules") {
        return;
    }
    let (folder, _) = repository();
    folder.write("shop/rules/.sync", "rule {");
    commit(&folder);
    run(&folder, &["lint"], 0);
    assert_eq!(rows(&diff(&folder, &["HEAD~1", "HEAD"], 0)), [""; 0]);
    assert_eq!(rows(&diff(&folder, &["HEAD"], 0)), [""; 0]);
}

#[test]
fn what_means_the_same_is_no_change() {
    if !has(&["git"], "what_means_the_same_is_no_change") {
        return;
    }
    let (folder, _) = repository();
    fs::remove_file(folder.path().join("shop/rules/a.sync")).unwrap();
    folder.write(
        "shop/rules/new/name.sync",
        "# moved\nrule \"All\" {\n  stores all\n  skus all\n  warehouses all\n  order 1\n}\n",
    );
    assert!(
        run(&folder, &["diff", "main", "--exit-code"], 0).out.contains("no change: the rules mean the same")
    );
    folder.write("shop/rules/off.sync", "rule \"Off\" off { order 9 skus all warehouses all stores all }\n");
    assert!(run(&folder, &["diff", "main", "--exit-code"], 0).out.contains("no change"));
}

#[test]
fn the_folder_of_rules_is_found_in_a_revision_however_it_is_spelt() {
    if !has(&["git"], "the_folder_of_rules_is_found_in_a_revision_however_it_is_spelt") {
        return;
    }
    let (folder, inside) = repository();
    let config = fs::read_to_string(inside.join("stocksync.yaml")).unwrap();
    for spelt in ["./rules", "rules/.", "."] {
        folder.write("shop/stocksync.yaml", format!("rules: {spelt}\n{config}"));
        commit(&folder);
        assert_eq!(rows(&diff(&folder, &["main"], 0)), [""; 0], "{spelt}");
    }
}

#[test]
fn numbers_that_differ_with_their_rules() {
    if !has(&["git"], "numbers_that_differ_with_their_rules") {
        return;
    }
    let (folder, _) = repository();
    folder.write("shop/rules/a.sync", format!("\n{}", RULE.replace("order 1", "order 1 threshold 6")));
    let report = diff(&folder, &["main"], 0);
    assert_eq!(rows(&report), ["outlet o/1: 5 -> 0", "shopee_id S1: 5 -> 0"]);
    assert_eq!(report["rows"][0]["old_rule"]["line"], 1);
    assert_eq!(report["rows"][0]["new_rule"]["line"], 2);
    assert_eq!(report["summary"]["to_zero"], 2);
    assert_eq!(report["old"]["name"], "main");
    assert_eq!(report["old"]["commit"].as_str().unwrap(), git(folder.path(), &["rev-parse", "HEAD"]).trim());

    run(&folder, &["diff", "main", "--exit-code"], 1);
    run(&folder, &["diff", "main", "--fail-on", "to_zero>2,changed>50%"], 0);
    let ran = run(&folder, &["diff", "main", "--fail-on", "to_zero>0", "--format", "md"], 1);
    assert!(
        ran.out.contains("More than may change: to_zero&#62;0: 2")
            || ran.out.contains("to&#95;zero&#62;0: 2"),
        "{}",
        ran.out
    );
    for (args, message) in [
        (&["diff", "main", "--fail-on", "zero>0"][..], "nothing is counted as `zero`"),
        (&["diff", "nowhere"], "git knows no revision `nowhere`"),
        (&["diff", "--", "--output=x"], "git knows no revision `--output=x`"),
    ] {
        assert!(run(&folder, args, 2).err.contains(message), "{args:?}");
    }
    assert!(!folder.path().join("x").exists() && !folder.path().join("shop/x").exists());
}

#[test]
fn two_revisions_and_the_merge_base() {
    if !has(&["git"], "two_revisions_and_the_merge_base") {
        return;
    }
    let (folder, _) = repository();
    git(folder.path(), &["checkout", "-q", "-b", "change"]);
    folder.write("shop/rules/a.sync", RULE.replace("order 1", "order 1 cap 6"));
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "main"]);
    folder.write("shop/rules/a.sync", RULE.replace("order 1", "order 1 rate 50%"));
    commit(&folder);
    // Both changed: between the two is another difference than since they parted.
    assert_eq!(rows(&diff(&folder, &["main", "change"], 0)).len(), 4);
    git(folder.path(), &["checkout", "-q", "change"]);
    let report = diff(&folder, &["main"], 0);
    assert_eq!(rows(&report), ["outlet o/2: 7 -> 6", "shopee_id S2: 7 -> 6"]);
    assert_eq!(report["old"]["name"], "the merge base with main");
    folder.write("shop/rules/a.sync", RULE.replace("order 1", "order"));
    let ran = run(&folder, &["diff", "main"], 1);
    assert!(ran.err.contains("the rules of the working tree have faults"), "{}", ran.err);
    assert_eq!(rows(&diff(&folder, &["main", "change"], 0)).len(), 4);
}

#[test]
fn each_side_declares_its_own_names() {
    if !has(&["git"], "each_side_declares_its_own_names") {
        return;
    }
    let (folder, inside) = repository();
    let config = fs::read_to_string(inside.join("stocksync.yaml")).unwrap();
    let one =
        config.replace("  shopee_id: { connector: csv, settings: { path: stores/shopee_id.csv } }\n", "");
    assert_ne!(one, config);
    folder.write("shop/stocksync.yaml", &one);
    folder.write(
        "shop/catalog/mappings.csv",
        "sku,store,store_sku\nA-1,outlet,o/1\nA-2,outlet,o/2\nA-1,shopee_id,S1\n",
    );
    let report = diff(&folder, &["main"], 0);
    assert_eq!(rows(&report), ["shopee_id S1: 5 -> null"]);
    assert_eq!(report["summary"]["left_alone"], 1);
    folder.write("shop/catalog/mappings.csv", "sku,store,store_sku\nA-1,nowhere,o/1\n");
    assert!(run(&folder, &["diff", "main"], 1).err.contains("nowhere"));
}

#[test]
fn a_shallow_clone_is_named_with_the_cure() {
    if !has(&["git"], "a_shallow_clone_is_named_with_the_cure") {
        return;
    }
    let (folder, _) = repository();
    git(folder.path(), &["branch", "old"]);
    folder.write("shop/rules/a.sync", RULE.replace("order 1", "order 2"));
    commit(&folder);
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", folder.path().display());
    let to = clone.path().join("c");
    git(clone.path(), &["clone", "-q", "--depth", "1", "--no-single-branch", &from, to.to_str().unwrap()]);
    let mut command = folder.command(&["-C", "shop", "diff", "origin/old"]);
    let ran = command.current_dir(&to).output().unwrap();
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{err}");
    assert!(err.contains("no common ancestor") && err.contains("git fetch --unshallow"), "{err}");
}

#[test]
fn without_a_repository_there_are_no_revisions() {
    if !has(&["git"], "without_a_repository_there_are_no_revisions") {
        return;
    }
    let folder = Folder::shop();
    for args in [&["diff", "main"][..], &["lint", "--since", "main"]] {
        let ran = folder
            .command(args)
            .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{err}");
        assert!(err.contains("lies in no git repository"), "{err}");
    }
}

#[test]
fn lint_since_a_revision_reports_what_changed() {
    if !has(&["git"], "lint_since_a_revision_reports_what_changed") {
        return;
    }
    let (folder, _) = repository();
    let rule = |name: &str, order: u32, skus: &str| {
        format!("rule \"{name}\" {{ order {order} skus {skus} warehouses all stores all }}\n")
    };
    let list = "let some = \"A-1\"\n";
    let base = format!("{list}{}{}{RULE}", rule("Old", 2, "\"GONE\""), rule("Listed", 3, "some, \"LOST\""))
        .replace("order 1", "order 9");
    folder.write("shop/rules/a.sync", &base);
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "-b", "change"]);
    let since = |folder: &Folder, code| {
        run(folder, &["lint", "--format", "json", "--since", "main", "--fail-level", "warn"], code)
    };
    let ran = since(&folder, 0);
    assert_eq!(ran.findings(), Vec::<String>::new());
    assert!(ran.err.contains("2 more in what did not change"), "{}", ran.err);

    // Layout and places change nothing; a new rule is reported, and one whose list is another now.
    let moved = format!("# moved\n\n{base}{}", rule("New", 4, "\"LOST-2\""));
    folder.write("shop/rules/a.sync", &moved);
    assert_eq!(since(&folder, 1).findings(), ["unknown-sku rules/a.sync:7:27"]);
    folder.write("shop/rules/a.sync", base.replace("let some = \"A-1\"", "let some = \"A-2\""));
    assert_eq!(since(&folder, 1).findings(), ["unknown-sku rules/a.sync:3:36"]);
    // A file that does not hold rules counts as a whole.
    folder.write("shop/rules/a.sync", &base);
    folder.write("shop/catalog/stock.csv", "sku,warehouse,available\nA-1,jakarta,5\nA-3,batam,7\n");
    assert_eq!(since(&folder, 1).findings(), ["unknown-sku catalog/stock.csv:3:1"]);
}
