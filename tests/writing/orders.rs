//! `orders` and `stock`: events from a file or standard input, and what `plan`, `why` and `sync` make of them.

use crate::folder::Folder;
use serde_json::json;

const STOCK: &str = "sku,warehouse,available,as_of\nS1,main,10,2026-01-01T00:00:00Z\nS2,main,0,2026-01-01T00:00:00Z\nS3,main,7,2026-01-01T00:00:00Z\n";

fn shop() -> Folder {
    let folder = Folder::shop();
    folder.write("catalog/stock.csv", STOCK);
    folder
}

fn placed(id: &str, order: &str, at: &str, store_sku: &str, quantity: u32) -> String {
    format!(
        "{{\"id\":\"{id}\",\"type\":\"order-placed\",\"order\":\"{order}\",\"store\":\"a\",\"placed_at\":\"{at}\",\"lines\":[{{\"line\":\"1\",\"store_sku\":\"{store_sku}\",\"quantity\":{quantity}}}]}}\n"
    )
}

#[test]
fn an_order_in_one_store_lowers_the_others() {
    let folder = shop();
    folder.sync().ended(0, "");
    let early = placed("e0", "0", "2025-12-31T23:59:59Z", "A1", 9);
    folder.write("new.jsonl", &format!("{early}\n{}", placed("e1", "1", "2026-01-01T10:00:00Z", "A1", 4)));
    folder.run_with(&["orders", "new.jsonl"], "").ended(0, "2 events taken\n");
    folder.run_with(&["orders", "new.jsonl"], "").ended(0, "0 events taken, 2 taken before\n");
    let plan = folder.plan(&[]);
    assert_eq!(plan["stock"]["orders_taken"], json!(1));
    let rows: Vec<_> = plan["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["store_sku"].as_str().unwrap(), row["planned"].as_u64().unwrap()))
        .collect();
    assert_eq!(rows, [("A1", 6), ("B1", 6)]);
    folder.run(&["plan"]).ended(0, "; 1 order is taken off");
    folder.run(&["why", "S1"]).ended(0, "main  6  10 less 4 taken by orders");
    let why = folder.run(&["why", "S1"]).ended(0, "orders taken off (1)");
    assert!(why.out.contains("\n  4 from main  1 of a\n"), "{}", why.out);
    folder.sync().ended(0, "2 sent");
    folder.nothing_left();
}

#[test]
fn events_come_from_standard_input_and_from_tables() {
    let folder = shop();
    let text = "id,type,order,store,placed_at,line,store_sku,quantity\ne1,order-placed,1,a,2026-01-01 10:00,1,A1,4\ne1,order-placed,1,a,2026-01-01 10:00,2,A3,1\ne2,order-cancelled,1,,,,,\n";
    folder.write("new.csv", text);
    folder.run_with(&["orders", "new.csv"], "").ended(0, "2 events taken\n");
    folder.run_with(&["orders", "-", "--format", "csv"], text).ended(0, "0 events taken, 2 taken before\n");
    folder
        .run_with(&["orders", "-"], &placed("e3", "2", "2026-01-01T10:00:00Z", "A1", 1))
        .ended(0, "1 events taken\n");
    assert_eq!(folder.plan(&[])["stock"]["orders_taken"], json!(1), "what is cancelled takes nothing");
}

#[test]
fn faults_have_their_line_and_the_rest_is_taken() {
    let folder = shop();
    let good = placed("e1", "1", "2026-01-01T10:00:00Z", "A1", 4);
    folder.write(
        "new.jsonl",
        &format!("{{\"id\":\"x\"}}\n{good}no json\n{}", good.replace("\"a\"", "\"q\"").replace("e1", "e2")),
    );
    let ran = folder.run_with(&["orders", "new.jsonl"], "").ended(1, "1 events taken, 3 refused\n");
    for said in [
        "new.jsonl:1: `type` is missing",
        "new.jsonl:3: this is no JSON",
        "new.jsonl:4: the store `q` is not declared",
    ] {
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    folder.run_with(&["orders", "none.jsonl"], "").ended(2, "cannot read `none.jsonl`");
}

#[test]
fn more_than_there_is_is_told_and_shown_as_nothing() {
    let folder = shop();
    folder.write("new.jsonl", &placed("e1", "1", "2026-01-01T10:00:00Z", "A1", 12));
    folder
        .run_with(&["orders", "new.jsonl"], "")
        .ended(0, "more is ordered than there is: `S1` in `main` is at -2");
    folder.sync().ended(0, "");
    assert!(folder.read("stores/a.csv").contains("Hat,A1,0,"), "{}", folder.read("stores/a.csv"));
}

#[test]
fn a_line_waits_for_its_mapping() {
    let folder = shop();
    folder.write("new.jsonl", &placed("e1", "1", "2026-01-01T10:00:00Z", "ZZ", 3));
    folder
        .run_with(&["orders", "new.jsonl"], "")
        .ended(0, "no mapping knows `ZZ` of `a`: kept until one does");
    assert_eq!(folder.plan(&[])["stock"]["orders_taken"], json!(0));
    let mappings = format!("{}S3,a,ZZ\n", folder.read("catalog/mappings.csv"));
    folder.write("catalog/mappings.csv", &mappings);
    assert_eq!(folder.plan(&[])["stock"]["orders_taken"], json!(1), "a plan sees it and keeps nothing");
    folder.sync().ended(0, "");
    folder.run(&["why", "S3"]).ended(0, "7 less 3 taken by orders");
    folder.nothing_left();
}

#[test]
fn stock_may_be_kept_in_the_ledger() {
    let folder = shop();
    let set = "{\"id\":\"s1\",\"type\":\"stock-set\",\"sku\":\"S4\",\"warehouse\":\"main\",\"on_hand\":30}\n";
    let adjust = "{\"id\":\"s2\",\"type\":\"stock-adjust\",\"sku\":\"S4\",\"warehouse\":\"main\",\"by\":-5,\"cause\":\"broken\"}\n";
    folder.run_with(&["stock", "-"], adjust).ended(1, "is not in the ledger and cannot be adjusted");
    folder.run_with(&["stock", "-"], &format!("{set}{adjust}")).ended(0, "2 events taken");
    folder.sync().ended(0, "");
    assert_eq!(folder.read("stores/b.csv"), "store_sku,quantity\nB1,10\nB4,25\n");
    folder.write("catalog/stock.csv", &format!("{STOCK}S4,main,3,\n"));
    let said = "the stock file has rows whose stock is in the ledger: `S4` in `main`";
    folder.run(&["plan"]).ended(1, said);
    folder.sync().ended(1, said);
}

#[test]
fn a_saved_plan_is_stale_once_an_order_comes() {
    let folder = shop();
    folder.run_with(&["plan", "--out", "plan.json"], "").ended(0, "");
    folder.run_with(&["orders", "-"], &placed("e1", "1", "2026-01-01T10:00:00Z", "A1", 4)).ended(0, "");
    folder.run_with(&["apply", "plan.json", "--yes"], "").ended(5, "the rules now give 6, not 10");
}
