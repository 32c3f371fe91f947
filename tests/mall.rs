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
#[path = "mall/shops.rs"]
mod shops;

use serde_json::{Value, json};
use shops::{Shop, all_right, limits_kept, no_secret, project, rested, run, secrets};
use stocksync_sim::{Faults, MARKETPLACES};

/// Merchant SKUs of the project.
const SKUS: usize = 2000;

/// So many runs end any plan of faults.
const RUNS_MAX: usize = 12;

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

fn shops() -> Vec<Shop> {
    MARKETPLACES.iter().map(|kind| Shop::start(kind.name, listings_of(kind.name))).collect()
}

fn of(shops: &[Shop]) -> folder::Folder {
    project(&shops.iter().map(Shop::store).collect::<Vec<_>>(), SKUS)
}

/// Refresh tokens of those that have some were used, so that there are secrets that are out of use.
fn expire(shops: &[Shop]) {
    shops.iter().for_each(|shop| shop.server.with(|market, _| market.expire()));
}

#[test]
fn a_plan_is_written_to_every_marketplace() {
    let shops = shops();
    let folder = of(&shops);
    let planned = run(&folder, 0, &["plan", "--format", "json", "--record", "tape/plan"]);
    let plan: Value = serde_json::from_str(&planned.out).unwrap();
    let total: usize = shops.iter().map(|shop| shop.listings).sum();
    assert_eq!(plan["summary"]["rows"], json!(total), "{}", planned.err);
    assert_eq!(plan["summary"]["problems"], json!(0), "{:#}", plan["problems"]);
    expire(&shops);
    rested(&shops);
    let synced = run(&folder, 0, &["sync", "--yes", "--record", "tape/sync"]);
    rested(&shops);
    let again = run(&folder, 0, &["plan", "--exit-code"]);
    all_right(&shops, 0);
    limits_kept(&shops);
    let (secrets, retired) = secrets(&shops);
    // An access token each of eBay, Mercado Libre and Amazon, with Mercado Libre's refresh token; both of the three that sign.
    assert!(retired >= 3 + 1 + 6, "{retired}");
    no_secret(&folder, &secrets, &[planned, synced, again]);
}

#[test]
fn a_third_of_the_answers_may_fail() {
    let shops = shops();
    let folder = of(&shops);
    // Tokens are fetched before: a refresh token works once, and an answer that brings the next one and is lost is lost for good.
    run(&folder, 0, &["plan", "-q"]);
    for (seed, shop) in (1..).zip(&shops) {
        shop.server.misbehave(Faults::all(seed, 3));
    }
    let mut said = Vec::new();
    for _ in 0..RUNS_MAX {
        rested(&shops);
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
    rested(&shops);
    said.push(folder.run(&["sync", "--yes", "-q"]));
    rested(&shops);
    said.push(run(&folder, 0, &["plan", "--exit-code"]));
    all_right(&shops, 0);
    limits_kept(&shops);
    no_secret(&folder, &secrets(&shops).0, &said);
}
