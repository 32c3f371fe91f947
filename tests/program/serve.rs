//! `serve` through the program: what happens in one store is seen in all of them.

use crate::folder::Folder;
use crate::served::Served;
use serde_json::json;
use std::fs;
use stocksync_sim::{Listing, Server, Setup, marketplace};

/// Two stores that are files, and one behind HTTP; five of `A-1` and seven of `A-2`, which all of them show.
struct Shops {
    folder: Folder,
    web: Server,
}

impl Shops {
    fn new() -> Self {
        let folder = Folder::shop();
        let listings = vec![Listing::new("w-1", 3), Listing::new("w-2", 3)];
        let setup = Setup { listings, ..Setup::default() };
        let web = Server::start(marketplace("woocommerce", &setup).unwrap()).unwrap();
        let (settings, secrets) = web.with(|market, _| (market.settings(&web.url()), market.secrets()));
        let mut places = serde_json::Map::new();
        for (secret, value) in secrets {
            let place = format!("secrets/{secret}");
            folder.write(&place, value);
            places.insert(secret, json!(format!("file:{place}")));
        }
        let csv =
            |name: &str| json!({ "connector": "csv", "settings": { "path": format!("stores/{name}.csv") } });
        let config = json!({
            "warehouses": ["jakarta", "batam"],
            "stores": {
                "shopee_id": csv("shopee_id"), "outlet": csv("outlet"),
                "web": { "connector": "woocommerce", "settings": settings, "secrets": places },
            },
            "lint": { "oversell-risk": "allow", "stock-without-as-of": "allow" },
            "guards": { "to_zero": "off" },
            "serve": { "tokens": { "till": "file:token" } },
        });
        folder.write("token", crate::served::TOKEN);
        folder.write("stocksync.yaml", config.to_string());
        let mappings = fs::read_to_string(folder.path().join("catalog/mappings.csv")).unwrap();
        folder.write("catalog/mappings.csv", format!("{mappings}A-1,web,w-1\nA-2,web,w-2\n"));
        folder.write(
            "catalog/stock.csv",
            "sku,warehouse,available,as_of\nA-1,jakarta,5,2026-01-01T00:00:00Z\nA-2,batam,7,2026-01-01T00:00:00Z\n",
        );
        let synced = folder.run(&["sync", "--yes"]);
        assert_eq!(synced.code, 0, "{}{}", synced.out, synced.err);
        let shops = Self { folder, web };
        assert_eq!(shops.shows(), ["5 7", "5 7", "5 7"]);
        shops
    }

    /// What each store shows of the two.
    fn shows(&self) -> [String; 3] {
        let file = |name: &str, first: &str, second: &str| {
            let text = fs::read_to_string(self.folder.path().join(format!("stores/{name}.csv"))).unwrap();
            let of = |sku: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{sku},")));
                line.unwrap_or("?").to_owned()
            };
            format!("{} {}", of(first), of(second))
        };
        let web = |sku: &str| self.web.with(|market, _| market.quantity(sku)).unwrap_or(-1);
        [
            file("shopee_id", "S1", "S2"),
            file("outlet", "o/1", "o/2"),
            format!("{} {}", web("w-1"), web("w-2")),
        ]
    }

    #[track_caller]
    fn until(&self, served: &Served, expected: [&str; 3]) {
        served.until(|| self.shows() == expected, || format!("{:?}", self.shows()));
    }
}

fn order(id: &str, store: &str, store_sku: &str, quantity: u32) -> String {
    json!({
        "id": format!("{id}-placed"), "type": "order-placed", "order": id, "store": store,
        "placed_at": "2026-02-01T00:00:00Z",
        "lines": [{ "line": "1", "store_sku": store_sku, "quantity": quantity }],
    })
    .to_string()
}

#[test]
fn an_order_in_one_store_is_seen_in_all_of_them() {
    let shops = Shops::new();
    let served = Served::start(&shops.folder);
    let answer = served.post("/v1/events", &order("o1", "outlet", "o/1", 2));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["events"][0]["verdict"], "taken");
    shops.until(&served, ["3 7", "3 7", "3 7"]);
    let again = served.post("/v1/events", &order("o1", "outlet", "o/1", 2));
    assert_eq!(again.json()["events"][0]["verdict"], "repeated");
    let both = format!("[{}, {}]", order("o2", "web", "w-2", 7), order("o3", "shopee_id", "S1", 1));
    assert_eq!(served.post("/v1/events", &both).status, 200);
    shops.until(&served, ["2 0", "2 0", "2 0"]);
    let why = served.get("/v1/why/A-1").json();
    assert_eq!(why["sku"], "A-1", "{why}");
    // A store shows a number before its answer is here.
    let plan = || served.get("/v1/plan").json();
    served.until(|| plan()["summary"]["unchanged"] == 6, || plan().to_string());
    assert_eq!(served.stop(), Some(0));

    // What was told while nobody served is written at the next start.
    shops.folder.write("cancel.jsonl", r#"{"id":"c","type":"order-cancelled","order":"o2","store":"web"}"#);
    let told = shops.folder.run(&["orders", "cancel.jsonl"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    let served = Served::start(&shops.folder);
    shops.until(&served, ["2 7", "2 7", "2 7"]);
    served.stop();
    let records = shops.folder.run(&["records", "--format", "jsonl", "--sku", "A-2"]);
    assert!(
        records.out.contains(r#""trigger":"order-placed","actor":"till","order_id":"o2""#),
        "{}",
        records.out
    );
}

#[test]
fn a_killed_daemon_goes_on_where_it_was() {
    let shops = Shops::new();
    for round in 0..3_u32 {
        let served = Served::start(&shops.folder);
        let answer = served.post("/v1/events", &order(&format!("k{round}"), "web", "w-1", 1));
        assert_eq!(answer.status, 200, "{}", answer.text);
        served.kill();
    }
    let served = Served::start(&shops.folder);
    shops.until(&served, ["2 7", "2 7", "2 7"]);
    served.stop();
}

#[test]
fn files_that_change_are_followed() {
    let shops = Shops::new();
    let served = Served::start(&shops.folder);
    shops
        .folder
        .write("rules/a.sync", "rule \"All\" { order 1 skus all warehouses all stores all rate 50% }\n");
    served.until(|| served.metric("stocksync_activation") == Some(2.0), || "the first activation".to_owned());
    assert_eq!(shops.shows(), ["5 7", "5 7", "5 7"], "other rules write nothing by themselves");
    shops.folder.write(
        "catalog/stock.csv",
        "sku,warehouse,available,as_of\nA-1,jakarta,9,2026-01-02T00:00:00Z\nA-2,batam,7,2026-01-01T00:00:00Z\n",
    );
    shops.until(&served, ["4 7", "4 7", "4 7"]);
    served.stop();
}
