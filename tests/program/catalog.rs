//! `catalog`: the four ways to get merchant SKUs, and mappings one by one, in bulk, and found.

use crate::folder::{Folder, Ran};
use serde_json::Value;
use std::fs;

const MAPPINGS: &str = "catalog/mappings.csv";
const SKUS: &str = "catalog/skus.csv";

fn text(folder: &Folder, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

#[track_caller]
fn run(folder: &Folder, code: i32, args: &[&str]) -> Ran {
    let ran = folder.run(args);
    assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.out, ran.err);
    ran
}

#[test]
fn skus_are_added_one_by_one_and_in_bulk() {
    let folder = Folder::shop();
    let before = text(&folder, SKUS);
    run(&folder, 0, &["catalog", "skus", "add", "B-1", "Boots, \"high\""]);
    folder.write("new.csv", "name,sku\nTwo,A-2\nCap,C-1\nCap,C-1\n");
    let dry = run(&folder, 0, &["catalog", "skus", "import", "new.csv", "--dry-run"]);
    assert_eq!(dry.out, "C-1  Cap\n1 to be added\n");
    let ran = run(&folder, 0, &["catalog", "skus", "import", "new.csv"]);
    assert_eq!(ran.out, "1 row added to catalog/skus.csv\n");
    assert_eq!(text(&folder, SKUS), before + "B-1,\"Boots, \"\"high\"\"\"\nC-1,Cap\n");
}

#[test]
fn skus_come_from_a_store_and_from_the_mappings() {
    let folder = Folder::shop();
    run(&folder, 0, &["catalog", "skus", "pull", "outlet"]);
    folder.write(MAPPINGS, text(&folder, MAPPINGS) + "Z-1,outlet,o/3\n");
    run(&folder, 0, &["catalog", "skus", "from-mappings"]);
    assert_eq!(text(&folder, SKUS), "sku,name\nA-1,One\nA-2,Two\no/1,\no/2,\nZ-1,\n");
}

#[test]
fn a_new_project_gets_its_tables() {
    let folder = Folder::shop();
    fs::remove_file(folder.path().join(SKUS)).unwrap();
    fs::remove_file(folder.path().join(MAPPINGS)).unwrap();
    run(&folder, 0, &["catalog", "skus", "pull", "shopee_id"]);
    run(&folder, 0, &["catalog", "map", "auto", "shopee_id", "--yes"]);
    assert_eq!(text(&folder, SKUS), "sku,name\nS1,\nS2,\n");
    assert_eq!(text(&folder, MAPPINGS), "sku,store,store_sku\nS1,shopee_id,S1\nS2,shopee_id,S2\n");
}

#[test]
fn a_file_of_mappings_is_taken_whole_or_not_at_all() {
    let folder = Folder::shop();
    let before = text(&folder, MAPPINGS);
    folder.write(
        "m.csv",
        "sku,store,store_sku\nA-1,shopee_id,S9\nA-2,outlet,o/1\nA-1,outlett,o/9\n,outlet,x\n",
    );
    let ran = run(&folder, 1, &["catalog", "map", "import", "m.csv"]);
    assert!(ran.err.contains("m.csv:5:"), "{}", ran.err);
    folder.write("m.csv", "sku,store,store_sku\nA-1,shopee_id,S9\nA-2,outlet,o/1\nA-1,outlett,o/9\n");
    let ran = run(&folder, 1, &["catalog", "map", "import", "m.csv"]);
    assert!(ran.err.contains("m.csv:3:") && ran.err.contains("mapped to `A-1` already"), "{}", ran.err);
    assert!(ran.err.contains("m.csv:4:") && ran.err.contains("did you mean `outlet`?"), "{}", ran.err);
    assert_eq!(text(&folder, MAPPINGS), before);
    folder.write("m.csv", "sku,store,store_sku\nA-1,shopee_id,S9\nA-1,outlet,o/1\n");
    run(&folder, 0, &["catalog", "map", "import", "m.csv"]);
    assert_eq!(text(&folder, MAPPINGS), before + "A-1,shopee_id,S9\n");
}

#[test]
fn one_mapping_is_added_if_its_store_sku_is_free() {
    let folder = Folder::shop();
    let before = text(&folder, MAPPINGS);
    run(&folder, 0, &["catalog", "map", "add", "A-1", "outlet", "o/7"]);
    let ran = run(&folder, 2, &["catalog", "map", "add", "A-2", "outlet", "o/7"]);
    assert!(ran.err.contains("is mapped to `A-1` already"), "{}", ran.err);
    let ran = run(&folder, 2, &["catalog", "map", "add", "A-1", "outlet", "o/7", "--units", "3"]);
    assert!(ran.err.contains("is mapped with 1 units already"), "{}", ran.err);
    assert_eq!(
        run(&folder, 0, &["catalog", "map", "add", "A-1", "outlet", "o/7"]).out,
        "0 rows added to catalog/mappings.csv\n"
    );
    let ran = run(&folder, 2, &["catalog", "map", "add", "A-2", "outlet", "o/8", "--units", "3"]);
    assert!(ran.err.contains("no column `units`"), "{}", ran.err);
    run(&folder, 2, &["catalog", "map", "add", "A-2", "outet", "o/8"]);
    assert_eq!(text(&folder, MAPPINGS), before + "A-1,outlet,o/7\n");
}

fn unmapped() -> Folder {
    let folder = Folder::shop();
    folder.write(SKUS, "sku,name\nA-1,One\nB-1,Two\nb-1,Three\nC-1,Four\n");
    folder.write(MAPPINGS, "sku,store,store_sku\n");
    folder.write("stores/outlet.csv", "store_sku,quantity\nA-1,1\nb -1,2\nID-c-1,3\nnone,4\n");
    folder
}

#[test]
fn listings_are_mapped_where_it_is_clear() {
    let folder = unmapped();
    let all = ["catalog", "map", "auto", "outlet", "--ignore-case", "--ignore-spaces", "--prefix", "ID-"];
    let ran = run(&folder, 0, &[&all[..], &["--dry-run"]].concat());
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "ID-c-1 = C-1",
            "b -1 ? B-1 or b-1",
            "none ?",
            "4 listings: 0 mapped already, 1 are a SKU letter by letter, 1 nearly, 2 unclear"
        ]
    );
    assert_eq!(text(&folder, MAPPINGS), "sku,store,store_sku\n");
    let asked = run(&folder, 2, &all);
    assert!(asked.err.contains("`--yes` writes without asking"), "{}", asked.err);
    run(&folder, 0, &[&all[..], &["--yes"]].concat());
    assert_eq!(text(&folder, MAPPINGS), "sku,store,store_sku\nA-1,outlet,A-1\nC-1,outlet,ID-c-1\n");
    let json = run(&folder, 0, &[&all[..], &["--yes", "--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["listings"][0]["skus"], serde_json::json!(["B-1", "b-1"]));
}

#[test]
fn what_does_not_fit_is_found() {
    let folder = Folder::shop();
    assert_eq!(run(&folder, 0, &["catalog", "map", "check"]).out, "");
    folder.write("stores/outlet.csv", "store_sku,quantity\nO/1,0\na-2,7\n");
    let ran = run(&folder, 1, &["catalog", "map", "check", "outlet"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "outlet: unmapped-listing: no mapping names `O/1`",
            "outlet: unmapped-listing: no mapping names `a-2`; is it `A-2`?",
            "outlet: missing-listing: the store has no `o/1`, to which `A-1` is mapped; it has `O/1`, which differs by case",
            "outlet: missing-listing: the store has no `o/2`, to which `A-2` is mapped",
        ]
    );
    fs::remove_file(folder.path().join("stores/shopee_id.csv")).unwrap();
    let ran = run(&folder, 2, &["catalog", "map", "check", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 4);
    assert!(ran.err.contains("shopee_id"), "{}", ran.err);
}
