//! `lint` beside the rules: tables that are not there, and what the state knows.

use crate::asked::{codes, json};
use crate::folder::Folder;
use serde_json::Value;
use std::fs;

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

const TABLES: [&str; 3] = ["catalog/skus.csv", "catalog/stock.csv", "catalog/mappings.csv"];

#[test]
fn rules_are_linted_without_a_catalog_and_that_is_said() {
    let folder = Folder::shop();
    folder.write("rules/b.sync", "let gone = \"A-1\"");
    TABLES.iter().for_each(|table| fs::remove_file(folder.path().join(table)).unwrap());
    for args in [&["lint", "--format", "json"][..], &["-q", "lint", "--format", "json"]] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.findings()), (0, vec!["unused-list rules/b.sync:1:5".to_owned()]));
        let said = "note: there is no catalog (`catalog/skus.csv`, `catalog/stock.csv`, `catalog/mappings.csv`); not looked for: unknown-sku, ";
        assert!(ran.err.starts_with(said), "{}", ran.err);
        assert!(ran.err.contains("uncovered-sku") && !ran.err.contains("oversell-risk"), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1);
    }
    codes(&folder, &[(1, &["plan"]), (1, &["sync", "--yes"]), (1, &["why", "A-1"])]);
}

#[test]
fn a_catalog_that_is_there_in_part_is_a_fault() {
    for there in TABLES.into_iter().chain(["catalog/bundles.csv"]) {
        let folder = Folder::shop();
        for table in TABLES.iter().filter(|table| **table != there) {
            fs::remove_file(folder.path().join(table)).unwrap();
        }
        folder.write(there, "bundle,sku,units\n");
        let ran = folder.run(&["lint", "--format", "json"]);
        assert_eq!(ran.code, 1);
        assert!(ran.findings().contains(&"bad-config stocksync.yaml:1:1".to_owned()), "{there}: {}", ran.out);
        assert!(!ran.err.contains("note:"), "{}", ran.err);
    }
}

#[test]
fn lint_and_plan_agree_on_what_was_released() {
    let folder = Folder::shop();
    folder.write("stores/shopee_id.csv", "store_sku,quantity\nS1,9\nS2,9\n");
    folder.write("stores/outlet.csv", "store_sku,quantity\no/1,0\no/2,0\n");
    codes(&folder, &[(0, &["lint", "--fail-level", "warn"]), (0, &["sync", "--yes"])]);
    folder.write("rules/a.sync", "rule \"All\" { order 1 skus \"A-1\" warehouses all stores outlet }\n");
    let text = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", text.replace("lint: { ", "lint: { uncovered-sku: allow, "));
    let plan = json(&folder.run(&["plan", "--format", "json"]));
    let problems = plan["problems"].as_array().unwrap().iter();
    let problems: Vec<_> = problems
        .map(|problem| format!("{} {}", text_of(&problem["name"]), text_of(&problem["store_sku"])))
        .collect();
    let named = |sku: &str| format!("released {sku}");
    assert_eq!(problems, ["o/2", "S1", "S2"].map(named));
    let lint = json(&folder.run(&["lint", "--format", "json"]));
    let messages: Vec<_> =
        lint["diagnostics"].as_array().unwrap().iter().map(|found| &found["message"]).collect();
    let released = "3 listings that no rule takes any more keep the number that was written last: `S1` in `shopee_id` (5), `S2` in `shopee_id` (7), `o/2` in `outlet` (7)";
    assert_eq!(messages, [released]);
    folder
        .write("stocksync.yaml", text.replace("lint: { ", "lint: { uncovered-sku: allow, released: deny, "));
    codes(&folder, &[(1, &["lint"]), (1, &["plan"])]);
}

#[test]
fn a_state_that_cannot_be_read_is_no_fault_of_the_rules() {
    let folder = Folder::shop();
    codes(&folder, &[(0, &["lint"])]);
    assert!(!folder.path().join(".stocksync").exists(), "`lint` makes no state");
    folder.write(".stocksync/state.db", "no database, but longer than any header of one may be: ".repeat(9));
    let ran = folder.run(&["lint", "--fail-level", "warn"]);
    let said = "note: the state file is no SQLite database; not looked for: released, stock-without-as-of\n";
    assert_eq!((ran.code, ran.err.as_str()), (0, said));
}
