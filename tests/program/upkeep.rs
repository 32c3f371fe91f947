//! What `serve` does by itself while it runs: it opens stores that could not be, and forgets old records.

use crate::asked::synced_shop;
use crate::folder::Folder;
use crate::served::{Served, TOKEN};
use serde_json::{Value, json};
use stocksync_sim::{Listing, Server, Setup, marketplace};

fn records(folder: &Folder) -> Vec<Value> {
    let ran = folder.run(&["records", "--format", "jsonl"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn old_records_are_forgotten_while_it_serves() {
    let folder = synced_shop("serve: { tokens: { till: \"file:token\" } }\nrecords: { keep: 1h }");
    let state = rusqlite::Connection::open(folder.path().join(".stocksync/state.db")).unwrap();
    // What was written two days ago, twice as often as is looked at in one go: of each listing the newest stays.
    state
        .execute_batch(
            "UPDATE run SET time = time - 172800000; UPDATE record SET time = time - 172800000;
             WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1200)
             INSERT INTO record (run, time, store, store_sku, sku, before, after, status, attempts, rule)
             SELECT run, time, store, store_sku, sku, before, after, status, attempts, rule
             FROM (SELECT * FROM record ORDER BY id LIMIT 4), n;",
        )
        .unwrap();
    drop(state);
    let before = records(&folder).len();
    assert!(before > 2_000, "{before}");
    let served = Served::start(&folder);
    served.until(|| records(&folder).len() < 10, || records(&folder).len().to_string());
    assert_eq!(served.stop(), Some(0));
    let left: std::collections::BTreeSet<String> =
        records(&folder).iter().map(|one| format!("{} {}", one["store"], one["store_sku"])).collect();
    assert_eq!(left.len(), records(&folder).len(), "the newest of each");
}

#[test]
fn a_store_that_cannot_be_opened_is_tried_again_by_itself() {
    let setup = Setup { listings: vec![Listing::new("w-1", 5)], ..Setup::default() };
    let web = Server::start(marketplace("woocommerce", &setup).unwrap()).unwrap();
    let (settings, secrets) = web.with(|market, _| (market.settings(&web.url()), market.secrets()));
    let place = |(secret, _): &(String, String)| (secret.clone(), json!(format!("file:secrets/{secret}")));
    let places: serde_json::Map<String, Value> = secrets.iter().map(place).collect();
    let folder = Folder::shop();
    let store = json!({ "connector": "woocommerce", "settings": settings, "secrets": places });
    let config = json!({
        "warehouses": ["jakarta", "batam"], "stores": { "web": store },
        "lint": { "stock-without-as-of": "allow" }, "serve": { "tokens": { "till": "file:token" } },
    });
    folder.write("stocksync.yaml", config.to_string());
    folder.write("token", TOKEN);
    folder.write("catalog/mappings.csv", "sku,store,store_sku\nA-1,web,w-1\n");
    // Its secrets come later.
    let served = Served::start(&folder);
    let is_faulty = || served.get("/metrics").text.contains("stocksync_store_faulty{store=\"web\"} 1");
    served.until(is_faulty, || served.get("/metrics").text);
    let event = json!({
        "id": "1", "type": "order-placed", "order": "1", "store": "web", "placed_at": "2099-01-01T00:00:00Z",
        "lines": [{ "line": "1", "store_sku": "w-1", "quantity": 2 }],
    });
    assert_eq!(served.post("/v1/events", &event.to_string()).status, 200);
    for (secret, value) in secrets {
        folder.write(&format!("secrets/{secret}"), value);
    }
    let shown = || web.with(|market, _| market.quantity("w-1"));
    served.until(|| shown() == Some(3), || format!("{:?}", shown()));
    assert!(!is_faulty());
    assert_eq!(served.stop(), Some(0));
}
