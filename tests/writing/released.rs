//! `on_release: zero`: what no rule takes any more, and what has no mapping any more, is emptied.

use crate::folder::Folder;
use serde_json::{Value, json};

const A: &str = "stores/a.csv";
const B: &str = "stores/b.csv";

/// A shop that was synced; then a rule lets `A3` go, and `B4` loses its mapping.
fn shop(config: &str) -> Folder {
    let folder = Folder::shop();
    folder.run(&["sync", "--yes"]).ended(0, "4 sent");
    folder.edit("stocksync.yaml", "warehouses", &format!("{config}warehouses"));
    folder.edit("rules/base.sync", "skus all", "skus \"S1\", \"S2\", \"S4\"");
    folder.edit("catalog/mappings.csv", "S4,b,B4\n", "");
    folder
}

fn plan(folder: &Folder, more: &[&str]) -> Value {
    let ran = folder.run(&[&["plan", "--format", "json"], more].concat()).ended(0, "");
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn it_is_planned_written_and_then_done() {
    let folder = shop("on_release: zero\n");
    let planned = plan(&folder, &[]);
    let row = |store: &str, store_sku: &str, sku: &str, current: u64| {
        json!({ "store": store, "store_sku": store_sku, "sku": sku, "current": current, "planned": 0,
                "available": 0, "rule": "", "order": 0, "reason": "released", "file": "", "line": 0 })
    };
    assert_eq!(planned["rows"], json!([row("a", "A3", "S3", 7), row("b", "B4", "S4", 3)]));
    assert_eq!((&planned["summary"]["to_zero"], &planned["summary"]["rows"]), (&json!(2), &json!(5)));
    assert_eq!(planned["problems"], json!([]));
    assert_eq!(plan(&folder, &["--no-read"])["rows"], planned["rows"]);
    assert_eq!(plan(&folder, &["--store", "b"])["rows"], json!([row("b", "B4", "S4", 3)]));
    assert_eq!(plan(&folder, &["--sku", "S3"])["rows"], json!([row("a", "A3", "S3", 7)]));
    for format in ["table", "md", "csv", "html"] {
        let ran = folder.run(&["plan", "--format", format]).ended(0, "released");
        assert!(!ran.out.contains(" :0"), "there is no rule to name: {}", ran.out);
    }
    folder.run(&["sync", "--yes"]).ended(0, "2 sent");
    assert!(folder.read(A).contains("A3,0,x") && folder.read(B).contains("B4,0"));
    let told = folder.told();
    assert_eq!(told[told.len() - 2..], ["a/A3 0 sent -", "b/B4 0 sent -"]);
    let records = folder.records();
    let last = records.iter().find(|record| record["store_sku"] == "B4" && record["after"] == 0).unwrap();
    assert_eq!((&last["sku"], &last["rule"]), (&json!("S4"), &Value::Null));
    assert_eq!(plan(&folder, &[])["rows"], json!([]));
    folder.run(&["sync", "--yes"]).ended(0, "");
    folder.nothing_left();
}

#[test]
fn a_saved_plan_of_it_is_applied_unless_a_rule_takes_it_again() {
    let folder = shop("on_release: zero\n");
    let file = folder.path("p.json");
    let file = file.to_str().unwrap();
    folder.run(&["plan", "--out", file]).ended(0, "");
    let mappings = folder.read("catalog/mappings.csv");
    folder.write("catalog/mappings.csv", &format!("{mappings}S4,b,B4\n"));
    folder.run(&["apply", "--yes", file]).ended(5, "a rule takes it again");
    folder.write("catalog/mappings.csv", &mappings);
    folder.run(&["apply", "--yes", file]).ended(0, "2 sent");
    assert!(folder.read(A).contains("A3,0,x") && folder.read(B).contains("B4,0"));
    folder.run(&["apply", "--yes", file]).ended(5, "carried out already");
}

#[test]
fn a_guard_counts_it_and_a_number_that_others_gave_is_left() {
    let folder = Folder::shop();
    folder.write(B, "store_sku,quantity\nB1,10\nB4,3\n");
    folder.run(&["sync", "--yes"]).ended(0, "");
    folder.edit("stocksync.yaml", "warehouses", "on_release: zero\nguards: { changed: 10% }\nwarehouses");
    folder.edit("catalog/mappings.csv", "S4,b,B4\n", "");
    folder.edit("catalog/mappings.csv", "S3,a,A3\n", "");
    assert_eq!(folder.read(B), "store_sku,quantity\nB1,10\nB4,3\n", "it was never written by us");
    folder.run(&["sync", "--yes"]).ended(4, "guard `changed` of store `a`");
    folder.run(&["sync", "--yes", "--allow", "changed"]).ended(0, "1 sent");
    assert_eq!(folder.read(B), "store_sku,quantity\nB1,10\nB4,3\n");
}

#[test]
fn without_it_the_number_stays() {
    let folder = shop("");
    let planned = plan(&folder, &[]);
    assert_eq!(planned["rows"], json!([]));
    let problems = planned["problems"].as_array().unwrap();
    let named: Vec<_> = problems.iter().map(|one| one["store_sku"].as_str().unwrap()).collect();
    assert_eq!(named, ["A3", "B4"]);
}
