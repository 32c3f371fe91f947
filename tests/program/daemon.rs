//! The daemon as whoever runs it sees it: who else may write, how it stops, what it refuses, what it logs.

use crate::asked::synced_shop;
use crate::folder::Folder;
use crate::served::{Served, TOKEN};
use serde_json::{Value, json};
use std::fs;
use stocksync_sim::woocommerce::WooCommerce;
use stocksync_sim::{Listing, Marketplace as _, Now, Setup};

/// What the stores show: of `shopee_id`, then of `outlet`.
fn shown(folder: &Folder) -> [String; 2] {
    ["shopee_id", "outlet"].map(|store| {
        let text = fs::read_to_string(folder.path().join(format!("stores/{store}.csv"))).unwrap();
        let mut lines: Vec<&str> = text.lines().skip(1).collect();
        lines.sort_unstable();
        lines.join(" ")
    })
}

#[track_caller]
fn until_shown(served: &Served, folder: &Folder, expected: [&str; 2]) {
    served.until(|| shown(folder) == expected, || format!("{:?}", shown(folder)));
}

fn order(id: &str, store_sku: &str, quantity: u32) -> String {
    json!({
        "id": id, "type": "order-placed", "order": id, "store": "shopee_id", "placed_at": "2099-01-01T00:00:00Z",
        "lines": [{ "line": "1", "store_sku": store_sku, "quantity": quantity }],
    })
    .to_string()
}

#[test]
fn whoever_writes_the_state_excludes_the_others() {
    let folder = synced_shop("");
    let served = Served::start(&folder);
    let holder = format!("the state is held by `stocksync serve`, process {}", served.pid());
    for args in
        [&["sync", "--yes"][..], &["serve", "--listen", "127.0.0.1:0"], &["records", "retry", "--yes"]]
    {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(&holder), "{args:?}: {}", ran.err);
    }
    assert_eq!(folder.run(&["plan"]).code, 0, "who only reads is let in");
    assert_eq!(served.end_by("-INT").0, Some(130));
    assert_eq!(folder.run(&["sync", "--yes"]).code, 0);
}

#[test]
fn a_faulty_project_is_told_everywhere_and_what_ran_goes_on() {
    let folder = synced_shop("");
    let served = Served::start(&folder);
    let newest = || served.get("/readyz").json()["rules"]["newest"].clone();
    folder.write("rules/a.sync", "rule \"All\" { order 1 skus all }\n");
    served.until(|| newest() == json!(false), || "the fault is not told".to_owned());
    let ready = served.get("/readyz");
    assert_eq!(ready.status, 200, "{}", ready.text);
    let finding = ready.json()["rules"]["first_findings"][0].as_str().unwrap().to_owned();
    assert!(finding.starts_with("rules/a.sync:1:"), "{finding}");
    assert_eq!(served.metric("stocksync_rules_refused"), Some(1.0));
    assert_eq!(served.post("/v1/events", &order("1", "S1", 1)).status, 200);
    until_shown(&served, &folder, ["S1,4 S2,7", "o/1,4 o/2,7"]);
    folder.write("rules/a.sync", "rule \"All\" { order 1 skus all warehouses all stores all rate 50% }\n");
    served.until(|| newest() == json!(true), || "the new rules are not taken".to_owned());
    assert_eq!(shown(&folder), ["S1,4 S2,7", "o/1,4 o/2,7"], "by itself a change of rules writes nothing");
    assert_eq!(served.post("/v1/events", &order("2", "S2", 1)).status, 200);
    until_shown(&served, &folder, ["S1,4 S2,3", "o/1,4 o/2,3"]);
    let (code, log) = served.end_by("-TERM");
    assert_eq!(code, Some(0));
    assert!(log.contains(&finding), "{log}");
}

#[test]
fn a_paused_store_is_written_when_it_is_resumed() {
    let folder = synced_shop("");
    let served = Served::start(&folder);
    assert_eq!(served.post("/v1/stores/gone/pause", "").status, 404);
    assert_eq!(served.post("/v1/stores/outlet/pause", "").status, 200);
    assert_eq!(served.post("/v1/events", &order("1", "S1", 1)).status, 200);
    until_shown(&served, &folder, ["S1,4 S2,7", "o/1,5 o/2,7"]);
    assert_eq!(served.get("/readyz").json()["stores"][1]["paused"], true);
    assert_eq!(served.post("/v1/stores/outlet/resume", "").status, 200);
    until_shown(&served, &folder, ["S1,4 S2,7", "o/1,4 o/2,7"]);
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn a_command_is_told_what_a_person_should_know() {
    let alerts = "alerts: { command: [sh, -c, \"cat > told.json\"], on: [negative-stock] }";
    let folder = synced_shop(&format!("serve: {{ {alerts} }}"));
    let served = Served::start(&folder);
    assert_eq!(served.post("/v1/events", &order("1", "S1", 6)).status, 200);
    let told = || fs::read_to_string(folder.path().join("told.json")).unwrap_or_default();
    served.until(|| told().ends_with('\n'), || "nobody is told".to_owned());
    let told: Value = serde_json::from_str(&told()).unwrap();
    let expected = json!({
        "kind": "negative-stock", "sku": "A-1", "warehouse": "jakarta", "available": -1,
        "message": "more is ordered than there is: `A-1` in `jakarta` is at -1",
    });
    assert_eq!((&told["count"], &told["alerts"][0]), (&json!(1), &expected));
    let metrics = || served.get("/metrics").text;
    served.until(|| metrics().contains("stocksync_alerts_total{outcome=\"told\"} 1\n"), metrics);
    assert_eq!(served.metric("stocksync_negative_stock"), Some(1.0));
    until_shown(&served, &folder, ["S1,0 S2,7", "o/1,0 o/2,7"]);
    let (code, log) = served.end_by("-TERM");
    assert_eq!((code, log.matches("more is ordered than there is").count()), (Some(0), 1), "{log}");
}

#[test]
fn a_webhook_lowers_every_other_store() {
    let web = "  web:\n    connector: woocommerce\n    paused: true\n    settings: { url: \"http://127.0.0.1:9\" }\n    \
        secrets: { consumer_key: \"file:key\", consumer_secret: \"file:key\", webhook_secret: \"file:hook\" }\nlint:";
    // The shop cannot be reached: what is asked of it is not waited for.
    let folder = synced_shop("serve: { tokens: { shop: \"file:token\" }, limits: { stop_seconds: 1 } }");
    let config = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", config.replace("lint:", web));
    folder.write("key", "ck_1");
    folder.write("hook", "hook-secret");
    let mappings = fs::read_to_string(folder.path().join("catalog/mappings.csv")).unwrap();
    folder.write("catalog/mappings.csv", format!("{mappings}A-1,web,W-1\n"));
    let mut market = WooCommerce::new(&Setup { listings: vec![Listing::new("W-1", 5)], ..Setup::default() });
    // Later than the stock file, whose stock would have it in it already.
    market.sell("W-1", 2, Now(4_070_908_800_000));
    let sent = market.webhook("order.created", "hook-secret").unwrap();
    let served = Served::start(&folder);
    let answer = served.hook("/v1/webhooks/web", &sent.headers, &String::from_utf8(sent.body).unwrap());
    assert_eq!(answer.status, 200, "{}", answer.text);
    until_shown(&served, &folder, ["S1,3 S2,7", "o/1,3 o/2,7"]);
    let records = served.get("/v1/records?store=outlet&sku=A-1&limit=1").text;
    let record: Value = serde_json::from_str(&records).unwrap();
    assert_eq!((&record["trigger"], &record["actor"]), (&json!("order-placed"), &json!("webhook:web")));
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn no_secret_is_logged_and_who_comes_too_often_waits() {
    let folder =
        synced_shop("serve: { tokens: { shop: \"file:token\" }, limits: { requests_per_second: 2 } }");
    let served = Served::start_with(&folder, &["--log", "json", "-v"]);
    let mut statuses: Vec<u16> =
        (0..20).map(|_| served.get(&format!("/v1/records?sku={TOKEN}")).status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 429]);
    let (code, log) = served.end_by("-TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["route"] == "/v1/records" && line["status"] == 429), "{log}");
    assert!(lines.iter().any(|line| line["message"] == "stopped"), "{log}");
}

#[test]
fn it_does_not_start_where_it_should_not() {
    let folder = Folder::shop();
    let ran = folder.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no token is named"), "{}", ran.err);
    let lines = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", format!("{lines}serve: {{ tokens: {{ shop: \"file:token\" }} }}\n"));
    folder.write("token", "hunter2");
    let ran = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the token `shop` has fewer than 16 bytes"), "{}", ran.err);
    assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    folder.write("rules/a.sync", "rule");
    assert_eq!(folder.run(&["serve", "--listen", "127.0.0.1:0"]).code, 1, "faulty rules");
}
