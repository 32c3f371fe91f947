//! A project with three stores: a file, a shop on loopback, and one more behind a gate that can be shut.

use crate::folder::Folder;
use crate::gate::Gate;
use crate::served::{Served, TOKEN};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::fs;
use stocksync_sim::{Listing, Server, Setup, marketplace};

/// How many SKUs there are; each has a listing in every store.
pub const SKUS: usize = 24;

/// How many of each there are in the beginning: more than anybody orders.
const STOCK: i64 = 100_000;

/// Stores by name; `file` is one, the others are shops.
pub const STORES: [&str; 3] = ["file", "mall", "web"];

pub struct Shops {
    pub folder: Folder,
    mall: Server,
    pub web: Server,
    pub gate: Gate,
}

/// A shop in which every listing shows what there is.
fn shop(kind: &str) -> Server {
    let listings = (0..SKUS).map(|sku| Listing::new(&format!("L{sku}"), STOCK)).collect();
    Server::start(marketplace(kind, &Setup { listings, ..Setup::default() }).unwrap()).unwrap()
}

impl Shops {
    /// All stores in order.
    pub fn new() -> Self {
        Self::of("woocommerce")
    }

    /// With shops of another kind.
    pub fn of(kind: &str) -> Self {
        let folder = Folder::shop();
        let (mall, web) = (shop(kind), shop(kind));
        let gate = Gate::before(&web.url());
        let mut stores = Map::new();
        stores.insert(
            "file".to_owned(),
            json!({ "connector": "csv", "settings": { "path": "stores/file.csv" } }),
        );
        for (name, shop, url) in [("mall", &mall, mall.url()), ("web", &web, gate.url())] {
            stores.insert(name.to_owned(), store(&folder, (name, kind), shop, &url));
        }
        let config = json!({
            "warehouses": ["main"],
            "stores": stores,
            "guards": { "to_zero": "off" },
            "serve": { "tokens": { "till": "file:token" }, "limits": { "requests_per_second": 100_000, "stop_seconds": 5 } },
        });
        folder.write("token", TOKEN);
        folder.write("stocksync.yaml", config.to_string());
        let (mut skus, mut stock, mut file) = (
            "sku,name\n".to_owned(),
            "sku,warehouse,available,as_of\n".to_owned(),
            "store_sku,quantity\n".to_owned(),
        );
        let mut mappings = "sku,store,store_sku\n".to_owned();
        for sku in 0..SKUS {
            writeln!(skus, "S{sku},").unwrap();
            writeln!(stock, "S{sku},main,{STOCK},2026-01-01T00:00:00Z").unwrap();
            writeln!(file, "L{sku},{STOCK}").unwrap();
            STORES.iter().for_each(|store| writeln!(mappings, "S{sku},{store},L{sku}").unwrap());
        }
        let tables = [("skus", skus), ("stock", stock), ("mappings", mappings)];
        tables.iter().for_each(|(name, text)| drop(folder.write(&format!("catalog/{name}.csv"), text)));
        folder.write("stores/file.csv", file);
        let ran = folder.run(&["sync", "--yes"]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        Self { folder, mall, web, gate }
    }

    /// What a store shows, SKU by SKU.
    pub fn shows(&self, store: &str) -> Vec<i64> {
        let of = |server: &Server| {
            server.with(|market, _| {
                (0..SKUS).map(|sku| market.quantity(&format!("L{sku}")).unwrap_or(-1)).collect()
            })
        };
        match store {
            "mall" => of(&self.mall),
            "web" => of(&self.web),
            _ => {
                let text = fs::read_to_string(self.folder.path().join("stores/file.csv")).unwrap();
                let mut shown = vec![-1; SKUS];
                for (name, number) in text.lines().skip(1).filter_map(|line| line.split_once(',')) {
                    shown[name[1..].parse::<usize>().unwrap()] = number.parse().unwrap();
                }
                shown
            }
        }
    }

    /// What a store is to show once so much of each SKU is sold.
    pub fn left(sold: &[i64]) -> Vec<i64> {
        sold.iter().map(|sold| STOCK - sold).collect()
    }

    /// Waits until these stores show what is left.
    #[track_caller]
    pub fn until(&self, served: &Served, stores: &[&str], sold: &[i64]) {
        let left = Self::left(sold);
        let wrong = || stores.iter().find(|store| self.shows(store) != left);
        served.until(
            || wrong().is_none(),
            || format!("{:?} of {left:?}", wrong().map(|store| self.shows(store))),
        );
    }

    /// Nothing is lost on disk either.
    pub fn check_state(&self) {
        let state = rusqlite::Connection::open(self.folder.path().join(".stocksync/state.db")).unwrap();
        let said: String = state.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(said, "ok");
    }
}

fn store(folder: &Folder, (name, kind): (&str, &str), shop: &Server, url: &str) -> Value {
    let (settings, secrets) = shop.with(|market, _| (market.settings(url), market.secrets()));
    let mut places = Map::new();
    for (secret, value) in secrets {
        let place = format!("secrets/{name}-{secret}");
        folder.write(&place, value);
        places.insert(secret, json!(format!("file:{place}")));
    }
    json!({ "connector": kind, "settings": settings, "secrets": places })
}
