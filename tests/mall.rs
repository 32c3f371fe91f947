//! One project with a store on every simulated marketplace: what is planned is written, every store shows it in the end,
//! also where a third of the answers fail, and no secret is left anywhere.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]
#![expect(unreachable_pub, dead_code, reason = "the support modules are shared by several tests")]

#[path = "support/built.rs"]
mod built;
#[path = "support/folder.rs"]
mod folder;

use folder::{Folder, Ran};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use stocksync_sim::log::peak;
use stocksync_sim::{Faults, Listing, MARKETPLACES, Server, Setup, marketplace};

/// Merchant SKUs of the project.
const SKUS: usize = 2000;

/// So many runs end any plan of faults.
const RUNS_MAX: usize = 12;

/// A store of the project, and the marketplace behind it.
struct Shop {
    name: &'static str,
    server: Server,
    listings: usize,
}

/// How many listings a store has: as many as its limits let be written within seconds.
fn listings_of(name: &str) -> usize {
    match name {
        // An item a request, five a second or fewer.
        "amazon" | "mercadolibre" => 12,
        // A product a request, ten a second.
        "shopee" => 40,
        // A request for each SKU before the first write.
        "ebay" => 100,
        // Points by the second.
        "shopify" => 250,
        "lazada" | "tiktok" => 200,
        _ => SKUS,
    }
}

/// The most requests that a marketplace documents for any second.
fn requests_a_second_max(name: &str) -> Option<usize> {
    matches!(name, "lazada" | "tiktok").then_some(50)
}

fn sku(number: usize) -> String {
    format!("SKU-{number:04}")
}

/// What a rule that takes everything gives.
fn available(number: usize) -> i64 {
    1 + (number as i64 * 7) % 50
}

fn shops() -> Vec<Shop> {
    MARKETPLACES
        .iter()
        .map(|kind| {
            let listings = listings_of(kind.name);
            let list = |number: usize| {
                let listing = Listing::new(&sku(number), 3);
                // Every third is a product of its own, the others are variations, four a product.
                if number.is_multiple_of(3) { listing } else { listing.of(&format!("P-{}", number / 6)) }
            };
            let setup = Setup { listings: (0..listings).map(list).collect(), ..Setup::default() };
            let server = Server::start(marketplace(kind.name, &setup).unwrap()).unwrap();
            Shop { name: kind.name, server, listings }
        })
        .collect()
}

/// A project that sells in all of them. The secrets stand in files of their own.
fn project(shops: &[Shop]) -> Folder {
    let folder = Folder::shop();
    let mut stores = serde_json::Map::new();
    let mut mappings = "sku,store,store_sku\n".to_owned();
    for shop in shops {
        let (settings, secrets) =
            shop.server.with(|market, _| (market.settings(&shop.server.url()), market.secrets()));
        let mut places = serde_json::Map::new();
        for (secret, value) in secrets {
            let place = format!("secrets/{}-{secret}", shop.name);
            folder.write(&place, value);
            places.insert(secret, json!(format!("file:{place}")));
        }
        stores.insert(
            shop.name.to_owned(),
            json!({ "connector": shop.name, "settings": settings, "secrets": places }),
        );
        for number in 0..shop.listings {
            mappings.push_str(&format!("{},{},{0}\n", sku(number), shop.name));
        }
    }
    let config = json!({
        "warehouses": ["main"], "stores": stores, "lint": { "oversell-risk": "allow", "unmapped-store": "allow" },
    });
    folder.write("stocksync.yaml", config.to_string());
    folder.write("catalog/mappings.csv", mappings);
    let rows = |row: fn(usize) -> String| (0..SKUS).map(row).collect::<String>();
    folder.write("catalog/skus.csv", format!("sku,name\n{}", rows(|number| format!("{},\n", sku(number)))));
    let stock = rows(|number| format!("{},main,{}\n", sku(number), available(number)));
    folder.write("catalog/stock.csv", format!("sku,warehouse,available\n{stock}"));
    folder
}

#[track_caller]
fn run(folder: &Folder, code: i32, args: &[&str]) -> Ran {
    let ran = folder.run(args);
    assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.out, ran.err);
    ran
}

/// Every listing of every store shows what the rules give.
#[track_caller]
fn all_right(shops: &[Shop]) {
    for shop in shops {
        for number in 0..shop.listings {
            let shown = shop.server.with(|market, _| market.quantity(&sku(number)));
            assert_eq!(shown, Some(available(number)), "{} {}", shop.name, sku(number));
        }
    }
}

/// No store was asked more often than it allows, by its own count.
#[track_caller]
fn limits_kept(shops: &[Shop]) {
    for shop in shops {
        let peak = peak(&shop.server.log(), 1000);
        let max = requests_a_second_max(shop.name);
        assert!(max.is_none_or(|max| peak <= max), "{} was asked {peak} times in a second", shop.name);
    }
}

/// Every file that the program wrote, and nothing else.
fn written(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // Where secrets are kept they may stand.
            if path.file_name().unwrap() != "secrets" {
                written(&path, found);
            }
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

#[track_caller]
fn no_secret(folder: &Folder, shops: &[Shop], said: &[Ran]) {
    let secrets: Vec<String> = shops
        .iter()
        .flat_map(|shop| shop.server.with(|market, _| market.secrets()))
        .map(|(_, value)| value)
        // Numbers of shops and the like are no secrets worth a search: they stand in everything by chance.
        .filter(|value| value.len() >= 8)
        .collect();
    assert!(secrets.len() >= shops.len(), "{secrets:?}");
    let mut texts = Vec::new();
    written(folder.path(), &mut texts);
    for ran in said {
        texts.push(("standard output".into(), ran.out.clone().into_bytes()));
        texts.push(("standard error".into(), ran.err.clone().into_bytes()));
    }
    for (place, text) in texts {
        for secret in &secrets {
            let stands = text.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!stands, "a secret stands in {place}");
        }
    }
}

#[test]
fn a_plan_is_written_to_every_marketplace() {
    let shops = shops();
    let folder = project(&shops);
    let planned = run(&folder, 0, &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&planned.out).unwrap();
    let total: usize = shops.iter().map(|shop| shop.listings).sum();
    assert_eq!(plan["summary"]["rows"], json!(total), "{}", planned.err);
    assert_eq!(plan["summary"]["problems"], json!(0), "{:#}", plan["problems"]);
    let synced = run(&folder, 0, &["sync", "--yes"]);
    let again = run(&folder, 0, &["plan", "--exit-code"]);
    all_right(&shops);
    limits_kept(&shops);
    no_secret(&folder, &shops, &[planned, synced, again]);
}

#[test]
fn a_third_of_the_answers_may_fail() {
    let shops = shops();
    let folder = project(&shops);
    for (seed, shop) in (1..).zip(&shops) {
        shop.server.misbehave(Faults::all(seed, 3));
    }
    let mut said = Vec::new();
    for _ in 0..RUNS_MAX {
        let ran = folder.run(&["sync", "--yes", "-q"]);
        let done = ran.code == 0;
        assert!([0, 2, 6].contains(&ran.code), "{}\n{}", ran.out, ran.err);
        said.push(ran);
        if done {
            break;
        }
    }
    for shop in &shops {
        shop.server.misbehave(Faults::default());
    }
    // What is left after so many faults is written once all answer.
    said.push(folder.run(&["sync", "--yes", "-q"]));
    said.push(run(&folder, 0, &["plan", "--exit-code"]));
    all_right(&shops);
    limits_kept(&shops);
    no_secret(&folder, &shops, &said);
}
